/* SPDX-License-Identifier: Apache-2.0 */
/* Codes of one byte or a small float, and bitsandbytes: what is put together and what it is. */
#include "packing_files.h"

#include "base/memory.h"
#include "kernel/small_floats.h"
#include "model/model_parts.h"

static const float e2m1[16] = {0,     0.5F,  1,  1.5F,  2,  3,  4,  6,
                               -0.0F, -0.5F, -1, -1.5F, -2, -3, -4, -6};
/* larger distance to the codes next to it */
static const float e2m1_gap[8] = {0.5F, 0.5F, 0.5F, 0.5F, 1, 1, 2, 2};

/** Exactly an F8_E4M3: its pattern is read off the table, its value given by the format. */
static float e4m3(unsigned pattern)
{
    const unsigned exponent = pattern >> 3 & 15;
    const unsigned fraction = pattern & 7;
    const float size = exponent == 0 ? ldexpf((float)fraction, -9)
                                     : ldexpf((float)(8 + fraction), (int)exponent - 10);
    return (pattern & 0x80) != 0 ? -size : size;
}

/* 130 x 200 in blocks of 128 x 128: the blocks at the edges are partial. */
static void fp8_with_blocks_partial_at_the_edges(void **state)
{
    (void)state;
    enum { ROWS = 130, COLUMNS = 200 };
    static float values[ROWS * COLUMNS];
    static float steps[ROWS * COLUMNS];
    struct stored_list list = {0};
    static const float scales[2][2] = {{0.5F, 0.3F}, {-2.0F, 1e-3F}};
    uint8_t *const codes = ADD(&list, "q.weight", "F8_E4M3", ROWS, COLUMNS);
    uint8_t *const stored = ADD(&list, "q.weight_scale_inv", "F32", 2, 2);
    memcpy(stored, scales, sizeof scales);
    for (unsigned o = 0; o < ROWS; o++) {
        for (unsigned i = 0; i < COLUMNS; i++) {
            const unsigned code = mix(o, i, 127) | mix(i, o, 2) << 7;
            const float scale = scales[o / 128][i / 128];
            codes[o * COLUMNS + i] = (uint8_t)code;
            values[o * COLUMNS + i] = e4m3(code) * scale;
            const unsigned exponent = code >> 3 & 15;
            /* one in the last place; below the largest of all, and above otherwise */
            steps[o * COLUMNS + i] =
                ldexpf(1, exponent == 0 ? -9 : (int)exponent - 10) * fabsf(scale);
        }
    }
    check_stored(
        &list, NULL,
        &(struct expected){
            "q.weight", "fp8 e4m3, blocks of 128 x 128", {ROWS, COLUMNS}, 2, values, steps});
}

struct byte_case {
    const char *dtype, *scale_name, *form, *config;
    uint32_t scale_rank;
    uint64_t scale_shape[3];
    uint64_t row_block, column_block;
};

/* experts 2, rows 4, columns 64 */
static const struct byte_case byte_cases[] = {
    {"F8_E4M3", "x.weight_scale", "fp8 e4m3, one scale", NULL, 0, {0}, 0, 0},
    {"F8_E4M3", "x.qscale_weight", "fp8 e4m3, one scale", NULL, 1, {1}, 0, 0},
    {"F8_E5M2", "x.weight_scale", "fp8 e5m2, a scale for each row", NULL, 3, {2, 4, 1}, 1, 64},
    {"I8",
     "x.weight_scale",
     "compressed-tensors int8, a scale for each row",
     NULL,
     2,
     {2, 4},
     1,
     64},
    {"F8_E4M3", "x.weight_scale", "fp8 e4m3, one scale", NULL, 1, {2}, 4, 64},
    {"I8", "x.weight_scale", "compressed-tensors int8, groups of 16", NULL, 3, {2, 4, 4}, 1, 16},
    {"F8_E4M3",
     "x.scale",
     "fp8 e4m3, blocks of 3 x 48",
     "{\"quantization_config\":{\"weight_block_size\":[3,48]}}",
     3,
     {2, 2, 2},
     3,
     48},
    {"F8_E4M3",
     "x.weight_scale_inv",
     "fp8 e4m3, blocks of 2 x 32",
     "{\"quantization_config\":{\"weight_block_size\":[1,7]}}",
     3,
     {2, 2, 2},
     2,
     32},
};

static void scales_of_every_customary_shape_are_laid_over_the_matrix(void **state)
{
    (void)state;
    enum { EXPERTS = 2, ROWS = 4, COLUMNS = 64, COUNT = EXPERTS * ROWS * COLUMNS };
    for (size_t c = 0; c < sizeof byte_cases / sizeof *byte_cases; c++) {
        const struct byte_case *const one = &byte_cases[c];
        struct stored_list list = {0};
        float values[COUNT];
        uint8_t *const codes = ADD(&list, "x.weight", one->dtype, EXPERTS, ROWS, COLUMNS);
        uint8_t *const scales =
            add_stored(&list, one->scale_name, "F32", one->scale_rank, one->scale_shape);
        (void)ADD(&list, "x.input_scale", "F32", 1);
        for (size_t s = 0; s < list.items[1].size / 4; s++) {
            put_f32(scales, s, 0.25F * (float)(s + 1));
        }
        const uint64_t grid_rows =
            one->row_block == 0 ? 1 : (ROWS + one->row_block - 1) / one->row_block;
        const uint64_t grid_columns =
            one->column_block == 0 ? 1 : (COLUMNS + one->column_block - 1) / one->column_block;
        for (unsigned k = 0; k < COUNT; k++) {
            const unsigned e = k / (ROWS * COLUMNS);
            const unsigned o = k / COLUMNS % ROWS;
            const unsigned i = k % COLUMNS;
            const unsigned code = mix(k, 3, 120);
            const uint64_t at =
                one->row_block == 0
                    ? 0
                    : (e * grid_rows + o / one->row_block) * grid_columns + i / one->column_block;
            codes[k] = (uint8_t)code;
            const float base = strcmp(one->dtype, "I8") == 0 ? (float)code
                               : strcmp(one->dtype, "F8_E5M2") == 0
                                   ? sva_small_float(SVA_DTYPE_F8_E5M2, code)
                                   : e4m3(code);
            values[k] = base * (0.25F * (float)(at + 1));
        }
        check_stored(
            &list, one->config,
            &(struct expected){"x.weight", one->form, {EXPERTS, ROWS, COLUMNS}, 3, values, NULL});
    }
}

static void int8_has_zero_points_and_an_order_that_may_be_void(void **state)
{
    (void)state;
    float values[2 * 8];
    for (int unset = 0; unset < 2; unset++) {
        struct stored_list list = {0};
        int8_t *const codes = (int8_t *)ADD(&list, "x.weight", "I8", 2, 8);
        uint8_t *const scales = ADD(&list, "x.weight_scale", "F32", 2, 2);
        int8_t *const zeros = (int8_t *)ADD(&list, "x.weight_zero_point", "I8", 2, 2);
        uint8_t *const order = ADD(&list, "x.weight_g_idx", "I32", 8);
        for (unsigned k = 0; k < 16; k++) {
            const unsigned g = unset ? k % 8 / 4 : (k + 1) % 2;
            codes[k] = (int8_t)(k * 16 - 128);
            put_u32(order, k % 8, unset ? UINT32_MAX : (k + 1) % 2);
            put_f32(scales, k / 8 * 2 + g, (float)(k / 8 * 2 + g + 1));
            zeros[k / 8 * 2 + g] = (int8_t)(g * 10 - 5);
            values[k] = ((float)codes[k] - (float)((int)g * 10 - 5)) * (float)(k / 8 * 2 + g + 1);
        }
        check_stored(
            &list, NULL,
            &(struct expected){
                "x.weight", "compressed-tensors int8, groups of 4", {2, 8}, 2, values, NULL});
    }
}

static void bitsandbytes_int8_divides_its_row_scales_by_127(void **state)
{
    (void)state;
    float values[3 * 5];
    float steps[3 * 5];
    struct stored_list list = {0};
    int8_t *const codes = (int8_t *)ADD(&list, "x.weight", "I8", 3, 5);
    uint8_t *const scales = ADD(&list, "x.SCB", "F32", 3);
    (void)ADD(&list, "x.weight_format", "U8", 1);
    for (unsigned k = 0; k < 15; k++) {
        const float row = 0.1F * (float)(k / 5 + 1);
        codes[k] = (int8_t)(k * 17 - 120);
        put_f32(scales, k / 5, row);
        values[k] = (float)codes[k] * (row / 127.0F);
        steps[k] = row / 127.0F;
    }
    check_stored(&list, NULL,
                 &(struct expected){"x.weight", "bitsandbytes int8", {3, 5}, 2, values, steps});
}

/** Four-bit floats: names and scales of each writer. */
struct four_case {
    const char *codes, *codes_type, *scales, *scales_type, *global, *name, *form;
    unsigned group;
    bool words, divide;
};

static const struct four_case four_cases[] = {
    {"x.weight_packed", "U8", "x.weight_scale", "F8_E4M3", "x.weight_global_scale", "x.weight",
     "nvfp4, blocks of 16", 16, false, true},
    {"x.weight", "U8", "x.weight_scale", "F8_E4M3", "x.weight_scale_2", "x.weight",
     "nvfp4, blocks of 16", 16, false, false},
    {"x.weight_packed", "U8", "x.weight_scale", "U8", NULL, "x.weight", "mxfp4, blocks of 32", 32,
     false, false},
    {"x.weight", "I8", "x.scale", "F8_E8M0", NULL, "x.weight", "mxfp4, blocks of 32", 32, false,
     false},
    {"x.weight", "U32", "x.scales", "U8", NULL, "x.weight", "mlx mxfp4, blocks of 32", 32, true,
     false},
    {"x.weight", "U32", "x.scales", "U8", NULL, "x.weight", "mlx nvfp4, blocks of 16", 16, true,
     false},
};

static void four_bit_floats_of_every_writer_are_read(void **state)
{
    (void)state;
    enum { ROWS = 3, COLUMNS = 96, COUNT = ROWS * COLUMNS };
    for (size_t c = 0; c < sizeof four_cases / sizeof *four_cases; c++) {
        const struct four_case *const one = &four_cases[c];
        float values[COUNT];
        float steps[COUNT];
        struct stored_list list = {0};
        uint8_t *const codes =
            ADD(&list, one->codes, one->codes_type, ROWS, one->words ? COLUMNS / 8 : COLUMNS / 2);
        uint8_t *const scales =
            ADD(&list, one->scales, one->scales_type, ROWS, COLUMNS / one->group);
        const float global = one->global == NULL ? 1.0F : 3.0F;
        if (one->global != NULL) {
            put_f32(ADD(&list, one->global, "F32", 1), 0, global);
        }
        for (unsigned k = 0; k < COUNT; k++) {
            const unsigned code = mix(k, c, 16);
            const unsigned block = k / one->group;
            const unsigned pattern = one->group == 16 ? 0x30 + mix(block, 1, 32) : 120 + block;
            const float raw = one->group == 16 ? e4m3(pattern) : ldexpf(1, (int)pattern - 127);
            const float scale = one->divide ? raw / global : raw * global;
            scales[block] = (uint8_t)pattern;
            codes[k / 2] |= (uint8_t)(code << k % 2 * 4);
            values[k] = e2m1[code] * scale;
            steps[k] = e2m1_gap[code % 8] * scale;
        }
        check_stored(&list, NULL,
                     &(struct expected){one->name, one->form, {ROWS, COLUMNS}, 2, values, steps});
    }
}

static void mxfp8_of_both_writers_is_read(void **state)
{
    (void)state;
    for (int mlx = 0; mlx < 2; mlx++) {
        float values[2 * 64];
        struct stored_list list = {0};
        uint8_t *const codes =
            mlx ? ADD(&list, "x.weight", "U32", 2, 16) : ADD(&list, "x.weight", "F8_E4M3", 2, 64);
        uint8_t *const scales = ADD(&list, mlx ? "x.scales" : "x.weight_scale", "U8", 2, 2);
        for (unsigned k = 0; k < 128; k++) {
            codes[k] = (uint8_t)mix(k, 9, 126);
            scales[k / 32] = (uint8_t)(125 + k / 32);
            values[k] = e4m3(codes[k]) * ldexpf(1, (int)(k / 32) - 2);
        }
        check_stored(&list, NULL,
                     &(struct expected){"x.weight",
                                        mlx ? "mlx mxfp8, blocks of 32" : "mxfp8, blocks of 32",
                                        {2, 64},
                                        2,
                                        values,
                                        NULL});
    }
}

/* Both sets of names; the parts of the second lie in two files. */
static void gpt_oss_blocks_are_experts_by_outputs_by_inputs(void **state)
{
    (void)state;
    enum { EXPERTS = 2, ROWS = 4, GROUPS = 3, COUNT = EXPERTS * ROWS * GROUPS * 32 };
    static const char *const names[2][3] = {
        {"model.layers.0.mlp.experts.gate_up_proj_blocks",
         "model.layers.0.mlp.experts.gate_up_proj_scales",
         "model.layers.0.mlp.experts.gate_up_proj"},
        {"block.0.mlp.mlp1_weight.blocks", "block.0.mlp.mlp1_weight.scales",
         "block.0.mlp.mlp1_weight"},
    };
    for (size_t c = 0; c < 2; c++) {
        float values[COUNT];
        struct stored_list list = {0};
        uint8_t *const codes = ADD(&list, names[c][0], "U8", EXPERTS, ROWS, GROUPS, 16);
        uint8_t *const scales = ADD(&list, names[c][1], "U8", EXPERTS, ROWS, GROUPS);
        for (unsigned k = 0; k < COUNT; k++) {
            const unsigned code = mix(k, 4, 16);
            codes[k / 2] |= (uint8_t)(code << k % 2 * 4);
            scales[k / 32] = (uint8_t)(110 + k / 32);
            values[k] = e2m1[code] * ldexpf(1, (int)(k / 32) - 17);
        }
        struct temp_tree tree;
        tree_make(&tree);
        write_stored(&tree, "model-00001-of-00002.safetensors", &list, 0, 1);
        write_stored(&tree, "model-00002-of-00002.safetensors", &list, 1, 2);
        check_model(
            &tree,
            &(struct expected){
                names[c][2], "mxfp4, blocks of 32", {EXPERTS, ROWS, GROUPS * 32}, 3, values, NULL});
        tree_remove(&tree);
        free_stored(&list);
    }
}

/* 5 x 7 = 35 elements: blocks of 4 cross rows, the last byte is half used. */
static void bitsandbytes_case(bool nested)
{
    enum { ROWS = 5, COLUMNS = 7, COUNT = 35, BLOCK = 4, BLOCKS = 9, OUTER = 2 };
    static const char state_text[] =
        "{\"quant_type\":\"nf4\",\"blocksize\":4,\"dtype\":\"bfloat16\",\"shape\":[5,7],"
        "\"nested_blocksize\":8,\"nested_dtype\":\"float32\","
        "\"nested_offset\":0.10000000149011612}";
    float values[COUNT];
    struct stored_list list = {0};
    uint8_t *const codes = ADD(&list, "x.weight", "U8", 18, 1);
    uint8_t *const scales = ADD(&list, "x.weight.absmax", nested ? "U8" : "F32", BLOCKS);
    uint8_t *const map = ADD(&list, "x.weight.quant_map", "F32", 16);
    uint8_t *const text =
        ADD(&list, "x.weight.quant_state.bitsandbytes__nf4", "U8", sizeof state_text - 1);
    uint8_t *const outer = nested ? ADD(&list, "x.weight.nested_absmax", "F32", OUTER) : NULL;
    uint8_t *const outer_map = nested ? ADD(&list, "x.weight.nested_quant_map", "F32", 256) : NULL;
    memcpy(text, state_text, sizeof state_text - 1);
    memcpy(map, sva_nf4_values, sizeof sva_nf4_values);
    for (unsigned i = 0; nested && i < 256; i++) {
        put_f32(outer_map, i, (float)i / 300.0F);
    }
    for (unsigned k = 0; k < COUNT; k++) {
        const unsigned code = mix(k, 11, 16);
        const unsigned block = k / BLOCK;
        float scale = 0.3F * (float)(block + 1);
        if (nested) {
            const unsigned byte = 20 * block + 7;
            const float level = 1.7F + (float)(block / 8);
            scales[block] = (uint8_t)byte;
            put_f32(outer, block / 8, level);
            scale = (float)byte / 300.0F * level;
            scale = scale + 0.1F;
        } else {
            put_f32(scales, block, scale);
        }
        codes[k / 2] |= (uint8_t)(k % 2 == 0 ? code << 4 : code); /* high half first */
        values[k] = sva_nf4_values[code] * scale;
    }
    check_stored(
        &list, NULL,
        &(struct expected){"x.weight",
                           nested ? "nf4, blocks of 4, double-quantised" : "nf4, blocks of 4",
                           {ROWS, COLUMNS},
                           2,
                           values,
                           NULL});
}

static void bitsandbytes_blocks_cross_rows_and_scales_have_scales(void **state)
{
    (void)state;
    bitsandbytes_case(false);
    bitsandbytes_case(true);
}

/* FP4's codes are not in order of size: 0, 1/192, 2/3, 1, 1/3, 1/2, 1/6, 1/4 and negatives. */
static void steps_of_a_table_are_the_larger_gap(void **state)
{
    (void)state;
    static const char state_text[] = "{\"blocksize\":64,\"shape\":[2,8]}";
    static const unsigned rank_of[8] = {0, 1, 6, 7, 4, 5, 2, 3};
    float by_size[8];
    float values[16];
    float steps[16];
    for (unsigned k = 0; k < 8; k++) {
        by_size[rank_of[k]] = sva_fp4_values[k];
    }
    struct stored_list list = {0};
    uint8_t *const codes = ADD(&list, "x.weight", "U8", 8, 1);
    put_f32(ADD(&list, "x.weight.absmax", "F32", 1), 0, 2.0F);
    memcpy(ADD(&list, "x.weight.quant_map", "F32", 16), sva_fp4_values, 64);
    memcpy(ADD(&list, "x.weight.quant_state.bitsandbytes__fp4", "U8", sizeof state_text - 1),
           state_text, sizeof state_text - 1);
    for (unsigned k = 0; k < 16; k++) {
        codes[k / 2] |= (uint8_t)(k % 2 == 0 ? k << 4 : k);
        values[k] = sva_fp4_values[k] * 2.0F;
        const unsigned rank = rank_of[k % 8];
        const float below = by_size[rank] - (rank == 0 ? -by_size[1] : by_size[rank - 1]);
        const float above = rank < 7 ? by_size[rank + 1] - by_size[rank] : 0;
        steps[k] = (below > above ? below : above) * 2.0F;
    }
    check_stored(&list, NULL,
                 &(struct expected){"x.weight", "fp4, blocks of 64", {2, 8}, 2, values, steps});
}

/* ggml's NVFP4 has no place for a scale of the whole; converters put it beside. */
static void gguf_nvfp4_is_multiplied_by_the_scale_beside_it(void **state)
{
    (void)state;
    struct temp_tree tree;
    struct stored_list list = {0};
    float plain[4 * 64];
    float values[4 * 64];
    uint8_t *const codes = ADD(&list, "blk.0.ffn_up.weight", "U8", 4 * 36);
    uint8_t *const scale = ADD(&list, "blk.0.ffn_up.scale", "F32", 2);
    for (unsigned i = 0; i < 4 * 36; i++) {
        codes[i] = (uint8_t)(i % 36 < 4 ? 0x30 + i % 7 : mix(i, 1, 256));
    }
    sva_decode_f32(SVA_DTYPE_NVFP4, codes, 0, 4 * 64, plain);
    for (unsigned k = 0; k < 4 * 64; k++) {
        values[k] = plain[k] * (k < 128 ? 0.7F : 0.3F);
    }
    const uint32_t big_endian[2] = {0x3333333F, 0x9A99993E}; /* .7 and .3, bytes reversed */
    memcpy(scale, big_endian, sizeof big_endian);
    tree_make(&tree);
    write_stored(&tree, "model.safetensors", &list, 0, list.count);
    struct sva_model *const model = tree_open(&tree, "");
    struct sva_parts *const parts = model->internal;
    static const uint64_t shape[3] = {2, 2, 64};
    struct sva_tensor *const tensors = parts->tensors.items;
    for (size_t i = 0; i < 2; i++) { /* as a big-endian GGUF file would say it */
        tensors[i].big_endian = true;
        if (tensors[i].dtype == SVA_DTYPE_U8) {
            tensors[i].dtype = SVA_DTYPE_NVFP4;
            tensors[i].rank = 3;
            tensors[i].shape = shape;
            tensors[i].element_count = 256;
        }
    }
    assert_int_equal(sva_packing_find(parts, NULL), SVA_OK);
    assert_int_equal(parts->tensors.count, 1);
    assert_int_equal(parts->assignments.count, 1);
    const struct expected expected = {
        "blk.0.ffn_up.weight", "nvfp4, blocks of 16", {2, 2, 64}, 3, values, NULL};
    assert_string_equal(tensors[0].form, expected.form);
    assert_int_equal(tensors[0].shape[0], 2);
    check_reads(model, &tensors[0], &expected, 256);
    check_reads(model, &tensors[0], &expected, 7);
    sva_model_close(model);
    tree_remove(&tree);
    free_stored(&list);
}

static void parts_are_listed_and_the_list_stays_sorted(void **state)
{
    (void)state;
    struct temp_tree tree;
    struct stored_list list = {0};
    tree_make(&tree);
    (void)ADD(&list, "b.weight_packed", "I32", 8, 4);
    (void)ADD(&list, "b.weight_scale", "F32", 8, 1);
    (void)ADD(&list, "b.bias", "F32", 8);
    (void)ADD(&list, "a.weight", "F8_E4M3", 8, 8);
    (void)ADD(&list, "a.weight_scale", "F32", 1);
    (void)ADD(&list, "a.k_scale", "F32", 1);
    (void)ADD(&list, "c.weight", "F8_E4M3", 8, 8);
    write_stored(&tree, "model.safetensors", &list, 0, list.count);
    struct sva_model *const model = tree_open(&tree, "");
    static const char *const names[] = {"a.k_scale", "a.weight", "b.bias", "b.weight", "c.weight"};
    assert_int_equal(model->tensor_count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(model->tensors[i].name, names[i]);
        assert_int_equal(model->tensors[i].dtype == SVA_DTYPE_PACKED, i == 1 || i == 3);
    }
    assert_int_equal(model->tensors[1].size_bytes, 64 + 4);
    assert_int_equal(model->tensors[3].offset_bytes, 0);
    assert_int_equal(count_findings(model, "quantised-set-incomplete"), 0);
    size_t count = 0;
    const struct sva_packed_part *const parts =
        sva_packing_parts(model->tensors[3].packing, &count);
    assert_int_equal(count, 2);
    assert_string_equal(parts[0].role, "codes");
    assert_string_equal(parts[0].stored.name, "b.weight_packed");
    assert_string_equal(parts[1].role, "scales");
    assert_views_cover(model);
    sva_model_close(model);
    tree_remove(&tree);
    free_stored(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fp8_with_blocks_partial_at_the_edges),
        cmocka_unit_test(scales_of_every_customary_shape_are_laid_over_the_matrix),
        cmocka_unit_test(int8_has_zero_points_and_an_order_that_may_be_void),
        cmocka_unit_test(bitsandbytes_int8_divides_its_row_scales_by_127),
        cmocka_unit_test(four_bit_floats_of_every_writer_are_read),
        cmocka_unit_test(mxfp8_of_both_writers_is_read),
        cmocka_unit_test(gpt_oss_blocks_are_experts_by_outputs_by_inputs),
        cmocka_unit_test(bitsandbytes_blocks_cross_rows_and_scales_have_scales),
        cmocka_unit_test(steps_of_a_table_are_the_larger_gap),
        cmocka_unit_test(gguf_nvfp4_is_multiplied_by_the_scale_beside_it),
        cmocka_unit_test(parts_are_listed_and_the_list_stays_sorted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
