/* SPDX-License-Identifier: Apache-2.0 */
#include "refstore/pack_manifest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/text.h"
#include "format/json.h"

static const char doing[] = "reading a pack's manifest";
static const char format_name[] = "sovaudit-references";

/* What the value of a key is, and where it is kept. */
struct field {
    const char *key;
    enum { TEXT, NUMBER, DIGEST, LIST } kind;
    size_t offset;
};

#define AT(member) offsetof(struct sva_pack_reference, member)

/* In the order of writing. */
static const struct field reference_fields[] = {
    {"derived_from", TEXT, AT(derived_from)},
    {"licence", TEXT, AT(licence)},
    {"method", NUMBER, AT(method)},
    {"name", TEXT, AT(name)},
    {"parameters", NUMBER, AT(parameters)},
    {"print_bytes", NUMBER, AT(print_bytes)},
    {"print_digest", DIGEST, AT(print_digest)},
    {"print_sha256", DIGEST, AT(print_sha256)},
    {"publisher", TEXT, AT(publisher)},
    {"released", TEXT, AT(released)},
    {"removed", TEXT, AT(removed)},
    {"source", TEXT, AT(source)},
    {"version", TEXT, AT(version)},
    {"weight_bytes", NUMBER, AT(weight_bytes)},
    {"weight_files", LIST, 0},
};

#undef AT
#define AT(member) offsetof(struct sva_pack_file, member)

static const struct field file_fields[] = {
    {"bytes", NUMBER, AT(bytes)},
    {"path", TEXT, AT(path)},
    {"sha256", DIGEST, AT(sha256)},
};

#undef AT

/* The document itself. */
struct head {
    const char *created, *format, *tool;
    uint64_t version;
};

#define AT(member) offsetof(struct head, member)

static const struct field head_fields[] = {
    {"created", TEXT, AT(created)}, {"format", TEXT, AT(format)},     {"references", LIST, 0},
    {"tool", TEXT, AT(tool)},       {"version", NUMBER, AT(version)},
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- memory ---- */

void sva_pack_manifest_done(struct sva_pack_manifest *manifest)
{
    for (size_t i = 0; i < manifest->count; i++) {
        sva_free(manifest->references[i].files);
    }
    sva_free(manifest->references);
    sva_arena_done(&manifest->arena);
    *manifest = (struct sva_pack_manifest){.count = 0};
}

struct sva_pack_reference *sva_pack_manifest_add(struct sva_pack_manifest *manifest)
{
    if (manifest->count == manifest->capacity) {
        const size_t capacity = manifest->capacity == 0 ? 16 : manifest->capacity * 2;
        struct sva_pack_reference *grown =
            sva_realloc_array(manifest->references, capacity, sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        manifest->references = grown;
        manifest->capacity = capacity;
    }
    struct sva_pack_reference *slot = &manifest->references[manifest->count++];
    *slot = (struct sva_pack_reference){.file_count = 0};
    return slot;
}

enum sva_status sva_pack_describe(struct sva_pack_reference *reference,
                                  const struct sva_print *print, struct sva_arena *arena,
                                  struct sva_error *error)
{
    memcpy(reference->print_digest, print->digest, SVA_DIGEST_BYTES);
    reference->method = print->method_version;
    reference->parameters = print->parameter_count;
    reference->weight_bytes = print->weight_bytes;
    reference->file_count = 0;
    reference->files = sva_calloc(print->file_count, sizeof *reference->files);
    if (reference->files == NULL) {
        return sva_fail_memory(error, doing);
    }
    for (size_t i = 0; i < print->file_count; i++) {
        const struct sva_print_file *file = &print->files[i];
        if (!file->hashed || !sva_file_is_audited(file->kind)) {
            continue;
        }
        struct sva_pack_file *slot = &reference->files[reference->file_count++];
        slot->path = sva_arena_strdup(arena, file->path);
        slot->bytes = file->size_bytes;
        memcpy(slot->sha256, file->sha256, SVA_DIGEST_BYTES);
        if (slot->path == NULL) {
            return sva_fail_memory(error, doing);
        }
    }
    return SVA_OK;
}

/* ---- writing ---- */

static void write_field(struct sva_bytes *out, const struct field *field, const void *base)
{
    char hex[2 * SVA_DIGEST_BYTES + 1];
    const char *member = (const char *)base + field->offset;
    sva_bytes_printf(out, "\"%s\": ", field->key);
    if (field->kind == TEXT) {
        const char *text = *(const char *const *)(const void *)member;
        sva_bytes_json_string(out, text, strlen(text));
    } else if (field->kind == NUMBER) {
        sva_bytes_printf(out, "%" PRIu64, *(const uint64_t *)(const void *)member);
    } else {
        sva_hex((const uint8_t *)member, SVA_DIGEST_BYTES, hex);
        sva_bytes_printf(out, "\"%s\"", hex);
    }
}

static void write_reference(struct sva_bytes *out, const struct sva_pack_reference *reference)
{
    for (size_t f = 0; f < COUNT(reference_fields) - 1; f++) {
        sva_bytes_text(out, f == 0 ? "    {" : ",\n     ");
        write_field(out, &reference_fields[f], reference);
    }
    sva_bytes_text(out, ",\n     \"weight_files\": [");
    for (size_t i = 0; i < reference->file_count; i++) {
        sva_bytes_text(out, i > 0 ? ",\n      {" : "\n      {");
        for (size_t f = 0; f < COUNT(file_fields); f++) {
            sva_bytes_text(out, f > 0 ? ", " : "");
            write_field(out, &file_fields[f], &reference->files[i]);
        }
        sva_bytes_text(out, "}");
    }
    sva_bytes_text(out, "]}");
}

void sva_pack_manifest_write(const struct sva_pack_manifest *manifest, struct sva_bytes *out)
{
    sva_bytes_text(out, "{\n  \"created\": ");
    sva_bytes_json_string(out, manifest->created, strlen(manifest->created));
    sva_bytes_printf(out, ",\n  \"format\": \"%s\",\n  \"references\": [\n", format_name);
    for (size_t i = 0; i < manifest->count; i++) {
        sva_bytes_text(out, i > 0 ? ",\n" : "");
        write_reference(out, &manifest->references[i]);
    }
    sva_bytes_text(out, "\n  ],\n  \"tool\": ");
    sva_bytes_json_string(out, manifest->tool, strlen(manifest->tool));
    sva_bytes_printf(out, ",\n  \"version\": %d\n}\n", (int)SVA_PACK_VERSION);
}

/* ---- reading ---- */

struct reader {
    struct sva_json json;
    struct sva_pack_manifest *manifest;
    struct sva_error *error;
};

static enum sva_status broken(struct reader *reader, const char *complaint, const char *key)
{
    const uint64_t at = reader->json.token_offset;
    return sva_fail_at(reader->error, SVA_ERR_CORRUPT, at, "%s: %s%s%s%s at byte %" PRIu64,
                       reader->json.what, complaint, key[0] != '\0' ? " \"" : "", sva_esc(key).text,
                       key[0] != '\0' ? "\"" : "", at);
}

static enum sva_status next(struct reader *reader, enum sva_json_token *token)
{
    return sva_json_next(&reader->json, token, reader->error);
}

/* The next token is what has to come. */
static enum sva_status expect(struct reader *reader, enum sva_json_token wanted,
                              const char *complaint)
{
    enum sva_json_token token = SVA_JSON_END;
    const enum sva_status status = next(reader, &token);
    return status != SVA_OK || token == wanted ? status : broken(reader, complaint, "");
}

static enum sva_status store_text(struct reader *reader, const struct field *field, void *member)
{
    if (memchr(reader->json.text, '\0', reader->json.text_size) != NULL) {
        return broken(reader, "a text with a NUL inside, of", field->key);
    }
    char *text =
        sva_arena_strndup(&reader->manifest->arena, reader->json.text, reader->json.text_size);
    *(const char **)member = text;
    return text != NULL ? SVA_OK : sva_fail_memory(reader->error, doing);
}

/* A scalar value, which is the next token. */
static enum sva_status read_value(struct reader *reader, const struct field *field, void *base)
{
    void *member = (char *)base + field->offset;
    enum sva_json_token token = SVA_JSON_END;
    const enum sva_status status = next(reader, &token);
    if (status != SVA_OK) {
        return status;
    }
    if (field->kind == NUMBER) {
        return token == SVA_JSON_NUMBER && sva_json_u64(&reader->json, member)
                   ? SVA_OK
                   : broken(reader, "no whole number for", field->key);
    }
    if (token != SVA_JSON_STRING) {
        return broken(reader, "no text for", field->key);
    }
    if (field->kind == TEXT) {
        return store_text(reader, field, member);
    }
    return sva_unhex(reader->json.text, reader->json.text_size, member, SVA_DIGEST_BYTES)
               ? SVA_OK
               : broken(reader, "no 64 hex digits for", field->key);
}

/* The field that the current token, a key, names; each may come once. */
static enum sva_status find_field(struct reader *reader, const struct field *fields, size_t count,
                                  uint32_t *seen, const struct field **found)
{
    for (size_t f = 0; f < count; f++) {
        if (strlen(fields[f].key) == reader->json.text_size &&
            memcmp(fields[f].key, reader->json.text, reader->json.text_size) == 0) {
            if ((*seen >> f & 1) != 0) {
                return broken(reader, "twice the key", fields[f].key);
            }
            *seen |= UINT32_C(1) << f;
            *found = &fields[f];
            return SVA_OK;
        }
    }
    return broken(reader, "unknown key", reader->json.text);
}

static enum sva_status check_seen(struct reader *reader, const struct field *fields, size_t count,
                                  uint32_t seen)
{
    for (size_t f = 0; f < count; f++) {
        if ((seen >> f & 1) == 0) {
            return broken(reader, "an object ends without", fields[f].key);
        }
    }
    return SVA_OK;
}

/* An object of scalars, behind its opening brace. */
static enum sva_status read_file(struct reader *reader, struct sva_pack_file *file)
{
    uint32_t seen = 0;
    enum sva_json_token token = SVA_JSON_END;
    enum sva_status status = next(reader, &token);
    while (status == SVA_OK && token == SVA_JSON_KEY) {
        const struct field *field = NULL;
        status = find_field(reader, file_fields, COUNT(file_fields), &seen, &field);
        status = status == SVA_OK ? read_value(reader, field, file) : status;
        status = status == SVA_OK ? next(reader, &token) : status;
    }
    return status == SVA_OK ? check_seen(reader, file_fields, COUNT(file_fields), seen) : status;
}

static enum sva_status read_files(struct reader *reader, struct sva_pack_reference *reference)
{
    size_t capacity = 0;
    enum sva_json_token token = SVA_JSON_END;
    enum sva_status status = expect(reader, SVA_JSON_ARRAY_BEGIN, "no list of weight files");
    status = status == SVA_OK ? next(reader, &token) : status;
    while (status == SVA_OK && token == SVA_JSON_OBJECT_BEGIN) {
        if (reference->file_count == SVA_PACK_FILES_MAX) {
            return sva_fail(reader->error, SVA_ERR_LIMIT, "%s: more than %d weight files",
                            reader->json.what, (int)SVA_PACK_FILES_MAX);
        }
        if (reference->file_count == capacity) {
            capacity = capacity == 0 ? 4 : capacity * 2;
            struct sva_pack_file *grown =
                sva_realloc_array(reference->files, capacity, sizeof *grown);
            if (grown == NULL) {
                return sva_fail_memory(reader->error, doing);
            }
            reference->files = grown;
        }
        struct sva_pack_file *slot = &reference->files[reference->file_count++];
        *slot = (struct sva_pack_file){.bytes = 0};
        status = read_file(reader, slot);
        status = status == SVA_OK ? next(reader, &token) : status;
    }
    return status == SVA_OK && token != SVA_JSON_ARRAY_END
               ? broken(reader, "no object for a weight file", "")
               : status;
}

static enum sva_status read_reference(struct reader *reader, struct sva_pack_reference *reference)
{
    uint32_t seen = 0;
    enum sva_json_token token = SVA_JSON_END;
    enum sva_status status = next(reader, &token);
    while (status == SVA_OK && token == SVA_JSON_KEY) {
        const struct field *field = NULL;
        status = find_field(reader, reference_fields, COUNT(reference_fields), &seen, &field);
        if (status == SVA_OK) {
            status = field->kind == LIST ? read_files(reader, reference)
                                         : read_value(reader, field, reference);
        }
        status = status == SVA_OK ? next(reader, &token) : status;
    }
    return status == SVA_OK ? check_seen(reader, reference_fields, COUNT(reference_fields), seen)
                            : status;
}

/* Names and versions ascend, so none is there twice. */
static enum sva_status check_order(struct reader *reader)
{
    const struct sva_pack_manifest *manifest = reader->manifest;
    if (manifest->count < 2) {
        return SVA_OK;
    }
    const struct sva_pack_reference *before = &manifest->references[manifest->count - 2];
    const struct sva_pack_reference *last = before + 1;
    const int names = strcmp(before->name, last->name);
    return names < 0 || (names == 0 && strcmp(before->version, last->version) < 0)
               ? SVA_OK
               : broken(reader, "out of order, or twice: the reference", last->name);
}

static enum sva_status read_references(struct reader *reader)
{
    enum sva_json_token token = SVA_JSON_END;
    enum sva_status status = expect(reader, SVA_JSON_ARRAY_BEGIN, "no list of references");
    status = status == SVA_OK ? next(reader, &token) : status;
    while (status == SVA_OK && token == SVA_JSON_OBJECT_BEGIN) {
        if (reader->manifest->count == SVA_REFPACK_REFERENCES_MAX) {
            return sva_fail(reader->error, SVA_ERR_LIMIT, "%s: more than %d references",
                            reader->json.what, (int)SVA_REFPACK_REFERENCES_MAX);
        }
        struct sva_pack_reference *slot = sva_pack_manifest_add(reader->manifest);
        status =
            slot != NULL ? read_reference(reader, slot) : sva_fail_memory(reader->error, doing);
        status = status == SVA_OK ? check_order(reader) : status;
        status = status == SVA_OK ? next(reader, &token) : status;
    }
    return status == SVA_OK && token != SVA_JSON_ARRAY_END
               ? broken(reader, "no object for a reference", "")
               : status;
}

static enum sva_status read_head(struct reader *reader, struct head *head)
{
    uint32_t seen = 0;
    enum sva_json_token token = SVA_JSON_END;
    enum sva_status status = expect(reader, SVA_JSON_OBJECT_BEGIN, "no object");
    status = status == SVA_OK ? next(reader, &token) : status;
    while (status == SVA_OK && token == SVA_JSON_KEY) {
        const struct field *field = NULL;
        status = find_field(reader, head_fields, COUNT(head_fields), &seen, &field);
        if (status == SVA_OK) {
            status =
                field->kind == LIST ? read_references(reader) : read_value(reader, field, head);
        }
        status = status == SVA_OK ? next(reader, &token) : status;
    }
    status = status == SVA_OK ? check_seen(reader, head_fields, COUNT(head_fields), seen) : status;
    return status == SVA_OK ? expect(reader, SVA_JSON_END, "more than one value") : status;
}

static enum sva_status check_head(struct reader *reader, const struct head *head)
{
    if (strcmp(head->format, format_name) != 0) {
        return sva_fail(reader->error, SVA_ERR_CORRUPT, "%s: not the manifest of a reference pack",
                        reader->json.what);
    }
    if (head->version != SVA_PACK_VERSION) {
        return sva_fail(reader->error, SVA_ERR_UNSUPPORTED,
                        "%s: version %" PRIu64 " of reference packs is not known; this program "
                        "reads version %d",
                        reader->json.what, head->version, (int)SVA_PACK_VERSION);
    }
    if (strlen(head->created) != 10) {
        return sva_fail(reader->error, SVA_ERR_CORRUPT, "%s: \"created\" is not a day YYYY-MM-DD",
                        reader->json.what);
    }
    return SVA_OK;
}

enum sva_status sva_pack_manifest_parse(struct sva_span bytes, const char *what,
                                        struct sva_pack_manifest *manifest, struct sva_error *error)
{
    enum { DEPTH = 5 };
    struct reader reader = {.manifest = manifest, .error = error};
    struct head head = {.version = 0};
    *manifest = (struct sva_pack_manifest){.count = 0};
    sva_json_init(&reader.json, bytes, what, 0, DEPTH);
    enum sva_status status = read_head(&reader, &head);
    status = status == SVA_OK ? check_head(&reader, &head) : status;
    sva_json_done(&reader.json);
    if (status != SVA_OK) {
        sva_pack_manifest_done(manifest);
        return status;
    }
    manifest->created = head.created;
    manifest->tool = head.tool;
    return SVA_OK;
}

/* ---- the order of prints ---- */

static int by_print(const void *left, const void *right)
{
    const struct sva_pack_reference *a = *(const struct sva_pack_reference *const *)left;
    const struct sva_pack_reference *b = *(const struct sva_pack_reference *const *)right;
    const int digests = memcmp(a->print_sha256, b->print_sha256, SVA_DIGEST_BYTES);
    return digests != 0 ? digests : (a > b) - (a < b); /* of one array */
}

enum sva_status sva_pack_order(const struct sva_pack_manifest *manifest, const char *what,
                               const struct sva_pack_reference ***order, size_t *print_count,
                               struct sva_error *error)
{
    const struct sva_pack_reference **sorted = sva_calloc(manifest->count, sizeof *sorted);
    size_t prints = 0;
    if (sorted == NULL) {
        return sva_fail_memory(error, doing);
    }
    for (size_t i = 0; i < manifest->count; i++) {
        sorted[i] = &manifest->references[i];
    }
    qsort(sorted, manifest->count, sizeof *sorted, by_print);
    for (size_t i = 0; i < manifest->count; i++) {
        const bool same = i > 0 && memcmp(sorted[i]->print_sha256, sorted[i - 1]->print_sha256,
                                          SVA_DIGEST_BYTES) == 0;
        prints += same ? 0 : 1;
        if (same &&
            (sorted[i]->print_bytes != sorted[i - 1]->print_bytes ||
             memcmp(sorted[i]->print_digest, sorted[i - 1]->print_digest, SVA_DIGEST_BYTES) != 0)) {
            const enum sva_status status =
                sva_fail(error, SVA_ERR_CORRUPT, "%s: %s and %s say different things of one print",
                         what, sva_esc(sorted[i - 1]->name).text, sva_esc(sorted[i]->name).text);
            sva_free(sorted);
            return status;
        }
    }
    *order = sorted;
    *print_count = prints;
    return SVA_OK;
}

struct sva_pack_name sva_pack_print_name(const struct sva_pack_reference *reference)
{
    struct sva_pack_name name;
    char hex[2 * SVA_DIGEST_BYTES + 1];
    sva_hex(reference->print_sha256, SVA_DIGEST_BYTES, hex);
    (void)snprintf(name.text, sizeof name.text, "prints/%s.svp", hex);
    return name;
}

void sva_pack_sums(struct sva_span manifest, const struct sva_pack_reference *const *order,
                   size_t count, struct sva_bytes *out)
{
    uint8_t digest[SVA_DIGEST_BYTES];
    char hex[2 * SVA_DIGEST_BYTES + 1];
    out->failed = out->failed || !sva_sha256(manifest.data, manifest.size, digest);
    if (out->failed) {
        return;
    }
    sva_hex(digest, sizeof digest, hex);
    sva_bytes_printf(out, "%s  manifest.json\n", hex);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 ||
            memcmp(order[i]->print_sha256, order[i - 1]->print_sha256, SVA_DIGEST_BYTES) != 0) {
            sva_hex(order[i]->print_sha256, SVA_DIGEST_BYTES, hex);
            sva_bytes_printf(out, "%s  %s\n", hex, sva_pack_print_name(order[i]).text);
        }
    }
}
