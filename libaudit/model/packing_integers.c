/* SPDX-License-Identifier: Apache-2.0 */
/* Quantised tensors whose codes are small integers packed into words of 32 bits: GPTQ, AWQ,
   compressed-tensors' pack-quantized, MLX. */
#include <stdio.h>
#include <string.h>

#include "base/cursor.h"
#include "kernel/dtype.h"
#include "model/packing_families.h"

enum { WORD_BITS = 32, AWQ_OUTPUTS = 8, PEEKED_INPUTS = 256 };

static bool is_matrix(const struct sva_tensor *tensor, enum sva_dtype dtype)
{
    return tensor->rank == 2 && tensor->dtype == dtype && tensor->element_count > 0;
}

/** Words that hold `count` codes as one stream of bits; 0 when they cannot be counted. */
static uint64_t words_of(uint64_t count, uint64_t bits)
{
    return count > UINT64_MAX / WORD_BITS ? 0 : sva_ceil_div(count * bits, WORD_BITS);
}

/** codes, scales and zero points of GPTQ and AWQ; NULL or what is wrong. */
static const char *take_qweight_parts(struct sva_packed_set *set)
{
    struct sva_packing *const packing = &set->packing;
    packing->scales = sva_set_take(set, set->stem_bytes, ".scales", "scales");
    packing->zeros = sva_set_take(set, set->stem_bytes, ".qzeros", "zero points");
    if (packing->scales == SVA_PACKED_NONE) {
        return "its scales are not there";
    }
    if (packing->zeros == SVA_PACKED_NONE) {
        return "its zero points are not there";
    }
    const struct sva_tensor *const scales = sva_set_part(set, packing->scales);
    const struct sva_tensor *const zeros = sva_set_part(set, packing->zeros);
    if (!is_matrix(set->codes, SVA_DTYPE_I32) || !is_matrix(zeros, SVA_DTYPE_I32) ||
        !sva_is_scale_dtype(scales->dtype) || scales->rank != 2 || scales->element_count == 0 ||
        scales->shape[0] != zeros->shape[0]) {
        return "codes, scales and zero points do not have shapes and types that fit together";
    }
    return NULL;
}

/** Scales stored [groups][outputs]. */
static bool fit_turned_groups(struct sva_packed_set *set)
{
    struct sva_packing *const packing = &set->packing;
    const struct sva_tensor *const scales = sva_set_part(set, packing->scales);
    const uint64_t group = sva_group_size(packing->columns, scales->shape[0],
                                          sva_set_config_u64(set, "group_size", 0));
    packing->scale_dtype = scales->dtype;
    packing->grid = (struct sva_scale_grid){.rows = packing->rows,
                                            .columns = scales->shape[0],
                                            .row_block = 1,
                                            .column_block = group,
                                            .turned = true};
    return group != 0;
}

enum sva_fit sva_fit_awq(struct sva_packed_set *set)
{
    struct sva_packing *const packing = &set->packing;
    if (take_qweight_parts(set) != NULL) {
        return SVA_FIT_NO;
    }
    const struct sva_tensor *const scales = sva_set_part(set, packing->scales);
    const struct sva_tensor *const zeros = sva_set_part(set, packing->zeros);
    const uint64_t words = set->codes->shape[1];
    if (zeros->shape[1] != words || scales->shape[1] / AWQ_OUTPUTS != words ||
        scales->shape[1] % AWQ_OUTPUTS != 0) {
        return SVA_FIT_NO;
    }
    const char *const version = sva_set_config(set, "version");
    const char *const method = sva_set_config(set, "quant_method");
    if (version != NULL && method != NULL && strcmp(method, "awq") == 0 &&
        strcmp(version, "gemm") != 0 && strcmp(version, "GEMM") != 0) {
        return sva_set_bad(set, "AWQ is read in its layout \"gemm\" only");
    }
    packing->rows = scales->shape[1];
    packing->columns = set->codes->shape[0];
    packing->store = SVA_CODES_AWQ;
    packing->bits = 4;
    packing->base_dtype = SVA_DTYPE_U8;
    packing->zero_store = SVA_ZEROS_AWQ;
    if (!fit_turned_groups(set)) {
        return sva_set_bad(set, "its groups do not cut its inputs evenly");
    }
    snprintf(set->form, sizeof set->form, "awq, 4 bits, groups of %llu",
             (unsigned long long)packing->grid.column_block);
    return SVA_FIT_YES;
}

/** Bits for which codes and zero points have these many words; 0: none. */
static uint32_t gptq_bits(const struct sva_packed_set *set, uint64_t inputs)
{
    static const uint32_t widths[] = {4, 8, 3, 2};
    const uint64_t hint = sva_set_config_u64(set, "bits", 0);
    const struct sva_tensor *const zeros = sva_set_part(set, set->packing.zeros);
    const uint64_t outputs = set->codes->shape[1];
    uint32_t found = 0;
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        const bool fits = words_of(outputs, widths[i]) == zeros->shape[1] &&
                          (inputs == 0 || words_of(inputs, widths[i]) == set->codes->shape[0]);
        if (fits && (found == 0 || widths[i] == hint)) {
            found = widths[i];
        }
    }
    return found;
}

/** Do the first inputs belong to another group than their place says? */
static bool order_acts(struct sva_packed_set *set, bool *acts)
{
    const struct sva_packing *const packing = &set->packing;
    const size_t count =
        packing->columns < PEEKED_INPUTS ? (size_t)packing->columns : PEEKED_INPUTS;
    uint8_t bytes[4 * PEEKED_INPUTS];
    if (!sva_set_read(set, packing->order, 4 * count, bytes)) {
        return false;
    }
    struct sva_cursor cursor = {.span = {bytes, 4 * count}};
    for (size_t i = 0; i < count; i++) {
        *acts = sva_cursor_u32le(&cursor) != i / packing->grid.column_block || *acts;
    }
    return true;
}

static bool gptq_layout_is_known(const struct sva_packed_set *set)
{
    const char *const format = sva_set_config(set, "checkpoint_format");
    return format == NULL || strcmp(format, "gptq") == 0 || strcmp(format, "gptq_v2") == 0;
}

/** Bits, inputs and outputs; NULL or what is wrong. */
static const char *fit_gptq_shape(struct sva_packed_set *set)
{
    struct sva_packing *const packing = &set->packing;
    const struct sva_tensor *const order =
        packing->order == SVA_PACKED_NONE ? NULL : sva_set_part(set, packing->order);
    if (order != NULL &&
        (order->dtype != SVA_DTYPE_I32 || order->rank != 1 || order->shape[0] == 0)) {
        return "its order of inputs is no list of I32";
    }
    packing->bits = gptq_bits(set, order == NULL ? 0 : order->shape[0]);
    packing->rows = set->codes->shape[1];
    if (packing->bits == 0 || packing->rows != sva_set_part(set, packing->scales)->shape[1] ||
        set->codes->shape[0] > UINT32_MAX) {
        return "codes, scales and zero points do not fit for 2, 3, 4 or 8 bits";
    }
    packing->columns =
        order != NULL ? order->shape[0] : set->codes->shape[0] * WORD_BITS / packing->bits;
    return fit_turned_groups(set) ? NULL : "its groups do not cut its inputs evenly";
}

enum sva_fit sva_fit_gptq(struct sva_packed_set *set)
{
    struct sva_packing *const packing = &set->packing;
    const char *wrong = take_qweight_parts(set);
    packing->order = sva_set_take(set, set->stem_bytes, ".g_idx", "order of inputs");
    if (wrong == NULL && !gptq_layout_is_known(set)) {
        wrong = "GPTQ is read in its layouts \"gptq\" and \"gptq_v2\" only";
    }
    if (wrong == NULL) {
        wrong = fit_gptq_shape(set);
    }
    if (wrong != NULL) {
        return sva_set_bad(set, "%s", wrong);
    }
    packing->store = SVA_CODES_DOWN;
    packing->base_dtype = SVA_DTYPE_U8;
    packing->zero_store = SVA_ZEROS_GPTQ;
    const char *const format = sva_set_config(set, "checkpoint_format");
    packing->zero_add = format != NULL && strcmp(format, "gptq_v2") == 0 ? 0 : 1;
    bool acts = false;
    if (packing->order != SVA_PACKED_NONE && !order_acts(set, &acts)) {
        return SVA_FIT_FAILED;
    }
    snprintf(set->form, sizeof set->form, "gptq, %u bits, groups of %llu%s", packing->bits,
             (unsigned long long)packing->grid.column_block, acts ? ", act-order" : "");
    return SVA_FIT_YES;
}

/** Words of a row when codes do not cross words; the same as words_of() for 1, 2, 4, 8, 16 bits. */
static uint64_t padded_words(uint64_t count, uint64_t bits)
{
    return sva_ceil_div(count, WORD_BITS / bits);
}

/** Rows and columns as "weight_shape" states them. */
static enum sva_fit read_shape(struct sva_packed_set *set, uint64_t dims[3])
{
    const int part = sva_set_take(set, set->stem_bytes, ".weight_shape", "shape");
    if (part == SVA_PACKED_NONE) {
        return SVA_FIT_NO;
    }
    const struct sva_tensor *const stored = sva_set_part(set, part);
    const bool wide = stored->dtype == SVA_DTYPE_I64;
    const uint32_t rank = set->codes->rank;
    uint8_t bytes[8 * 3];
    if ((!wide && stored->dtype != SVA_DTYPE_I32) || stored->rank != 1 ||
        stored->shape[0] != rank) {
        return sva_set_bad(set, "the tensor with its shape is no list of %u integers", rank);
    }
    const size_t width = wide ? 8 : 4;
    if (!sva_set_read(set, part, width * rank, bytes)) {
        return SVA_FIT_FAILED;
    }
    struct sva_cursor cursor = {.span = {bytes, width * rank}};
    dims[0] = 1;
    for (uint32_t i = 0; i < rank; i++) {
        dims[3 - rank + i] = wide ? sva_cursor_u64le(&cursor) : sva_cursor_u32le(&cursor);
    }
    return SVA_FIT_YES;
}

/** Bits for which a row of `columns` codes has `words` words; where both layouts do, dense. */
static uint32_t packed_bits(const struct sva_packed_set *set, uint64_t columns, uint64_t words,
                            bool *dense)
{
    static const uint32_t widths[] = {4, 8, 2, 3, 5, 6, 7};
    const uint64_t hint = sva_set_config_u64(set, "config_groups.group_0.weights.num_bits", 0);
    uint32_t found = 0;
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        const bool padded = padded_words(columns, widths[i]) == words;
        const bool stream = words_of(columns, widths[i]) == words;
        if ((padded || stream) && (found == 0 || widths[i] == hint)) {
            found = widths[i];
            *dense = stream;
        }
    }
    return found;
}

/** Zero points, which are packed as the codes are, and the order of inputs beside weight_packed. */
static const char *take_packed_extras(struct sva_packed_set *set)
{
    struct sva_packing *const packing = &set->packing;
    packing->zeros = sva_set_take(set, set->stem_bytes, ".weight_zero_point", "zero points");
    if (packing->zeros != SVA_PACKED_NONE) {
        const struct sva_tensor *const zeros = sva_set_part(set, packing->zeros);
        const uint64_t words = packing->store == SVA_CODES_WORDS
                                   ? padded_words(packing->rows, packing->bits)
                                   : words_of(packing->rows, packing->bits);
        const bool packed = zeros->dtype == SVA_DTYPE_I32 && zeros->rank == 2 &&
                            packing->experts == 1 && packing->grid.row_block == 1 &&
                            zeros->shape[1] == packing->grid.columns && zeros->shape[0] == words;
        const bool plain =
            zeros->dtype == SVA_DTYPE_I8 &&
            zeros->element_count == sva_set_part(set, packing->scales)->element_count;
        if (!packed && !plain) {
            return "its zero points do not fit";
        }
        packing->zero_store = packed ? SVA_ZEROS_DOWN : SVA_ZEROS_GRID;
        packing->zero_offset = packed ? packing->code_offset : 0;
    }
    packing->order = sva_set_take(set, set->stem_bytes, ".weight_g_idx", "order of inputs");
    packing->order_void = true;
    if (packing->order != SVA_PACKED_NONE &&
        (sva_set_part(set, packing->order)->dtype != SVA_DTYPE_I32 ||
         sva_set_part(set, packing->order)->element_count != packing->columns ||
         packing->grid.row_block != 1)) {
        return "its order of inputs does not fit";
    }
    (void)sva_set_take(set, set->stem_bytes, ".input_scale", "scale of activations");
    return NULL;
}

enum sva_fit sva_fit_int_packed(struct sva_packed_set *set)
{
    struct sva_packing *const packing = &set->packing;
    uint64_t stored[3] = {0};
    uint64_t dims[3] = {0};
    const int part = sva_set_take(set, set->stem_bytes, ".weight_scale", "scales");
    if (part == SVA_PACKED_NONE) {
        return sva_set_bad(set, "its scales are not there");
    }
    if (!sva_shape3(set->codes, stored) || stored[2] > UINT32_MAX) {
        return sva_set_bad(set, "its codes are no matrix");
    }
    const enum sva_fit shape = read_shape(set, dims);
    if (shape == SVA_FIT_BAD || shape == SVA_FIT_FAILED) {
        return shape;
    }
    bool dense = false;
    if (shape == SVA_FIT_NO) {
        memcpy(dims, stored, sizeof dims);
        const uint64_t bits = sva_set_config_u64(set, "config_groups.group_0.weights.num_bits", 4);
        dims[2] = stored[2] * (bits <= 8 ? WORD_BITS / bits : 1);
    }
    packing->bits = packed_bits(set, dims[2], stored[2], &dense);
    if (packing->bits == 0 || dims[0] != stored[0] || dims[1] != stored[1]) {
        return sva_set_bad(set, "codes and shape do not fit for 2 to 8 bits");
    }
    set->rank = set->codes->rank;
    packing->experts = dims[0];
    packing->rows = dims[1];
    packing->columns = dims[2];
    packing->store = dense ? SVA_CODES_ROWS : SVA_CODES_WORDS;
    packing->base_dtype = SVA_DTYPE_U8;
    packing->code_offset = 1 << (packing->bits - 1);
    packing->row_bytes = stored[2] * 4;
    if (!sva_fit_grid(set, part, 0,
                      sva_set_config_u64(set, "config_groups.group_0.weights.group_size", 0))) {
        return sva_set_bad(set, "its scales have another shape or type");
    }
    const char *const wrong = take_packed_extras(set);
    char grid[64];
    sva_grid_text(set, grid, sizeof grid);
    snprintf(set->form, sizeof set->form, "compressed-tensors int%u, %s", packing->bits, grid);
    return wrong == NULL ? SVA_FIT_YES : sva_set_bad(set, "%s", wrong);
}

/** A number that MLX's configuration gives for this module, or for all. */
static uint64_t mlx_config(const struct sva_packed_set *set, const char *key)
{
    char own[384];
    const int written =
        snprintf(own, sizeof own, "%.*s.%s", set->stem_bytes < 300 ? (int)set->stem_bytes : 300,
                 set->codes->name, key);
    const uint64_t value = sva_set_config_u64(set, key, 0);
    return written > 0 && (size_t)written < sizeof own ? sva_set_config_u64(set, own, value)
                                                       : value;
}

/** Bits and size of groups; only their product follows from the shapes. */
static bool mlx_widths(const struct sva_packed_set *set, uint64_t words, uint64_t groups,
                       uint32_t *bits, uint64_t *group)
{
    static const uint64_t sizes[] = {64, 32, 128};
    const uint64_t stated[2] = {mlx_config(set, "bits"), mlx_config(set, "group_size")};
    if (words == 0 || groups == 0 || words * WORD_BITS % groups != 0) {
        return false;
    }
    const uint64_t product = words * WORD_BITS / groups; /* not 0 */
    if (stated[0] <= 8 && stated[1] <= 1024 && stated[0] * stated[1] == product) {
        *bits = (uint32_t)stated[0];
        *group = stated[1];
        return *bits >= 2 && *bits != 7;
    }
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes + 1; i++) {
        const uint64_t size = i == 0 ? stated[1] : sizes[i - 1];
        if (size != 0 && product % size == 0 && product / size >= 2 && product / size <= 8 &&
            product / size != 7) {
            *bits = (uint32_t)(product / size);
            *group = size;
            return true;
        }
    }
    return false;
}

/** MLX's modes of small floats: scales of one byte, no biases. */
static enum sva_fit fit_mlx_floats(struct sva_packed_set *set, int part, const uint64_t dims[3])
{
    static const struct {
        const char *name;
        uint32_t bits;
        uint64_t group;
        enum sva_dtype base, scale;
    } modes[] = {
        {"mxfp4", 4, 32, SVA_DTYPE_F4, SVA_DTYPE_F8_E8M0},
        {"mxfp8", 8, 32, SVA_DTYPE_F8_E4M3, SVA_DTYPE_F8_E8M0},
        {"nvfp4", 4, 16, SVA_DTYPE_F4, SVA_DTYPE_F8_E4M3},
    };
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        set->packing.columns = dims[2] * (WORD_BITS / modes[i].bits);
        if (sva_fit_groups(set, part, modes[i].group)) {
            set->packing.bits = modes[i].bits;
            set->packing.base_dtype = modes[i].base;
            set->packing.scale_dtype = modes[i].scale;
            snprintf(set->form, sizeof set->form, "mlx %s, blocks of %llu", modes[i].name,
                     (unsigned long long)modes[i].group);
            return SVA_FIT_YES;
        }
    }
    return sva_set_bad(set, "codes and scales are of no known mode of MLX");
}

enum sva_fit sva_fit_mlx(struct sva_packed_set *set)
{
    struct sva_packing *const packing = &set->packing;
    uint64_t dims[3];
    uint64_t scale_dims[3];
    const int part = sva_set_take(set, set->stem_bytes, ".scales", "scales");
    packing->biases = sva_set_take(set, set->stem_bytes, ".biases", "biases");
    if (part == SVA_PACKED_NONE) {
        return SVA_FIT_NO;
    }
    const struct sva_tensor *const scales = sva_set_part(set, part);
    if (!sva_shape3(set->codes, dims) || !sva_shape3(scales, scale_dims) || dims[2] > UINT32_MAX) {
        return sva_set_bad(set, "codes and scales are no matrices");
    }
    set->rank = set->codes->rank;
    packing->experts = dims[0];
    packing->rows = dims[1];
    packing->store = SVA_CODES_ROWS;
    packing->row_bytes = dims[2] * 4;
    if (packing->biases == SVA_PACKED_NONE && scales->dtype == SVA_DTYPE_U8) {
        return fit_mlx_floats(set, part, dims);
    }
    if (packing->biases == SVA_PACKED_NONE) {
        return sva_set_bad(set, "its biases are not there");
    }
    const struct sva_tensor *const biases = sva_set_part(set, packing->biases);
    uint64_t group = 0;
    if (!sva_is_scale_dtype(scales->dtype) || biases->dtype != scales->dtype ||
        biases->rank != scales->rank ||
        memcmp(biases->shape, scales->shape, scales->rank * sizeof *scales->shape) != 0 ||
        !mlx_widths(set, dims[2], scale_dims[2], &packing->bits, &group)) {
        return sva_set_bad(set, "codes, scales and biases do not fit together");
    }
    packing->columns = scale_dims[2] * group;
    packing->base_dtype = SVA_DTYPE_U8;
    if (!sva_fit_groups(set, part, group)) {
        return sva_set_bad(set, "codes, scales and biases do not fit together");
    }
    snprintf(set->form, sizeof set->form, "mlx, %u bits, groups of %llu", packing->bits,
             (unsigned long long)group);
    return SVA_FIT_YES;
}
