/* SPDX-License-Identifier: Apache-2.0 */
/* Sets that look quantised and do not fit stay as they are, and say so; indices and texts from the
   file are checked; lack of memory is survived. */
#include "packing_files.h"

#include "base/memory.h"
#include "kernel/small_floats.h"

enum { PARTS_MAX = 8 };

struct bad_part {
    const char *name, *dtype;
    uint32_t rank;
    uint64_t shape[4];
};

struct bad_case {
    const char *why; /**< in the finding; NULL: no finding, and nothing is packed */
    const char *config;
    struct bad_part parts[PARTS_MAX];
};

static const struct bad_case bad_cases[] = {
    {"its scales are not there", NULL, {{"x.qweight", "I32", 2, {8, 64}}}},
    {"its zero points are not there",
     NULL,
     {{"x.qweight", "I32", 2, {8, 64}}, {"x.scales", "F16", 2, {1, 64}}}},
    {"do not have shapes and types",
     NULL,
     {{"x.qweight", "I32", 2, {8, 64}},
      {"x.scales", "F16", 2, {2, 64}},
      {"x.qzeros", "I32", 2, {1, 8}}}},
    {"do not fit for 2, 3, 4 or 8 bits",
     NULL,
     {{"x.qweight", "I32", 2, {8, 64}},
      {"x.scales", "F16", 2, {1, 64}},
      {"x.qzeros", "I32", 2, {1, 9}}}},
    {"do not fit for 2, 3, 4 or 8 bits",
     NULL,
     {{"x.qweight", "I32", 2, {8, 64}},
      {"x.scales", "F16", 2, {1, 64}},
      {"x.qzeros", "I32", 2, {1, 8}},
      {"x.g_idx", "I32", 1, {65}}}},
    {"layouts \"gptq\" and \"gptq_v2\" only",
     "{\"quantization_config\":{\"checkpoint_format\":\"marlin\"}}",
     {{"x.qweight", "I32", 2, {8, 64}},
      {"x.scales", "F16", 2, {1, 64}},
      {"x.qzeros", "I32", 2, {1, 8}}}},
    {"layout \"gemm\" only",
     "{\"quantization_config\":{\"quant_method\":\"awq\",\"version\":\"gemv\"}}",
     {{"x.qweight", "I32", 2, {64, 8}},
      {"x.scales", "F16", 2, {1, 64}},
      {"x.qzeros", "I32", 2, {1, 8}}}},
    {"groups do not cut its inputs evenly",
     NULL,
     {{"x.qweight", "I32", 2, {9, 64}},
      {"x.scales", "F16", 2, {7, 64}},
      {"x.qzeros", "I32", 2, {7, 8}}}},
    {"its scales are not there", NULL, {{"x.weight_packed", "I32", 2, {8, 8}}}},
    {"another shape or type",
     NULL,
     {{"x.weight_packed", "I32", 2, {8, 8}}, {"x.weight_scale", "F16", 2, {7, 1}}}},
    {"codes and shape do not fit", /* the shape is 0 x 0 */
     NULL,
     {{"x.weight_packed", "I32", 2, {8, 8}},
      {"x.weight_scale", "F16", 2, {8, 1}},
      {"x.weight_shape", "I64", 1, {2}}}},
    {"no list of 2 integers",
     NULL,
     {{"x.weight_packed", "I32", 2, {8, 8}},
      {"x.weight_scale", "F16", 2, {8, 1}},
      {"x.weight_shape", "I64", 1, {3}}}},
    {"zero points do not fit",
     NULL,
     {{"x.weight_packed", "I32", 2, {8, 8}},
      {"x.weight_scale", "F16", 2, {8, 1}},
      {"x.weight_zero_point", "I32", 2, {2, 1}}}},
    {"another shape or type",
     NULL,
     {{"x.weight", "F8_E4M3", 2, {8, 8}}, {"x.weight_scale", "F32", 2, {3, 8}}}},
    {"another shape or type",
     NULL,
     {{"x.weight", "F8_E4M3", 2, {8, 8}}, {"x.weight_scale", "I32", 1, {1}}}},
    {"it is no matrix", NULL, {{"x.weight", "F8_E4M3", 1, {8}}, {"x.weight_scale", "F32", 1, {1}}}},
    {"it has no elements",
     NULL,
     {{"x_blocks", "U8", 3, {8, 0, 16}}, {"x_scales", "U8", 2, {8, 0}}}},
    {"zero points have another shape",
     NULL,
     {{"x.weight", "I8", 2, {8, 8}},
      {"x.weight_scale", "F32", 1, {8}},
      {"x.weight_zero_point", "I8", 1, {1}}}},
    {"order of inputs does not fit",
     NULL,
     {{"x.weight", "I8", 2, {8, 8}},
      {"x.weight_scale", "F32", 1, {1}},
      {"x.weight_g_idx", "I32", 1, {9}}}},
    {"no known layout", NULL, {{"x.weight", "U8", 2, {8, 8}}, {"x.weight_scale", "F32", 1, {1}}}},
    {"BitNet's codes",
     "{\"quantization_config\":{\"quant_method\":\"bitnet\"}}",
     {{"x.weight", "U8", 2, {8, 8}}, {"x.weight_scale", "F32", 1, {1}}}},
    {"one F32 for each row", NULL, {{"x.weight", "I8", 2, {8, 8}}, {"x.SCB", "F32", 1, {7}}}},
    {"its biases are not there",
     NULL,
     {{"x.weight", "U32", 2, {8, 8}}, {"x.scales", "F16", 2, {8, 1}}}},
    {"do not fit together",
     NULL,
     {{"x.weight", "U32", 2, {8, 8}},
      {"x.scales", "F16", 2, {8, 7}},
      {"x.biases", "F16", 2, {8, 7}}}},
    {"do not fit together", /* bits times a group size that is not stated is 0, as the words are */
     "{\"quantization\":{\"bits\":4}}",
     {{"x.weight", "U32", 2, {8, 0}},
      {"x.scales", "F16", 2, {8, 1}},
      {"x.biases", "F16", 2, {8, 1}}}},
    {"no known mode of MLX", NULL, {{"x.weight", "U32", 2, {8, 8}}, {"x.scales", "U8", 2, {8, 3}}}},
    {"its scales are not there", NULL, {{"x_blocks", "U8", 3, {8, 2, 16}}}},
    {"another shape or type",
     NULL,
     {{"x_blocks", "U8", 3, {8, 2, 16}}, {"x_scales", "U8", 2, {2, 8}}}},
    {"its state or the values of its codes are not there",
     NULL,
     {{"x.weight", "U8", 2, {32, 1}}, {"x.weight.absmax", "F32", 1, {1}}}},
    {"stored under another name too",
     NULL,
     {{"x.qweight", "I32", 2, {64, 8}},
      {"x.scales", "F16", 2, {1, 64}},
      {"x.qzeros", "I32", 2, {1, 8}},
      {"x.weight", "F16", 2, {64, 64}}}},
    {"the codes that it belongs to are not there", NULL, {{"x.qzeros", "I32", 2, {1, 8}}}},
    {"the codes that it belongs to are not there", NULL, {{"x.weight_scale_inv", "F32", 1, {1}}}},
    {NULL, NULL, {{"x.weight", "F8_E4M3", 2, {8, 8}}, {"x.k_scale", "F32", 1, {1}}}},
    {NULL, NULL, {{"x.weight", "I8", 2, {8, 8}}}},
    {NULL, NULL, {{"x.weight", "F16", 2, {8, 8}}, {"x.weight_scale", "F32", 1, {1}}}},
    {NULL, NULL, {{"x_blocks", "U8", 2, {8, 8}}}},
};

static bool has_finding(const struct sva_model *model, const char *text)
{
    for (size_t i = 0; i < model->finding_count; i++) {
        if (strcmp(model->findings[i].code, "quantised-set-incomplete") == 0 &&
            strstr(model->findings[i].text, text) != NULL) {
            return true;
        }
    }
    return false;
}

/** Opens what is stored: nothing may be packed. True if `why` stands in `findings` findings. */
static bool stays_plain(struct stored_list *list, const char *config, const char *why,
                        size_t findings)
{
    struct temp_tree tree;
    tree_make(&tree);
    if (config != NULL) {
        tree_text(&tree, "config.json", config);
    }
    write_stored(&tree, "model.safetensors", list, 0, list->count);
    struct sva_model *const model = tree_open(&tree, "");
    bool ok = model->tensor_count == list->count;
    for (size_t i = 0; i < model->tensor_count; i++) {
        ok = ok && model->tensors[i].packing == NULL;
    }
    ok = ok && count_findings(model, "quantised-set-incomplete") == findings &&
         (why == NULL || has_finding(model, why));
    if (!ok) {
        print_message("%zu findings with: %s\n", findings, why == NULL ? "nothing" : why);
        for (size_t i = 0; i < model->tensor_count; i++) {
            print_message("  %s%s\n", model->tensors[i].name,
                          model->tensors[i].packing == NULL ? "" : ", packed");
        }
        for (size_t i = 0; i < model->finding_count; i++) {
            print_message("  %s\n", model->findings[i].text);
        }
    }
    sva_model_close(model);
    tree_remove(&tree);
    free_stored(list);
    return ok;
}

static void add_parts(struct stored_list *list, const struct bad_part parts[PARTS_MAX])
{
    for (size_t i = 0; i < PARTS_MAX && parts[i].name != NULL; i++) {
        (void)add_stored(list, parts[i].name, parts[i].dtype, parts[i].rank, parts[i].shape);
    }
}

static void sets_that_do_not_fit_stay_as_they_are(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t c = 0; c < sizeof bad_cases / sizeof *bad_cases; c++) {
        const struct bad_case *const one = &bad_cases[c];
        struct stored_list list = {0};
        add_parts(&list, one->parts);
        wrong += !stays_plain(&list, one->config, one->why, one->why != NULL);
    }
    assert_int_equal(wrong, 0);
}

/* Parts of sets that are whole; what makes them bad is that two of them stand side by side. */
#define GPTQ                                                                                       \
    {"x.qweight", "I32", 2, {8, 64}}, {"x.scales", "F16", 2, {1, 64}},                             \
    {                                                                                              \
        "x.qzeros", "I32", 2,                                                                      \
        {                                                                                          \
            1, 8                                                                                   \
        }                                                                                          \
    }
#define FP8                                                                                        \
    {                                                                                              \
        "x.weight", "F8_E4M3", 2,                                                                  \
        {                                                                                          \
            8, 8                                                                                   \
        }                                                                                          \
    }
#define FP8_EXPERTS                                                                                \
    {                                                                                              \
        "x.up_proj", "F8_E4M3", 3,                                                                 \
        {                                                                                          \
            2, 8, 8                                                                                \
        }                                                                                          \
    }
#define INT4_PACKED                                                                                \
    {"x.weight_packed", "I32", 2, {8, 8}},                                                         \
    {                                                                                              \
        "x.weight_scale", "F16", 2,                                                                \
        {                                                                                          \
            8, 1                                                                                   \
        }                                                                                          \
    }
#define MLX                                                                                        \
    {"x.weight", "U32", 2, {8, 8}}, {"x.scales", "F16", 2, {8, 1}},                                \
    {                                                                                              \
        "x.biases", "F16", 2,                                                                      \
        {                                                                                          \
            8, 1                                                                                   \
        }                                                                                          \
    }
#define ONE(name)                                                                                  \
    {                                                                                              \
        name, "F32", 1,                                                                            \
        {                                                                                          \
            1                                                                                      \
        }                                                                                          \
    }

/** One matrix in two sets, or a set with scales of two schemes. */
static const struct conflict {
    const char *why; /**< in each finding, more or less */
    size_t findings; /**< one for each set */
    struct bad_part parts[PARTS_MAX];
} conflicts[] = {
    /* stored twice: both sets stay as they are, whichever comes first */
    {"another name too, x.weight", 2, {GPTQ, FP8, ONE("x.weight_scale_inv")}},
    {"another name too, x.qweight", 2, {GPTQ, FP8, ONE("x.scale_weight")}},
    {"another name too, x.weight_packed", 2, {GPTQ, INT4_PACKED}},
    {"another name too, x.weight", 2, {INT4_PACKED, {"x.weight", "F8_E4M3", 2, {8, 64}}}},
    {"another name too, x.weight_packed", 2, {INT4_PACKED, MLX}},
    {"another name too, x.weight",
     2,
     {INT4_PACKED, {"x.weight", "I8", 2, {8, 8}}, {"x.SCB", "F32", 1, {8}}}},
    {"another name too, x.weight.blocks",
     2,
     {FP8,
      ONE("x.weight_scale"),
      {"x.weight.blocks", "U8", 3, {8, 2, 16}},
      {"x.weight.scales", "U8", 2, {8, 2}}}},
    {"another name too, x.weight_blocks",
     2,
     {GPTQ, {"x.weight_blocks", "U8", 3, {8, 2, 16}}, {"x.weight_scales", "U8", 2, {8, 2}}}},
    {"another name too, x_blocks",
     2,
     {{"x_blocks", "U8", 3, {8, 2, 16}},
      {"x_scales", "U8", 2, {8, 2}},
      {"x.blocks", "U8", 3, {8, 2, 16}},
      {"x.scales", "U8", 2, {8, 2}}}},
    {"another name too, x.up_proj",
     2,
     {FP8_EXPERTS,
      ONE("x.up_proj_scale"),
      {"x.up_proj_blocks", "U8", 4, {2, 8, 2, 16}},
      {"x.up_proj_scales", "U8", 3, {2, 8, 2}}}},
    /* stored twice, once as it is */
    {"another name too, x.weight", 1, {GPTQ, {"x.weight", "BF16", 2, {64, 64}}}},
    {"another name too, x",
     1,
     {{"x_blocks", "U8", 3, {8, 2, 16}}, {"x_scales", "U8", 2, {8, 2}}, {"x", "F16", 2, {8, 64}}}},
    /* one tensor in two matrices */
    {"x.scales would be a part of another matrix too",
     2,
     {{"x.blocks", "U8", 3, {8, 2, 16}},
      {"x.scales", "U8", 2, {8, 2}},
      {"x.weight", "U32", 2, {8, 8}}}},
    {"x.weight_scale would be a part of another matrix too",
     2,
     {FP8, {"x.weight_scale", "F8_E4M3", 2, {8, 1}}, ONE("x.weight_scale_scale")}},
    /* scales of two schemes */
    {"x.weight_scale would not", 1, {FP8, ONE("x.weight_scale_inv"), ONE("x.weight_scale")}},
    {"x.scale would not", 1, {FP8, ONE("x.weight_scale_inv"), ONE("x.scale")}},
    {"x.scale_weight would not", 1, {FP8, ONE("x.weight_scale"), ONE("x.scale_weight")}},
    {"x.qscale_weight would not", 1, {FP8, ONE("x.scale"), ONE("x.qscale_weight")}},
    {"x.weight_scale_2 would not", 1, {FP8, ONE("x.weight_scale"), ONE("x.weight_scale_2")}},
    {"x.SCB would not", 1, {FP8, ONE("x.weight_scale"), ONE("x.SCB")}},
    {"x.up_proj_scale would not",
     1,
     {FP8_EXPERTS, ONE("x.up_proj_scale_inv"), ONE("x.up_proj_scale")}},
    {"x.weight_scale would not",
     1,
     {{"x.weight", "I8", 2, {8, 8}}, {"x.SCB", "F32", 1, {8}}, ONE("x.weight_scale")}},
    {"x.weight_scale would not", 1, {GPTQ, ONE("x.weight_scale")}},
    {"x.weight.absmax would not", 1, {GPTQ, ONE("x.weight.absmax")}},
    {"x.weight_scale_inv would not", 1, {INT4_PACKED, ONE("x.weight_scale_inv")}},
    {"x.weight_global_scale would not", 1, {INT4_PACKED, ONE("x.weight_global_scale")}},
    {"x.scales would not", 1, {INT4_PACKED, ONE("x.scales")}},
    {"x.weight_scale would not", 1, {MLX, ONE("x.weight_scale")}},
    {"x.weight_scale_inv would not", 1, {MLX, ONE("x.weight_scale_inv")}},
    {"x.weight_scale_2 would not",
     1,
     {{"x.weight_packed", "U8", 2, {8, 32}},
      {"x.weight_scale", "F8_E4M3", 2, {8, 4}},
      ONE("x.weight_global_scale"),
      ONE("x.weight_scale_2")}},
    {"x.weight_global_scale would not",
     1,
     {{"x.weight", "U8", 2, {8, 32}},
      {"x.weight_scale", "F8_E4M3", 2, {8, 4}},
      ONE("x.weight_global_scale"),
      ONE("x.weight_scale_2")}},
    {"x.weight_scale would not",
     1,
     {{"x.weight", "U8", 2, {8, 32}},
      {"x.weight_scale_inv", "U8", 2, {8, 2}},
      {"x.weight_scale", "U8", 2, {8, 2}}}},
    {"x.scales would not",
     1,
     {{"x_blocks", "U8", 3, {8, 2, 16}},
      {"x_scales", "U8", 2, {8, 2}},
      {"x.scales", "U8", 2, {8, 2}}}},
    {"x_scale_inv would not",
     1,
     {{"x_blocks", "U8", 3, {8, 2, 16}}, {"x_scales", "U8", 2, {8, 2}}, ONE("x_scale_inv")}},
};

static void a_matrix_that_can_be_read_in_two_ways_stays_as_it_is(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t c = 0; c < sizeof conflicts / sizeof *conflicts; c++) {
        struct stored_list list = {0};
        add_parts(&list, conflicts[c].parts);
        wrong += !stays_plain(&list, NULL, conflicts[c].why, conflicts[c].findings);
    }
    assert_int_equal(wrong, 0);
}

/** A small GPTQ matrix, 64 inputs and 8 outputs, two groups. */
static void add_gptq(struct stored_list *list, uint32_t strange)
{
    (void)ADD(list, "x.qweight", "I32", 8, 8);
    (void)ADD(list, "x.qzeros", "I32", 2, 1);
    (void)ADD(list, "x.scales", "F16", 2, 8);
    uint8_t *const order = ADD(list, "x.g_idx", "I32", 64);
    for (size_t i = 0; i < 64; i++) {
        put_u32(order, i, (uint32_t)(i / 32));
    }
    put_u32(order, 63, strange);
}

static void a_group_that_is_not_there_is_corrupt(void **state)
{
    (void)state;
    static const uint32_t strange[] = {2, 64, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++) {
        struct stored_list list = {0};
        struct temp_tree tree;
        struct sva_error error = {0};
        struct sva_packing_reader *reader = NULL;
        uint64_t grain = 0;
        tree_make(&tree);
        add_gptq(&list, strange[i]);
        write_stored(&tree, "model.safetensors", &list, 0, list.count);
        struct sva_model *const model = tree_open(&tree, "");
        assert_int_equal(model->tensor_count, 1);
        assert_int_equal(sva_packing_open(model, &model->tensors[0], &reader, &grain, &error),
                         SVA_ERR_CORRUPT);
        assert_null(reader);
        assert_non_null(strstr(error.text, "x.weight: input 63"));
        sva_model_close(model);
        tree_remove(&tree);
        free_stored(&list);
    }
}

static const char *const bad_states[] = {
    "",
    "[]",
    "{}",
    "{\"blocksize\":64}",
    "{\"shape\":[8,8]}",
    "{\"blocksize\":0,\"shape\":[8,8]}",
    "{\"blocksize\":-64,\"shape\":[8,8]}",
    "{\"blocksize\":64.0,\"shape\":[8,8]}",
    "{\"blocksize\":64,\"shape\":[8,8]}{}",
    "{\"blocksize\":64,\"shape\":[8,8]",
    "{\"blocksize\":64,\"blocksize\":64,\"shape\":[8,8]}",
    "{\"blocksize\":64,\"shape\":[8,8],\"shape\":[8,8]}",
    "{\"blocksize\":64,\"shape\":[64]}",
    "{\"blocksize\":64,\"shape\":[1,1,8,8]}",
    "{\"blocksize\":64,\"shape\":[8,9]}",
    "{\"blocksize\":64,\"shape\":[4294967296,4294967296]}",
    "{\"blocksize\":64,\"shape\":[18446744073709551615,2]}",
    "{\"blocksize\":64,\"shape\":[8,\"8\"]}",
    "{\"blocksize\":64,\"shape\":8}",
    "{\"blocksize\":18446744073709551616,\"shape\":[8,8]}",
    "{\"blocksize\":64,\"shape\":[8,8],\"nested_offset\":1e999}",
    "{\"blocksize\":64,\"shape\":[8,8],\"nested_offset\":1e61}",
    "{\"blocksize\":64,\"shape\":[8,8],\"nested_offset\":\"0\"}",
    "{\"blocksize\":64,\"shape\":[8,8],\"more\":[[[[[[[[]]]]]]]]}",
    "{\"blocksize\":32,\"shape\":[8,8]}",
};

static void add_nf4(struct stored_list *list, const char *state_text)
{
    (void)ADD(list, "x.weight", "U8", 32, 1);
    (void)ADD(list, "x.weight.absmax", "F32", 1);
    memcpy(ADD(list, "x.weight.quant_map", "F32", 16), sva_nf4_values, 64);
    memcpy(ADD(list, "x.weight.quant_state.bitsandbytes__nf4", "U8", strlen(state_text)),
           state_text, strlen(state_text));
}

static void nf4_with_something_of_another_scheme_stays_as_it_is(void **state)
{
    (void)state;
    static const struct conflict others[] = {
        {"another name too, x.qweight", 2, {GPTQ}},
        {"another name too, x.weight_packed", 2, {INT4_PACKED}},
        {"x.weight_scale would not", 1, {ONE("x.weight_scale")}},
        {"x.weight_scale_inv would not", 1, {ONE("x.weight_scale_inv")}},
        {"x.SCB would not", 1, {ONE("x.SCB")}},
        {"x.weight.nested_absmax would not", 1, {ONE("x.weight.nested_absmax")}},
        {"bitsandbytes__fp4 would not",
         1,
         {{"x.weight.quant_state.bitsandbytes__fp4", "U8", 1, {2}}}},
    };
    for (size_t c = 0; c < sizeof others / sizeof *others; c++) {
        struct stored_list list = {0};
        add_nf4(&list, "{\"blocksize\":64,\"shape\":[8,8]}");
        add_parts(&list, others[c].parts);
        assert_true(stays_plain(&list, NULL, others[c].why, others[c].findings));
    }
}

/** Other sets of the same model are not touched, nor are names that only look alike. */
static void what_stands_beside_a_bad_set_is_still_decoded(void **state)
{
    (void)state;
    static const struct bad_part parts[PARTS_MAX] = {
        FP8,
        ONE("x.weight_scale"),
        ONE("x.weight_scale_inv"),
        {"y.weight", "F8_E4M3", 2, {8, 8}},
        ONE("y.weight_scale_inv"),
        ONE("y.act.scales"),
        ONE("y.k_scale"),
        ONE("y.weight_scale_invalid"),
    };
    struct stored_list list = {0};
    struct temp_tree tree;
    tree_make(&tree);
    add_parts(&list, parts);
    write_stored(&tree, "model.safetensors", &list, 0, list.count);
    struct sva_model *const model = tree_open(&tree, "");
    assert_int_equal(model->tensor_count, list.count - 1);
    assert_null(find_tensor(model, "x.weight")->packing);
    assert_non_null(find_tensor(model, "y.weight")->packing);
    assert_int_equal(count_findings(model, "quantised-set-incomplete"), 1);
    sva_model_close(model);
    tree_remove(&tree);
    free_stored(&list);
}

static size_t packed_count(struct stored_list *list)
{
    struct temp_tree tree;
    tree_make(&tree);
    write_stored(&tree, "model.safetensors", list, 0, list->count);
    struct sva_model *const model = tree_open(&tree, "");
    size_t count = 0;
    for (size_t i = 0; i < model->tensor_count; i++) {
        count += model->tensors[i].packing != NULL;
    }
    assert_int_equal(count_findings(model, "quantised-set-incomplete"), count == 0);
    sva_model_close(model);
    tree_remove(&tree);
    free_stored(list);
    return count;
}

static void a_hostile_quantisation_state_is_not_believed(void **state)
{
    (void)state;
    struct stored_list list = {0};
    add_nf4(&list, "{\"blocksize\":64,\"shape\":[8,8]}");
    assert_int_equal(packed_count(&list), 1);
    for (size_t i = 0; i < sizeof bad_states / sizeof *bad_states; i++) {
        add_nf4(&list, bad_states[i]);
        if (packed_count(&list) != 0) {
            print_message("%s\n", bad_states[i]);
            assert_true(false);
        }
    }
}

static void a_table_of_other_values_is_not_nf4(void **state)
{
    (void)state;
    struct stored_list list = {0};
    add_nf4(&list, "{\"blocksize\":64,\"shape\":[8,8]}");
    put_f32(list.items[2].bytes, 3, -0.25F);
    assert_int_equal(packed_count(&list), 0);
}

static void a_method_that_is_not_read_is_said(void **state)
{
    (void)state;
    struct stored_list list = {0};
    struct temp_tree tree;
    tree_make(&tree);
    (void)ADD(&list, "x.W_q", "U8", 8, 8);
    write_stored(&tree, "model.safetensors", &list, 0, list.count);
    tree_text(&tree, "config.json", "{\"quantization_config\":{\"quant_method\":\"hqq\"}}");
    struct sva_model *const model = tree_open(&tree, "");
    assert_int_equal(count_findings(model, "quantised-not-decoded"), 1);
    sva_model_close(model);
    tree_remove(&tree);
    free_stored(&list);
}

static void many_bad_sets_give_few_findings(void **state)
{
    (void)state;
    struct stored_list list = {0};
    struct temp_tree tree;
    tree_make(&tree);
    for (unsigned i = 0; i < 20; i++) {
        char name[32];
        snprintf(name, sizeof name, "layer.%u.qweight", i);
        (void)ADD(&list, name, "I32", 8, 8);
    }
    write_stored(&tree, "model.safetensors", &list, 0, list.count);
    struct sva_model *const model = tree_open(&tree, "");
    assert_int_equal(count_findings(model, "quantised-set-incomplete"), 17);
    assert_true(has_finding(model, "4 more tensors"));
    sva_model_close(model);
    tree_remove(&tree);
    free_stored(&list);
}

/** Opens, reads every packed tensor and closes; each allocation may fail. */
static enum sva_status open_and_read(const char *path)
{
    struct sva_model *model = NULL;
    struct sva_error error = {0};
    float values[64];
    enum sva_status status = sva_model_open(path, NULL, &model, &error);
    for (size_t i = 0; status == SVA_OK && i < model->tensor_count; i++) {
        struct sva_packing_reader *reader = NULL;
        uint64_t grain = 0;
        if (model->tensors[i].packing == NULL) {
            continue;
        }
        status = sva_packing_open(model, &model->tensors[i], &reader, &grain, &error);
        if (status == SVA_OK) {
            status = sva_packing_read(reader, 0, 64, values, values, &error);
            sva_packing_close(reader);
        }
    }
    sva_model_close(model);
    assert_true(status == SVA_OK || error.text[0] != '\0');
    return status;
}

static void every_failing_allocation_is_reported(void **state)
{
    (void)state;
    static const char nested_state[] =
        "{\"blocksize\":64,\"shape\":[8,8],\"nested_blocksize\":256,\"nested_offset\":0.5}";
    struct stored_list list = {0};
    struct temp_tree tree;
    tree_make(&tree);
    add_gptq(&list, 1);
    (void)ADD(&list, "y.weight", "U8", 32, 1);
    (void)ADD(&list, "y.weight.absmax", "U8", 1);
    memcpy(ADD(&list, "y.weight.quant_map", "F32", 16), sva_fp4_values, 64);
    (void)ADD(&list, "y.weight.nested_absmax", "F32", 1);
    (void)ADD(&list, "y.weight.nested_quant_map", "F32", 256);
    memcpy(ADD(&list, "y.weight.quant_state.bitsandbytes__fp4", "U8", sizeof nested_state - 1),
           nested_state, sizeof nested_state - 1);
    (void)ADD(&list, "z.weight", "U32", 8, 8);
    (void)ADD(&list, "z.scales", "F16", 8, 1);
    (void)ADD(&list, "z.biases", "F16", 8, 1);
    (void)ADD(&list, "bad.qweight", "I32", 8, 8);
    (void)ADD(&list, "shared.blocks", "U8", 8, 2, 16);
    (void)ADD(&list, "shared.scales", "U8", 8, 2);
    (void)ADD(&list, "shared.weight", "U32", 8, 8);
    write_stored(&tree, "model.safetensors", &list, 0, list.count);
    assert_int_equal(open_and_read(tree.path), SVA_OK);
    enum sva_status status = SVA_ERR_MEMORY;
    uint64_t allocation = 0;
    while (status == SVA_ERR_MEMORY) {
        sva_memory_fail_after(++allocation);
        status = open_and_read(tree.path);
    }
    sva_memory_fail_after(0);
    assert_int_equal(status, SVA_OK);
    assert_true(allocation > 40);
    tree_remove(&tree);
    free_stored(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_that_do_not_fit_stay_as_they_are),
        cmocka_unit_test(a_matrix_that_can_be_read_in_two_ways_stays_as_it_is),
        cmocka_unit_test(nf4_with_something_of_another_scheme_stays_as_it_is),
        cmocka_unit_test(what_stands_beside_a_bad_set_is_still_decoded),
        cmocka_unit_test(a_group_that_is_not_there_is_corrupt),
        cmocka_unit_test(a_hostile_quantisation_state_is_not_believed),
        cmocka_unit_test(a_table_of_other_values_is_not_nf4),
        cmocka_unit_test(a_method_that_is_not_read_is_said),
        cmocka_unit_test(many_bad_sets_give_few_findings),
        cmocka_unit_test(every_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
