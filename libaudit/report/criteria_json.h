/* SPDX-License-Identifier: Apache-2.0 */
/** The criteria of the rule pack in force, in the JSON report. */
#ifndef SVA_REPORT_CRITERIA_JSON_H
#define SVA_REPORT_CRITERIA_JSON_H

#include <sovaudit/report.h>

#include "report/json_writer.h"

/** The list "criteria" of an object that is being written: what each rule asks for, and why. */
void sva_criteria_json(struct sva_writer *json, const struct sva_rulepack_info *info);

#endif
