/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fail.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const char *const status_names[] = {
    [SVA_OK] = "ok",
    [SVA_ERR_IO] = "io",
    [SVA_ERR_CORRUPT] = "corrupt",
    [SVA_ERR_LIMIT] = "limit",
    [SVA_ERR_UNSUPPORTED] = "unsupported",
    [SVA_ERR_MEMORY] = "memory",
    [SVA_ERR_USAGE] = "usage",
    [SVA_ERR_NOT_FOUND] = "not-found",
    [SVA_ERR_CONFLICT] = "conflict",
    [SVA_ERR_CANCELLED] = "cancelled",
    [SVA_ERR_NOTHING] = "nothing",
    [SVA_ERR_INTERNAL] = "internal",
};

const char *sva_status_name(enum sva_status status)
{
    const size_t count = sizeof status_names / sizeof status_names[0];
    const size_t index = (size_t)status;
    return index < count ? status_names[index] : "unknown";
}

/* Cuts an incomplete UTF-8 sequence off the end and makes the text one line. */
static void tidy(char *text)
{
    size_t size = strlen(text);
    size_t start = size;
    while (start > 0 && size - start < 4) {
        start--;
        const unsigned char byte = (unsigned char)text[start];
        if (byte < 0x80) {
            break;
        }
        if (byte >= 0xC0) {
            const size_t need = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
            if (size - start < need) {
                size = start;
                text[size] = '\0';
            }
            break;
        }
    }
    for (size_t i = 0; i < size; i++) {
        const unsigned char byte = (unsigned char)text[i];
        if (byte < 0x20 || byte == 0x7F) {
            text[i] = ' ';
        }
    }
}

static void record(struct sva_error *error, enum sva_status status, const char *format,
                   va_list arguments) SVA_PRINTF(3, 0);

static void record(struct sva_error *error, enum sva_status status, const char *format,
                   va_list arguments)
{
    error->status = status;
    if (vsnprintf(error->text, sizeof error->text, format, arguments) < 0) {
        error->text[0] = '\0';
    }
    tidy(error->text);
}

enum sva_status sva_fail(struct sva_error *error, enum sva_status status, const char *format, ...)
{
    if (error != NULL && error->status == SVA_OK) {
        va_list arguments;
        va_start(arguments, format);
        record(error, status, format, arguments);
        va_end(arguments);
    }
    return status;
}

enum sva_status sva_fail_at(struct sva_error *error, enum sva_status status, uint64_t offset,
                            const char *format, ...)
{
    if (error != NULL && error->status == SVA_OK) {
        va_list arguments;
        va_start(arguments, format);
        record(error, status, format, arguments);
        va_end(arguments);
        error->has_offset = true;
        error->offset = offset;
    }
    return status;
}

enum sva_status sva_fail_memory(struct sva_error *error, const char *doing)
{
    return sva_fail(error, SVA_ERR_MEMORY, "out of memory while %s", doing);
}

/* strerror speaks the locale's language and shares its buffer between threads. */
static const char *reason(int code, char text[32])
{
    switch (code) {
    case ENOENT: return "no such file or directory";
    case ENOTDIR: return "a part of the path is not a directory";
    case EACCES:
    case EPERM: return "permission denied";
    case EISDIR: return "is a directory";
    case ELOOP: return "is a symbolic link that must not be followed";
    case ENAMETOOLONG: return "the path is too long";
    case EMFILE:
    case ENFILE: return "too many open files";
    case ENOSPC: return "no space left on the device";
    case EDQUOT: return "the disk quota is used up";
    case EROFS: return "the file system is read-only";
    case EFBIG: return "the file would be too large";
    case EIO: return "input/output error";
    case ENOMEM: return "out of memory";
    default: (void)snprintf(text, 32, "system error %d", code); return text;
    }
}

static enum sva_status fail_as(struct sva_error *error, enum sva_status status, const char *path,
                               const char *doing, int code)
{
    enum { PATH_SHOWN_BYTES = 400 };
    char shown[PATH_SHOWN_BYTES];
    char buffer[32];
    return sva_fail(error, status, "%s: cannot %s: %s",
                    sva_escape(path, strlen(path), shown, sizeof shown), doing,
                    reason(code, buffer));
}

enum sva_status sva_fail_errno(struct sva_error *error, const char *path, const char *doing)
{
    return fail_as(error, SVA_ERR_IO, path, doing, errno);
}

enum sva_status sva_fail_system(struct sva_error *error, const char *path, const char *doing,
                                int code)
{
    return fail_as(error, code == ENOENT || code == ENOTDIR ? SVA_ERR_NOT_FOUND : SVA_ERR_IO, path,
                   doing, code);
}
