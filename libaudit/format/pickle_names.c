/* SPDX-License-Identifier: Apache-2.0 */
#include "format/pickle_names.h"

#include <string.h>

#define STORAGE(name, dtype)                                                                       \
    {                                                                                              \
        "torch", name, SVA_CALL_NONE, true, SVA_DTYPE_##dtype                                      \
    }
#define CALL(module, name, call)                                                                   \
    {                                                                                              \
        module, name, SVA_CALL_##call, false, SVA_DTYPE_F32                                        \
    }

static const struct sva_pickle_name allowed[] = {
    CALL("collections", "OrderedDict", ORDERED_DICT),
    CALL("torch", "Size", SIZE),
    CALL("torch", "Tensor", NONE),
    CALL("torch.nn.parameter", "Parameter", NONE),
    CALL("torch.nn.parameter", "Buffer", NONE),
    CALL("torch._utils", "_rebuild_tensor", TENSOR),
    CALL("torch._utils", "_rebuild_tensor_v2", TENSOR),
    CALL("torch._utils", "_rebuild_tensor_v3", TENSOR_V3),
    CALL("torch._utils", "_rebuild_parameter", PARAMETER),
    CALL("torch._utils", "_rebuild_parameter_with_state", PARAMETER),
    CALL("torch._tensor", "_rebuild_from_type_v2", FROM_TYPE),
    STORAGE("DoubleStorage", F64),
    STORAGE("FloatStorage", F32),
    STORAGE("HalfStorage", F16),
    STORAGE("BFloat16Storage", BF16),
    STORAGE("LongStorage", I64),
    STORAGE("IntStorage", I32),
    STORAGE("ShortStorage", I16),
    STORAGE("CharStorage", I8),
    STORAGE("ByteStorage", U8),
    STORAGE("BoolStorage", BOOL),
    STORAGE("ComplexFloatStorage", C64),
    {"torch.storage", "UntypedStorage", SVA_CALL_NONE, true, SVA_DTYPE_U8},
    STORAGE("UntypedStorage", U8),
    STORAGE("float64", F64),
    STORAGE("float32", F32),
    STORAGE("float16", F16),
    STORAGE("bfloat16", BF16),
    STORAGE("float8_e4m3fn", F8_E4M3),
    STORAGE("float8_e5m2", F8_E5M2),
    STORAGE("float8_e4m3fnuz", F8_E4M3FNUZ),
    STORAGE("float8_e5m2fnuz", F8_E5M2FNUZ),
    STORAGE("float8_e8m0fnu", F8_E8M0),
    STORAGE("complex64", C64),
    STORAGE("int64", I64),
    STORAGE("int32", I32),
    STORAGE("int16", I16),
    STORAGE("int8", I8),
    STORAGE("uint8", U8),
    STORAGE("uint16", U16),
    STORAGE("uint32", U32),
    STORAGE("uint64", U64),
    STORAGE("bool", BOOL),
};

static bool same(const char *text, const char *other, size_t size)
{
    return strlen(text) == size && memcmp(text, other, size) == 0;
}

const struct sva_pickle_name *sva_pickle_name_find(const char *module, size_t module_bytes,
                                                   const char *name, size_t name_bytes)
{
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
        if (same(allowed[i].module, module, module_bytes) &&
            same(allowed[i].name, name, name_bytes)) {
            return &allowed[i];
        }
    }
    return NULL;
}
