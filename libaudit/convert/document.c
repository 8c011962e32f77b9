/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/document.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "format/repeats.h"
#include "judge/evidence_register.h"
#include "judge/strict_document.h"

enum { DEPTH_MAX = 40 }; /* of the strict scanner */

static const char SCHEMA[] = "https://sovaudit.org/schema/report-1.json";
static const char TRACE_SCHEMA[] = "sovaudit-trace-1";
static const char SCHEMA_FAMILY[] = "https://sovaudit.org/schema/report-";

static enum sva_status check_kind(const cJSON *report, const char *name, struct sva_error *error)
{
    const char *schema = sva_document_text(report, "schema");
    if (strcmp(schema, SCHEMA) == 0) {
        return SVA_OK;
    }
    return strncmp(schema, SCHEMA_FAMILY, strlen(SCHEMA_FAMILY)) == 0
               ? sva_fail(error, SVA_ERR_UNSUPPORTED,
                          "%s: a report of another version (schema \"%s\"), this program reads %s",
                          sva_esc(name).text, sva_esc(schema).text, SCHEMA)
               : sva_fail(error, SVA_ERR_CORRUPT,
                          "%s: not a report of sovaudit: its schema is \"%s\"", sva_esc(name).text,
                          sva_esc(schema).text);
}

/* ---- what must be a list ---- */

/** Members that are lists wherever a report has them. Sorted. */
static const char *const LISTS[] = {
    "checkpoints",   "claims",
    "comparisons",   "components",
    "controls",      "counts",
    "criteria",      "crosswalk",
    "denials",       "documents",
    "exact_matches", "excluded",
    "findings",      "gaps",
    "items",         "licences",
    "lines",         "links",
    "mixtures",      "optimiser",
    "own",           "parents",
    "points",        "power",
    "quantiles",     "quantiles_expected",
    "resumptions",   "roles",
    "rules",         "similarity",
    "sources",       "specials_first",
    "tests",         "transforms",
    "undeclared",
};

/** Lists in one place, a number, a text or a truth value in another: never objects. Sorted. */
static const char *const NO_OBJECTS[] = {
    "absent",  "en",     "first",   "ko",   "known",   "layers",
    "missing", "ranges", "reasons", "rows", "tensors", "values",
};

static int by_key(const void *key, const void *item)
{
    return strcmp(key, *(const char *const *)item);
}

static bool is_among(const char *key, const char *const *names, size_t count)
{
    return bsearch(key, names, count, sizeof *names, by_key) != NULL;
}

/** Is the member of `parent` something else than the list that readers will walk? */
static bool is_no_list(const cJSON *node, const cJSON *parent)
{
    if (node->string == NULL || cJSON_IsArray(node) || cJSON_IsNull(node)) {
        return false;
    }
    if (is_among(node->string, LISTS, sizeof LISTS / sizeof *LISTS)) {
        /* facts are texts under names of their own */
        return !cJSON_IsString(node) || parent->string == NULL ||
               strcmp(parent->string, "facts") != 0;
    }
    const bool is_files = strcmp(node->string, "files") == 0 && parent->string != NULL &&
                          strcmp(parent->string, "subject") == 0;
    return is_files || (cJSON_IsObject(node) &&
                        is_among(node->string, NO_OBJECTS, sizeof NO_OBJECTS / sizeof *NO_OBJECTS));
}

/** Lists that renderers look things up in, so that time stays bounded. */
static enum sva_status check_lengths(const cJSON *report, const char *name, struct sva_error *error)
{
    const cJSON *const pack = sva_document_at(report, "pack");
    const cJSON *const subject = sva_document_at(report, "subject");
    const struct {
        const cJSON *object;
        const char *key;
        size_t most;
    } BOUNDS[] = {
        {report, "rules", SVA_DOCUMENT_RULES_MAX},
        {pack, "criteria", SVA_DOCUMENT_CRITERIA_MAX},
        {report, "comparisons", SVA_DOCUMENT_ITEMS_MAX},
        {report, "exact_matches", SVA_DOCUMENT_ITEMS_MAX},
        {subject, "files", SVA_DOCUMENT_ITEMS_MAX},
        {subject, "findings", SVA_DOCUMENT_ITEMS_MAX},
        {subject, "components", SVA_DOCUMENT_PARTS_MAX},
        {report, "checkpoints", SVA_DOCUMENT_CHECKPOINTS_MAX},
        {sva_document_at(report, "evidence"), "documents", SVA_REGISTER_DOCUMENTS_MAX},
    };
    for (size_t i = 0; i < sizeof BOUNDS / sizeof *BOUNDS; i++) {
        const size_t length = sva_document_length(BOUNDS[i].object, BOUNDS[i].key);
        if (length > BOUNDS[i].most) {
            return sva_fail(error, SVA_ERR_LIMIT,
                            "%s: the list \"%s\" has %zu entries, more than %zu",
                            sva_esc(name).text, BOUNDS[i].key, length, BOUNDS[i].most);
        }
    }
    return SVA_OK;
}

/** The node after `node` in the order of the text, NULL at the end. `above` holds its parents. */
static const cJSON *next_node(const cJSON *node, const cJSON **above, size_t *depth)
{
    if (node->child != NULL && *depth < DEPTH_MAX) {
        above[(*depth)++] = node;
        return node->child;
    }
    while (*depth > 0 && node->next == NULL) {
        node = above[--*depth];
    }
    return *depth > 0 ? node->next : NULL;
}

/** Texts are written again for every result that they belong to, so they have to be short. */
static bool is_long(const cJSON *node)
{
    return (node->string != NULL && strlen(node->string) > SVA_DOCUMENT_TEXT_MAX) ||
           (cJSON_IsString(node) && strlen(node->valuestring) > SVA_DOCUMENT_TEXT_MAX);
}

/** A key that an object has twice, of which one reader sees the first and another the last. */
static enum sva_status check_repeats(const cJSON *object, struct sva_bytes *room, const char *name,
                                     struct sva_error *error)
{
    struct sva_named first = {.text = ""};
    size_t count = 0;
    room->size = 0;
    for (const cJSON *member = object->child; member != NULL; member = member->next) {
        const struct sva_named named = {member->string, strlen(member->string), count++, 0};
        sva_bytes_append(room, &named, sizeof named);
    }
    if (room->failed) {
        return sva_fail_memory(error, "reading a report");
    }
    return count > 1 && sva_repeats_count((struct sva_named *)(void *)room->data, count, &first) > 0
               ? sva_fail(error, SVA_ERR_CORRUPT,
                          "%s: not a sound report: the key \"%s\" is there "
                          "twice in one object",
                          sva_esc(name).text, sva_esc(first.text).text)
               : SVA_OK;
}

static enum sva_status check_nodes(const cJSON *report, const char *name, struct sva_error *error)
{
    const cJSON *above[DEPTH_MAX];
    struct sva_bytes room = {.data = NULL};
    size_t depth = 0;
    enum sva_status status = SVA_OK;
    for (const cJSON *node = report; status == SVA_OK && node != NULL;
         node = next_node(node, above, &depth)) {
        const char *const key = node->string != NULL ? node->string : "";
        if (is_long(node)) {
            status = sva_fail(error, SVA_ERR_LIMIT, "%s: a text (\"%s\") is longer than %d bytes",
                              sva_esc(name).text, sva_esc(key).text, SVA_DOCUMENT_TEXT_MAX);
        } else if (depth > 0 && is_no_list(node, above[depth - 1])) {
            status = sva_fail(error, SVA_ERR_CORRUPT,
                              "%s: not a sound report: \"%s\" is not the list that it must be",
                              sva_esc(name).text, sva_esc(key).text);
        } else if (cJSON_IsObject(node)) {
            status = check_repeats(node, &room, name, error);
        }
    }
    sva_bytes_done(&room);
    return status;
}

bool sva_document_is_trace(const cJSON *report)
{
    return strcmp(sva_document_text(report, "schema"), TRACE_SCHEMA) == 0;
}

static enum sva_status read_tree(struct sva_span bytes, const char *name, bool traces,
                                 cJSON **report, struct sva_error *error)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_problems problems = {.arena = &arena};
    cJSON *tree = sva_strict_document(bytes, "the report", &problems);
    enum sva_status status = sva_strict_problems(&problems, name, "report", error);
    sva_arena_done(&arena);
    if (status == SVA_OK && !(traces && sva_document_is_trace(tree))) {
        status = check_kind(tree, name, error);
    }
    if (status == SVA_OK) {
        status = check_nodes(tree, name, error);
    }
    if (status == SVA_OK) {
        status = check_lengths(tree, name, error);
    }
    if (status != SVA_OK) {
        cJSON_Delete(tree);
        return status;
    }
    *report = tree;
    return SVA_OK;
}

enum sva_status sva_document_read(struct sva_span bytes, const char *name, cJSON **report,
                                  struct sva_error *error)
{
    return read_tree(bytes, name, false, report, error);
}

enum sva_status sva_document_read_any(struct sva_span bytes, const char *name, cJSON **report,
                                      struct sva_error *error)
{
    return read_tree(bytes, name, true, report, error);
}

const cJSON *sva_document_at(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

const char *sva_document_text(const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(sva_document_at(object, key));
    return text != NULL ? text : "";
}

double sva_document_number(const cJSON *object, const char *key)
{
    return cJSON_GetNumberValue(sva_document_at(object, key));
}

uint64_t sva_document_count(const cJSON *object, const char *key)
{
    const double value = sva_document_number(object, key);
    return value >= 0 && value <= 0x1p53 && value == floor(value) ? (uint64_t)value : 0;
}

const char *sva_document_reading(const cJSON *subject, char text[SVA_DOCUMENT_READING_BYTES])
{
    const cJSON *const reading = sva_document_at(subject, "reading");
    const uint64_t total = sva_document_count(reading, "bytes_total");
    const double share =
        total > 0 ? 100.0 * (double)sva_document_count(reading, "bytes_read") / (double)total
                  : 100.0;
    const double tenths = floor(10.0 * share + 0.5);
    if (sva_document_text(reading, "mode")[0] == '\0') {
        return "";
    }
    (void)snprintf(text, SVA_DOCUMENT_READING_BYTES, "quick, %.0f.%.0f%% of %" PRIu64 " bytes",
                   floor(tenths / 10.0), fmod(tenths, 10.0), total);
    return text;
}

bool sva_document_bool(const cJSON *object, const char *key)
{
    return cJSON_IsTrue(sva_document_at(object, key));
}

size_t sva_document_length(const cJSON *object, const char *key)
{
    const cJSON *list = sva_document_at(object, key);
    return list != NULL ? (size_t)cJSON_GetArraySize(list) : 0;
}
