/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The JSON header of a safetensors file, read token by token into drafts. Checks each tensor on its
 * own; what holds between tensors (names, tiling) is checked by format/safetensors.c.
 */
#ifndef SVA_FORMAT_SAFETENSORS_HEADER_H
#define SVA_FORMAT_SAFETENSORS_HEADER_H

#include <sovaudit/model.h>

#include "base/memory.h"
#include "format/json.h"
#include "format/notes.h"

enum { SVA_SAFETENSORS_LENGTH_BYTES = 8 }; /**< the header's length stands in front of it */

/** A tensor as described. `tensor.offset_bytes` is not set yet. */
struct sva_draft {
    struct sva_tensor tensor;
    uint64_t begin, end; /**< relative to the data */
    uint64_t at;         /**< byte offset of its name in the file */
};

/** A metadata entry. */
struct sva_pair {
    const char *key, *value;
    size_t key_bytes;
    uint64_t at;
};

/** State of one parse; the arena owns names, shapes and texts. */
struct sva_header_reader {
    struct sva_json json;
    const struct sva_limits *limits;
    const char *what;
    struct sva_error *error;
    struct sva_arena arena;
    struct sva_notes notes;
    struct sva_draft *drafts;
    size_t draft_count, draft_capacity;
    struct sva_pair *pairs;
    size_t pair_count, pair_capacity;
    bool has_metadata;
    bool null_metadata;
    struct sva_tally unknown_fields, nul_metadata, huge_dimensions, empty_names;
};

/** Reads the whole header, whose scanner is set up in `reader`. */
enum sva_status sva_safetensors_header_read(struct sva_header_reader *reader) SVA_MUST_CHECK;

/** Sets the error `<file>: tensor "<name>": <complaint>`; returns CORRUPT. */
enum sva_status sva_safetensors_bad_tensor(struct sva_header_reader *reader,
                                           const struct sva_draft *draft, const char *complaint);

#endif
