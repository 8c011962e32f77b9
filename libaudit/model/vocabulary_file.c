/* SPDX-License-Identifier: Apache-2.0 */
#include "model/vocabulary_file.h"

#include <string.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/text.h"
#include "format/json.h"
#include "model/gguf_facts.h"
#include "model/sentencepiece.h"
#include "model/tiktoken.h"
#include "model/tokenizer.h"

static enum sva_status take_tokenizer_json(struct sva_span bytes, const char *what, uint32_t depth,
                                           struct sva_vocabulary *vocabulary,
                                           struct sva_error *error)
{
    return sva_tokenizer_parse(bytes, what, depth, vocabulary, error);
}

static enum sva_status take_vocab_json(struct sva_span bytes, const char *what, uint32_t depth,
                                       struct sva_vocabulary *vocabulary, struct sva_error *error)
{
    return sva_vocab_json_parse(bytes, what, depth, vocabulary, error);
}

static enum sva_status take_merges(struct sva_span bytes, const char *what, uint32_t depth,
                                   struct sva_vocabulary *vocabulary, struct sva_error *error)
{
    (void)depth;
    return sva_merges_parse(bytes, what, vocabulary, error);
}

static enum sva_status take_vocab_text(struct sva_span bytes, const char *what, uint32_t depth,
                                       struct sva_vocabulary *vocabulary, struct sva_error *error)
{
    (void)what;
    (void)depth;
    return sva_vocab_text_parse(bytes, vocabulary, error);
}

/** tokenizer.model: SentencePiece's, or tiktoken's under the same name. */
static enum sva_status take_model(struct sva_span bytes, const char *what, uint32_t depth,
                                  struct sva_vocabulary *vocabulary, struct sva_error *error)
{
    (void)depth;
    return sva_tiktoken_sniff(bytes) ? sva_tiktoken_parse(bytes, what, vocabulary, error)
                                     : sva_sentencepiece_parse(bytes, what, vocabulary, error);
}

static const struct sva_vocabulary_name names[] = {
    {"tokenizer.json", take_tokenizer_json, NULL, NULL},
    {"vocab.json", take_vocab_json, "merges.txt", take_merges},
    {"vocab.txt", take_vocab_text, NULL, NULL},
    {"tokenizer.model", take_model, NULL, NULL},
    {"spiece.model", take_model, NULL, NULL},
    {"sentencepiece.bpe.model", take_model, NULL, NULL},
    {"tokenizer.tiktoken", take_model, NULL, NULL},
    {"qwen.tiktoken", take_model, NULL, NULL},
};

const struct sva_vocabulary_name *sva_vocabulary_name_at(size_t index)
{
    return index < sizeof names / sizeof *names ? &names[index] : NULL;
}

/* ---- one file on its own ---- */

static enum sva_status load_gguf(const struct sva_input *input, const char *path,
                                 const struct sva_limits *limits, struct sva_vocabulary *vocabulary,
                                 struct sva_error *error)
{
    const struct sva_source source = sva_source_of_input(input);
    struct sva_gguf gguf = {0};
    enum sva_status status = sva_gguf_parse(&source, limits, &gguf, error);
    if (status == SVA_OK) {
        const struct sva_gguf_file file = sva_gguf_file_of(&gguf, &source, path);
        status = sva_gguf_has_vocabulary(&gguf)
                     ? sva_gguf_read_vocabulary(&file, vocabulary, error)
                     : sva_fail(error, SVA_ERR_NOTHING, "%s: there is no vocabulary in this file",
                                sva_esc(path).text);
        sva_gguf_done(&gguf);
    }
    return status;
}

/** Does the object hold "model", as tokenizer.json does? Errors are left to the parser. */
static bool holds_model(struct sva_span bytes, uint32_t depth)
{
    struct sva_json json;
    enum sva_json_token token = SVA_JSON_END;
    bool found = false;
    sva_json_init(&json, bytes, "", 0, depth);
    bool more = sva_json_next(&json, &token, NULL) == SVA_OK && token == SVA_JSON_OBJECT_BEGIN;
    while (more && !found && sva_json_next(&json, &token, NULL) == SVA_OK &&
           token == SVA_JSON_KEY) {
        if (strcmp(json.text, "model") == 0) {
            more = sva_json_next(&json, &token, NULL) == SVA_OK;
            found = more && token == SVA_JSON_OBJECT_BEGIN;
            more = false; /* a token of that name has a number */
        } else {
            more = sva_json_skip(&json, NULL) == SVA_OK;
        }
    }
    sva_json_done(&json);
    return found;
}

static enum sva_status load_bytes(struct sva_span bytes, const char *what, uint32_t depth,
                                  struct sva_vocabulary *vocabulary, struct sva_error *error)
{
    size_t at = 0;
    while (at < bytes.size && at < 64 && (bytes.data[at] == ' ' || bytes.data[at] == '\n')) {
        at++;
    }
    if (at < bytes.size && bytes.data[at] == '{') {
        return holds_model(bytes, depth)
                   ? sva_tokenizer_parse(bytes, what, depth, vocabulary, error)
                   : sva_vocab_json_parse(bytes, what, depth, vocabulary, error);
    }
    if (sva_tiktoken_sniff(bytes)) {
        return sva_tiktoken_parse(bytes, what, vocabulary, error);
    }
    return sva_sentencepiece_sniff(bytes) ? sva_sentencepiece_parse(bytes, what, vocabulary, error)
                                          : sva_vocab_text_parse(bytes, vocabulary, error);
}

/** merges.txt in the same directory, where `path` is .../vocab.json. */
static enum sva_status load_merges(const char *path, const struct sva_limits *limits,
                                   struct sva_vocabulary *vocabulary, struct sva_error *error)
{
    static const char name[] = "vocab.json";
    const size_t length = strlen(path);
    const size_t base = sizeof name - 1;
    if (length < base || strcmp(path + length - base, name) != 0) {
        return SVA_OK;
    }
    struct sva_bytes beside = {0};
    sva_bytes_append(&beside, path, length - base);
    sva_bytes_text(&beside, "merges.txt");
    if (beside.failed) {
        return sva_fail_memory(error, "reading a vocabulary");
    }
    const char *const merges = (const char *)beside.data;
    struct sva_input input;
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum sva_status status = SVA_OK;
    if (sva_input_open(-1, merges, true, &input, NULL) == SVA_OK) { /* it may be absent */
        sva_input_close(&input);
        status = sva_read_file(merges, limits->tokenizer_bytes, &bytes, &size, error);
        if (status == SVA_OK) {
            status = sva_merges_parse((struct sva_span){bytes, size}, sva_esc(merges).text,
                                      vocabulary, error);
        }
    }
    sva_free(bytes);
    sva_bytes_done(&beside);
    return status;
}

enum sva_status sva_vocabulary_load(const char *path, const struct sva_limits *limits,
                                    struct sva_vocabulary *vocabulary, struct sva_error *error)
{
    struct sva_input input;
    uint8_t magic[4] = {0};
    enum sva_status status = sva_input_open(-1, path, true, &input, error);
    if (status != SVA_OK) {
        return status;
    }
    if (input.size_bytes >= sizeof magic) {
        status = sva_input_read(&input, 0, magic, sizeof magic, error);
    }
    if (status == SVA_OK && memcmp(magic, "GGUF", sizeof magic) == 0) {
        status = load_gguf(&input, path, limits, vocabulary, error);
        sva_input_close(&input);
        return status;
    }
    sva_input_close(&input);
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (status == SVA_OK) {
        status = sva_read_file(path, limits->tokenizer_bytes, &bytes, &size, error);
    }
    if (status == SVA_OK) {
        status = load_bytes((struct sva_span){bytes, size}, sva_esc(path).text, limits->json_depth,
                            vocabulary, error);
    }
    sva_free(bytes);
    if (status == SVA_OK) {
        status = load_merges(path, limits, vocabulary, error);
        if (status != SVA_OK) {
            sva_vocabulary_done(vocabulary);
        }
    }
    return status;
}
