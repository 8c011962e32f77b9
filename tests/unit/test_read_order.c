/* SPDX-License-Identifier: Apache-2.0 */
/* The order in which a model is read, and the digests of its files that come of it. */
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/output.h"
#include "fingerprint/file_hashes.h"
#include "fingerprint/read_order.h"
#include "sovaudit/print.h"

enum { MIB = 1 << 20, FILES = 5, TENSORS = 40 };

static struct sva_file files[FILES];
static struct sva_tensor tensors[TENSORS];
static char directory[] = "/tmp/sva-order-XXXXXX";

/** Two small files, and three of 100 to 400 MiB which share the tensors. */
static struct sva_model described(void)
{
    static const uint64_t sizes[FILES] = {0, 100 * MIB, 17, 400 * (uint64_t)MIB + 1, 300 * MIB};
    static const uint32_t holders[3] = {1, 3, 4};
    for (size_t i = 0; i < FILES; i++) {
        files[i] = (struct sva_file){.path = "file", .size_bytes = sizes[i]};
    }
    for (size_t i = 0; i < TENSORS; i++) {
        const uint32_t file = holders[i % 3];
        tensors[i] = (struct sva_tensor){.file = file,
                                         .offset_bytes = (uint64_t)i * 7 * MIB % sizes[file],
                                         .size_bytes = i == 4 ? 80 * MIB : MIB};
    }
    return (struct sva_model){
        .file_count = FILES, .files = files, .tensor_count = TENSORS, .tensors = tensors};
}

static void every_tensor_comes_once_and_every_file_is_hashed_to_its_end(void **state)
{
    (void)state;
    const struct sva_model model = described();
    for (uint32_t threads = 1; threads < 6; threads++) {
        struct sva_read_order order;
        assert_true(sva_read_order_init(&order, &model, NULL, true, threads));
        size_t seen[TENSORS] = {0};
        uint64_t until[FILES] = {0};
        size_t grouped[FILES] = {0};
        for (size_t i = 0; i < order.step_count; i++) {
            const struct sva_read_step *const step = &order.steps[i];
            if (step->tensor == SVA_STEP_HASHES) {
                assert_int_equal(step->until_bytes, until[step->group] + SVA_HASH_STEP_BYTES);
                until[step->group] = step->until_bytes;
            } else {
                seen[step->tensor]++;
            }
        }
        for (size_t g = 0; g < order.group_count; g++) {
            assert_in_range(order.groups[g].file_count, 1, 2);
            for (size_t k = 0; k < order.groups[g].file_count; k++) {
                const size_t file = order.groups[g].files[k];
                grouped[file]++;
                assert_true(until[g] >= files[file].size_bytes && until[g] > 0);
            }
        }
        for (size_t i = 0; i < TENSORS; i++) {
            assert_int_equal(seen[i], 1);
        }
        for (size_t i = 0; i < FILES; i++) {
            assert_int_equal(grouped[i], 1);
        }
        sva_read_order_done(&order);
    }
}

static void a_tensor_comes_after_the_digest_has_passed_its_first_byte(void **state)
{
    (void)state;
    const struct sva_model model = described();
    struct sva_read_order order;
    assert_true(
        sva_read_order_init(&order, &model, NULL, true, 8)); /* no pairs: a file to a group */
    uint64_t hashed[FILES] = {0};
    for (size_t i = 0; i < order.step_count; i++) {
        const struct sva_read_step *const step = &order.steps[i];
        if (step->tensor == SVA_STEP_HASHES) {
            hashed[step->group] = step->until_bytes;
        } else if (tensors[step->tensor].size_bytes == MIB) {
            const uint64_t begin = tensors[step->tensor].offset_bytes;
            assert_true(hashed[step->group] > begin);
            assert_true(hashed[step->group] <= begin + SVA_HASH_AHEAD_BYTES + SVA_HASH_STEP_BYTES);
        }
    }
    sva_read_order_done(&order);
}

static void long_files_are_paired_where_there_are_enough_for_all_threads(void **state)
{
    (void)state;
    const struct sva_model model = described();
    for (uint32_t threads = 1; threads < 6; threads++) {
        struct sva_read_order order;
        assert_true(sva_read_order_init(&order, &model, NULL, true, threads));
        assert_int_equal(order.group_count, threads <= 3 ? FILES - 1 : FILES);
        sva_read_order_done(&order);
    }
}

static void files_of_about_one_length_are_paired(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {300, 100, 290, 90, 200, 17, 0};
    enum { COUNT = sizeof sizes / sizeof *sizes };
    struct sva_file various[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        various[i] = (struct sva_file){.path = "file", .size_bytes = sizes[i] * MIB};
    }
    const struct sva_tensor one = {.file = 2, .offset_bytes = 8, .size_bytes = MIB};
    const struct sva_model model = {
        .file_count = COUNT, .files = various, .tensor_count = 1, .tensors = &one};
    struct sva_read_order order;
    assert_true(sva_read_order_init(&order, &model, NULL, true, 2));
    assert_int_equal(order.group_count, 4); /* 300 and 290, 200 and 100, 90 and 17, 0 */
    for (size_t g = 0; g < order.group_count; g++) {
        const struct sva_read_group *const group = &order.groups[g];
        const size_t partners[COUNT] = {2, 4, 0, 5, 1, 3, 6};
        const size_t last = group->file_count - 1;
        assert_int_equal(partners[group->files[0]], group->files[last]);
    }
    for (size_t i = 0; i < order.step_count; i++) {
        if (order.steps[i].tensor == 0) {
            assert_int_equal(order.steps[i].group, 0);
        }
    }
    sva_read_order_done(&order);
}

static void without_digests_only_tensors_are_read(void **state)
{
    (void)state;
    const struct sva_model model = described();
    struct sva_read_order order;
    assert_true(sva_read_order_init(&order, &model, NULL, false, 2));
    assert_int_equal(order.step_count, TENSORS);
    sva_read_order_done(&order);
}

static void write_bytes(const char *name, const void *head, size_t head_size, size_t size)
{
    char path[PATH_MAX];
    assert_true(snprintf(path, sizeof path, "%s/%s", directory, name) < PATH_MAX);
    uint8_t *const bytes = calloc(size + 1, 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(sva_mix64(i + size) >> 13);
    }
    memcpy(bytes, head, head_size);
    assert_int_equal(sva_write_file(path, bytes, size, NULL), SVA_OK);
    free(bytes);
}

/** A model with one tensor of 9 MiB, and files of lengths at which something begins or ends. */
static void make_model(void)
{
    static const size_t sizes[] = {0,           1,           128 * 1024, 128 * 1024 + 1,
                                   4 * MIB - 1, 5 * MIB + 3, 32 * MIB,   40 * MIB + 5};
    char head[256];
    const size_t tensor = 9 * (size_t)MIB;
    const int length = snprintf(
        head + 8, sizeof head - 8,
        "{\"a.weight\":{\"dtype\":\"U8\",\"shape\":[9,1048576],\"data_offsets\":[0,%zu]}}", tensor);
    assert_true(length > 0 && length < 240);
    memset(head, 0, 8);
    head[0] = (char)length;
    write_bytes("model.safetensors", head, (size_t)length + 8, tensor + (size_t)length + 8);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "extra-%zu.bin.txt", i);
        write_bytes(name, "", 0, sizes[i]);
    }
}

struct watched {
    uint64_t done, total;
};

static void watch(void *context, const char *stage, uint64_t done, uint64_t total)
{
    struct watched *const watched = context;
    (void)stage;
    assert_true(done >= watched->done);
    *watched = (struct watched){done, total};
}

static void assert_digest_is_good(const char *where, const struct sva_print_file *file)
{
    char path[PATH_MAX];
    uint8_t *bytes = NULL;
    size_t size = 0;
    uint8_t expected[32];
    (void)snprintf(path, sizeof path, "%s/%s", where, file->path);
    assert_int_equal(sva_read_file(path, UINT64_MAX, &bytes, &size, NULL), SVA_OK);
    assert_true(sva_sha256(bytes, size, expected));
    assert_true(file->hashed);
    assert_memory_equal(file->sha256, expected, sizeof expected);
    free(bytes);
}

/** A thread may take a step and come to do it when others have hashed the whole file. */
static void a_step_that_comes_late_changes_no_digest(void **state)
{
    (void)state;
    struct sva_model *model = NULL;
    struct sva_read_order order;
    struct sva_file_hashes hashes;
    struct sva_print_file *const hashed = calloc(9, sizeof *hashed);
    assert_non_null(hashed);
    assert_int_equal(sva_model_open(directory, NULL, &model, NULL), SVA_OK);
    for (size_t i = 0; i < model->file_count; i++) {
        hashed[i] = (struct sva_print_file){.path = model->files[i].path,
                                            .size_bytes = model->files[i].size_bytes};
    }
    assert_true(sva_read_order_init(&order, model, NULL, true, 2));
    assert_int_equal(sva_file_hashes_init(&hashes, model, &order, hashed, NULL), SVA_OK);
    for (size_t i = order.step_count; i > 0; i--) {
        const struct sva_read_step *const step = &order.steps[i - 1];
        if (step->tensor == SVA_STEP_HASHES) {
            assert_int_equal(sva_file_hashes_advance(&hashes, step->group, step->until_bytes, NULL),
                             SVA_OK);
        }
    }
    for (size_t i = 0; i < model->file_count; i++) {
        assert_digest_is_good(directory, &hashed[i]);
    }
    sva_file_hashes_done(&hashes);
    sva_read_order_done(&order);
    sva_model_close(model);
    free(hashed);
}

static void files_have_their_digests_for_any_number_of_threads(void **state)
{
    (void)state;
    struct sva_model *model = NULL;
    assert_int_equal(sva_model_open(directory, NULL, &model, NULL), SVA_OK);
    assert_int_equal(model->file_count, 9);
    for (uint32_t threads = 1; threads < 6; threads += 2) {
        struct watched watched = {0};
        struct sva_print *print = NULL;
        const struct sva_print_options options = {
            .threads = threads, .progress = {.update = watch, .context = &watched}};
        assert_int_equal(sva_print_make(model, &options, &print, NULL), SVA_OK);
        assert_int_equal(watched.done, watched.total);
        for (size_t i = 0; i < print->file_count; i++) {
            assert_digest_is_good(directory, &print->files[i]);
        }
        sva_print_free(print);
    }
    /* what was written to since it was opened has no digest that could be trusted */
    char path[PATH_MAX];
    struct sva_print *print = NULL;
    struct sva_error error = {0};
    (void)snprintf(path, sizeof path, "%s/model.safetensors", directory);
    const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    assert_int_equal(sva_print_make(model, NULL, &print, &error), SVA_ERR_CONFLICT);
    assert_non_null(strstr(error.text, "was written to while it was read"));
    sva_model_close(model);
}

static int make_directory(void **state)
{
    (void)state;
    if (mkdtemp(directory) == NULL) {
        return -1;
    }
    make_model();
    return 0;
}

static int drop_directory(void **state)
{
    (void)state;
    char command[64];
    (void)snprintf(command, sizeof command, "rm -r %s", directory);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_tensor_comes_once_and_every_file_is_hashed_to_its_end),
        cmocka_unit_test(a_tensor_comes_after_the_digest_has_passed_its_first_byte),
        cmocka_unit_test(long_files_are_paired_where_there_are_enough_for_all_threads),
        cmocka_unit_test(files_of_about_one_length_are_paired),
        cmocka_unit_test(without_digests_only_tensors_are_read),
        cmocka_unit_test(a_step_that_comes_late_changes_no_digest),
        cmocka_unit_test(files_have_their_digests_for_any_number_of_threads),
    };
    return cmocka_run_group_tests(tests, make_directory, drop_directory);
}
