/* SPDX-License-Identifier: Apache-2.0 */
/**
 * PyTorch checkpoints: a zip of <root>/data.pkl, whose pickle a closed machine reads
 * (format/pickle.h), and of storages that lie uncompressed in <root>/data/. Nothing is run.
 *
 * A tensor whose elements lie in storage in order is addressed in place. A transposed matrix is
 * given as it is stored, with its sides exchanged (`transposed-storage`); other strides are listed
 * and not decoded (`strided-tensor`). Storages or parts of them that no tensor claims are counted
 * (`unclaimed-bytes`), and so are bytes of the zip that are in no entry
 * (`archive-unclaimed-bytes`). TorchScript code is named and never looked at (`shipped-code`). Two
 * entries that could be the pickle are refused.
 */
#ifndef SVA_FORMAT_TORCH_FILE_H
#define SVA_FORMAT_TORCH_FILE_H

#include "base/file.h"
#include "format/container.h"

/** Errors: CORRUPT, UNSUPPORTED (no such zip: a legacy pickle), LIMIT, IO, CONFLICT, MEMORY. */
enum sva_status sva_torch_read(const struct sva_input *input, const struct sva_limits *limits,
                               struct sva_container *container,
                               struct sva_error *error) SVA_MUST_CHECK;

#endif
