/* SPDX-License-Identifier: Apache-2.0 */
#include "model/notices.h"

#include <stdio.h>
#include <string.h>

#include "base/cursor.h"
#include "base/fail.h"
#include "base/hash.h"
#include "base/text.h"

static bool is_notice(const struct sva_scanned *file)
{
    static const char *const starts[] = {"notice", "third_party_notice", "third-party-notice",
                                         "thirdpartynotice"};
    bool notice = false;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        notice = notice || sva_starts_with(file->base, starts[i]);
    }
    return notice && file->kind == SVA_FILE_LICENCE && file->refused == NULL;
}

/** Copies what fits of the text; returns how many bytes of the file that took. */
static size_t copy_text(struct sva_span bytes, char text[SVA_NOTICE_TEXT_BYTES + 1])
{
    size_t at = 0;
    size_t size = 0;
    size_t valid_end = 0;
    while (at < bytes.size && size < SVA_NOTICE_TEXT_BYTES) {
        if (at >= valid_end) {
            const size_t left = bytes.size - at;
            const size_t looked = left < SVA_NOTICE_TEXT_BYTES ? left : SVA_NOTICE_TEXT_BYTES;
            valid_end = at + sva_utf8_valid_prefix(bytes.data + at, looked);
        }
        const uint8_t byte = bytes.data[at];
        if (byte != '\0') {
            text[size++] = at < valid_end ? (char)byte : '?';
        }
        at++;
    }
    size = sva_utf8_valid_prefix((const uint8_t *)text, size);
    text[size] = '\0';
    return at;
}

static enum sva_status add_fact(struct sva_parts *parts, unsigned number, const char *what,
                                const char *value, struct sva_error *error)
{
    char key[40];
    snprintf(key, sizeof key, "notice.%u.%s", number, what);
    return sva_parts_fact(parts, key, value, error);
}

static enum sva_status make_facts(struct sva_parts *parts, const char *path, unsigned number,
                                  struct sva_span bytes, struct sva_error *error)
{
    uint8_t digest[32];
    char hex[65];
    char text[SVA_NOTICE_TEXT_BYTES + 1];
    if (!sva_sha256(bytes.data, bytes.size, digest)) {
        return sva_fail_memory(error, "hashing a notice");
    }
    sva_hex(digest, sizeof digest, hex);
    const size_t taken = copy_text(bytes, text);
    enum sva_status status = add_fact(parts, number, "file", path, error);
    if (status == SVA_OK) {
        status = add_fact(parts, number, "sha256", hex, error);
    }
    if (status == SVA_OK) {
        status = add_fact(parts, number, "text", text, error);
    }
    if (status == SVA_OK && taken < bytes.size) {
        status = sva_parts_finding(parts, error, "notice-cut", path,
                                   "Of the %llu bytes of %s the first %llu were kept; a model that "
                                   "is named only behind them counts as not named.",
                                   (unsigned long long)bytes.size, sva_esc(path).text,
                                   (unsigned long long)taken);
    }
    return status;
}

static enum sva_status read_notice(struct sva_parts *parts, const struct sva_scanned *file,
                                   unsigned number, struct sva_error *error)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    struct sva_error problem = {0};
    enum sva_status status =
        sva_parts_read(parts, file, parts->limits.json_bytes, &bytes, &size, &problem);
    if (status == SVA_ERR_LIMIT) {
        return sva_parts_finding(parts, error, "notice-not-read", file->path,
                                 "The notice was not read: %s.", problem.text);
    }
    if (status != SVA_OK) {
        return sva_fail(error, status, "%s", problem.text);
    }
    status = make_facts(parts, file->path, number, (struct sva_span){bytes, size}, error);
    sva_free(bytes);
    return status;
}

enum sva_status sva_notices_read(struct sva_parts *parts, struct sva_error *error)
{
    const struct sva_scanned *const files = parts->scanned.items;
    enum sva_status status = SVA_OK;
    uint64_t count = 0;
    for (size_t i = 0; status == SVA_OK && i < parts->scanned.count; i++) {
        if (is_notice(&files[i]) && count++ < SVA_NOTICES_MAX) {
            status = read_notice(parts, &files[i], (unsigned)count - 1, error);
        }
    }
    if (status == SVA_OK && count > SVA_NOTICES_MAX) {
        status = sva_parts_finding(parts, error, "notice-not-read", NULL,
                                   "%llu more notices were not read.",
                                   (unsigned long long)(count - SVA_NOTICES_MAX));
    }
    return status;
}
