/* SPDX-License-Identifier: Apache-2.0 */
/* The vocabulary inside a GGUF file, one key per token as from tokenizer.json. */
#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "model/gguf_facts.h"
#include "model/tokenizer.h"

/* tokenizer.ggml.token_type */
enum token_type {
    TYPE_NORMAL = 1,
    TYPE_UNKNOWN = 2,
    TYPE_CONTROL = 3,
    TYPE_USER_DEFINED = 4,
    TYPE_UNUSED = 5,
};

enum form {
    AS_IT_IS,
    PHANTOM_SPACES, /**< WordPiece as the converter writes it: U+2581 for "begins a word" */
};

struct tokenizer_model {
    const char *name;       /**< tokenizer.ggml.model */
    const char *model_type; /**< as in tokenizer.json */
    enum sva_token_style style;
    enum form form;
};

static const struct tokenizer_model models[] = {
    {"gpt2", "BPE", SVA_TOKENS_BYTE_LEVEL, AS_IT_IS},
    {"llama", "BPE", SVA_TOKENS_SENTENCEPIECE, AS_IT_IS},
    {"gemma4", "BPE", SVA_TOKENS_SENTENCEPIECE, AS_IT_IS},
    {"t5", "Unigram", SVA_TOKENS_SENTENCEPIECE, AS_IT_IS},
    {"plamo2", "", SVA_TOKENS_SENTENCEPIECE, AS_IT_IS},
    {"bert", "WordPiece", SVA_TOKENS_PLAIN, PHANTOM_SPACES},
    {"rwkv", "", SVA_TOKENS_PLAIN, AS_IT_IS},
};

static const struct tokenizer_model unknown_model = {"", "", SVA_TOKENS_PLAIN, AS_IT_IS};

/** Two lists walked side by side, and what comes out. */
struct reader {
    const struct tokenizer_model *model;
    struct sva_gguf_walk tokens, types;
    bool has_types;
    struct sva_vocabulary vocabulary;
    struct sva_bytes scratch, piece;
};

static const struct tokenizer_model *model_of(const struct sva_gguf *gguf)
{
    const char *const name = sva_gguf_text(gguf, "tokenizer.ggml.model");
    for (size_t i = 0; name != NULL && i < sizeof models / sizeof *models; i++) {
        if (strcmp(models[i].name, name) == 0) {
            return &models[i];
        }
    }
    return &unknown_model;
}

/* Converters fill a vocabulary up to the embedding's rows with "[PAD<id>]". */
static bool is_padding(int64_t type, uint64_t id, const uint8_t *text, uint64_t size)
{
    char expected[32];
    const int length = snprintf(expected, sizeof expected, "[PAD%llu]", (unsigned long long)id);
    return type == TYPE_UNUSED && (uint64_t)length == size && memcmp(text, expected, size) == 0;
}

/*
 * Added tokens are plain text. Those that are not special keep the spaces of the alphabet that
 * the pieces are written in.
 */
static enum sva_token_style style_of(const struct reader *reader, int64_t type)
{
    const enum sva_token_style style = reader->model->style;
    if (type == TYPE_CONTROL || (type == TYPE_USER_DEFINED && style != SVA_TOKENS_SENTENCEPIECE)) {
        return SVA_TOKENS_PLAIN;
    }
    return style;
}

/* "<U+2581>word" was "word", "word" was "##word"; "[CLS]" and its like were left alone. */
static struct sva_span wordpiece_of(struct reader *reader, struct sva_span text)
{
    static const char mark[] = "\xe2\x96\x81";
    const size_t mark_bytes = sizeof mark - 1;
    if (text.size >= mark_bytes && memcmp(text.data, mark, mark_bytes) == 0) {
        return (struct sva_span){text.data + mark_bytes, text.size - mark_bytes};
    }
    if (text.size == 0 || (text.data[0] == '[' && text.data[text.size - 1] == ']')) {
        return text;
    }
    reader->piece.size = 0;
    sva_bytes_append(&reader->piece, "##", 2);
    sva_bytes_append(&reader->piece, text.data, text.size);
    return (struct sva_span){reader->piece.data, reader->piece.size};
}

static enum sva_status take_token(struct reader *reader, uint64_t id, struct sva_error *error)
{
    const uint8_t *bytes = NULL;
    uint64_t size = 0;
    int64_t type = TYPE_NORMAL;
    enum sva_status status = sva_gguf_walk_string(&reader->tokens, &bytes, &size, error);
    if (status == SVA_OK && reader->has_types && reader->types.left > 0) {
        union sva_gguf_scalar scalar = {0};
        status = sva_gguf_walk_scalar(&reader->types, &scalar, error);
        type = scalar.i;
    }
    if (status != SVA_OK) {
        return status;
    }
    if (bytes == NULL) {
        reader->vocabulary.ignored_count++; /* longer than any token */
        return SVA_OK;
    }
    if (is_padding(type, id, bytes, size)) {
        return SVA_OK;
    }
    reader->vocabulary.special_count += type == TYPE_CONTROL || type == TYPE_UNKNOWN;
    struct sva_span text = {bytes, (size_t)size};
    if (reader->model->form == PHANTOM_SPACES) {
        text = wordpiece_of(reader, text);
    }
    if (reader->piece.failed) {
        return sva_fail_memory(error, "reading a vocabulary");
    }
    status = sva_vocabulary_put(&reader->vocabulary, id, style_of(reader, type), text,
                                &reader->scratch, error);
    if (status == SVA_OK && (type == TYPE_CONTROL || type == TYPE_UNKNOWN || type == TYPE_UNUSED)) {
        sva_vocabulary_mark_special(&reader->vocabulary, id);
    }
    return status;
}

static enum sva_status read_tokens(struct reader *reader, const struct sva_gguf_file *file,
                                   const struct sva_gguf_value *tokens, struct sva_error *error)
{
    const struct sva_gguf_value *const types =
        sva_gguf_find(file->gguf, "tokenizer.ggml.token_type");
    enum sva_status status =
        sva_gguf_walk_init(&reader->tokens, file->source, file->gguf, tokens, error);
    if (status == SVA_OK && types != NULL && types->type == SVA_GGUF_ARRAY &&
        sva_gguf_is_integer(types->element_type)) {
        status = sva_gguf_walk_init(&reader->types, file->source, file->gguf, types, error);
        reader->has_types = status == SVA_OK;
    }
    for (uint64_t id = 0; status == SVA_OK && reader->tokens.left > 0; id++) {
        status = take_token(reader, id, error);
    }
    sva_gguf_walk_done(&reader->tokens);
    sva_gguf_walk_done(&reader->types);
    return status;
}

/** The merges, in order. One that is no merge is counted and left out. */
static enum sva_status read_merges(struct reader *reader, const struct sva_gguf_file *file,
                                   struct sva_error *error)
{
    const struct sva_gguf_value *const merges = sva_gguf_find(file->gguf, "tokenizer.ggml.merges");
    struct sva_gguf_walk walk = {0};
    if (merges == NULL || merges->type != SVA_GGUF_ARRAY ||
        merges->element_type != SVA_GGUF_STRING) {
        return SVA_OK;
    }
    enum sva_status status = sva_gguf_walk_init(&walk, file->source, file->gguf, merges, error);
    while (status == SVA_OK && walk.left > 0) {
        const uint8_t *bytes = NULL;
        uint64_t size = 0;
        bool valid = false;
        status = sva_gguf_walk_string(&walk, &bytes, &size, error);
        if (status == SVA_OK && bytes != NULL) {
            status = sva_vocabulary_merge_text(&reader->vocabulary,
                                               (struct sva_span){bytes, (size_t)size},
                                               &reader->scratch, &valid, error);
        }
        reader->vocabulary.ignored_count += valid ? 0 : 1;
    }
    sva_gguf_walk_done(&walk);
    return status;
}

/* What else the file says about its tokenizer. */
static enum sva_status more_facts(struct sva_parts *parts, const struct sva_gguf *gguf,
                                  struct sva_error *error)
{
    static const char *const texts[][2] = {{"tokenizer.ggml.model", "tokenizer.model"},
                                           {"tokenizer.ggml.pre", "tokenizer.pre"}};
    static const char *const numbers[][2] = {
        {"tokenizer.ggml.bos_token_id", "tokenizer.bos_token_id"},
        {"tokenizer.ggml.eos_token_id", "tokenizer.eos_token_id"},
        {"tokenizer.ggml.unknown_token_id", "tokenizer.unk_token_id"},
        {"tokenizer.ggml.padding_token_id", "tokenizer.pad_token_id"},
        {"tokenizer.ggml.eot_token_id", "tokenizer.eot_token_id"},
    };
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < sizeof texts / sizeof *texts; i++) {
        const char *const text = sva_gguf_text(gguf, texts[i][0]);
        if (text != NULL &&
            sva_utf8_valid_prefix((const uint8_t *)text, strlen(text)) == strlen(text)) {
            status = sva_parts_fact(parts, texts[i][1], text, error);
        }
    }
    for (size_t i = 0; status == SVA_OK && i < sizeof numbers / sizeof *numbers; i++) {
        uint64_t number = 0;
        if (sva_gguf_u64(gguf, numbers[i][0], &number)) {
            status = sva_parts_fact_u64(parts, numbers[i][1], number, error);
        }
    }
    const struct sva_gguf_value *const merges = sva_gguf_find(gguf, "tokenizer.ggml.merges");
    return status == SVA_OK && merges != NULL && merges->type == SVA_GGUF_ARRAY
               ? sva_parts_fact_u64(parts, "tokenizer.merges", merges->count, error)
               : status;
}

bool sva_gguf_has_vocabulary(const struct sva_gguf *gguf)
{
    const struct sva_gguf_value *const tokens = sva_gguf_find(gguf, "tokenizer.ggml.tokens");
    return tokens != NULL && tokens->type == SVA_GGUF_ARRAY &&
           tokens->element_type == SVA_GGUF_STRING && tokens->count > 0;
}

enum sva_status sva_gguf_read_vocabulary(const struct sva_gguf_file *file,
                                         struct sva_vocabulary *vocabulary, struct sva_error *error)
{
    const struct sva_gguf_value *const tokens = sva_gguf_find(file->gguf, "tokenizer.ggml.tokens");
    struct reader reader = {.model = model_of(file->gguf)};
    reader.vocabulary.model_type = reader.model->model_type;
    reader.vocabulary.style = reader.model->style;
    enum sva_status status = read_tokens(&reader, file, tokens, error);
    if (status == SVA_OK) {
        status = read_merges(&reader, file, error);
    }
    sva_bytes_done(&reader.scratch);
    sva_bytes_done(&reader.piece);
    if (status == SVA_OK) {
        *vocabulary = reader.vocabulary;
    } else {
        sva_vocabulary_done(&reader.vocabulary);
    }
    return status;
}

enum sva_status sva_gguf_vocabulary(struct sva_parts *parts, const struct sva_gguf_file *file,
                                    struct sva_error *error)
{
    struct sva_vocabulary vocabulary = {0};
    enum sva_status status = more_facts(parts, file->gguf, error);
    if (status != SVA_OK || !sva_gguf_has_vocabulary(file->gguf)) {
        return status;
    }
    status = sva_gguf_read_vocabulary(file, &vocabulary, error);
    if (status == SVA_OK) {
        status = sva_tokenizer_publish(parts, file->path, &vocabulary, error);
    }
    sva_vocabulary_done(&vocabulary);
    return status;
}
