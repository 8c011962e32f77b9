/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>

#include "sign_folder.h"

#include <openssl/evp.h>

#include "attest/piece_digests.h"
#include "base/hash.h"
#include "sign/hash_hints.h"

enum { STEP = SVA_HINT_STEP_BYTES, VALUES = 3, BIG = VALUES * STEP + 5 };

static struct sva_key *key;

/* -- the text ---------------------------------------------------------------------------------- */

#define HEAD  "sovaudit-hints 1 16777216\n"
#define VALUE "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n"

static void hints_are_read_as_they_are_written(void **state)
{
    (void)state;
    static const char written[] = HEAD "16777217 a\n" VALUE "50331648 b/c d\n" VALUE VALUE;
    struct sva_arena arena = {.blocks = NULL};
    struct sva_hints hints;
    struct sva_bytes text = {.data = NULL};
    assert_int_equal(sva_hints_parse((struct sva_span){(const uint8_t *)written, strlen(written)},
                                     "x", &arena, &hints, NULL),
                     SVA_OK);
    assert_int_equal(hints.count, 2);
    const struct sva_hint *const found = sva_hints_find(&hints, "b/c d");
    assert_ptr_equal(found, &hints.items[1]);
    assert_true(found->size_bytes == 50331648 && found->values[1][0] == 0xBA);
    assert_null(sva_hints_find(&hints, "b"));
    sva_hints_begin(&text);
    sva_hints_put(&hints.items[0], &text);
    sva_hints_put(&hints.items[1], &text);
    assert_string_equal((const char *)text.data, written);
    sva_bytes_done(&text);
    sva_arena_done(&arena);
}

static void what_is_no_text_of_hints_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
        enum sva_status status;
    } cases[] = {
        {"", "ends where a line of hints is due, at byte 0", SVA_ERR_CORRUPT},
        {"hints\n", "does not begin as hints do", SVA_ERR_CORRUPT},
        {"sovaudit-hints 1 1024\n", "another version or step", SVA_ERR_UNSUPPORTED},
        {HEAD "16777217 a\n", "fewer hints follow than a file of that size has", SVA_ERR_CORRUPT},
        {HEAD "16777216 a\n", "too small to have any, at byte 26", SVA_ERR_CORRUPT},
        {HEAD "999999999999999999 a\n" VALUE, "fewer hints follow", SVA_ERR_CORRUPT},
        {HEAD "016777217 a\n" VALUE, "not a size in bytes", SVA_ERR_CORRUPT},
        {HEAD "16777217 \n" VALUE, "empty, long or has control characters", SVA_ERR_CORRUPT},
        {HEAD "16777217 a\nBA7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n",
         "not 64 hexadecimal digits in lower case, at byte 37", SVA_ERR_CORRUPT},
        {HEAD "16777217 b\n" VALUE "16777217 a\n" VALUE, "out of order, or twice, at byte 102",
         SVA_ERR_CORRUPT},
        {HEAD "16777217 a\n" VALUE "x", "a line has no end, at byte 102", SVA_ERR_CORRUPT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sva_arena arena = {.blocks = NULL};
        struct sva_hints hints;
        struct sva_error error = {.status = SVA_OK};
        const struct sva_span span = {(const uint8_t *)cases[i].text, strlen(cases[i].text)};
        assert_int_equal(sva_hints_parse(span, "m.hints", &arena, &hints, &error), cases[i].status);
        assert_non_null(strstr(error.text, "m.hints: "));
        if (strstr(error.text, cases[i].says) == NULL) {
            fail_msg("\"%s\" does not say \"%s\"", error.text, cases[i].says);
        }
        sva_arena_done(&arena);
    }
}

/* -- a model with a large file ----------------------------------------------------------------- */

static void make_big(const char *name, size_t size)
{
    uint8_t *const bytes = malloc(size + 8);
    assert_non_null(bytes);
    for (size_t i = 0; i < size; i += 8) {
        const uint64_t word = sva_mix64(i);
        memcpy(bytes + i, &word, sizeof word);
    }
    assert_int_equal(sva_write_file(at(name), bytes, size, NULL), SVA_OK);
    free(bytes);
}

static int make_model(void **state)
{
    if (make_folder(state) != 0 || sva_key_generate(SVA_KEY_EC_P256, &key, NULL) != SVA_OK) {
        return -1;
    }
    make_big("m/weights", BIG);
    const struct sva_manifest_options options = {.threads = 2, .hints = at("hints")};
    return sva_sign_model(at("m"), key, &options, at("sig"), NULL) == SVA_OK ? 0 : -1;
}

static int drop_model(void **state)
{
    sva_key_free(key);
    return drop_folder(state);
}

static void flip_byte(const char *name, off_t place)
{
    const int file = open(at(name), O_RDWR);
    uint8_t byte;
    assert_true(file >= 0);
    assert_int_equal(pread(file, &byte, 1, place), 1);
    byte ^= 1;
    assert_int_equal(pwrite(file, &byte, 1, place), 1);
    assert_int_equal(close(file), 0);
}

enum { HELD = 1, FALSE_HINTS = 2, CHANGED = 4, VERIFIED = 8 };

/* What a verification with the hints file `name` says of m/weights, whatever the threads. */
static void expect(const char *name, unsigned wanted)
{
    for (uint32_t threads = 1; threads <= 5; threads++) {
        const struct sva_manifest_options options = {.threads = threads, .hints = at(name)};
        struct sva_verification *seen = NULL;
        struct sva_error error = {.status = SVA_OK};
        unsigned flags = 0;
        if (sva_verify_model(at("m"), at("sig"), key, &options, &seen, &error) != SVA_OK) {
            fail_msg("%s", error.text);
        }
        for (size_t i = 0; i < seen->check_count; i++) {
            const struct sva_check *const check = &seen->checks[i];
            if (check->code == SVA_CHECK_HINTS && check->state == SVA_CHECK_PASSED) {
                assert_int_equal(check->count, 1);
                flags |= HELD;
            } else if (check->code == SVA_CHECK_HINTS) {
                assert_string_equal(check->text, "weights");
                flags |= FALSE_HINTS;
            } else if (check->code == SVA_CHECK_FILE_CHANGED) {
                assert_string_equal(check->text, "weights");
                flags |= CHANGED;
            }
        }
        flags |= seen->verified ? VERIFIED : 0;
        assert_int_equal(flags, wanted);
        sva_verification_free(seen);
    }
}

static void right_hints_hold(void **state)
{
    (void)state;
    uint8_t *text;
    size_t size;
    expect("hints", HELD | VERIFIED);
    assert_int_equal(sva_read_file(at("hints"), 1000, &text, &size, NULL), SVA_OK);
    assert_int_equal(size, sizeof HEAD - 1 + sizeof "50331653 weights" + VALUES * 65);
    assert_memory_equal(text, HEAD "50331653 weights\n", sizeof HEAD - 1 + 17);
    sva_free(text);
}

static void false_hints_never_change_the_answer(void **state)
{
    (void)state;
    for (int value = 0; value < VALUES; value++) {
        uint8_t *text;
        size_t size;
        assert_int_equal(sva_read_file(at("hints"), 1000, &text, &size, NULL), SVA_OK);
        uint8_t *const digit = text + sizeof HEAD - 1 + 17 + 65 * value;
        *digit = *digit == '0' ? '1' : '0';
        assert_int_equal(sva_write_file(at("false"), text, size, NULL), SVA_OK);
        expect("false", FALSE_HINTS | VERIFIED);
        sva_free(text);
    }
}

static void a_changed_file_is_found_wherever_it_changed(void **state)
{
    (void)state;
    static const off_t places[] = {0, STEP - 1, STEP, STEP + STEP / 2, VALUES * STEP - 1};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        flip_byte("m/weights", places[i]);
        expect("hints", FALSE_HINTS | CHANGED);
        flip_byte("m/weights", places[i]);
    }
    /* Behind the last hint all of them hold, and the digest is another one. */
    flip_byte("m/weights", BIG - 1);
    expect("hints", HELD | CHANGED);
    flip_byte("m/weights", BIG - 1);
    expect("hints", HELD | VERIFIED);
}

static void hints_made_for_a_changed_file_do_not_make_it_verify(void **state)
{
    (void)state;
    flip_byte("m/weights", STEP + 7);
    const struct sva_manifest_options options = {.threads = 2, .hints = at("other")};
    assert_int_equal(sva_sign_model(at("m"), key, &options, at("other.sig"), NULL), SVA_OK);
    expect("other", HELD | CHANGED);
    flip_byte("m/weights", STEP + 7);
    expect("other", FALSE_HINTS | VERIFIED);
}

static void a_file_of_another_size_is_hashed_without_hints(void **state)
{
    (void)state;
    assert_int_equal(truncate(at("m/weights"), BIG - 1), 0);
    expect("hints", FALSE_HINTS | CHANGED);
    assert_int_equal(truncate(at("m/weights"), 0), 0);
    expect("hints", FALSE_HINTS | CHANGED);
    make_big("m/weights", BIG);
    expect("hints", HELD | VERIFIED);
}

static void truncated_hints_are_an_error(void **state)
{
    (void)state;
    uint8_t *text;
    size_t size;
    assert_int_equal(sva_read_file(at("hints"), 1000, &text, &size, NULL), SVA_OK);
    for (size_t length = 0; length < size; length += 1 + size / 40) {
        if (length == sizeof HEAD - 1) {
            continue; /* hints for no file */
        }
        const struct sva_manifest_options options = {.hints = at("cut")};
        struct sva_verification *seen = NULL;
        struct sva_error error = {.status = SVA_OK};
        assert_int_equal(sva_write_file(at("cut"), text, length, NULL), SVA_OK);
        assert_int_equal(sva_verify_model(at("m"), at("sig"), key, &options, &seen, &error),
                         SVA_ERR_CORRUPT);
        assert_non_null(strstr(error.text, "cut: "));
        assert_null(seen);
    }
    sva_free(text);
}

static void hints_that_cannot_be_written_are_refused(void **state)
{
    (void)state;
    struct sva_error error = {.status = SVA_OK};
    struct sva_manifest_options options = {.hints = at("h"), .shard_bytes = STEP};
    assert_int_equal(sva_sign_model(at("m"), key, &options, at("s"), &error), SVA_ERR_USAGE);
    assert_non_null(strstr(error.text, "whole files"));
    options = (struct sva_manifest_options){.hints = at("s")};
    error.status = SVA_OK;
    assert_int_equal(sva_sign_model(at("m"), key, &options, at("s"), &error), SVA_ERR_USAGE);
    options.hints = at("missing/h");
    error.status = SVA_OK;
    assert_int_equal(sva_sign_model(at("m"), key, &options, at("s"), &error), SVA_ERR_NOT_FOUND);
}

/* -- files in parallel ------------------------------------------------------------------------- */

enum { FILES = 9 };

static void digests_do_not_depend_on_the_threads(void **state)
{
    (void)state;
    static const size_t sizes[FILES] = {0,       1,       63,  64, 1 << 18, (1 << 18) + 1,
                                        3000000, 3000001, STEP};
    struct sva_tree_file files[FILES];
    struct sva_piece pieces[FILES];
    struct sva_piece *list[FILES];
    char names[FILES][16];
    char paths[FILES][256];
    for (size_t i = 0; i < FILES; i++) {
        (void)snprintf(names[i], sizeof names[i], "f%zu", i);
        make_big(names[i], sizes[i]);
        (void)snprintf(paths[i], sizeof paths[i], "%s", at(names[i]));
        files[i] =
            (struct sva_tree_file){.path = names[i], .full = paths[i], .size_bytes = sizes[i]};
    }
    for (uint32_t threads = 1; threads <= 6; threads++) {
        const struct sva_piece_options options = {.kind = SVA_DIGEST_SHA256, .threads = threads};
        for (size_t i = 0; i < FILES; i++) {
            pieces[i] = (struct sva_piece){.file = &files[i], .name = names[i], .end = sizes[i]};
            list[i] = &pieces[i];
        }
        assert_int_equal(sva_pieces_digest(list, FILES, &options, NULL), SVA_OK);
        for (size_t i = 0; i < FILES; i++) {
            uint8_t expected[32];
            uint8_t *bytes;
            size_t size;
            assert_int_equal(sva_read_file(paths[i], STEP + 1, &bytes, &size, NULL), SVA_OK);
            assert_int_equal(EVP_Digest(bytes, size, expected, NULL, EVP_sha256(), NULL), 1);
            assert_memory_equal(pieces[i].digest, expected, 32);
            sva_free(bytes);
        }
    }
}

static void the_error_does_not_depend_on_the_threads(void **state)
{
    (void)state;
    struct sva_tree_file files[FILES];
    struct sva_piece pieces[FILES];
    struct sva_piece *list[FILES];
    for (size_t i = 0; i < FILES; i++) {
        static char paths[FILES][256];
        (void)snprintf(paths[i], sizeof paths[i], "%s", at("gone"));
        paths[i][strlen(paths[i]) - 1] = (char)('0' + i); /* gon0, gon1 ... are not there */
        files[i] = (struct sva_tree_file){.path = "x", .full = paths[i], .size_bytes = 100 - i};
    }
    for (uint32_t threads = 1; threads <= 6; threads++) {
        const struct sva_piece_options options = {.kind = SVA_DIGEST_SHA256, .threads = threads};
        struct sva_error error = {.status = SVA_OK};
        for (size_t i = 0; i < FILES; i++) {
            pieces[i] = (struct sva_piece){.file = &files[i], .end = files[i].size_bytes};
            list[FILES - 1 - i] = &pieces[i];
        }
        assert_int_equal(sva_pieces_digest(list, FILES, &options, &error), SVA_ERR_NOT_FOUND);
        assert_non_null(strstr(error.text, "gon0")); /* the longest is the first */
    }
}

static void every_failing_allocation_is_an_error_or_changes_nothing(void **state)
{
    (void)state;
    unsigned errors = 0;
    for (uint64_t nth = 1; nth <= 60; nth++) {
        const struct sva_manifest_options options = {.threads = 1, .hints = at("hints")};
        struct sva_verification *seen = NULL;
        sva_memory_fail_after(nth);
        const enum sva_status status =
            sva_verify_model(at("m"), at("sig"), key, &options, &seen, NULL);
        sva_memory_fail_after(0);
        errors += status != SVA_OK;
        assert_true(status == SVA_OK ? seen->verified : seen == NULL && status == SVA_ERR_MEMORY);
        sva_verification_free(seen);
    }
    assert_true(errors > 20 && errors < 60); /* the last ones are beyond the work's end */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hints_are_read_as_they_are_written),
        cmocka_unit_test(what_is_no_text_of_hints_is_refused_with_its_place),
        cmocka_unit_test(right_hints_hold),
        cmocka_unit_test(false_hints_never_change_the_answer),
        cmocka_unit_test(a_changed_file_is_found_wherever_it_changed),
        cmocka_unit_test(hints_made_for_a_changed_file_do_not_make_it_verify),
        cmocka_unit_test(a_file_of_another_size_is_hashed_without_hints),
        cmocka_unit_test(truncated_hints_are_an_error),
        cmocka_unit_test(hints_that_cannot_be_written_are_refused),
        cmocka_unit_test(digests_do_not_depend_on_the_threads),
        cmocka_unit_test(the_error_does_not_depend_on_the_threads),
        cmocka_unit_test(every_failing_allocation_is_an_error_or_changes_nothing),
    };
    return cmocka_run_group_tests(tests, make_model, drop_model);
}
