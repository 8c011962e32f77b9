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

#include "base/file.h"
#include "base/memory.h"
#include "format/json.h"
#include "kernel/block_codes.h"
#include "kernel/dtype.h"
#include "kernel/small_floats.h"

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static float decode_one(enum sva_dtype dtype, uint64_t pattern)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(pattern >> 8 * i);
    }
    float value;
    sva_decode_f32(dtype, bytes, 0, 1, &value);
    return value;
}

static void names_lead_to_dtypes_and_back(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SVA_DTYPE_COUNT; i++) {
        const struct sva_dtype_info *const info = sva_dtype_get((enum sva_dtype)i);
        assert_non_null(info);
        enum sva_dtype found;
        const bool plain = i < SVA_DTYPE_Q4_0;
        assert_int_equal(sva_dtype_find(info->name, strlen(info->name), &found), plain);
        if (plain) {
            assert_int_equal(found, i);
            assert_true(info->bits >= 4 && info->bits <= 64);
            assert_int_equal(info->block_elements * info->bits, info->block_bytes * 8);
        }
    }
    enum sva_dtype untouched = SVA_DTYPE_U64;
    assert_false(sva_dtype_find("f32", 3, &untouched));
    assert_false(sva_dtype_find("F32 ", 4, &untouched));
    assert_false(sva_dtype_find("F3", 2, &untouched));
    assert_false(sva_dtype_find("", 0, &untouched));
    assert_int_equal(untouched, SVA_DTYPE_U64);
    assert_null(sva_dtype_get(SVA_DTYPE_COUNT));
}

/* Values stated by the formats' specifications. */
static void marked_values_are_right(void **state)
{
    (void)state;
    static const struct {
        enum sva_dtype dtype;
        uint64_t pattern;
        double value;
    } cases[] = {
        {SVA_DTYPE_F8_E4M3, 0x7E, 448},
        {SVA_DTYPE_F8_E4M3, 0x01, 0x1p-9},
        {SVA_DTYPE_F8_E4M3, 0xB8, -1},
        {SVA_DTYPE_F8_E5M2, 0x7B, 57344},
        {SVA_DTYPE_F8_E5M2, 0x01, 0x1p-16},
        {SVA_DTYPE_F8_E5M2, 0xFC, -(double)INFINITY},
        {SVA_DTYPE_F8_E4M3FNUZ, 0x7F, 240},
        {SVA_DTYPE_F8_E5M2FNUZ, 0x7F, 57344},
        {SVA_DTYPE_F8_E8M0, 0x00, 0x1p-127},
        {SVA_DTYPE_F8_E8M0, 0xFE, 0x1p127},
        {SVA_DTYPE_F4, 0x07, 6},
        {SVA_DTYPE_F4, 0x0B, -1.5},
        {SVA_DTYPE_F16, 0x3C00, 1},
        {SVA_DTYPE_F16, 0x7BFF, 65504},
        {SVA_DTYPE_F16, 0x0001, 0x1p-24},
        {SVA_DTYPE_F16, 0x03FF, 1023 * 0x1p-24},
        {SVA_DTYPE_F16, 0x0400, 0x1p-14},
        {SVA_DTYPE_F16, 0xFC00, -(double)INFINITY},
        {SVA_DTYPE_BF16, 0x3F80, 1},
        {SVA_DTYPE_BF16, 0xC2F7, -123.5},
        {SVA_DTYPE_F32, 0x40490FDB, 0x1.921fb6p1},
        {SVA_DTYPE_F64, UINT64_C(0x3FF0000000000001), 1},
        {SVA_DTYPE_F64, UINT64_C(0x7FEFFFFFFFFFFFFF), (double)INFINITY},
        {SVA_DTYPE_BOOL, 1, 1},
        {SVA_DTYPE_U8, 255, 255},
        {SVA_DTYPE_I8, 0x80, -128},
        {SVA_DTYPE_I8, 0x7F, 127},
        {SVA_DTYPE_I8, 0xFF, -1},
        {SVA_DTYPE_I16, 0x8000, -32768},
        {SVA_DTYPE_U16, 0xFFFF, 65535},
        {SVA_DTYPE_I32, 0x80000000, -0x1p31},
        {SVA_DTYPE_I32, 16777217, 16777216},
        {SVA_DTYPE_U32, 0xFFFFFFFF, 0x1p32},
        {SVA_DTYPE_U32, 16777219, 16777220},
        {SVA_DTYPE_I64, UINT64_C(0x8000000000000000), -0x1p63},
        {SVA_DTYPE_U64, UINT64_C(0x8000008000000000), 0x1p63},
        {SVA_DTYPE_U64, UINT64_C(0x8000008000000001), 0x1.000002p63},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const float value = decode_one(cases[i].dtype, cases[i].pattern);
        if ((double)value != cases[i].value) {
            fail_msg("%s %llx: %.9g instead of %.9g", sva_dtype_get(cases[i].dtype)->name,
                     (unsigned long long)cases[i].pattern, (double)value, cases[i].value);
        }
    }
}

static void not_a_number_stays_so(void **state)
{
    (void)state;
    static const struct {
        enum sva_dtype dtype;
        uint64_t pattern;
    } cases[] = {
        {SVA_DTYPE_F8_E4M3, 0x7F},     {SVA_DTYPE_F8_E4M3, 0xFF},
        {SVA_DTYPE_F8_E5M2, 0x7D},     {SVA_DTYPE_F8_E5M2, 0xFF},
        {SVA_DTYPE_F8_E4M3FNUZ, 0x80}, {SVA_DTYPE_F8_E5M2FNUZ, 0x80},
        {SVA_DTYPE_F8_E8M0, 0xFF},     {SVA_DTYPE_F16, 0x7C01},
        {SVA_DTYPE_F16, 0xFFFF},       {SVA_DTYPE_BF16, 0x7F81},
        {SVA_DTYPE_F32, 0x7F800001},   {SVA_DTYPE_F64, UINT64_C(0xFFF8000000000001)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(isnan(decode_one(cases[i].dtype, cases[i].pattern)));
    }
}

/* An independent way: frexp-free arithmetic in double from sign, exponent and fraction. */
static void every_half_and_every_bfloat_is_exact(void **state)
{
    (void)state;
    for (uint32_t pattern = 0; pattern < 65536; pattern++) {
        const int exponent = (int)(pattern >> 10 & 31);
        const double sign = (pattern & 0x8000) != 0 ? -1 : 1;
        const double fraction = pattern & 1023;
        const float half = decode_one(SVA_DTYPE_F16, pattern);
        if (exponent == 31) {
            assert_true(fraction == 0 ? isinf(half) && (half < 0) == (sign < 0) : isnan(half));
        } else {
            const double expected = exponent == 0 ? sign * ldexp(fraction, -24)
                                                  : sign * ldexp(1024 + fraction, exponent - 25);
            assert_true((double)half == expected);
            assert_int_equal(signbit(half) != 0, sign < 0);
        }
        assert_int_equal(bits_of(decode_one(SVA_DTYPE_BF16, pattern)), pattern << 16);
    }
}

static void decoding_starts_at_any_element_and_address(void **state)
{
    (void)state;
    static const enum sva_dtype kinds[] = {SVA_DTYPE_F4,   SVA_DTYPE_F8_E4M3, SVA_DTYPE_F16,
                                           SVA_DTYPE_BF16, SVA_DTYPE_F32,     SVA_DTYPE_I64};
    enum { COUNT = 600 };
    static uint8_t storage[8 * COUNT + 1];
    for (size_t i = 0; i < sizeof storage; i++) {
        storage[i] = (uint8_t)(i * 37 + 11);
    }
    const uint8_t *const bytes = storage + 1; /* odd address */
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        static float whole[COUNT];
        static float part[COUNT];
        sva_decode_f32(kinds[k], bytes, 0, COUNT, whole);
        for (size_t first = 0; first < 5; first++) {
            sva_decode_f32(kinds[k], bytes, first, COUNT - 7, part);
            assert_memory_equal(part, whole + first, (COUNT - 7) * sizeof part[0]);
            sva_decode_f32(kinds[k], bytes, first, 3, part); /* below the table's threshold */
            assert_memory_equal(part, whole + first, 3 * sizeof part[0]);
        }
    }
}

static void what_cannot_be_decoded_becomes_not_a_number(void **state)
{
    (void)state;
    static const enum sva_dtype kinds[] = {SVA_DTYPE_F6_E2M3, SVA_DTYPE_F6_E3M2, SVA_DTYPE_C64,
                                           SVA_DTYPE_PACKED, SVA_DTYPE_OPAQUE};
    for (size_t i = 0; i < 5; i++) {
        assert_false(sva_dtype_get(kinds[i])->decodable);
        assert_true(isnan(decode_one(kinds[i], 0)));
    }
}

/* What the library makes of code point `index` of the published table `name`. */
static bool table_value(const char *name, unsigned index, float *value)
{
    enum sva_dtype dtype;
    if (strcmp(name, "bnb_nf4") == 0) {
        *value = sva_nf4_values[index];
    } else if (strcmp(name, "bnb_fp4_normalised_div12") == 0) {
        *value = sva_fp4_values[index];
    } else if (strcmp(name, "ggml_UE4M3_half") == 0) {
        *value = sva_nvfp4_scale(index);
    } else if (strcmp(name, "F4_E2M1") == 0) {
        *value = sva_small_float(SVA_DTYPE_F4, index);
    } else if (sva_dtype_find(name, strlen(name), &dtype)) {
        *value = sva_small_float(dtype, index);
    } else {
        return false;
    }
    return true;
}

static void small_floats_match_the_published_tables(void **state)
{
    (void)state;
    uint8_t *bytes;
    size_t size;
    if (sva_read_file(SVA_SHARED_DIR "/data/formats/small_float_tables.json", 1 << 20, &bytes,
                      &size, NULL) != SVA_OK) {
        skip();
    }
    struct sva_json json;
    sva_json_init(&json, (struct sva_span){bytes, size}, "tables", 0, 8);
    enum sva_json_token token;
    char name[32] = "";
    unsigned index = 0;
    unsigned tables = 0;
    unsigned values = 0;
    do {
        assert_int_equal(sva_json_next(&json, &token, NULL), SVA_OK);
        float value;
        if (token == SVA_JSON_KEY) {
            (void)snprintf(name, sizeof name, "%s", json.text);
            tables += table_value(name, 0, &value);
            index = 0;
        } else if (token == SVA_JSON_STRING && table_value(name, index, &value)) {
            const uint32_t expected = (uint32_t)strtoul(json.text, NULL, 16);
            const bool same = expected == 0x7FC00000 ? isnan(value) : bits_of(value) == expected;
            if (!same) {
                fail_msg("%s %u: %08x instead of %08x", name, index, (unsigned)bits_of(value),
                         (unsigned)expected);
            }
            index++;
            values++;
        }
    } while (token != SVA_JSON_END);
    sva_json_done(&json);
    sva_free(bytes);
    print_message("small floats: %u tables, %u values equal\n", tables, values);
    assert_int_equal(tables, 11);
    assert_int_equal(values, 5 * 256 + 128 + 2 * 64 + 3 * 16);
}

/* Where files of these types are decoded, it is as the code points say. */
static void files_of_small_floats_are_decoded_by_their_code_points(void **state)
{
    (void)state;
    static const enum sva_dtype small[] = {SVA_DTYPE_F8_E5M2, SVA_DTYPE_F8_E4M3, SVA_DTYPE_F8_E8M0,
                                           SVA_DTYPE_F8_E4M3FNUZ, SVA_DTYPE_F8_E5M2FNUZ};
    uint8_t bytes[256];
    float many[256];
    for (unsigned i = 0; i < 256; i++) {
        bytes[i] = (uint8_t)i;
    }
    for (size_t k = 0; k < sizeof small / sizeof small[0]; k++) {
        sva_decode_f32(small[k], bytes, 0, 256, many);
        for (unsigned i = 0; i < 256; i++) {
            assert_int_equal(bits_of(many[i]), bits_of(sva_small_float(small[k], i)));
            assert_int_equal(bits_of(many[i]), bits_of(decode_one(small[k], i)));
        }
    }
    assert_true(sva_small_float(SVA_DTYPE_F6_E2M3, 0x1F) == 7.5F);
    assert_true(sva_small_float(SVA_DTYPE_F6_E3M2, 0x3F) == -28.0F);
    assert_true(sva_small_float(SVA_DTYPE_F6_E3M2, 0x01) == 0.0625F);
    assert_true(isnan(sva_small_float(SVA_DTYPE_F16, 0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_lead_to_dtypes_and_back),
        cmocka_unit_test(marked_values_are_right),
        cmocka_unit_test(not_a_number_stays_so),
        cmocka_unit_test(every_half_and_every_bfloat_is_exact),
        cmocka_unit_test(decoding_starts_at_any_element_and_address),
        cmocka_unit_test(what_cannot_be_decoded_becomes_not_a_number),
        cmocka_unit_test(small_floats_match_the_published_tables),
        cmocka_unit_test(files_of_small_floats_are_decoded_by_their_code_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
