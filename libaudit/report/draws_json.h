/* SPDX-License-Identifier: Apache-2.0 */
/** The draws of permutation tests as histograms, for pictures of what chance gave. */
#ifndef SVA_REPORT_DRAWS_JSON_H
#define SVA_REPORT_DRAWS_JSON_H

#include <sovaudit/report.h>

#include "report/json_writer.h"

enum { SVA_DRAWS_COMPONENTS = 24 /**< of a subject, that a report holds histograms of */ };

/**
 * Does a report hold the histograms of component `index` against this reference? Of each of the
 * first SVA_DRAWS_COMPONENTS one result is pictured: the strongest answer, the smallest p where
 * nothing is seen, the first of several. Others would only make the report longer.
 */
bool sva_draws_shown(const struct sva_audit *audit, const struct sva_compared *compared,
                     size_t index);

/**
 * Member "histogram" of a test: its bins without empty ones at both ends. null where no draws were
 * kept.
 */
void sva_draws_json(struct sva_writer *json, const struct sva_test_draws *draws);

#endif
