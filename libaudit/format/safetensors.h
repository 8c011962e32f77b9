/* SPDX-License-Identifier: Apache-2.0 */
/**
 * safetensors: header bytes -> tensors. The parser is a pure function of the
 * header and the file's size. Rules and their order: docs/formats.md. Names of
 * tensors are unique after unescaping; the buffer is covered without hole or
 * overlap; unknown fields and repeated metadata keys are findings.
 */
#ifndef SVA_FORMAT_SAFETENSORS_H
#define SVA_FORMAT_SAFETENSORS_H

#include <sovaudit/model.h>

#include "base/cursor.h"
#include "base/file.h"
#include "base/memory.h"
#include "format/container.h"

/** Reads and checks the header of an open file. */
enum sva_status sva_safetensors_read(const struct sva_input *input, const struct sva_limits *limits,
                                     struct sva_container *file,
                                     struct sva_error *error) SVA_MUST_CHECK;

/** Pure parser: `header` are the N bytes after the length; `file_bytes` the whole file's size. */
enum sva_status sva_safetensors_parse(struct sva_span header, uint64_t file_bytes, const char *what,
                                      const struct sva_limits *limits, struct sva_container *file,
                                      struct sva_error *error) SVA_MUST_CHECK;

/** Sharded index: {"weight_map": {tensor: file}}. */
struct sva_shard_index {
    const char *ending; /**< set beforehand: what names of shards end in; NULL: ".safetensors" */
    struct sva_arena arena;
    size_t entry_count;
    struct sva_shard_entry {
        const char *tensor;
        size_t tensor_bytes;
        const char *file;
    } * entries; /**< sorted by tensor name */
    bool has_total_size;
    uint64_t total_size_bytes;
    size_t finding_count;
    struct sva_finding *findings;
};

enum sva_status sva_shard_index_parse(struct sva_span text, const char *what,
                                      const struct sva_limits *limits,
                                      struct sva_shard_index *index,
                                      struct sva_error *error) SVA_MUST_CHECK;
void sva_shard_index_done(struct sva_shard_index *index);

#endif
