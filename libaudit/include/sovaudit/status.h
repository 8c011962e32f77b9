/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Status codes and error values shared by every function of the library.
 *
 * A function that can fail returns `enum sva_status` and takes a caller-owned
 * `struct sva_error *` as its last argument (NULL is allowed: the text is then
 * lost). The first error wins: a function called with an error already set
 * leaves it alone. Outputs are untouched on failure. The text is one sentence
 * that names the file and the escaped key or byte offset; it is safe to print.
 */
#ifndef SOVAUDIT_STATUS_H
#define SOVAUDIT_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#if defined(__GNUC__)
#define SVA_MUST_CHECK __attribute__((warn_unused_result))
#define SVA_API __attribute__((visibility("default")))
#define SVA_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define SVA_MUST_CHECK
#define SVA_API
#define SVA_PRINTF(fmt, args)
#endif

/** Why a call failed. */
enum sva_status {
    SVA_OK = 0,
    SVA_ERR_IO,          /**< the operating system refused: open, read, write, rename */
    SVA_ERR_CORRUPT,     /**< the bytes break the rules of their format */
    SVA_ERR_LIMIT,       /**< sound as far as read, but larger than a limit allows */
    SVA_ERR_UNSUPPORTED, /**< a format or feature that we know and do not read */
    SVA_ERR_MEMORY,      /**< allocation failed */
    SVA_ERR_USAGE,       /**< the caller's arguments or configuration */
    SVA_ERR_NOT_FOUND,   /**< no such reference, rule pack, file */
    SVA_ERR_CONFLICT,    /**< already there, or changed while it was read */
    SVA_ERR_CANCELLED,   /**< stopped on request (Ctrl-C) */
    SVA_ERR_NOTHING,     /**< the input holds nothing that can be audited */
    SVA_ERR_INTERNAL     /**< a defect of ours */
};

/** What went wrong, for people. Initialise with {0}. */
struct sva_error {
    enum sva_status status; /**< SVA_OK while nothing has failed */
    bool has_offset;        /**< `offset` is meaningful */
    uint64_t offset;        /**< byte offset in the file that the text names */
    char text[768];         /**< one sentence, UTF-8, escaped, no newline */
};

/** Short stable name of a status ("corrupt", "io", ...). Never NULL. */
SVA_API const char *sva_status_name(enum sva_status status);

/**
 * Progress and cancellation of long work. Every member may be NULL/zero.
 * `update` is called from one thread at a time; `cancelled` may be polled
 * from any thread and makes the work end with SVA_ERR_CANCELLED.
 */
struct sva_progress {
    void (*update)(void *context, const char *stage, uint64_t done_bytes, uint64_t total_bytes);
    bool (*cancelled)(void *context);
    void *context;
};

#endif
