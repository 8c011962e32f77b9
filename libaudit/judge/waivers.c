/* SPDX-License-Identifier: Apache-2.0 */
/* A file of waivers -> waivers. */
#include "judge/waivers.h"

#include <string.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "judge/strict_document.h"

static const char doing[] = "reading waivers";

/* Why a finding may be waived. A closed list. */
static const char *const reasons[] = {
    "own-weights",      "licensed-component", "false-match",      "accepted-risk",
    "pending-evidence", "out-of-scope",       "judged-elsewhere", NULL};

const char *sva_waiver_state_name(enum sva_waiver_state state)
{
    static const char *const names[] = {"used",          "unused",      "expired",
                                        "not-yet-valid", "other-model", "unknown-rule"};
    return names[state];
}

/* A whole day, YYYY-MM-DD. */
static const char *read_day(struct sva_problems *problems, const cJSON *json, const char *path,
                            const char *key)
{
    const char *text = sva_pack_date(problems, json, path, key);
    if (text[0] != '\0' && strlen(text) != 10) {
        sva_problem_add(problems, sva_problem_path(problems, path, key),
                        "expected a whole day, YYYY-MM-DD");
    }
    return text;
}

static const char *read_pattern(struct sva_problems *problems, const cJSON *json, const char *path,
                                const char *key)
{
    enum { PATTERN_MAX = 1024 };
    if (cJSON_GetObjectItemCaseSensitive(json, key) == NULL) {
        return "*";
    }
    const char *text = sva_pack_text(problems, json, path, key);
    if (strlen(text) > PATTERN_MAX) {
        sva_problem_add(problems, sva_problem_path(problems, path, key),
                        "a pattern of more than %d bytes", (int)PATTERN_MAX);
    }
    return text;
}

static void read_waiver(struct sva_problems *problems, const cJSON *json, const char *path,
                        struct sva_waiver *waiver)
{
    static const char *const required[] = {"rule",     "model", "reason",  "text", "evidence",
                                           "approver", "date",  "expires", NULL};
    static const char *const optional[] = {"component", "tensor", NULL};
    if (!sva_pack_object(problems, json, path, required, optional)) {
        return;
    }
    const char *model = sva_pack_text(problems, json, path, "model");
    if (model[0] != '\0' && !sva_unhex(model, strlen(model), waiver->model, SVA_DIGEST_BYTES)) {
        sva_problem_add(problems, sva_problem_path(problems, path, "model"),
                        "expected the model's digest as 64 hex digits");
    }
    waiver->rule = sva_pack_text(problems, json, path, "rule");
    waiver->component = read_pattern(problems, json, path, "component");
    waiver->tensor = read_pattern(problems, json, path, "tensor");
    waiver->reason =
        reasons[sva_pack_word(problems, cJSON_GetObjectItemCaseSensitive(json, "reason"),
                              sva_problem_path(problems, path, "reason"), reasons)];
    waiver->text = sva_pack_text(problems, json, path, "text");
    waiver->evidence = sva_pack_text(problems, json, path, "evidence");
    waiver->approver = sva_pack_text(problems, json, path, "approver");
    waiver->date = read_day(problems, json, path, "date");
    waiver->expires = read_day(problems, json, path, "expires");
    if (waiver->date[0] != '\0' && waiver->expires[0] != '\0' &&
        strcmp(waiver->expires, waiver->date) < 0) {
        sva_problem_add(problems, path, "the waiver expires before its date");
    }
}

enum sva_status sva_waivers_parse(struct sva_span bytes, struct sva_problems *problems,
                                  struct sva_waiver **items, size_t *count, struct sva_error *error)
{
    static const char *const required[] = {"format", "waivers", NULL};
    static const char *const none[] = {NULL};
    cJSON *root = sva_strict_document(bytes, "the file of waivers", problems);
    *items = NULL;
    *count = 0;
    if (root != NULL && sva_pack_object(problems, root, "", required, none)) {
        const cJSON *format = cJSON_GetObjectItemCaseSensitive(root, "format");
        if (format != NULL && (!cJSON_IsNumber(format) || format->valuedouble != 1)) {
            sva_problem_add(problems, "format", "this version reads format 1 only");
        }
        const cJSON *list = sva_pack_list(problems, root, "", "waivers", SVA_WAIVERS_MAX);
        const size_t found = list != NULL ? (size_t)cJSON_GetArraySize(list) : 0;
        struct sva_waiver *all = sva_arena_alloc(problems->arena, found, sizeof *all);
        problems->out_of_memory = problems->out_of_memory || all == NULL;
        const cJSON *item = found > 0 ? list->child : NULL;
        for (size_t i = 0; all != NULL && i < found; i++, item = item->next) {
            read_waiver(problems, item, sva_problem_item(problems, "waivers", i), &all[i]);
        }
        *items = all;
        *count = all != NULL ? found : 0;
    }
    cJSON_Delete(root);
    return problems->out_of_memory ? sva_fail_memory(error, doing) : SVA_OK;
}

enum sva_status sva_waivers_load(const char *path, struct sva_waivers **waivers,
                                 struct sva_error *error)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum sva_status status = sva_read_file(path, SVA_WAIVER_BYTES_MAX, &bytes, &size, error);
    if (status != SVA_OK) {
        return status;
    }
    struct sva_waivers *made = sva_calloc(1, sizeof *made);
    struct sva_arena *arena = sva_calloc(1, sizeof *arena);
    if (made == NULL || arena == NULL) {
        sva_free(made);
        sva_free(arena);
        sva_free(bytes);
        return sva_fail_memory(error, doing);
    }
    struct sva_problems problems = {.arena = arena};
    struct sva_waiver *items = NULL;
    made->internal = arena;
    status =
        sva_waivers_parse((struct sva_span){bytes, size}, &problems, &items, &made->count, error);
    if (status == SVA_OK) {
        status = sva_strict_problems(&problems, path, "file of waivers", error);
    }
    made->items = items;
    made->path = sva_arena_strdup(arena, path);
    if (status == SVA_OK && (made->path == NULL || !sva_sha256(bytes, size, made->sha256))) {
        status = sva_fail_memory(error, doing);
    }
    sva_free(bytes);
    if (status != SVA_OK) {
        sva_waivers_free(made);
        return status;
    }
    *waivers = made;
    return SVA_OK;
}

void sva_waivers_free(struct sva_waivers *waivers)
{
    if (waivers != NULL) {
        sva_arena_done(waivers->internal);
        sva_free(waivers->internal);
        sva_free(waivers);
    }
}
