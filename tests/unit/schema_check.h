/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A small check of JSON against a JSON Schema: the keywords that our own
 * schemas use, and an error for any other, so that nothing passes unread.
 * Test support; recursion is bounded by our own documents.
 */
#ifndef SVA_TESTS_SCHEMA_CHECK_H
#define SVA_TESTS_SCHEMA_CHECK_H

#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

struct schema_check {
    const cJSON *root;
    bool quiet; /**< inside anyOf */
};

static bool schema_check_value(struct schema_check *check, const cJSON *schema, const cJSON *value,
                               const char *where);

static inline bool schema_fail(const struct schema_check *check, const char *where, const char *why)
{
    if (!check->quiet) {
        printf("%s: %s\n", where, why);
    }
    return false;
}

static inline bool schema_has_type(const cJSON *value, const char *type)
{
    return (strcmp(type, "object") == 0 && cJSON_IsObject(value)) ||
           (strcmp(type, "array") == 0 && cJSON_IsArray(value)) ||
           (strcmp(type, "string") == 0 && cJSON_IsString(value)) ||
           (strcmp(type, "boolean") == 0 && cJSON_IsBool(value)) ||
           (strcmp(type, "null") == 0 && cJSON_IsNull(value)) ||
           (strcmp(type, "number") == 0 && cJSON_IsNumber(value)) ||
           (strcmp(type, "integer") == 0 && cJSON_IsNumber(value) &&
            value->valuedouble - (double)(long long)value->valuedouble == 0.0);
}

static inline bool schema_types(const cJSON *rule, const cJSON *value)
{
    if (cJSON_IsString(rule)) {
        return schema_has_type(value, rule->valuestring);
    }
    const cJSON *type = NULL;
    cJSON_ArrayForEach(type, rule)
    {
        if (schema_has_type(value, type->valuestring)) {
            return true;
        }
    }
    return false;
}

static inline bool schema_matches(const char *pattern, const char *text)
{
    regex_t compiled;
    if (regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB) != 0) {
        return false;
    }
    const bool matches = regexec(&compiled, text, 0, NULL, 0) == 0;
    regfree(&compiled);
    return matches;
}

static inline const cJSON *schema_resolve(const struct schema_check *check, const char *pointer)
{
    static const char DEFS[] = "#/$defs/";
    if (strncmp(pointer, DEFS, sizeof DEFS - 1) != 0) {
        return NULL;
    }
    return cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(check->root, "$defs"), pointer + sizeof DEFS - 1);
}

static inline bool schema_object(struct schema_check *check, const cJSON *schema,
                                 const cJSON *value, const char *where)
{
    const cJSON *properties = cJSON_GetObjectItemCaseSensitive(schema, "properties");
    const cJSON *others = cJSON_GetObjectItemCaseSensitive(schema, "additionalProperties");
    const cJSON *required = cJSON_GetObjectItemCaseSensitive(schema, "required");
    const cJSON *item = NULL;
    char path[512];
    cJSON_ArrayForEach(item, required)
    {
        if (cJSON_GetObjectItemCaseSensitive(value, item->valuestring) == NULL) {
            (void)snprintf(path, sizeof path, "%s/%s", where, item->valuestring);
            return schema_fail(check, path, "is required");
        }
    }
    cJSON_ArrayForEach(item, value)
    {
        const cJSON *rule = cJSON_GetObjectItemCaseSensitive(properties, item->string);
        (void)snprintf(path, sizeof path, "%s/%s", where, item->string);
        if (rule == NULL && cJSON_IsFalse(others)) {
            return schema_fail(check, path, "is not allowed");
        }
        rule = rule == NULL && cJSON_IsObject(others) ? others : rule;
        if (rule != NULL && !schema_check_value(check, rule, item, path)) {
            return false;
        }
    }
    return true;
}

static inline bool schema_any_of(struct schema_check *check, const cJSON *rules,
                                 const cJSON *value, const char *where)
{
    const bool quiet = check->quiet;
    bool passed = false;
    const cJSON *rule = NULL;
    check->quiet = true;
    cJSON_ArrayForEach(rule, rules)
    {
        passed = passed || schema_check_value(check, rule, value, where);
    }
    check->quiet = quiet;
    return passed;
}

static inline bool schema_one_of_values(const cJSON *values, const cJSON *value)
{
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, values)
    {
        if (cJSON_Compare(one, value, true)) {
            return true;
        }
    }
    return false;
}

static inline bool schema_items(struct schema_check *check, const cJSON *rule, const cJSON *value,
                                const char *where)
{
    const cJSON *item = NULL;
    int index = 0;
    cJSON_ArrayForEach(item, value)
    {
        char path[512];
        (void)snprintf(path, sizeof path, "%s/%d", where, index++);
        if (!schema_check_value(check, rule, item, path)) {
            return false;
        }
    }
    return true;
}

/** Keywords that carry no rule of their own here. */
static inline bool schema_is_note(const char *word)
{
    static const char *const NOTES[] = {"$schema", "$id", "$defs", "title", "description",
                                        "properties", "additionalProperties", "required"};
    for (size_t i = 0; i < sizeof NOTES / sizeof *NOTES; i++) {
        if (strcmp(word, NOTES[i]) == 0) {
            return true;
        }
    }
    return false;
}

/** Bounds: they say nothing of values of other types. Unknown words fail. */
static inline bool schema_bound(const char *word, double bound, const cJSON *value)
{
    const struct {
        const char *word;
        bool applies, holds;
    } BOUNDS[] = {
        {"minimum", cJSON_IsNumber(value), value->valuedouble >= bound},
        {"exclusiveMinimum", cJSON_IsNumber(value), value->valuedouble > bound},
        {"maximum", cJSON_IsNumber(value), value->valuedouble <= bound},
        {"minLength", cJSON_IsString(value),
         cJSON_IsString(value) && (double)strlen(value->valuestring) >= bound},
        {"minItems", cJSON_IsArray(value), (double)cJSON_GetArraySize(value) >= bound},
        {"maxItems", cJSON_IsArray(value), (double)cJSON_GetArraySize(value) <= bound},
    };
    for (size_t i = 0; i < sizeof BOUNDS / sizeof *BOUNDS; i++) {
        if (strcmp(word, BOUNDS[i].word) == 0) {
            return !BOUNDS[i].applies || BOUNDS[i].holds;
        }
    }
    return false;
}

/** One keyword; unknown ones fail. */
static inline bool schema_keyword(struct schema_check *check, const cJSON *rule,
                                  const cJSON *value, const char *where)
{
    const char *word = rule->string;
    bool passed = false;
    if (schema_is_note(word)) {
        return true;
    }
    if (strcmp(word, "$ref") == 0) {
        const cJSON *target = schema_resolve(check, rule->valuestring);
        return target != NULL && schema_check_value(check, target, value, where);
    }
    if (strcmp(word, "items") == 0) {
        return schema_items(check, rule, value, where);
    }
    if (strcmp(word, "type") == 0) {
        passed = schema_types(rule, value);
    } else if (strcmp(word, "anyOf") == 0) {
        passed = schema_any_of(check, rule, value, where);
    } else if (strcmp(word, "enum") == 0) {
        passed = schema_one_of_values(rule, value);
    } else if (strcmp(word, "const") == 0) {
        passed = cJSON_Compare(rule, value, true);
    } else if (strcmp(word, "pattern") == 0) {
        passed = !cJSON_IsString(value) || schema_matches(rule->valuestring, value->valuestring);
    } else {
        passed = schema_bound(word, rule->valuedouble, value);
    }
    return passed || schema_fail(check, where, word);
}

static bool schema_check_value(struct schema_check *check, const cJSON *schema, const cJSON *value,
                               const char *where)
{
    const cJSON *rule = NULL;
    cJSON_ArrayForEach(rule, schema)
    {
        if (!schema_keyword(check, rule, value, where)) {
            return false;
        }
    }
    return !cJSON_IsObject(value) || schema_object(check, schema, value, where);
}

/** True when `value` satisfies `schema`; otherwise says on stdout where it does not. */
static inline bool schema_accepts(const cJSON *schema, const cJSON *value)
{
    struct schema_check check = {.root = schema};
    return schema_check_value(&check, schema, value, "");
}

#endif
