/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/vocabulary.h"

#include <math.h>

#include "compare/evidence.h"
#include "compare/places.h"

/** Number of tokens, 0: no axis counts tokens. */
static uint64_t token_count(const struct sva_print_tensor *tensor)
{
    for (int axis = 0; axis < 2; axis++) {
        if (tensor->axis_kind[axis] == SVA_AXIS_TOKEN) {
            return tensor->n[axis];
        }
    }
    return 0;
}

static const struct sva_axis_sketch *residual_sketch(const struct sva_print_tensor *tensor)
{
    return &tensor->axis[tensor->axis_kind[0] == SVA_AXIS_TOKEN ? 1 : 0];
}

/** Correlation of all features; NAN: the sketches do not fit. False: out of memory. */
static bool correlate(const struct sva_axis_sketch *a, const struct sva_axis_sketch *b, double *rho)
{
    struct sva_alignment alignment;
    double ab = 0.0;
    double aa = 0.0;
    double bb = 0.0;
    *rho = NAN;
    if (!sva_align(a, b, &alignment)) {
        return false;
    }
    for (uint32_t i = 0; i < alignment.units; i++) {
        const uint32_t row_a = alignment.subject_rows != NULL ? alignment.subject_rows[i] : i;
        const uint32_t row_b = alignment.reference_rows != NULL ? alignment.reference_rows[i] : i;
        for (uint32_t f = 0; f < a->features; f++) {
            const double left = (double)a->values[(size_t)row_a * a->features + f];
            const double right = (double)b->values[(size_t)row_b * b->features + f];
            ab += left * right;
            aa += left * left;
            bb += right * right;
        }
    }
    sva_alignment_done(&alignment);
    if (aa > 0.0 && bb > 0.0) {
        *rho = ab / sqrt(aa * bb);
    }
    return true;
}

static enum sva_vocabulary_change change_of(uint64_t tokens, uint64_t reference_tokens, double rho)
{
    if (isnan(rho) || tokens == 0 || reference_tokens == 0) {
        return SVA_VOCABULARY_SAME;
    }
    if (tokens == reference_tokens) {
        return rho < SVA_VOCABULARY_OTHER ? SVA_VOCABULARY_REBUILT : SVA_VOCABULARY_SAME;
    }
    return tokens > reference_tokens && rho >= SVA_VOCABULARY_KEPT ? SVA_VOCABULARY_EXTENDED
                                                                  : SVA_VOCABULARY_REBUILT;
}

static const struct sva_print_tensor *find(const struct sva_print *print, uint32_t component,
                                           enum sva_role role)
{
    for (size_t i = 0; i < print->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &print->tensors[i];
        if (tensor->component == component && tensor->role == role && !tensor->bias) {
            return tensor;
        }
    }
    return NULL;
}

bool sva_vocabulary_compare(const struct sva_print *subject, uint32_t component,
                            const struct sva_print *reference, enum sva_vocabulary_change *change)
{
    const struct sva_print_tensor *s = find(subject, component, SVA_ROLE_EMBED_TOKENS);
    struct sva_places places;
    double rho = NAN;
    *change = SVA_VOCABULARY_SAME;
    s = s != NULL ? s : find(subject, component, SVA_ROLE_OUTPUT_HEAD);
    if (s == NULL) {
        return true;
    }
    bool ok = sva_places_init(&places, reference);
    const int32_t place = ok ? sva_place_of(&places, subject, s) : -1;
    if (place >= 0) {
        const struct sva_print_tensor *r = &reference->tensors[place];
        ok = correlate(residual_sketch(s), residual_sketch(r), &rho);
        *change = change_of(token_count(s), token_count(r), rho);
    }
    sva_places_done(&places);
    return ok;
}
