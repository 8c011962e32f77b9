/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/statement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/fields.h"
#include "base/fail.h"
#include "base/hash.h"
#include "base/text.h"

#define MEMBER(type, member) offsetof(struct type, member)

static const struct {
    const char *name;
    size_t bytes;
} KINDS[SVA_DIGEST_KIND_COUNT] = {
    [SVA_DIGEST_SHA256] = {"sha256", 32},
    [SVA_DIGEST_BLAKE2B] = {"blake2b", 64},
};

const char *sva_digest_kind_name(enum sva_digest_kind kind)
{
    return KINDS[kind].name;
}

size_t sva_digest_kind_bytes(enum sva_digest_kind kind)
{
    return KINDS[kind].bytes;
}

bool sva_path_is_plain(const char *path)
{
    for (const char *at = path;; at++) {
        const size_t length = strcspn(at, "/");
        if (length == 0 || (length == 1 && at[0] == '.') ||
            (length == 2 && at[0] == '.' && at[1] == '.')) {
            return false;
        }
        at += length;
        if (*at == '\0') {
            return strlen(path) <= SVA_STATEMENT_NAME_BYTES;
        }
    }
}

/* -- any statement ---------------------------------------------------------------------------- */

struct head {
    const char *type, *predicate_type;
};

/** Is it this kind of statement at all? Asked first, so that another kind is named as such. */
static enum sva_status expect_kind(struct sva_span payload, const char *name,
                                   struct sva_arena *arena, const char *predicate_type,
                                   struct sva_error *error)
{
    static const struct sva_field FIELDS[] = {
        {"_type", sva_read_text, MEMBER(head, type), true},
        {"predicateType", sva_read_text, MEMBER(head, predicate_type), true},
        {"subject", NULL, 0, true},
        {"predicate", NULL, 0, true},
    };
    static const struct sva_field_table TABLE = {"the statement", FIELDS, 4, false};
    struct sva_fields fields;
    struct head head = {.type = ""};
    sva_fields_init(&fields, payload, name, arena);
    const enum sva_status status = sva_read_document(&fields, &TABLE, &head, error);
    sva_json_done(&fields.json);
    if (status != SVA_OK) {
        return status;
    }
    if (strcmp(head.type, SVA_STATEMENT_TYPE) != 0) {
        return sva_fail(error, SVA_ERR_UNSUPPORTED,
                        "%s: _type of the statement is \"%s\", not \"%s\"", name,
                        sva_esc(head.type).text, SVA_STATEMENT_TYPE);
    }
    if (strcmp(head.predicate_type, predicate_type) != 0) {
        return sva_fail(error, SVA_ERR_UNSUPPORTED,
                        "%s: predicateType of the statement is \"%s\", not \"%s\"", name,
                        sva_esc(head.predicate_type).text, predicate_type);
    }
    return SVA_OK;
}

/** {"sha256": "<64 digits>"} into 32 bytes; other digests are skipped. */
static enum sva_status read_digest_set(struct sva_fields *fields, void *into,
                                       struct sva_error *error)
{
    static const struct sva_field FIELDS[] = {{"sha256", sva_read_text, 0, true}};
    static const struct sva_field_table TABLE = {"the digest", FIELDS, 1, true};
    const char *text = NULL;
    const enum sva_status status = sva_read_object(fields, &TABLE, &text, error);
    if (status != SVA_OK || sva_unhex(text, strlen(text), into, 32)) {
        return status;
    }
    return sva_fields_fail(fields, "sha256 is not 64 hexadecimal digits", error);
}

static enum sva_status read_subject(struct sva_fields *fields, struct sva_subject_file *subject,
                                    struct sva_error *error)
{
    static const struct sva_field FIELDS[] = {
        {"name", sva_read_text, MEMBER(sva_subject_file, name), true},
        {"digest", read_digest_set, MEMBER(sva_subject_file, sha256), true},
    };
    static const struct sva_field_table TABLE = {"the subject", FIELDS, 2, true};
    return sva_read_object(fields, &TABLE, subject, error);
}

static enum sva_status no_memory(struct sva_error *error)
{
    return sva_fail_memory(error, "reading a statement");
}

/* -- manifest --------------------------------------------------------------------------------- */

struct raw_resource {
    const char *name, *digest, *algorithm;
};

struct raw_manifest {
    struct sva_subject_file subject;
    size_t subject_count;
    const char *method, *hash_type;
    uint64_t shard_size;
    bool allow_symlinks;
    struct sva_grown ignore;    /* const char * */
    struct sva_grown resources; /* struct raw_resource */
};

static enum sva_status read_one_subject(struct sva_fields *fields, void *into,
                                        struct sva_error *error)
{
    struct raw_manifest *const raw = into;
    return raw->subject_count++ > 0
               ? sva_fields_fail(fields, "the statement has more than one subject", error)
               : read_subject(fields, &raw->subject, error);
}

static enum sva_status read_subjects(struct sva_fields *fields, void *into, struct sva_error *error)
{
    return sva_read_array(fields, read_one_subject, into, error);
}

static enum sva_status read_resource(struct sva_fields *fields, void *into, struct sva_error *error)
{
    static const struct sva_field FIELDS[] = {
        {"name", sva_read_text, MEMBER(raw_resource, name), true},
        {"digest", sva_read_text, MEMBER(raw_resource, digest), true},
        {"algorithm", sva_read_text, MEMBER(raw_resource, algorithm), true},
    };
    static const struct sva_field_table TABLE = {"the resource", FIELDS, 3, true};
    struct raw_resource *const resource = sva_grown_add(into, fields->arena, sizeof *resource);
    return resource != NULL ? sva_read_object(fields, &TABLE, resource, error) : no_memory(error);
}

static enum sva_status read_resources(struct sva_fields *fields, void *into,
                                      struct sva_error *error)
{
    return sva_read_array(fields, read_resource, into, error);
}

static enum sva_status read_ignored(struct sva_fields *fields, void *into, struct sva_error *error)
{
    if (((const struct sva_grown *)into)->count == SVA_STATEMENT_IGNORED) {
        return sva_fields_fail(fields, "ignore_paths is longer than any use", error);
    }
    const char **const path = sva_grown_add(into, fields->arena, sizeof *path);
    const enum sva_status status =
        path != NULL ? sva_read_text(fields, path, error) : no_memory(error);
    return status != SVA_OK || sva_path_is_plain(*path)
               ? status
               : sva_fields_fail(fields, "ignore_paths holds a path that leaves the model", error);
}

static enum sva_status read_ignore_paths(struct sva_fields *fields, void *into,
                                         struct sva_error *error)
{
    return sva_read_array(fields, read_ignored, into, error);
}

static enum sva_status read_serialization(struct sva_fields *fields, void *into,
                                          struct sva_error *error)
{
    static const struct sva_field FIELDS[] = {
        {"method", sva_read_text, MEMBER(raw_manifest, method), true},
        {"hash_type", sva_read_text, MEMBER(raw_manifest, hash_type), true},
        {"shard_size", sva_read_u64, MEMBER(raw_manifest, shard_size), false},
        {"allow_symlinks", sva_read_bool, MEMBER(raw_manifest, allow_symlinks), true},
        {"ignore_paths", read_ignore_paths, MEMBER(raw_manifest, ignore), false},
    };
    static const struct sva_field_table TABLE = {"serialization", FIELDS, 5, false};
    return sva_read_object(fields, &TABLE, into, error);
}

static enum sva_status read_predicate(struct sva_fields *fields, void *into,
                                      struct sva_error *error)
{
    static const struct sva_field FIELDS[] = {
        {"resources", read_resources, MEMBER(raw_manifest, resources), true},
        {"serialization", read_serialization, 0, true},
    };
    static const struct sva_field_table TABLE = {"the predicate", FIELDS, 2, true};
    return sva_read_object(fields, &TABLE, into, error);
}

static enum sva_status read_manifest(struct sva_fields *fields, struct raw_manifest *raw,
                                     struct sva_error *error)
{
    static const struct sva_field FIELDS[] = {
        {"_type", NULL, 0, true},
        {"predicateType", NULL, 0, true},
        {"subject", read_subjects, 0, true},
        {"predicate", read_predicate, 0, true},
    };
    static const struct sva_field_table TABLE = {"the statement", FIELDS, 4, false};
    return sva_read_document(fields, &TABLE, raw, error);
}

/** A decimal number that ends at `end`, canonical; moves *end in front of its ':'. */
static bool take_number(const char *text, size_t *end, uint64_t *value)
{
    size_t start = *end;
    uint64_t number = 0;
    while (start > 0 && text[start - 1] >= '0' && text[start - 1] <= '9') {
        start--;
    }
    const size_t digits = *end - start;
    if (digits == 0 || digits > 19 || (digits > 1 && text[start] == '0') || start == 0 ||
        text[start - 1] != ':') {
        return false;
    }
    for (size_t i = start; i < *end; i++) {
        number = number * 10 + (uint64_t)(text[i] - '0');
    }
    *value = number;
    *end = start - 1;
    return true;
}

/**
 * The algorithm of a line is that of the manifest. The reference implementation (1.1) writes
 * "sha256-sharded-1000" where the specification wants "sha256"; both are read.
 */
static bool is_algorithm(const char *text, const struct sva_manifest *manifest)
{
    const char *const kind = KINDS[manifest->kind].name;
    char sharded[64];
    (void)snprintf(sharded, sizeof sharded, "%s-sharded-%llu", kind,
                   (unsigned long long)manifest->shard_bytes);
    return strcmp(text, kind) == 0 || (manifest->shard_bytes > 0 && strcmp(text, sharded) == 0);
}

static enum sva_status finish_resource(const struct raw_resource *raw, const char *name,
                                       const struct sva_manifest *manifest, struct sva_arena *arena,
                                       struct sva_resource *resource, struct sva_error *error)
{
    size_t length = strlen(raw->name);
    resource->name = raw->name;
    if (manifest->shard_bytes > 0 &&
        (!take_number(raw->name, &length, &resource->end) ||
         !take_number(raw->name, &length, &resource->start) || resource->start >= resource->end)) {
        return sva_fail(error, SVA_ERR_CORRUPT, "%s: the resource \"%s\" is not path:start:end",
                        name, sva_esc(raw->name).text);
    }
    resource->path = sva_arena_strndup(arena, raw->name, length);
    if (resource->path == NULL) {
        return no_memory(error);
    }
    if (strcmp(resource->path, ".") != 0 && !sva_path_is_plain(resource->path)) {
        return sva_fail(error, SVA_ERR_CORRUPT, "%s: the resource \"%s\" leaves the model", name,
                        sva_esc(raw->name).text);
    }
    if (!is_algorithm(raw->algorithm, manifest) ||
        !sva_unhex(raw->digest, strlen(raw->digest), resource->digest,
                   KINDS[manifest->kind].bytes)) {
        return sva_fail(error, SVA_ERR_CORRUPT, "%s: the resource \"%s\" has no sound %s digest",
                        name, sva_esc(raw->name).text, KINDS[manifest->kind].name);
    }
    return SVA_OK;
}

static int by_name(const void *left, const void *right)
{
    const struct sva_resource *const a = left;
    const struct sva_resource *const b = right;
    return strcmp(a->name, b->name);
}

static enum sva_status finish_resources(const struct raw_manifest *raw, const char *name,
                                        struct sva_arena *arena, struct sva_manifest *manifest,
                                        struct sva_error *error)
{
    const struct raw_resource *const from = raw->resources.items;
    struct sva_resource *const items =
        sva_arena_alloc(arena, raw->resources.count, sizeof(struct sva_resource));
    if (items == NULL) {
        return no_memory(error);
    }
    for (size_t i = 0; i < raw->resources.count; i++) {
        const enum sva_status status =
            finish_resource(&from[i], name, manifest, arena, &items[i], error);
        if (status != SVA_OK) {
            return status;
        }
    }
    uint8_t root[32];
    manifest->count = raw->resources.count;
    manifest->resources = items;
    if (!sva_manifest_root(manifest, root)) {
        return no_memory(error);
    }
    if (memcmp(root, manifest->root, sizeof root) != 0) {
        return sva_fail(error, SVA_ERR_CORRUPT,
                        "%s: the subject's digest is not that of its resources", name);
    }
    qsort(items, manifest->count, sizeof *items, by_name);
    for (size_t i = 1; i < manifest->count; i++) {
        if (strcmp(items[i - 1].name, items[i].name) == 0) {
            return sva_fail(error, SVA_ERR_CORRUPT, "%s: the resource \"%s\" is listed twice", name,
                            sva_esc(items[i].name).text);
        }
    }
    return SVA_OK;
}

static enum sva_status finish_kind(const struct raw_manifest *raw, const char *name,
                                   struct sva_manifest *manifest, struct sva_error *error)
{
    const bool shards = strcmp(raw->method, "shards") == 0;
    if (!shards && strcmp(raw->method, "files") != 0) {
        return sva_fail(error, SVA_ERR_UNSUPPORTED, "%s: serialization method \"%s\" is not known",
                        name, sva_esc(raw->method).text);
    }
    if (shards != (raw->shard_size > 0)) {
        return sva_fail(error, SVA_ERR_CORRUPT,
                        "%s: shard_size does not go with the serialization method \"%s\"", name,
                        raw->method);
    }
    for (unsigned i = 0; i < SVA_DIGEST_KIND_COUNT; i++) {
        if (strcmp(raw->hash_type, KINDS[i].name) == 0) {
            manifest->kind = (enum sva_digest_kind)i;
            return SVA_OK;
        }
    }
    return sva_fail(error, SVA_ERR_UNSUPPORTED, "%s: digests of type \"%s\" are not computed here",
                    name, sva_esc(raw->hash_type).text);
}

enum sva_status sva_manifest_parse(struct sva_span payload, const char *name,
                                   struct sva_arena *arena, struct sva_manifest *manifest,
                                   struct sva_error *error)
{
    struct sva_fields fields;
    struct raw_manifest raw = {.subject_count = 0};
    enum sva_status status = expect_kind(payload, name, arena, SVA_OMS_PREDICATE, error);
    if (status == SVA_OK) {
        sva_fields_init(&fields, payload, name, arena);
        status = read_manifest(&fields, &raw, error);
        sva_json_done(&fields.json);
    }
    if (status == SVA_OK && (raw.subject_count == 0 || raw.resources.count == 0)) {
        status = sva_fail(error, SVA_ERR_CORRUPT, "%s: the statement has no %s", name,
                          raw.subject_count == 0 ? "subject" : "resources");
    }
    if (status != SVA_OK) {
        return status;
    }
    struct sva_manifest read = {.subject = raw.subject.name,
                                .shard_bytes = raw.shard_size,
                                .allow_symlinks = raw.allow_symlinks,
                                .ignore_count = raw.ignore.count,
                                .ignore = raw.ignore.items};
    memcpy(read.root, raw.subject.sha256, sizeof read.root);
    status = finish_kind(&raw, name, &read, error);
    if (status == SVA_OK) {
        status = finish_resources(&raw, name, arena, &read, error);
    }
    if (status == SVA_OK) {
        *manifest = read;
    }
    return status;
}

bool sva_manifest_root(const struct sva_manifest *manifest, uint8_t root[32])
{
    struct sva_sha256 *const state = sva_sha256_new();
    if (state == NULL) {
        return false;
    }
    for (size_t i = 0; i < manifest->count; i++) {
        sva_sha256_update(state, manifest->resources[i].digest, KINDS[manifest->kind].bytes);
    }
    sva_sha256_final(state, root);
    sva_sha256_free(state);
    return true;
}

/* -- report ----------------------------------------------------------------------------------- */

struct raw_claim {
    struct sva_grown files; /* struct sva_subject_file */
    struct sva_report_claim claim;
};

static enum sva_status read_file(struct sva_fields *fields, void *into, struct sva_error *error)
{
    struct sva_subject_file *const file = sva_grown_add(into, fields->arena, sizeof *file);
    const enum sva_status status =
        file != NULL ? read_subject(fields, file, error) : no_memory(error);
    return status != SVA_OK || sva_path_is_plain(file->name)
               ? status
               : sva_fields_fail(fields, "the subject's name leaves the model", error);
}

static enum sva_status read_files(struct sva_fields *fields, void *into, struct sva_error *error)
{
    return sva_read_array(fields, read_file, into, error);
}

static enum sva_status read_report(struct sva_fields *fields, void *into, struct sva_error *error)
{
    static const struct sva_field FIELDS[] = {
        {"digest", read_digest_set, MEMBER(sva_report_claim, sha256), true},
        {"schema", sva_read_text, MEMBER(sva_report_claim, schema), true},
        {"verdict", sva_read_text, MEMBER(sva_report_claim, verdict), true},
    };
    static const struct sva_field_table TABLE = {"report", FIELDS, 3, false};
    return sva_read_object(fields, &TABLE, into, error);
}

static enum sva_status read_report_predicate(struct sva_fields *fields, void *into,
                                             struct sva_error *error)
{
    static const struct sva_field FIELDS[] = {{"report", read_report, 0, true}};
    static const struct sva_field_table TABLE = {"the predicate", FIELDS, 1, true};
    return sva_read_object(fields, &TABLE, into, error);
}

enum sva_status sva_report_claim_parse(struct sva_span payload, const char *name,
                                       struct sva_arena *arena, struct sva_report_claim *claim,
                                       struct sva_error *error)
{
    static const struct sva_field FIELDS[] = {
        {"_type", NULL, 0, true},
        {"predicateType", NULL, 0, true},
        {"subject", read_files, MEMBER(raw_claim, files), true},
        {"predicate", read_report_predicate, MEMBER(raw_claim, claim), true},
    };
    static const struct sva_field_table TABLE = {"the statement", FIELDS, 4, false};
    struct sva_fields fields;
    struct raw_claim raw = {.files = {.count = 0}};
    enum sva_status status = expect_kind(payload, name, arena, SVA_REPORT_PREDICATE, error);
    if (status == SVA_OK) {
        sva_fields_init(&fields, payload, name, arena);
        status = sva_read_document(&fields, &TABLE, &raw, error);
        sva_json_done(&fields.json);
    }
    if (status == SVA_OK && raw.files.count == 0) {
        status = sva_fail(error, SVA_ERR_CORRUPT, "%s: the statement has no subject", name);
    }
    if (status == SVA_OK) {
        *claim = raw.claim;
        claim->count = raw.files.count;
        claim->files = raw.files.items;
    }
    return status;
}

/* -- any file --------------------------------------------------------------------------------- */

static enum sva_status read_no_members(struct sva_fields *fields, void *into,
                                       struct sva_error *error)
{
    static const struct sva_field_table TABLE = {"the predicate", NULL, 0, false};
    return sva_read_object(fields, &TABLE, into, error);
}

enum sva_status sva_file_claim_parse(struct sva_span payload, const char *name,
                                     struct sva_arena *arena, struct sva_subject_file *claim,
                                     struct sva_error *error)
{
    static const struct sva_field FIELDS[] = {
        {"_type", NULL, 0, true},
        {"predicateType", NULL, 0, true},
        {"subject", read_files, 0, true},
        {"predicate", read_no_members, 0, true},
    };
    static const struct sva_field_table TABLE = {"the statement", FIELDS, 4, false};
    struct sva_fields fields;
    struct sva_grown files = {.count = 0};
    enum sva_status status = expect_kind(payload, name, arena, SVA_FILE_PREDICATE, error);
    if (status == SVA_OK) {
        sva_fields_init(&fields, payload, name, arena);
        status = sva_read_document(&fields, &TABLE, &files, error);
        sva_json_done(&fields.json);
    }
    if (status == SVA_OK && files.count != 1) {
        status = sva_fail(error, SVA_ERR_CORRUPT, "%s: the statement has %zu subjects, not one",
                          name, files.count);
    }
    if (status == SVA_OK) {
        *claim = *(const struct sva_subject_file *)files.items;
    }
    return status;
}
