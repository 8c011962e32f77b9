/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and closing the store. Changing it: refstore_change.c; reading it: refstore_query.c. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/memory.h"
#include "base/text.h"
#include "refstore/store_schema.h"

enum {
    BUSY_TIMEOUT_MS = 30000,     /* how long one process waits for another's change */
    VALUE_BYTES_MAX = 1000000000 /* SQLite's own limit, a print included */
};

/* ---- paths ---- */

/* Words of our own: strerror speaks the locale's language. */
static const char *reason(int code)
{
    switch (code) {
    case EACCES:
    case EPERM: return "permission denied";
    case ENOENT: return "its folder is not there";
    case ENOTDIR: return "a part of the path is not a directory";
    case ENOSPC: return "no space left on the device";
    case EROFS: return "the file system is read-only";
    case EMFILE:
    case ENFILE: return "too many open files";
    case EIO: return "input/output error";
    default: return "the system refused";
    }
}

enum sva_status sva_refstore_default_path(char **path, struct sva_error *error)
{
    struct sva_bytes built = {0};
    const char *direct = getenv("SOVAUDIT_REFS");
    const char *data = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    if (direct != NULL && direct[0] != '\0') {
        sva_bytes_text(&built, direct);
    } else if (data != NULL && data[0] == '/') { /* the XDG specification ignores relative ones */
        sva_bytes_text(&built, data);
        sva_bytes_text(&built, "/sovaudit/refs.db");
    } else if (home != NULL && home[0] == '/') {
        sva_bytes_text(&built, home);
        sva_bytes_text(&built, "/.local/share/sovaudit/refs.db");
    } else {
        return sva_fail(error, SVA_ERR_NOT_FOUND,
                        "there is no home directory to keep references in; give --refs");
    }
    if (built.failed) {
        sva_bytes_done(&built);
        return sva_fail_memory(error, "looking for the reference store");
    }
    *path = (char *)built.data;
    return SVA_OK;
}

/* Creates the directories above `path`, for its owner only, as XDG asks. */
static enum sva_status make_parents(const char *path, struct sva_error *error)
{
    char *copy = sva_strdup(path);
    if (copy == NULL) {
        return sva_fail_memory(error, "creating the store's directory");
    }
    enum sva_status status = SVA_OK;
    for (char *slash = strchr(copy + 1, '/'); slash != NULL && status == SVA_OK;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(copy, 0700) != 0 && errno != EEXIST) {
            status = sva_fail(error, SVA_ERR_IO, "%s: could not create the directory: %s",
                              sva_esc(copy).text, reason(errno));
        }
        *slash = '/';
    }
    sva_free(copy);
    return status;
}

static enum sva_status make_default_parents(const char *path, struct sva_error *error)
{
    char *standard = NULL;
    struct sva_error told = {.status = SVA_OK};
    enum sva_status status = sva_refstore_default_path(&standard, &told);
    if (status == SVA_ERR_NOT_FOUND) {
        return SVA_OK;
    }
    if (status != SVA_OK) {
        return sva_fail(error, status, "%s", told.text);
    }
    if (strcmp(standard, path) == 0) {
        status = make_parents(path, error);
    }
    sva_free(standard);
    return status;
}

/* SQLite does not say why it cannot make a file. */
static enum sva_status check_folder(const char *path, struct sva_error *error)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash == NULL ? sva_strdup(".") : sva_strndup(path, (size_t)(slash - path) + 1);
    if (folder == NULL) {
        return sva_fail_memory(error, "opening the reference store");
    }
    const bool writable = access(folder, W_OK | X_OK) == 0;
    const int code = errno;
    sva_free(folder);
    return writable ? SVA_OK
                    : sva_fail(error, SVA_ERR_IO, "%s: could not create the reference store: %s",
                               sva_esc(path).text, reason(code));
}

/* Refuses what SQLite would block on or misread: directories, FIFOs, devices. */
static enum sva_status check_file(const char *path, bool create, struct sva_error *error)
{
    struct stat entry;
    if (stat(path, &entry) == 0) {
        return S_ISREG(entry.st_mode) ? SVA_OK
                                      : sva_fail(error, SVA_ERR_IO,
                                                 "%s: not a regular file, hence not a reference "
                                                 "store",
                                                 sva_esc(path).text);
    }
    if (errno != ENOENT) {
        return sva_fail(error, SVA_ERR_IO, "%s: could not open the reference store: %s",
                        sva_esc(path).text, reason(errno));
    }
    if (!create) {
        return sva_fail(error, SVA_ERR_NOT_FOUND, "%s: there is no reference store",
                        sva_esc(path).text);
    }
    const enum sva_status status = make_default_parents(path, error);
    return status == SVA_OK ? check_folder(path, error) : status;
}

/* A name that SQLite takes for a plain path, whatever it begins with. */
static char *plain_name(const char *path, const char *prefix, const char *suffix, bool encode)
{
    static const char safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-";
    struct sva_bytes name = {0};
    sva_bytes_text(&name, prefix);
    if (path[0] != '/') {
        sva_bytes_text(&name, "./");
    }
    for (const char *at = path; *at != '\0'; at++) {
        if (encode && strchr(safe, *at) == NULL) {
            sva_bytes_printf(&name, "%%%02X", (unsigned)(unsigned char)*at);
        } else {
            sva_bytes_append(&name, at, 1);
        }
    }
    sva_bytes_text(&name, suffix);
    if (name.failed) {
        sva_bytes_done(&name);
        return NULL;
    }
    return (char *)name.data;
}

/* ---- opening ---- */

static enum sva_status open_handle(struct sva_refstore *store, const char *name, int flags,
                                   struct sva_error *error)
{
    const int code = sqlite3_open_v2(name, &store->db, flags | SQLITE_OPEN_EXRESCODE, NULL);
    if (code != SQLITE_OK) {
        return sva_store_fail(store, code, "open the reference store", error);
    }
    (void)sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
    (void)sqlite3_limit(store->db, SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX);
    (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
    store->read_only = sqlite3_db_readonly(store->db, "main") == 1;
    /* A store may come from elsewhere: nothing that its schema names is trusted to run. */
    return sva_store_run(store,
                         "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
                         "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL",
                         "open the reference store", error);
}

/* Whether a log with changes not yet in the main file may lie beside it: unless known not to. */
static bool may_have_log(const char *path)
{
    struct stat entry;
    char *log = plain_name(path, "", "-wal", false);
    const bool none =
        log != NULL && (stat(log, &entry) == 0 ? entry.st_size == 0 : errno == ENOENT);
    sva_free(log);
    return !none;
}

/*
 * A file left in write-ahead mode (a killed process) cannot be read where no
 * file may be created beside it, unless SQLite is told that nobody will change it.
 */
static enum sva_status open_immutable(struct sva_refstore *store, struct sva_error *error)
{
    if (may_have_log(store->path)) {
        return sva_fail(error, SVA_ERR_IO,
                        "%s: the store has changes waiting in its log and its directory may not "
                        "be written; open it once where it can be written",
                        sva_esc(store->path).text);
    }
    char *name = plain_name(store->path, "file:", "?immutable=1", true);
    if (name == NULL) {
        return sva_fail_memory(error, "opening the reference store");
    }
    (void)sqlite3_close(store->db);
    store->db = NULL;
    enum sva_status status =
        open_handle(store, name, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, error);
    sva_free(name);
    store->read_only = true;
    return status;
}

static enum sva_status open_file(struct sva_refstore *store, bool create, struct sva_error *error)
{
    enum sva_status status = check_file(store->path, create, error);
    if (status != SVA_OK) {
        return status;
    }
    char *name = plain_name(store->path, "", "", false);
    if (name == NULL) {
        return sva_fail_memory(error, "opening the reference store");
    }
    const int flags = SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0);
    struct sva_error first = {0};
    status = open_handle(store, name, flags, &first);
    sva_free(name);
    if (status == SVA_OK) {
        status = sva_store_prepare_schema(store, create, &first);
    }
    if (status == SVA_ERR_IO) {
        const int code = store->db != NULL ? sqlite3_errcode(store->db) & 0xff : SQLITE_CANTOPEN;
        if (code == SQLITE_CANTOPEN || code == SQLITE_READONLY) {
            struct sva_error second = {0};
            enum sva_status reading = open_immutable(store, &second);
            if (reading == SVA_OK) {
                reading = sva_store_prepare_schema(store, false, &second);
            }
            /* Who wants to write is told why that is impossible, not what an empty file lacks. */
            return reading == SVA_OK ? SVA_OK
                                     : sva_fail(error, create ? status : reading, "%s",
                                                create ? first.text : second.text);
        }
    }
    return status == SVA_OK ? SVA_OK : sva_fail(error, status, "%s", first.text);
}

enum sva_status sva_refstore_open(const char *path, bool create, struct sva_refstore **store,
                                  struct sva_error *error)
{
    if (path == NULL || path[0] == '\0') {
        return sva_fail(error, SVA_ERR_USAGE, "the path of the reference store is empty");
    }
    struct sva_refstore *opened = sva_calloc(1, sizeof *opened);
    if (opened != NULL) {
        opened->path = sva_strdup(path);
    }
    if (opened == NULL || opened->path == NULL) {
        sva_free(opened);
        return sva_fail_memory(error, "opening the reference store");
    }
    enum sva_status status = SVA_OK;
    if (strcmp(path, ":memory:") == 0) {
        opened->in_memory = true;
        status = open_handle(opened, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, error);
        status = status == SVA_OK ? sva_store_prepare_schema(opened, true, error) : status;
    } else {
        status = open_file(opened, create, error);
    }
    if (status != SVA_OK) {
        sva_refstore_close(opened);
        return status;
    }
    *store = opened;
    return SVA_OK;
}

void sva_refstore_close(struct sva_refstore *store)
{
    if (store == NULL) {
        return;
    }
    if (store->logging) {
        /* Back to a single file, unless another process is still at work: then that one does it. */
        (void)sqlite3_busy_timeout(store->db, 0);
        (void)sqlite3_exec(store->db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    }
    (void)sqlite3_close(store->db);
    sva_free(store->path);
    sva_free(store);
}
