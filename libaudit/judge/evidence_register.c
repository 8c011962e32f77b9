/* SPDX-License-Identifier: Apache-2.0 */
/* A register's bytes -> documents as declared. */
#include "judge/evidence_register.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/text.h"
#include "judge/evidence_kinds.h"
#include "judge/strict_document.h"

static const char *const no_keys[] = {NULL};

const char *sva_document_state_name(enum sva_document_state state)
{
    static const char *const names[] = {"sound", "hash-only", "missing", "changed", "malformed"};
    return names[state];
}

bool sva_document_path_is_plain(const char *path)
{
    const size_t length = strlen(path);
    if (length == 0 || length > SVA_DOCUMENT_PATH_MAX || strchr(path, '\\') != NULL) {
        return false;
    }
    for (const char *at = path;; at++) {
        const size_t step = strcspn(at, "/");
        const bool dots =
            (step == 1 && at[0] == '.') || (step == 2 && at[0] == '.' && at[1] == '.');
        if (step == 0 || dots) {
            return false;
        }
        for (size_t i = 0; i < step; i++) {
            if ((unsigned char)at[i] < ' ' || at[i] == 0x7f) {
                return false;
            }
        }
        at += step;
        if (*at == '\0') {
            return true;
        }
    }
}

/* A text or null; "" for null and for an absent key. */
static const char *read_optional(struct sva_problems *problems, const cJSON *json, const char *path,
                                 const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);
    return item == NULL || cJSON_IsNull(item) ? "" : sva_pack_text(problems, json, path, key);
}

static void read_digest(struct sva_problems *problems, const cJSON *json, const char *path,
                        const char *key, uint8_t digest[SVA_DIGEST_BYTES])
{
    const char *text = sva_pack_text(problems, json, path, key);
    if (text[0] != '\0' && !sva_unhex(text, strlen(text), digest, SVA_DIGEST_BYTES)) {
        sva_problem_add(problems, sva_problem_path(problems, path, key),
                        "expected a SHA-256 as 64 hex digits");
    }
}

static void read_path(struct sva_problems *problems, const cJSON *json, const char *path,
                      struct sva_document *document)
{
    const char *here = sva_problem_path(problems, path, "path");
    document->path = read_optional(problems, json, path, "path");
    if (document->path[0] == '\0') {
        document->state = SVA_DOCUMENT_HASH_ONLY;
        if (!document->confidential) {
            sva_problem_add(problems, here,
                            "only a confidential document may stand without a path");
        }
    } else if (!sva_document_path_is_plain(document->path)) {
        sva_problem_add(problems, here,
                        "\"%s\" is not a relative path that stays in the register's folder",
                        sva_esc(document->path).text);
    }
}

static void read_size(struct sva_problems *problems, const cJSON *json, const char *path,
                      struct sva_document *document)
{
    const cJSON *size = cJSON_GetObjectItemCaseSensitive(json, "size");
    const double value = cJSON_IsNumber(size) ? size->valuedouble : -1;
    if (size != NULL && !(value >= 0 && value <= 9007199254740992.0 /* 2^53 */ &&
                          (double)(uint64_t)value == value)) {
        sva_problem_add(problems, sva_problem_path(problems, path, "size"),
                        "expected a number of bytes");
        return;
    }
    document->size_bytes = size != NULL ? (uint64_t)value : 0;
}

static void read_document(struct sva_problems *problems, const cJSON *json, const char *path,
                          struct sva_document *document)
{
    static const char *const required[] = {"kind",         "path",   "sha256", "size",
                                           "media_type",   "issuer", "date",   "language",
                                           "confidential", NULL};
    *document = (struct sva_document){.kind = "",
                                      .path = "",
                                      .media_type = "",
                                      .issuer = "",
                                      .date = "",
                                      .language = "",
                                      .rule = "",
                                      .judge = "",
                                      .decision = "",
                                      .reasons = "",
                                      .trace_verdict = "",
                                      .trace_initialisation = "",
                                      .trace_loss_log = ""};
    if (!sva_pack_object(problems, json, path, required, no_keys)) {
        return;
    }
    enum sva_evidence_kind kind = SVA_KIND_OTHER;
    document->kind = sva_pack_text(problems, json, path, "kind");
    if (document->kind[0] != '\0' && (!sva_evidence_kind_find(document->kind, &kind) ||
                                      !sva_evidence_kind_get(kind)->document)) {
        sva_problem_add(problems, sva_problem_path(problems, path, "kind"),
                        "there is no kind of document \"%s\"", sva_esc(document->kind).text);
    }
    const cJSON *confidential = cJSON_GetObjectItemCaseSensitive(json, "confidential");
    if (confidential != NULL && !cJSON_IsBool(confidential)) {
        sva_problem_add(problems, sva_problem_path(problems, path, "confidential"),
                        "expected true or false");
    }
    document->confidential = cJSON_IsTrue(confidential) != 0;
    read_path(problems, json, path, document);
    read_digest(problems, json, path, "sha256", document->sha256);
    read_size(problems, json, path, document);
    document->media_type = read_optional(problems, json, path, "media_type");
    document->issuer = read_optional(problems, json, path, "issuer");
    document->language = read_optional(problems, json, path, "language");
    if (read_optional(problems, json, path, "date")[0] != '\0') {
        document->date = sva_pack_date(problems, json, path, "date");
    }
}

static int by_path_and_kind(const void *a, const void *b)
{
    const struct sva_document *const left = *(const struct sva_document *const *)a;
    const struct sva_document *const right = *(const struct sva_document *const *)b;
    const int paths = strcmp(left->path, right->path);
    const int kinds = paths != 0 ? paths : strcmp(left->kind, right->kind);
    return kinds != 0 ? kinds : (left > right) - (left < right);
}

static void find_repeats(struct sva_problems *problems, const struct sva_document *documents,
                         size_t count)
{
    const struct sva_document **const sorted =
        sva_arena_alloc(problems->arena, count, sizeof *sorted);
    problems->out_of_memory = problems->out_of_memory || sorted == NULL;
    for (size_t i = 0; sorted != NULL && i < count; i++) {
        sorted[i] = &documents[i];
    }
    if (sorted != NULL && count > 0) {
        qsort(sorted, count, sizeof *sorted, by_path_and_kind);
    }
    for (size_t i = 1; sorted != NULL && i < count; i++) {
        if (sorted[i]->path[0] != '\0' && strcmp(sorted[i]->path, sorted[i - 1]->path) == 0 &&
            strcmp(sorted[i]->kind, sorted[i - 1]->kind) == 0) {
            const size_t place = (size_t)(sorted[i] - documents);
            sva_problem_add(problems, sva_problem_item(problems, "documents", place),
                            "the document is listed twice");
            return;
        }
    }
}

static void read_documents(struct sva_problems *problems, const cJSON *root,
                           struct sva_document **documents, size_t *count)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, "documents");
    const size_t found = cJSON_IsArray(list) ? (size_t)cJSON_GetArraySize(list) : 0;
    if (list != NULL && (!cJSON_IsArray(list) || found > SVA_REGISTER_DOCUMENTS_MAX)) {
        sva_problem_add(problems, "documents", "expected a list of at most %d documents",
                        (int)SVA_REGISTER_DOCUMENTS_MAX);
        return;
    }
    struct sva_document *all = sva_arena_alloc(problems->arena, found, sizeof *all);
    problems->out_of_memory = problems->out_of_memory || all == NULL;
    const cJSON *item = found > 0 ? list->child : NULL;
    for (size_t i = 0; all != NULL && i < found; i++, item = item->next) {
        read_document(problems, item, sva_problem_item(problems, "documents", i), &all[i]);
    }
    *documents = all;
    *count = all != NULL ? found : 0;
    find_repeats(problems, all, *count);
}

enum sva_status sva_register_parse(struct sva_span bytes, struct sva_problems *problems,
                                   struct sva_document **documents, size_t *count,
                                   struct sva_error *error)
{
    static const char *const required[] = {"format", "documents", NULL};
    static const char *const optional[] = {"wanted", NULL};
    cJSON *root = sva_strict_document(bytes, "the evidence register", problems);
    *documents = NULL;
    *count = 0;
    if (root != NULL && sva_pack_object(problems, root, "", required, optional)) {
        const cJSON *format = cJSON_GetObjectItemCaseSensitive(root, "format");
        if (format != NULL && (!cJSON_IsNumber(format) || format->valuedouble != 1)) {
            sva_problem_add(problems, "format", "this version reads format 1 only");
        }
        read_documents(problems, root, documents, count);
    }
    cJSON_Delete(root);
    return problems->out_of_memory ? sva_fail_memory(error, "reading an evidence register")
                                   : SVA_OK;
}

/* ---- what documents say ---- */

/** All zeros stand for a model whose digest is not known, which no document can name. */
static bool is_model(const uint8_t *model, const uint8_t named[SVA_DIGEST_BYTES])
{
    static const uint8_t unknown[SVA_DIGEST_BYTES];
    return memcmp(named, model, SVA_DIGEST_BYTES) == 0 &&
           memcmp(model, unknown, sizeof unknown) != 0;
}

void sva_judgement_parse(struct sva_span bytes, const uint8_t *model, struct sva_problems *problems,
                         struct sva_document *document)
{
    static const char *const required[] = {"format", "model",    "rule",    "judge",
                                           "date",   "decision", "reasons", NULL};
    static const char *const decisions[] = {"accepted", "rejected", "review", NULL};
    cJSON *root = sva_strict_document(bytes, "the judgement", problems);
    if (root != NULL && sva_pack_object(problems, root, "", required, no_keys)) {
        uint8_t named[SVA_DIGEST_BYTES] = {0};
        const size_t before = problems->count;
        const cJSON *format = cJSON_GetObjectItemCaseSensitive(root, "format");
        if (format != NULL && (!cJSON_IsNumber(format) || format->valuedouble != 1)) {
            sva_problem_add(problems, "format", "this version reads format 1 only");
        }
        read_digest(problems, root, "", "model", named);
        document->rule = sva_pack_text(problems, root, "", "rule");
        document->judge = sva_pack_text(problems, root, "", "judge");
        document->date = sva_pack_date(problems, root, "", "date");
        document->reasons = sva_pack_text(problems, root, "", "reasons");
        document->decision = decisions[sva_pack_word(
            problems, cJSON_GetObjectItemCaseSensitive(root, "decision"), "decision", decisions)];
        if (problems->count == before && model != NULL && !is_model(model, named)) {
            sva_problem_add(problems, "model", "the judgement is about another model");
        }
    }
    cJSON_Delete(root);
}

/** `object` of `parent`, whose verdict is read; "" and a problem where it has none. */
static const char *read_trace_verdict(struct sva_problems *problems, const cJSON *object,
                                      const char *where)
{
    static const char *const verdicts[] = {"accepted", "review", "refused", "not-checked", NULL};
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, "verdict");
    if (item == NULL) {
        sva_problem_add(problems, where, "the key \"verdict\" is missing");
        return "";
    }
    return verdicts[sva_pack_word(problems, item, where, verdicts)];
}

/** The last checkpoint must be the audited model, file by file. */
static void bind_trace(struct sva_problems *problems, const cJSON *facts, const uint8_t *model)
{
    uint8_t named[SVA_DIGEST_BYTES] = {0};
    const size_t before = problems->count;
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(facts, "trace.model.digest");
    if (cJSON_IsNull(item)) {
        sva_problem_add(problems, "facts.trace.model.digest",
                        "the trace was made from prints without file hashes, so that it names no model");
        return;
    }
    read_digest(problems, facts, "facts", "trace.model.digest", named);
    if (problems->count == before && !is_model(model, named)) {
        sva_problem_add(problems, "facts.trace.model.digest",
                        "the trace's last checkpoint is another model");
    }
}

void sva_trace_report_parse(struct sva_span bytes, const uint8_t *model,
                            struct sva_problems *problems, struct sva_document *document)
{
    cJSON *root = sva_strict_document(bytes, "the trace report", problems);
    if (root != NULL) {
        const cJSON *facts = cJSON_GetObjectItemCaseSensitive(root, "facts");
        document->trace_verdict = read_trace_verdict(problems, root, "verdict");
        document->trace_initialisation = read_trace_verdict(
            problems, cJSON_GetObjectItemCaseSensitive(facts, "T1.3"), "facts.T1.3.verdict");
        document->trace_loss_log = read_trace_verdict(
            problems, cJSON_GetObjectItemCaseSensitive(facts, "T1.4"), "facts.T1.4.verdict");
        if (model != NULL) {
            bind_trace(problems, facts, model);
        }
    }
    cJSON_Delete(root);
}
