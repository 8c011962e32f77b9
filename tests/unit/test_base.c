/* SPDX-License-Identifier: Apache-2.0 */
/* Errors, memory, cursor, hashes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/checked.h"
#include "base/cpu.h"
#include "base/cursor.h"
#include "base/fail.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"

/* -- errors ------------------------------------------------------------------------------------ */

static void the_first_error_wins(void **state)
{
    (void)state;
    struct sva_error error = {0};
    assert_int_equal(sva_fail_at(&error, SVA_ERR_CORRUPT, 7, "bad %s at byte %d", "thing", 7),
                     SVA_ERR_CORRUPT);
    assert_int_equal(sva_fail(&error, SVA_ERR_IO, "later"), SVA_ERR_IO);
    assert_int_equal(sva_fail_memory(&error, "testing"), SVA_ERR_MEMORY);
    assert_int_equal(error.status, SVA_ERR_CORRUPT);
    assert_string_equal(error.text, "bad thing at byte 7");
    assert_true(error.has_offset);
    assert_int_equal(error.offset, 7);
    assert_int_equal(sva_fail(NULL, SVA_ERR_IO, "nobody listens"), SVA_ERR_IO);
}

static void long_texts_are_cut_between_characters(void **state)
{
    (void)state;
    for (size_t shift = 0; shift < 4; shift++) {
        char text[1200];
        memset(text, 'x', shift);
        for (size_t i = shift; i + 4 < sizeof text; i += 3) {
            memcpy(text + i, "\xEA\xB0\x80", 4);
        }
        struct sva_error error = {0};
        (void)sva_fail(&error, SVA_ERR_IO, "%s", text);
        const size_t size = strlen(error.text);
        assert_true(size >= sizeof error.text - 4 && size < sizeof error.text);
        assert_int_equal(sva_utf8_valid_prefix((const uint8_t *)error.text, size), size);
    }
}

static void a_sentence_is_one_line(void **state)
{
    (void)state;
    struct sva_error error = {0};
    (void)sva_fail(&error, SVA_ERR_IO, "a\nb\x1b[2Jc");
    assert_string_equal(error.text, "a b [2Jc");
}

static void every_status_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (unsigned i = SVA_OK; i <= SVA_ERR_INTERNAL; i++) {
        for (unsigned j = SVA_OK; j < i; j++) {
            assert_string_not_equal(sva_status_name((enum sva_status)i),
                                    sva_status_name((enum sva_status)j));
        }
    }
    assert_string_equal(sva_status_name((enum sva_status)999), "unknown");
}

/* -- memory ------------------------------------------------------------------------------------ */

static void arithmetic_that_would_wrap_is_refused(void **state)
{
    (void)state;
    uint64_t result = 5;
    assert_false(sva_add_u64(UINT64_MAX, 1, &result));
    assert_false(sva_mul_u64(UINT64_C(1) << 32, UINT64_C(1) << 32, &result));
    assert_int_equal(result, 5);
    assert_true(sva_mul_u64(UINT64_C(1) << 32, (UINT64_C(1) << 32) - 1, &result));
    assert_true(sva_add_u64(UINT64_MAX - 1, 1, &result));
    assert_true(result == UINT64_MAX);
}

static void impossible_arrays_are_refused(void **state)
{
    (void)state;
    struct sva_arena arena = {0};
    assert_null(sva_calloc(SIZE_MAX, 2));
    assert_null(sva_calloc(SIZE_MAX / 2 + 1, 2));
    assert_null(sva_realloc_array(NULL, SIZE_MAX, 8));
    assert_null(sva_arena_alloc(&arena, SIZE_MAX / 8, 16));
    assert_null(sva_strndup("x", SIZE_MAX));
    void *const empty = sva_calloc(0, 8);
    assert_non_null(empty);
    sva_free(empty);
    sva_free(NULL);
    sva_arena_done(&arena);
}

static void arena_blocks_are_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    struct sva_arena arena = {0};
    uint8_t *blocks[400];
    size_t sizes[400];
    for (size_t i = 0; i < 400; i++) {
        sizes[i] = i * i % 5000 + (i == 200 ? 3000000 : 1);
        if (i % 3 == 0) { /* odd places in between */
            assert_non_null(sva_arena_strdup(&arena, "ab"));
        }
        blocks[i] = sva_arena_alloc(&arena, sizes[i], 1);
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % 16, 0);
        for (size_t j = 0; j < sizes[i]; j++) {
            assert_int_equal(blocks[i][j], 0);
        }
        memset(blocks[i], (int)(i % 255 + 1), sizes[i]);
    }
    for (size_t i = 0; i < 400; i++) {
        for (size_t j = 0; j < sizes[i]; j++) {
            assert_int_equal(blocks[i][j], i % 255 + 1);
        }
    }
    assert_true(arena.total_bytes >= 3000000);
    assert_true(arena.total_bytes < 6000000);
    sva_arena_done(&arena);
    assert_null(arena.blocks);
}

static void arena_texts_are_formatted_and_cut(void **state)
{
    (void)state;
    struct sva_arena arena = {0};
    assert_string_equal(sva_arena_printf(&arena, "%s-%d", "x", 12), "x-12");
    assert_string_equal(sva_arena_strndup(&arena, "abcdef", 3), "abc");
    assert_string_equal(sva_arena_strndup(&arena, "", 0), "");
    sva_arena_done(&arena);
}

static void growing_bytes_end_with_nul(void **state)
{
    (void)state;
    struct sva_bytes bytes = {0};
    for (unsigned i = 0; i < 1000; i++) {
        sva_bytes_printf(&bytes, "%u,", i % 10);
        assert_int_equal(bytes.data[bytes.size], 0);
    }
    sva_bytes_append(&bytes, "\0z", 2);
    sva_bytes_text(&bytes, "end");
    assert_int_equal(bytes.size, 2005);
    assert_memory_equal(bytes.data + 1998, "9,\0zend", 8);
    assert_false(bytes.failed);
    sva_bytes_done(&bytes);
    assert_null(bytes.data);
}

static void a_failed_append_marks_the_bytes_and_keeps_them(void **state)
{
    (void)state;
    struct sva_bytes bytes = {0};
    sva_bytes_text(&bytes, "kept");
    sva_memory_fail_after(1);
    char big[500] = {0};
    sva_bytes_append(&bytes, big, sizeof big);
    sva_memory_fail_after(0);
    assert_true(bytes.failed);
    assert_string_equal((char *)bytes.data, "kept");
    sva_bytes_text(&bytes, "more");
    assert_string_equal((char *)bytes.data, "kept");
    sva_bytes_done(&bytes);
}

static void kept_bytes_are_text_in_the_arena(void **state)
{
    (void)state;
    struct sva_arena arena = {0};
    struct sva_bytes bytes = {0};
    assert_string_equal(sva_bytes_keep(&bytes, &arena), "");
    sva_bytes_text(&bytes, "kept");
    assert_string_equal(sva_bytes_keep(&bytes, &arena), "kept");
    assert_null(bytes.data);
    sva_bytes_text(&bytes, "kept");
    bytes.failed = true;
    assert_null(sva_bytes_keep(&bytes, &arena));
    assert_null(bytes.data);
    sva_arena_done(&arena);
}

static void only_the_chosen_allocation_fails(void **state)
{
    (void)state;
    sva_memory_fail_after(3);
    void *const first = sva_calloc(1, 1);
    void *const second = sva_strdup("x");
    void *const third = sva_calloc(1, 1);
    void *const fourth = sva_realloc_array(NULL, 1, 1);
    sva_memory_fail_after(0);
    assert_non_null(first);
    assert_non_null(second);
    assert_null(third);
    assert_non_null(fourth);
    sva_free(first);
    sva_free(second);
    sva_free(fourth);
}

/* -- cursor ------------------------------------------------------------------------------------ */

static void the_cursor_reads_little_endian_and_stops_for_good(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    struct sva_cursor cursor = {.span = {bytes, sizeof bytes}};
    assert_int_equal(sva_cursor_u8(&cursor), 1);
    assert_int_equal(sva_cursor_u16le(&cursor), 0x0302);
    assert_int_equal(sva_cursor_u32le(&cursor), 0x07060504);
    assert_true(sva_cursor_u64le(&cursor) == UINT64_C(0x0F0E0D0C0B0A0908));
    assert_int_equal(sva_cursor_left(&cursor), 1);
    assert_null(sva_cursor_take(&cursor, UINT64_MAX));
    assert_true(cursor.failed);
    assert_int_equal(sva_cursor_u8(&cursor), 0);
    assert_int_equal(sva_cursor_left(&cursor), 0);
}

static void the_cursor_reads_a_list_whole_or_not_at_all(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {1, 2, 0xff, 0x7f, 0x00, 0x80, 0x00, 0x00, 0xc0, 0xbf, 7};
    struct sva_cursor cursor = {.span = {bytes, sizeof bytes}};
    int16_t words[3] = {0, 0, 0};
    float number = 0.0F;
    sva_cursor_i16le_list(&cursor, words, 3);
    assert_int_equal(words[0], 0x0201);
    assert_int_equal(words[1], INT16_MAX);
    assert_int_equal(words[2], INT16_MIN);
    struct sva_cursor twice = cursor;
    sva_cursor_f32le_list(&cursor, &number, 1);
    assert_true(number == -1.5F);
    sva_cursor_f32le_list(&cursor, &number, 0);
    assert_false(cursor.failed);
    assert_int_equal(sva_cursor_left(&cursor), 1);
    sva_cursor_i16le_list(&cursor, words, 1); /* one byte is left */
    assert_true(cursor.failed);
    assert_int_equal(words[0], 0x0201);
    sva_cursor_f32le_list(&twice, &number, SIZE_MAX / 2); /* times four, 64 bits do not hold it */
    assert_true(twice.failed);
    assert_true(number == -1.5F);
}

/* -- hashes ------------------------------------------------------------------------------------ */

static void digests_match_published_values(void **state)
{
    (void)state;
    uint8_t digest[32];
    char text[65];
    assert_true(sva_sha256("abc", 3, digest)); /* FIPS 180-4, example 1 */
    sva_hex(digest, 32, text);
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    struct sva_sha256 *const state_of = sva_sha256_new();
    assert_non_null(state_of);
    for (unsigned round = 0; round < 2; round++) { /* final resets */
        sva_sha256_update(state_of, "a", 1);
        sva_sha256_update(state_of, NULL, 0);
        sva_sha256_update(state_of, "bc", 2);
        uint8_t again[32];
        sva_sha256_final(state_of, again);
        assert_memory_equal(again, digest, 32);
    }
    sva_sha256_free(state_of);
    sva_sha256_free(NULL);
    assert_true(sva_xxh3("", 0, 0) == UINT64_C(0x2D06800538D394C2)); /* xxHash test vectors */
    assert_true(sva_mix64(0) == 0);
    assert_true(sva_mix64(UINT64_C(0x9E3779B97F4A7C15)) == UINT64_C(0xE220A8397B1DCDAF));
}

/* Short inputs, one stripe, several blocks of stripes, and what is left over of each. */
static void row_hashes_are_the_same_on_every_level(void **state)
{
    static const size_t sizes[] = {0, 16, 240, 241, 256, 1024, 1025, 4096, 20000};
    static uint8_t bytes[20001];
    const enum sva_cpu_level before = sva_cpu_level();
    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)sva_mix64(i);
    }
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        assert_true(sva_cpu_use(SVA_CPU_BASELINE));
        const uint64_t expected = sva_xxh3(bytes + 1, sizes[i], 7);
        for (int level = 0; level < SVA_CPU_LEVELS; level++) {
            if (sva_cpu_use((enum sva_cpu_level)level)) {
                assert_true(sva_xxh3(bytes + 1, sizes[i], 7) == expected);
            }
        }
    }
    assert_true(sva_cpu_use(before));
}

static void hex_goes_there_and_back(void **state)
{
    (void)state;
    uint8_t bytes[3] = {9, 9, 9};
    assert_true(sva_unhex("00aBff", 6, bytes, 3));
    assert_int_equal(bytes[1], 0xAB);
    assert_false(sva_unhex("00ab", 4, bytes, 3));
    assert_false(sva_unhex("00abf", 5, bytes, 3));
    assert_false(sva_unhex("00abfg", 6, bytes, 3));
    assert_int_equal(bytes[2], 0xFF);
}

static void git_object_ids_are_those_of_git(void **state)
{
    (void)state;
    uint8_t id[20];
    char hex[41];
    assert_true(sva_git_blob_id("hello\n", 6, id)); /* printf 'hello\n' | git hash-object --stdin */
    sva_hex(id, sizeof id, hex);
    assert_string_equal(hex, "ce013625030ba8dba906f756967f9e9ca394464a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_error_wins),
        cmocka_unit_test(git_object_ids_are_those_of_git),
        cmocka_unit_test(long_texts_are_cut_between_characters),
        cmocka_unit_test(a_sentence_is_one_line),
        cmocka_unit_test(every_status_has_a_name_of_its_own),
        cmocka_unit_test(arithmetic_that_would_wrap_is_refused),
        cmocka_unit_test(impossible_arrays_are_refused),
        cmocka_unit_test(arena_blocks_are_zeroed_aligned_and_apart),
        cmocka_unit_test(arena_texts_are_formatted_and_cut),
        cmocka_unit_test(growing_bytes_end_with_nul),
        cmocka_unit_test(a_failed_append_marks_the_bytes_and_keeps_them),
        cmocka_unit_test(kept_bytes_are_text_in_the_arena),
        cmocka_unit_test(only_the_chosen_allocation_fails),
        cmocka_unit_test(the_cursor_reads_little_endian_and_stops_for_good),
        cmocka_unit_test(the_cursor_reads_a_list_whole_or_not_at_all),
        cmocka_unit_test(digests_match_published_values),
        cmocka_unit_test(row_hashes_are_the_same_on_every_level),
        cmocka_unit_test(hex_goes_there_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
