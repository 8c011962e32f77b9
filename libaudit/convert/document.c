/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/document.h"

#include <math.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "judge/strict_document.h"

static const char SCHEMA[] = "https://sovaudit.org/schema/report-1.json";
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

enum sva_status sva_document_read(struct sva_span bytes, const char *name, cJSON **report,
                                  struct sva_error *error)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_problems problems = {.arena = &arena};
    cJSON *tree = sva_strict_document(bytes, "the report", &problems);
    enum sva_status status = sva_strict_problems(&problems, name, "report", error);
    sva_arena_done(&arena);
    if (status == SVA_OK) {
        status = check_kind(tree, name, error);
    }
    if (status != SVA_OK) {
        cJSON_Delete(tree);
        return status;
    }
    *report = tree;
    return SVA_OK;
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

bool sva_document_bool(const cJSON *object, const char *key)
{
    return cJSON_IsTrue(sva_document_at(object, key));
}

size_t sva_document_length(const cJSON *object, const char *key)
{
    const cJSON *list = sva_document_at(object, key);
    return cJSON_IsArray(list) ? (size_t)cJSON_GetArraySize(list) : 0;
}
