/* SPDX-License-Identifier: Apache-2.0 */
#include "model/vocabulary_sample.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"

/** A token, or what a merge makes: its key and its place. */
struct placed {
    uint64_t key;
    uint32_t place;
};

struct placed_list {
    struct placed *items;
    size_t count;
};

static int by_key(const void *left, const void *right)
{
    const struct placed *const a = left;
    const struct placed *const b = right;
    return a->key != b->key ? (a->key < b->key ? -1 : 1)
                            : (a->place > b->place) - (a->place < b->place);
}

/** Sorts by key and keeps the first place of each. */
static void sort_distinct(struct placed_list *list)
{
    qsort(list->items, list->count, sizeof *list->items, by_key);
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (kept == 0 || list->items[kept - 1].key != list->items[i].key) {
            list->items[kept++] = list->items[i];
        }
    }
    list->count = kept;
}

/** Key of the text of a WordPiece token: "##ing" is "ing", "king" is " king". */
static uint64_t wordpiece_key(struct sva_span text, struct sva_bytes *scratch, size_t *size)
{
    scratch->size = 0;
    if (text.size > 2 && text.data[0] == '#' && text.data[1] == '#') {
        *size = text.size - 2;
        return sva_token_key(text.data + 2, *size);
    }
    sva_bytes_append(scratch, " ", 1);
    sva_bytes_append(scratch, text.data, text.size);
    *size = scratch->size;
    return scratch->failed ? 0 : sva_token_key(scratch->data, scratch->size);
}

/** Tokens of two bytes or more that are not special, by id. False: out of memory. */
static bool list_tokens(const struct sva_vocabulary *vocabulary, struct placed_list *list)
{
    const bool wordpiece = strcmp(vocabulary->model_type, "WordPiece") == 0;
    struct sva_bytes scratch = {0};
    list->items = sva_calloc(vocabulary->count, sizeof *list->items);
    for (size_t id = 0; list->items != NULL && id < vocabulary->count; id++) {
        const struct sva_token_entry *const entry = &vocabulary->entries[id];
        size_t size = entry->size;
        uint64_t key = vocabulary->keys[id];
        if (wordpiece && entry->kind != SVA_TOKEN_NONE) {
            key = wordpiece_key((struct sva_span){vocabulary->text.data + entry->text, entry->size},
                                &scratch, &size);
        }
        if (size > 1 &&
            (entry->kind == SVA_TOKEN_NORMAL || (wordpiece && entry->kind == SVA_TOKEN_BYTE))) {
            list->items[list->count++] = (struct placed){key, (uint32_t)id};
        }
    }
    const bool ok = list->items != NULL && !scratch.failed;
    sva_bytes_done(&scratch);
    return ok;
}

/** What merges make, each once. False: out of memory. */
static bool list_merges(const struct sva_vocabulary *vocabulary, struct placed_list *list)
{
    list->items = sva_calloc(vocabulary->merge_count, sizeof *list->items);
    for (size_t i = 0; list->items != NULL && i < vocabulary->merge_count; i++) {
        list->items[list->count++] = (struct placed){vocabulary->merges[i].formed, (uint32_t)i};
    }
    if (list->items != NULL) {
        sort_distinct(list);
    }
    return list->items != NULL;
}

static uint32_t rank_of(const struct placed_list *formed, uint64_t key)
{
    size_t low = 0;
    size_t high = formed->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (formed->items[middle].key < key) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < formed->count && formed->items[low].key == key ? formed->items[low].place
                                                                : UINT32_MAX;
}

/** The smallest keys of `tokens`, which are sorted. False: out of memory. */
static bool take_sample(const struct placed_list *tokens, const struct placed_list *formed,
                        struct sva_arena *arena, struct sva_token_sample *sample)
{
    const size_t count = tokens->count < SVA_TOKEN_SAMPLE ? tokens->count : SVA_TOKEN_SAMPLE;
    uint64_t *const keys = sva_arena_alloc(arena, count + 1, sizeof *keys);
    uint32_t *const ids = sva_arena_alloc(arena, count + 1, sizeof *ids);
    uint32_t *const ranks = sva_arena_alloc(arena, count + 1, sizeof *ranks);
    if (keys == NULL || ids == NULL || ranks == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        keys[i] = tokens->items[i].key;
        ids[i] = tokens->items[i].place;
        ranks[i] = sample->order == SVA_TOKEN_ORDER_MERGES ? rank_of(formed, keys[i]) : ids[i];
    }
    sample->population = (uint32_t)tokens->count;
    sample->sampled = (uint32_t)count;
    sample->keys = keys;
    sample->ids = ids;
    sample->ranks = ranks;
    return true;
}

/** The tokens that were made first: by merge, each once, else by id. False: out of memory. */
static bool take_first(const struct sva_vocabulary *vocabulary, const struct placed_list *tokens,
                       const struct placed_list *formed, struct sva_arena *arena,
                       struct sva_token_sample *sample)
{
    uint32_t *const first = sva_arena_alloc(arena, SVA_TOKEN_FIRST, sizeof *first);
    size_t count = 0;
    if (first == NULL) {
        return false;
    }
    if (sample->order == SVA_TOKEN_ORDER_MERGES) {
        for (size_t i = 0; i < vocabulary->merge_count && count < SVA_TOKEN_FIRST; i++) {
            const uint64_t key = vocabulary->merges[i].formed;
            if (rank_of(formed, key) == i) {
                first[count++] = (uint32_t)key;
            }
        }
    } else {
        for (size_t i = 0; i < tokens->count && count < SVA_TOKEN_FIRST; i++) {
            if (vocabulary->words[tokens->items[i].place]) { /* no "</s>" that is not marked */
                first[count++] = (uint32_t)tokens->items[i].key;
            }
        }
    }
    sample->first = first;
    sample->first_count = (uint32_t)count;
    return true;
}

/** A special token's text as far as it is kept; NULL: out of memory. */
static const char *special_text(struct sva_arena *arena, const uint8_t *text, size_t size)
{
    const size_t valid = sva_utf8_valid_prefix(text, size);
    if (valid < size || (size > 0 && memchr(text, '\0', size) != NULL)) {
        return "";
    }
    size_t kept = size;
    if (size > SVA_TOKEN_SPECIAL_BYTES) {
        kept = sva_utf8_valid_prefix(text, SVA_TOKEN_SPECIAL_BYTES);
    }
    return sva_arena_strndup(arena, (const char *)text, kept);
}

/** False: out of memory. */
static bool take_specials(const struct sva_vocabulary *vocabulary, struct sva_arena *arena,
                          struct sva_token_sample *sample)
{
    struct sva_special_token *const specials =
        sva_arena_alloc(arena, SVA_TOKEN_SPECIALS, sizeof *specials);
    if (specials == NULL) {
        return false;
    }
    for (size_t id = 0; id < vocabulary->count; id++) {
        const struct sva_token_entry *const entry = &vocabulary->entries[id];
        sample->byte_count += entry->kind == SVA_TOKEN_BYTE;
        if (entry->kind != SVA_TOKEN_SPECIAL) {
            continue;
        }
        if (sample->special_listed < SVA_TOKEN_SPECIALS) {
            struct sva_special_token *const special = &specials[sample->special_listed++];
            special->key = vocabulary->keys[id];
            special->id = (uint32_t)id;
            special->text = special_text(arena, vocabulary->text.data + entry->text, entry->size);
            if (special->text == NULL) {
                return false;
            }
        }
        sample->special_count++;
    }
    sample->specials = specials;
    return true;
}

static bool fill(const struct sva_vocabulary *vocabulary, struct sva_arena *arena,
                 struct sva_token_sample *sample, struct placed_list *tokens,
                 struct placed_list *formed)
{
    sample->order = vocabulary->merge_count > 0 ? SVA_TOKEN_ORDER_MERGES : SVA_TOKEN_ORDER_IDS;
    sample->token_count = (uint32_t)vocabulary->token_count;
    sample->merge_count = (uint32_t)vocabulary->merge_count;
    sample->kind = sva_vocabulary_kind(vocabulary);
    if (!list_tokens(vocabulary, tokens) || !list_merges(vocabulary, formed) ||
        !take_first(vocabulary, tokens, formed, arena, sample)) {
        return false;
    }
    sort_distinct(tokens);
    return take_sample(tokens, formed, arena, sample) && take_specials(vocabulary, arena, sample);
}

enum sva_status sva_vocabulary_sample(const struct sva_vocabulary *vocabulary,
                                      struct sva_arena *arena, struct sva_token_sample **sample,
                                      struct sva_error *error)
{
    struct placed_list tokens = {0};
    struct placed_list formed = {0};
    struct sva_token_sample *const made = sva_arena_alloc(arena, 1, sizeof *made);
    const bool ok = made != NULL && fill(vocabulary, arena, made, &tokens, &formed);
    sva_free(tokens.items);
    sva_free(formed.items);
    enum sva_status status = ok ? SVA_OK : sva_fail_memory(error, "reading a vocabulary");
    if (status == SVA_OK) {
        status = sva_vocabulary_digest(vocabulary, made->digest, error);
    }
    if (status == SVA_OK) {
        status = sva_vocabulary_merges_digest(vocabulary, made->merges_digest, error);
    }
    if (status == SVA_OK) {
        *sample = made;
    }
    return status;
}
