/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The pickle inside a PyTorch checkpoint, read by a closed machine: of the pickle opcodes only
 * those that build plain data, of the names that a pickle may call only PyTorch's own for
 * rebuilding tensors. Nothing is imported, looked up or run; every other opcode or name refuses
 * the file with its byte offset. Source: Python's pickletools, PyTorch's torch/_utils.py.
 */
#ifndef SVA_FORMAT_PICKLE_H
#define SVA_FORMAT_PICKLE_H

#include <sovaudit/model.h>

#include "base/cursor.h"
#include "base/memory.h"

enum { SVA_PICKLE_RANK = 16 };

/** A tensor as the pickle describes it; its numbers are not checked against any data. */
struct sva_pickle_tensor {
    const char *name; /**< keys from the outermost dictionary on, joined by dots */
    size_t name_bytes;
    enum sva_dtype dtype;
    const char *storage;    /**< key of the storage, without NUL */
    uint64_t storage_bytes; /**< as the pickle says */
    uint64_t offset_elements;
    uint32_t rank;
    uint64_t size[SVA_PICKLE_RANK];
    uint64_t stride[SVA_PICKLE_RANK]; /**< in elements */
};

struct sva_pickle {
    struct sva_arena arena;
    struct sva_pickle_tensor *tensors; /**< in the order of the dictionaries */
    size_t count;
    uint64_t other_values; /**< numbers, texts and so on that stood beside the tensors */
};

/**
 * Reads one pickle to its STOP, which must be its end. `what` names it in errors, escaped.
 * Refused besides: a dictionary with one key twice, a storage that is described in two ways, a
 * tensor that is given another one as an attribute - loaders would see other weights than we.
 * Errors: CORRUPT (malformed, or refused as above), LIMIT (limits->tensor_count tensors,
 * name_bytes, json_depth levels of dictionaries, memory for values, dictionaries that are shared
 * until they stand for many times what the pickle has), MEMORY.
 */
enum sva_status sva_pickle_read(struct sva_span bytes, const char *what,
                                const struct sva_limits *limits, struct sva_pickle *pickle,
                                struct sva_error *error) SVA_MUST_CHECK;
void sva_pickle_done(struct sva_pickle *pickle);

#endif
