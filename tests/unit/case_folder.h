/* SPDX-License-Identifier: Apache-2.0 */
/** A small audit in a scratch folder, bundled, and bundles taken apart and put together again. */
#ifndef TESTS_CASE_FOLDER_H
#define TESTS_CASE_FOLDER_H

#include "sign_folder.h"

#include <archive.h>
#include <archive_entry.h>

#include <sovaudit/casefile.h>

#include "casefile/sums.h"
#include "refstore_prints.h"

/* 128 bytes: longer than the name field of a tar. */
#define LONG_NAME                                                                                  \
    "2025년 3분기 사전학습 손실 기록 및 체크포인트 목록(최종 제출본, 개인정보 삭제, 검토 완료).csv"

enum { ENTRIES_MOST = 32 };

static struct sva_key *lab, *other;

/** A bundle taken apart, to be put together in another way. */
struct parts {
    size_t count;
    struct entry {
        char name[256];
        uint8_t *bytes;
        size_t size;
        int type; /* AE_IFREG, or a link */
    } entries[ENTRIES_MOST];
};

static struct parts whole;

/* ---- a small audit ---- */

static inline void save_print(const char *name, int seed)
{
    struct tiny_print tiny;
    tiny_make(&tiny, seed, 7);
    assert_int_equal(sva_print_save(&tiny.print, at(name), NULL), SVA_OK);
}

static inline void make_report(void)
{
    const char *const refs[] = {at("ref.svp")};
    const struct sva_check_options options = {.ref_paths = refs,
                                              .ref_path_count = 1,
                                              .rules = "kr-independent-ai",
                                              .as_of = "2026-01-01",
                                              .evidence = at("evidence.json"),
                                              .threads = 1,
                                              .compare = sva_compare_options_default()};
    struct sva_audit_result *result = NULL;
    struct sva_error error = {.status = SVA_OK};
    char *text = NULL;
    size_t size = 0;
    if (sva_check(at("subject.svp"), &options, &result, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(sva_report_json(sva_audit_of(result), &text, &size, NULL), SVA_OK);
    assert_int_equal(sva_write_file(at("report.json"), text, size, NULL), SVA_OK);
    free(text);
    sva_audit_free(result);
}

static inline void add_document(const char *name, const char *kind, const char *text,
                                bool confidential)
{
    const struct sva_document_note note = {.kind = kind, .confidential = confidential};
    struct sva_error error = {.status = SVA_OK};
    put(name, text);
    if (sva_evidence_add(at("evidence.json"), at(name), &note, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
}

static inline void make_bundle(const char *name, const struct sva_key *key)
{
    const char *const prints[] = {at("subject.svp"), at("ref.svp")};
    const struct sva_casefile_options options = {.report = at("report.json"),
                                                 .prints = prints,
                                                 .print_count = 2,
                                                 .evidence = at("evidence.json"),
                                                 .report_signature = at("report.sig"),
                                                 .key = key};
    struct sva_casefile made;
    struct sva_error error = {.status = SVA_OK};
    if (sva_casefile_write(at(name), &options, &made, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(made.absent_count, 0);
    assert_int_equal(made.print_count, 2);
    sva_casefile_done(&made);
}

static inline void take_apart(const char *name, struct parts *parts)
{
    struct archive *const reader = archive_read_new();
    struct archive_entry *entry = NULL;
    parts->count = 0;
    assert_int_equal(archive_read_support_format_tar(reader), ARCHIVE_OK);
    assert_int_equal(archive_read_support_filter_zstd(reader), ARCHIVE_OK);
    assert_int_equal(archive_read_open_filename(reader, at(name), 10240), ARCHIVE_OK);
    while (archive_read_next_header(reader, &entry) == ARCHIVE_OK) {
        struct entry *const slot = &parts->entries[parts->count++];
        assert_true(parts->count < ENTRIES_MOST);
        (void)snprintf(slot->name, sizeof slot->name, "%s", archive_entry_pathname(entry));
        slot->size = (size_t)archive_entry_size(entry);
        slot->bytes = calloc(slot->size + 1, 1);
        slot->type = AE_IFREG;
        assert_int_equal(archive_read_data(reader, slot->bytes, slot->size), slot->size);
    }
    archive_read_free(reader);
}

static inline void put_together(const char *name, const struct parts *parts)
{
    struct archive *const writer = archive_write_new();
    assert_int_equal(archive_write_set_format_gnutar(writer), ARCHIVE_OK);
    assert_int_equal(archive_write_add_filter_zstd(writer), ARCHIVE_OK);
    assert_int_equal(archive_write_set_filter_option(writer, "zstd", "compression-level", "1"),
                     ARCHIVE_OK);
    assert_int_equal(archive_write_open_filename(writer, at(name)), ARCHIVE_OK);
    for (size_t i = 0; i < parts->count; i++) {
        const struct entry *const part = &parts->entries[i];
        struct archive_entry *const entry = archive_entry_new();
        const bool plain = part->type == AE_IFREG;
        archive_entry_set_pathname(entry, part->name);
        archive_entry_set_filetype(entry, (unsigned)part->type);
        if (!plain) {
            archive_entry_set_symlink(entry, "/etc/passwd");
        }
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_size(entry, plain ? (la_int64_t)part->size : 0);
        assert_int_equal(archive_write_header(writer, entry), ARCHIVE_OK);
        if (plain && part->size > 0) {
            assert_int_equal(archive_write_data(writer, part->bytes, part->size), part->size);
        }
        archive_entry_free(entry);
    }
    assert_int_equal(archive_write_free(writer), ARCHIVE_OK);
}

static inline int setup(void **state)
{
    if (make_folder(state) != 0 || sva_key_generate(SVA_KEY_ED25519, &lab, NULL) != SVA_OK ||
        sva_key_generate(SVA_KEY_ED25519, &other, NULL) != SVA_OK) {
        return -1;
    }
    struct sva_rulepack *pack = NULL;
    if (sva_rulepack_load("kr-independent-ai", &pack, NULL) != SVA_OK ||
        sva_evidence_init(at("evidence.json"), pack, NULL) != SVA_OK) {
        return -1;
    }
    sva_rulepack_free(pack);
    add_document("loss.csv", "loss-log", "step,loss\n0,11.5\n1,10.9\n", false);
    add_document("loss.csv", "data-sheet", "step,loss\n0,11.5\n1,10.9\n", false);
    add_document(LONG_NAME, "loss-log", "step,loss\n2,9.1\n", false);
    add_document("secret.csv", "loss-log", "step,loss\n3,8.0\n", true);
    save_print("subject.svp", 1);
    save_print("ref.svp", 2);
    make_report();
    assert_int_equal(sva_sign_report(at("report.json"), lab, at("report.sig"), NULL), SVA_OK);
    make_bundle("case", lab);
    take_apart("case", &whole);
    return 0;
}

static inline int teardown(void **state)
{
    for (size_t i = 0; i < whole.count; i++) {
        free(whole.entries[i].bytes);
    }
    sva_key_free(lab);
    sva_key_free(other);
    return drop_folder(state);
}

/* ---- asking ---- */

/** 0 verified, 1 not, 2 unreadable. */
static inline int verify(const char *name, const struct sva_key *key, struct sva_error *error)
{
    const struct sva_casefile_checks checks = {.key = key, .threads = 1};
    struct sva_verification *lines = NULL;
    *error = (struct sva_error){.status = SVA_OK};
    if (sva_casefile_verify(at(name), &checks, &lines, error) != SVA_OK) {
        assert_true(error->text[0] != '\0');
        assert_non_null(strstr(error->text, at(name))); /* not the folder it was unpacked into */
        return 2;
    }
    const int code = lines->verified ? 0 : 1;
    sva_verification_free(lines);
    return code;
}

/** Is this bundle refused - without the key, unless the signature alone changed? */
static inline void is_seen(const struct parts *parts, const char *what, bool without_key)
{
    struct sva_error error;
    put_together("bad", parts);
    if (verify("bad", without_key ? NULL : lab, &error) == 0) {
        fail_msg("not seen: %s", what);
    }
}

static inline size_t find(const struct parts *parts, const char *name)
{
    for (size_t i = 0; i < parts->count; i++) {
        if (strcmp(parts->entries[i].name, name) == 0) {
            return i;
        }
    }
    fail_msg("no entry %s", name);
    return 0;
}

/** SHA256SUMS written anew over what the parts hold now, without a signature. */
static inline void list_again(struct parts *parts)
{
    struct sva_sum items[ENTRIES_MOST];
    struct sva_sums sums = {.items = items};
    static struct sva_bytes text;
    const size_t signature = find(parts, "SHA256SUMS.sig");
    parts->count--;
    memmove(&parts->entries[signature], &parts->entries[signature + 1],
            (parts->count - signature) * sizeof *parts->entries);
    for (size_t i = 1; i < parts->count; i++) {
        items[sums.count].name = parts->entries[i].name;
        assert_true(sva_sha256(parts->entries[i].bytes, parts->entries[i].size,
                               items[sums.count++].sha256));
    }
    sva_bytes_done(&text);
    text = (struct sva_bytes){.data = NULL};
    sva_sums_put(&sums, &text);
    parts->entries[0].bytes = text.data;
    parts->entries[0].size = text.size;
}

#endif
