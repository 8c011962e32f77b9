/* SPDX-License-Identifier: Apache-2.0 */
/* What known keys hold: a loader that trusts their types or lengths goes wrong. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "format/gguf_reader.h"

enum kind { A_STRING, AN_INTEGER, STRINGS, INTEGERS, FLOATS };

static const struct {
    const char *key;
    enum kind kind;
} known[] = {
    {"general.architecture", A_STRING},
    {"general.type", A_STRING},
    {"general.name", A_STRING},
    {"general.file_type", AN_INTEGER},
    {"general.quantization_version", AN_INTEGER},
    {"general.base_model.count", AN_INTEGER},
    {"split.no", AN_INTEGER},
    {"split.count", AN_INTEGER},
    {"split.tensors.count", AN_INTEGER},
    {"tokenizer.ggml.model", A_STRING},
    {"tokenizer.ggml.pre", A_STRING},
    {"tokenizer.ggml.tokens", STRINGS},
    {"tokenizer.ggml.merges", STRINGS},
    {"tokenizer.ggml.scores", FLOATS},
    {"tokenizer.ggml.token_type", INTEGERS},
    {"tokenizer.ggml.bos_token_id", AN_INTEGER},
    {"tokenizer.ggml.eos_token_id", AN_INTEGER},
    {"tokenizer.chat_template", A_STRING},
};

/* The deepest published networks have some 200 blocks. */
enum { BLOCKS_PLAUSIBLE = 1024 };

static const struct sva_gguf_value *find(const struct sva_gguf_reader *reader, const char *key)
{
    for (size_t i = 0; i < reader->value_count; i++) {
        if (strcmp(reader->values[i].key, key) == 0) {
            return &reader->values[i];
        }
    }
    return NULL;
}

static bool is_of_kind(const struct sva_gguf_value *value, enum kind kind)
{
    const bool array = value->type == SVA_GGUF_ARRAY;
    const enum sva_gguf_type element = value->element_type;
    switch (kind) {
    case A_STRING: return value->type == SVA_GGUF_STRING;
    case AN_INTEGER: return sva_gguf_is_integer(value->type);
    case STRINGS: return array && element == SVA_GGUF_STRING;
    case INTEGERS: return array && sva_gguf_is_integer(element);
    case FLOATS: break;
    }
    return array && (element == SVA_GGUF_F32 || element == SVA_GGUF_F64);
}

static void note_value(struct sva_tally *tally, const struct sva_gguf_value *value)
{
    sva_tally_add(tally, value->key, strlen(value->key), value->offset);
}

static void check_types(struct sva_gguf_reader *reader)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const struct sva_gguf_value *const value = find(reader, known[i].key);
        if (value != NULL && !is_of_kind(value, known[i].kind)) {
            note_value(&reader->wrong_types, value);
        }
    }
}

static enum sva_status check_alignment(struct sva_gguf_reader *reader)
{
    const struct sva_gguf_value *const value = find(reader, "general.alignment");
    reader->alignment = SVA_GGUF_ALIGNMENT;
    if (value == NULL) {
        return SVA_OK;
    }
    if (value->type != SVA_GGUF_U32) {
        return sva_fail_at(reader->error, SVA_ERR_CORRUPT, value->offset,
                           "%s: general.alignment at byte %" PRIu64 " is of type %s instead of u32",
                           reader->what, value->offset, sva_gguf_type_name(value->type));
    }
    const uint64_t number = value->scalar.u;
    const bool power = number != 0 && (number & (number - 1)) == 0;
    if (!power && (number == 0 || number % 8 != 0)) {
        return sva_fail_at(reader->error, SVA_ERR_CORRUPT, value->offset,
                           "%s: an alignment of %" PRIu64 " at byte %" PRIu64
                           " is neither a power of 2 nor a multiple of 8",
                           reader->what, number, value->offset);
    }
    if (number > SVA_GGUF_ALIGNMENT_MOST) {
        return sva_fail_at(reader->error, SVA_ERR_LIMIT, value->offset,
                           "%s: an alignment of %" PRIu64 " at byte %" PRIu64
                           ", more than the limit of %d",
                           reader->what, number, value->offset, SVA_GGUF_ALIGNMENT_MOST);
    }
    reader->alignment = (uint32_t)number;
    if (!power || number % 8 != 0) {
        sva_notes_add(&reader->notes, &reader->arena, "odd-alignment",
                      "an alignment of %" PRIu64 "; loaders disagree on whether it is one", number);
    }
    return SVA_OK;
}

/* Lists about tokens have one entry per token. */
static void check_token_lists(struct sva_gguf_reader *reader)
{
    static const char *const lists[] = {"tokenizer.ggml.scores", "tokenizer.ggml.token_type"};
    const struct sva_gguf_value *const tokens = find(reader, "tokenizer.ggml.tokens");
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const struct sva_gguf_value *const list = find(reader, lists[i]);
        if (list != NULL && list->type == SVA_GGUF_ARRAY &&
            (tokens == NULL || tokens->type != SVA_GGUF_ARRAY || tokens->count != list->count)) {
            note_value(&reader->odd_lengths, list);
        }
    }
}

static bool number_of(const struct sva_gguf_value *value, uint64_t *number)
{
    return value != NULL && sva_gguf_scalar_u64(value->type, value->scalar, number);
}

/* A state-space model has no heads and says 0. */
static bool may_lack_heads(const char *architecture)
{
    return strstr(architecture, "mamba") != NULL || strstr(architecture, "rwkv") != NULL;
}

static const struct sva_gguf_value *find_of(const struct sva_gguf_reader *reader,
                                            const char *architecture, const char *rest)
{
    char key[128];
    snprintf(key, sizeof key, "%s.%s", architecture, rest);
    return find(reader, key);
}

static void check_heads(struct sva_gguf_reader *reader, const char *architecture)
{
    uint64_t heads = 0;
    const struct sva_gguf_value *const value =
        find_of(reader, architecture, "attention.head_count");
    if (value != NULL && value->type != SVA_GGUF_ARRAY && !may_lack_heads(architecture) &&
        (!number_of(value, &heads) || heads == 0)) {
        note_value(&reader->odd_numbers, value);
    }
}

/* Numbers of the network that make loaders divide by zero or reserve far too much. */
static void check_hyperparameters(struct sva_gguf_reader *reader)
{
    static const char *const lists[] = {"attention.head_count", "attention.head_count_kv",
                                        "feed_forward_length"};
    const struct sva_gguf_value *const architecture = find(reader, "general.architecture");
    if (architecture == NULL || architecture->text == NULL || architecture->size_bytes > 64) {
        return;
    }
    const char *const name = architecture->text;
    uint64_t blocks = 0;
    const struct sva_gguf_value *value = find_of(reader, name, "block_count");
    const bool counted = number_of(value, &blocks);
    if (value != NULL && (!counted || blocks > BLOCKS_PLAUSIBLE)) {
        note_value(&reader->odd_numbers, value);
    }
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        value = find_of(reader, name, lists[i]);
        if (value != NULL && value->type == SVA_GGUF_ARRAY && counted && value->count < blocks) {
            note_value(&reader->odd_lengths, value);
        }
    }
    check_heads(reader, name);
}

static void check_split(struct sva_gguf_reader *reader)
{
    const struct sva_gguf_value *const number = find(reader, "split.no");
    const struct sva_gguf_value *const count = find(reader, "split.count");
    const struct sva_gguf_value *const tensors = find(reader, "split.tensors.count");
    uint64_t n = 0;
    uint64_t of = 0;
    uint64_t all = 0;
    const struct sva_gguf_value *odd = NULL;
    if (count != NULL && (!number_of(count, &of) || of == 0)) {
        odd = count;
    } else if (number != NULL && (!number_of(number, &n) || count == NULL || n >= of)) {
        odd = number;
    } else if (tensors != NULL && (!number_of(tensors, &all) || all < reader->tensors_stated)) {
        odd = tensors;
    }
    if (odd != NULL) {
        note_value(&reader->odd_splits, odd);
    }
}

enum sva_status sva_gguf_check_keys(struct sva_gguf_reader *reader)
{
    check_types(reader);
    check_token_lists(reader);
    check_hyperparameters(reader);
    check_split(reader);
    return check_alignment(reader);
}
