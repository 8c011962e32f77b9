/* SPDX-License-Identifier: Apache-2.0 */
/* The descriptions of tensors in a GGUF header. */
#include <inttypes.h>
#include <string.h>

#include "base/checked.h"
#include "base/fail.h"
#include "format/gguf_reader.h"
#include "format/repeats.h"
#include "kernel/dtype.h"

/* llama.cpp has room for 63 bytes. */
enum { NAME_USUAL_BYTES = 63, RANK_USUAL = 4 };

static enum sva_status bad_tensor(struct sva_gguf_reader *reader,
                                  const struct sva_gguf_draft *draft, enum sva_status status,
                                  const char *complaint)
{
    return sva_fail_at(reader->error, status, draft->at,
                       "%s: the tensor \"%s\" described at byte %" PRIu64 ": %s", reader->what,
                       sva_escn(draft->tensor.name, draft->tensor.name_bytes).text, draft->at,
                       complaint);
}

static struct sva_gguf_draft *new_draft(struct sva_gguf_reader *reader)
{
    if (reader->draft_count == reader->draft_capacity) {
        const size_t capacity = reader->draft_capacity == 0 ? 64 : reader->draft_capacity * 2;
        struct sva_gguf_draft *const drafts =
            sva_realloc_array(reader->drafts, capacity, sizeof *drafts);
        if (drafts == NULL) {
            return NULL;
        }
        reader->drafts = drafts;
        reader->draft_capacity = capacity;
    }
    struct sva_gguf_draft *const draft = &reader->drafts[reader->draft_count++];
    *draft = (struct sva_gguf_draft){.at = reader->window.position};
    return draft;
}

/* Would steer a terminal, or look like another name: told, and always shown escaped. */
static bool is_odd_name(const char *name, size_t size)
{
    char shown[2 * SVA_GGUF_TEXT_KEPT];
    return size >= sizeof shown / 2 ||
           strcmp(sva_escape(name, size, shown, sizeof shown), name) != 0;
}

static void note_name(struct sva_gguf_reader *reader, const struct sva_gguf_draft *draft)
{
    const char *const name = draft->tensor.name;
    const size_t size = draft->tensor.name_bytes;
    if (size == 0) {
        sva_tally_add(&reader->empty_names, name, size, draft->at);
    }
    if (size > NAME_USUAL_BYTES) {
        sva_tally_add(&reader->long_names, name, size, draft->at);
    }
    if (is_odd_name(name, size)) {
        sva_tally_add(&reader->odd_names, name, size, draft->at);
    }
}

static enum sva_status name_bytes(struct sva_gguf_reader *reader,
                                  const struct sva_gguf_draft *draft, const uint8_t **bytes,
                                  uint64_t *length)
{
    enum sva_status status = sva_gguf_length(reader, "the length of a tensor's name", length);
    if (status == SVA_OK) {
        status = sva_gguf_need(reader, *length, "a tensor's name");
    }
    if (status == SVA_OK && (*length > reader->limits->name_bytes || *length > SVA_WINDOW_BYTES)) {
        return sva_fail_at(reader->error, SVA_ERR_LIMIT, draft->at,
                           "%s: a tensor's name of %" PRIu64 " bytes at byte %" PRIu64
                           ", more than the limit of %" PRIu32,
                           reader->what, *length, draft->at, reader->limits->name_bytes);
    }
    return status == SVA_OK ? sva_gguf_bytes(reader, *length, "a tensor's name", bytes) : status;
}

static enum sva_status read_name(struct sva_gguf_reader *reader, struct sva_gguf_draft *draft)
{
    uint64_t length = 0;
    const uint8_t *bytes = NULL;
    enum sva_status status = name_bytes(reader, draft, &bytes, &length);
    if (status != SVA_OK) {
        return status;
    }
    const size_t size = sva_gguf_without_nul(reader, bytes, (size_t)length);
    draft->tensor.name_bytes = size;
    const bool has_nul = size > 0 && memchr(bytes, '\0', size) != NULL;
    const bool is_text = sva_utf8_valid_prefix(bytes, size) == size;
    status = sva_gguf_keep(reader, bytes, size, &draft->tensor.name);
    if (status == SVA_OK && (has_nul || !is_text)) {
        return bad_tensor(reader, draft, SVA_ERR_CORRUPT,
                          has_nul ? "its name is cut by a NUL" : "its name is not valid UTF-8");
    }
    if (status == SVA_OK) {
        note_name(reader, draft);
    }
    return status;
}

/* The file has the fastest dimension first, torch has it last. */
static enum sva_status read_dimensions(struct sva_gguf_reader *reader, struct sva_gguf_draft *draft)
{
    uint64_t rank = 0;
    uint64_t *shape = NULL;
    enum sva_status status = sva_gguf_integer(reader, 4, "a tensor's number of dimensions", &rank);
    if (status == SVA_OK && (rank > SVA_GGUF_RANK || rank > reader->limits->rank)) {
        return bad_tensor(reader, draft, SVA_ERR_LIMIT, "it has too many dimensions");
    }
    if (status == SVA_OK) {
        shape = sva_arena_alloc(&reader->arena, (size_t)rank, sizeof *shape);
        status = shape == NULL ? sva_gguf_out_of_memory(reader) : SVA_OK;
    }
    for (uint64_t axis = rank; status == SVA_OK && axis-- > 0;) {
        status = sva_gguf_length(reader, "a tensor's dimension", &shape[axis]);
    }
    draft->tensor.rank = (uint32_t)rank;
    draft->tensor.shape = shape;
    if (status == SVA_OK && rank > RANK_USUAL) {
        sva_tally_add(&reader->high_ranks, draft->tensor.name, draft->tensor.name_bytes, draft->at);
    }
    return status;
}

/* Zeros are left out of the second product: what stands beside them must be possible as well. */
static enum sva_status count_elements(struct sva_gguf_reader *reader, struct sva_gguf_draft *draft)
{
    uint64_t elements = 1;
    uint64_t others = 1;
    bool fits = true;
    for (uint32_t axis = 0; axis < draft->tensor.rank; axis++) {
        const uint64_t dimension = draft->tensor.shape[axis];
        fits = fits && sva_mul_u64(others, dimension == 0 ? 1 : dimension, &others) &&
               others <= INT64_MAX;
        elements = dimension == 0 ? 0 : elements;
    }
    if (!fits) {
        return bad_tensor(reader, draft, SVA_ERR_CORRUPT,
                          "its dimensions multiply to 2^63 elements and more");
    }
    draft->tensor.element_count = elements == 0 ? 0 : others;
    return SVA_OK;
}

static enum sva_status name_unknown_type(struct sva_gguf_reader *reader,
                                         struct sva_gguf_draft *draft, uint32_t type)
{
    const char *const name = sva_gguf_foreign_type(type);
    struct sva_tensor *const tensor = &draft->tensor;
    tensor->dtype = SVA_DTYPE_OPAQUE;
    tensor->form = name[0] == '\0'
                       ? sva_arena_printf(&reader->arena, "ggml type %" PRIu32, type)
                       : sva_arena_printf(&reader->arena, "ggml type %" PRIu32 " (%s)", type, name);
    if (tensor->form == NULL) {
        return sva_gguf_out_of_memory(reader);
    }
    if (reader->unknown_types.count == 0) {
        reader->first_unknown_type = tensor->form;
    }
    sva_tally_add(&reader->unknown_types, tensor->name, tensor->name_bytes, draft->at);
    return SVA_OK;
}

/* Blocks lie within rows: each row must consist of whole ones. */
static enum sva_status measure(struct sva_gguf_reader *reader, struct sva_gguf_draft *draft,
                               uint32_t type)
{
    struct sva_tensor *const tensor = &draft->tensor;
    if (!sva_dtype_of_ggml(type, &tensor->dtype)) {
        return name_unknown_type(reader, draft, type);
    }
    const struct sva_dtype_info *const info = sva_dtype_get(tensor->dtype);
    const uint64_t row = tensor->rank == 0 ? 1 : tensor->shape[tensor->rank - 1];
    if (row % info->block_elements != 0) {
        return bad_tensor(reader, draft, SVA_ERR_CORRUPT,
                          "its rows do not consist of whole blocks of its type");
    }
    if (!sva_mul_u64(tensor->element_count / info->block_elements, info->block_bytes,
                     &tensor->size_bytes) ||
        tensor->size_bytes > INT64_MAX) {
        return bad_tensor(reader, draft, SVA_ERR_CORRUPT, "it needs 2^63 bytes and more");
    }
    if (tensor->dtype == SVA_DTYPE_Q8_1 || tensor->dtype == SVA_DTYPE_Q8_K) {
        sva_tally_add(&reader->unstored_types, tensor->name, tensor->name_bytes, draft->at);
    }
    return SVA_OK;
}

static enum sva_status read_tensor(struct sva_gguf_reader *reader)
{
    struct sva_gguf_draft *const draft = new_draft(reader);
    if (draft == NULL) {
        return sva_gguf_out_of_memory(reader);
    }
    enum sva_status status = read_name(reader, draft);
    if (status == SVA_OK && reader->empty_names.count > 1) { /* told before two million of them */
        status = bad_tensor(reader, draft, SVA_ERR_CORRUPT, "the empty name is there twice");
    }
    if (status == SVA_OK) {
        status = read_dimensions(reader, draft);
    }
    uint64_t type = 0;
    if (status == SVA_OK) {
        status = sva_gguf_integer(reader, 4, "a tensor's type", &type);
    }
    if (status == SVA_OK) {
        status = sva_gguf_integer(reader, 8, "a tensor's offset", &draft->tensor.offset_bytes);
    }
    draft->tensor.big_endian = reader->big_endian;
    if (status == SVA_OK) {
        status = count_elements(reader, draft);
    }
    return status == SVA_OK ? measure(reader, draft, (uint32_t)type) : status;
}

static enum sva_status check_unique(struct sva_gguf_reader *reader)
{
    struct sva_named *const items = sva_calloc(reader->draft_count, sizeof *items);
    if (items == NULL) {
        return sva_gguf_out_of_memory(reader);
    }
    for (size_t i = 0; i < reader->draft_count; i++) {
        const struct sva_gguf_draft *const draft = &reader->drafts[i];
        items[i] = (struct sva_named){
            .text = draft->tensor.name, .size = draft->tensor.name_bytes, .at = draft->at};
    }
    struct sva_named first = {0};
    const uint64_t repeats = sva_repeats_count(items, reader->draft_count, &first);
    sva_free(items);
    if (repeats > 0) {
        return sva_fail_at(reader->error, SVA_ERR_CORRUPT, first.at,
                           "%s: the tensor name \"%s\" is there twice, again at byte %" PRIu64,
                           reader->what, sva_escn(first.text, first.size).text, first.at);
    }
    return SVA_OK;
}

enum sva_status sva_gguf_read_tensors(struct sva_gguf_reader *reader)
{
    enum sva_status status = SVA_OK;
    for (uint64_t i = 0; status == SVA_OK && i < reader->tensors_stated; i++) {
        status = read_tensor(reader);
    }
    reader->header_end = reader->window.position;
    return status == SVA_OK ? check_unique(reader) : status;
}
