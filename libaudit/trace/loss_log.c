/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/loss_log.h"

#include <string.h>

#include "base/fail.h"
#include "base/text.h"

enum { NAME_MOST = SVA_LOG_NAME_BYTES };

/** A name in lower case, "_", "-" and "." as spaces, without a run's name before " - ". */
struct folded {
    char text[NAME_MOST + 1];
};

static struct folded fold(const char *name, size_t length)
{
    struct folded out = {.text = ""};
    size_t start = 0;
    for (size_t i = 0; i + 3 <= length; i++) {
        start = memcmp(name + i, " - ", 3) == 0 ? i + 3 : start;
    }
    size_t size = 0;
    for (size_t i = start; i < length && size < NAME_MOST; i++) {
        const char c = name[i];
        const bool blank = c == '_' || c == '-' || c == '.' || c == '\t';
        out.text[size++] = blank ? ' ' : c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
    }
    while (size > 0 && out.text[size - 1] == ' ') {
        size--;
    }
    out.text[size] = '\0';
    const size_t lead = strspn(out.text, " ");
    memmove(out.text, out.text + lead, size + 1 - lead);
    return out;
}

static int place_in(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return (int)i + 1;
        }
    }
    return 0;
}

static bool is_exactly(const char *wanted, const char *name, size_t length)
{
    return strlen(wanted) == length && memcmp(wanted, name, length) == 0;
}

int sva_loss_rank(const struct sva_loss_log *log, const char *name, size_t length)
{
    static const char *const NAMES[] = {
        "train/loss",
        "training/loss",
        "train/lm loss",
        "train loss",
        "training loss",
        "lm loss",
        "loss/train",
        "loss",
        "train/ce loss",
        "train/cross entropy loss",
        "ce loss",
        "cross entropy",
        "cross entropy loss",
        "nll loss",
        "train/nll",
    };
    static const char *const NOT[] = {"eval",   "val",   "test",   "dev",    "min",  "max", "aux",
                                      "balanc", "scale", "z loss", "reward", "grad", "mtp"};
    const int count = (int)(sizeof NAMES / sizeof *NAMES);
    if (log->wanted_loss != NULL) {
        return is_exactly(log->wanted_loss, name, length) ? 1 : 0;
    }
    if (length > NAME_MOST) {
        return 0;
    }
    const struct folded folded = fold(name, length);
    const int place = place_in(NAMES, (size_t)count, folded.text);
    if (place > 0) {
        return place;
    }
    for (size_t i = 0; i < sizeof NOT / sizeof *NOT; i++) {
        if (strstr(folded.text, NOT[i]) != NULL) {
            return 0;
        }
    }
    const size_t size = strlen(folded.text);
    const bool ends = size >= 4 && strcmp(folded.text + size - 4, "loss") == 0;
    return ends ? count + 1 : strstr(folded.text, "loss") != NULL ? count + 2 : 0;
}

int sva_step_rank(const struct sva_loss_log *log, const char *name, size_t length)
{
    static const char *const NAMES[] = {"step",
                                        "global step",
                                        "trainer/global step",
                                        "train/step",
                                        "train/global step",
                                        "steps",
                                        "iteration",
                                        "iter",
                                        "iterations",
                                        "num steps",
                                        "optimizer step",
                                        "update"};
    if (log->wanted_step != NULL) {
        return is_exactly(log->wanted_step, name, length) ? 1 : 0;
    }
    return length > NAME_MOST
               ? 0
               : place_in(NAMES, sizeof NAMES / sizeof *NAMES, fold(name, length).text);
}

bool sva_is_token_count(const char *name, size_t length)
{
    static const char *const NAMES[] = {"tokens",
                                        "consumed tokens",
                                        "tokens seen",
                                        "num tokens",
                                        "total tokens",
                                        "train/tokens",
                                        "train/total tokens",
                                        "num input tokens seen",
                                        "train/consumed tokens",
                                        "train/num input tokens seen"};
    return length <= NAME_MOST &&
           place_in(NAMES, sizeof NAMES / sizeof *NAMES, fold(name, length).text) > 0;
}

static enum sva_status keep(struct sva_loss_log *log, const struct sva_log_record *record,
                            struct sva_error *error)
{
    if (log->count == log->capacity) {
        const size_t capacity = log->capacity == 0 ? 1024 : log->capacity * 2;
        if (log->count >= SVA_LOG_RECORDS_MOST) {
            return sva_fail(error, SVA_ERR_LIMIT, "the loss log has more than %d records",
                            SVA_LOG_RECORDS_MOST);
        }
        struct sva_log_record *grown =
            sva_realloc_array(log->records, capacity, sizeof *log->records);
        if (grown == NULL) {
            return sva_fail_memory(error, "reading a loss log");
        }
        log->records = grown;
        log->capacity = capacity;
    }
    log->records[log->count++] = *record;
    return SVA_OK;
}

enum sva_status sva_log_offer(struct sva_loss_log *log, const char *name, size_t length,
                              const struct sva_log_record *record, struct sva_error *error)
{
    const int rank = sva_loss_rank(log, name, length);
    const size_t kept = length < NAME_MOST ? length : NAME_MOST;
    if (rank == 0 || (log->rank != 0 && rank > log->rank)) {
        return SVA_OK;
    }
    if (log->rank == 0 || rank < log->rank) {
        log->rank = rank;
        log->count = 0;
        memcpy(log->loss_key, name, kept);
        log->loss_key[kept] = '\0';
    } else if (!is_exactly(log->loss_key, name, kept)) {
        return SVA_OK; /* another run's column of the same rank */
    }
    return keep(log, record, error);
}

static size_t blanks(struct sva_span bytes)
{
    size_t at = 0;
    while (at < bytes.size && (bytes.data[at] == ' ' || bytes.data[at] == '\n' ||
                               bytes.data[at] == '\r' || bytes.data[at] == '\t')) {
        at++;
    }
    return at;
}

enum sva_status sva_log_read(struct sva_loss_log *log, struct sva_span bytes, const char *what,
                             struct sva_error *error)
{
    const size_t before = log->count;
    const int rank = log->rank;
    const size_t at = blanks(bytes);
    if (bytes.size > SVA_LOG_BYTES_MOST) {
        return sva_fail(error, SVA_ERR_LIMIT, "%s is larger than %d MiB", what,
                        SVA_LOG_BYTES_MOST / (1024 * 1024));
    }
    if (at == bytes.size) {
        return sva_fail(error, SVA_ERR_CORRUPT, "%s is empty", what);
    }
    enum sva_status status = SVA_OK;
    if (sva_log_is_events(bytes)) {
        status = sva_log_read_events(log, bytes, what, error);
    } else if (bytes.data[at] == '{' || bytes.data[at] == '[') {
        status = sva_log_read_json(log, bytes, what, error);
    } else {
        status = sva_log_read_csv(log, bytes, what, error);
    }
    if (status == SVA_OK && log->count == before && log->rank == rank) {
        return sva_fail(error, SVA_ERR_CORRUPT,
                        "%s holds no record with a step and a training loss%s%s%s", what,
                        log->wanted_loss != NULL ? " named \"" : "",
                        log->wanted_loss != NULL ? sva_esc(log->wanted_loss).text : "",
                        log->wanted_loss != NULL ? "\"" : "");
    }
    return status;
}

void sva_log_done(struct sva_loss_log *log)
{
    sva_free(log->records);
    log->records = NULL;
    log->count = log->capacity = 0;
}
