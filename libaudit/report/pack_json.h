/* SPDX-License-Identifier: Apache-2.0 */
/** The rule pack in the JSON report: which one, its criteria in words, its sources. */
#ifndef SVA_REPORT_PACK_JSON_H
#define SVA_REPORT_PACK_JSON_H

#include <sovaudit/report.h>

#include "report/json_writer.h"

/** Member "pack"; null where nothing was judged. */
void sva_pack_json(struct sva_writer *json, const struct sva_audit *audit);

#endif
