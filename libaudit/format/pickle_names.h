/* SPDX-License-Identifier: Apache-2.0 */
/** The only names that a pickle may use, and what each stands for. */
#ifndef SVA_FORMAT_PICKLE_NAMES_H
#define SVA_FORMAT_PICKLE_NAMES_H

#include <stddef.h>

#include <sovaudit/model.h>

enum sva_pickle_callable {
    SVA_CALL_NONE, /**< a value, not called: a storage class, a dtype, a type */
    SVA_CALL_ORDERED_DICT,
    SVA_CALL_SIZE,
    SVA_CALL_TENSOR,    /**< (storage, offset, size, stride, ...) */
    SVA_CALL_TENSOR_V3, /**< the same with the dtype at place 6 */
    SVA_CALL_PARAMETER, /**< (tensor, ...) */
    SVA_CALL_FROM_TYPE  /**< (rebuild, type, arguments, state) */
};

struct sva_pickle_name {
    const char *module, *name;
    enum sva_pickle_callable call;
    bool typed; /**< `dtype` is meant: a storage class or a dtype */
    enum sva_dtype dtype;
};

/** NULL: the name is not allowed. */
const struct sva_pickle_name *sva_pickle_name_find(const char *module, size_t module_bytes,
                                                   const char *name, size_t name_bytes);

#endif
