/* SPDX-License-Identifier: Apache-2.0 */
/** What two models' programs have in common, as JSON. */
#ifndef SVA_REPORT_CODE_JSON_H
#define SVA_REPORT_CODE_JSON_H

#include <sovaudit/compare.h>

#include "report/json_writer.h"

/** Member "code" of a comparison: null where a side has no programs. */
void sva_code_json(struct sva_writer *json, const struct sva_code_similarity *code);

#endif
