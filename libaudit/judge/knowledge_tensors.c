/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which tensors of a subject the facts database knows, by the SHA-256 of their stored bytes. A
 * tensor that says nothing must not accuse: left out are those without evidence, short ones (tables
 * of rotary frequencies are the same in every model that scales them alike), and digests that the
 * database gives to several models.
 */
#include <sovaudit/judge.h>

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/hash.h"
#include "judge/knowledge_parts.h"

enum {
    ELEMENTS_LEAST = 256,
    TENSOR_BYTES_MOST = 8 << 20, /* whole models are known by their files */
    BLOCK_BYTES = 1 << 18
};

/** Bytes hashed in all: the smallest tensors first, so that every norm comes before a matrix. */
static const uint64_t bytes_most = (uint64_t)1 << 30;

static const char doing[] = "looking tensors up in the facts database";

/** A tensor worth hashing. */
struct candidate {
    uint64_t size_bytes;
    size_t tensor;  /**< of the model */
    uint32_t print; /**< of the print */
};

/** A tensor of the print that bears evidence, under its stored name. */
struct named {
    const char *name;
    size_t length; /**< without the "[part]" that prints add */
    uint32_t index;
};

/* ---- hashing ---- */

/** SHA-256 of a tensor's stored bytes in hex; "" for a tensor that is made of several. */
static enum sva_status hash_tensor(const struct sva_model *model, size_t tensor,
                                   char hex[2 * SVA_DIGEST_BYTES + 1], struct sva_error *error)
{
    const struct sva_tensor *one = &model->tensors[tensor];
    const uint64_t size = one->packing != NULL ? 0 : one->size_bytes;
    struct sva_sha256 *state = sva_sha256_new();
    uint8_t *block = sva_calloc(BLOCK_BYTES, 1);
    uint8_t digest[SVA_DIGEST_BYTES] = {0};
    enum sva_status status =
        state != NULL && block != NULL ? SVA_OK : sva_fail_memory(error, doing);
    for (uint64_t at = 0; status == SVA_OK && at < size;) {
        const size_t step = size - at < BLOCK_BYTES ? (size_t)(size - at) : BLOCK_BYTES;
        status = sva_model_read(model, one->file, one->offset_bytes + at, block, step, error);
        if (status == SVA_OK) {
            sva_sha256_update(state, block, step);
        }
        at += step;
    }
    hex[0] = '\0';
    if (status == SVA_OK && size > 0) {
        sva_sha256_final(state, digest);
        sva_hex(digest, sizeof digest, hex);
    }
    sva_sha256_free(state);
    sva_free(block);
    return status;
}

enum sva_status sva_known_tensor_of(const struct sva_known *known, const struct sva_model *model,
                                    size_t tensor, struct sva_known_row *row, bool *found,
                                    struct sva_error *error)
{
    char hex[2 * SVA_DIGEST_BYTES + 1];
    size_t first = 0;
    const enum sva_status status = hash_tensor(model, tensor, hex, error);
    if (status == SVA_OK) {
        *found = hex[0] != '\0' && sva_known_find(known, SVA_KNOWN_TENSOR, hex, &first) > 0;
        if (*found) {
            *row = sva_known_get(known, first);
        }
    }
    return status;
}

/* ---- choosing ---- */

static size_t stored_length(const char *name)
{
    const size_t length = strlen(name);
    const char *part = length > 0 && name[length - 1] == ']' ? strrchr(name, '[') : NULL;
    return part != NULL ? (size_t)(part - name) : length;
}

static int compare_names(const char *a, size_t a_length, const char *b, size_t b_length)
{
    const int order = memcmp(a, b, a_length < b_length ? a_length : b_length);
    return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

static int by_name(const void *left, const void *right)
{
    const struct named *a = left;
    const struct named *b = right;
    const int order = compare_names(a->name, a->length, b->name, b->length);
    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

static int by_size(const void *left, const void *right)
{
    const struct candidate *a = left;
    const struct candidate *b = right;
    if (a->size_bytes != b->size_bytes) {
        return a->size_bytes < b->size_bytes ? -1 : 1;
    }
    return (a->tensor > b->tensor) - (a->tensor < b->tensor);
}

/** Tensors of the print that bear evidence, sorted by name; NULL: out of memory. */
static struct named *list_names(const struct sva_print *print, size_t *count)
{
    struct named *names = sva_calloc(print->tensor_count, sizeof *names);
    *count = 0;
    for (size_t i = 0; names != NULL && i < print->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &print->tensors[i];
        if (tensor->inert == SVA_INERT_NONE && !tensor->sampled) { /* else it is not to be read */
            names[(*count)++] =
                (struct named){tensor->name, stored_length(tensor->name), (uint32_t)i};
        }
    }
    if (*count > 0) {
        qsort(names, *count, sizeof *names, by_name);
    }
    return names;
}

/** The first part of a stored tensor that bears evidence; UINT32_MAX: none does. */
static uint32_t find_print(const struct named *names, size_t count, const char *name)
{
    const size_t length = stored_length(name);
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare_names(names[middle].name, names[middle].length, name, length) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const bool there =
        low < count && compare_names(names[low].name, names[low].length, name, length) == 0;
    return there ? names[low].index : UINT32_MAX;
}

/** Tensors of the types that the database has, neither short nor large. */
static bool may_be_known(const struct sva_tensor *tensor)
{
    return (tensor->dtype == SVA_DTYPE_F16 || tensor->dtype == SVA_DTYPE_F32) &&
           tensor->packing == NULL && tensor->element_count >= ELEMENTS_LEAST &&
           tensor->size_bytes <= TENSOR_BYTES_MOST;
}

/** What is worth hashing, smallest first; NULL: out of memory. */
static struct candidate *list_candidates(const struct sva_case *source, size_t *count)
{
    const struct sva_model *model = source->model;
    size_t name_count = 0;
    struct named *names = list_names(source->subject, &name_count);
    struct candidate *candidates = sva_calloc(model->tensor_count, sizeof *candidates);
    *count = 0;
    for (size_t i = 0; names != NULL && candidates != NULL && i < model->tensor_count; i++) {
        const struct sva_tensor *tensor = &model->tensors[i];
        const uint32_t print =
            may_be_known(tensor) ? find_print(names, name_count, tensor->name) : UINT32_MAX;
        if (print != UINT32_MAX) {
            candidates[(*count)++] = (struct candidate){tensor->size_bytes, i, print};
        }
    }
    if (names == NULL) {
        sva_free(candidates);
        candidates = NULL;
    } else if (*count > 0) {
        qsort(candidates, *count, sizeof *candidates, by_size);
    }
    sva_free(names);
    return candidates;
}

/* ---- looking up ---- */

/** Rows of one digest: all of one model, or none that says anything. */
static bool is_of_one_model(const struct sva_known *known, size_t first, size_t count)
{
    const char *name = sva_known_get(known, first).fields[1];
    bool same = name[0] != '\0';
    for (size_t i = 1; i < count && same; i++) {
        same = strcmp(sva_known_get(known, first + i).fields[1], name) == 0;
    }
    return same;
}

static enum sva_status look_up_one(const struct sva_looked *subject, const struct candidate *one,
                                   sva_take_known *take, void *context, size_t *found,
                                   struct sva_error *error)
{
    char hex[2 * SVA_DIGEST_BYTES + 1];
    size_t first = 0;
    enum sva_status status = hash_tensor(subject->source->model, one->tensor, hex, error);
    const size_t count =
        status == SVA_OK ? sva_known_find(subject->known, SVA_KNOWN_TENSOR, hex, &first) : 0;
    if (count > 0 && is_of_one_model(subject->known, first, count)) {
        const struct sva_known_row row = sva_known_get(subject->known, first);
        *found += 1;
        status = take(context, &row, one->print, error);
    }
    return status;
}

enum sva_status sva_known_tensors_look_up(const struct sva_looked *subject, sva_take_known *take,
                                          void *context, struct sva_error *error)
{
    if (sva_known_get_info(subject->known)->counts[SVA_KNOWN_TENSOR] == 0) {
        return SVA_OK;
    }
    size_t count = 0;
    size_t found = 0;
    uint64_t hashed = 0;
    struct candidate *candidates = list_candidates(subject->source, &count);
    enum sva_status status = candidates != NULL ? SVA_OK : sva_fail_memory(error, doing);
    for (size_t i = 0; status == SVA_OK && i < count && found < SVA_KNOWN_TENSORS_MAX; i++) {
        hashed += candidates[i].size_bytes;
        if (hashed > bytes_most) {
            break;
        }
        status = look_up_one(subject, &candidates[i], take, context, &found, error);
    }
    sva_free(candidates);
    return status;
}
