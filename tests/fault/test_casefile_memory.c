/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence bundles while allocations fail: whole or not there, and no folder is left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include <sovaudit/casefile.h>

#include "base/output.h"
#include "base/memory.h"
#include "refstore_prints.h"

enum {
    ALLOCATIONS_MOST = 200000,
    STRIDE = 7, /* every allocation at the beginning, then further and further apart */
};

static char directory[64], report[96], subject[96], reference[96], bundle[96], scratch[96];

static void save_print(const char *path, int seed)
{
    struct tiny_print tiny;
    tiny_make(&tiny, seed, seed);
    assert_int_equal(sva_print_save(&tiny.print, path, NULL), SVA_OK);
}

static int setup(void **state)
{
    (void)state;
    tiny_directory(directory);
    (void)snprintf(report, sizeof report, "%s/report.json", directory);
    (void)snprintf(subject, sizeof subject, "%s/subject.svp", directory);
    (void)snprintf(reference, sizeof reference, "%s/reference.svp", directory);
    (void)snprintf(bundle, sizeof bundle, "%s/case.tar.zst", directory);
    (void)snprintf(scratch, sizeof scratch, "%s/scratch", directory);
    save_print(subject, 1);
    save_print(reference, 2);
    if (mkdir(scratch, 0700) != 0 || setenv("TMPDIR", scratch, 1) != 0) {
        return -1;
    }
    const char *const refs[] = {reference};
    const struct sva_check_options options = {.ref_paths = refs,
                                              .ref_path_count = 1,
                                              .rules = "kr-independent-ai",
                                              .as_of = "2026-01-01",
                                              .threads = 1,
                                              .compare = sva_compare_options_default()};
    struct sva_audit_result *result = NULL;
    char *text = NULL;
    size_t size = 0;
    assert_int_equal(sva_check(subject, &options, &result, NULL), SVA_OK);
    assert_int_equal(sva_report_json(sva_audit_of(result), &text, &size, NULL), SVA_OK);
    assert_int_equal(sva_write_file(report, text, size, NULL), SVA_OK);
    free(text);
    sva_audit_free(result);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    (void)unlink(report);
    (void)unlink(subject);
    (void)unlink(reference);
    (void)unlink(bundle);
    return rmdir(scratch) != 0 ? -1 : rmdir(directory); /* scratch must be empty */
}

static enum sva_status write_bundle(struct sva_error *error)
{
    const char *const prints[] = {subject, reference};
    const struct sva_casefile_options options = {
        .report = report, .prints = prints, .print_count = 2};
    struct sva_casefile made = {.internal = NULL};
    const enum sva_status status = sva_casefile_write(bundle, &options, &made, error);
    sva_casefile_done(&made);
    return status;
}

static enum sva_status verify_bundle(struct sva_error *error)
{
    const struct sva_casefile_checks checks = {.threads = 1};
    struct sva_verification *lines = NULL;
    const enum sva_status status = sva_casefile_verify(bundle, &checks, &lines, error);
    sva_verification_free(lines);
    return status;
}

/** Fails allocations one by one until the work succeeds. */
static void fail_each(enum sva_status (*work)(struct sva_error *), bool makes)
{
    enum sva_status status = SVA_ERR_MEMORY;
    uint64_t at = 1;
    for (; status != SVA_OK && at < ALLOCATIONS_MOST; at += 1 + at / STRIDE / STRIDE) {
        struct sva_error error = {.status = SVA_OK};
        sva_memory_fail_after(at);
        status = work(&error);
        sva_memory_fail_after(0);
        assert_true(status == SVA_OK || error.text[0] != '\0');
        if (makes && status != SVA_OK) {
            assert_int_not_equal(access(bundle, F_OK), 0);
        }
    }
    assert_int_equal(status, SVA_OK);
}

static void a_bundle_is_whole_or_not_there(void **state)
{
    (void)state;
    fail_each(write_bundle, true);
    assert_int_equal(access(bundle, F_OK), 0);
}

static void a_verification_leaves_no_folder(void **state)
{
    (void)state;
    fail_each(verify_bundle, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bundle_is_whole_or_not_there),
        cmocka_unit_test(a_verification_leaves_no_folder),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
