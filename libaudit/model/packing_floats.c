/* SPDX-License-Identifier: Apache-2.0 */
/* Quantised tensors whose codes are small floats: FP8 and int8 with scales beside them, MXFP4,
   NVFP4, MXFP8. */
#include <stdio.h>
#include <string.h>

#include "kernel/dtype.h"
#include "model/packing_families.h"

enum { MX_GROUP = 32, NV_GROUP = 16, BLOCK_HINT = 128 };

static const char weight[] = ".weight";

/** Bytes of the name before ".weight"; 0 if it does not end so. */
static size_t module_bytes(const struct sva_packed_set *set)
{
    const size_t size = sizeof weight - 1;
    const struct sva_tensor *const codes = set->codes;
    return codes->name_bytes > size &&
                   memcmp(codes->name + codes->name_bytes - size, weight, size) == 0
               ? codes->name_bytes - size
               : 0;
}

/** Scales of activations go with the set: they are no weights. */
static void take_activation_scales(struct sva_packed_set *set)
{
    static const char *const endings[] = {".input_scale", ".input_global_scale", ".qscale_act",
                                          ".activation_scale", ".scale_input"};
    const size_t base = module_bytes(set) != 0 ? module_bytes(set) : set->stem_bytes;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        (void)sva_set_take(set, base, endings[i], "scale of activations");
    }
}

static void four_bits(struct sva_packed_set *set)
{
    set->packing.store = SVA_CODES_ROWS;
    set->packing.bits = 4;
    set->packing.base_dtype = SVA_DTYPE_F4;
    set->packing.row_bytes = set->packing.columns / 2;
}

/** Rows and columns of codes that hold two values in a byte. */
static bool two_in_a_byte(struct sva_packed_set *set)
{
    uint64_t dims[3];
    if (!sva_shape3(set->codes, dims) || dims[2] > UINT32_MAX) {
        return false;
    }
    set->rank = set->codes->rank;
    set->packing.experts = dims[0];
    set->packing.rows = dims[1];
    set->packing.columns = dims[2] * 2;
    return true;
}

static bool is_e8m0(enum sva_dtype dtype)
{
    return dtype == SVA_DTYPE_U8 || dtype == SVA_DTYPE_F8_E8M0;
}

enum sva_fit sva_fit_gpt_oss(struct sva_packed_set *set)
{
    const struct sva_tensor *const codes = set->codes;
    struct sva_packing *const packing = &set->packing;
    if ((codes->rank != 3 && codes->rank != 4) || codes->shape[codes->rank - 1] != MX_GROUP / 2) {
        return SVA_FIT_NO;
    }
    const bool dotted = codes->name[set->stem_bytes] == '.';
    const int part =
        sva_set_take(set, set->stem_bytes, dotted ? ".scales" : "_scales", "exponents");
    if (part == SVA_PACKED_NONE) {
        return sva_set_bad(set, "its scales are not there");
    }
    const struct sva_tensor *const scales = sva_set_part(set, part);
    const uint64_t groups = codes->shape[codes->rank - 2];
    if (!is_e8m0(scales->dtype) || scales->rank != codes->rank - 1 || groups > UINT32_MAX ||
        memcmp(scales->shape, codes->shape, scales->rank * sizeof *scales->shape) != 0) {
        return sva_set_bad(set, "its scales have another shape or type");
    }
    set->rank = scales->rank;
    packing->experts = codes->rank == 4 ? codes->shape[0] : 1;
    packing->rows = codes->shape[codes->rank - 3];
    packing->columns = groups * MX_GROUP;
    four_bits(set);
    packing->scales = part;
    packing->scale_dtype = SVA_DTYPE_F8_E8M0;
    packing->grid = (struct sva_scale_grid){
        .rows = packing->rows, .columns = groups, .row_block = 1, .column_block = MX_GROUP};
    snprintf(set->form, sizeof set->form, "mxfp4, blocks of %d", MX_GROUP);
    return SVA_FIT_YES;
}

enum sva_fit sva_fit_gguf_scaled(struct sva_packed_set *set)
{
    const struct sva_dtype_info *const blocks = sva_dtype_get(SVA_DTYPE_NVFP4);
    struct sva_packing *const packing = &set->packing;
    uint64_t dims[3];
    const int part = sva_set_take(set, set->stem_bytes, ".scale", "scale");
    if (part == SVA_PACKED_NONE) {
        return SVA_FIT_NO;
    }
    if (!sva_shape3(set->codes, dims) || dims[2] % blocks->block_elements != 0) {
        return sva_set_bad(set, "it is no matrix of whole blocks");
    }
    set->rank = set->codes->rank;
    packing->experts = dims[0];
    packing->rows = dims[1];
    packing->columns = dims[2];
    packing->store = SVA_CODES_BLOCKS;
    packing->base_dtype = SVA_DTYPE_NVFP4;
    packing->row_bytes = dims[2] / blocks->block_elements * blocks->block_bytes;
    if (!sva_fit_global(set, part) || !sva_fit_grid(set, part, 0, 0)) {
        return sva_set_bad(set, "its scale is not one number for each matrix");
    }
    take_activation_scales(set);
    snprintf(set->form, sizeof set->form, "nvfp4, blocks of %d", NV_GROUP);
    return SVA_FIT_YES;
}

/** compressed-tensors: weight_packed U8, NVFP4 with a global scale, MXFP4 without. */
enum sva_fit sva_fit_float4_packed(struct sva_packed_set *set)
{
    const int part = sva_set_take(set, set->stem_bytes, ".weight_scale", "scales");
    const int global = sva_set_take(set, set->stem_bytes, ".weight_global_scale", "global scale");
    if (part == SVA_PACKED_NONE) {
        return sva_set_bad(set, "its scales are not there");
    }
    if (!two_in_a_byte(set)) {
        return sva_set_bad(set, "its codes are no matrix");
    }
    four_bits(set);
    const enum sva_dtype scale_dtype = sva_set_part(set, part)->dtype;
    const bool nv = global != SVA_PACKED_NONE && scale_dtype == SVA_DTYPE_F8_E4M3;
    if ((!nv && (global != SVA_PACKED_NONE || !is_e8m0(scale_dtype))) ||
        !sva_fit_groups(set, part, nv ? NV_GROUP : MX_GROUP) ||
        (nv && !sva_fit_global(set, global))) {
        return sva_set_bad(set, "its scales have another shape or type");
    }
    set->packing.scale_dtype = nv ? SVA_DTYPE_F8_E4M3 : SVA_DTYPE_F8_E8M0;
    set->packing.global_scale = global;
    set->packing.divide_by_global = true;
    (void)sva_set_take(set, set->stem_bytes, ".weight_shape", "shape");
    take_activation_scales(set);
    snprintf(set->form, sizeof set->form, "%s, blocks of %d", nv ? "nvfp4" : "mxfp4",
             nv ? NV_GROUP : MX_GROUP);
    return SVA_FIT_YES;
}

static int take_scales(struct sva_packed_set *set)
{
    static const char *const beside[] = {"_scale_inv", "_scale"};
    static const char *const module[] = {".scale", ".qscale_weight", ".scale_weight"};
    int part = SVA_PACKED_NONE;
    for (size_t i = 0; part == SVA_PACKED_NONE && i < sizeof beside / sizeof *beside; i++) {
        part = sva_set_take(set, set->codes->name_bytes, beside[i], "scales");
    }
    const size_t base = module_bytes(set);
    for (size_t i = 0; part == SVA_PACKED_NONE && base != 0 && i < sizeof module / sizeof *module;
         i++) {
        part = sva_set_take(set, base, module[i], "scales");
    }
    return part;
}

/** ModelOpt's NVFP4; MXFP4 with the codes in "weight" (signed bytes among them). */
enum sva_fit sva_fit_float4_bytes(struct sva_packed_set *set)
{
    const int part = take_scales(set);
    if (part == SVA_PACKED_NONE) {
        return SVA_FIT_NO;
    }
    const enum sva_dtype scale_dtype = sva_set_part(set, part)->dtype;
    const int global = scale_dtype == SVA_DTYPE_F8_E4M3
                           ? sva_set_take(set, set->codes->name_bytes, "_scale_2", "global scale")
                           : SVA_PACKED_NONE;
    const bool nv = global != SVA_PACKED_NONE;
    const bool fits = two_in_a_byte(set) && (nv || is_e8m0(scale_dtype)) &&
                      sva_fit_groups(set, part, nv ? NV_GROUP : MX_GROUP) &&
                      (!nv || sva_fit_global(set, global));
    if (!fits) {
        const char *const method = sva_set_config(set, "quant_method");
        if (set->codes->dtype == SVA_DTYPE_I8) {
            return SVA_FIT_NO; /* int8, perhaps */
        }
        return method != NULL && strcmp(method, "bitnet") == 0
                   ? sva_set_bad(set, "BitNet's codes of 2 bits are not read")
                   : sva_set_bad(set, "codes and scales are of no known layout");
    }
    four_bits(set);
    set->packing.scale_dtype = nv ? SVA_DTYPE_F8_E4M3 : SVA_DTYPE_F8_E8M0;
    set->packing.global_scale = global;
    take_activation_scales(set);
    snprintf(set->form, sizeof set->form, "%s, blocks of %d", nv ? "nvfp4" : "mxfp4",
             nv ? NV_GROUP : MX_GROUP);
    return SVA_FIT_YES;
}

/** Zero points and an order of the columns, which compressed-tensors may add. */
static enum sva_fit take_extras(struct sva_packed_set *set)
{
    struct sva_packing *const packing = &set->packing;
    const size_t base = set->codes->name_bytes;
    packing->zeros = sva_set_take(set, base, "_zero_point", "zero points");
    if (packing->zeros != SVA_PACKED_NONE) {
        const struct sva_tensor *const zeros = sva_set_part(set, packing->zeros);
        if (!sva_dtype_get(zeros->dtype)->decodable || zeros->dtype == SVA_DTYPE_BOOL ||
            zeros->element_count != sva_set_part(set, packing->scales)->element_count) {
            return sva_set_bad(set, "its zero points have another shape than its scales");
        }
        packing->zero_store = SVA_ZEROS_GRID;
    }
    packing->order = sva_set_take(set, base, "_g_idx", "order of inputs");
    packing->order_void = true;
    if (packing->order != SVA_PACKED_NONE) {
        const struct sva_tensor *const order = sva_set_part(set, packing->order);
        if (order->dtype != SVA_DTYPE_I32 || order->element_count != packing->columns ||
            packing->grid.row_block != 1) {
            return sva_set_bad(set, "its order of inputs does not fit");
        }
    }
    take_activation_scales(set);
    return SVA_FIT_YES;
}

static const char *byte_name(enum sva_dtype dtype)
{
    switch (dtype) {
    case SVA_DTYPE_F8_E4M3: return "fp8 e4m3";
    case SVA_DTYPE_F8_E5M2: return "fp8 e5m2";
    case SVA_DTYPE_F8_E4M3FNUZ: return "fp8 e4m3fnuz";
    default: return "compressed-tensors int8";
    }
}

/** A byte for each value, floats or integers, with scales of any customary shape. */
enum sva_fit sva_fit_scaled_bytes(struct sva_packed_set *set)
{
    struct sva_packing *const packing = &set->packing;
    const enum sva_dtype dtype = set->codes->dtype;
    uint64_t dims[3];
    const int part = take_scales(set);
    if (part == SVA_PACKED_NONE) {
        return SVA_FIT_NO;
    }
    if (!sva_shape3(set->codes, dims)) {
        return sva_set_bad(set, "it is no matrix");
    }
    set->rank = set->codes->rank;
    packing->experts = dims[0];
    packing->rows = dims[1];
    packing->columns = dims[2];
    packing->store = SVA_CODES_ROWS;
    packing->bits = 8;
    packing->base_dtype = dtype;
    packing->row_bytes = dims[2];
    const enum sva_dtype scale_dtype = sva_set_part(set, part)->dtype;
    const bool integers = dtype == SVA_DTYPE_I8;
    const bool mx = !integers && is_e8m0(scale_dtype) && sva_fit_groups(set, part, MX_GROUP);
    if (mx) {
        packing->scale_dtype = SVA_DTYPE_F8_E8M0;
    } else {
        const uint64_t group = sva_set_config_u64(set, "config_groups.group_0.weights.group_size",
                                                  integers ? 0 : BLOCK_HINT);
        const uint64_t rows = sva_set_config_u64(set, "weight_block_size.0", BLOCK_HINT);
        const uint64_t columns = sva_set_config_u64(set, "weight_block_size.1", group);
        if (!sva_fit_grid(set, part, rows, columns)) {
            return sva_set_bad(set, "its scales have another shape or type");
        }
    }
    char grid[64];
    sva_grid_text(set, grid, sizeof grid);
    if (mx) {
        snprintf(set->form, sizeof set->form, "mxfp8, blocks of %d", MX_GROUP);
    } else {
        snprintf(set->form, sizeof set->form, "%s, %s", byte_name(dtype), grid);
    }
    return take_extras(set);
}
