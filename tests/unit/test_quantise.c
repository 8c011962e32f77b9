/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cpu.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "kernel/dequantise.h"
#include "kernel/dtype.h"
#include "kernel/float_bits.h"
#include "kernel/quantise.h"

enum { COUNT = 512 * 32 };

static float values[COUNT];
static uint8_t bytes[4 * COUNT];

static const enum sva_dtype kinds[] = {SVA_DTYPE_F16,  SVA_DTYPE_BF16, SVA_DTYPE_Q8_0,
                                       SVA_DTYPE_Q4_0, SVA_DTYPE_Q4_1, SVA_DTYPE_Q5_0,
                                       SVA_DTYPE_Q5_1, SVA_DTYPE_MXFP4};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static void the_types_with_a_quantiser_are_eight(void **state)
{
    (void)state;
    unsigned count = 0;
    for (unsigned d = 0; d < SVA_DTYPE_COUNT; d++) {
        count += sva_quantiser_exists((enum sva_dtype)d);
    }
    assert_int_equal(count, KINDS);
    for (size_t i = 0; i < KINDS; i++) {
        assert_true(sva_quantiser_exists(kinds[i]));
    }
    bytes[0] = 99;
    sva_quantise(SVA_DTYPE_Q4_K, values, 256, bytes);
    assert_int_equal(bytes[0], 99);
}

/*
 * What ggml d99724f2 on x86-64 makes of 512 blocks, as XXH3-64: of numbers of many sizes, and of
 * any bits whatever, NaN and infinities among them.
 */
static const struct {
    enum sva_dtype dtype;
    uint64_t ordinary;
    uint64_t wild;
} known[] = {
    {SVA_DTYPE_Q8_0, UINT64_C(0x7847718DDACDE95D), UINT64_C(0x9B69AD9AA6270AA2)},
    {SVA_DTYPE_Q4_0, UINT64_C(0x08E78ADBCE1B0EC0), UINT64_C(0x663CF0EFB0915BA8)},
    {SVA_DTYPE_Q4_1, UINT64_C(0x4B956BC072D41869), UINT64_C(0x2A1FC35DDD6D5E24)},
    {SVA_DTYPE_Q5_0, UINT64_C(0xB22A02E1A4FBE036), UINT64_C(0xE38167885C1BA3D6)},
    {SVA_DTYPE_Q5_1, UINT64_C(0xFECDD00B7F004F34), UINT64_C(0x73E31FDA5A63D759)},
    {SVA_DTYPE_MXFP4, UINT64_C(0xF9F03BFFCDA375B5), UINT64_C(0xEBBE4CED82C8272F)},
};

static void fill_with_numbers(void)
{
    for (size_t i = 0; i < COUNT; i++) {
        const int whole = (int)(sva_mix64(i) >> 40) - (1 << 23);
        values[i] = ldexpf((float)whole, -24 - (int)(i / 32 % 12));
    }
}

static void fill_with_any_bits(void)
{
    for (size_t i = 0; i < COUNT; i++) {
        values[i] = sva_float_of_bits((uint32_t)(sva_mix64(i) >> 16));
    }
}

static uint64_t hash_of(enum sva_dtype dtype)
{
    sva_quantise(dtype, values, COUNT, bytes);
    return sva_xxh3(bytes, (size_t)COUNT / 32 * sva_dtype_get(dtype)->block_bytes, 0);
}

static void numbers_become_the_bytes_that_ggml_writes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        fill_with_numbers();
        if (hash_of(known[i].dtype) != known[i].ordinary) {
            fail_msg("%s", sva_dtype_get(known[i].dtype)->name);
        }
        fill_with_any_bits();
        if (hash_of(known[i].dtype) != known[i].wild) {
            fail_msg("%s of any bits", sva_dtype_get(known[i].dtype)->name);
        }
    }
}

/* -- the published rows ---------------------------------------------------------------------------
 */

static uint8_t *golden; /* the file, NUL-terminated */

static int read_golden(void **state)
{
    (void)state;
    size_t size;
    if (sva_read_file(SVA_SHARED_DIR "/data/formats/ggml_quant_golden.json", 1 << 20, &golden,
                      &size, NULL) != SVA_OK) {
        golden = NULL;
    }
    return 0;
}

static int free_golden(void **state)
{
    (void)state;
    sva_free(golden);
    return 0;
}

/* The text of string `row` of the list under `key`. */
static const char *golden_row(const char *key, size_t row, size_t *length)
{
    char quoted[40];
    (void)snprintf(quoted, sizeof quoted, "\"%s\":", key);
    const char *text = strstr((const char *)golden, quoted);
    assert_non_null(text);
    text += strlen(quoted);
    for (size_t i = 0; i <= row; i++) {
        text = strchr(text, '"') + 1;
        *length = strcspn(text, "\"");
        if (i < row) {
            text += *length + 1;
        }
    }
    return text;
}

static void golden_rows_are_met_byte_for_byte(void **state)
{
    (void)state;
    static const char *const keys[KINDS] = {"f16",  "bf16", "q8_0", "q4_0",
                                            "q4_1", "q5_0", "q5_1", "mxfp4"};
    enum { ROW = 256, ROWS = 4 };
    if (golden == NULL) {
        skip();
    }
    for (size_t row = 0; row < ROWS; row++) {
        size_t length;
        const char *text = golden_row("input_f32_bits_rows", row, &length);
        assert_int_equal(length, 8 * ROW);
        for (size_t i = 0; i < ROW; i++) {
            char digits[9] = {0};
            memcpy(digits, text + 8 * i, 8);
            values[i] = sva_float_of_bits((uint32_t)strtoul(digits, NULL, 16));
        }
        for (size_t k = 0; k < KINDS; k++) {
            static uint8_t expected[4 * ROW];
            const struct sva_dtype_info *const info = sva_dtype_get(kinds[k]);
            const size_t size = (size_t)ROW / info->block_elements * info->block_bytes;
            text = golden_row(keys[k], row, &length);
            assert_int_equal(length, 2 * size);
            assert_true(sva_unhex(text, length, expected, size));
            sva_quantise(kinds[k], values, ROW, bytes);
            assert_memory_equal(bytes, expected, size);
        }
    }
}

/* -- single cases ------------------------------------------------------------------------------ */

static void sixteen_bits_are_rounded_to_even(void **state)
{
    (void)state;
    static const struct {
        uint32_t value;
        uint16_t half;
        uint16_t bfloat;
    } cases[] = {
        {0x3F800000, 0x3C00, 0x3F80}, {0x80000000, 0x8000, 0x8000},
        {0x3F801000, 0x3C00, 0x3F80}, /* halfway between two halves: the even one */
        {0x3F803000, 0x3C02, 0x3F80}, {0x3F801001, 0x3C01, 0x3F80},
        {0x3F808000, 0x3C04, 0x3F80}, {0x3F818000, 0x3C0C, 0x3F82},
        {0x477FEFFF, 0x7BFF, 0x4780}, /* below 65520 */
        {0x477FF000, 0x7C00, 0x4780}, {0x7F7FFFFF, 0x7C00, 0x7F80},
        {0x7F800000, 0x7C00, 0x7F80}, {0xFF800000, 0xFC00, 0xFF80},
        {0x33000000, 0x0000, 0x3300}, /* 2^-25: halfway to the smallest half */
        {0x33000001, 0x0001, 0x3300}, {0x33C00000, 0x0002, 0x33C0},
        {0x387FE000, 0x0400, 0x3880}, {0x387FC000, 0x03FF, 0x3880},
        {0x00000001, 0x0000, 0x0000}, {0x00018000, 0x0000, 0x0002},
        {0x7F800001, 0x7E00, 0x7FC0}, {0xFFABCDEF, 0xFE00, 0xFFEB},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const float value = sva_float_of_bits(cases[i].value);
        sva_quantise(SVA_DTYPE_F16, &value, 1, bytes);
        assert_int_equal(bytes[0] | bytes[1] << 8, cases[i].half);
        sva_quantise(SVA_DTYPE_BF16, &value, 1, bytes);
        assert_int_equal(bytes[0] | bytes[1] << 8, cases[i].bfloat);
    }
}

static void every_half_comes_back(void **state)
{
    (void)state;
    for (uint32_t half = 0; half < 65536; half++) {
        const float value = sva_float_of_half((uint16_t)half);
        if (!isnan(value)) {
            sva_quantise(SVA_DTYPE_F16, &value, 1, bytes);
            assert_int_equal(bytes[0] | bytes[1] << 8, half);
        }
    }
}

/* Blocks of one number and 31 others: the first bytes that come out. */
static void blocks_of_strange_numbers_are_defined(void **state)
{
    (void)state;
    static const struct {
        enum sva_dtype dtype;
        float first; /* the others are `rest` */
        float rest;
        const char *hex;
    } cases[] = {
        {SVA_DTYPE_Q8_0, 0.0F, 0.0F, "00000000"},
        {SVA_DTYPE_Q8_0, 127.0F, -0.5F, "003c7fff"}, /* halves go away from zero */
        {SVA_DTYPE_Q8_0, 127.0F, 0.49999997F, "003c7f00"},
        {SVA_DTYPE_Q8_0, NAN, 127.0F, "003c007f"}, /* NaN counts for nothing */
        {SVA_DTYPE_Q8_0, INFINITY, 1.0F, "007c0000"},
        {SVA_DTYPE_Q8_0, 0x1p-149F, 0x1p-149F, "00000000"},
        {SVA_DTYPE_Q8_0, 0x1p-140F, 0.0F, "00000000"}, /* the factor is infinite */
        {SVA_DTYPE_Q8_0, 0x1.fffffep127F, 1.0F, "007c7f00"},
        {SVA_DTYPE_Q4_0, -8.0F, 7.0F, "003cf0"},
        {SVA_DTYPE_Q4_0, NAN, NAN, "008000"},
        {SVA_DTYPE_Q4_1, -0.0F, 0.0F, "00000080"}, /* of zeros the first */
        {SVA_DTYPE_Q4_1, 0.0F, -0.0F, "00000000"},
        {SVA_DTYPE_Q4_1, -0.0F, NAN, "00000080"},
        {SVA_DTYPE_Q4_0, -0.0F, 0.0F, "0080"},
        {SVA_DTYPE_Q4_1, NAN, NAN, "00fc007c00"}, /* no least, no greatest value */
        {SVA_DTYPE_Q4_1, 0x1.8p127F, -0x1.8p127F, "007c00fc00"},
        {SVA_DTYPE_Q5_1, INFINITY, 1.0F, "007c003c00"},
        {SVA_DTYPE_MXFP4, 0.0F, 0.0F, "0000"},
        {SVA_DTYPE_MXFP4, NAN, 6.0F, "7f70"},
        {SVA_DTYPE_MXFP4, INFINITY, 1.0F, "0000"},
        {SVA_DTYPE_MXFP4, 0x1p-126F, 0.0F, "ff00"}, /* exponent -1 as ggml stores it */
        {SVA_DTYPE_MXFP4, 0x1p-149F, 0.0F, "e800"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t j = 0; j < 32; j++) {
            values[j] = j == 0 ? cases[i].first : cases[i].rest;
        }
        const size_t digits = strlen(cases[i].hex);
        uint8_t expected[8];
        assert_true(sva_unhex(cases[i].hex, digits, expected, digits / 2));
        sva_quantise(cases[i].dtype, values, 32, bytes);
        if (memcmp(bytes, expected, digits / 2) != 0) {
            fail_msg("case %zu, %s: %02x%02x%02x%02x%02x instead of %s", i,
                     sva_dtype_get(cases[i].dtype)->name, bytes[0], bytes[1], bytes[2], bytes[3],
                     bytes[4], cases[i].hex);
        }
    }
}

/*
 * The exponent that MXFP4 takes is floor(log2f(x)) of a correctly rounded logarithm: compared with
 * the logarithm in long double, rounded to float, below every power of two.
 */
static void the_exponent_of_mxfp4_follows_the_rounded_logarithm(void **state)
{
    (void)state;
    for (int power = -124; power <= 127; power++) {
        const uint32_t at = (uint32_t)(power + 127) << 23;
        for (uint32_t below = 0; below < 120; below++) {
            values[0] = sva_float_of_bits(at - below);
            memset(values + 1, 0, 31 * sizeof values[0]);
            sva_quantise(SVA_DTYPE_MXFP4, values, 32, bytes);
            const float rounded = (float)log2l((long double)values[0]);
            assert_int_equal(bytes[0], (uint8_t)((int)floorf(rounded) + 125));
        }
    }
}

static void what_was_rounded_once_stays_so(void **state)
{
    (void)state;
    static const enum sva_dtype stable[] = {SVA_DTYPE_F16, SVA_DTYPE_BF16, SVA_DTYPE_MXFP4};
    static float decoded[COUNT];
    static float again[COUNT];
    for (size_t i = 0; i < sizeof stable / sizeof stable[0]; i++) {
        fill_with_numbers();
        sva_quantise(stable[i], values, COUNT, bytes);
        sva_decode_f32(stable[i], bytes, 0, COUNT, decoded);
        assert_memory_not_equal(values, decoded, sizeof values);
        sva_quantise(stable[i], decoded, COUNT, bytes);
        sva_decode_f32(stable[i], bytes, 0, COUNT, again);
        assert_memory_equal(again, decoded, sizeof decoded);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_types_with_a_quantiser_are_eight),
        cmocka_unit_test(numbers_become_the_bytes_that_ggml_writes),
        cmocka_unit_test_setup_teardown(golden_rows_are_met_byte_for_byte, read_golden,
                                        free_golden),
        cmocka_unit_test(sixteen_bits_are_rounded_to_even),
        cmocka_unit_test(every_half_comes_back),
        cmocka_unit_test(blocks_of_strange_numbers_are_defined),
        cmocka_unit_test(the_exponent_of_mxfp4_follows_the_rounded_logarithm),
        cmocka_unit_test(what_was_rounded_once_stays_so),
    };
    int failed = 0;
    for (int level = 0; level < SVA_CPU_LEVELS; level++) {
        const bool runs = sva_cpu_use((enum sva_cpu_level)level);
        failed += runs ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
    }
    return failed;
}
