/* SPDX-License-Identifier: Apache-2.0 */
/* https://cyclonedx.org/docs/1.6/json/ */
#include "convert/cyclonedx.h"

#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"

void sva_cyclonedx_ref(char ref[SVA_CYCLONEDX_REF], const char *what, size_t index)
{
    (void)snprintf(ref, SVA_CYCLONEDX_REF, "%.16s-%zu", what, index);
}

size_t sva_cyclonedx_component(const struct sva_cyclonedx *bom, const char *name)
{
    const cJSON *const list =
        sva_document_at(sva_document_at(bom->report, "subject"), "components");
    const cJSON *component = NULL;
    size_t index = 0;
    cJSON_ArrayForEach(component, list)
    {
        if (strcmp(sva_document_text(component, "name"), name) == 0) {
            return index;
        }
        index++;
    }
    return index;
}

void sva_cyclonedx_property(struct sva_writer *json, const char *name, const char *value)
{
    if (value[0] != '\0') {
        sva_writer_object(json, NULL);
        sva_writer_text(json, "name", name);
        sva_writer_text(json, "value", value);
        sva_writer_object_end(json);
    }
}

static void put_count_property(struct sva_writer *json, const char *name, const cJSON *object,
                               const char *key)
{
    char digits[32];
    (void)snprintf(digits, sizeof digits, "%llu",
                   (unsigned long long)sva_document_count(object, key));
    sva_cyclonedx_property(json, name, digits);
}

static void put_number_property(struct sva_writer *json, const char *name, double value)
{
    struct sva_bytes digits = {.data = NULL};
    sva_bytes_json_number(&digits, value, SVA_JSON_WRITER_DIGITS);
    const char *text = digits.data != NULL ? (const char *)digits.data : "";
    json->bytes.failed = json->bytes.failed || digits.failed;
    sva_cyclonedx_property(json, name, strcmp(text, "null") == 0 ? "" : text);
    sva_bytes_done(&digits);
}

static bool is_sha256(const char *text)
{
    return strspn(text, "0123456789abcdef") == 64 && text[64] == '\0';
}

static void put_hash(struct sva_writer *json, const char *digest)
{
    if (is_sha256(digest)) {
        sva_writer_array(json, "hashes");
        sva_writer_object(json, NULL);
        sva_writer_text(json, "alg", "SHA-256");
        sva_writer_text(json, "content", digest);
        sva_writer_object_end(json);
        sva_writer_array_end(json);
    }
}

/** Identifiers of SPDX that models carry; CycloneDX takes no others as an id. */
static const char *const SPDX_IDS[] = {"AFL-3.0",
                                       "AGPL-3.0-only",
                                       "Apache-2.0",
                                       "Artistic-2.0",
                                       "BSD-2-Clause",
                                       "BSD-3-Clause",
                                       "BSL-1.0",
                                       "CC-BY-4.0",
                                       "CC-BY-NC-4.0",
                                       "CC-BY-NC-ND-4.0",
                                       "CC-BY-NC-SA-4.0",
                                       "CC-BY-ND-4.0",
                                       "CC-BY-SA-4.0",
                                       "CC0-1.0",
                                       "CDLA-Permissive-2.0",
                                       "ECL-2.0",
                                       "EPL-2.0",
                                       "EUPL-1.2",
                                       "GPL-2.0-only",
                                       "GPL-3.0-only",
                                       "ISC",
                                       "LGPL-3.0-only",
                                       "MIT",
                                       "MPL-2.0",
                                       "MS-PL",
                                       "NCSA",
                                       "ODbL-1.0",
                                       "OSL-3.0",
                                       "PostgreSQL",
                                       "Unlicense",
                                       "WTFPL",
                                       "Zlib"};

/** Equal but for the case of ASCII letters? */
static bool same_letters(const char *a, const char *b)
{
    for (; *a != '\0' && *b != '\0'; a++, b++) {
        const char x = *a >= 'A' && *a <= 'Z' ? (char)(*a + 32) : *a;
        const char y = *b >= 'A' && *b <= 'Z' ? (char)(*b + 32) : *b;
        if (x != y) {
            return false;
        }
    }
    return *a == *b;
}

static void put_licence(struct sva_writer *json, const char *id, const char *name)
{
    const char *spdx = NULL;
    for (size_t i = 0; i < sizeof SPDX_IDS / sizeof *SPDX_IDS; i++) {
        spdx = same_letters(SPDX_IDS[i], id) ? SPDX_IDS[i] : spdx;
    }
    sva_writer_object(json, NULL);
    sva_writer_object(json, "license");
    if (spdx != NULL) {
        sva_writer_text(json, "id", spdx);
    } else {
        sva_writer_text(json, "name", name[0] != '\0' ? name : id);
    }
    sva_writer_object_end(json);
    sva_writer_object_end(json);
}

/** The model's own licences. */
static void put_licences(struct sva_cyclonedx *bom)
{
    const cJSON *licence = NULL;
    bool begun = false;
    cJSON_ArrayForEach(licence, sva_document_at(bom->report, "licences"))
    {
        const char *id = sva_document_text(licence, "id");
        const char *name = sva_document_text(licence, "name");
        const bool own = strcmp(sva_document_text(licence, "because"), "own") == 0;
        if (own && (id[0] != '\0' || name[0] != '\0')) {
            if (!begun) {
                sva_writer_array(&bom->json, "licenses");
            }
            begun = true;
            put_licence(&bom->json, id, name);
        }
    }
    if (begun) {
        sva_writer_array_end(&bom->json);
    }
}

/** A reference that a component depends on, as a component of its own. */
static void put_relative(struct sva_writer *json, const cJSON *reference, const cJSON *component)
{
    const char *licence = sva_document_text(reference, "licence");
    const char *publisher = sva_document_text(reference, "publisher");
    const char *version = sva_document_text(reference, "version");
    sva_writer_object(json, NULL);
    if (licence[0] != '\0') {
        sva_writer_array(json, "licenses");
        put_licence(json, licence, "");
        sva_writer_array_end(json);
    }
    sva_writer_text(json, "name", sva_document_text(reference, "name"));
    sva_writer_array(json, "properties");
    sva_cyclonedx_property(json, "sovaudit:answer", sva_document_text(component, "answer"));
    sva_cyclonedx_property(json, "sovaudit:kind", sva_document_text(component, "kind"));
    put_number_property(json, "sovaudit:rho", sva_document_number(component, "rho"));
    put_number_property(json, "sovaudit:coverage", sva_document_number(component, "coverage"));
    put_number_property(json, "sovaudit:log10_p_adjusted",
                        sva_document_number(component, "log10_p_adjusted"));
    sva_cyclonedx_property(json, "sovaudit:print_sha256",
                           sva_document_text(reference, "print_digest"));
    sva_cyclonedx_property(json, "sovaudit:released", sva_document_text(reference, "released"));
    sva_writer_array_end(json);
    if (publisher[0] != '\0') {
        sva_writer_text(json, "publisher", publisher);
    }
    sva_writer_text(json, "type", "machine-learning-model");
    if (version[0] != '\0') {
        sva_writer_text(json, "version", version);
    }
    sva_writer_object_end(json);
}

enum relation { RELATION_NONE, RELATION_ANCESTOR, RELATION_VARIANT };

static enum relation relation_of(const char *answer)
{
    if (strcmp(answer, "identical") == 0 || strcmp(answer, "derived") == 0) {
        return RELATION_ANCESTOR;
    }
    return strcmp(answer, "shared-initialisation") == 0 ||
                   strcmp(answer, "dependent-unexplained") == 0
               ? RELATION_VARIANT
               : RELATION_NONE;
}

/** A component of a comparison that says something of the subject's. */
struct sva_relative {
    enum relation relation;
    const char *name;
    const cJSON *comparison, *component;
};

/** Takes the next relative where there is room for it; returns their number so far. */
static size_t take_relatives(struct sva_cyclonedx *bom, size_t room)
{
    const cJSON *comparison = NULL;
    size_t count = 0;
    cJSON_ArrayForEach(comparison, sva_document_at(bom->report, "comparisons"))
    {
        const cJSON *component = NULL;
        cJSON_ArrayForEach(component, sva_document_at(comparison, "components"))
        {
            const enum relation relation = relation_of(sva_document_text(component, "answer"));
            if (relation != RELATION_NONE && count < room) {
                bom->relatives[count] = (struct sva_relative){
                    relation, sva_document_text(component, "name"), comparison, component};
            }
            count += relation != RELATION_NONE ? 1 : 0;
        }
    }
    return count;
}

/** Every component of the subject asks for them, so they are listed once, and there is a most. */
static enum sva_status find_relatives(struct sva_cyclonedx *bom, struct sva_error *error)
{
    const size_t count = take_relatives(bom, 0);
    if (count > SVA_DOCUMENT_ITEMS_MAX) {
        return sva_fail(error, SVA_ERR_LIMIT,
                        "the comparisons of the report have %zu components with a relation, more "
                        "than %d",
                        count, SVA_DOCUMENT_ITEMS_MAX);
    }
    bom->relatives = sva_arena_alloc(&bom->arena, count + 1, sizeof *bom->relatives);
    if (bom->relatives == NULL) {
        return sva_fail_memory(error, "listing relatives");
    }
    bom->relative_count = take_relatives(bom, count);
    return SVA_OK;
}

/** The list `key` of the relatives of one kind; false and nothing when there are none. */
static bool put_relatives(struct sva_cyclonedx *bom, const char *name, enum relation wanted,
                          const char *key)
{
    bool begun = false;
    for (size_t i = 0; i < bom->relative_count; i++) {
        const struct sva_relative *relative = &bom->relatives[i];
        if (relative->relation != wanted || strcmp(relative->name, name) != 0) {
            continue;
        }
        if (!begun) {
            sva_writer_array(&bom->json, key);
        }
        begun = true;
        put_relative(&bom->json, sva_document_at(relative->comparison, "reference"),
                     relative->component);
    }
    if (begun) {
        sva_writer_array_end(&bom->json);
    }
    return begun;
}

static void put_pedigree(struct sva_cyclonedx *bom, const char *name)
{
    sva_writer_object(&bom->json, "pedigree");
    const bool ancestors = put_relatives(bom, name, RELATION_ANCESTOR, "ancestors");
    sva_writer_text(
        &bom->json, "notes",
        ancestors ? "Observed: the weights agree with each ancestor's beyond chance. The common "
                    "source may be a third model."
                  : "Observed: no reference that was compared is an ancestor of these weights.");
    (void)put_relatives(bom, name, RELATION_VARIANT, "variants");
    sva_writer_object_end(&bom->json);
}

static void put_part(struct sva_cyclonedx *bom, const cJSON *component, size_t index)
{
    struct sva_writer *json = &bom->json;
    char ref[SVA_CYCLONEDX_REF];
    sva_cyclonedx_ref(ref, "component", index);
    sva_writer_object(json, NULL);
    sva_writer_text(json, "bom-ref", ref);
    sva_writer_text(json, "name", sva_document_text(component, "name"));
    put_pedigree(bom, sva_document_text(component, "name"));
    sva_writer_array(json, "properties");
    sva_cyclonedx_property(json, "sovaudit:component_kind",
                           sva_document_text(component, "component_kind"));
    put_count_property(json, "sovaudit:layers", component, "layers");
    put_count_property(json, "sovaudit:parameters", component, "parameters");
    put_count_property(json, "sovaudit:width", component, "width");
    sva_writer_array_end(json);
    sva_writer_text(json, "type", "machine-learning-model");
    sva_writer_object_end(json);
}

static void put_file(struct sva_cyclonedx *bom, const cJSON *file, size_t index)
{
    struct sva_writer *json = &bom->json;
    char ref[SVA_CYCLONEDX_REF];
    sva_cyclonedx_ref(ref, "file", index);
    sva_writer_object(json, NULL);
    sva_writer_text(json, "bom-ref", ref);
    put_hash(json, sva_document_text(file, "sha256"));
    sva_writer_text(json, "name", sva_document_text(file, "path"));
    sva_writer_array(json, "properties");
    sva_cyclonedx_property(json, "sovaudit:file_kind", sva_document_text(file, "kind"));
    put_count_property(json, "sovaudit:size_bytes", file, "size");
    sva_writer_array_end(json);
    sva_writer_text(json, "type", "file");
    sva_writer_object_end(json);
}

static void put_parts(struct sva_cyclonedx *bom)
{
    const cJSON *const subject = sva_document_at(bom->report, "subject");
    const cJSON *item = NULL;
    size_t index = 0;
    sva_writer_array(&bom->json, "components");
    cJSON_ArrayForEach(item, sva_document_at(subject, "components"))
    {
        put_part(bom, item, index++);
    }
    index = 0;
    cJSON_ArrayForEach(item, sva_document_at(subject, "files"))
    {
        put_file(bom, item, index++);
    }
    sva_writer_array_end(&bom->json);
}

static void put_card(struct sva_cyclonedx *bom)
{
    struct sva_writer *json = &bom->json;
    const cJSON *const subject = sva_document_at(bom->report, "subject");
    const char *family =
        sva_document_text(sva_document_at(bom->report, "facts"), "architecture_family");
    const char *class_ =
        sva_document_text(sva_document_at(subject, "facts"), "config.architectures");
    sva_writer_object(json, "modelCard");
    sva_writer_object(json, "modelParameters");
    if (family[0] != '\0') {
        sva_writer_text(json, "architectureFamily", family);
    }
    if (class_[0] != '\0') {
        sva_writer_text(json, "modelArchitecture", class_);
    }
    sva_writer_object_end(json);
    sva_writer_array(json, "properties");
    char reading[SVA_DOCUMENT_READING_BYTES];
    put_count_property(json, "sovaudit:parameters", subject, "parameters");
    sva_cyclonedx_property(json, "sovaudit:reading", sva_document_reading(subject, reading));
    put_count_property(json, "sovaudit:tensors", subject, "tensors");
    put_count_property(json, "sovaudit:weight_bytes", subject, "weight_bytes");
    sva_writer_array_end(json);
    sva_writer_object_end(json);
}

static void put_model(struct sva_cyclonedx *bom)
{
    struct sva_writer *json = &bom->json;
    const cJSON *const subject = sva_document_at(bom->report, "subject");
    sva_writer_object(json, "component");
    sva_writer_text(json, "bom-ref", "model");
    put_parts(bom);
    put_licences(bom);
    put_card(bom);
    sva_writer_text(json, "name", sva_document_text(subject, "name"));
    sva_writer_array(json, "properties");
    sva_cyclonedx_property(json, "sovaudit:model_digest",
                           sva_document_text(subject, "model_digest"));
    sva_cyclonedx_property(json, "sovaudit:print_sha256", sva_document_text(subject, "digest"));
    sva_cyclonedx_property(json, "sovaudit:verdict", sva_document_text(bom->report, "verdict"));
    sva_writer_array_end(json);
    sva_writer_text(json, "type", "machine-learning-model");
    sva_writer_object_end(json);
}

static void put_metadata(struct sva_cyclonedx *bom)
{
    struct sva_writer *json = &bom->json;
    sva_writer_object(json, "metadata");
    put_model(bom);
    sva_writer_text(json, "timestamp", bom->moment);
    sva_writer_object(json, "tools");
    sva_writer_array(json, "components");
    sva_writer_object(json, NULL);
    sva_writer_text(json, "name", "sovaudit");
    sva_writer_text(json, "type", "application");
    sva_writer_text(json, "version",
                    sva_document_text(sva_document_at(bom->report, "tool"), "version"));
    sva_writer_object_end(json);
    sva_writer_array_end(json);
    sva_writer_object_end(json);
    sva_writer_object_end(json);
}

enum sva_status sva_render_cyclonedx(const cJSON *report, const struct sva_render_options *options,
                                     struct sva_bytes *out, struct sva_error *error)
{
    struct sva_cyclonedx bom = {
        .report = report, .lang = options->lang, .json.bytes.limit = out->limit};
    const enum sva_status status = find_relatives(&bom, error);
    if (status != SVA_OK) {
        sva_arena_done(&bom.arena);
        return status;
    }
    const struct sva_identity identity = sva_render_report_identity(options->json);
    char serial[9 + SVA_UUID_TEXT] = "urn:uuid:";
    bom.json.bytes.failed =
        identity.failed || !sva_uuid_name(identity.sha256, "cyclonedx", serial + 9);
    sva_render_moment(sva_document_text(report, "as_of"), bom.moment);
    if (!sva_results_find(report, &bom.arena, &bom.results)) {
        bom.json.bytes.failed = true;
    }
    sva_writer_object(&bom.json, NULL);
    sva_writer_text(&bom.json, "$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
    sva_writer_text(&bom.json, "bomFormat", "CycloneDX");
    sva_cyclonedx_declarations(&bom);
    sva_cyclonedx_definitions(&bom);
    put_metadata(&bom);
    sva_writer_text(&bom.json, "serialNumber", serial);
    sva_writer_text(&bom.json, "specVersion", "1.6");
    sva_writer_count(&bom.json, "version", 1);
    sva_writer_object_end(&bom.json);
    bom.json.bytes.failed = bom.json.bytes.failed || bom.arena.failed;
    sva_arena_done(&bom.arena);
    return sva_render_finish(&bom.json, out, error);
}
