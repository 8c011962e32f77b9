/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/pack_reader.h"

#include <string.h>

#include "base/text.h"
#include "refstore/store_date.h"

static bool is_listed(const char *const *words, const char *word)
{
    while (*words != NULL && strcmp(*words, word) != 0) {
        words++;
    }
    return *words != NULL;
}

bool sva_pack_object(struct sva_problems *problems, const cJSON *object, const char *path,
                     const char *const *required, const char *const *optional)
{
    if (!cJSON_IsObject(object)) {
        sva_problem_add(problems, path, "expected an object");
        return false;
    }
    for (const cJSON *item = object->child; item != NULL; item = item->next) {
        if (!is_listed(required, item->string) && !is_listed(optional, item->string)) {
            sva_problem_add(problems, path, "unknown key \"%s\"", sva_esc(item->string).text);
        } else if (cJSON_GetObjectItemCaseSensitive(object, item->string) != item) {
            sva_problem_add(problems, path, "repeated key \"%s\"", item->string);
        }
    }
    for (const char *const *key = required; *key != NULL; key++) {
        if (cJSON_GetObjectItemCaseSensitive(object, *key) == NULL) {
            sva_problem_add(problems, path, "the key \"%s\" is missing", *key);
        }
    }
    return true;
}

const char *sva_pack_text(struct sva_problems *problems, const cJSON *object, const char *path,
                          const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    if (item == NULL) {
        return "";
    }
    if (!cJSON_IsString(item) || item->valuestring[strspn(item->valuestring, " \t\r\n")] == '\0') {
        sva_problem_add(problems, sva_problem_path(problems, path, key),
                        "expected a text that is not empty");
        return "";
    }
    const char *text = sva_arena_strdup(problems->arena, item->valuestring);
    problems->out_of_memory = problems->out_of_memory || text == NULL;
    return text != NULL ? text : "";
}

size_t sva_pack_word(struct sva_problems *problems, const cJSON *item, const char *path,
                     const char *const *words)
{
    const char *text = cJSON_IsString(item) ? item->valuestring : "";
    for (size_t i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], text) == 0) {
            return i;
        }
    }
    if (item != NULL) {
        sva_problem_add(problems, path, "\"%s\" is none of the words allowed here, such as \"%s\"",
                        sva_esc(text).text, words[0]);
    }
    return 0;
}

const cJSON *sva_pack_list(struct sva_problems *problems, const cJSON *object, const char *path,
                           const char *key, size_t most)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(object, key);
    if (list == NULL) {
        return NULL;
    }
    const size_t count = cJSON_IsArray(list) ? (size_t)cJSON_GetArraySize(list) : 0;
    if (count == 0 || count > most) {
        sva_problem_add(problems, sva_problem_path(problems, path, key),
                        "expected a list of 1 to %zu items", most);
        return NULL;
    }
    return list;
}

const char *const *sva_pack_texts(struct sva_problems *problems, const cJSON *object,
                                  const char *path, const char *key, size_t *count)
{
    enum { TEXTS_MAX = 32 };
    const cJSON *list = sva_pack_list(problems, object, path, key, TEXTS_MAX);
    const char *here = sva_problem_path(problems, path, key);
    const size_t found = list != NULL ? (size_t)cJSON_GetArraySize(list) : 0;
    const char **texts = sva_arena_alloc(problems->arena, found, sizeof *texts);
    problems->out_of_memory = problems->out_of_memory || texts == NULL;
    *count = 0;
    const cJSON *item = list != NULL ? list->child : NULL;
    for (size_t i = 0; texts != NULL && i < found; i++, item = item->next) {
        if (!cJSON_IsString(item) || item->valuestring[0] == '\0') {
            sva_problem_add(problems, sva_problem_item(problems, here, i), "expected a text");
            *count = 0;
            return NULL;
        }
        texts[i] = sva_arena_strdup(problems->arena, item->valuestring);
        if (texts[i] == NULL) {
            problems->out_of_memory = true;
            return NULL;
        }
    }
    *count = texts != NULL ? found : 0;
    return texts;
}

const char *sva_pack_date(struct sva_problems *problems, const cJSON *object, const char *path,
                          const char *key)
{
    struct sva_date_range range;
    const char *text = sva_pack_text(problems, object, path, key);
    if (text[0] != '\0' && !sva_date_parse(text, &range)) {
        sva_problem_add(problems, sva_problem_path(problems, path, key),
                        "\"%s\" is not a date such as 2026-01-15", sva_esc(text).text);
    }
    return text;
}
