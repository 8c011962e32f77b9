/* SPDX-License-Identifier: Apache-2.0 */
#include "format/safetensors_header.h"

#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/fail.h"
#include "base/text.h"
#include "kernel/dtype.h"

enum { RANK_MOST = 64 }; /* whatever the limits say */

/* Largest dimension that the format's JSON schema allows. */
#define DIMENSION_MOST ((UINT64_C(1) << 48) - 1)

/* Fields of a tensor's object, as bits. */
enum { FIELD_DTYPE = 1, FIELD_SHAPE = 2, FIELD_OFFSETS = 4, FIELD_ALL = 7 };

struct fields {
    unsigned seen;
    enum sva_dtype dtype;
    uint32_t rank;
    uint64_t shape[RANK_MOST];
    uint64_t offset_count;
    uint64_t offsets[2];
};

static uint64_t here(const struct sva_header_reader *reader)
{
    return reader->json.base_offset + reader->json.token_offset;
}

static enum sva_status next(struct sva_header_reader *reader, enum sva_json_token *token)
{
    return sva_json_next(&reader->json, token, reader->error);
}

static enum sva_status out_of_memory(struct sva_header_reader *reader)
{
    return sva_fail_memory(reader->error, "reading a safetensors header");
}

/* "<file>: tensor "<name>": <complaint> at byte <offset>" */
enum sva_status sva_safetensors_bad_tensor(struct sva_header_reader *reader,
                                           const struct sva_draft *draft, const char *complaint)
{
    return sva_fail_at(reader->error, SVA_ERR_CORRUPT, draft->at,
                       "%s: tensor \"%s\": %s (described at byte %" PRIu64 ")", reader->what,
                       sva_escn(draft->tensor.name, draft->tensor.name_bytes).text, complaint,
                       draft->at);
}

/* Room for one more element; the old block stays valid on failure. */
static void *grow(void *block, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity) {
        return block;
    }
    const size_t wanted = *capacity < 16 ? 16 : *capacity + *capacity / 2;
    void *const grown = sva_realloc_array(block, wanted, size);
    if (grown != NULL) {
        *capacity = wanted;
    }
    return grown;
}

/* -- metadata --------------------------------------------------------------------------------- */

static enum sva_status read_pair(struct sva_header_reader *reader)
{
    struct sva_json *const json = &reader->json;
    struct sva_pair pair = {.at = here(reader), .key_bytes = json->text_size};
    if (reader->pair_count >= reader->limits->tensor_count) {
        return sva_fail_at(reader->error, SVA_ERR_LIMIT, pair.at,
                           "%s: more than %" PRIu64 " metadata entries at byte %" PRIu64,
                           reader->what, reader->limits->tensor_count, pair.at);
    }
    const bool key_nul = memchr(json->text, 0, json->text_size) != NULL;
    pair.key = sva_arena_strndup(&reader->arena, json->text, json->text_size);
    if (pair.key == NULL) {
        return out_of_memory(reader);
    }
    enum sva_json_token token;
    const enum sva_status status = next(reader, &token);
    if (status != SVA_OK) {
        return status;
    }
    if (token != SVA_JSON_STRING) {
        return sva_fail_at(reader->error, SVA_ERR_CORRUPT, here(reader),
                           "%s: metadata \"%s\" is not a string at byte %" PRIu64, reader->what,
                           sva_escn(pair.key, pair.key_bytes).text, here(reader));
    }
    if (key_nul || memchr(json->text, 0, json->text_size) != NULL) {
        sva_tally_add(&reader->nul_metadata, pair.key, pair.key_bytes, pair.at);
    }
    pair.value = sva_arena_strndup(&reader->arena, json->text, json->text_size);
    struct sva_pair *const pairs =
        grow(reader->pairs, reader->pair_count, &reader->pair_capacity, sizeof *pairs);
    if (pair.value == NULL || pairs == NULL) {
        return out_of_memory(reader);
    }
    reader->pairs = pairs;
    pairs[reader->pair_count++] = pair;
    return SVA_OK;
}

static enum sva_status read_metadata(struct sva_header_reader *reader)
{
    if (reader->has_metadata) {
        return sva_fail_at(reader->error, SVA_ERR_CORRUPT, here(reader),
                           "%s: \"__metadata__\" is there twice, again at byte %" PRIu64,
                           reader->what, here(reader));
    }
    reader->has_metadata = true;
    enum sva_json_token token;
    enum sva_status status = next(reader, &token);
    if (status == SVA_OK && token == SVA_JSON_NULL) {
        reader->null_metadata = true;
        return SVA_OK;
    }
    if (status == SVA_OK && token != SVA_JSON_OBJECT_BEGIN) {
        return sva_fail_at(reader->error, SVA_ERR_CORRUPT, here(reader),
                           "%s: \"__metadata__\" is not an object at byte %" PRIu64, reader->what,
                           here(reader));
    }
    while (status == SVA_OK) {
        status = next(reader, &token);
        if (status != SVA_OK || token == SVA_JSON_OBJECT_END) {
            break;
        }
        status = read_pair(reader);
    }
    return status;
}

/* -- one tensor ------------------------------------------------------------------------------- */

static enum sva_status read_dtype(struct sva_header_reader *reader, const struct sva_draft *draft,
                                  struct fields *fields)
{
    enum sva_json_token token;
    const enum sva_status status = next(reader, &token);
    if (status != SVA_OK) {
        return status;
    }
    if (token != SVA_JSON_STRING) {
        return sva_safetensors_bad_tensor(reader, draft, "its dtype is not a string");
    }
    if (!sva_dtype_find(reader->json.text, reader->json.text_size, &fields->dtype)) {
        return sva_fail_at(reader->error, SVA_ERR_CORRUPT, here(reader),
                           "%s: tensor \"%s\": unknown dtype \"%s\" at byte %" PRIu64, reader->what,
                           sva_escn(draft->tensor.name, draft->tensor.name_bytes).text,
                           sva_escn(reader->json.text, reader->json.text_size).text, here(reader));
    }
    return SVA_OK;
}

/* An array of unsigned integers into `values`; counting goes on behind `room`. */
static enum sva_status read_integers(struct sva_header_reader *reader,
                                     const struct sva_draft *draft, uint64_t *values, uint64_t room,
                                     uint64_t *count)
{
    enum sva_json_token token;
    enum sva_status status = next(reader, &token);
    if (status == SVA_OK && token != SVA_JSON_ARRAY_BEGIN) {
        return sva_safetensors_bad_tensor(reader, draft, "its shape or offsets are not an array");
    }
    *count = 0;
    while (status == SVA_OK) {
        status = next(reader, &token);
        if (status != SVA_OK || token == SVA_JSON_ARRAY_END) {
            break;
        }
        uint64_t value;
        if (token != SVA_JSON_NUMBER || !sva_json_u64(&reader->json, &value)) {
            return sva_safetensors_bad_tensor(
                reader, draft,
                "its shape or offsets hold something that is not an unsigned "
                "integer below 2^64");
        }
        if (*count < room) {
            values[*count] = value;
        }
        ++*count;
    }
    return status;
}

static enum sva_status read_shape(struct sva_header_reader *reader, const struct sva_draft *draft,
                                  struct fields *fields)
{
    const uint64_t most = reader->limits->rank < RANK_MOST ? reader->limits->rank : RANK_MOST;
    uint64_t rank;
    const enum sva_status status = read_integers(reader, draft, fields->shape, most, &rank);
    if (status != SVA_OK) {
        return status;
    }
    if (rank > most) {
        return sva_fail_at(
            reader->error, SVA_ERR_LIMIT, draft->at,
            "%s: tensor \"%s\": %" PRIu64 " dimensions, more than the limit of %" PRIu64
            " (described at byte %" PRIu64 ")",
            reader->what, sva_escn(draft->tensor.name, draft->tensor.name_bytes).text, rank, most,
            draft->at);
    }
    fields->rank = (uint32_t)rank;
    return SVA_OK;
}

static bool key_is(const struct sva_header_reader *reader, const char *name)
{
    const size_t size = strlen(name);
    return reader->json.text_size == size && memcmp(reader->json.text, name, size) == 0;
}

/* One field, its key being the current token. */
static enum sva_status read_field(struct sva_header_reader *reader, const struct sva_draft *draft,
                                  struct fields *fields)
{
    const unsigned field = key_is(reader, "dtype")          ? FIELD_DTYPE
                           : key_is(reader, "shape")        ? FIELD_SHAPE
                           : key_is(reader, "data_offsets") ? FIELD_OFFSETS
                                                            : 0;
    if ((fields->seen & field) != 0) {
        return sva_safetensors_bad_tensor(reader, draft, "a field is there twice");
    }
    fields->seen |= field;
    switch (field) {
    case FIELD_DTYPE: return read_dtype(reader, draft, fields);
    case FIELD_SHAPE: return read_shape(reader, draft, fields);
    case FIELD_OFFSETS:
        return read_integers(reader, draft, fields->offsets, 2, &fields->offset_count);
    default:
        sva_tally_add(&reader->unknown_fields, reader->json.text, reader->json.text_size,
                      here(reader));
        return sva_json_skip(&reader->json, reader->error);
    }
}

static enum sva_status read_fields(struct sva_header_reader *reader, const struct sva_draft *draft,
                                   struct fields *fields)
{
    enum sva_json_token token;
    enum sva_status status = next(reader, &token);
    if (status == SVA_OK && token != SVA_JSON_OBJECT_BEGIN) {
        return sva_safetensors_bad_tensor(reader, draft, "it is not described by an object");
    }
    while (status == SVA_OK) {
        status = next(reader, &token);
        if (status != SVA_OK || token == SVA_JSON_OBJECT_END) {
            break;
        }
        status = read_field(reader, draft, fields);
    }
    if (status == SVA_OK && fields->seen != FIELD_ALL) {
        return sva_safetensors_bad_tensor(reader, draft,
                                          "its dtype, shape or data_offsets are missing");
    }
    return status;
}

/* Does the shape fit the bytes? The product is taken from the left, as the reference does. */
static enum sva_status check_size(struct sva_header_reader *reader, struct sva_draft *draft,
                                  const struct fields *fields)
{
    if (fields->offset_count != 2) {
        return sva_safetensors_bad_tensor(reader, draft, "data_offsets does not hold two numbers");
    }
    draft->begin = fields->offsets[0];
    draft->end = fields->offsets[1];
    if (draft->end < draft->begin) {
        return sva_safetensors_bad_tensor(reader, draft, "its data end before they begin");
    }
    uint64_t elements = 1;
    for (uint32_t i = 0; i < fields->rank; i++) {
        if (!sva_mul_u64(elements, fields->shape[i], &elements)) {
            return sva_safetensors_bad_tensor(reader, draft,
                                              "the product of its shape overflows 64 bits");
        }
        if (fields->shape[i] > DIMENSION_MOST) {
            sva_tally_add(&reader->huge_dimensions, draft->tensor.name, draft->tensor.name_bytes,
                          draft->at);
        }
    }
    uint64_t bits;
    if (!sva_mul_u64(elements, sva_dtype_get(fields->dtype)->bits, &bits)) {
        return sva_safetensors_bad_tensor(reader, draft, "its size in bits overflows 64 bits");
    }
    if (bits % 8 != 0) {
        return sva_safetensors_bad_tensor(reader, draft, "its elements do not fill whole bytes");
    }
    if (bits / 8 != draft->end - draft->begin) {
        return sva_safetensors_bad_tensor(reader, draft,
                                          "its shape and dtype need another number of bytes than "
                                          "its data_offsets span");
    }
    draft->tensor.element_count = elements;
    draft->tensor.size_bytes = bits / 8;
    return SVA_OK;
}

/* Copies the name, which is the current token, and holds it against the rules. */
static enum sva_status take_name(struct sva_header_reader *reader, struct sva_draft *draft)
{
    const struct sva_json *const json = &reader->json;
    draft->at = here(reader);
    if (reader->draft_count >= reader->limits->tensor_count) {
        return sva_fail_at(reader->error, SVA_ERR_LIMIT, draft->at,
                           "%s: more than %" PRIu64 " tensors at byte %" PRIu64, reader->what,
                           reader->limits->tensor_count, draft->at);
    }
    if (json->text_size > reader->limits->name_bytes) {
        return sva_fail_at(reader->error, SVA_ERR_LIMIT, draft->at,
                           "%s: a tensor name of %zu bytes, more than the limit of %" PRIu32
                           " at byte %" PRIu64,
                           reader->what, json->text_size, reader->limits->name_bytes, draft->at);
    }
    draft->tensor.name = sva_arena_strndup(&reader->arena, json->text, json->text_size);
    draft->tensor.name_bytes = json->text_size;
    if (draft->tensor.name == NULL) {
        return out_of_memory(reader);
    }
    if (memchr(draft->tensor.name, 0, draft->tensor.name_bytes) != NULL) {
        return sva_safetensors_bad_tensor(
            reader, draft, "its name holds a NUL, which cuts it short for many readers");
    }
    if (draft->tensor.name_bytes == 0) {
        sva_tally_add(&reader->empty_names, "", 0, draft->at);
    }
    return SVA_OK;
}

static enum sva_status read_tensor(struct sva_header_reader *reader)
{
    struct sva_draft draft = {0};
    struct fields fields = {0};
    enum sva_status status = take_name(reader, &draft);
    if (status == SVA_OK) {
        status = read_fields(reader, &draft, &fields);
    }
    if (status == SVA_OK) {
        status = check_size(reader, &draft, &fields);
    }
    if (status != SVA_OK) {
        return status;
    }
    uint64_t *const shape = sva_arena_alloc(&reader->arena, fields.rank, sizeof *shape);
    struct sva_draft *const drafts =
        grow(reader->drafts, reader->draft_count, &reader->draft_capacity, sizeof *drafts);
    if (drafts != NULL) {
        reader->drafts = drafts;
    }
    if (shape == NULL || drafts == NULL) {
        return out_of_memory(reader);
    }
    memcpy(shape, fields.shape, fields.rank * sizeof *shape);
    draft.tensor.dtype = fields.dtype;
    draft.tensor.rank = fields.rank;
    draft.tensor.shape = shape;
    drafts[reader->draft_count++] = draft;
    return SVA_OK;
}

/* -- the whole header ------------------------------------------------------------------------- */

enum sva_status sva_safetensors_header_read(struct sva_header_reader *reader)
{
    enum sva_json_token token;
    enum sva_status status = next(reader, &token);
    if (status == SVA_OK && token != SVA_JSON_OBJECT_BEGIN) {
        return sva_fail_at(reader->error, SVA_ERR_CORRUPT, here(reader),
                           "%s: the header is not a JSON object at byte %" PRIu64, reader->what,
                           here(reader));
    }
    while (status == SVA_OK) {
        status = next(reader, &token);
        if (status != SVA_OK || token == SVA_JSON_OBJECT_END) {
            break;
        }
        status = key_is(reader, "__metadata__") ? read_metadata(reader) : read_tensor(reader);
    }
    return status == SVA_OK ? next(reader, &token) : status; /* END, or bytes behind it */
}
