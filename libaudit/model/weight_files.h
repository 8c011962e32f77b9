/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Chooses which of the scanned files are the model's weights, reads their
 * headers and checks them against the shard index. A file is opened only if
 * the scan listed it: a name in an index never becomes a path of its own.
 */
#ifndef SVA_WEIGHT_FILES_H
#define SVA_WEIGHT_FILES_H

#include "model/model_parts.h"

/**
 * Fills groups, headers, tensors (sorted by name, then file) and assignments'
 * groups. Errors: CORRUPT (bad header or index, a mapped shard or tensor that
 * is not there, a tensor stored twice), LIMIT, UNSUPPORTED, NOTHING, IO, MEMORY.
 */
enum sva_status sva_weights_read(struct sva_parts *parts, bool single,
                                 struct sva_error *error) SVA_MUST_CHECK;

/** Bytes of a file that will be read soon: a hint, which costs nothing when they are in memory. */
void sva_model_expect(const struct sva_model *model, uint32_t file, uint64_t offset_bytes,
                      uint64_t size_bytes);
/** A file that is kept open and is no part of an archive; NULL for others. */
const struct sva_input *sva_model_input(const struct sva_model *model, uint32_t file);
/** CONFLICT when a file that is kept open was written to since it was opened; IO. */
enum sva_status sva_model_unchanged(const struct sva_model *model,
                                    struct sva_error *error) SVA_MUST_CHECK;

/** "model-00002-of-00003.safetensors": its number and total; false for other names. */
bool sva_shard_number(const char *base, size_t *prefix_bytes, uint32_t *number, uint32_t *total);

/** Compares two byte strings like the tensors of a model are sorted. */
int sva_name_compare(const char *a, size_t a_size, const char *b, size_t b_size);

#endif
