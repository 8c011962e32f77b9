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

#include "base/hash.h"
#include "kernel/dequantise.h"
#include "kernel/dtype.h"
#include "kernel/float_bits.h"

enum { BLOCK_BYTES_MOST = 292, QUIET_NAN = 0x7FC00000 };

static uint8_t blocks[4 * BLOCK_BYTES_MOST];
static float values[256];

static void fill_with_noise(uint8_t *bytes, size_t size, uint64_t seed)
{
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)sva_mix64(seed << 32 | i);
    }
}

/* -- steps ------------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    const float x = *(const float *)a;
    const float y = *(const float *)b;
    return x < y ? -1 : x > y;
}

/* The larger gap beside `value` among all that the element can be when its byte changes. */
static float gap_by_trial(enum sva_dtype dtype, size_t byte, size_t element)
{
    static float possible[256];
    static float decoded[256];
    const uint8_t kept = blocks[byte];
    sva_dequantise(dtype, blocks, 1, decoded);
    const float value = decoded[element];
    for (unsigned pattern = 0; pattern < 256; pattern++) {
        blocks[byte] = (uint8_t)pattern;
        sva_dequantise(dtype, blocks, 1, decoded);
        possible[pattern] = decoded[element];
    }
    blocks[byte] = kept;
    qsort(possible, 256, sizeof possible[0], by_value);
    float gap = 0;
    for (size_t i = 1; i < 256; i++) {
        const float distance = possible[i] - possible[i - 1];
        const bool beside = possible[i] == value || possible[i - 1] == value;
        gap = beside && distance > gap ? distance : gap;
    }
    return gap;
}

/* Types of which one byte decides on an element, and that byte for an element. */
static void steps_are_the_gaps_between_codes(void **state)
{
    (void)state;
    static const struct {
        enum sva_dtype dtype;
        size_t first_byte; /* of the codes */
        size_t elements;   /* whose bytes are those from there on */
        size_t cleared;    /* two bytes that would make sums round: an offset, a long fraction */
    } cases[] = {
        {SVA_DTYPE_Q4_0, 2, 16, 16},  {SVA_DTYPE_Q4_1, 4, 16, 2},    {SVA_DTYPE_Q8_0, 2, 32, 32},
        {SVA_DTYPE_Q8_1, 4, 32, 2},   {SVA_DTYPE_Q2_K, 16, 32, 82},  {SVA_DTYPE_Q4_K, 16, 32, 2},
        {SVA_DTYPE_Q8_K, 4, 256, 0},  {SVA_DTYPE_IQ4_NL, 2, 16, 16}, {SVA_DTYPE_IQ4_XS, 8, 16, 2},
        {SVA_DTYPE_TQ1_0, 0, 32, 50}, {SVA_DTYPE_TQ2_0, 0, 32, 62},  {SVA_DTYPE_MXFP4, 1, 16, 15},
        {SVA_DTYPE_NVFP4, 4, 8, 34},  {SVA_DTYPE_Q1_0, 2, 1, 16},    {SVA_DTYPE_Q2_0, 2, 1, 16},
    };
    static float steps[256];
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        const enum sva_dtype dtype = cases[c].dtype;
        for (uint64_t seed = 0; seed < 8; seed++) {
            const size_t bytes = sva_dtype_get(dtype)->block_bytes;
            fill_with_noise(blocks, bytes, 1000 + seed);
            for (size_t i = 0; i < bytes; i++) {
                blocks[i] &= 0xBF; /* halves stay finite, exponents moderate */
            }
            memset(blocks + cases[c].cleared, 0, 2);
            sva_block_steps(dtype, blocks, 1, steps);
            for (size_t e = 0; e < cases[c].elements; e++) {
                const float gap = gap_by_trial(dtype, cases[c].first_byte + e, e);
                if (steps[e] != gap) {
                    fail_msg("%s element %zu: step %a, gap %a", sva_dtype_get(dtype)->name, e,
                             (double)steps[e], (double)gap);
                }
            }
        }
    }
}

static void steps_of_groups_are_their_scales(void **state)
{
    (void)state;
    static float steps[256];
    memset(blocks, 0, sizeof blocks);
    memcpy(blocks + 208, "\x00\xC0", 2); /* Q6_K, d = -2 */
    for (size_t g = 0; g < 16; g++) {
        blocks[192 + g] = (uint8_t)(g * 16); /* scales 0 to 112, -128 to -16 */
    }
    sva_block_steps(SVA_DTYPE_Q6_K, blocks, 1, steps);
    for (size_t e = 0; e < 256; e++) {
        const int scale = (int)(e / 16 * 16) - (e < 128 ? 0 : 256);
        assert_true(steps[e] == 2.0F * (float)abs(scale));
    }
    static const enum sva_dtype vectors[] = {SVA_DTYPE_IQ1_S,  SVA_DTYPE_IQ1_M, SVA_DTYPE_IQ2_XXS,
                                             SVA_DTYPE_IQ2_XS, SVA_DTYPE_IQ2_S, SVA_DTYPE_IQ3_XXS,
                                             SVA_DTYPE_IQ3_S};
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        steps[255] = 1;
        sva_block_steps(vectors[i], blocks, 1, steps);
        assert_true(steps[0] == 0 && steps[255] == 0);
    }
    memcpy(blocks, "\x01\xFE", 2); /* Q4_0 with a NaN as scale */
    sva_block_steps(SVA_DTYPE_Q4_0, blocks, 1, steps);
    assert_int_equal(sva_bits_of_float(steps[0]), QUIET_NAN);
}

/* -- big-endian files -------------------------------------------------------------------------- */

static void swapping_twice_changes_nothing(void **state)
{
    (void)state;
    for (unsigned d = SVA_DTYPE_Q4_0; d <= SVA_DTYPE_Q2_0; d++) {
        static uint8_t kept[3 * BLOCK_BYTES_MOST];
        const size_t bytes = 3 * (size_t)sva_dtype_get((enum sva_dtype)d)->block_bytes;
        fill_with_noise(blocks, bytes + 1, d);
        memcpy(kept, blocks, bytes);
        const uint8_t behind = blocks[bytes];
        sva_swap_blocks((enum sva_dtype)d, blocks, 3);
        const bool all_bytes = d == SVA_DTYPE_MXFP4 || d == SVA_DTYPE_NVFP4;
        assert_true((memcmp(kept, blocks, bytes) == 0) == all_bytes);
        assert_int_equal(blocks[bytes], behind);
        sva_swap_blocks((enum sva_dtype)d, blocks, 3);
        assert_memory_equal(kept, blocks, bytes);
    }
}

/* So many bytes of a block belong to scalars that are longer than a byte. */
static void every_long_scalar_is_swapped_and_nothing_else(void **state)
{
    (void)state;
    static const struct {
        enum sva_dtype dtype;
        size_t bytes;
    } cases[] = {
        {SVA_DTYPE_Q4_0, 2},       {SVA_DTYPE_Q4_1, 4},        {SVA_DTYPE_Q5_0, 2 + 4},
        {SVA_DTYPE_Q5_1, 4 + 4},   {SVA_DTYPE_Q8_0, 2},        {SVA_DTYPE_Q8_1, 4},
        {SVA_DTYPE_Q2_K, 4},       {SVA_DTYPE_Q3_K, 2},        {SVA_DTYPE_Q4_K, 4},
        {SVA_DTYPE_Q5_K, 4},       {SVA_DTYPE_Q6_K, 2},        {SVA_DTYPE_Q8_K, 4 + 32},
        {SVA_DTYPE_IQ2_XXS, 66},   {SVA_DTYPE_IQ2_XS, 2 + 64}, {SVA_DTYPE_IQ3_XXS, 2 + 32},
        {SVA_DTYPE_IQ1_S, 2 + 16}, {SVA_DTYPE_IQ4_NL, 2},      {SVA_DTYPE_IQ3_S, 2},
        {SVA_DTYPE_IQ2_S, 2},      {SVA_DTYPE_IQ4_XS, 4},      {SVA_DTYPE_IQ1_M, 8},
        {SVA_DTYPE_TQ1_0, 2},      {SVA_DTYPE_TQ2_0, 2},       {SVA_DTYPE_MXFP4, 0},
        {SVA_DTYPE_NVFP4, 0},      {SVA_DTYPE_Q1_0, 2},        {SVA_DTYPE_Q2_0, 2},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        const size_t bytes = sva_dtype_get(cases[c].dtype)->block_bytes;
        for (size_t i = 0; i < bytes; i++) {
            blocks[i] = (uint8_t)i;
        }
        sva_swap_blocks(cases[c].dtype, blocks, 1);
        size_t moved = 0;
        for (size_t i = 0; i < bytes; i++) {
            moved += blocks[i] != (uint8_t)i;
        }
        assert_int_equal(moved, cases[c].bytes);
    }
}

/* Blocks as a big-endian writer leaves them, fields one by one, and the values they mean. */
static void swapped_blocks_mean_what_was_written(void **state)
{
    (void)state;
    static const struct {
        enum sva_dtype dtype;
        size_t at; /* where `hex` stands; the scale, where it is elsewhere, is 1 */
        const char *hex;
        size_t scale_at;
        size_t element;
        double value;
    } cases[] = {
        {SVA_DTYPE_Q8_0, 0, "3c0005", 0, 0, 5},
        {SVA_DTYPE_Q5_1, 0,
         "3c004000"
         "80000000",
         0, 31, 18},
        {SVA_DTYPE_Q5_0, 0,
         "3c00"
         "00000001",
         0, 0, 0},
        {SVA_DTYPE_Q4_K, 0,
         "3c00bc00"
         "00000000"
         "03000000",
         0, 0, 3},
        {SVA_DTYPE_Q2_K, 16, "03", 80, 0, 0},
        {SVA_DTYPE_Q8_K, 0,
         "bf800000"
         "02",
         0, 0, -2},
        {SVA_DTYPE_IQ4_XS, 0,
         "3c00"
         "8000",
         0, 0, 32 * 127},
        {SVA_DTYPE_IQ4_XS, 0,
         "3c00"
         "8000",
         0, 255, 0},
        {SVA_DTYPE_IQ1_M, 48,
         "0000"
         "0000"
         "c000"
         "3000",
         48, 0, -0.875},
        {SVA_DTYPE_IQ1_S, 34, "9000", 0, 0, -3 * 1.125},
        {SVA_DTYPE_IQ3_XXS, 66, "10000001", 0, 0, -3},
        {SVA_DTYPE_IQ2_XS, 2, "0200", 0, 0, -1},
        {SVA_DTYPE_IQ2_XXS, 6, "00000001", 0, 0, -1},
        {SVA_DTYPE_TQ2_0, 0, "02", 64, 0, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        memset(blocks, 0, BLOCK_BYTES_MOST);
        if (cases[i].dtype != SVA_DTYPE_Q8_K && cases[i].dtype != SVA_DTYPE_IQ1_M) {
            memcpy(blocks + cases[i].scale_at, "\x3C\x00", 2);
        }
        const size_t digits = strlen(cases[i].hex);
        assert_true(sva_unhex(cases[i].hex, digits, blocks + cases[i].at, digits / 2));
        sva_swap_blocks(cases[i].dtype, blocks, 1);
        sva_dequantise(cases[i].dtype, blocks, 1, values);
        if ((double)values[cases[i].element] != cases[i].value) {
            fail_msg("%s: %.9g instead of %.9g", sva_dtype_get(cases[i].dtype)->name,
                     (double)values[cases[i].element], cases[i].value);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_the_gaps_between_codes),
        cmocka_unit_test(steps_of_groups_are_their_scales),
        cmocka_unit_test(swapping_twice_changes_nothing),
        cmocka_unit_test(every_long_scalar_is_swapped_and_nothing_else),
        cmocka_unit_test(swapped_blocks_mean_what_was_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
