/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_search.h"

#include <pthread.h>

#include "base/fail.h"
#include "base/pool.h"

/** One search at work. */
struct work {
    struct sva_search *search;
    struct sva_compare_options options; /* of one comparison */
    size_t *todo;                       /* references to decode, in order */
    size_t todo_count;
    pthread_mutex_t lock;               /* guards the store, the visits and the progress */
    size_t done;
};

static void tell_progress(struct work *work)
{
    const struct sva_search *search = work->search;
    if (search->progress->update != NULL) {
        search->progress->update(search->progress->context, "compare", work->done,
                                 search->inputs->count);
    }
}

/** The store's connection belongs to one thread at a time; decoding needs no lock. */
static enum sva_status load(struct work *work, size_t index, struct sva_print **print,
                            struct sva_error *error)
{
    const struct sva_reference *reference = &work->search->inputs->references[index].reference;
    struct sva_packed_print packed = {0};
    (void)pthread_mutex_lock(&work->lock);
    tell_progress(work);
    enum sva_status status =
        sva_refstore_listed_print(work->search->inputs->store, reference, &packed, error);
    (void)pthread_mutex_unlock(&work->lock);
    if (status == SVA_OK) {
        status = sva_packed_print_decode(&packed, print, error);
    }
    sva_packed_print_done(&packed);
    return status;
}

static enum sva_status compare_one(void *context, size_t item, struct sva_error *error)
{
    struct work *work = context;
    struct sva_search *search = work->search;
    const size_t index = work->todo[item];
    struct sva_compared *compared = &search->compared[index];
    struct sva_opened reference = {0};
    enum sva_status status = load(work, index, &reference.print, error);
    if (status == SVA_OK) {
        status = sva_compare(search->subject, reference.print, &work->options,
                             &compared->comparison, error);
    }
    if (status == SVA_OK) {
        (void)pthread_mutex_lock(&work->lock);
        status = search->visit(search->context, index, &reference, error);
        work->done++;
        (void)pthread_mutex_unlock(&work->lock);
    }
    sva_close_side(&reference);
    return status;
}

/** A reference that shares no class: the answer of a comparison with a print that holds nothing. */
static enum sva_status answer_screened(struct work *work, size_t index,
                                       const struct sva_outline *outline, struct sva_error *error)
{
    struct sva_search *search = work->search;
    const struct sva_opened reference = {.print = outline->print};
    if (search->nothing == NULL) {
        const enum sva_status status = sva_compare(search->subject, outline->print,
                                                   &search->options, &search->nothing, error);
        if (status != SVA_OK) {
            return status;
        }
    }
    search->compared[index].comparison = search->nothing;
    work->done++;
    return search->visit(search->context, index, &reference, error);
}

static enum sva_status screen(struct work *work, struct sva_error *error)
{
    struct sva_search *search = work->search;
    struct sva_outline *outlines = NULL;
    size_t count = 0;
    enum sva_status status =
        sva_refstore_screen(search->inputs->store, search->subject, &outlines, &count, error);
    for (size_t i = 0; status == SVA_OK && i < search->inputs->count; i++) {
        const struct sva_input_reference *input = &search->inputs->references[i];
        if (input->path != NULL) {
            continue;
        }
        const struct sva_outline *outline =
            sva_outline_find(outlines, count, input->reference.print_digest);
        search->compared[i].reference = input->reference;
        if (outline == NULL || outline->comparable) {
            work->todo[work->todo_count++] = i;
        } else {
            status = answer_screened(work, i, outline, error);
        }
    }
    sva_outlines_free(outlines, count);
    return status;
}

/** Threads go to references first; what is left over, as with one big reference, to its tensors. */
static uint32_t share_threads(struct work *work)
{
    const uint32_t asked = work->search->options.threads;
    const uint32_t threads = asked == 0 ? sva_processor_count() : asked;
    const uint32_t outer = work->todo_count < threads ? (uint32_t)work->todo_count : threads;
    work->options = work->search->options;
    work->options.threads = outer == 0 ? 1 : threads / outer;
    return outer == 0 ? 1 : outer;
}

enum sva_status sva_search_store(struct sva_search *search, struct sva_error *error)
{
    struct work work = {.search = search};
    if (search->inputs->store == NULL) {
        return SVA_OK;
    }
    work.todo = sva_calloc(search->inputs->count, sizeof *work.todo);
    if (work.todo == NULL) {
        return sva_fail_memory(error, "searching the store");
    }
    if (pthread_mutex_init(&work.lock, NULL) != 0) {
        sva_free(work.todo);
        return sva_fail(error, SVA_ERR_INTERNAL, "no mutex could be made");
    }
    const struct sva_progress stop = {.cancelled = search->progress->cancelled,
                                      .context = search->progress->context};
    enum sva_status status = screen(&work, error);
    if (status == SVA_OK) {
        const uint32_t threads = share_threads(&work);
        status = sva_parallel(work.todo_count, threads, compare_one, &work, &stop, error);
    }
    search->decoded_count = work.todo_count;
    (void)pthread_mutex_destroy(&work.lock);
    sva_free(work.todo);
    return status;
}

enum sva_status sva_adjust_compared(const struct sva_compared *compared, size_t count,
                                    struct sva_comparison *nothing,
                                    const struct sva_compare_options *options,
                                    struct sva_error *error)
{
    struct sva_comparison **family = sva_calloc(count + 1, sizeof(struct sva_comparison *));
    size_t used = 0;
    if (family == NULL) {
        return sva_fail_memory(error, "comparing");
    }
    for (size_t i = 0; i < count; i++) {
        if (compared[i].comparison != nothing) {
            family[used++] = compared[i].comparison;
        }
    }
    if (nothing != NULL) {
        family[used++] = nothing;
    }
    sva_adjust(family, used, options);
    sva_free(family);
    return SVA_OK;
}

void sva_compared_free(struct sva_compared *compared, size_t count, struct sva_comparison *nothing)
{
    for (size_t i = 0; compared != NULL && i < count; i++) {
        if (compared[i].comparison != nothing) {
            sva_comparison_free(compared[i].comparison);
        }
    }
    sva_comparison_free(nothing);
    sva_free(compared);
}
