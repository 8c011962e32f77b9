/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cpu.h"
#include "base/hash.h"
#include "base/memory.h"
#include "fingerprint/value_hash.h"
#include "kernel/planes.h"

enum { LEAF = 32768, GROUP = SVA_VALUE_HASH_GROUP, COUNT_MOST = 2 * GROUP + 3 * LEAF + 77 };

static uint32_t *all; /* bits of COUNT_MOST values; the first half is F32, the other BF16 */

static int setup(void **state)
{
    (void)state;
    all = calloc((size_t)2 * COUNT_MOST, sizeof *all);
    if (all == NULL) {
        return 1;
    }
    for (size_t i = 0; i < COUNT_MOST; i++) {
        all[i] = (uint32_t)sva_mix64(i); /* every 256th is a NaN or infinite */
        all[COUNT_MOST + i] = (uint32_t)sva_mix64(i) & 0xFFFF0000U;
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(all);
    return sva_cpu_use(sva_cpu_best()) ? 0 : 1;
}

/* The definition, byte by byte. */
static void expect(const uint32_t *bits, size_t count, uint8_t digest[32])
{
    uint8_t leaf[2 * LEAF];
    uint8_t leaf_digest[32];
    uint8_t message[11 + 8 + 64] = "sva-value-1";
    uint32_t low = 0;
    for (int i = 0; i < 8; i++) {
        message[11 + i] = (uint8_t)((uint64_t)count >> (8 * i));
    }
    for (int plane = 0; plane < 2; plane++) {
        struct sva_sha256 root;
        sva_sha256_init(&root);
        for (size_t start = 0; start < count; start += LEAF) {
            const size_t step = count - start < LEAF ? count - start : LEAF;
            for (size_t i = 0; i < step; i++) {
                uint32_t value = bits[start + i];
                const bool nan = (value & 0x7F800000U) == 0x7F800000U && (value & 0x7FFFFFU) != 0;
                value = nan ? 0x7FC00000U : value;
                low |= value & 0xFFFFU;
                leaf[2 * i] = (uint8_t)(value >> (plane == 0 ? 16 : 0));
                leaf[2 * i + 1] = (uint8_t)(value >> (plane == 0 ? 24 : 8));
            }
            assert_true(sva_sha256(leaf, 2 * step, leaf_digest));
            sva_sha256_update(&root, leaf_digest, sizeof leaf_digest);
        }
        sva_sha256_final(&root, message + 19 + 32 * plane);
    }
    assert_true(sva_sha256(message, low == 0 ? 51 : 83, digest));
}

/* As F32 in pieces of `step` values. */
static void feed(struct sva_value_hash *hash, const uint32_t *bits, size_t count, size_t step)
{
    float *const piece = malloc(step * sizeof *piece);
    assert_non_null(piece);
    for (size_t at = 0; at < count; at += step) {
        const size_t length = count - at < step ? count - at : step;
        memcpy(piece, bits + at, length * sizeof *piece);
        sva_value_hash_update(hash, piece, length);
    }
    free(piece);
}

/* As high halves, at an odd address or an even one. */
static void feed_high(struct sva_value_hash *hash, const uint32_t *bits, size_t count, size_t step)
{
    uint8_t *const piece = malloc(2 * step + 1);
    assert_non_null(piece);
    for (size_t at = 0; at < count; at += step) {
        const size_t length = count - at < step ? count - at : step;
        uint8_t *const start = piece + at % 2;
        for (size_t i = 0; i < length; i++) {
            start[2 * i] = (uint8_t)(bits[at + i] >> 16);
            start[2 * i + 1] = (uint8_t)(bits[at + i] >> 24);
        }
        sva_value_hash_update_high(hash, start, length);
    }
    free(piece);
}

static void finish(struct sva_value_hash *hash, const uint8_t expected[32])
{
    uint8_t digest[32];
    sva_value_hash_final(hash, digest);
    assert_memory_equal(digest, expected, 32);
}

static const size_t counts[] = {0,         1,         5,     LEAF - 1,  LEAF,         LEAF + 1,
                                3 * LEAF,  GROUP - 1, GROUP, GROUP + 1, GROUP + LEAF, 2 * GROUP,
                                COUNT_MOST};
enum { COUNTS = sizeof counts / sizeof counts[0] };

static void every_length_follows_the_definition_on_every_level(void **state)
{
    (void)state;
    for (unsigned way = 0; way < 2 * ((unsigned)sva_cpu_best() + 1); way++) {
        assert_true(sva_cpu_use((enum sva_cpu_level)(way / 2)));
        sva_cpu_hide_sha(way % 2 == 1);
        struct sva_value_hash *const hash = sva_value_hash_new(); /* final resets it */
        assert_non_null(hash);
        for (size_t c = 0; c < COUNTS; c++) {
            uint8_t expected[32];
            expect(all, counts[c], expected);
            feed(hash, all, counts[c], 40001);
            finish(hash, expected);
            expect(all + COUNT_MOST, counts[c], expected);
            feed(hash, all + COUNT_MOST, counts[c], 4096);
            finish(hash, expected);
            feed_high(hash, all + COUNT_MOST, counts[c], 5003);
            finish(hash, expected);
            feed_high(hash, all + COUNT_MOST, counts[c], COUNT_MOST);
            finish(hash, expected);
        }
        sva_value_hash_free(hash);
    }
    sva_cpu_hide_sha(false);
}

static void groups_without_nan_are_hashed_where_they_lie(void **state)
{
    (void)state;
    uint8_t expected[32];
    uint32_t *const bits = calloc(COUNT_MOST, sizeof *bits);
    struct sva_value_hash *const hash = sva_value_hash_new();
    assert_true(bits != NULL && hash != NULL);
    for (size_t i = 0; i < COUNT_MOST; i++) {
        bits[i] = all[i] & 0xBFFF0000U; /* finite */
    }
    bits[GROUP + 5] = 0xFF800000U; /* infinite is no NaN */
    expect(bits, COUNT_MOST, expected);
    feed_high(hash, bits, COUNT_MOST, COUNT_MOST);
    finish(hash, expected);
    bits[GROUP - 1] = 0xFFFF0000U; /* and a NaN in the first group sends it another way */
    expect(bits, COUNT_MOST, expected);
    feed_high(hash, bits, COUNT_MOST, COUNT_MOST);
    finish(hash, expected);
    sva_value_hash_free(hash);
    free(bits);
}

static void the_first_low_half_may_come_late(void **state)
{
    (void)state;
    static const size_t places[] = {
        0, 1, LEAF, GROUP - 1, GROUP, GROUP + 3 * LEAF + 9, COUNT_MOST - 1};
    uint32_t *const bits = calloc(COUNT_MOST, sizeof *bits);
    struct sva_value_hash *const hash = sva_value_hash_new();
    assert_true(bits != NULL && hash != NULL);
    for (size_t p = 0; p < sizeof places / sizeof places[0]; p++) {
        uint8_t expected[32];
        memcpy(bits, all + COUNT_MOST, COUNT_MOST * sizeof *bits);
        bits[places[p]] = 0x3F800001U;
        expect(bits, COUNT_MOST, expected);
        feed(hash, bits, COUNT_MOST, 77777);
        finish(hash, expected);
    }
    sva_value_hash_free(hash);
    free(bits);
}

static void both_kinds_of_input_may_alternate(void **state)
{
    (void)state;
    uint8_t expected[32];
    uint32_t *const bits = calloc(COUNT_MOST, sizeof *bits);
    struct sva_value_hash *const hash = sva_value_hash_new();
    assert_true(bits != NULL && hash != NULL);
    for (size_t i = 0; i < COUNT_MOST; i++) {
        bits[i] = all[i] & (i / 50000 % 2 == 0 ? 0xFFFF0000U : 0xFFFFFFFFU);
    }
    expect(bits, COUNT_MOST, expected);
    for (size_t at = 0; at < COUNT_MOST; at += 50000) {
        const size_t step = COUNT_MOST - at < 50000 ? COUNT_MOST - at : 50000;
        (at / 50000 % 2 == 0 ? feed_high : feed)(hash, bits + at, step, 3000);
    }
    finish(hash, expected);
    sva_value_hash_free(hash);
    free(bits);
}

static void without_memory_for_a_group_leaves_are_hashed_one_by_one(void **state)
{
    (void)state;
    uint8_t expected[32];
    struct sva_value_hash *hash = sva_value_hash_new();
    assert_non_null(hash);
    float *const values = malloc(COUNT_MOST * sizeof *values);
    assert_non_null(values);
    memcpy(values, all, COUNT_MOST * sizeof *values);
    expect(all, COUNT_MOST, expected);
    for (uint64_t nth = 1; nth <= 3; nth++) {
        sva_memory_fail_after(nth);
        for (size_t at = 0; at < COUNT_MOST; at += LEAF / 2) {
            const size_t left = COUNT_MOST - at;
            sva_value_hash_update(hash, values + at, left < LEAF / 2 ? left : LEAF / 2);
        }
        sva_memory_fail_after(0);
        finish(hash, expected);
        sva_value_hash_free(hash);
        hash = sva_value_hash_new();
        assert_non_null(hash);
    }
    sva_memory_fail_after(1);
    assert_null(sva_value_hash_new());
    sva_memory_fail_after(0);
    sva_value_hash_free(hash);
    free(values);
}

static void a_plane_says_whether_it_holds_a_nan(void **state)
{
    (void)state;
    static const struct {
        uint16_t half;
        bool nan;
    } cases[] = {{0x7F80, false}, {0xFF80, false}, {0x7F81, true},  {0xFF81, true},
                 {0x7FC0, true},  {0xFFFF, true},  {0x7F7F, false}, {0x8000, false}};
    for (unsigned level = 0; level <= (unsigned)sva_cpu_best(); level++) {
        assert_true(sva_cpu_use((enum sva_cpu_level)level));
        for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
            for (size_t place = 0; place < 100; place++) {
                uint8_t halves[200] = {0};
                uint8_t high[200];
                halves[2 * place] = (uint8_t)cases[c].half;
                halves[2 * place + 1] = (uint8_t)(cases[c].half >> 8);
                assert_int_equal(sva_high_plane_has_nan(halves, 100), cases[c].nan);
                sva_copy_high_plane(halves, 100, high);
                if (cases[c].nan) {
                    halves[2 * place] = 0xC0;
                    halves[2 * place + 1] = 0x7F;
                }
                assert_memory_equal(high, halves, sizeof high);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_length_follows_the_definition_on_every_level),
        cmocka_unit_test(groups_without_nan_are_hashed_where_they_lie),
        cmocka_unit_test(the_first_low_half_may_come_late),
        cmocka_unit_test(both_kinds_of_input_may_alternate),
        cmocka_unit_test(without_memory_for_a_group_leaves_are_hashed_one_by_one),
        cmocka_unit_test(a_plane_says_whether_it_holds_a_nan),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
