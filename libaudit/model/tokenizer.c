/* SPDX-License-Identifier: Apache-2.0 */
#include "model/tokenizer.h"

#include <string.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/text.h"
#include "format/json.h"
#include "model/model_facts.h"

/** The scanner and what is learnt on the way. */
struct reader {
    struct sva_json json;
    enum sva_json_token token;
    struct sva_vocabulary *vocabulary;
    struct sva_bytes canonical;
    struct sva_bytes piece;
    struct sva_error *error;
};

static enum sva_status step(struct reader *reader)
{
    return sva_json_next(&reader->json, &reader->token, reader->error);
}

static enum sva_status fail_shape(struct reader *reader, const char *what)
{
    return sva_fail_at(reader->error, SVA_ERR_CORRUPT, reader->json.token_offset,
                       "%s: %s at byte %llu", reader->json.what, what,
                       (unsigned long long)reader->json.token_offset);
}

static enum sva_status put_token(struct reader *reader, uint64_t id, const char *text, size_t size,
                                 enum sva_token_style style)
{
    return sva_vocabulary_put(reader->vocabulary, id, style,
                              (struct sva_span){(const uint8_t *)text, size}, &reader->canonical,
                              reader->error);
}

static bool text_is(const struct sva_json *json, const char *text)
{
    return json->text_size == strlen(text) && memcmp(json->text, text, json->text_size) == 0;
}

/** What a pre-tokenizer, decoder or normalizer says about how tokens are written. */
static enum sva_status scan_style(struct reader *reader, bool *byte_level, bool *pieces)
{
    const uint32_t depth = reader->json.depth;
    do {
        const enum sva_status status = step(reader);
        if (status != SVA_OK) {
            return status;
        }
        if (reader->token == SVA_JSON_STRING) {
            *byte_level = *byte_level || text_is(&reader->json, "ByteLevel");
            *pieces = *pieces || text_is(&reader->json, "Metaspace") ||
                      text_is(&reader->json, "ByteFallback") ||
                      text_is(&reader->json, "\xe2\x96\x81");
        }
    } while (reader->json.depth > depth);
    return SVA_OK;
}

/** model.type */
static enum sva_status scan_model(struct reader *reader)
{
    static const char *const types[] = {"BPE", "WordPiece", "Unigram", "WordLevel"};
    enum sva_status status = step(reader);
    if (status != SVA_OK || reader->token != SVA_JSON_OBJECT_BEGIN) {
        return status != SVA_OK ? status : fail_shape(reader, "the model is not an object");
    }
    while ((status = step(reader)) == SVA_OK && reader->token == SVA_JSON_KEY) {
        if (!text_is(&reader->json, "type")) {
            status = sva_json_skip(&reader->json, reader->error);
        } else {
            status = step(reader);
            for (size_t i = 0; status == SVA_OK && i < sizeof types / sizeof *types; i++) {
                if (reader->token == SVA_JSON_STRING && text_is(&reader->json, types[i])) {
                    reader->vocabulary->model_type = types[i];
                }
            }
            if (status == SVA_OK &&
                (reader->token == SVA_JSON_OBJECT_BEGIN || reader->token == SVA_JSON_ARRAY_BEGIN)) {
                return fail_shape(reader, "the model's type is not a string");
            }
        }
        if (status != SVA_OK) {
            return status;
        }
    }
    return status;
}

/** First pass: how are tokens written? Second pass: the tokens. */
static enum sva_status first_pass(struct reader *reader)
{
    bool byte_level = false;
    bool pieces = false;
    enum sva_status status = step(reader);
    if (status != SVA_OK || reader->token != SVA_JSON_OBJECT_BEGIN) {
        return status != SVA_OK ? status : fail_shape(reader, "this is not an object");
    }
    while ((status = step(reader)) == SVA_OK && reader->token == SVA_JSON_KEY) {
        if (text_is(&reader->json, "pre_tokenizer") || text_is(&reader->json, "decoder")) {
            status = scan_style(reader, &byte_level, &pieces);
        } else if (text_is(&reader->json, "normalizer")) {
            bool ignored = false;
            status = scan_style(reader, &ignored, &pieces);
        } else if (text_is(&reader->json, "model")) {
            status = scan_model(reader);
        } else {
            status = sva_json_skip(&reader->json, reader->error);
        }
        if (status != SVA_OK) {
            return status;
        }
    }
    if (status == SVA_OK) {
        status = step(reader); /* END, or trailing bytes */
    }
    pieces = pieces || strcmp(reader->vocabulary->model_type, "Unigram") == 0;
    reader->vocabulary->style = byte_level ? SVA_TOKENS_BYTE_LEVEL
                                : pieces   ? SVA_TOKENS_SENTENCEPIECE
                                           : SVA_TOKENS_PLAIN;
    return status;
}

/** {"token": id, ...}, the opening brace already read. */
static enum sva_status read_map(struct reader *reader, enum sva_token_style style)
{
    enum sva_status status;
    while ((status = step(reader)) == SVA_OK && reader->token == SVA_JSON_KEY) {
        reader->piece.size = 0;
        sva_bytes_append(&reader->piece, reader->json.text, reader->json.text_size);
        if (reader->piece.failed) {
            return sva_fail_memory(reader->error, "reading a vocabulary");
        }
        status = step(reader);
        if (status != SVA_OK) {
            return status;
        }
        uint64_t id = 0;
        if (reader->token != SVA_JSON_NUMBER || !sva_json_u64(&reader->json, &id)) {
            return fail_shape(reader, "a token's id is not a whole number");
        }
        status = put_token(reader, id, (const char *)reader->piece.data, reader->piece.size, style);
        if (status != SVA_OK) {
            return status;
        }
    }
    return status;
}

/** [["piece", score], ...], the opening bracket already read: ids count up. */
static enum sva_status read_pieces(struct reader *reader, enum sva_token_style style)
{
    enum sva_status status;
    uint64_t id = 0;
    while ((status = step(reader)) == SVA_OK && reader->token == SVA_JSON_ARRAY_BEGIN) {
        status = step(reader);
        if (status != SVA_OK) {
            return status;
        }
        if (reader->token != SVA_JSON_STRING) {
            return fail_shape(reader, "a piece of the vocabulary is not a string");
        }
        status = put_token(reader, id++, reader->json.text, reader->json.text_size, style);
        while (status == SVA_OK && (status = step(reader)) == SVA_OK &&
               reader->token == SVA_JSON_NUMBER) {
        }
        if (status != SVA_OK) {
            return status;
        }
        if (reader->token != SVA_JSON_ARRAY_END) {
            return fail_shape(reader, "a piece of the vocabulary holds more than a score");
        }
    }
    if (status == SVA_OK && reader->token != SVA_JSON_ARRAY_END) {
        return fail_shape(reader, "a piece of the vocabulary is not an array");
    }
    return status;
}

/** The value of "vocab". */
static enum sva_status read_tokens(struct reader *reader)
{
    const enum sva_status status = step(reader);
    if (status == SVA_OK && reader->token == SVA_JSON_OBJECT_BEGIN) {
        return read_map(reader, reader->vocabulary->style);
    }
    if (status == SVA_OK && reader->token == SVA_JSON_ARRAY_BEGIN) {
        return read_pieces(reader, reader->vocabulary->style);
    }
    return status != SVA_OK ? status
                            : fail_shape(reader, "the vocabulary is neither object nor array");
}

/** ["left", "right"], the opening bracket already read. */
static enum sva_status read_halves(struct reader *reader)
{
    enum sva_status status = step(reader);
    if (status != SVA_OK || reader->token != SVA_JSON_STRING) {
        return status != SVA_OK ? status : fail_shape(reader, "a merge is not two strings");
    }
    reader->piece.size = 0;
    sva_bytes_append(&reader->piece, reader->json.text, reader->json.text_size);
    if (reader->piece.failed) {
        return sva_fail_memory(reader->error, "reading a vocabulary");
    }
    status = step(reader);
    if (status != SVA_OK || reader->token != SVA_JSON_STRING) {
        return status != SVA_OK ? status : fail_shape(reader, "a merge is not two strings");
    }
    const struct sva_span right = {(const uint8_t *)reader->json.text, reader->json.text_size};
    status = sva_vocabulary_merge(reader->vocabulary,
                                  (struct sva_span){reader->piece.data, reader->piece.size}, right,
                                  &reader->canonical, reader->error);
    if (status == SVA_OK) {
        status = step(reader);
    }
    return status != SVA_OK || reader->token == SVA_JSON_ARRAY_END
               ? status
               : fail_shape(reader, "a merge is not two strings");
}

/** "left right" */
static enum sva_status read_merge_text(struct reader *reader)
{
    bool valid = false;
    const struct sva_span text = {(const uint8_t *)reader->json.text, reader->json.text_size};
    const enum sva_status status = sva_vocabulary_merge_text(
        reader->vocabulary, text, &reader->canonical, &valid, reader->error);
    return status != SVA_OK || valid ? status
                                     : fail_shape(reader, "a merge is not two texts and a space");
}

/** The value of "merges": null, or an array of "left right" or ["left", "right"]. */
static enum sva_status read_merges(struct reader *reader)
{
    enum sva_status status = step(reader);
    if (status != SVA_OK || reader->token == SVA_JSON_NULL) {
        return status;
    }
    if (reader->token != SVA_JSON_ARRAY_BEGIN) {
        return fail_shape(reader, "merges is not an array");
    }
    while ((status = step(reader)) == SVA_OK && reader->token != SVA_JSON_ARRAY_END) {
        if (reader->token == SVA_JSON_ARRAY_BEGIN) {
            status = read_halves(reader);
        } else if (reader->token == SVA_JSON_STRING) {
            status = read_merge_text(reader);
        } else {
            status = fail_shape(reader, "a merge is neither a string nor an array");
        }
        if (status != SVA_OK) {
            return status;
        }
    }
    return status;
}

static enum sva_status read_vocab(struct reader *reader)
{
    enum sva_status status;
    while ((status = step(reader)) == SVA_OK && reader->token == SVA_JSON_KEY) {
        if (text_is(&reader->json, "vocab")) {
            status = read_tokens(reader);
        } else if (text_is(&reader->json, "merges")) {
            status = read_merges(reader);
        } else {
            status = sva_json_skip(&reader->json, reader->error);
        }
        if (status != SVA_OK) {
            return status;
        }
    }
    return status;
}

/** One of added_tokens, its brace already read. */
static enum sva_status read_added(struct reader *reader)
{
    uint64_t id = UINT64_MAX;
    bool has_content = false;
    bool special = false;
    enum sva_status status;
    while ((status = step(reader)) == SVA_OK && reader->token == SVA_JSON_KEY) {
        const bool is_id = text_is(&reader->json, "id");
        const bool is_content = text_is(&reader->json, "content");
        const bool is_special = text_is(&reader->json, "special");
        if (!is_id && !is_content && !is_special) {
            status = sva_json_skip(&reader->json, reader->error);
        } else {
            status = step(reader);
        }
        if (status != SVA_OK) {
            return status;
        }
        if (is_id && (reader->token != SVA_JSON_NUMBER || !sva_json_u64(&reader->json, &id))) {
            return fail_shape(reader, "an added token's id is not a whole number");
        }
        if (is_content && reader->token != SVA_JSON_STRING) {
            return fail_shape(reader, "an added token is not a string");
        }
        if (is_special && reader->token != SVA_JSON_TRUE && reader->token != SVA_JSON_FALSE) {
            return fail_shape(reader, "an added token's flag is not true or false");
        }
        if (is_content) {
            reader->piece.size = 0;
            sva_bytes_append(&reader->piece, reader->json.text, reader->json.text_size);
            has_content = !reader->piece.failed;
        }
        special = is_special ? reader->token == SVA_JSON_TRUE : special;
    }
    reader->vocabulary->special_count += special;
    if (status == SVA_OK && has_content && id != UINT64_MAX) {
        /* one that is not special stands for text, hence may be written like the pieces */
        const bool pieces = reader->vocabulary->style == SVA_TOKENS_SENTENCEPIECE && !special;
        status = put_token(reader, id, (const char *)reader->piece.data, reader->piece.size,
                           pieces ? SVA_TOKENS_SENTENCEPIECE : SVA_TOKENS_PLAIN);
        if (status == SVA_OK && special) {
            sva_vocabulary_mark_special(reader->vocabulary, id);
        }
    }
    return status;
}

static enum sva_status second_pass(struct reader *reader, bool added)
{
    enum sva_status status = step(reader);
    while (status == SVA_OK && (status = step(reader)) == SVA_OK && reader->token == SVA_JSON_KEY) {
        if (!added && text_is(&reader->json, "model")) {
            status = step(reader);
            status = status == SVA_OK ? read_vocab(reader) : status;
        } else if (added && text_is(&reader->json, "added_tokens")) {
            status = step(reader);
            if (status == SVA_OK && reader->token == SVA_JSON_NULL) {
                continue;
            }
            if (status == SVA_OK && reader->token != SVA_JSON_ARRAY_BEGIN) {
                return fail_shape(reader, "added_tokens is not an array");
            }
            while (status == SVA_OK && (status = step(reader)) == SVA_OK &&
                   reader->token == SVA_JSON_OBJECT_BEGIN) {
                status = read_added(reader);
            }
            if (status == SVA_OK && reader->token != SVA_JSON_ARRAY_END) {
                return fail_shape(reader, "an added token is not an object");
            }
        } else {
            status = sva_json_skip(&reader->json, reader->error);
        }
    }
    return status;
}

static void start_reader(struct reader *reader, struct sva_span text, const char *what,
                         uint32_t depth)
{
    sva_json_init(&reader->json, text, what, 0, depth);
}

static enum sva_status stop_reader(struct reader *reader, enum sva_status status)
{
    sva_json_done(&reader->json);
    sva_bytes_done(&reader->canonical);
    sva_bytes_done(&reader->piece);
    if (status != SVA_OK) {
        sva_vocabulary_done(reader->vocabulary);
    }
    return status;
}

enum sva_status sva_tokenizer_parse(struct sva_span text, const char *what, uint32_t depth,
                                    struct sva_vocabulary *vocabulary, struct sva_error *error)
{
    struct reader reader = {.vocabulary = vocabulary, .error = error};
    *vocabulary = (struct sva_vocabulary){.model_type = ""};
    start_reader(&reader, text, what, depth);
    enum sva_status status = first_pass(&reader);
    for (int added = 0; status == SVA_OK && added < 2; added++) { /* added tokens win */
        sva_json_done(&reader.json);
        start_reader(&reader, text, what, depth);
        status = second_pass(&reader, added == 1);
    }
    return stop_reader(&reader, status);
}

enum sva_status sva_vocab_json_parse(struct sva_span text, const char *what, uint32_t depth,
                                     struct sva_vocabulary *vocabulary, struct sva_error *error)
{
    struct reader reader = {.vocabulary = vocabulary, .error = error};
    *vocabulary = (struct sva_vocabulary){.model_type = "BPE", .style = SVA_TOKENS_BYTE_LEVEL};
    start_reader(&reader, text, what, depth);
    enum sva_status status = step(&reader);
    if (status == SVA_OK && reader.token != SVA_JSON_OBJECT_BEGIN) {
        status = fail_shape(&reader, "this is not an object");
    }
    if (status == SVA_OK) {
        status = read_map(&reader, vocabulary->style);
    }
    if (status == SVA_OK) {
        status = step(&reader);
    }
    return stop_reader(&reader, status);
}

/** The line that starts at `*at`, without its end; moves `*at` behind it. */
static struct sva_span next_line(struct sva_span text, size_t *at)
{
    const uint8_t *const start = text.data + *at;
    const uint8_t *const newline = memchr(start, '\n', text.size - *at);
    size_t size = newline == NULL ? text.size - *at : (size_t)(newline - start);
    *at += newline == NULL ? size : size + 1;
    if (size > 0 && start[size - 1] == '\r') {
        size--;
    }
    return (struct sva_span){start, size};
}

enum sva_status sva_vocab_text_parse(struct sva_span text, struct sva_vocabulary *vocabulary,
                                     struct sva_error *error)
{
    struct reader reader = {.vocabulary = vocabulary, .error = error};
    *vocabulary = (struct sva_vocabulary){.model_type = "WordPiece"};
    enum sva_status status = SVA_OK;
    uint64_t id = 0;
    size_t at = 0;
    while (status == SVA_OK && at < text.size) {
        const struct sva_span line = next_line(text, &at);
        status = put_token(&reader, id, (const char *)line.data, line.size, SVA_TOKENS_PLAIN);
        if (status == SVA_OK && line.size > 2 && line.data[0] == '[' &&
            line.data[line.size - 1] == ']') {
            sva_vocabulary_mark_special(vocabulary, id); /* [CLS], [unused7] */
        }
        id++;
    }
    return stop_reader(&reader, status);
}

enum sva_status sva_merges_parse(struct sva_span text, const char *what,
                                 struct sva_vocabulary *vocabulary, struct sva_error *error)
{
    static const char version[] = "#version";
    struct sva_bytes canonical = {0};
    enum sva_status status = SVA_OK;
    for (size_t at = 0; status == SVA_OK && at < text.size;) {
        const size_t start = at;
        const struct sva_span line = next_line(text, &at);
        const bool heading = start == 0 && line.size >= sizeof version - 1 &&
                             memcmp(line.data, version, sizeof version - 1) == 0;
        bool valid = true;
        if (line.size > 0 && !heading) {
            status = sva_vocabulary_merge_text(vocabulary, line, &canonical, &valid, error);
        }
        if (status == SVA_OK && !valid) {
            status =
                sva_fail_at(error, SVA_ERR_CORRUPT, start,
                            "%s: a merge is not two texts and a space at byte %zu", what, start);
        }
    }
    sva_bytes_done(&canonical);
    return status;
}
