/* SPDX-License-Identifier: Apache-2.0 */
/* Every allocation of judging and of the store fails once: an error, never a crash or a leak. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "judge_case.h"
#include "refstore_prints.h"

enum { MOST_ALLOCATIONS = 200000 };

/* Runs `work` with the n-th allocation failing, for n = 1 until it needs fewer. Returns the last n.
 */
static uint64_t fail_each(enum sva_status (*work)(void *context, struct sva_error *error),
                          void *context)
{
    for (uint64_t n = 1; n < MOST_ALLOCATIONS; n++) {
        struct sva_error error = {0};
        sva_memory_fail_after(n);
        const enum sva_status status = work(context, &error);
        sva_memory_fail_after(0);
        if (status == SVA_OK) {
            return n;
        }
        if (status != SVA_ERR_MEMORY) {
            fail_msg("allocation %llu: %s: %s", (unsigned long long)n, sva_status_name(status),
                     error.text);
        }
        assert_string_not_equal(error.text, "");
    }
    fail_msg("no end of allocations");
    return 0;
}

static enum sva_status load_by_name(void *context, struct sva_error *error)
{
    (void)context;
    struct sva_rulepack *pack = NULL;
    const enum sva_status status = sva_rulepack_load("kr-independent-ai", &pack, error);
    sva_rulepack_free(pack);
    return status;
}

static enum sva_status list_packs(void *context, struct sva_error *error)
{
    (void)context;
    char **names = NULL;
    size_t count = 0;
    const enum sva_status status = sva_rulepack_list(&names, &count, error);
    for (size_t i = 0; i < count; i++) {
        free(names[i]);
    }
    free(names);
    return status;
}

static enum sva_status judge_case(void *context, struct sva_error *error)
{
    struct judge_case *test = context;
    struct sva_verdict *verdict = NULL;
    const enum sva_status status = sva_judge(test->pack, &test->source, &verdict, error);
    sva_verdict_free(verdict);
    return status;
}

struct store_work {
    struct sva_refstore *store;
    struct tiny_print tiny;
};

static enum sva_status add_and_read(void *context, struct sva_error *error)
{
    struct store_work *work = context;
    struct sva_exact_hit *hits = NULL;
    struct sva_refstore_info info;
    size_t count = 0;
    char name[16];
    const struct sva_reference reference = tiny_reference(name, 1);
    enum sva_status status = sva_refstore_add(work->store, &reference, &work->tiny.print, error);
    if (status == SVA_OK) {
        status = sva_refstore_lookup(work->store, &work->tiny.print, &hits, &count, error);
    }
    if (status == SVA_OK) {
        status = sva_refstore_get_info(work->store, &info, error);
    }
    sva_exact_hits_free(hits, count);
    return status;
}

static enum sva_status open_store(void *context, struct sva_error *error)
{
    struct sva_refstore *store = NULL;
    const enum sva_status status = sva_refstore_open(context, true, &store, error);
    sva_refstore_close(store);
    return status;
}

static void packs_load_or_fail_cleanly(void **state)
{
    (void)state;
    assert_true(fail_each(load_by_name, NULL) > 5);
    assert_true(fail_each(list_packs, NULL) > 5);
}

static void judging_fails_cleanly(void **state)
{
    (void)state;
    struct judge_case test;
    judge_begin(&test);
    judge_add(&test, "a", "2024-01", SVA_ANSWER_DERIVED, SVA_ANSWER_NO_EVIDENCE);
    judge_add(&test, "b", "2024-01", SVA_ANSWER_IDENTICAL, SVA_ANSWER_NO_EVIDENCE);
    judge_hit(&test, "a", false, VISION);
    judge_hit(&test, "b", true, 0);
    (void)judge_run(&test, "kr-independent-ai-2026-01.json");
    assert_true(fail_each(judge_case, &test) > 10);
    judge_end(&test);
}

static void the_store_fails_cleanly_and_stays_whole(void **state)
{
    (void)state;
    char directory[64];
    char path[96];
    struct store_work work = {0};
    struct sva_error error = {0};
    tiny_directory(directory);
    (void)snprintf(path, sizeof path, "%s/refs.db", directory);
    assert_true(fail_each(open_store, path) > 2);
    tiny_make(&work.tiny, 1, 1);
    assert_int_equal(sva_refstore_open(path, false, &work.store, &error), SVA_OK);
    assert_true(fail_each(add_and_read, &work) > 5);
    assert_int_equal(sva_refstore_verify(work.store, &error), SVA_OK);
    sva_refstore_close(work.store);
    tiny_clean(directory, path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packs_load_or_fail_cleanly),
        cmocka_unit_test(judging_fails_cleanly),
        cmocka_unit_test(the_store_fails_cleanly_and_stays_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
