/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/report_tree.h"

#include <math.h>

static void put_number(struct sva_writer *json, const char *key, double value)
{
    if (value == floor(value) && fabs(value) <= 0x1p53) {
        sva_writer_integer(json, key, (int64_t)value);
    } else {
        sva_writer_number(json, key, value);
    }
}

/** A value without its members, which follow. */
static void begin(struct sva_writer *json, const char *key, const cJSON *node)
{
    if (cJSON_IsObject(node)) {
        sva_writer_object(json, key);
    } else if (cJSON_IsArray(node)) {
        sva_writer_array(json, key);
    } else if (cJSON_IsNumber(node)) {
        put_number(json, key, node->valuedouble);
    } else if (cJSON_IsBool(node)) {
        sva_writer_bool(json, key, cJSON_IsTrue(node));
    } else {
        sva_writer_text(json, key, cJSON_GetStringValue(node)); /* NULL: null */
    }
}

static void end(struct sva_writer *json, const cJSON *node)
{
    if (cJSON_IsObject(node)) {
        sva_writer_object_end(json);
    } else if (cJSON_IsArray(node)) {
        sva_writer_array_end(json);
    }
}

void sva_tree_write(struct sva_writer *json, const cJSON *root)
{
    const cJSON *above[SVA_JSON_WRITER_DEPTH];
    size_t depth = 0;
    const cJSON *node = root;
    while (node != NULL && !json->failed) {
        begin(json, depth > 0 && cJSON_IsObject(above[depth - 1]) ? node->string : NULL, node);
        if (node->child != NULL && depth < SVA_JSON_WRITER_DEPTH) {
            above[depth++] = node;
            node = node->child;
            continue;
        }
        end(json, node);
        while (depth > 0 && node->next == NULL) {
            node = above[--depth];
            end(json, node);
        }
        node = depth > 0 ? node->next : NULL;
    }
}
