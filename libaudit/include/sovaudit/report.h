/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The report: one model of it, several renderings. Rendering is a pure
 * function of the audit; the JSON is deterministic (sorted keys, fixed number
 * formatting, date from the audit).
 */
#ifndef SOVAUDIT_REPORT_H
#define SOVAUDIT_REPORT_H

#include <sovaudit/judge.h>
#include <sovaudit/trace.h>

enum sva_lang { SVA_LANG_EN, SVA_LANG_KO };

/** A word of a closed list ("not-checked", "derived", "draft" ...) for people; itself if unknown. */
SVA_API const char *sva_word(enum sva_lang lang, const char *word);
/** A finding's sentence in the language, at most `room` bytes with the NUL. Returns `out`. */
SVA_API const char *sva_finding_words(enum sva_lang lang, const struct sva_finding *finding,
                                      char *out, size_t room);

/** What a component is made of, where it depends on two references or more. */
struct sva_audit_mixture {
    const struct sva_mixture *mixture;
    size_t compared[SVA_MIXTURE_PARENTS]; /**< index into `compared`, of each parent */
    size_t candidate_count; /**< references that it depends on; the nearest of them were fitted */
};

/** A result beside an earlier report. */
enum sva_baseline_state {
    SVA_BASELINE_NONE, /**< it asks nothing of anyone, or was waived since */
    SVA_BASELINE_NEW,  /**< not there before, not as bad, or waived then */
    SVA_BASELINE_UNCHANGED,
    SVA_BASELINE_UPDATED /**< it was worse */
};

/** "new" ...; NULL for NONE. */
SVA_API const char *sva_baseline_state_name(enum sva_baseline_state state);

/** A result of the earlier report that is not in this one. */
struct sva_baseline_absent {
    const char *rule, *component, *reference, *verdict;
};

/** A report beside an earlier one, see sva_baseline_mark(). */
struct sva_baseline_view {
    const char *path, *as_of; /**< of the earlier report */
    size_t state_count;
    const enum sva_baseline_state *states; /**< of each result, in the report's order */
    size_t absent_count;
    const struct sva_baseline_absent *absent;
    size_t new_count, unchanged_count, updated_count;
    bool gate;     /**< the exit code counts new results only */
    int exit_code; /**< of the marked report */
    void *internal;
};

/** What a report is made from. All borrowed. */
struct sva_audit {
    const char *subject_path; /**< as given on the command line */
    const char *as_of;        /**< ISO date that the report carries */
    const struct sva_print *subject;
    const struct sva_compared
        *compared; /**< sorted: strongest answer, then release date, then name */
    size_t compared_count;
    const struct sva_audit_mixture *mixtures; /**< at most one for each component, in its order */
    size_t mixture_count;
    const char *const *excluded; /**< references left out on request */
    size_t excluded_count;
    const struct sva_exact_hit *hits;
    size_t hit_count;
    bool has_store;
    struct sva_refstore_info store;    /**< when has_store */
    const struct sva_rulepack *pack;   /**< NULL: compare only, no verdict */
    const struct sva_verdict *verdict; /**< NULL: compare only */
    const char *const *own;
    size_t own_count;
    const char *subject_date;
    struct sva_compare_options options;
    int exit_code;                         /**< printed in the report */
    const struct sva_evidence *evidence;   /**< NULL: no register was handed in */
    const struct sva_waivers *waivers;     /**< NULL: none */
    const struct sva_knowledge *knowledge; /**< of the facts database; NULL: compare only */
    const struct sva_baseline_view *baseline; /**< for the text; NULL: no earlier report */
};

/** Machine-readable report, see docs/report.schema.json. New buffer, free(). */
SVA_MUST_CHECK SVA_API enum sva_status sva_report_json(const struct sva_audit *audit, char **text,
                                                       size_t *size_bytes, struct sva_error *error);

/** For people in a terminal or a file. `colour` adds ANSI colours, `width` wraps (0 = 80). */
SVA_MUST_CHECK SVA_API enum sva_status sva_report_text(const struct sva_audit *audit,
                                                       enum sva_lang lang, bool colour,
                                                       unsigned width, char **text,
                                                       size_t *size_bytes, struct sva_error *error);

/**
 * The outcome alone: of a pass one sentence, else also what keeps the model from passing and what to do
 * about it. Not empty for an audit with a verdict. As sva_report_text().
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_report_brief(const struct sva_audit *audit,
                                                        enum sva_lang lang, bool colour,
                                                        unsigned width, char **text,
                                                        size_t *size_bytes,
                                                        struct sva_error *error);

/** `inspect --json` and its text. `knowledge` NULL: without what the facts database says. */
SVA_MUST_CHECK SVA_API enum sva_status sva_inspect_json(const struct sva_model *model,
                                                        const struct sva_knowledge *knowledge,
                                                        char **text, size_t *size_bytes,
                                                        struct sva_error *error);
SVA_MUST_CHECK SVA_API enum sva_status sva_inspect_text(const struct sva_model *model,
                                                        const struct sva_knowledge *knowledge,
                                                        enum sva_lang lang, bool colour,
                                                        char **text, size_t *size_bytes,
                                                        struct sva_error *error);

/** A rule pack as an OSCAL 1.2 catalogue (JSON); the same pack gives the same bytes. free(). */
SVA_MUST_CHECK SVA_API enum sva_status sva_rulepack_oscal(const struct sva_rulepack *pack,
                                                          char **text, size_t *size_bytes,
                                                          struct sva_error *error);
/** `trace --json`, see docs/trace.schema.json. New buffer, free(). */
SVA_MUST_CHECK SVA_API enum sva_status sva_trace_json(const struct sva_run_trace *trace,
                                                      int exit_code, char **text,
                                                      size_t *size_bytes, struct sva_error *error);
/** For people. As sva_report_text(). */
SVA_MUST_CHECK SVA_API enum sva_status sva_trace_text(const struct sva_run_trace *trace,
                                                      enum sva_lang lang, bool colour,
                                                      unsigned width, char **text,
                                                      size_t *size_bytes, struct sva_error *error);

/** The two plots of a trace. */
enum sva_trace_plot {
    SVA_PLOT_PATH, /**< similarity of every checkpoint to the one before and to the first */
    SVA_PLOT_LOSS  /**< the loss curve, its expected start, its gaps, the checkpoints' steps */
};

/** One self-contained SVG file. NOTHING: there is no log, or one checkpoint only. */
SVA_MUST_CHECK SVA_API enum sva_status sva_trace_svg(const struct sva_run_trace *trace,
                                                     enum sva_trace_plot plot, enum sva_lang lang,
                                                     char **text, size_t *size_bytes,
                                                     struct sva_error *error);

/** Writes a rendering: temporary name beside `path`, sync, rename; nothing is left on failure. */
SVA_MUST_CHECK SVA_API enum sva_status sva_report_save(const char *path, const char *text,
                                                       size_t size_bytes, struct sva_error *error);

/** Version of the tool, "0.1.0". */
SVA_API const char *sva_version(void);

#endif
