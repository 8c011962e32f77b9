/* SPDX-License-Identifier: Apache-2.0 */
#include "format/archive_names.h"

#include <stddef.h>
#include <string.h>

enum { PATH_MOST_BYTES = 1024 };

const char *sva_archive_name(const char *path)
{
    while (path[0] == '.' && path[1] == '/') {
        path += 2;
    }
    return path;
}

static const char *part_complaint(const char *part, size_t size)
{
    if (size == 2 && memcmp(part, "..", 2) == 0) {
        return "climbs out of the archive by its name";
    }
    return size == 0 || (size == 1 && part[0] == '.') ? "has an empty part in its name" : NULL;
}

static bool holds_odd_bytes(const char *path)
{
    for (; *path != '\0'; path++) {
        const unsigned char c = (unsigned char)*path;
        if (c < 0x20 || c == 0x7f || c == '\\') {
            return true;
        }
    }
    return false;
}

const char *sva_archive_name_complaint(const char *path, bool directory)
{
    const size_t size = strlen(path);
    if (directory && (size == 0 || strcmp(path, ".") == 0)) {
        return NULL;
    }
    if (size == 0) {
        return "has no name";
    }
    if (size > PATH_MOST_BYTES) {
        return "has too long a name";
    }
    if (path[0] == '/' || path[0] == '~' || path[1] == ':') {
        return "has an absolute name";
    }
    if (holds_odd_bytes(path)) {
        return "has a backslash or a control character in its name";
    }
    for (const char *at = path;;) {
        const size_t part = strcspn(at, "/");
        const char *const complaint = part_complaint(at, part);
        if (complaint != NULL || at[part] == '\0') {
            return complaint;
        }
        at += part + 1;
        if (directory && *at == '\0') { /* the slash that ends a directory's name */
            return NULL;
        }
    }
}
