/* SPDX-License-Identifier: Apache-2.0 */
/**
 * GGUF files of a directory: which belong together, which are one model in several quantisations,
 * and which is the encoder beside the text model. The two functions have the form of struct
 * sva_weight_format's.
 */
#ifndef SVA_GGUF_FILES_H
#define SVA_GGUF_FILES_H

#include "format/container.h"
#include "model/model_parts.h"

/**
 * Marks the files of a group that are audited: one set of parts with the weights, and one encoder
 * (general.type mmproj, architecture clip) if there is one. Of several sets the largest network
 * counts, and of its quantisations the one with most bytes; of the others each gets a finding,
 * `duplicate-weights` where it is the same network again. Adapters and vocabularies count only
 * where there is nothing else.
 *
 * Parts of one model are named <prefix>-00001-of-00003.gguf, number themselves in split.no and
 * split.count, are all there, and have as many tensors as split.tensors.count says: all else is
 * CORRUPT, or a finding when a single file was named (`lone-shard`). Names without numbers inside
 * are the finding `odd-split`.
 *
 * Errors: CORRUPT, LIMIT, UNSUPPORTED (also a file cut into pieces byte by byte), IO, MEMORY.
 */
enum sva_status sva_gguf_choose(struct sva_parts *parts, uint16_t group,
                                struct sva_error *error) SVA_MUST_CHECK;

/** Reads the header of file `index` of the scan, samples its values, makes its facts. */
enum sva_status sva_gguf_read_weights(struct sva_parts *parts, size_t index,
                                      const struct sva_input *input,
                                      struct sva_container *container,
                                      struct sva_error *error) SVA_MUST_CHECK;

#endif
