/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are read around the page cache, piece by piece. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/direct.h"
#include "base/hash.h"
#include "base/output.h"

enum { PIECE = SVA_DIRECT_PIECE_BYTES };

static char path[] = SVA_BINARY_DIR "/direct-XXXXXX";
static uint8_t *bytes; /* of the file */
static size_t size;

static void write_file(size_t size_bytes)
{
    size = size_bytes;
    bytes = malloc(size + 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(sva_mix64(i) >> 7);
    }
    assert_int_equal(sva_write_file(path, bytes, size, NULL), SVA_OK);
}

/** What was shown must be the file from its beginning. */
struct shown {
    size_t count;
    bool wrong;
};

static void look(void *context, const uint8_t *piece, size_t piece_size)
{
    struct shown *const shown = context;
    shown->wrong = shown->wrong || shown->count + piece_size > size ||
                   memcmp(piece, bytes + shown->count, piece_size) != 0;
    shown->count += piece_size;
}

struct opened {
    struct sva_input input;
    struct sva_direct *direct;
    struct sva_direct_file *file;
    struct shown shown;
};

/** False where the file system cannot be read around the page cache. */
static bool open_file(struct opened *opened)
{
    *opened = (struct opened){.input = {.fd = -1}};
    assert_int_equal(sva_input_open(-1, path, true, &opened->input, NULL), SVA_OK);
    opened->direct = sva_direct_new(1);
    assert_non_null(opened->direct);
    opened->file = sva_direct_file_new(opened->direct, &opened->input, look, &opened->shown);
    assert_non_null(opened->file);
    assert_int_equal(setenv("SOVAUDIT_READS", "direct", 1), 0);
    const bool can = sva_direct_pays(&opened->input);
    assert_int_equal(unsetenv("SOVAUDIT_READS"), 0);
    return can;
}

static void close_file(struct opened *opened)
{
    sva_direct_file_free(opened->file);
    sva_direct_free(opened->direct);
    sva_input_close(&opened->input);
    free(bytes);
    bytes = NULL;
}

/** Reads and compares; false: the reader was sent away. */
static bool read_at(struct opened *opened, uint64_t offset, size_t count)
{
    uint8_t *const got = malloc(count + 1);
    struct sva_error error = {0};
    bool done = false;
    assert_non_null(got);
    assert_int_equal(sva_direct_read(&opened->input, offset, got, count, &done, &error), SVA_OK);
    if (done) {
        assert_memory_equal(got, bytes + offset, count);
    }
    free(got);
    return done;
}

static void *help(void *context)
{
    struct opened *const opened = context;
    return (void *)(uintptr_t)sva_direct_help(opened->file, NULL);
}

static void a_file_goes_by_once_in_order(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 4095, PIECE, PIECE + 1, 2 * PIECE - 1, 70 * PIECE + 4097};
    static const size_t steps[] = {1 << 12, 100003, 5 * PIECE + 7};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (size_t k = 0; k < 2 * sizeof steps / sizeof *steps; k++) {
            const size_t step = steps[k / 2];
            const bool helped = k % 2 == 1;
            struct opened opened;
            pthread_t helper;
            if (sizes[i] / step > 20000) {
                continue;
            }
            write_file(sizes[i]);
            if (!open_file(&opened)) {
                close_file(&opened);
                skip();
            }
            if (helped) {
                assert_int_equal(pthread_create(&helper, NULL, help, &opened), 0);
            }
            sva_direct_begin(opened.file);
            for (size_t at = 0; at < size; at += step) {
                assert_true(read_at(&opened, at, size - at < step ? size - at : step));
            }
            assert_int_equal(sva_direct_finish(opened.file, NULL), SVA_OK);
            sva_direct_end(opened.file);
            if (helped) {
                void *outcome = NULL;
                assert_int_equal(pthread_join(helper, &outcome), 0);
                assert_ptr_equal(outcome, NULL);
            }
            assert_int_equal(opened.shown.count, size);
            assert_false(opened.shown.wrong);
            close_file(&opened);
        }
    }
}

struct stranger {
    struct opened *opened;
    bool done;
};

static void *read_as_a_stranger(void *context)
{
    struct stranger *const stranger = context;
    stranger->done = read_at(stranger->opened, 0, 10);
    return NULL;
}

static void who_looks_aside_is_sent_away(void **state)
{
    (void)state;
    struct opened opened;
    write_file(90 * (size_t)PIECE);
    if (!open_file(&opened)) {
        close_file(&opened);
        skip();
    }
    assert_false(read_at(&opened, 0, 10)); /* not begun */
    sva_direct_begin(opened.file);
    assert_true(read_at(&opened, 5, 10));
    assert_true(read_at(&opened, 0, 10)); /* kept still */
    assert_false(read_at(&opened, 50 * PIECE, 10));
    assert_false(read_at(&opened, size - 5, 10)); /* beyond the end */
    struct stranger stranger = {&opened, true};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, read_as_a_stranger, &stranger), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_false(stranger.done);
    assert_int_equal(sva_direct_move_to(opened.file, 50 * PIECE, NULL), SVA_OK);
    assert_true(read_at(&opened, 50 * PIECE, 10));
    assert_false(read_at(&opened, 0, 10));                              /* given up */
    assert_int_equal(sva_direct_move_to(opened.file, 3, NULL), SVA_OK); /* not backwards */
    assert_true(read_at(&opened, 50 * PIECE + 9, 3 * PIECE));
    assert_true(opened.shown.count >= 50 * (size_t)PIECE);
    sva_direct_end(opened.file); /* before its end: a reader may give up */
    assert_false(opened.shown.wrong);
    close_file(&opened);
}

static void a_file_that_became_shorter_is_a_conflict(void **state)
{
    (void)state;
    struct opened opened;
    struct sva_error error = {0};
    write_file(60 * (size_t)PIECE);
    if (!open_file(&opened)) {
        close_file(&opened);
        skip();
    }
    assert_int_equal(truncate(path, 40 * PIECE), 0);
    sva_direct_begin(opened.file);
    assert_int_equal(sva_direct_finish(opened.file, &error), SVA_ERR_CONFLICT);
    assert_non_null(strstr(error.text, "it became shorter"));
    uint8_t byte;
    bool done = false;
    error = (struct sva_error){0};
    assert_int_equal(sva_direct_read(&opened.input, 0, &byte, 1, &done, &error),
                     done ? SVA_ERR_CONFLICT : SVA_OK);
    sva_direct_end(opened.file);
    assert_int_equal(sva_direct_help(opened.file, NULL), SVA_ERR_CONFLICT);
    close_file(&opened);
}

static void the_environment_decides_or_the_page_cache(void **state)
{
    (void)state;
    struct opened opened;
    write_file(PIECE);
    if (!open_file(&opened)) {
        close_file(&opened);
        skip();
    }
    assert_int_equal(setenv("SOVAUDIT_READS", "cached", 1), 0);
    assert_false(sva_direct_pays(&opened.input));
    assert_int_equal(unsetenv("SOVAUDIT_READS"), 0);
    assert_false(sva_direct_pays(&opened.input)); /* too short */
    close_file(&opened);
}

static int make_path(void **state)
{
    (void)state;
    const int fd = mkstemp(path);
    return fd < 0 || close(fd) != 0 ? -1 : 0;
}

static int drop_path(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_goes_by_once_in_order),
        cmocka_unit_test(who_looks_aside_is_sent_away),
        cmocka_unit_test(a_file_that_became_shorter_is_a_conflict),
        cmocka_unit_test(the_environment_decides_or_the_page_cache),
    };
    return cmocka_run_group_tests(tests, make_path, drop_path);
}
