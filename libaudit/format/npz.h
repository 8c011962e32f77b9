/* SPDX-License-Identifier: Apache-2.0 */
/**
 * NumPy arrays: a zip of *.npy entries (numpy.savez), or one *.npy file. The header of an array is
 * a Python dictionary of three fixed keys, read by a scanner of our own; nothing is evaluated.
 * Refused: arrays of Python objects and of records, compressed entries (numpy.savez_compressed),
 * sizes that do not fit. A matrix in column order is given as it is stored, its sides exchanged
 * (`transposed-storage`). Source: NumPy Enhancement Proposal 1 and numpy.lib.format.
 */
#ifndef SVA_FORMAT_NPZ_H
#define SVA_FORMAT_NPZ_H

#include "base/file.h"
#include "base/source.h"
#include "format/container.h"

/** Errors: CORRUPT, UNSUPPORTED (compressed entries), LIMIT, IO, CONFLICT, MEMORY. */
enum sva_status sva_npz_read(const struct sva_input *input, const struct sva_limits *limits,
                             struct sva_container *container,
                             struct sva_error *error) SVA_MUST_CHECK;

/** What an array's header says. */
struct sva_npy_header {
    enum sva_dtype dtype;
    bool big_endian, column_order;
    uint32_t rank;
    uint64_t shape[32];
    uint64_t data_offset; /**< from the array's start */
};

/** Parses the beginning of an array. `what` names it, escaped. Errors: CORRUPT, UNSUPPORTED. */
enum sva_status sva_npy_parse(struct sva_span bytes, const char *what,
                              struct sva_npy_header *header,
                              struct sva_error *error) SVA_MUST_CHECK;

#endif
