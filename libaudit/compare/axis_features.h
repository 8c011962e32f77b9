/* SPDX-License-Identifier: Apache-2.0 */
/** What the axis tests renumber: which axes of a pair of tensors, and their features side by side.
 */
#ifndef SVA_COMPARE_AXIS_FEATURES_H
#define SVA_COMPARE_AXIS_FEATURES_H

#include "compare/evidence.h"
#include "compare/readings.h"

/** A subject and a reference tensor under one hypothesis about how they are stored. */
struct sva_tensor_pair {
    const struct sva_print_tensor *s, *r;
    bool swapped;             /**< axes exchanged: one side is stored transposed */
    enum sva_reading reading; /**< not as stored only where `swapped` is false */
};

/** Which axes of a pair are tested; bit a = the subject's axis a. */
unsigned sva_tested_axes(const struct sva_pair *pair, const struct sva_tensor_pair *tensors);

/** Fused gates along an axis, also of tensors beside a recurrent one: [3h, inputs] next to [3h, h].
 */
uint32_t sva_sibling_gates(const struct sva_print *print, const struct sva_print_tensor *tensor,
                           int axis);

/** Aligned features of one axis, gates side by side. */
struct sva_axis_features {
    struct sva_alignment alignment;
    struct sva_feature_pair pairs[4];
    uint32_t *gate_rows[4];
    uint32_t units, gates;
};

/** `axis` of the subject. False: out of memory. */
bool sva_axis_features_init(const struct sva_tensor_pair *tensors, int axis, uint32_t gates,
                            struct sva_axis_features *features);
void sva_axis_features_done(struct sva_axis_features *features);

/** Cheap score of a pair: the smaller of its axes' similarities in standard deviations; -INFINITY:
 * no axis. */
bool sva_quick_score(const struct sva_pair *pair, const struct sva_tensor_pair *tensors,
                     double *score);

#endif
