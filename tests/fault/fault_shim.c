/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A library for LD_PRELOAD that counts the calls of a program to the system and makes one of them
 * fail. Settings come from the environment:
 *   FAULT         which fault, a name of FAULTS below; none = only count
 *   FAULT_NTH     the call that fails, 1 = the first after main has begun; 0 = all of them
 *   FAULT_AFTER   not empty: the calls after it fail as well
 *   FAULT_PATH    faults of reading: only files whose path contains this text
 *   FAULT_SKIP    the same: not files whose path contains this text
 *   FAULT_SOURCE  "replace": the file that takes the place of the one that is being read
 *   FAULT_LOCALE  setlocale(LC_ALL, ...) before main, as a program around the library may have
 *                 done; exit code 98 when there is no such locale
 *   FAULT_COUNTS  file that gets one line "NAME COUNT" per kind of call when main returns
 * What happens before main, in the loader and in libraries' constructors, is left alone, as is what
 * the C library calls inside itself.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "fault_calls.h"

/* What is counted together: calls that can fail in the same way. */
enum call {
    CALL_ALLOCATE,
    CALL_OPEN,
    CALL_CREATE,
    CALL_READ,
    CALL_STAT,
    CALL_LIST,
    CALL_WRITE,
    CALL_SYNC,
    CALL_CLOSE,
    CALL_RENAME,
    CALL_TRUNCATE,
    CALL_REMOVE,
    CALL_THREAD,
    CALL_CLOCK,
    CALL_COUNT
};

static const char *const CALL_NAMES[CALL_COUNT] = {
    "allocate", "open",  "create", "read",     "stat",   "list",   "write",
    "sync",     "close", "rename", "truncate", "remove", "thread", "clock"};

enum effect { FAIL, SHORT_ONE, SHORT_HALF, SHRINK, REPLACE, BACKWARDS };

static const struct fault {
    const char *name;
    enum call call;
    enum effect effect;
    int code;
} FAULTS[] = {
    {"allocation", CALL_ALLOCATE, FAIL, ENOMEM},
    {"open", CALL_OPEN, FAIL, EMFILE},
    {"create", CALL_CREATE, FAIL, ENOSPC},
    {"read", CALL_READ, FAIL, EIO},
    {"read-interrupted", CALL_READ, FAIL, EINTR},
    {"read-one-byte", CALL_READ, SHORT_ONE, 0},
    {"read-half", CALL_READ, SHORT_HALF, 0},
    {"shrink", CALL_READ, SHRINK, 0},
    {"replace", CALL_READ, REPLACE, 0},
    {"stat", CALL_STAT, FAIL, EIO},
    {"list", CALL_LIST, FAIL, EIO},
    {"write", CALL_WRITE, FAIL, ENOSPC},
    {"write-interrupted", CALL_WRITE, FAIL, EINTR},
    {"write-one-byte", CALL_WRITE, SHORT_ONE, 0},
    {"write-half", CALL_WRITE, SHORT_HALF, 0},
    {"sync", CALL_SYNC, FAIL, EIO},
    {"close", CALL_CLOSE, FAIL, EIO},
    {"rename", CALL_RENAME, FAIL, EIO},
    {"truncate", CALL_TRUNCATE, FAIL, EIO},
    {"remove", CALL_REMOVE, FAIL, EIO},
    {"thread", CALL_THREAD, FAIL, EAGAIN},
    {"clock-backwards", CALL_CLOCK, BACKWARDS, 0},
};

static const struct fault *fault;
static uint64_t nth;
static bool after;
static const char *path_part, *skipped_part;
static atomic_bool armed;
static _Atomic uint64_t counts[CALL_COUNT];

/* The function of the next library with this name; `slot` holds a pointer to a function. */
static void find_next(const char *name, void *slot)
{
    void *const symbol = dlsym(RTLD_NEXT, name);
    memcpy(slot, &symbol, sizeof symbol);
}

/* Declares `next`, the function that is wrapped. */
#define NEXT(result, name, ...)                                                                    \
    static result (*next)(__VA_ARGS__);                                                            \
    if (next == NULL) {                                                                            \
        find_next(#name, &next);                                                                   \
    }

/* Counts a call; true when the fault is meant for it. errno is set then. */
static bool strikes(enum call call)
{
    if (!atomic_load(&armed)) {
        return false;
    }
    const uint64_t count = atomic_fetch_add(&counts[call], 1) + 1;
    if (fault == NULL || fault->call != call ||
        (nth != 0 && count != nth && !(after && count > nth))) {
        return false;
    }
    errno = fault->code;
    return true;
}

/* -- begin and end ---------------------------------------------------------------------------- */

static int (*real_main)(int, char **, char **);

static void write_counts(const char *path)
{
    char text[1024];
    size_t used = 0;
    for (size_t i = 0; i < CALL_COUNT; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "%s %llu\n", CALL_NAMES[i],
                                 (unsigned long long)atomic_load(&counts[i]));
    }
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0 || write(fd, text, used) != (ssize_t)used || close(fd) != 0) {
        _Exit(99);
    }
}

static int counted_main(int argc, char **argv, char **environment)
{
    const char *const name = getenv("FAULT");
    const char *const number = getenv("FAULT_NTH");
    const char *const all_after = getenv("FAULT_AFTER");
    const char *const counts_path = getenv("FAULT_COUNTS");
    for (size_t i = 0; name != NULL && i < sizeof FAULTS / sizeof *FAULTS; i++) {
        fault = strcmp(name, FAULTS[i].name) == 0 ? &FAULTS[i] : fault;
    }
    if (name != NULL && name[0] != '\0' && fault == NULL) {
        _Exit(99);
    }
    nth = number != NULL ? strtoull(number, NULL, 10) : 0;
    after = all_after != NULL && all_after[0] != '\0';
    path_part = getenv("FAULT_PATH");
    skipped_part = getenv("FAULT_SKIP");
    const char *const locale = getenv("FAULT_LOCALE");
    if (locale != NULL && setlocale(LC_ALL, locale) == NULL) {
        _Exit(98);
    }
    atomic_store(&armed, true);
    const int code = real_main(argc, argv, environment);
    atomic_store(&armed, false);
    if (counts_path != NULL) {
        write_counts(counts_path);
    }
    return code;
}

int __libc_start_main(int (*main_function)(int, char **, char **), int argc, char **argv,
                      void (*init)(void), void (*fini)(void), void (*loader_fini)(void),
                      void *stack_end)
{
    NEXT(int, __libc_start_main, int (*)(int, char **, char **), int, char **, void (*)(void),
         void (*)(void), void (*)(void), void *)
    real_main = main_function;
    return next(counted_main, argc, argv, init, fini, loader_fini, stack_end);
}

/* -- memory ----------------------------------------------------------------------------------- */

/* dlsym may allocate: until it has answered, the C library's own functions serve. */
static _Thread_local bool searching;

#define ALLOCATE(name, own, types, arguments)                                                      \
    static void *(*_Atomic next)types;                                                             \
    if (strikes(CALL_ALLOCATE)) {                                                                  \
        return NULL;                                                                               \
    }                                                                                              \
    if (atomic_load(&next) == NULL && !searching) {                                                \
        void *(*found)types = NULL;                                                                \
        searching = true;                                                                          \
        find_next(#name, &found);                                                                  \
        searching = false;                                                                         \
        atomic_store(&next, found);                                                                \
    }                                                                                              \
    void *(*const chosen)types = atomic_load(&next);                                               \
    return chosen != NULL ? chosen arguments : own arguments;

void *malloc(size_t size)
{
    ALLOCATE(malloc, __libc_malloc, (size_t), (size))
}

void *calloc(size_t count, size_t size)
{
    ALLOCATE(calloc, __libc_calloc, (size_t, size_t), (count, size))
}

void *realloc(void *block, size_t size)
{
    ALLOCATE(realloc, __libc_realloc, (void *, size_t), (block, size))
}

void *aligned_alloc(size_t alignment, size_t size)
{
    ALLOCATE(aligned_alloc, __libc_memalign, (size_t, size_t), (alignment, size))
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
    NEXT(int, posix_memalign, void **, size_t, size_t)
    return strikes(CALL_ALLOCATE) ? ENOMEM : next(block, alignment, size);
}

/* -- reading ---------------------------------------------------------------------------------- */

/* True when faults of reading are meant for this file, whose path is then in `path`. */
static bool is_meant(int fd, char path[4096])
{
    char link[64];
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(link, path, 4095);
    path[length < 0 ? 0 : length] = '\0';
    return path[0] == '/' && strstr(path, " (deleted)") == NULL &&
           (path_part == NULL || strstr(path, path_part) != NULL) &&
           (skipped_part == NULL || strstr(path, skipped_part) == NULL);
}

/* Before a read: what happens to the file, or how much of it is given. Returns false to fail. */
static bool before_read(int fd, size_t *size)
{
    char path[4096];
    if (!atomic_load(&armed) || !is_meant(fd, path) || !strikes(CALL_READ)) {
        return true;
    }
    struct stat info;
    switch (fault->effect) {
    case SHORT_ONE: *size = *size > 1 ? 1 : *size; return true;
    case SHORT_HALF: *size = *size > 1 ? *size / 2 : *size; return true;
    case SHRINK:
        if (stat(path, &info) != 0 || truncate(path, info.st_size / 2) != 0) {
            _Exit(99);
        }
        return true;
    case REPLACE:
        if (rename(getenv("FAULT_SOURCE"), path) != 0) {
            _Exit(99);
        }
        return true;
    default: return false;
    }
}

ssize_t read(int fd, void *bytes, size_t size)
{
    NEXT(ssize_t, read, int, void *, size_t)
    return before_read(fd, &size) ? next(fd, bytes, size) : -1;
}

ssize_t pread64(int fd, void *bytes, size_t size, off64_t offset)
{
    NEXT(ssize_t, pread64, int, void *, size_t, off64_t)
    return before_read(fd, &size) ? next(fd, bytes, size, offset) : -1;
}

ssize_t pread(int fd, void *bytes, size_t size, off_t offset)
{
    return pread64(fd, bytes, size, offset);
}

/* -- looking ---------------------------------------------------------------------------------- */

#define LOOK(name, type, file, info)                                                               \
    NEXT(int, name, type, void *)                                                                  \
    return strikes(CALL_STAT) ? -1 : next(file, info);

int stat(const char *path, struct stat *info)
{
    LOOK(stat, const char *, path, info)
}

int lstat(const char *path, struct stat *info)
{
    LOOK(lstat, const char *, path, info)
}

int fstat(int fd, struct stat *info)
{
    LOOK(fstat, int, fd, info)
}

int stat64(const char *path, struct stat64 *info)
{
    LOOK(stat64, const char *, path, info)
}

int lstat64(const char *path, struct stat64 *info)
{
    LOOK(lstat64, const char *, path, info)
}

int fstat64(int fd, struct stat64 *info)
{
    LOOK(fstat64, int, fd, info)
}

int fstatat(int folder, const char *path, struct stat *info, int flags)
{
    NEXT(int, fstatat, int, const char *, struct stat *, int)
    return strikes(CALL_STAT) ? -1 : next(folder, path, info, flags);
}

int fstatat64(int folder, const char *path, struct stat64 *info, int flags)
{
    NEXT(int, fstatat64, int, const char *, struct stat64 *, int)
    return strikes(CALL_STAT) ? -1 : next(folder, path, info, flags);
}

DIR *opendir(const char *path)
{
    NEXT(DIR *, opendir, const char *)
    return strikes(CALL_OPEN) ? NULL : next(path);
}

struct dirent *readdir(DIR *folder)
{
    NEXT(struct dirent *, readdir, DIR *)
    return strikes(CALL_LIST) ? NULL : next(folder);
}

/* -- opening ---------------------------------------------------------------------------------- */

/* Opening fails for files that are only read, creating for those that may be made. */
#define OPEN(folder)                                                                               \
    mode_t mode = 0;                                                                               \
    if ((flags & O_CREAT) != 0) {                                                                  \
        va_list rest;                                                                              \
        va_start(rest, flags);                                                                     \
        mode = va_arg(rest, mode_t);                                                               \
        va_end(rest);                                                                              \
    }                                                                                              \
    if (strikes((flags & O_CREAT) != 0 ? CALL_CREATE : CALL_OPEN)) {                               \
        return -1;                                                                                 \
    }                                                                                              \
    return next(folder, path, flags, mode);

int open64(const char *path, int flags, ...)
{
    NEXT(int, openat64, int, const char *, int, ...)
    OPEN(AT_FDCWD)
}

int open(const char *path, int flags, ...)
{
    NEXT(int, openat, int, const char *, int, ...)
    OPEN(AT_FDCWD)
}

int openat64(int folder, const char *path, int flags, ...)
{
    NEXT(int, openat64, int, const char *, int, ...)
    OPEN(folder)
}

int openat(int folder, const char *path, int flags, ...)
{
    NEXT(int, openat, int, const char *, int, ...)
    OPEN(folder)
}

int mkstemp64(char *name)
{
    NEXT(int, mkstemp64, char *)
    return strikes(CALL_CREATE) ? -1 : next(name);
}

int mkdir(const char *path, mode_t mode)
{
    NEXT(int, mkdir, const char *, mode_t)
    return strikes(CALL_CREATE) ? -1 : next(path, mode);
}

FILE *fopen(const char *path, const char *mode)
{
    NEXT(FILE *, fopen, const char *, const char *)
    return strikes(CALL_OPEN) ? NULL : next(path, mode);
}

FILE *fopen64(const char *path, const char *mode)
{
    NEXT(FILE *, fopen64, const char *, const char *)
    return strikes(CALL_OPEN) ? NULL : next(path, mode);
}

/* -- writing ---------------------------------------------------------------------------------- */

static bool before_write(size_t *size)
{
    if (!strikes(CALL_WRITE)) {
        return true;
    }
    if (fault->effect == SHORT_ONE || fault->effect == SHORT_HALF) {
        *size = *size <= 1 ? *size : fault->effect == SHORT_ONE ? 1 : *size / 2;
        return true;
    }
    return false;
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    NEXT(ssize_t, write, int, const void *, size_t)
    return before_write(&size) ? next(fd, bytes, size) : -1;
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset)
{
    NEXT(ssize_t, pwrite64, int, const void *, size_t, off64_t)
    return before_write(&size) ? next(fd, bytes, size, offset) : -1;
}

int fsync(int fd)
{
    NEXT(int, fsync, int)
    return strikes(CALL_SYNC) ? -1 : next(fd);
}

int fdatasync(int fd)
{
    NEXT(int, fdatasync, int)
    return strikes(CALL_SYNC) ? -1 : next(fd);
}

/* As Linux does it: the descriptor is gone although closing reports an error. */
int close(int fd)
{
    NEXT(int, close, int)
    const bool struck = strikes(CALL_CLOSE);
    const int result = next(fd);
    if (struck) {
        errno = fault->code;
    }
    return struck ? -1 : result;
}

int rename(const char *from, const char *to)
{
    NEXT(int, rename, const char *, const char *)
    return strikes(CALL_RENAME) ? -1 : next(from, to);
}

int link(const char *from, const char *to)
{
    NEXT(int, link, const char *, const char *)
    return strikes(CALL_RENAME) ? -1 : next(from, to);
}

int ftruncate64(int fd, off64_t size)
{
    NEXT(int, ftruncate64, int, off64_t)
    return strikes(CALL_TRUNCATE) ? -1 : next(fd, size);
}

int fchmod(int fd, mode_t mode)
{
    NEXT(int, fchmod, int, mode_t)
    return strikes(CALL_TRUNCATE) ? -1 : next(fd, mode);
}

int unlink(const char *path)
{
    NEXT(int, unlink, const char *)
    return strikes(CALL_REMOVE) ? -1 : next(path);
}

/* -- threads and time ------------------------------------------------------------------------- */

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                   void *argument)
{
    NEXT(int, pthread_create, pthread_t *, const pthread_attr_t *, void *(*)(void *), void *)
    return strikes(CALL_THREAD) ? EAGAIN : next(thread, attributes, start, argument);
}

/* Every look at a clock shows an hour less than the one before it. */
static void set_back(time_t *now)
{
    if (strikes(CALL_CLOCK)) {
        *now -= (time_t)(3600 * atomic_load(&counts[CALL_CLOCK]));
    }
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    NEXT(int, clock_gettime, clockid_t, struct timespec *)
    const int result = next(clock, now);
    if (clock == CLOCK_REALTIME) {
        set_back(&now->tv_sec);
    }
    return result;
}

int gettimeofday(struct timeval *now, void *zone)
{
    NEXT(int, gettimeofday, struct timeval *, void *)
    const int result = next(now, zone);
    set_back(&now->tv_sec);
    return result;
}

time_t time(time_t *out)
{
    NEXT(time_t, time, time_t *)
    time_t now = next(NULL);
    set_back(&now);
    if (out != NULL) {
        *out = now;
    }
    return now;
}
