/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pool.h"

#include <pthread.h>
#include <unistd.h>

#include "base/fail.h"

enum { THREADS_MOST = 256 };

/*
 * Items are handed out in order, so when item k fails every item below k has
 * been handed out and will finish: the lowest failing item is the same for any
 * number of threads.
 */
struct pool {
    size_t count;
    sva_work *work;
    void *context;
    const struct sva_progress *progress;
    pthread_mutex_t lock; /* guards what follows */
    size_t next;
    bool stopped;
    bool cancelled;
    size_t failed_item;
    struct sva_error failure; /* of failed_item; status SVA_OK = none */
};

bool sva_is_cancelled(const struct sva_progress *progress)
{
    return progress != NULL && progress->cancelled != NULL &&
           progress->cancelled(progress->context);
}

static bool take_item(struct pool *pool, size_t *item)
{
    const bool cancelled = sva_is_cancelled(pool->progress);
    (void)pthread_mutex_lock(&pool->lock);
    bool taken = false;
    if (!pool->stopped && pool->next < pool->count) {
        if (cancelled) {
            pool->cancelled = true;
            pool->stopped = true;
        } else {
            *item = pool->next++;
            taken = true;
        }
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return taken;
}

static void note_failure(struct pool *pool, size_t item, const struct sva_error *error)
{
    (void)pthread_mutex_lock(&pool->lock);
    pool->stopped = true;
    if (pool->failure.status == SVA_OK || item < pool->failed_item) {
        pool->failed_item = item;
        pool->failure = *error;
    }
    (void)pthread_mutex_unlock(&pool->lock);
}

static void *run(void *argument)
{
    struct pool *const pool = argument;
    size_t item;
    while (take_item(pool, &item)) {
        struct sva_error error = {0};
        const enum sva_status status = pool->work(pool->context, item, &error);
        if (status != SVA_OK) {
            (void)sva_fail(&error, status, "work item %zu failed without saying why", item);
            error.status = status;
            note_failure(pool, item, &error);
        }
    }
    return NULL;
}

uint32_t sva_processor_count(void)
{
    const long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count < 1 ? 1 : count > THREADS_MOST ? THREADS_MOST : (uint32_t)count;
}

enum sva_status sva_parallel(size_t count, uint32_t threads, sva_work *work, void *context,
                             const struct sva_progress *progress, struct sva_error *error)
{
    struct pool pool = {.count = count, .work = work, .context = context, .progress = progress};
    if (pthread_mutex_init(&pool.lock, NULL) != 0) {
        return sva_fail(error, SVA_ERR_INTERNAL, "cannot make a lock for the worker threads");
    }
    size_t wanted = threads == 0 ? sva_processor_count() : threads;
    wanted = wanted > THREADS_MOST ? THREADS_MOST : wanted;
    wanted = wanted > count ? count : wanted;

    /* The caller is the last worker: when no thread can be started, it does everything. */
    pthread_t helpers[THREADS_MOST];
    size_t started = 0;
    while (started + 1 < wanted && pthread_create(&helpers[started], NULL, run, &pool) == 0) {
        started++;
    }
    (void)run(&pool);
    for (size_t i = 0; i < started; i++) {
        (void)pthread_join(helpers[i], NULL);
    }
    (void)pthread_mutex_destroy(&pool.lock);

    if (pool.failure.status != SVA_OK) {
        if (error != NULL && error->status == SVA_OK) {
            *error = pool.failure;
        }
        return pool.failure.status;
    }
    return pool.cancelled ? sva_fail(error, SVA_ERR_CANCELLED, "stopped on request") : SVA_OK;
}
