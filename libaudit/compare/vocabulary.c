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

/** Correlation of all features; NAN: the sketches do not fit, or one is zero. False: out of memory. */
static bool correlate(const struct sva_axis_sketch *a, const struct sva_axis_sketch *b, double *rho)
{
    struct sva_alignment alignment;
    if (!sva_align(a, b, &alignment)) {
        return false;
    }
    const struct sva_feature_pair both = {a->values, b->values, a->features,
                                          alignment.subject_rows, alignment.reference_rows};
    const double similarity = sva_quick_similarity(&both, alignment.units);
    sva_alignment_done(&alignment);
    *rho = similarity < 0.0 || similarity > 0.0 ? similarity : NAN; /* 0: nothing to go by */
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
