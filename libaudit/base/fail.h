/* SPDX-License-Identifier: Apache-2.0 */
/** Setting errors. First error wins; text is truncated at a UTF-8 border, never overflows. */
#ifndef SVA_BASE_FAIL_H
#define SVA_BASE_FAIL_H

#include <sovaudit/status.h>

/** Records `status` and the sentence; returns `status`. `error` may be NULL. */
enum sva_status sva_fail(struct sva_error *error, enum sva_status status, const char *format, ...)
    SVA_PRINTF(3, 4);

/** The same with a byte offset, which the text should name too. */
enum sva_status sva_fail_at(struct sva_error *error, enum sva_status status, uint64_t offset,
                            const char *format, ...) SVA_PRINTF(4, 5);

/** "out of memory while <doing>". */
enum sva_status sva_fail_memory(struct sva_error *error, const char *doing);

/** IO: "PATH: cannot DOING: " and what errno says. The path is escaped. */
enum sva_status sva_fail_errno(struct sva_error *error, const char *path, const char *doing);

/** The same of an errno that was kept; NOT_FOUND where a part of the path is not there. */
enum sva_status sva_fail_system(struct sva_error *error, const char *path, const char *doing,
                                int code);

#endif
