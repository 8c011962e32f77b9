/* SPDX-License-Identifier: Apache-2.0 */
/* Which files, texts and tensors of a subject the facts database knows. */
#include <sovaudit/judge.h>

#include <string.h>

#include "base/fail.h"
#include "base/hash.h"
#include "judge/claims.h"
#include "judge/knowledge_parts.h"

enum { ORIGIN_BYTES = 512 };

static const char doing[] = "looking the subject up in the facts database";

/** A knowledge and what it owns. */
struct made {
    struct sva_knowledge knowledge; /**< first member */
    struct sva_arena arena;
    struct sva_known_hit *hits;
    size_t capacity;
};

const char *sva_looked_fact(const struct sva_looked *subject, const char *key)
{
    const size_t length = strlen(key);
    for (size_t i = 0; i < subject->fact_count; i++) {
        const char *one = subject->facts[i].key;
        if (strncmp(one, key, length) == 0 &&
            (one[length] == '\0' || strcmp(one + length, ".0") == 0)) {
            return subject->facts[i].value;
        }
    }
    return "";
}

/** A slot for another hit; NULL: out of memory. */
static struct sva_known_hit *add_slot(struct made *made)
{
    if (made->knowledge.hit_count == made->capacity) {
        const size_t capacity = made->capacity == 0 ? 16 : made->capacity * 2;
        struct sva_known_hit *grown = sva_realloc_array(made->hits, capacity, sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        made->hits = grown;
        made->capacity = capacity;
    }
    return &made->hits[made->knowledge.hit_count++];
}

static struct sva_known_hit hit_of(const struct sva_known_row *row)
{
    struct sva_known_hit hit = {
        .publisher = "", .licence = "", .where = "", .file = UINT32_MAX, .tensor = UINT32_MAX};
    switch (row->kind) {
    case SVA_KNOWN_FILE:
        hit.what = "file";
        hit.name = row->fields[SVA_KNOWN_FILE_MODEL];
        hit.publisher = row->fields[SVA_KNOWN_FILE_PUBLISHER];
        hit.licence = row->fields[SVA_KNOWN_FILE_LICENCE];
        hit.where = row->fields[SVA_KNOWN_FILE_WHERE];
        break;
    case SVA_KNOWN_TENSOR:
        hit.what = "tensor";
        hit.name = row->fields[1];
        hit.where = row->fields[2];
        break;
    case SVA_KNOWN_TEMPLATE:
        hit.what = "chat-template";
        hit.name = row->fields[1];
        break;
    case SVA_KNOWN_ARCHITECTURE:
        hit.what = "architecture";
        hit.name = row->fields[2];
        break;
    case SVA_KNOWN_TOKENIZER:
        hit.what = "vocabulary";
        hit.name = row->fields[2];
        break;
    default:
        hit.what = "licence-text";
        hit.name = row->fields[1];
        hit.licence = row->fields[1];
        break;
    }
    return hit;
}

/** A row as a hit about `item`; `*hit` NULL: the row has no name. */
static enum sva_status add_hit(struct made *made, const struct sva_known *known,
                               const struct sva_known_row *row, const char *item,
                               struct sva_known_hit **hit, struct sva_error *error)
{
    char origin[ORIGIN_BYTES];
    struct sva_known_hit one = hit_of(row);
    *hit = NULL;
    if (one.name[0] == '\0') {
        return SVA_OK;
    }
    one.item = sva_arena_strdup(&made->arena, item);
    one.origin =
        sva_arena_strdup(&made->arena, sva_known_origin(known, row, origin, sizeof origin));
    *hit = one.item != NULL && one.origin != NULL ? add_slot(made) : NULL;
    if (*hit == NULL) {
        return sva_fail_memory(error, doing);
    }
    **hit = one;
    return SVA_OK;
}

/** Every row of `kind` under `key`, as a hit about `item`. */
static enum sva_status look_up(struct made *made, const struct sva_looked *subject,
                               enum sva_known_kind kind, const char *key, const char *item,
                               uint32_t file, struct sva_error *error)
{
    size_t first = 0;
    const size_t count = key[0] == '\0' ? 0 : sva_known_find(subject->known, kind, key, &first);
    enum sva_status status = SVA_OK;
    for (size_t i = 0; i < count && status == SVA_OK; i++) {
        const struct sva_known_row row = sva_known_get(subject->known, first + i);
        struct sva_known_hit *hit = NULL;
        status = add_hit(made, subject->known, &row, item, &hit, error);
        if (hit != NULL) {
            hit->file = file;
        }
    }
    return status;
}

static enum sva_status look_up_files(struct made *made, const struct sva_looked *subject,
                                     const struct sva_print *print, struct sva_error *error)
{
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < print->file_count; i++) {
        char hex[2 * SVA_DIGEST_BYTES + 1] = "";
        if (print->files[i].hashed) {
            sva_hex(print->files[i].sha256, SVA_DIGEST_BYTES, hex);
        }
        const size_t before = made->knowledge.hit_count;
        status =
            look_up(made, subject, SVA_KNOWN_FILE, hex, print->files[i].path, (uint32_t)i, error);
        for (size_t k = before; k < made->knowledge.hit_count; k++) {
            made->hits[k].weights = sva_file_is_audited(print->files[i].kind);
        }
    }
    return status;
}

/** Chat template, vocabulary, licence text and architecture, by the facts that name them. */
static enum sva_status look_up_facts(struct made *made, const struct sva_looked *subject,
                                     struct sva_error *error)
{
    static const struct {
        const char *key;
        enum sva_known_kind kind;
    } sought[] = {
        {"tokenizer.chat_template", SVA_KNOWN_TEMPLATE},
        {"tokenizer.vocab_sha256", SVA_KNOWN_TOKENIZER},
        {"licence.text_sha256", SVA_KNOWN_LICENCE_TEXT},
        {"config.architectures", SVA_KNOWN_ARCHITECTURE},
    };
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < sizeof sought / sizeof *sought; i++) {
        const char *value = sva_looked_fact(subject, sought[i].key);
        const size_t before = made->knowledge.hit_count;
        status = look_up(made, subject, sought[i].kind, value, value, UINT32_MAX, error);
        if (status == SVA_OK && sought[i].kind == SVA_KNOWN_ARCHITECTURE &&
            made->knowledge.hit_count > before) {
            made->knowledge.architecture_family = made->hits[before].name;
        }
    }
    return status;
}

/** What a look-up of tensors hands its hits to. */
struct taking {
    struct made *made;
    const struct sva_looked *subject;
    const struct sva_print *print;
};

static enum sva_status take_tensor(void *context, const struct sva_known_row *row, uint32_t tensor,
                                   struct sva_error *error)
{
    const struct taking *taking = context;
    struct sva_known_hit *hit = NULL;
    const enum sva_status status = add_hit(taking->made, taking->subject->known, row,
                                           taking->print->tensors[tensor].name, &hit, error);
    if (hit != NULL) {
        hit->tensor = tensor;
        hit->weights = true;
        hit->publisher =
            sva_known_model_field(taking->subject->known, hit->name, SVA_KNOWN_MODEL_PUBLISHER);
        hit->licence =
            sva_known_model_field(taking->subject->known, hit->name, SVA_KNOWN_MODEL_LICENCE);
    }
    return status;
}

/** Where the weights are at hand. */
static enum sva_status look_up_tensors(struct made *made, const struct sva_looked *subject,
                                       struct sva_error *error)
{
    const struct sva_case *source = subject->source;
    if (source == NULL || source->model == NULL) {
        return SVA_OK;
    }
    struct taking taking = {made, subject, source->subject};
    return sva_known_tensors_look_up(subject, take_tensor, &taking, error);
}

static enum sva_status make(struct sva_looked *subject, const struct sva_print *print,
                            struct sva_knowledge **knowledge, struct sva_error *error)
{
    struct made *made = sva_calloc(1, sizeof *made);
    if (made == NULL) {
        return sva_fail_memory(error, doing);
    }
    made->knowledge.info = sva_known_get_info(subject->known);
    made->knowledge.architecture_family = "";
    made->knowledge.internal = made;
    subject->arena = &made->arena;
    enum sva_status status = print != NULL ? look_up_files(made, subject, print, error) : SVA_OK;
    if (status == SVA_OK) {
        status = look_up_facts(made, subject, error);
    }
    if (status == SVA_OK) {
        status = look_up_tensors(made, subject, error);
    }
    if (status == SVA_OK) {
        status = sva_licences_bind(subject, &made->knowledge, error);
    }
    if (status == SVA_OK) {
        status = sva_declared_make(subject, &made->knowledge.declared, error);
    }
    made->knowledge.hits = made->hits;
    if (status != SVA_OK) {
        sva_knowledge_free(&made->knowledge);
        return status;
    }
    *knowledge = &made->knowledge;
    return SVA_OK;
}

enum sva_status sva_knowledge_make(const struct sva_known *known, const struct sva_case *source,
                                   struct sva_knowledge **knowledge, struct sva_error *error)
{
    struct sva_looked subject = {.known = known,
                                 .name = source->subject->name,
                                 .facts = source->subject->facts,
                                 .fact_count = source->subject->fact_count,
                                 .source = source};
    return make(&subject, source->subject, knowledge, error);
}

enum sva_status sva_knowledge_of_model(const struct sva_known *known, const struct sva_model *model,
                                       struct sva_knowledge **knowledge, struct sva_error *error)
{
    struct sva_looked subject = {.known = known,
                                 .name = model->name,
                                 .facts = model->facts,
                                 .fact_count = model->fact_count};
    return make(&subject, NULL, knowledge, error);
}

void sva_knowledge_free(struct sva_knowledge *knowledge)
{
    if (knowledge != NULL) {
        struct made *made = knowledge->internal;
        sva_arena_done(&made->arena);
        sva_free(made->hits);
        sva_free(made);
    }
}
