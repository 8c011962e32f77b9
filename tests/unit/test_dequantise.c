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
#include "kernel/block_codes.h"
#include "kernel/block_layouts.h"
#include "kernel/dequantise.h"
#include "kernel/dtype.h"

enum { BLOCKS = 64, BLOCK_BYTES_MOST = 292, QUIET_NAN = 0x7FC00000 };

static uint8_t blocks[BLOCKS * BLOCK_BYTES_MOST + 1];
static float values[BLOCKS * 256];
static float others[BLOCKS * 256];

static void fill_with_noise(uint8_t *bytes, size_t size, uint64_t seed)
{
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)sva_mix64(seed << 32 | i);
    }
}

static void use_level(unsigned level)
{
    assert_true(sva_cpu_use((enum sva_cpu_level)level));
}

static int back_to_the_best_level(void **state)
{
    (void)state;
    return sva_cpu_use(sva_cpu_best()) ? 0 : 1;
}

static void layouts_agree_with_the_dtype_table(void **state)
{
    (void)state;
    unsigned count = 0;
#define CHECK(name, dtype, elements, bytes, group, moved)                                          \
    assert_int_equal(sva_dtype_get(SVA_DTYPE_##dtype)->block_elements, elements);                  \
    assert_int_equal(sva_dtype_get(SVA_DTYPE_##dtype)->block_bytes, bytes);                        \
    assert_int_equal((elements) % (group), 0);                                                     \
    assert_true((elements) / (group) <= SVA_GROUPS_MOST && (elements) <= SVA_BLOCK_MOST);          \
    assert_true(sva_dtype_get(SVA_DTYPE_##dtype)->decodable);                                      \
    count++;
    SVA_BLOCK_LAYOUTS(CHECK)
    assert_int_equal(count, SVA_DTYPE_Q2_0 - SVA_DTYPE_Q4_0 + 1);
}

/* -- against ggml -------------------------------------------------------------------------------
 */

/* What ggml d99724f2 makes of 64 blocks of noise, every NaN united, low byte first, as XXH3-64. */
static const struct {
    enum sva_dtype dtype;
    uint64_t hash;
} known[] = {
    {SVA_DTYPE_Q4_0, UINT64_C(0x8073048BAC68AF73)},
    {SVA_DTYPE_Q4_1, UINT64_C(0x006CA32442B7A3C2)},
    {SVA_DTYPE_Q5_0, UINT64_C(0x70C6AE85315CC390)},
    {SVA_DTYPE_Q5_1, UINT64_C(0x01F7581806F541B5)},
    {SVA_DTYPE_Q8_0, UINT64_C(0x4D6EA6518775115D)},
    {SVA_DTYPE_Q2_K, UINT64_C(0xD29386344B0060CD)},
    {SVA_DTYPE_Q3_K, UINT64_C(0x419A90F2B11C0EBB)},
    {SVA_DTYPE_Q4_K, UINT64_C(0xC942F301EC9AB6F4)},
    {SVA_DTYPE_Q5_K, UINT64_C(0x52B58C1D2BB353F5)},
    {SVA_DTYPE_Q6_K, UINT64_C(0xD3122656C37371B9)},
    {SVA_DTYPE_Q8_K, UINT64_C(0xE80F2F11D1670ADE)},
    {SVA_DTYPE_IQ2_XXS, UINT64_C(0xB08F09DBF5985714)},
    {SVA_DTYPE_IQ2_XS, UINT64_C(0x526BD176886CA971)},
    {SVA_DTYPE_IQ3_XXS, UINT64_C(0x4B513E42F7E31DAF)},
    {SVA_DTYPE_IQ1_S, UINT64_C(0x379B1AB3BFEA8AF4)},
    {SVA_DTYPE_IQ4_NL, UINT64_C(0xA986EB351B926B03)},
    {SVA_DTYPE_IQ3_S, UINT64_C(0xFF82B34267CFE873)},
    {SVA_DTYPE_IQ2_S, UINT64_C(0x5BAD2C15DB2DAF2F)},
    {SVA_DTYPE_IQ4_XS, UINT64_C(0x270AB3416300B8C5)},
    {SVA_DTYPE_IQ1_M, UINT64_C(0x258794D8B3E96EE8)},
    {SVA_DTYPE_TQ1_0, UINT64_C(0x9B45880D5237D5F0)},
    {SVA_DTYPE_TQ2_0, UINT64_C(0x83CD1C94ABA8BF06)},
    {SVA_DTYPE_MXFP4, UINT64_C(0x1F233FE9CE26D994)},
    {SVA_DTYPE_NVFP4, UINT64_C(0xA544DDD3A5508651)},
    {SVA_DTYPE_Q1_0, UINT64_C(0xC957E92B355F532E)},
    {SVA_DTYPE_Q2_0, UINT64_C(0xED9AC05DAF409806)},
    {SVA_DTYPE_Q8_1, UINT64_C(0x8309228E85BBDA26)},
};

static void noise_becomes_what_ggml_makes_of_it_on_every_level(void **state)
{
    (void)state;
    static uint8_t bytes[sizeof values];
    for (unsigned level = 0; level <= (unsigned)sva_cpu_best(); level++) {
        use_level(level);
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
            const struct sva_dtype_info *const info = sva_dtype_get(known[i].dtype);
            const size_t count = (size_t)BLOCKS * info->block_elements;
            fill_with_noise(blocks, (size_t)BLOCKS * info->block_bytes, info->block_bytes);
            sva_dequantise(known[i].dtype, blocks, BLOCKS, values);
            for (size_t j = 0; j < count; j++) {
                for (unsigned k = 0; k < 4; k++) {
                    bytes[4 * j + k] = (uint8_t)(sva_bits_of_float(values[j]) >> 8 * k);
                }
            }
            if (sva_xxh3(bytes, 4 * count, 0) != known[i].hash) {
                fail_msg("%s differs at level %s", info->name,
                         sva_cpu_level_name((enum sva_cpu_level)level));
            }
        }
    }
}

/* ggml's names are those of the dtype table but for the case of letters. */
static bool dtype_named(const char *name, size_t length, enum sva_dtype *dtype)
{
    for (unsigned d = SVA_DTYPE_Q4_0; d <= SVA_DTYPE_Q2_0; d++) {
        const char *const known_name = sva_dtype_get((enum sva_dtype)d)->name;
        bool same = strlen(known_name) == length;
        for (size_t i = 0; same && i < length; i++) {
            const char upper = (char)(name[i] >= 'a' && name[i] <= 'z' ? name[i] - 32 : name[i]);
            same = upper == known_name[i];
        }
        if (same) {
            *dtype = (enum sva_dtype)d;
            return true;
        }
    }
    return false;
}

/* The text of "key":"..." in `line`; fails if there is none. */
static const char *text_of(const char *line, const char *key, size_t *length)
{
    char quoted[32];
    (void)snprintf(quoted, sizeof quoted, "\"%s\":\"", key);
    const char *const found = strstr(line, quoted);
    assert_non_null(found);
    const char *const text = found + strlen(quoted);
    *length = strcspn(text, "\"");
    return text;
}

static void check_golden_line(const char *line)
{
    size_t length;
    const char *const name = text_of(line, "type", &length);
    enum sva_dtype dtype = SVA_DTYPE_COUNT;
    assert_true(dtype_named(name, length, &dtype));
    const struct sva_dtype_info *const info = sva_dtype_get(dtype);
    const char *text = text_of(line, "bytes_hex", &length);
    const size_t count = length / 2 / info->block_bytes;
    assert_true(count > 0 && count <= BLOCKS);
    assert_true(sva_unhex(text, length, blocks + 1, length / 2)); /* an odd address */
    text = text_of(line, "f32_bits_hex", &length);
    assert_int_equal(length, 8 * count * info->block_elements);
    for (unsigned level = 0; level <= (unsigned)sva_cpu_best(); level++) {
        use_level(level);
        sva_dequantise(dtype, blocks + 1, count, values);
        for (size_t i = 0; i < count * info->block_elements; i++) {
            char digits[9] = {0};
            memcpy(digits, text + 8 * i, 8);
            if (sva_bits_of_float(values[i]) != strtoul(digits, NULL, 16)) {
                fail_msg("%s element %zu level %u: %08x instead of %s", info->name, i, level,
                         (unsigned)sva_bits_of_float(values[i]), digits);
            }
        }
    }
}

static void golden_blocks_have_ggmls_bits_on_every_level(void **state)
{
    (void)state;
    uint8_t *bytes;
    size_t size;
    if (sva_read_file(SVA_SHARED_DIR "/data/formats/ggml_dequant_golden.jsonl", 1 << 20, &bytes,
                      &size, NULL) != SVA_OK) {
        skip();
    }
    unsigned lines = 0;
    for (char *line = (char *)bytes; *line != '\0';) {
        char *const end = line + strcspn(line, "\n");
        const bool last = *end == '\0';
        *end = '\0';
        check_golden_line(line);
        lines++;
        line = last ? end : end + 1;
    }
    sva_free(bytes);
    assert_int_equal(lines, 25); /* Q8_1 and Q8_K are never stored */
}

/* -- levels ---------------------------------------------------------------------------------------
 */

static void levels_agree_for_any_count_and_address(void **state)
{
    (void)state;
    for (unsigned d = SVA_DTYPE_Q4_0; d <= SVA_DTYPE_Q2_0; d++) {
        const enum sva_dtype dtype = (enum sva_dtype)d;
        const struct sva_dtype_info *const info = sva_dtype_get(dtype);
        for (size_t count = 0; count < 10; count++) {
            const size_t bytes = count * info->block_bytes;
            const size_t elements = count * info->block_elements;
            uint8_t *const exact = malloc(bytes + 1); /* a sanitizer sees one byte too far */
            assert_non_null(exact);
            fill_with_noise(exact + 1, bytes, 100 * d + count);
            use_level(SVA_CPU_BASELINE);
            values[elements] = 7;
            sva_dequantise(dtype, exact + 1, count, values);
            assert_true(values[elements] == 7);
            for (unsigned level = 1; level <= (unsigned)sva_cpu_best(); level++) {
                use_level(level);
                others[elements] = 7;
                sva_dequantise(dtype, exact + 1, count, others);
                assert_true(others[elements] == 7);
                assert_memory_equal(values, others, elements * sizeof values[0]);
            }
            free(exact);
        }
    }
}

static void every_half_and_bfloat_is_the_same_on_every_level(void **state)
{
    (void)state;
    enum { COUNT = 65536 };
    static uint8_t halves[2 * COUNT + 1];
    static float many[COUNT];
    for (uint32_t i = 0; i < COUNT; i++) {
        halves[1 + 2 * i] = (uint8_t)i;
        halves[2 + 2 * i] = (uint8_t)(i >> 8);
    }
    for (unsigned level = 0; level <= (unsigned)sva_cpu_best(); level++) {
        use_level(level);
        sva_decode_f32(SVA_DTYPE_F16, halves + 1, 1, COUNT - 1, many);
        for (uint32_t i = 1; i < COUNT; i++) {
            const uint32_t bits = sva_bits_of_float(many[i - 1]);
            const uint32_t one = sva_bits_of_float(sva_float_of_half((uint16_t)i));
            assert_int_equal(bits, one); /* NaN with their payload, too */
        }
        sva_decode_f32(SVA_DTYPE_BF16, halves + 1, 1, COUNT - 1, many);
        for (uint32_t i = 1; i < COUNT; i++) {
            assert_int_equal(sva_bits_of_float(many[i - 1]), i << 16);
        }
    }
}

/* -- single cases ------------------------------------------------------------------------------ */

static float value_at(enum sva_dtype dtype, const char *hex, size_t element)
{
    const size_t size = sva_dtype_get(dtype)->block_bytes;
    memset(blocks, 0, size);
    assert_true(strlen(hex) / 2 <= size);
    assert_true(sva_unhex(hex, strlen(hex), blocks, strlen(hex) / 2));
    sva_dequantise(dtype, blocks, 1, values);
    return values[element];
}

static void marked_values_are_right(void **state)
{
    (void)state;
    static const struct {
        enum sva_dtype dtype;
        size_t element;
        const char *hex; /* the rest of the block is zero */
        double value;
    } cases[] = {
        {SVA_DTYPE_Q4_0, 0, "003c0f", 7},
        {SVA_DTYPE_Q4_0, 16, "003c0f", -8},
        {SVA_DTYPE_Q4_1, 1, "003c004000f0", 2},
        {SVA_DTYPE_Q4_1, 17, "003c004000f0", 17},
        {SVA_DTYPE_Q5_0, 0, "003c0100000003", 3},
        {SVA_DTYPE_Q5_0, 16, "003c00000100f3", 15},
        {SVA_DTYPE_Q5_1, 31, "003c00bc00000080", 15},
        {SVA_DTYPE_Q8_0, 1, "00380080", -64},
        {SVA_DTYPE_Q8_1, 1, "0038ffff0080", -64},
        {SVA_DTYPE_Q8_K, 255, "000000c0", 0},
        {SVA_DTYPE_Q8_K, 1, "000000c0007f", -254},
        {SVA_DTYPE_MXFP4, 0, "0001", 0x1p-128},
        {SVA_DTYPE_MXFP4, 16, "0170", 12 * 0x1p-127},
        {SVA_DTYPE_MXFP4, 0, "8009", -1},
        {SVA_DTYPE_MXFP4, 0, "ff01", 0x1p127},
        {SVA_DTYPE_MXFP4, 0, "ff02", (double)INFINITY},
        {SVA_DTYPE_NVFP4, 0, "3800000001", 0.5},
        {SVA_DTYPE_NVFP4, 8, "0100000070", 12 * 0x1p-10},
        {SVA_DTYPE_NVFP4, 0, "7f00000007", 0},
        {SVA_DTYPE_NVFP4, 0, "7e00000007", 12 * 224},
        {SVA_DTYPE_NVFP4, 0, "ff00000007", 12 * 240},
        {SVA_DTYPE_NVFP4, 0, "b800000001", 0.5},
        {SVA_DTYPE_Q1_0, 9, "003c0002", 1},
        {SVA_DTYPE_Q1_0, 8, "003c0002", -1},
        {SVA_DTYPE_Q2_0, 5, "003c000c", 2},
        {SVA_DTYPE_Q2_0, 4, "003c000c", -1},
    };
    for (unsigned level = 0; level <= (unsigned)sva_cpu_best(); level++) {
        use_level(level);
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            const float value = value_at(cases[i].dtype, cases[i].hex, cases[i].element);
            if ((double)value != cases[i].value) {
                fail_msg("%s %s: %a instead of %a", sva_dtype_get(cases[i].dtype)->name,
                         cases[i].hex, (double)value, cases[i].value);
            }
        }
    }
}

static void every_not_a_number_is_the_same(void **state)
{
    (void)state;
    static const struct {
        enum sva_dtype dtype;
        const char *hex;
    } cases[] = {
        {SVA_DTYPE_Q4_0, "01fe08"},     /* NaN with sign and payload */
        {SVA_DTYPE_Q4_0, "007c08"},     /* infinity times 0 */
        {SVA_DTYPE_Q4_1, "01fe027c"},   /* NaN plus NaN */
        {SVA_DTYPE_Q4_1, "007c00fc01"}, /* infinity minus infinity */
        {SVA_DTYPE_Q4_1, "003c01fc"},   /* only the offset */
        {SVA_DTYPE_Q8_K, "0100a0ff"},   {SVA_DTYPE_Q4_K, "003c00fe00"}, {SVA_DTYPE_Q5_K, "01fc"},
    };
    for (unsigned level = 0; level <= (unsigned)sva_cpu_best(); level++) {
        use_level(level);
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            const float value = value_at(cases[i].dtype, cases[i].hex, 0);
            assert_int_equal(sva_bits_of_float(value), QUIET_NAN);
        }
    }
    assert_true(value_at(SVA_DTYPE_Q4_0, "007c0f", 0) == INFINITY);
}

static void decoding_goes_by_whole_blocks(void **state)
{
    (void)state;
    fill_with_noise(blocks, 3 * 144, 5);
    sva_dequantise(SVA_DTYPE_Q4_K, blocks, 3, values);
    sva_decode_f32(SVA_DTYPE_Q4_K, blocks, 256, 512, others);
    assert_memory_equal(others, values + 256, 512 * sizeof values[0]);
    static const struct {
        size_t first;
        size_t count;
    } cases[] = {{1, 256}, {0, 255}, {128, 128}};
    for (size_t i = 0; i < 3; i++) {
        sva_decode_f32(SVA_DTYPE_Q4_K, blocks, cases[i].first, cases[i].count, others);
        assert_true(isnan(others[0]) && isnan(others[cases[i].count - 1]));
    }
}

/* -- code books ----------------------------------------------------------------------------------
 */

static void check_entries(const uint16_t *entries, size_t count, uint64_t expected)
{
    static uint8_t bytes[2 * 2048];
    for (size_t i = 0; i < count; i++) {
        bytes[2 * i] = (uint8_t)entries[i];
        bytes[2 * i + 1] = (uint8_t)(entries[i] >> 8);
    }
    if (sva_xxh3(bytes, 2 * count, 0) != expected) {
        fail_msg("the code book of %zu entries hashes to %016llx", count,
                 (unsigned long long)sva_xxh3(bytes, 2 * count, 0));
    }
}

static void code_books_are_unchanged(void **state)
{
    (void)state;
    check_entries(sva_iq2_xxs_grid, 256, UINT64_C(0xF51B46E2261AA6F7));
    check_entries(sva_iq2_xs_grid, 512, UINT64_C(0x04776DE222B6391F));
    check_entries(sva_iq2_s_grid, 1024, UINT64_C(0x8A600CBBC4756E56));
    check_entries(sva_iq3_xxs_grid, 256, UINT64_C(0xB2CE1C29355D92EE));
    check_entries(sva_iq3_s_grid, 512, UINT64_C(0x589391CCA4A7C8FD));
    check_entries(sva_iq1_grid, 2048, UINT64_C(0xE30B148A9865714B));
}

/* Eight values for an index of iq1 and iq2, four for one of iq3. */
static uint64_t entry_bytes(const char *name, size_t index)
{
    const size_t i = index;
    return strcmp(name, "iq2xxs_grid") == 0   ? sva_iq2_values(sva_iq2_xxs_grid[i])
           : strcmp(name, "iq2xs_grid") == 0  ? sva_iq2_values(sva_iq2_xs_grid[i])
           : strcmp(name, "iq2s_grid") == 0   ? sva_iq2_values(sva_iq2_s_grid[i])
           : strcmp(name, "iq3xxs_grid") == 0 ? sva_iq3_xxs_values(sva_iq3_xxs_grid[i], 0)
           : strcmp(name, "iq3s_grid") == 0   ? sva_iq3_s_values(sva_iq3_s_grid[i], 0)
                                              : sva_spread_2(sva_iq1_grid[i]);
}

static void code_books_match_the_published_ones(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t count;
        size_t width;
    } books[] = {{"iq2xxs_grid", 256, 8}, {"iq2xs_grid", 512, 8}, {"iq2s_grid", 1024, 8},
                 {"iq3xxs_grid", 256, 4}, {"iq3s_grid", 512, 4},  {"iq1s_grid", 2048, 8}};
    uint8_t *bytes;
    size_t size;
    if (sva_read_file(SVA_SHARED_DIR "/data/formats/ggml_iq_codebooks.json", 1 << 20, &bytes, &size,
                      NULL) != SVA_OK) {
        skip();
    }
    for (size_t b = 0; b < sizeof books / sizeof books[0]; b++) {
        char quoted[32];
        (void)snprintf(quoted, sizeof quoted, "\"%s\"", books[b].name);
        const char *const book = strstr((char *)bytes, quoted);
        assert_non_null(book);
        const char *const hex = strstr(book, "\"hex\":") + 6;
        const char *const digits = strchr(hex, '"') + 1;
        for (size_t i = 0; i < books[b].count; i++) {
            uint8_t entry[8];
            const size_t width = books[b].width;
            assert_true(sva_unhex(digits + 2 * width * i, 2 * width, entry, width));
            const uint64_t ours = entry_bytes(books[b].name, i);
            for (size_t k = 0; k < width; k++) {
                const bool ternary = strcmp(books[b].name, "iq1s_grid") == 0;
                const unsigned value = (unsigned)(ours >> 8 * k & 0xFF) - (ternary ? 1U : 0U);
                assert_int_equal((uint8_t)value, entry[k]);
            }
        }
        assert_int_equal(digits[2 * books[b].width * books[b].count], '"');
    }
    sva_free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layouts_agree_with_the_dtype_table),
        cmocka_unit_test_teardown(noise_becomes_what_ggml_makes_of_it_on_every_level,
                                  back_to_the_best_level),
        cmocka_unit_test_teardown(golden_blocks_have_ggmls_bits_on_every_level,
                                  back_to_the_best_level),
        cmocka_unit_test_teardown(levels_agree_for_any_count_and_address, back_to_the_best_level),
        cmocka_unit_test_teardown(every_half_and_bfloat_is_the_same_on_every_level,
                                  back_to_the_best_level),
        cmocka_unit_test_teardown(marked_values_are_right, back_to_the_best_level),
        cmocka_unit_test_teardown(every_not_a_number_is_the_same, back_to_the_best_level),
        cmocka_unit_test(decoding_goes_by_whole_blocks),
        cmocka_unit_test(code_books_are_unchanged),
        cmocka_unit_test(code_books_match_the_published_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
