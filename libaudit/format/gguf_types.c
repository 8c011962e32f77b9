/* SPDX-License-Identifier: Apache-2.0 */
#include "format/gguf.h"

static const struct {
    const char *name;
    unsigned bytes;
} types[SVA_GGUF_TYPE_COUNT] = {
    [SVA_GGUF_U8] = {"u8", 1},         [SVA_GGUF_I8] = {"i8", 1},
    [SVA_GGUF_U16] = {"u16", 2},       [SVA_GGUF_I16] = {"i16", 2},
    [SVA_GGUF_U32] = {"u32", 4},       [SVA_GGUF_I32] = {"i32", 4},
    [SVA_GGUF_F32] = {"f32", 4},       [SVA_GGUF_BOOL] = {"bool", 1},
    [SVA_GGUF_STRING] = {"string", 0}, [SVA_GGUF_ARRAY] = {"array", 0},
    [SVA_GGUF_U64] = {"u64", 8},       [SVA_GGUF_I64] = {"i64", 8},
    [SVA_GGUF_F64] = {"f64", 8},
};

const char *sva_gguf_type_name(enum sva_gguf_type type)
{
    return (unsigned)type < SVA_GGUF_TYPE_COUNT ? types[type].name : "unknown";
}

unsigned sva_gguf_type_bytes(enum sva_gguf_type type)
{
    return (unsigned)type < SVA_GGUF_TYPE_COUNT ? types[type].bytes : 0;
}

bool sva_gguf_is_integer(enum sva_gguf_type type)
{
    return type != SVA_GGUF_F32 && type != SVA_GGUF_F64 && type != SVA_GGUF_BOOL &&
           sva_gguf_type_bytes(type) > 0;
}

/* clang-format off */
/* Ids that ggml gave up, and those that other programs gave out themselves. */
static const struct {
    uint32_t id;
    const char *name;
} foreign[] = {
    {4, "Q4_2, removed in 2023"}, {5, "Q4_3, removed in 2023"},
    {31, "Q4_0_4_4, rows interleaved, removed in 2024"}, {32, "Q4_0_4_8, rows interleaved, removed in 2024"},
    {33, "Q4_0_8_8, rows interleaved, removed in 2024"}, {36, "I2_S of BitNet, or IQ4_NL_4_4, removed"},
    {37, "IQ4_NL_4_8, removed"}, {38, "IQ4_NL_8_8, removed"},
    {97, "Q8_0_X4 of ik_llama.cpp"}, {98, "Q8_1_X4 of ik_llama.cpp"}, {99, "Q8_2_X4 of ik_llama.cpp"},
    {133, "Q6_0 of ik_llama.cpp"}, {134, "IQ1_BN of ik_llama.cpp"}, {135, "IQ2_BN of ik_llama.cpp"},
    {136, "Q8_K64 of ik_llama.cpp"}, {137, "IQ2_K of ik_llama.cpp"}, {138, "IQ3_K of ik_llama.cpp"},
    {139, "IQ4_K of ik_llama.cpp"}, {140, "IQ5_K of ik_llama.cpp"}, {141, "IQ6_K of ik_llama.cpp"},
    {144, "IQ4_KS of ik_llama.cpp"}, {145, "IQ2_KS of ik_llama.cpp"}, {146, "IQ4_KSS of ik_llama.cpp"},
    {147, "Q8_K16 of ik_llama.cpp"}, {148, "Q8_K32 of ik_llama.cpp"}, {149, "Q8_KR8 of ik_llama.cpp"},
    {150, "Q8_K128 of ik_llama.cpp"}, {151, "Q8_KV of ik_llama.cpp"}, {152, "IQ5_KS of ik_llama.cpp"},
    {153, "IQ2_KT of ik_llama.cpp"}, {154, "IQ3_KT of ik_llama.cpp"}, {155, "IQ4_KT of ik_llama.cpp"},
    {156, "IQ3_KS of ik_llama.cpp"}, {157, "IQ2_KL of ik_llama.cpp"}, {158, "IQ1_KT of ik_llama.cpp"},
    {202, "Q4_0_R8 of ik_llama.cpp"}, {206, "Q5_0_R4 of ik_llama.cpp"}, {208, "Q8_0_R8 of ik_llama.cpp"},
    {210, "Q2_K_R4 of ik_llama.cpp"}, {211, "Q3_K_R4 of ik_llama.cpp"}, {212, "Q4_K_R4 of ik_llama.cpp"},
    {213, "Q5_K_R4 of ik_llama.cpp"}, {214, "Q6_K_R4 of ik_llama.cpp"}, {216, "IQ2_XXS_R4 of ik_llama.cpp"},
    {217, "IQ2_XS_R4 of ik_llama.cpp"}, {218, "IQ3_XXS_R4 of ik_llama.cpp"}, {219, "IQ1_S_R4 of ik_llama.cpp"},
    {220, "IQ4_NL_R4 of ik_llama.cpp"}, {221, "IQ3_S_R4 of ik_llama.cpp"}, {222, "IQ2_S_R4 of ik_llama.cpp"},
    {223, "IQ4_XS_R8 of ik_llama.cpp"}, {229, "IQ1_M_R4 of ik_llama.cpp"}, {230, "BF16_R16 of ik_llama.cpp"},
    {233, "Q6_0_R4 of ik_llama.cpp"}, {335, "IQ2_BN_R4 of ik_llama.cpp"}, {337, "IQ2_K_R4 of ik_llama.cpp"},
    {338, "IQ3_K_R4 of ik_llama.cpp"}, {339, "IQ4_K_R4 of ik_llama.cpp"}, {340, "IQ5_K_R4 of ik_llama.cpp"},
    {344, "IQ4_KS_R4 of ik_llama.cpp"}, {352, "IQ5_KS_R4 of ik_llama.cpp"}, {398, "Q8_KV_R8 of ik_llama.cpp"},
    {399, "Q8_K_R8 of ik_llama.cpp"},
};
/* clang-format on */

const char *sva_gguf_foreign_type(uint32_t id)
{
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        if (foreign[i].id == id) {
            return foreign[i].name;
        }
    }
    return "";
}
