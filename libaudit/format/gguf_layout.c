/* SPDX-License-Identifier: Apache-2.0 */
/* Where the data of a GGUF file's tensors lie, and what lies between. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/fail.h"
#include "format/gguf_reader.h"

/* More padding than this in one file is counted as unclaimed instead of being looked at. */
#define PADDING_LOOKED_AT_BYTES (UINT64_C(16) << 20)

enum { PIECE_BYTES = 4096 };

static enum sva_status bad_place(struct sva_gguf_reader *reader, const struct sva_gguf_draft *draft,
                                 const char *complaint)
{
    return sva_fail_at(reader->error, SVA_ERR_CORRUPT, draft->at,
                       "%s: the tensor \"%s\" described at byte %" PRIu64 ": its data, %" PRIu64
                       " bytes at offset %" PRIu64 ", %s",
                       reader->what, sva_escn(draft->tensor.name, draft->tensor.name_bytes).text,
                       draft->at, draft->tensor.size_bytes, draft->tensor.offset_bytes, complaint);
}

/* By offset, empty ones first, then by name. */
static int compare_drafts(const void *left, const void *right)
{
    const struct sva_tensor *const a = &((const struct sva_gguf_draft *)left)->tensor;
    const struct sva_tensor *const b = &((const struct sva_gguf_draft *)right)->tensor;
    if (a->offset_bytes != b->offset_bytes) {
        return a->offset_bytes < b->offset_bytes ? -1 : 1;
    }
    if ((a->element_count == 0) != (b->element_count == 0)) {
        return a->element_count == 0 ? -1 : 1;
    }
    const size_t common = a->name_bytes < b->name_bytes ? a->name_bytes : b->name_bytes;
    const int order = memcmp(a->name, b->name, common);
    return order != 0 ? order : (a->name_bytes > b->name_bytes) - (a->name_bytes < b->name_bytes);
}

static void sort_drafts(struct sva_gguf_reader *reader)
{
    for (size_t i = 1; i < reader->draft_count; i++) {
        if (reader->drafts[i].tensor.offset_bytes < reader->drafts[i - 1].tensor.offset_bytes) {
            sva_notes_add(
                &reader->notes, &reader->arena, "tensor-order",
                "tensors are not described in the order of their data, first \"%s\" at "
                "byte %" PRIu64 "; some loaders refuse that",
                sva_escn(reader->drafts[i].tensor.name, reader->drafts[i].tensor.name_bytes).text,
                reader->drafts[i].at);
            break;
        }
    }
    if (reader->draft_count > 1) {
        qsort(reader->drafts, reader->draft_count, sizeof *reader->drafts, compare_drafts);
    }
}

/* A type of unknown size: everything up to where the next tensor begins. */
static void take_extent(struct sva_gguf_reader *reader, size_t index, uint64_t data_bytes)
{
    struct sva_tensor *const tensor = &reader->drafts[index].tensor;
    const uint64_t next = index + 1 < reader->draft_count
                              ? reader->drafts[index + 1].tensor.offset_bytes
                              : data_bytes;
    const uint64_t end = next < data_bytes ? next : data_bytes;
    tensor->size_bytes =
        tensor->element_count > 0 && end > tensor->offset_bytes ? end - tensor->offset_bytes : 0;
}

static enum sva_status check_place(struct sva_gguf_reader *reader, size_t index,
                                   uint64_t data_bytes)
{
    const struct sva_gguf_draft *const draft = &reader->drafts[index];
    const struct sva_tensor *const tensor = &draft->tensor;
    if (tensor->offset_bytes % reader->alignment != 0) {
        return bad_place(reader, draft, "do not begin at a multiple of the alignment");
    }
    if (tensor->offset_bytes > data_bytes ||
        tensor->size_bytes > data_bytes - tensor->offset_bytes) {
        return bad_place(reader, draft, "reach beyond the end of the file");
    }
    if (tensor->dtype == SVA_DTYPE_OPAQUE) {
        take_extent(reader, index, data_bytes);
        if (tensor->element_count > 0 && tensor->size_bytes == 0) {
            return bad_place(reader, draft,
                             index + 1 < reader->draft_count
                                 ? "share their place with another tensor's"
                                 : "are not there");
        }
    }
    return SVA_OK;
}

/* Padding must be zero. `at` and `size` are within the file. */
static enum sva_status check_padding(struct sva_gguf_reader *reader, uint64_t at, uint64_t size)
{
    if (size > PADDING_LOOKED_AT_BYTES - reader->padding_looked_at) {
        sva_tally_add(&reader->unread_padding, "", 0, at);
        reader->unclaimed_bytes += size;
        return SVA_OK;
    }
    reader->padding_looked_at += size;
    bool zero = true;
    for (uint64_t done = 0; done < size;) {
        uint8_t piece[PIECE_BYTES];
        const size_t step = size - done < PIECE_BYTES ? (size_t)(size - done) : PIECE_BYTES;
        const enum sva_status status =
            sva_source_read(reader->window.source, at + done, piece, step, reader->error);
        if (status != SVA_OK) {
            return status;
        }
        for (size_t i = 0; i < step; i++) {
            zero = zero && piece[i] == 0;
        }
        done += step;
    }
    if (!zero) {
        sva_tally_add(&reader->padding, "", 0, at);
        reader->unclaimed_bytes += size;
    }
    return SVA_OK;
}

/* UINT64_MAX where there is no such number. */
static uint64_t align_up(const struct sva_gguf_reader *reader, uint64_t offset)
{
    const uint64_t rest = offset % reader->alignment;
    uint64_t aligned = offset;
    return rest == 0 || sva_add_u64(offset, reader->alignment - rest, &aligned) ? aligned
                                                                                : UINT64_MAX;
}

/* What lies between `end`, where a tensor's data stop, and `begin`, where the next ones start. */
static enum sva_status account_between(struct sva_gguf_reader *reader, uint64_t end, uint64_t begin)
{
    const uint64_t padded = align_up(reader, end);
    const uint64_t border = padded < begin ? padded : begin;
    if (begin > border) {
        sva_tally_add(&reader->holes, "", 0, reader->data_offset + border);
        reader->unclaimed_bytes += begin - border;
    }
    return border > end ? check_padding(reader, reader->data_offset + end, border - end) : SVA_OK;
}

/* Behind the last tensor: padding up to the alignment, and nothing more. */
static enum sva_status check_tail(struct sva_gguf_reader *reader, uint64_t end, uint64_t data_bytes)
{
    const uint64_t padded = align_up(reader, end);
    if (padded > data_bytes && reader->draft_count > 0) {
        sva_notes_add(&reader->notes, &reader->arena, "unpadded-end",
                      "the padding behind the last tensor is missing; some loaders refuse that");
    }
    if (padded < data_bytes) {
        const uint64_t rest = data_bytes - padded;
        reader->unclaimed_bytes += rest;
        sva_notes_add(&reader->notes, &reader->arena, "trailing-bytes",
                      "%" PRIu64 " bytes at byte %" PRIu64
                      " lie behind the last tensor and belong to none",
                      rest, reader->data_offset + padded);
    }
    const uint64_t border = padded < data_bytes ? padded : data_bytes;
    return border > end ? check_padding(reader, reader->data_offset + end, border - end) : SVA_OK;
}

/* The data begin at the first aligned byte behind the header; a file may end before it. */
static enum sva_status find_data(struct sva_gguf_reader *reader, uint64_t *data_bytes)
{
    const uint64_t size = reader->window.source->size_bytes;
    const uint64_t begin = align_up(reader, reader->header_end);
    reader->data_offset = begin;
    *data_bytes = begin < size ? size - begin : 0;
    if (begin > size) {
        reader->data_offset = size;
        if (reader->draft_count > 0) {
            sva_notes_add(&reader->notes, &reader->arena, "missing-data-section",
                          "the file ends before its data section would begin");
        }
    }
    return check_padding(reader, reader->header_end, reader->data_offset - reader->header_end);
}

enum sva_status sva_gguf_check_layout(struct sva_gguf_reader *reader)
{
    uint64_t data_bytes = 0;
    uint64_t end = 0;
    enum sva_status status = find_data(reader, &data_bytes);
    sort_drafts(reader);
    for (size_t i = 0; status == SVA_OK && i < reader->draft_count; i++) {
        const struct sva_tensor *const tensor = &reader->drafts[i].tensor;
        status = check_place(reader, i, data_bytes);
        if (status == SVA_OK && tensor->offset_bytes < end) {
            status = bad_place(reader, &reader->drafts[i], "overlap another tensor's");
        }
        if (status == SVA_OK) {
            status = account_between(reader, end, tensor->offset_bytes);
            end = tensor->offset_bytes + tensor->size_bytes;
        }
    }
    return status == SVA_OK ? check_tail(reader, end, data_bytes) : status;
}
