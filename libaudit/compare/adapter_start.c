/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/adapter_start.h"

#include "base/text.h"
#include "compare/evidence.h"
#include "compare/factors.h"

static const double HALVES_ALIKE = 0.5;

/** Is the text `word`, or does it go on after it with '_' ("pissa_niter_16")? */
static bool is_start(const char *text, const char *word)
{
    size_t size = 0;
    while (word[size] != '\0' && sva_lower(text[size]) == word[size]) {
        size++;
    }
    return word[size] == '\0' && (text[size] == '\0' || text[size] == '_');
}

const char *sva_start_from_base(const struct sva_print *print)
{
    static const char *const starts[] = {"pissa", "olora", "corda", "loftq", "eva", "lora_ga"};
    const char *const declared = sva_print_fact(print, "adapter.init_lora_weights");
    for (size_t i = 0; declared != NULL && i < sizeof starts / sizeof *starts; i++) {
        if (is_start(declared, starts[i])) {
            return starts[i];
        }
    }
    return NULL;
}

/** Similarity of the first half of the rank with the second; false where it cannot be had. */
static bool half_similarity(const struct sva_print_tensor *factor, double *similarity)
{
    const int rank_axis = factor->role == SVA_ROLE_LORA_A ? 0 : 1;
    const struct sva_axis_sketch *const axis = &factor->axis[rank_axis];
    const uint32_t half = axis->kept / 2;
    if (half == 0 || axis->kept != axis->length || axis->kept % 2 != 0) {
        return false;
    }
    const struct sva_feature_pair halves = {.subject = axis->values,
                                            .reference = axis->values +
                                                         (size_t)half * axis->features,
                                            .features = axis->features};
    *similarity = sva_quick_similarity(&halves, half);
    return true;
}

bool sva_start_subtracted(const struct sva_print *print)
{
    double sums[2] = {0.0, 0.0}; /* of A, of B */
    size_t counts[2] = {0, 0};
    for (size_t i = 0; i < print->tensor_count; i++) {
        const struct sva_print_tensor *const tensor = &print->tensors[i];
        const int side = tensor->role == SVA_ROLE_LORA_B ? 1 : 0;
        double similarity;
        if (sva_is_factor(tensor) && sva_bears_evidence(tensor) &&
            half_similarity(tensor, &similarity)) {
            sums[side] += similarity;
            counts[side]++;
        }
    }
    return counts[0] > 0 && counts[1] > 0 && sums[0] >= HALVES_ALIKE * (double)counts[0] &&
           sums[1] <= -HALVES_ALIKE * (double)counts[1];
}
