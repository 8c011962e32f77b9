/* SPDX-License-Identifier: Apache-2.0 */
#include "format/safetensors.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "format/repeats.h"
#include "format/safetensors_header.h"

static enum sva_status out_of_memory(struct sva_header_reader *reader)
{
    return sva_fail_memory(reader->error, "reading a safetensors header");
}

/* A name that is there twice would mean different tensors to different readers. */
static enum sva_status check_names(struct sva_header_reader *reader)
{
    struct sva_named *const items = sva_calloc(reader->draft_count, sizeof *items);
    if (items == NULL) {
        return out_of_memory(reader);
    }
    for (size_t i = 0; i < reader->draft_count; i++) {
        const struct sva_draft *const draft = &reader->drafts[i];
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

static enum sva_status check_metadata_keys(struct sva_header_reader *reader)
{
    struct sva_named *const items = sva_calloc(reader->pair_count, sizeof *items);
    if (items == NULL) {
        return out_of_memory(reader);
    }
    for (size_t i = 0; i < reader->pair_count; i++) {
        const struct sva_pair *const pair = &reader->pairs[i];
        items[i] = (struct sva_named){.text = pair->key, .size = pair->key_bytes, .at = pair->at};
    }
    struct sva_named first = {0};
    const uint64_t repeats = sva_repeats_count(items, reader->pair_count, &first);
    sva_free(items);
    if (repeats > 0) {
        sva_notes_add(&reader->notes, &reader->arena, "duplicate-metadata-key",
                      "%" PRIu64 " metadata keys are repeated, first \"%s\" at byte %" PRIu64
                      "; readers disagree on which value counts",
                      repeats, sva_escn(first.text, first.size).text, first.at);
    }
    return SVA_OK;
}

static int compare_drafts(const void *left, const void *right)
{
    const struct sva_draft *const a = left;
    const struct sva_draft *const b = right;
    if (a->begin != b->begin) {
        return a->begin < b->begin ? -1 : 1;
    }
    if (a->end != b->end) {
        return a->end < b->end ? -1 : 1;
    }
    const size_t common =
        a->tensor.name_bytes < b->tensor.name_bytes ? a->tensor.name_bytes : b->tensor.name_bytes;
    const int order = memcmp(a->tensor.name, b->tensor.name, common);
    if (order != 0) {
        return order;
    }
    return (a->tensor.name_bytes > b->tensor.name_bytes) -
           (a->tensor.name_bytes < b->tensor.name_bytes);
}

/* The tensors must tile the data: no hole that could hide something, no overlap, no rest. */
static enum sva_status check_coverage(struct sva_header_reader *reader, uint64_t data_bytes)
{
    if (reader->draft_count > 0) {
        qsort(reader->drafts, reader->draft_count, sizeof *reader->drafts, compare_drafts);
    }
    uint64_t expected = 0;
    for (size_t i = 0; i < reader->draft_count; i++) {
        const struct sva_draft *const draft = &reader->drafts[i];
        if (draft->begin > expected) {
            return sva_safetensors_bad_tensor(reader, draft, "unused bytes lie before its data");
        }
        if (draft->begin < expected) {
            return sva_safetensors_bad_tensor(reader, draft, "its data overlap another tensor's");
        }
        expected = draft->end;
    }
    if (expected > data_bytes) {
        return sva_fail(reader->error, SVA_ERR_CORRUPT,
                        "%s: the tensors need %" PRIu64 " bytes of data but the file holds %" PRIu64
                        ": it is cut off",
                        reader->what, expected, data_bytes);
    }
    if (expected < data_bytes) {
        return sva_fail(reader->error, SVA_ERR_CORRUPT,
                        "%s: %" PRIu64 " bytes lie behind the last tensor", reader->what,
                        data_bytes - expected);
    }
    return SVA_OK;
}

/* "<count> <what> "<first>" at byte <offset>" */
static void tell(struct sva_header_reader *reader, const struct sva_tally *tally, const char *code,
                 const char *subject)
{
    if (tally->count > 0) {
        sva_notes_add(&reader->notes, &reader->arena, code,
                      "%" PRIu64 " %s, first \"%s\" at byte %" PRIu64, tally->count, subject,
                      tally->first.text, tally->first_offset);
    }
}

static void tell_tallies(struct sva_header_reader *reader)
{
    tell(reader, &reader->unknown_fields, "unknown-field",
         "unknown field(s) in tensor descriptions");
    tell(reader, &reader->huge_dimensions, "huge-dimension",
         "dimension(s) of 2^48 and more in empty tensors");
    tell(reader, &reader->empty_names, "empty-tensor-name", "tensor(s) without a name");
    tell(reader, &reader->nul_metadata, "nul-in-metadata",
         "metadata entries that hold a NUL and are shown up to it");
    if (reader->null_metadata) {
        sva_notes_add(&reader->notes, &reader->arena, "null-metadata", "\"__metadata__\" is null");
    }
}

/* Moves everything into the result's arena. */
static enum sva_status finish(struct sva_header_reader *reader, uint64_t data_offset,
                              struct sva_container *file)
{
    struct sva_arena *const arena = &reader->arena;
    struct sva_tensor *const tensors = sva_arena_alloc(arena, reader->draft_count, sizeof *tensors);
    struct sva_metadata *const metadata =
        sva_arena_alloc(arena, reader->pair_count, sizeof *metadata);
    struct sva_finding *const findings = sva_notes_finish(&reader->notes, arena);
    if (tensors == NULL || metadata == NULL || findings == NULL) {
        return out_of_memory(reader);
    }
    for (size_t i = 0; i < reader->draft_count; i++) {
        tensors[i] = reader->drafts[i].tensor;
        tensors[i].offset_bytes = data_offset + reader->drafts[i].begin;
    }
    for (size_t i = 0; i < reader->pair_count; i++) {
        metadata[i] =
            (struct sva_metadata){reader->pairs[i].key, reader->pairs[i].value};
    }
    *file = (struct sva_container){
        .arena = *arena,
        .tensor_count = reader->draft_count,
        .tensors = tensors,
        .metadata_count = reader->pair_count,
        .metadata = metadata,
        .finding_count = reader->notes.count,
        .findings = findings,
        .data_offset = data_offset,
    };
    *arena = (struct sva_arena){0};
    return SVA_OK;
}

/* The length against the file and the limit; the leading blanks. */
static enum sva_status check_frame(struct sva_header_reader *reader, struct sva_span header,
                                   uint64_t file_bytes)
{
    if (file_bytes < SVA_SAFETENSORS_LENGTH_BYTES ||
        header.size > file_bytes - SVA_SAFETENSORS_LENGTH_BYTES) {
        return sva_fail(reader->error, SVA_ERR_CORRUPT,
                        "%s: a header of %zu bytes does not fit a file of %" PRIu64 " bytes",
                        reader->what, header.size, file_bytes);
    }
    if (header.size > reader->limits->header_bytes) {
        return sva_fail(reader->error, SVA_ERR_LIMIT,
                        "%s: a header of %zu bytes, more than the limit of %" PRIu64, reader->what,
                        header.size, reader->limits->header_bytes);
    }
    if (header.size == 0) {
        return sva_fail_at(reader->error, SVA_ERR_CORRUPT, SVA_SAFETENSORS_LENGTH_BYTES,
                           "%s: the header is empty", reader->what);
    }
    if (header.size > reader->limits->header_note_bytes) {
        sva_notes_add(&reader->notes, &reader->arena, "large-header",
                      "the header has %zu bytes, more than the %" PRIu64 " that model hubs accept",
                      header.size, reader->limits->header_note_bytes);
    }
    if (memchr(" \t\r\n", header.data[0], 4) != NULL) {
        sva_notes_add(&reader->notes, &reader->arena, "leading-whitespace",
                      "the header begins with a blank instead of {");
    }
    return SVA_OK;
}

enum sva_status sva_safetensors_parse(struct sva_span header, uint64_t file_bytes, const char *what,
                                      const struct sva_limits *limits, struct sva_container *file,
                                      struct sva_error *error)
{
    struct sva_header_reader reader = {.limits = limits, .what = what, .error = error};
    sva_json_init(&reader.json, header, what, SVA_SAFETENSORS_LENGTH_BYTES, limits->json_depth);
    const uint64_t data_offset = SVA_SAFETENSORS_LENGTH_BYTES + (uint64_t)header.size;
    enum sva_status status = check_frame(&reader, header, file_bytes);
    if (status == SVA_OK) {
        status = sva_safetensors_header_read(&reader);
    }
    if (status == SVA_OK) {
        status = check_names(&reader);
    }
    if (status == SVA_OK) {
        status = check_metadata_keys(&reader);
    }
    if (status == SVA_OK) {
        status = check_coverage(&reader, file_bytes - data_offset);
    }
    if (status == SVA_OK) {
        tell_tallies(&reader);
        status = finish(&reader, data_offset, file);
    }
    sva_json_done(&reader.json);
    sva_free(reader.drafts);
    sva_free(reader.pairs);
    sva_arena_done(&reader.arena);
    return status;
}
