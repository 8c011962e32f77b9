/* SPDX-License-Identifier: Apache-2.0 */
/* The n-th allocation fails while a print is made, decoded, compared: a clean error every time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sovaudit/compare.h>

#include "base/memory.h"
#include "fixtures.h"

static char directory[256];

static int make_fixture(void **state)
{
    (void)state;
    (void)snprintf(directory, sizeof directory, "%s/compare-memory-XXXXXX", SVA_BINARY_DIR);
    return mkdtemp(directory) == NULL || sva_fixture_make("cnn-independent", directory) != 0;
}

static int remove_fixture(void **state)
{
    (void)state;
    sva_fixture_remove(directory);
    return 0;
}

static struct sva_model *open_model(const char *side)
{
    char path[512];
    struct sva_model *model = NULL;
    (void)snprintf(path, sizeof path, "%s/%s", directory, side);
    assert_int_equal(sva_model_open(path, NULL, &model, NULL), SVA_OK);
    return model;
}

static struct sva_print *print_of(const char *side)
{
    struct sva_model *model = open_model(side);
    struct sva_print *print = NULL;
    assert_int_equal(sva_print_make(model, NULL, &print, NULL), SVA_OK);
    sva_model_close(model);
    return print;
}

/** Steps that grow, so that a walk over thousands of allocations stays short. */
static uint64_t next_step(uint64_t allocation)
{
    return allocation + 1 + allocation / 24;
}

static void making_a_print_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct sva_model *model = open_model("subject");
    const struct sva_print_options options = {.threads = 1};
    uint64_t failures = 0;
    for (uint64_t n = 1;; n = next_step(n)) {
        struct sva_print *print = NULL;
        struct sva_error error = {0};
        sva_memory_fail_after(n);
        const enum sva_status status = sva_print_make(model, &options, &print, &error);
        sva_memory_fail_after(0);
        if (status == SVA_OK) {
            sva_print_free(print);
            break;
        }
        assert_int_equal(status, SVA_ERR_MEMORY);
        assert_null(print);
        assert_true(error.text[0] != '\0');
        failures++;
    }
    assert_true(failures > 20);
    sva_model_close(model);
}

static void decoding_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct sva_print *print = print_of("subject");
    uint8_t *bytes = NULL;
    size_t size = 0;
    uint64_t failures = 0;
    assert_int_equal(sva_print_encode(print, &bytes, &size, NULL), SVA_OK);
    for (uint64_t n = 1;; n = next_step(n)) {
        struct sva_print *back = NULL;
        struct sva_error error = {0};
        sva_memory_fail_after(n);
        const enum sva_status status = sva_print_decode(bytes, size, "print", &back, &error);
        sva_memory_fail_after(0);
        if (status == SVA_OK) {
            sva_print_free(back);
            break;
        }
        assert_int_equal(status, SVA_ERR_MEMORY);
        failures++;
    }
    assert_true(failures > 20);
    free(bytes);
    sva_print_free(print);
}

static void comparing_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct sva_print *subject = print_of("subject");
    struct sva_print *reference = print_of("reference");
    struct sva_compare_options options = sva_compare_options_default();
    uint64_t failures = 0;
    options.threads = 1;
    for (uint64_t n = 1;; n = next_step(n)) {
        struct sva_comparison *comparison = NULL;
        struct sva_error error = {0};
        sva_memory_fail_after(n);
        const enum sva_status status = sva_compare(subject, reference, &options, &comparison, &error);
        sva_memory_fail_after(0);
        sva_comparison_free(comparison);
        if (status == SVA_OK) {
            break; /* Holm alone may fall back to Bonferroni without an error */
        }
        assert_int_equal(status, SVA_ERR_MEMORY);
        failures++;
    }
    assert_true(failures > 20);
    sva_print_free(subject);
    sva_print_free(reference);
}

static void comparing_weights_survives_every_failed_allocation(void **state)
{
    (void)state;
    struct sva_model *models[2] = {open_model("subject"), open_model("reference")};
    struct sva_print *prints[2] = {print_of("subject"), print_of("reference")};
    struct sva_comparison *comparison = NULL;
    struct sva_compare_options options = sva_compare_options_default();
    uint64_t failures = 0;
    options.threads = 1;
    assert_int_equal(sva_compare(prints[0], prints[1], &options, &comparison, NULL), SVA_OK);
    for (uint64_t n = 1;; n = next_step(n)) {
        struct sva_error error = {0};
        sva_memory_fail_after(n);
        const enum sva_status status =
            sva_compare_weights(models[0], models[1], &options, comparison, &error);
        sva_memory_fail_after(0);
        if (status == SVA_OK) {
            break;
        }
        assert_int_equal(status, SVA_ERR_MEMORY);
        assert_true(error.text[0] != '\0');
        failures++;
    }
    assert_true(failures > 5);
    sva_comparison_free(comparison);
    for (int side = 0; side < 2; side++) {
        sva_print_free(prints[side]);
        sva_model_close(models[side]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(making_a_print_survives_every_failed_allocation),
        cmocka_unit_test(decoding_survives_every_failed_allocation),
        cmocka_unit_test(comparing_survives_every_failed_allocation),
        cmocka_unit_test(comparing_weights_survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, make_fixture, remove_fixture);
}
