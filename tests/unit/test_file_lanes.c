/* SPDX-License-Identifier: Apache-2.0 */
/* A print is the same whichever way the files come. */
#include <limits.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <sovaudit/print.h>

#include "base/fail.h"
#include "fingerprint/file_lanes.h"
#include "fixtures/fixtures.h"

static char root[] = SVA_BINARY_DIR "/lanes-XXXXXX";

static struct sva_print *print_of(const struct sva_model *model, const char *reads,
                                  uint32_t threads, bool skip_hashes)
{
    struct sva_print *print = NULL;
    struct sva_error error = {0};
    const struct sva_print_options options = {.threads = threads, .skip_file_hashes = skip_hashes};
    assert_int_equal(setenv("SOVAUDIT_READS", reads, 1), 0);
    const enum sva_status status = sva_print_make(model, &options, &print, &error);
    if (status != SVA_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(unsetenv("SOVAUDIT_READS"), 0);
    return print;
}

static void assert_same(const struct sva_print *a, const struct sva_print *b)
{
    assert_memory_equal(a->digest, b->digest, sizeof a->digest);
    assert_int_equal(a->file_count, b->file_count);
    for (size_t i = 0; i < a->file_count; i++) {
        assert_int_equal(a->files[i].hashed, b->files[i].hashed);
        assert_memory_equal(a->files[i].sha256, b->files[i].sha256, sizeof a->files[i].sha256);
    }
}

/** Opens one model in a format, made in `directory`. */
static struct sva_model *open_format(const char *name, char directory[PATH_MAX])
{
    char path[PATH_MAX];
    struct sva_model *model = NULL;
    size_t format = 0;
    while (strcmp(sva_fixture_format_name(format), name) != 0) {
        format++;
    }
    assert_true(snprintf(directory, PATH_MAX, "%s/%s", root, name) < PATH_MAX);
    assert_int_equal(sva_fixture_make_format(41, 42, name, directory), 0);
    sva_fixture_format_path(format, root, path, sizeof path);
    assert_int_equal(sva_model_open(path, NULL, &model, NULL), SVA_OK);
    return model;
}

/** Tensors in one piece and in several, which are looked up across the file. */
static void prints_are_the_same_in_every_format(void **state)
{
    (void)state;
    static const char *const formats[] = {"f32-shards", "gguf-q4_k", "fp8-block", "gptq-act-order",
                                          "awq",        "mxfp4",     "torch",     "tar"};
    char directory[PATH_MAX];
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        struct sva_model *const model = open_format(formats[i], directory);
        struct sva_print *const cached = print_of(model, "cached", 2, false);
        struct sva_print *const direct = print_of(model, "direct", 1 + (uint32_t)(i % 2), false);
        assert_same(cached, direct);
        sva_print_free(cached);
        sva_print_free(direct);
        sva_model_close(model);
        assert_int_equal(sva_fixture_remove(directory), 0);
    }
}

static enum sva_status scan_nothing(void *context, size_t tensor, struct sva_error *error)
{
    (void)context;
    (void)tensor;
    (void)error;
    return SVA_OK;
}

/** Work items that lanes make of a model. */
static size_t count_items(const struct sva_model *model, uint32_t threads, bool hashing)
{
    const struct sva_lane_work work = {
        .model = model, .hashing = hashing, .threads = threads, .scan = scan_nothing};
    struct sva_file_lanes lanes;
    assert_int_equal(setenv("SOVAUDIT_READS", "direct", 1), 0);
    assert_int_equal(sva_file_lanes_init(&lanes, &work, NULL), SVA_OK);
    const size_t count = lanes.item_count;
    sva_file_lanes_done(&lanes);
    assert_int_equal(unsetenv("SOVAUDIT_READS"), 0);
    return count;
}

/** More files than threads, as many, fewer; with digests and without. */
static void prints_are_the_same_for_any_number_of_threads(void **state)
{
    (void)state;
    char directory[PATH_MAX];
    (void)snprintf(directory, sizeof directory, "%s/model", root);
    const struct sva_big_shape shape = {
        .width = 128, .hidden = 256, .narrow = 64, .words = 512, .shards = 3, .seed = 5};
    struct sva_model *model = NULL;
    assert_int_equal(sva_fixture_make_shaped(directory, 9000000, &shape), 0);
    assert_int_equal(sva_model_open(directory, NULL, &model, NULL), SVA_OK);
    const size_t alone = count_items(model, 1, true);
    if (alone == 0) { /* the file system cannot be read around the page cache */
        sva_model_close(model);
        assert_int_equal(sva_fixture_remove(directory), 0);
        skip();
    }
    assert_int_equal(alone, 3);
    assert_int_equal(count_items(model, 6, true), 6); /* a thread reads, a thread hashes */
    assert_int_equal(count_items(model, 6, false), 3);
    assert_int_equal(count_items(model, 7, true), 0); /* more threads than lanes could use */
    for (int skipping = 0; skipping < 2; skipping++) {
        struct sva_print *const cached = print_of(model, "cached", 2, skipping == 1);
        for (uint32_t threads = 1; threads <= 7; threads++) {
            struct sva_print *const direct = print_of(model, "direct", threads, skipping == 1);
            assert_same(cached, direct);
            sva_print_free(direct);
        }
        sva_print_free(cached);
    }
    sva_model_close(model);
    assert_int_equal(sva_fixture_remove(directory), 0);
}

/** A shared model may be read by several threads: each print has lanes of its own. */
struct maker {
    const struct sva_model *model;
    struct sva_print *print;
    enum sva_status status;
};

static void *make_print(void *context)
{
    struct maker *const maker = context;
    const struct sva_print_options options = {.threads = 2};
    maker->status = sva_print_make(maker->model, &options, &maker->print, NULL);
    return NULL;
}

static void two_prints_are_made_of_one_model_at_a_time(void **state)
{
    (void)state;
    char directory[PATH_MAX];
    struct sva_model *const model = open_format("f32-shards", directory);
    struct sva_print *const cached = print_of(model, "cached", 2, false);
    struct maker makers[2] = {{.model = model}, {.model = model}};
    pthread_t threads[2];
    assert_int_equal(setenv("SOVAUDIT_READS", "direct", 1), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, make_print, &makers[i]), 0);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(makers[i].status, SVA_OK);
        assert_same(cached, makers[i].print);
        sva_print_free(makers[i].print);
    }
    assert_int_equal(unsetenv("SOVAUDIT_READS"), 0);
    sva_print_free(cached);
    sva_model_close(model);
    assert_int_equal(sva_fixture_remove(directory), 0);
}

/** Fails at every tensor and says which file it lies in. */
static enum sva_status scan_and_fail(void *context, size_t tensor, struct sva_error *error)
{
    const struct sva_model *const model = context;
    return sva_fail(error, SVA_ERR_CORRUPT, "%s", model->files[model->tensors[tensor].file].path);
}

static void of_several_errors_the_same_is_told_for_any_number_of_threads(void **state)
{
    (void)state;
    char directory[PATH_MAX];
    struct sva_model *const model = open_format("f32-shards", directory);
    char first[sizeof(struct sva_error)] = "";
    assert_int_equal(setenv("SOVAUDIT_READS", "direct", 1), 0);
    for (uint32_t threads = 1; threads <= 4; threads++) {
        const struct sva_lane_work work = {
            .model = model, .threads = threads, .scan = scan_and_fail, .context = model};
        struct sva_file_lanes lanes;
        struct sva_error error = {0};
        assert_int_equal(sva_file_lanes_init(&lanes, &work, NULL), SVA_OK);
        if (lanes.item_count > 0) {
            assert_int_equal(sva_file_lanes_read(&lanes, &error), SVA_ERR_CORRUPT);
            assert_true(first[0] == '\0' || strcmp(first, error.text) == 0);
            (void)snprintf(first, sizeof first, "%s", error.text);
        }
        sva_file_lanes_done(&lanes);
    }
    assert_int_equal(unsetenv("SOVAUDIT_READS"), 0);
    sva_model_close(model);
    assert_int_equal(sva_fixture_remove(directory), 0);
}

static bool stop(void *context)
{
    _Atomic int *const asked = context;
    return atomic_fetch_add(asked, 1) >= 20;
}

/** Ctrl-C in the middle: the helper and the threads that read ahead come to an end. */
static void a_stop_in_the_middle_ends_all_threads(void **state)
{
    (void)state;
    char directory[PATH_MAX];
    (void)snprintf(directory, sizeof directory, "%s/model", root);
    assert_int_equal(sva_fixture_make_format(41, 42, "bf16", directory), 0);
    struct sva_model *model = NULL;
    assert_int_equal(sva_model_open(directory, NULL, &model, NULL), SVA_OK);
    assert_int_equal(setenv("SOVAUDIT_READS", "direct", 1), 0);
    for (uint32_t threads = 1; threads <= 2; threads++) {
        _Atomic int asked = 0;
        struct sva_print *print = NULL;
        const struct sva_print_options options = {
            .threads = threads, .progress = {.cancelled = stop, .context = &asked}};
        assert_int_equal(sva_print_make(model, &options, &print, NULL), SVA_ERR_CANCELLED);
    }
    assert_int_equal(unsetenv("SOVAUDIT_READS"), 0);
    sva_model_close(model);
    assert_int_equal(sva_fixture_remove(directory), 0);
}

static int make_root(void **state)
{
    (void)state;
    return mkdtemp(root) == NULL ? -1 : 0;
}

static int drop_root(void **state)
{
    (void)state;
    return rmdir(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_are_the_same_in_every_format),
        cmocka_unit_test(prints_are_the_same_for_any_number_of_threads),
        cmocka_unit_test(two_prints_are_made_of_one_model_at_a_time),
        cmocka_unit_test(of_several_errors_the_same_is_told_for_any_number_of_threads),
        cmocka_unit_test(a_stop_in_the_middle_ends_all_threads),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
