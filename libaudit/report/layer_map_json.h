/* SPDX-License-Identifier: Apache-2.0 */
/** Agreement layer by layer and role by role, for the heat map of a report. */
#ifndef SVA_REPORT_LAYER_MAP_JSON_H
#define SVA_REPORT_LAYER_MAP_JSON_H

#include <sovaudit/report.h>

#include "report/json_writer.h"

enum { SVA_LAYER_MAP_COLUMNS = 257 /**< outside of layers, then layers 0..255 */ };

/**
 * Member "layer_map" of a component's result; null where nothing depends on the reference, or
 * memory is short (json->bytes.failed then). A cell is the mean over its tensors, weighted by
 * parameters, of |rho| where a tensor agrees on its own (at most .9999; 1 for equal values, 0 for
 * those that do not agree); null without a tensor. Tensors without evidence, biases, and vectors
 * that do not agree, which no test looks at one by one, are left out.
 */
void sva_layer_map_json(struct sva_writer *json, const struct sva_print *subject,
                        const struct sva_component_result *result);

#endif
