/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What lies at a path: its kind, its first bytes, the names in a folder. That nothing is there is
 * an answer; that the system does not tell is an error and never taken for the former.
 */
#ifndef SVA_BASE_LOOK_H
#define SVA_BASE_LOOK_H

#include <dirent.h>
#include <stddef.h>

#include <sovaudit/status.h>

enum sva_place {
    SVA_PLACE_NONE, /**< nothing has that name, or a part of the path is no folder */
    SVA_PLACE_FILE, /**< a regular file */
    SVA_PLACE_FOLDER,
    SVA_PLACE_LINK, /**< a symbolic link; only when links are not followed */
    SVA_PLACE_OTHER /**< a pipe, socket or device */
};

/**
 * What `path` is. A link that is followed and leads nowhere is NONE. Errors: IO (the system
 * refuses), which names the path.
 */
enum sva_status sva_look(const char *path, bool follow, enum sva_place *place,
                         struct sva_error *error) SVA_MUST_CHECK;

/**
 * The first `room` bytes of a regular file, fewer when it is shorter; its whole size too. Anything
 * else, and a path at which nothing is, has none: *size and *size_bytes are 0. Errors: IO, CONFLICT
 * (it became shorter), MEMORY.
 */
enum sva_status sva_file_head(const char *path, void *bytes, size_t room, size_t *size,
                              uint64_t *size_bytes, struct sva_error *error) SVA_MUST_CHECK;

/** The system forbids reading `path`, which is there: a lasting answer, unlike other errors. */
bool sva_is_forbidden(const char *path);

/**
 * The next name in a folder, "." and ".." left out; NULL after the last one. The name lives until
 * the next call. `path` is the folder's, for messages. Errors: IO.
 */
enum sva_status sva_next_name(DIR *folder, const char *path, const char **name,
                              struct sva_error *error) SVA_MUST_CHECK;

#endif
