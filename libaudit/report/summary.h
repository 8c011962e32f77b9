/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What every rendering needs to know of an audit and the audit does not say
 * directly: per component the strongest answer and where it came from, how
 * small a reuse would have been seen, which limits apply. Pure arithmetic on
 * const input.
 */
#ifndef SVA_REPORT_SUMMARY_H
#define SVA_REPORT_SUMMARY_H

#include <sovaudit/report.h>

#include "base/memory.h"
#include "report/labels.h"

enum { SVA_SUMMARY_MATCHES = 20 /**< rows of the annex per component */ };

/** One subject component over all references. */
struct sva_summary_component {
    const struct sva_print_component *component;
    const struct sva_compared *compared;       /**< of the strongest answer, or NULL */
    const struct sva_component_result *result; /**< there, NULL without references */
    size_t tested_count;   /**< references with which something could be tested */
    size_t untested_count; /**< references with which nothing could */
    /** largest of the references' detectable rho: holds for all that were tested; NAN when none */
    double detectable_rho;
    bool detectable_everywhere; /**< no tested reference is without such a figure */
};

/** The result of component `index` in one comparison, or NULL. */
const struct sva_component_result *sva_summary_result(const struct sva_compared *compared,
                                                      size_t index);

/** Strongest answer first, then the earlier release, then the order of the audit. */
struct sva_summary_component sva_summary_component(const struct sva_audit *audit, size_t index);

/** Known dates before unknown ones; YYYY-MM before YYYY-MM-DD of the same month. <0, 0, >0. */
int sva_summary_compare_dates(const char *a, const char *b);

/** Newest `released` among the references compared, "" when none is known. */
const char *sva_summary_newest(const struct sva_audit *audit);

/** Files of the subject that may hold weights and were not audited. */
size_t sva_summary_unread(const struct sva_audit *audit);

/** A rule's texts, borrowed from the pack; NULL when the pack has no such rule. */
const struct sva_rule_text *sva_summary_rule_text(const struct sva_audit *audit, const char *rule,
                                                  enum sva_lang lang);

/** Title of a rule in the pack, "" when unknown. */
const char *sva_summary_rule_title(const struct sva_audit *audit, const char *rule,
                                   enum sva_lang lang);

/** "1.6% of {total} of tensors (--quick)"; NULL: read in full, or out of memory. */
const char *sva_summary_reading(const struct sva_print *print, enum sva_lang lang,
                                struct sva_arena *arena, const char *total);

enum { SVA_SUMMARY_LIMITS = 6 };
/** The limits that hold for this audit, sentences in `arena` or static. Returns their number. */
size_t sva_summary_limits(const struct sva_audit *audit, enum sva_lang lang,
                          struct sva_arena *arena, const char *limits[SVA_SUMMARY_LIMITS]);

/** The sentence on power for one component, in `arena`; NULL when nothing was tested. */
const char *sva_summary_power(const struct sva_summary_component *line, enum sva_lang lang,
                              struct sva_arena *arena);

#endif
