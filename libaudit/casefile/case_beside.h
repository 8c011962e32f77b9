/* SPDX-License-Identifier: Apache-2.0 */
/** Two reports of one audit side by side: the one in the bundle and the one derived again. */
#ifndef SVA_CASEFILE_CASE_BESIDE_H
#define SVA_CASEFILE_CASE_BESIDE_H

#include "casefile/case_read.h"

#include <cjson/cJSON.h>

/** What is known of the two beforehand. */
struct sva_case_terms {
    bool complete;      /**< every print was there: adjusted figures and the verdict must agree */
    bool other_program; /**< another version of the program wrote the report */
    const char *excuse; /**< why single rules may differ, or NULL */
};

/** Lines about the files of the model and its print. False: it is another model. */
bool sva_case_beside_model(struct sva_unpacked *work, const cJSON *report, const cJSON *derived);

/** Lines about all else that a report says of the model and its print holds. */
void sva_case_beside_subject(struct sva_unpacked *work, const cJSON *report, const cJSON *derived,
                             const struct sva_case_terms *terms);

/** Lines about the comparisons. */
void sva_case_beside_comparisons(struct sva_unpacked *work, const cJSON *report,
                                 const cJSON *derived, const struct sva_case_terms *terms);

/** Lines about the verdict and the rules. */
void sva_case_beside_verdict(struct sva_unpacked *work, const cJSON *report, const cJSON *derived,
                             const struct sva_case_terms *terms);

#endif
