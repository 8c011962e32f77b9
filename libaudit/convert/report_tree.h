/* SPDX-License-Identifier: Apache-2.0 */
/** A tree back to JSON, in the form that reports are written in. */
#ifndef SVA_CONVERT_REPORT_TREE_H
#define SVA_CONVERT_REPORT_TREE_H

#include <cjson/cJSON.h>

#include "report/json_writer.h"

/**
 * Writes a tree: keys in their order, which must ascend, whole numbers up to 2^53 in full, others
 * with six significant digits. Sets json->failed for keys out of order or deep nesting. No
 * recursion.
 */
void sva_tree_write(struct sva_writer *json, const cJSON *root);

#endif
