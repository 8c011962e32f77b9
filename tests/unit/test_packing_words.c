/* SPDX-License-Identifier: Apache-2.0 */
/* Codes in words of 32 bits: GPTQ, AWQ, compressed-tensors, MLX. Each test packs codes by the
   layout's definition, bit by bit, and expects (code - zero) * scale back. */
#include "packing_files.h"

/** A matrix of codes, its scales and zeros, and what they must decode to. */
struct matrix {
    uint64_t rows, columns, group, groups;
    unsigned bits;
    uint32_t *order;
    float *values, *steps;
};

static unsigned code_at(const struct matrix *m, uint64_t row, uint64_t column)
{
    return mix(row, column, 1U << m->bits);
}

static unsigned zero_at(const struct matrix *m, uint64_t row, uint64_t group)
{
    return mix(row + 77, group + 5, 1U << m->bits);
}

/* powers of two and halves between: exact in F16 and BF16 */
static float scale_at(uint64_t row, uint64_t group)
{
    return (float)(1 + mix(row, group + 100, 7)) / 64.0F;
}

static uint64_t group_at(const struct matrix *m, uint64_t column)
{
    return m->order != NULL ? m->order[column] : column / m->group;
}

static void make_matrix(struct matrix *m, uint64_t rows, uint64_t columns, uint64_t group,
                        unsigned bits)
{
    *m = (struct matrix){.rows = rows, .columns = columns, .group = group, .bits = bits};
    m->groups = (columns + group - 1) / group;
    m->values = calloc((size_t)(rows * columns), sizeof(float));
    m->steps = calloc((size_t)(rows * columns), sizeof(float));
    assert_true(m->values != NULL && m->steps != NULL);
}

static void shuffle_order(struct matrix *m)
{
    m->order = calloc((size_t)m->columns, sizeof *m->order);
    for (uint64_t i = 0; i < m->columns; i++) {
        m->order[i] = (uint32_t)((i * 5 + 3) % m->columns / m->group);
    }
}

static void done_matrix(struct matrix *m)
{
    free(m->order);
    free(m->values);
    free(m->steps);
}

/** F16 of k / 64 for k below 8: exact. */
static void put_f16(uint8_t *bytes, size_t at, float value)
{
    static const uint16_t halves[8] = {0x0000, 0x2400, 0x2800, 0x2A00,
                                       0x2C00, 0x2D00, 0x2E00, 0x2F00};
    const uint16_t half = halves[(unsigned)(value * 64.0F)];
    bytes[2 * at] = (uint8_t)half;
    bytes[2 * at + 1] = (uint8_t)(half >> 8);
}

static void gptq_case(uint64_t rows, uint64_t columns, uint64_t group, unsigned bits, bool v2,
                      bool acts)
{
    struct matrix m;
    struct stored_list list = {0};
    char form[96];
    make_matrix(&m, rows, columns, group, bits);
    if (acts) {
        shuffle_order(&m);
    }
    uint8_t *const codes =
        ADD(&list, "model.layers.0.mlp.up_proj.qweight", "I32", columns * bits / 32, rows);
    uint8_t *const zeros =
        ADD(&list, "model.layers.0.mlp.up_proj.qzeros", "I32", m.groups, (rows * bits + 31) / 32);
    uint8_t *const scales = ADD(&list, "model.layers.0.mlp.up_proj.scales", "F16", m.groups, rows);
    uint8_t *const order = ADD(&list, "model.layers.0.mlp.up_proj.g_idx", "I32", columns);
    for (uint64_t o = 0; o < rows; o++) {
        for (uint64_t i = 0; i < columns; i++) {
            const unsigned code = code_at(&m, o, i);
            const uint64_t g = group_at(&m, i);
            for (unsigned b = 0; b < bits; b++) { /* bit b of input i: in which word, which bit */
                const uint64_t place = i * bits + b;
                const uint64_t word = place / 32 * rows + o;
                codes[word * 4 + place % 32 / 8] |= (uint8_t)((code >> b & 1U) << (place % 8));
            }
            m.values[o * columns + i] = ((float)code - (float)zero_at(&m, o, g)) * scale_at(o, g);
            m.steps[o * columns + i] = scale_at(o, g);
        }
        for (uint64_t g = 0; g < m.groups; g++) {
            const unsigned mask = (1U << bits) - 1U;
            const unsigned stored = (zero_at(&m, o, g) - (v2 ? 0U : 1U)) & mask;
            put_code(zeros + g * ((rows * bits + 31) / 32) * 4, o * bits, bits, stored);
            put_f16(scales, (size_t)(g * rows + o), scale_at(o, g));
        }
    }
    for (uint64_t i = 0; i < columns; i++) {
        put_u32(order, (size_t)i, (uint32_t)group_at(&m, i));
    }
    snprintf(form, sizeof form, "gptq, %u bits, groups of %llu%s", bits, (unsigned long long)group,
             acts ? ", act-order" : "");
    const char *const config = v2 ? "{\"quantization_config\":{\"checkpoint_format\":\"gptq_v2\"}}"
                                  : "{\"quantization_config\":{\"quant_method\":\"gptq\"}}";
    const struct expected expected = {
        "model.layers.0.mlp.up_proj.weight", form, {rows, columns}, 2, m.values, m.steps};
    check_big_endian(&list, config, &expected);
    check_stored(&list, config, &expected);
    done_matrix(&m);
}

static void gptq_of_2_3_4_and_8_bits_is_turned_and_its_zeros_wrap(void **state)
{
    (void)state;
    static const unsigned widths[] = {2, 3, 4, 8};
    for (size_t i = 0; i < 4; i++) {
        gptq_case(32, 64, 32, widths[i], false, false);
        gptq_case(64, 96, 32, widths[i], true, false);
        gptq_case(96, 128, 64, widths[i], false, true);
    }
}

static void gptq_with_groups_that_do_not_divide_the_inputs_is_read(void **state)
{
    (void)state;
    gptq_case(32, 160, 128, 4, false, false);
    gptq_case(8, 8, 8, 4, false, false);
}

static void gptq_larger_than_a_tile_is_read_whole(void **state)
{
    (void)state;
    gptq_case(520, 16384, 128, 4, false, true);
    gptq_case(512, 12288, 128, 3, false, false);
}

/* The third value of awq_gemm_nibble_to_column: the order of columns in a word. */
static void awq_has_its_own_order_of_columns_and_zeros_as_they_are(void **state)
{
    (void)state;
    static const unsigned column_of[8] = {0, 2, 4, 6, 1, 3, 5, 7};
    static const uint64_t shapes[][3] = {{16, 64, 32}, {8, 128, 128}, {264, 16384, 128}};
    for (size_t k = 0; k < 3; k++) {
        struct matrix m;
        struct stored_list list = {0};
        char form[96];
        make_matrix(&m, shapes[k][0], shapes[k][1], shapes[k][2], 4);
        uint8_t *const codes = ADD(&list, "a.qweight", "I32", m.columns, m.rows / 8);
        uint8_t *const zeros = ADD(&list, "a.qzeros", "I32", m.groups, m.rows / 8);
        uint8_t *const scales = ADD(&list, "a.scales", "F16", m.groups, m.rows);
        for (uint64_t i = 0; i < m.columns; i++) {
            for (uint64_t word = 0; word < m.rows / 8; word++) {
                for (unsigned n = 0; n < 8; n++) {
                    const uint64_t o = word * 8 + column_of[n];
                    const unsigned code = code_at(&m, o, i);
                    put_code(codes, (i * (m.rows / 8) + word) * 32 + 4 * n, 4, code);
                    const uint64_t g = i / m.group;
                    if (i % m.group == 0) {
                        put_code(zeros, (g * (m.rows / 8) + word) * 32 + 4 * n, 4,
                                 zero_at(&m, o, g));
                        put_f16(scales, (size_t)(g * m.rows + o), scale_at(o, g));
                    }
                    m.values[o * m.columns + i] =
                        ((float)code - (float)zero_at(&m, o, g)) * scale_at(o, g);
                    m.steps[o * m.columns + i] = scale_at(o, g);
                }
            }
        }
        snprintf(form, sizeof form, "awq, 4 bits, groups of %llu", (unsigned long long)m.group);
        const struct expected expected = {"a.weight", form,     {m.rows, m.columns},
                                          2,          m.values, m.steps};
        check_big_endian(&list, NULL, &expected);
        check_stored(&list, NULL, &expected);
        done_matrix(&m);
    }
}

/* 0x76543210: nibble n is n, and holds column 0, 2, 4, 6, 1, 3, 5, 7. Zeros 1, scales 1. */
static void awq_word_written_by_hand(void **state)
{
    (void)state;
    static const float values[8] = {0 - 1, 4 - 1, 1 - 1, 5 - 1, 2 - 1, 6 - 1, 3 - 1, 7 - 1};
    struct stored_list list = {0};
    put_u32(ADD(&list, "x.qweight", "I32", 1, 1), 0, 0x76543210);
    put_u32(ADD(&list, "x.qzeros", "I32", 1, 1), 0, 0x11111111);
    uint8_t *const scales = ADD(&list, "x.scales", "F32", 1, 8);
    for (size_t i = 0; i < 8; i++) {
        put_f32(scales, i, 1.0F);
    }
    check_stored(
        &list, NULL,
        &(struct expected){"x.weight", "awq, 4 bits, groups of 1", {8, 1}, 2, values, NULL});
}

enum { DENSE, PADDED };

static void packed_case(unsigned bits, int layout, bool zeros_too, bool acts)
{
    struct matrix m;
    struct stored_list list = {0};
    char form[96];
    char config[160];
    const unsigned per_word = 32 / bits;
    const unsigned half = 1U << (bits - 1);
    make_matrix(&m, 45, 85, 16, bits); /* nothing divides anything, and the layouts differ */
    if (acts) {
        shuffle_order(&m);
    }
    const uint64_t words =
        layout == DENSE ? (m.columns * bits + 31) / 32 : (m.columns + per_word - 1) / per_word;
    const uint64_t zero_words =
        layout == DENSE ? (m.rows * bits + 31) / 32 : (m.rows + per_word - 1) / per_word;
    uint8_t *const codes = ADD(&list, "m.weight_packed", "I32", m.rows, words);
    uint8_t *const scales = ADD(&list, "m.weight_scale", "BF16", m.rows, m.groups);
    uint8_t *const shape = ADD(&list, "m.weight_shape", "I64", 2);
    uint8_t *const zeros =
        zeros_too ? ADD(&list, "m.weight_zero_point", "I32", zero_words, m.groups) : NULL;
    uint8_t *const order = acts ? ADD(&list, "m.weight_g_idx", "I32", m.columns) : NULL;
    shape[0] = (uint8_t)m.rows;
    shape[8] = (uint8_t)m.columns;
    for (uint64_t o = 0; o < m.rows; o++) {
        for (uint64_t i = 0; i < m.columns; i++) {
            const unsigned code = code_at(&m, o, i);
            const uint64_t g = group_at(&m, i);
            const uint64_t place =
                layout == DENSE ? i * bits : i / per_word * 32 + i % per_word * bits;
            put_code(codes + o * words * 4, place, bits, code);
            const float zero = zeros_too ? (float)zero_at(&m, o, g) - (float)half : 0.0F;
            m.values[o * m.columns + i] = ((float)code - (float)half - zero) * scale_at(o, g);
            m.steps[o * m.columns + i] = scale_at(o, g);
        }
        for (uint64_t g = 0; g < m.groups; g++) {
            put_bf16(scales, (size_t)(o * m.groups + g), scale_at(o, g));
            for (unsigned b = 0; zeros_too && b < bits; b++) {
                const uint64_t place =
                    (layout == DENSE ? o * bits : o / per_word * 32 + o % per_word * bits) + b;
                zeros[(place / 32 * m.groups + g) * 4 + place % 32 / 8] |=
                    (uint8_t)((zero_at(&m, o, g) >> b & 1U) << (place % 8));
            }
        }
    }
    for (uint64_t i = 0; acts && i < m.columns; i++) {
        put_u32(order, (size_t)i, m.order[i]);
    }
    snprintf(form, sizeof form, "compressed-tensors int%u, groups of 16", bits);
    snprintf(config, sizeof config,
             "{\"quantization_config\":{\"config_groups\":{\"group_0\":{\"weights\":"
             "{\"num_bits\":%u,\"group_size\":16}}}}}",
             bits);
    const struct expected expected = {"m.weight", form, {m.rows, m.columns}, 2, m.values, m.steps};
    check_big_endian(&list, config, &expected);
    check_stored(&list, config, &expected);
    done_matrix(&m);
}

static void compressed_tensors_words_are_read_dense_and_padded(void **state)
{
    (void)state;
    for (unsigned bits = 2; bits <= 8; bits++) {
        packed_case(bits, DENSE, false, false);
        packed_case(bits, DENSE, true, false);
        packed_case(bits, PADDED, true, true);
    }
}

static void mlx_case(unsigned bits, uint64_t group, bool configured)
{
    struct matrix m;
    struct stored_list list = {0};
    char form[96];
    char config[128];
    make_matrix(&m, 6, 256, group, bits); /* three experts of two rows */
    const uint64_t words = m.columns * bits / 32;
    uint8_t *const codes = ADD(&list, "s.weight", "U32", 3, 2, words);
    uint8_t *const scales = ADD(&list, "s.scales", "BF16", 3, 2, m.groups);
    uint8_t *const biases = ADD(&list, "s.biases", "BF16", 3, 2, m.groups);
    for (uint64_t o = 0; o < m.rows; o++) {
        for (uint64_t i = 0; i < m.columns; i++) {
            const uint64_t g = i / group;
            put_code(codes + o * words * 4, i * bits, bits, code_at(&m, o, i));
            m.values[o * m.columns + i] = (float)code_at(&m, o, i) * -scale_at(o, g);
            m.values[o * m.columns + i] += scale_at(o + 9, g);
            m.steps[o * m.columns + i] = scale_at(o, g);
        }
        for (uint64_t g = 0; g < m.groups; g++) {
            put_bf16(scales, (size_t)(o * m.groups + g), -scale_at(o, g));
            put_bf16(biases, (size_t)(o * m.groups + g), scale_at(o + 9, g));
        }
    }
    snprintf(form, sizeof form, "mlx, %u bits, groups of %llu", bits, (unsigned long long)group);
    /* what holds for all is wrong, what is said of the module is right */
    snprintf(
        config, sizeof config,
        "{\"quantization\":{\"bits\":4,\"group_size\":64,\"s\":{\"bits\":%u,\"group_size\":%u}}}",
        bits, (unsigned)group);
    check_stored(&list, configured ? config : NULL,
                 &(struct expected){"s.weight", form, {3, 2, m.columns}, 3, m.values, m.steps});
    done_matrix(&m);
}

static void mlx_of_every_width_is_one_stream_of_bits(void **state)
{
    (void)state;
    static const unsigned widths[] = {2, 3, 4, 5, 6, 8};
    for (size_t i = 0; i < 6; i++) {
        mlx_case(widths[i], 64, false);
        mlx_case(widths[i], 32, true);
        mlx_case(widths[i], 128, true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gptq_of_2_3_4_and_8_bits_is_turned_and_its_zeros_wrap),
        cmocka_unit_test(gptq_with_groups_that_do_not_divide_the_inputs_is_read),
        cmocka_unit_test(gptq_larger_than_a_tile_is_read_whole),
        cmocka_unit_test(awq_has_its_own_order_of_columns_and_zeros_as_they_are),
        cmocka_unit_test(awq_word_written_by_hand),
        cmocka_unit_test(compressed_tensors_words_are_read_dense_and_padded),
        cmocka_unit_test(mlx_of_every_width_is_one_stream_of_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
