/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/document.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
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

/** Lists that renderers look things up in, so that time stays bounded. */
static enum sva_status check_lengths(const cJSON *report, const char *name, struct sva_error *error)
{
    const cJSON *const pack = sva_document_at(report, "pack");
    const cJSON *const subject = sva_document_at(report, "subject");
    const struct {
        const cJSON *object;
        const char *key;
        size_t most;
    } LISTS[] = {
        {report, "rules", SVA_DOCUMENT_RULES_MAX},
        {pack, "criteria", SVA_DOCUMENT_CRITERIA_MAX},
        {report, "comparisons", SVA_DOCUMENT_ITEMS_MAX},
        {report, "exact_matches", SVA_DOCUMENT_ITEMS_MAX},
        {subject, "files", SVA_DOCUMENT_ITEMS_MAX},
        {subject, "findings", SVA_DOCUMENT_ITEMS_MAX},
        {subject, "components", SVA_DOCUMENT_PARTS_MAX},
        {report, "checkpoints", SVA_DOCUMENT_CHECKPOINTS_MAX},
    };
    for (size_t i = 0; i < sizeof LISTS / sizeof *LISTS; i++) {
        const size_t length = sva_document_length(LISTS[i].object, LISTS[i].key);
        if (length > LISTS[i].most) {
            return sva_fail(error, SVA_ERR_LIMIT,
                            "%s: the list \"%s\" has %zu entries, more than %zu",
                            sva_esc(name).text, LISTS[i].key, length, LISTS[i].most);
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
static enum sva_status check_texts(const cJSON *report, const char *name, struct sva_error *error)
{
    const cJSON *above[DEPTH_MAX];
    size_t depth = 0;
    for (const cJSON *node = report; node != NULL; node = next_node(node, above, &depth)) {
        const bool long_key = node->string != NULL && strlen(node->string) > SVA_DOCUMENT_TEXT_MAX;
        if (long_key ||
            (cJSON_IsString(node) && strlen(node->valuestring) > SVA_DOCUMENT_TEXT_MAX)) {
            return sva_fail(error, SVA_ERR_LIMIT, "%s: a text (\"%s\") is longer than %d bytes",
                            sva_esc(name).text,
                            sva_esc(node->string != NULL ? node->string : "").text,
                            SVA_DOCUMENT_TEXT_MAX);
        }
    }
    return SVA_OK;
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
        status = check_lengths(tree, name, error);
    }
    if (status == SVA_OK) {
        status = check_texts(tree, name, error);
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
    const double share = total > 0 ? 100.0 * (double)sva_document_count(reading, "bytes_read") /
                                         (double)total
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
    return cJSON_IsArray(list) ? (size_t)cJSON_GetArraySize(list) : 0;
}
