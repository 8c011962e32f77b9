/* SPDX-License-Identifier: Apache-2.0 */
#include "casefile/case_read.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attest/file_statement.h"
#include "base/fail.h"
#include "base/hash.h"
#include "base/pool.h"
#include "base/text.h"
#include "format/packed_tar.h"

static const char doing[] = "reading an evidence bundle";
static const char kind[] = "evidence bundle";

enum {
    BLOCK_BYTES = 65536,
    SIGNATURE_BYTES = 1 << 20,
    STRANGE_MOST = 100 /* entries that are told one by one */
};

/** The walk through the archive. */
struct walk {
    struct sva_unpacked *work;
    struct sva_tar_reader *reader;
    struct sva_sha256 *hash;
    bool *seen;     /* [sums.count] */
    size_t next;    /* line whose entry comes next */
    uint64_t total; /* bytes unpacked */
    size_t strange; /* entries that are not as listed */
    uint64_t good;
};

void sva_case_tell(struct sva_unpacked *work, enum sva_check_code code, enum sva_check_state state,
                   const char *text)
{
    sva_findings_add(work->findings, code, state, 0, text);
}

void sva_case_judge(struct sva_unpacked *work, enum sva_check_code code, bool good,
                    const char *text)
{
    sva_case_tell(work, code, good ? SVA_CHECK_PASSED : SVA_CHECK_FAILED, text);
}

enum sva_status sva_case_go_on(struct sva_unpacked *work)
{
    return sva_is_cancelled(work->checks->progress)
               ? sva_fail(work->error, SVA_ERR_CANCELLED, "stopped on request")
               : SVA_OK;
}

bool sva_case_has(const struct sva_unpacked *work, enum sva_case_part part)
{
    return sva_sums_find(&work->sums, sva_case_name(part)) != NULL;
}

const char *sva_case_path(struct sva_unpacked *work, const char *name)
{
    return sva_case_folder_path(&work->folder, name);
}

enum sva_status sva_case_load(struct sva_unpacked *work, const char *name, struct sva_bytes *bytes)
{
    const char *const path = sva_case_path(work, name);
    const uint64_t most = sva_case_part_of(name) == SVA_CASE_REPORT ? SVA_CASE_REPORT_BYTES_MAX
                                                                    : SVA_CASEFILE_ENTRY_BYTES_MAX;
    *bytes = (struct sva_bytes){.data = NULL};
    return path == NULL ? sva_fail_memory(work->error, doing)
                        : sva_case_retell(work, sva_read_file(path, most, &bytes->data,
                                                              &bytes->size, work->error));
}

enum sva_status sva_case_retell(struct sva_unpacked *work, enum sva_status status)
{
    char text[sizeof work->error->text];
    const size_t length = strlen(work->folder.path);
    if (status != SVA_OK && length > 0 &&
        strncmp(work->error->text, work->folder.path, length) == 0 &&
        work->error->text[length] == '/') {
        (void)snprintf(text, sizeof text, "%.160s, %.590s", work->what,
                       work->error->text + length + 1);
        memcpy(work->error->text, text, sizeof text);
    }
    return status;
}

void sva_case_close(struct sva_unpacked *work)
{
    sva_case_folder_remove(&work->folder);
    sva_arena_done(&work->arena);
}

/* ---- the list and its signature ---- */

/** The archive's first entry. */
static enum sva_status take_sums(struct walk *walk, struct sva_bytes *text)
{
    struct sva_tar_entry entry;
    bool end = false;
    const struct sva_unpacked *const work = walk->work;
    const enum sva_status status = sva_tar_next(walk->reader, SVA_CASE_SUMS, &entry, &end);
    if (status != SVA_OK) {
        return status;
    }
    if (end || strcmp(entry.name, SVA_CASE_SUMS) != 0) {
        return sva_fail(work->error, SVA_ERR_CORRUPT,
                        "%s: not an evidence bundle: its first file is not " SVA_CASE_SUMS,
                        work->what);
    }
    if (entry.size_bytes > SVA_SUMS_BYTES_MAX) {
        return sva_fail(work->error, SVA_ERR_LIMIT, "%s: " SVA_CASE_SUMS " has more than %d bytes",
                        work->what, (int)SVA_SUMS_BYTES_MAX);
    }
    return sva_tar_take(walk->reader, text);
}

/** Lines about the signature of the list. *go: what is listed may be read. */
static enum sva_status check_signature(struct walk *walk, const struct sva_bytes *text, bool *go)
{
    struct sva_unpacked *const work = walk->work;
    struct sva_bytes signature = {.data = NULL};
    uint8_t digest[32];
    *go = true;
    if (work->checks->key == NULL) {
        sva_case_tell(work, SVA_CHECK_CASE_SIGNATURE, SVA_CHECK_NOT_CHECKED, NULL);
        return SVA_OK;
    }
    enum sva_status status = sva_tar_take(walk->reader, &signature);
    if (status == SVA_OK && !sva_sha256(text->data, text->size, digest)) {
        status = sva_fail_memory(work->error, doing);
    }
    if (status == SVA_OK) {
        const bool before = work->findings->failed;
        char name[320];
        (void)snprintf(name, sizeof name, "%s, " SVA_CASE_SUMS_SIG, work->what);
        sva_case_tell(work, SVA_CHECK_ABOUT, SVA_CHECK_TOLD, SVA_CASE_SUMS_SIG);
        status =
            sva_file_check((struct sva_span){signature.data, signature.size}, name, digest,
                           work->checks->key, work->checks->ca_file, work->findings, work->error);
        *go = status == SVA_OK && work->findings->failed == before;
        work->signed_by_key = *go;
    }
    sva_bytes_done(&signature);
    return status;
}

/* ---- entries ---- */

/** An entry that is not as the list has it. */
static enum sva_status tell_strange(struct walk *walk, enum sva_check_code code, const char *name)
{
    if (++walk->strange > STRANGE_MOST) {
        return sva_fail(walk->work->error, SVA_ERR_LIMIT,
                        "%s: more than %d files that are not as " SVA_CASE_SUMS " has them",
                        walk->work->what, (int)STRANGE_MOST);
    }
    sva_case_tell(walk->work, code, SVA_CHECK_FAILED, name);
    return SVA_OK;
}

static enum sva_status check_size(struct walk *walk, const struct sva_tar_entry *entry)
{
    const uint64_t most = (uint64_t)SVA_CASEFILE_GIGABYTES_MAX * 1000000000;
    if (entry->size_bytes > SVA_CASEFILE_ENTRY_BYTES_MAX ||
        entry->size_bytes > most - walk->total) {
        return sva_fail(walk->work->error, SVA_ERR_LIMIT,
                        "%s: %s is larger than a file of a bundle may be, %d bytes, or all "
                        "together are larger than %d GB",
                        walk->work->what, sva_esc(entry->name).text,
                        (int)SVA_CASEFILE_ENTRY_BYTES_MAX, (int)SVA_CASEFILE_GIGABYTES_MAX);
    }
    walk->total += entry->size_bytes;
    return SVA_OK;
}

/** The entry's bytes into the file `fd`, hashed on the way. */
static enum sva_status copy_out(struct walk *walk, int fd, uint8_t digest[32])
{
    uint8_t block[BLOCK_BYTES];
    size_t got = 0;
    enum sva_status status = SVA_OK;
    do {
        status = sva_tar_read(walk->reader, block, sizeof block, &got);
        if (status == SVA_OK && got > 0) {
            sva_sha256_update(walk->hash, block, got);
            status = sva_case_folder_write(fd, block, got, walk->work->error);
        }
    } while (status == SVA_OK && got > 0);
    sva_sha256_final(walk->hash, digest);
    return status;
}

static enum sva_status unpack_entry(struct walk *walk, const struct sva_sum *sum)
{
    uint8_t digest[32];
    int fd = -1;
    enum sva_status status =
        sva_case_folder_create(&walk->work->folder, sum->name, &fd, walk->work->error);
    if (status != SVA_OK) {
        return status;
    }
    status = copy_out(walk, fd, digest);
    if (close(fd) != 0 && status == SVA_OK) {
        status = sva_fail(walk->work->error, SVA_ERR_IO, "the temporary folder cannot be written");
    }
    if (status == SVA_OK && memcmp(digest, sum->sha256, sizeof digest) != 0) {
        return tell_strange(walk, SVA_CHECK_CASE_CHANGED, sum->name);
    }
    walk->good += status == SVA_OK;
    return status;
}

/** One entry behind the list and its signature. */
static enum sva_status take_entry(struct walk *walk, const struct sva_tar_entry *entry)
{
    const struct sva_sums *const sums = &walk->work->sums;
    const struct sva_sum *const sum = sva_sums_find(sums, entry->name);
    enum sva_status status = check_size(walk, entry);
    if (status != SVA_OK) {
        return status;
    }
    if (sum == NULL) {
        return tell_strange(walk, SVA_CHECK_CASE_EXTRA, entry->name);
    }
    const size_t line = (size_t)(sum - sums->items);
    if (walk->seen[line] || line < walk->next) {
        walk->seen[line] = true;
        return tell_strange(walk, SVA_CHECK_CASE_EXTRA, entry->name);
    }
    walk->seen[line] = true;
    walk->next = line + 1;
    return unpack_entry(walk, sum);
}

/** What is listed and did not come, and names that no bundle has. */
static enum sva_status check_names(struct walk *walk)
{
    static const enum sva_case_part ALWAYS[] = {SVA_CASE_README_EN, SVA_CASE_README_KO,
                                                SVA_CASE_HTML_EN, SVA_CASE_HTML_KO,
                                                SVA_CASE_REPORT};
    const struct sva_sums *const sums = &walk->work->sums;
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < sums->count; i++) {
        if (!walk->seen[i]) {
            status = tell_strange(walk, SVA_CHECK_CASE_MISSING, sums->items[i].name);
        } else if (sva_case_part_of(sums->items[i].name) == SVA_CASE_UNKNOWN) {
            status = tell_strange(walk, SVA_CHECK_CASE_EXTRA, sums->items[i].name);
        }
    }
    for (size_t i = 0; status == SVA_OK && i < sizeof ALWAYS / sizeof *ALWAYS; i++) {
        if (!sva_case_has(walk->work, ALWAYS[i])) {
            status = tell_strange(walk, SVA_CHECK_CASE_MISSING, sva_case_name(ALWAYS[i]));
        }
    }
    return status;
}

static enum sva_status walk_entries(struct walk *walk, struct sva_tar_entry entry, bool end)
{
    enum sva_status status = SVA_OK;
    while (status == SVA_OK && !end) {
        status = take_entry(walk, &entry);
        status = status == SVA_OK ? sva_tar_next(walk->reader, "a file", &entry, &end) : status;
    }
    return status == SVA_OK ? check_names(walk) : status;
}

static enum sva_status parse_sums(struct walk *walk, const struct sva_bytes *text)
{
    struct sva_unpacked *const work = walk->work;
    char name[320];
    (void)snprintf(name, sizeof name, "%s, " SVA_CASE_SUMS, work->what);
    enum sva_status status = sva_sums_parse((struct sva_span){text->data, text->size}, name,
                                            &work->arena, &work->sums, work->error);
    if (status == SVA_OK) {
        walk->seen = sva_arena_alloc(&work->arena, work->sums.count, sizeof *walk->seen);
        walk->hash = sva_sha256_new();
        status =
            walk->seen != NULL && walk->hash != NULL ? SVA_OK : sva_fail_memory(work->error, doing);
    }
    return status == SVA_OK ? sva_case_folder_make(&work->folder, work->error) : status;
}

/** The list, its signature, then everything that it lists. */
static enum sva_status unpack(struct walk *walk, bool *whole)
{
    struct sva_unpacked *const work = walk->work;
    struct sva_bytes text = {.data = NULL};
    struct sva_tar_entry entry = {.name = ""};
    bool end = false;
    bool go = true;
    enum sva_status status = take_sums(walk, &text);
    if (status == SVA_OK) {
        status = sva_tar_next(walk->reader, "a file", &entry, &end);
    }
    const bool has_signature =
        status == SVA_OK && !end && strcmp(entry.name, SVA_CASE_SUMS_SIG) == 0;
    if (has_signature && entry.size_bytes > SIGNATURE_BYTES) {
        status = sva_fail(work->error, SVA_ERR_LIMIT, "%s: " SVA_CASE_SUMS_SIG " is too large",
                          work->what);
    }
    if (status == SVA_OK && has_signature) {
        status = check_signature(walk, &text, &go);
        if (status == SVA_OK && go) {
            status = sva_tar_next(walk->reader, "a file", &entry, &end);
        }
    } else if (status == SVA_OK) {
        sva_case_tell(work, SVA_CHECK_CASE_SIGNATURE, SVA_CHECK_TOLD, NULL);
    }
    if (status == SVA_OK && go) {
        status = parse_sums(walk, &text);
        status = status == SVA_OK ? walk_entries(walk, entry, end) : status;
    }
    *whole = go && walk->strange == 0;
    sva_bytes_done(&text);
    return status;
}

enum sva_status sva_case_unpack(struct sva_unpacked *work, const struct sva_input *input,
                                bool *whole)
{
    struct walk walk = {.work = work};
    const struct sva_tar_source source = {input, work->checks->progress, kind};
    enum sva_status status = sva_tar_reader_open(&source, &walk.reader, work->error);
    if (status == SVA_OK) {
        status = unpack(&walk, whole);
    }
    if (status == SVA_OK && walk.good > 0) {
        sva_findings_add(work->findings, SVA_CHECK_CASE_FILES, SVA_CHECK_PASSED, walk.good, NULL);
    }
    if (status == SVA_OK && !*whole) {
        sva_case_tell(work, SVA_CHECK_CASE_UNREAD, SVA_CHECK_NOT_CHECKED, NULL);
    }
    sva_sha256_free(walk.hash);
    sva_tar_reader_free(walk.reader);
    return status;
}
