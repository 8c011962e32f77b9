/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A loss log in memory: steps and training losses in the order in which they were written, out of
 * CSV (Weights & Biases' export too), JSON lines, JSON (histories, trainer_state.json) or
 * TensorBoard event files. Which column is the loss is found by its name, the best name first;
 * evaluation losses never are.
 */
#ifndef SVA_TRACE_LOSS_LOG_H
#define SVA_TRACE_LOSS_LOG_H

#include "base/cursor.h"
#include "base/memory.h"

enum {
    SVA_LOG_NAME_BYTES = 200,
    SVA_LOG_RECORDS_MOST = 4000000, /**< of all files together */
    SVA_LOG_FILES_MOST = 1000,
    SVA_LOG_BYTES_MOST = 512 * 1024 * 1024 /**< of one file */
};

struct sva_log_record {
    double step, loss; /**< the loss may be no number */
    double tokens;     /**< seen so far; NAN: not said */
};

/** Zero-initialise; `wanted_*` may be set before reading: exact names, NULL: found by name. */
struct sva_loss_log {
    const char *wanted_loss, *wanted_step;
    int rank; /**< of loss_key; 0 before there is one */
    char loss_key[SVA_LOG_NAME_BYTES + 1];
    const char *format; /**< "csv", "jsonl", "json", "tensorboard", "mixed" */
    size_t count, capacity;
    struct sva_log_record *records;
    size_t truncated_count; /**< files that end in the middle of a record */
};

/** How good a name for the training loss it is: 1 the best; 0: it is none. */
int sva_loss_rank(const struct sva_loss_log *log, const char *name, size_t length);
/** The same for the step, and for tokens seen so far. */
int sva_step_rank(const struct sva_loss_log *log, const char *name, size_t length);
bool sva_is_token_count(const char *name, size_t length);

/**
 * Takes a record whose loss stood under `name`. A better name than those before starts the log
 * anew; a worse one is passed over. Errors: LIMIT, MEMORY.
 */
enum sva_status sva_log_offer(struct sva_loss_log *log, const char *name, size_t length,
                              const struct sva_log_record *record,
                              struct sva_error *error) SVA_MUST_CHECK;

/**
 * Appends the records of one file's bytes; `what` names it in errors, escaped. A file without any
 * loss is CORRUPT. Errors: CORRUPT (with the offset), LIMIT, MEMORY, UNSUPPORTED (none of the
 * formats).
 */
enum sva_status sva_log_read(struct sva_loss_log *log, struct sva_span bytes, const char *what,
                             struct sva_error *error) SVA_MUST_CHECK;

/** The readers behind it. */
enum sva_status sva_log_read_csv(struct sva_loss_log *log, struct sva_span bytes, const char *what,
                                 struct sva_error *error) SVA_MUST_CHECK;
enum sva_status sva_log_read_json(struct sva_loss_log *log, struct sva_span bytes, const char *what,
                                  struct sva_error *error) SVA_MUST_CHECK;
enum sva_status sva_log_read_events(struct sva_loss_log *log, struct sva_span bytes,
                                    const char *what, struct sva_error *error) SVA_MUST_CHECK;
/** Does it begin as an event file does? */
bool sva_log_is_events(struct sva_span bytes);

void sva_log_done(struct sva_loss_log *log);

#endif
