/* SPDX-License-Identifier: Apache-2.0 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* O_DIRECT */
#endif
#ifndef _FILE_OFFSET_BITS
#define _FILE_OFFSET_BITS 64
#endif

#include "base/direct.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/memory.h"
#include "base/page_cache.h"

enum {
    PIECE_BYTES = SVA_DIRECT_PIECE_BYTES,
    FETCHERS = 12,    /* threads; as many reads are under way */
    PIECES_MOST = 24, /* of one file at a time */
    PIECES_LEAST = 6,
    PIECES_OF_ALL = 64,     /* shared out among the files, but for PIECES_LEAST */
    ALIGNMENT_BYTES = 4096, /* of memory, for O_DIRECT */
    PAYS_FROM_BYTES = 64 << 20
};

struct piece {
    bool ready;     /* the last one that was asked for into this room is there */
    uint8_t *bytes; /* [PIECE_BYTES] */
};

/** Room for the pieces of one file: piece n of the file lies in pieces[n % count]. */
struct ring {
    struct piece *pieces;
    bool taken;
};

struct sva_direct {
    pthread_mutex_t lock;          /* guards all below, and the files */
    pthread_cond_t work;           /* there is room for a piece */
    pthread_cond_t news;           /* a piece is there or was shown; a file has failed or ended */
    struct sva_direct_file *files; /* begun, not ended */
    struct ring *rings;
    size_t ring_count, ring_pieces;
    struct piece *pieces; /* [ring_count * ring_pieces] */
    uint8_t *memory;      /* theirs */
    pthread_t fetchers[FETCHERS];
    size_t fetcher_count;
    bool stopping;
};

struct sva_direct_file {
    struct sva_direct *direct;
    const struct sva_input *input;
    int fd; /* -1: not begun, ended, or it cannot be opened any more */
    void (*show)(void *context, const uint8_t *bytes, size_t size);
    void *context;
    uint64_t piece_count;
    uint64_t first;    /* the lowest piece that is kept */
    uint64_t asked;    /* the next one to be fetched */
    uint64_t shown;    /* the next one to be shown */
    uint64_t position; /* where the reader goes on */
    struct ring *ring; /* NULL: not begun, or ended */
    size_t fetching;   /* pieces under way */
    bool showing, ended;
    enum sva_status status;
    struct sva_error error;
    struct sva_direct_file *next;
};

/** The file that the calling thread reads: no other thread asks for its pieces. */
static _Thread_local struct sva_direct_file *reading;

/** The same file once more; -1 where that cannot be. */
static int open_directly(const struct sva_input *input)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", input->fd);
    return open(path, O_RDONLY | O_DIRECT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

static bool can_be_opened(const struct sva_input *input)
{
    const int fd = open_directly(input);
    if (fd >= 0) {
        (void)close(fd);
    }
    return fd >= 0;
}

bool sva_direct_pays(const struct sva_input *input)
{
    const char *const asked = getenv("SOVAUDIT_READS");
    const bool always = asked != NULL && strcmp(asked, "direct") == 0;
    const bool never = asked != NULL && strcmp(asked, "cached") == 0;
    return !never && input->base_offset == 0 && input->size_bytes > 0 &&
           (always || (input->size_bytes >= PAYS_FROM_BYTES && sva_input_is_cold(input))) &&
           can_be_opened(input);
}

/* -- pieces ------------------------------------------------------------------------------------ */

static struct piece *piece_of(const struct sva_direct_file *file, uint64_t number)
{
    return &file->ring->pieces[number % file->direct->ring_pieces];
}

static size_t piece_size(const struct sva_direct_file *file, uint64_t number)
{
    const uint64_t left = file->input->size_bytes - number * PIECE_BYTES;
    return left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
}

static bool is_ready(const struct sva_direct_file *file, uint64_t number)
{
    return number < file->asked && piece_of(file, number)->ready;
}

/** Bytes of a piece into its room. What the direct way does not give, the plain way must. */
static enum sva_status fetch(const struct sva_direct_file *file, uint64_t number, uint8_t *bytes,
                             struct sva_error *error)
{
    const size_t size = piece_size(file, number);
    ssize_t got;
    do {
        got = pread(file->fd, bytes, PIECE_BYTES, (off_t)(number * PIECE_BYTES));
    } while (got < 0 && errno == EINTR);
    return got >= 0 && (size_t)got >= size
               ? SVA_OK
               : sva_input_read(file->input, number * PIECE_BYTES, bytes, size, error);
}

/** A file with room for its next piece, which goes to the end of the list; NULL: none. */
static struct sva_direct_file *next_file(struct sva_direct *direct)
{
    for (struct sva_direct_file **at = &direct->files; *at != NULL; at = &(*at)->next) {
        struct sva_direct_file *const file = *at;
        if (file->status == SVA_OK && file->asked < file->piece_count &&
            file->asked < file->first + direct->ring_pieces) {
            struct sva_direct_file **end = at;
            while (*end != NULL) {
                end = &(*end)->next;
            }
            *end = file;
            *at = file->next;
            file->next = NULL;
            return file;
        }
    }
    return NULL;
}

static void note_failure(struct sva_direct_file *file, enum sva_status status,
                         const struct sva_error *error)
{
    if (file->status == SVA_OK) {
        file->status = status;
        file->error = *error;
    }
}

static void *fetch_pieces(void *context)
{
    struct sva_direct *const direct = context;
    (void)pthread_mutex_lock(&direct->lock);
    while (!direct->stopping) {
        struct sva_direct_file *const file = next_file(direct);
        if (file == NULL) {
            (void)pthread_cond_wait(&direct->work, &direct->lock);
            continue;
        }
        struct sva_error error = {0};
        const uint64_t number = file->asked++;
        struct piece *const piece = piece_of(file, number);
        piece->ready = false;
        file->fetching++;
        (void)pthread_mutex_unlock(&direct->lock);
        const enum sva_status status = fetch(file, number, piece->bytes, &error);
        (void)pthread_mutex_lock(&direct->lock);
        file->fetching--;
        piece->ready = true;
        if (status != SVA_OK) {
            note_failure(file, status, &error);
        }
        (void)pthread_cond_broadcast(&direct->news);
    }
    (void)pthread_mutex_unlock(&direct->lock);
    return NULL;
}

/* -- readers and helpers; all below is called with the lock held ------------------------------- */

static void wait_for_news(struct sva_direct_file *file)
{
    (void)pthread_cond_wait(&file->direct->news, &file->direct->lock);
}

/** Shows the next piece if it is there and nobody does already. False: somebody must be waited for.
 */
static bool show_next(struct sva_direct_file *file)
{
    if (file->showing || !is_ready(file, file->shown)) {
        return false;
    }
    const struct piece *const piece = piece_of(file, file->shown);
    const size_t size = piece_size(file, file->shown);
    file->showing = true;
    (void)pthread_mutex_unlock(&file->direct->lock);
    if (file->show != NULL) {
        file->show(file->context, piece->bytes, size);
    }
    (void)pthread_mutex_lock(&file->direct->lock);
    file->showing = false;
    file->shown++;
    (void)pthread_cond_broadcast(&file->direct->news);
    return true;
}

/** Gives up the pieces before `number`, when they were shown. */
static void give_up_before(struct sva_direct_file *file, uint64_t number)
{
    const uint64_t until = number < file->piece_count ? number : file->piece_count;
    while (file->first < until && file->status == SVA_OK) {
        if (file->shown > file->first) {
            file->first++;
            (void)pthread_cond_signal(&file->direct->work);
        } else if (!show_next(file)) {
            wait_for_news(file);
        }
    }
}

static enum sva_status status_of(const struct sva_direct_file *file, struct sva_error *error)
{
    if (file->status != SVA_OK && error != NULL) {
        *error = file->error;
    }
    return file->status;
}

/* -- what is public ---------------------------------------------------------------------------- */

static bool make_rings(struct sva_direct *direct, uint32_t most)
{
    const size_t share = PIECES_OF_ALL / most;
    direct->ring_pieces = share < PIECES_LEAST  ? PIECES_LEAST
                          : share > PIECES_MOST ? PIECES_MOST
                                                : share;
    direct->rings = sva_calloc(most, sizeof *direct->rings);
    direct->pieces = sva_calloc(most * direct->ring_pieces, sizeof *direct->pieces);
    direct->memory = sva_calloc(most * direct->ring_pieces + 1, PIECE_BYTES);
    if (direct->rings == NULL || direct->pieces == NULL || direct->memory == NULL) {
        return false;
    }
    const size_t beyond = (uintptr_t)direct->memory % ALIGNMENT_BYTES;
    uint8_t *const aligned = direct->memory + (beyond == 0 ? 0 : ALIGNMENT_BYTES - beyond);
    for (size_t i = 0; i < most * direct->ring_pieces; i++) {
        direct->pieces[i].bytes = aligned + i * PIECE_BYTES;
    }
    for (size_t i = 0; i < most; i++) {
        direct->rings[i].pieces = direct->pieces + i * direct->ring_pieces;
    }
    direct->ring_count = most;
    return true;
}

static bool make_locks(struct sva_direct *direct)
{
    if (pthread_mutex_init(&direct->lock, NULL) != 0) {
        return false;
    }
    if (pthread_cond_init(&direct->work, NULL) != 0) {
        (void)pthread_mutex_destroy(&direct->lock);
        return false;
    }
    if (pthread_cond_init(&direct->news, NULL) != 0) {
        (void)pthread_cond_destroy(&direct->work);
        (void)pthread_mutex_destroy(&direct->lock);
        return false;
    }
    return true;
}

static void free_rings(struct sva_direct *direct)
{
    sva_free(direct->memory);
    sva_free(direct->pieces);
    sva_free(direct->rings);
    sva_free(direct);
}

struct sva_direct *sva_direct_new(uint32_t most)
{
    struct sva_direct *const direct = sva_calloc(1, sizeof *direct);
    if (direct == NULL) {
        return NULL;
    }
    if (!make_rings(direct, most) || !make_locks(direct)) {
        free_rings(direct);
        return NULL;
    }
    while (direct->fetcher_count < FETCHERS &&
           pthread_create(&direct->fetchers[direct->fetcher_count], NULL, fetch_pieces, direct) ==
               0) {
        direct->fetcher_count++;
    }
    if (direct->fetcher_count == 0) {
        sva_direct_free(direct);
        return NULL;
    }
    return direct;
}

void sva_direct_free(struct sva_direct *direct)
{
    if (direct == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&direct->lock);
    direct->stopping = true;
    (void)pthread_cond_broadcast(&direct->work);
    (void)pthread_mutex_unlock(&direct->lock);
    for (size_t i = 0; i < direct->fetcher_count; i++) {
        (void)pthread_join(direct->fetchers[i], NULL);
    }
    (void)pthread_cond_destroy(&direct->news);
    (void)pthread_cond_destroy(&direct->work);
    (void)pthread_mutex_destroy(&direct->lock);
    free_rings(direct);
}

struct sva_direct_file *sva_direct_file_new(
    struct sva_direct *direct, const struct sva_input *input,
    void (*show)(void *context, const uint8_t *bytes, size_t size), void *context)
{
    struct sva_direct_file *const file = sva_calloc(1, sizeof *file);
    if (file == NULL) {
        return NULL;
    }
    *file = (struct sva_direct_file){
        .direct = direct,
        .input = input,
        .fd = -1,
        .show = show,
        .context = context,
        .piece_count = (input->size_bytes + PIECE_BYTES - 1) / PIECE_BYTES,
    };
    return file;
}

void sva_direct_file_free(struct sva_direct_file *file)
{
    sva_free(file);
}

void sva_direct_begin(struct sva_direct_file *file)
{
    struct sva_direct *const direct = file->direct;
    file->fd = open_directly(file->input);
    reading = file;
    (void)pthread_mutex_lock(&direct->lock);
    for (size_t i = 0; file->ring == NULL && i < direct->ring_count; i++) {
        if (!direct->rings[i].taken) {
            file->ring = &direct->rings[i];
            file->ring->taken = true;
        }
    }
    file->next = direct->files;
    direct->files = file;
    (void)pthread_cond_broadcast(&direct->work);
    (void)pthread_cond_broadcast(&direct->news);
    (void)pthread_mutex_unlock(&direct->lock);
}

enum sva_status sva_direct_move_to(struct sva_direct_file *file, uint64_t offset,
                                   struct sva_error *error)
{
    (void)pthread_mutex_lock(&file->direct->lock);
    if (offset >= file->position) {
        give_up_before(file, offset / PIECE_BYTES);
        file->position = offset;
    }
    const enum sva_status status = status_of(file, error);
    (void)pthread_mutex_unlock(&file->direct->lock);
    return status;
}

/** Does a read begin where the reader is, or in what is kept? */
static bool follows(const struct sva_direct_file *file, uint64_t offset, size_t size)
{
    return offset >= file->first * PIECE_BYTES && offset <= file->position + PIECE_BYTES &&
           offset <= file->input->size_bytes && size <= file->input->size_bytes - offset;
}

enum sva_status sva_direct_read(const struct sva_input *input, uint64_t offset, void *bytes,
                                size_t size, bool *done, struct sva_error *error)
{
    struct sva_direct_file *const file = reading;
    uint8_t *const out = bytes;
    size_t copied = 0;
    if (file == NULL || file->input != input) {
        *done = false;
        return SVA_OK;
    }
    (void)pthread_mutex_lock(&file->direct->lock);
    *done = follows(file, offset, size);
    while (*done && copied < size && file->status == SVA_OK) {
        const uint64_t at = offset + copied;
        const uint64_t number = at / PIECE_BYTES;
        give_up_before(file, number);
        if (!is_ready(file, number)) {
            wait_for_news(file);
            continue;
        }
        const size_t inside = (size_t)(at % PIECE_BYTES);
        const size_t left = piece_size(file, number) - inside;
        const size_t step = left < size - copied ? left : size - copied;
        const uint8_t *const from = piece_of(file, number)->bytes + inside;
        (void)pthread_mutex_unlock(&file->direct->lock); /* the reader alone gives pieces up */
        memcpy(out + copied, from, step);
        copied += step;
        (void)pthread_mutex_lock(&file->direct->lock);
    }
    if (*done && offset + size > file->position) {
        file->position = offset + size;
    }
    const enum sva_status status = *done ? status_of(file, error) : SVA_OK;
    (void)pthread_mutex_unlock(&file->direct->lock);
    return status;
}

enum sva_status sva_direct_finish(struct sva_direct_file *file, struct sva_error *error)
{
    return sva_direct_move_to(file, file->piece_count * PIECE_BYTES, error);
}

void sva_direct_end(struct sva_direct_file *file)
{
    struct sva_direct *const direct = file->direct;
    (void)pthread_mutex_lock(&direct->lock);
    struct sva_direct_file **at = &direct->files;
    while (*at != file) {
        at = &(*at)->next;
    }
    *at = file->next;
    file->ended = true;
    (void)pthread_cond_broadcast(&direct->news);
    while (file->fetching > 0 || file->showing) {
        wait_for_news(file);
    }
    file->ring->taken = false;
    file->ring = NULL;
    (void)pthread_mutex_unlock(&direct->lock);
    if (file->fd >= 0) {
        (void)close(file->fd);
        file->fd = -1;
    }
    reading = NULL;
}

enum sva_status sva_direct_help(struct sva_direct_file *file, struct sva_error *error)
{
    (void)pthread_mutex_lock(&file->direct->lock);
    while (!file->ended && file->shown < file->piece_count && file->status == SVA_OK) {
        if (file->ring == NULL || !show_next(file)) {
            wait_for_news(file);
        }
    }
    const enum sva_status status = status_of(file, error);
    (void)pthread_mutex_unlock(&file->direct->lock);
    return status;
}
