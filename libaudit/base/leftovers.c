/* SPDX-License-Identifier: Apache-2.0 */
#include "base/leftovers.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"

/* A process that is stopped between making its file and locking it is not robbed of the file. */
enum { AGE_SECONDS = 60 };

static bool lock(int fd)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(fd, F_SETLK, &whole) == 0;
}

/* Where the system gives no random bytes, the time must do. */
static uint64_t draw_number(void)
{
    uint64_t number = 0;
    if (getrandom(&number, sizeof number, GRND_NONBLOCK) != (ssize_t)sizeof number) {
        struct timespec now = {0};
        (void)clock_gettime(CLOCK_REALTIME, &now);
        number = ((uint64_t)now.tv_sec << 30) ^ (uint64_t)now.tv_nsec ^ ((uint64_t)getpid() << 40);
    }
    return number | 1; /* 0: not drawn yet */
}

uint64_t sva_leftover_owner(void)
{
    static _Atomic uint64_t owner;
    uint64_t drawn = atomic_load(&owner);
    if (drawn == 0) {
        const uint64_t fresh = draw_number();
        drawn = atomic_compare_exchange_strong(&owner, &drawn, fresh) ? fresh : drawn;
    }
    return drawn;
}

/* Is it such a name, and of another process? Closing a file of this one would end its locks. */
static bool is_of_another(const char *name)
{
    static const char digits[] = "0123456789";
    const size_t start = sizeof SVA_LEFTOVER_START - 1;
    if (strncmp(name, SVA_LEFTOVER_START, start) != 0) {
        return false;
    }
    const size_t process = strspn(name + start, digits);
    const char *const rest = name + start + process;
    if (process == 0 || rest[0] != '-') {
        return false;
    }
    const size_t number = strspn(rest + 1, digits);
    return number > 0 && strcmp(rest + 1 + number, SVA_LEFTOVER_END) == 0 &&
           strtoumax(name + start, NULL, 10) != sva_leftover_owner();
}

static void remove_one(int folder, const char *name, const struct stat *own)
{
    struct stat named, opened;
    if (fstatat(folder, name, &named, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(named.st_mode) ||
        named.st_mtime > own->st_mtime - AGE_SECONDS) {
        return;
    }
    const int fd = openat(folder, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) {
        return;
    }
    if (fstat(fd, &opened) == 0 && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev &&
        lock(fd)) {
        (void)unlinkat(folder, name, 0);
    }
    (void)close(fd);
}

/* The folder of a path, opened; NULL when it cannot be. */
static DIR *open_folder(const char *path)
{
    const char *const slash = strrchr(path, '/');
    char *const folder =
        slash == NULL ? sva_strdup(".") : sva_strndup(path, (size_t)(slash - path) + 1);
    DIR *const stream = folder != NULL ? opendir(folder) : NULL;
    sva_free(folder);
    return stream;
}

void sva_leftovers_remove(int fd, const char *temporary)
{
    struct stat own;
    DIR *const folder = lock(fd) && fstat(fd, &own) == 0 ? open_folder(temporary) : NULL;
    if (folder == NULL) {
        return;
    }
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (is_of_another(entry->d_name)) {
            remove_one(dirfd(folder), entry->d_name, &own);
        }
    }
    (void)closedir(folder); /* only read from */
}
