/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes folded to three axes. Every result covers each element exactly once. */
#include <string.h>

#include "model/tensor_views.h"

enum { KERNEL_MAX = 11 };

static struct sva_fold vector_fold(uint64_t count)
{
    return (struct sva_fold){.n = {1, count, 1}, .stride = {count, 1, 1}, .vector = true};
}

static struct sva_fold matrix_fold(uint64_t rows, uint64_t columns)
{
    return (struct sva_fold){.n = {rows, columns, 1}, .stride = {columns, 1, 1}};
}

/** [first, rest...] as a matrix of `first` rows. */
static struct sva_fold leading_fold(const uint64_t *shape, uint64_t count)
{
    return matrix_fold(shape[0], shape[0] == 0 ? 0 : count / shape[0]);
}

void sva_fold_turn(struct sva_fold *fold)
{
    const uint64_t n = fold->n[0];
    const uint64_t stride = fold->stride[0];
    fold->n[0] = fold->n[1];
    fold->stride[0] = fold->stride[1];
    fold->n[1] = n;
    fold->stride[1] = stride;
}

/** Which neighbouring pair of four axes are the kernel's: 2 (OIHW), 0 (HWIO) or 1 (OHWI). */
static unsigned kernel_axes(const uint64_t *shape)
{
    static const unsigned order[] = {2, 0, 1};
    unsigned best = 2;
    uint64_t best_size = KERNEL_MAX + 1;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        const unsigned at = order[i];
        if (shape[at] == shape[at + 1] && shape[at] < best_size) {
            best = at;
            best_size = shape[at];
        }
    }
    return best;
}

static struct sva_fold convolution_fold(const uint64_t *shape)
{
    switch (kernel_axes(shape)) {
    case 0:
        return (struct sva_fold){
            .n = {shape[3], shape[2], shape[0] * shape[1]},
            .stride = {1, shape[3], shape[2] * shape[3]},
        };
    case 1:
        return (struct sva_fold){
            .n = {shape[0], shape[3], shape[1] * shape[2]},
            .stride = {shape[1] * shape[2] * shape[3], 1, shape[3]},
        };
    default:
        return (struct sva_fold){
            .n = {shape[0], shape[1], shape[2] * shape[3]},
            .stride = {shape[1] * shape[2] * shape[3], shape[2] * shape[3], 1},
        };
    }
}

static bool ends_in(const char *name, size_t size, const char *end)
{
    const size_t length = strlen(end);
    return size >= length && memcmp(name + size - length, end, length) == 0;
}

/** Keras stores dense kernels [in, out]. */
static bool is_keras_kernel(const struct sva_tensor *tensor)
{
    size_t size = tensor->name_bytes;
    if (ends_in(tensor->name, size, ":0")) {
        size -= 2;
    }
    return ends_in(tensor->name, size, ".kernel") || ends_in(tensor->name, size, "/kernel") ||
           ends_in(tensor->name, size, ".recurrent_kernel") ||
           ends_in(tensor->name, size, "/recurrent_kernel");
}

struct sva_fold sva_fold_generic(const struct sva_tensor *tensor)
{
    const uint64_t *const shape = tensor->shape;
    const uint64_t count = tensor->element_count;
    if (tensor->rank < 2 || count == 0) {
        return vector_fold(count);
    }
    if (tensor->rank == 2) {
        struct sva_fold fold = matrix_fold(shape[0], shape[1]);
        if (is_keras_kernel(tensor)) {
            sva_fold_turn(&fold);
        }
        fold.vector = fold.n[0] == 1;
        return fold;
    }
    if (tensor->rank == 3 && shape[2] <= KERNEL_MAX) {
        return (struct sva_fold){.n = {shape[0], shape[1], shape[2]},
                                 .stride = {shape[1] * shape[2], shape[2], 1}};
    }
    if (tensor->rank == 3) {
        return matrix_fold(shape[0] * shape[1], shape[2]);
    }
    return tensor->rank == 4 ? convolution_fold(shape) : leading_fold(shape, count);
}

struct sva_fold sva_fold_for_rule(const struct sva_role_rule *rule, const uint64_t *shape,
                                  uint32_t rank, uint64_t count)
{
    if (rank < 2 || count == 0 || rule->in == SVA_AXIS_UNIT) {
        return vector_fold(count);
    }
    const bool convolution = rule->role == SVA_ROLE_EMBED_PATCH || rule->role == SVA_ROLE_CONV;
    if (convolution && rank >= 3) {
        if (rank > 4) {
            return leading_fold(shape, count);
        }
        const uint64_t kernel = rank == 4 ? shape[2] * shape[3] : shape[2];
        return (struct sva_fold){.n = {shape[0], shape[1], kernel},
                                 .stride = {shape[1] * kernel, kernel, 1}};
    }
    /* 1 x 1 kernels: [out, in, 1, 1] is a matrix */
    while (rank > 2 && shape[rank - 1] == 1) {
        rank--;
    }
    const uint64_t columns = shape[rank - 1];
    return matrix_fold(columns == 0 ? 0 : count / columns, columns);
}

bool sva_is_bias(const struct sva_role_rule *rule, const struct sva_assignment *assigned)
{
    return assigned->suffix == SVA_SUFFIX_BIAS || (rule->flags & SVA_RULE_BIAS) != 0;
}

bool sva_is_expert_stack(const struct sva_role_rule *rule, const struct sva_tensor *tensor,
                         bool bias)
{
    return (rule->flags & SVA_RULE_EXPERTS) != 0 && tensor->rank == (bias ? 2u : 3u) &&
           tensor->element_count > 0 && tensor->shape[0] <= 4096;
}
