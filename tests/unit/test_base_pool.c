/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/fail.h"
#include "base/pool.h"

enum { COUNT = 2000 };

struct job {
    unsigned runs[COUNT]; /* each item writes only its own */
    size_t fails_from;    /* every third item from here on fails */
    pthread_t caller;
    _Atomic bool elsewhere;
    _Atomic unsigned polls;
    unsigned cancel_after;
};

static enum sva_status work(void *context, size_t item, struct sva_error *error)
{
    struct job *const job = context;
    job->runs[item]++;
    if (!pthread_equal(pthread_self(), job->caller)) {
        job->elsewhere = true;
    }
    for (volatile unsigned spin = 0; spin < item * 7919 % 3000; spin++) {
    }
    if (item >= job->fails_from && (item - job->fails_from) % 3 == 0) {
        return sva_fail(error, SVA_ERR_CORRUPT, "item %zu is bad", item);
    }
    return SVA_OK;
}

static bool cancelled(void *context)
{
    struct job *const job = context;
    return atomic_fetch_add(&job->polls, 1) >= job->cancel_after;
}

static const uint32_t thread_counts[] = {1, 2, 8, 0};

static void every_item_runs_once(void **state)
{
    (void)state;
    for (size_t t = 0; t < 4; t++) {
        struct job job = {.fails_from = COUNT, .caller = pthread_self()};
        assert_int_equal(sva_parallel(COUNT, thread_counts[t], work, &job, NULL, NULL), SVA_OK);
        for (size_t i = 0; i < COUNT; i++) {
            assert_int_equal(job.runs[i], 1);
        }
    }
}

static void the_lowest_failing_item_is_reported(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 40; round++) {
        struct job job = {.fails_from = round * 37 % 500, .caller = pthread_self()};
        struct sva_error error = {0};
        char text[64];
        assert_int_equal(sva_parallel(COUNT, thread_counts[round % 4], work, &job, NULL, &error),
                         SVA_ERR_CORRUPT);
        (void)snprintf(text, sizeof text, "item %zu is bad", job.fails_from);
        assert_string_equal(error.text, text);
        assert_int_equal(job.runs[COUNT - 1], 0); /* it stopped early */
    }
}

/* Item 0 waits until item 1 is about to fail, then fails much later. */
static enum sva_status fail_backwards(void *context, size_t item, struct sva_error *error)
{
    _Atomic bool *const second_failed = context;
    const struct timespec pause = {.tv_nsec = 1000000};
    if (item == 1) {
        atomic_store(second_failed, true);
    } else {
        for (unsigned i = 0; i < 5000 && !atomic_load(second_failed); i++) {
            (void)nanosleep(&pause, NULL);
        }
        for (unsigned i = 0; i < 50; i++) {
            (void)nanosleep(&pause, NULL);
        }
    }
    return sva_fail(error, SVA_ERR_CORRUPT, "item %zu is bad", item);
}

static void the_lowest_wins_even_when_it_fails_last(void **state)
{
    (void)state;
    _Atomic bool second_failed = false;
    struct sva_error error = {0};
    assert_int_equal(sva_parallel(2, 2, fail_backwards, &second_failed, NULL, &error),
                     SVA_ERR_CORRUPT);
    assert_string_equal(error.text, "item 0 is bad");
}

static void one_thread_is_the_callers_own(void **state)
{
    (void)state;
    struct job job = {.fails_from = COUNT, .caller = pthread_self()};
    assert_int_equal(sva_parallel(COUNT, 1, work, &job, NULL, NULL), SVA_OK);
    assert_false(job.elsewhere);
    assert_int_equal(sva_parallel(1, 8, work, &job, NULL, NULL), SVA_OK);
    assert_false(job.elsewhere);
}

static void cancellation_stops_between_items(void **state)
{
    (void)state;
    for (size_t t = 0; t < 4; t++) {
        struct job job = {.fails_from = COUNT, .caller = pthread_self(), .cancel_after = 100};
        const struct sva_progress progress = {.cancelled = cancelled, .context = &job};
        struct sva_error error = {0};
        assert_int_equal(sva_parallel(COUNT, thread_counts[t], work, &job, &progress, &error),
                         SVA_ERR_CANCELLED);
        assert_int_equal(error.status, SVA_ERR_CANCELLED);
        assert_int_equal(job.runs[COUNT - 1], 0);
    }
}

static enum sva_status mute(void *context, size_t item, struct sva_error *error)
{
    (void)context;
    (void)error;
    return item == 1 ? SVA_ERR_IO : SVA_OK;
}

static void a_failure_without_a_word_gets_one(void **state)
{
    (void)state;
    struct sva_error error = {0};
    assert_int_equal(sva_parallel(3, 2, mute, NULL, NULL, &error), SVA_ERR_IO);
    assert_int_equal(error.status, SVA_ERR_IO);
    assert_true(error.text[0] != '\0');
    struct sva_error earlier = {.status = SVA_ERR_LIMIT};
    assert_int_equal(sva_parallel(3, 2, mute, NULL, NULL, &earlier), SVA_ERR_IO);
    assert_int_equal(earlier.status, SVA_ERR_LIMIT);
}

static void no_items_are_no_work(void **state)
{
    (void)state;
    assert_int_equal(sva_parallel(0, 4, work, NULL, NULL, NULL), SVA_OK);
    assert_true(sva_processor_count() >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_runs_once),
        cmocka_unit_test(the_lowest_failing_item_is_reported),
        cmocka_unit_test(the_lowest_wins_even_when_it_fails_last),
        cmocka_unit_test(one_thread_is_the_callers_own),
        cmocka_unit_test(cancellation_stops_between_items),
        cmocka_unit_test(a_failure_without_a_word_gets_one),
        cmocka_unit_test(no_items_are_no_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
