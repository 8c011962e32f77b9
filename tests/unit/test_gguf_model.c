/* SPDX-License-Identifier: Apache-2.0 */
/* A directory of GGUF files opened as a model, with what usually lies beside them. */
#include "gguf_builder.h"
#include "model_builder.h"

static void write_model(const struct temp_tree *tree, const char *name, uint32_t ggml_type,
                        size_t block_bytes)
{
    static const char *const tokens[] = {"a", "b", "<s>", "[PAD3]"};
    static const int32_t types[] = {1, 1, 3, 5};
    static const char *const names[] = {"token_embd.weight", "blk.0.attn_q.weight",
                                        "blk.0.attn_k.weight", "blk.0.attn_v.weight",
                                        "blk.0.attn_output.weight"};
    struct gguf_build build = {0};
    gguf_string(&build, "general.architecture", "qwen3");
    gguf_u32(&build, "qwen3.block_count", 1);
    gguf_u32(&build, "qwen3.embedding_length", 32);
    gguf_u32(&build, "qwen3.attention.head_count", 4);
    gguf_u32(&build, "qwen3.attention.head_count_kv", 4);
    gguf_string(&build, "tokenizer.ggml.model", "gpt2");
    gguf_strings(&build, "tokenizer.ggml.tokens", tokens, 4);
    gguf_i32s(&build, "tokenizer.ggml.token_type", types, 4);
    gguf_string(&build, "tokenizer.chat_template", "{{ own }}");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const uint64_t ne[2] = {32, i == 0 ? 4 : 32};
        gguf_tensor(&build, names[i], ggml_type, 2, ne, (size_t)ne[1] * block_bytes);
    }
    const struct sva_span file = gguf_finish(&build);
    tree_write(tree, name, file.data, file.size);
    gguf_build_done(&build);
}

static void write_encoder(const struct temp_tree *tree, const char *name)
{
    struct gguf_build build = {0};
    gguf_string(&build, "general.architecture", "clip");
    gguf_string(&build, "general.type", "mmproj");
    gguf_u32(&build, "clip.vision.embedding_length", 16);
    gguf_u32(&build, "clip.vision.attention.head_count", 2);
    const uint64_t patch[4] = {4, 4, 3, 16};
    gguf_tensor(&build, "v.patch_embd.weight", 0, 4, patch, 4 * 768);
    gguf_matrix(&build, "v.blk.0.attn_q.weight", 16, 16);
    gguf_matrix(&build, "v.blk.0.attn_out.weight", 16, 16);
    const struct sva_span file = gguf_finish(&build);
    tree_write(tree, name, file.data, file.size);
    gguf_build_done(&build);
}

static void assert_fact(const struct sva_model *model, const char *key, const char *value)
{
    const char *const given = sva_model_fact(model, key);
    assert_non_null(given);
    assert_string_equal(given, value);
}

static void a_directory_of_gguf_files_is_one_model(void **state)
{
    (void)state;
    struct temp_tree tree;
    tree_make(&tree);
    write_model(&tree, "m-F32.gguf", 0, 128);
    write_model(&tree, "m-Q8_0.gguf", 8, 34);
    write_encoder(&tree, "mmproj-F32.gguf");
    tree_text(&tree, "config.json", "{\"model_type\": \"other\", \"hidden_size\": 99}");
    tree_text(&tree, "tokenizer.json",
              "{\"model\": {\"type\": \"WordLevel\", \"vocab\": {\"x\": 0}}}");
    tree_text(&tree, "chat_template.jinja", "{{ beside }}");
    struct sva_model *const model = tree_open(&tree, "");
    assert_int_equal(model->tensor_count, 8);
    assert_views_cover(model);
    assert_int_equal(count_findings(model, "duplicate-weights"), 1);
    assert_int_equal(count_findings(model, "not-audited"), 0);
    assert_int_equal(count_findings(model, "config-mismatch"), 0);
    assert_int_equal(count_findings(model, "duplicate-config-key"), 0);
    for (size_t i = 0; i < model->file_count; i++) {
        const bool again = strcmp(model->files[i].path, "m-Q8_0.gguf") == 0;
        if (strstr(model->files[i].path, ".gguf") != NULL) {
            assert_int_equal(model->files[i].kind, again ? SVA_FILE_WEIGHTS : SVA_FILE_GGUF);
        }
    }
    /* what the file says about itself, not what lies beside it */
    assert_fact(model, "config.model_type", "qwen3");
    assert_fact(model, "config.hidden_size", "32");
    assert_fact(model, "config.vision.hidden_size", "16");
    assert_fact(model, "tokenizer.file", "m-F32.gguf");
    assert_fact(model, "tokenizer.vocab_size", "3");
    assert_fact(model, "tokenizer.chat_template_file", "m-F32.gguf");
    assert_int_equal(model->token_count, 3);
    component_of(model, "text-decoder");
    component_of(model, "vision-encoder");
    sva_model_close(model);
    tree_remove(&tree);
}

static void one_file_opens_like_its_directory(void **state)
{
    (void)state;
    struct temp_tree tree;
    tree_make(&tree);
    write_model(&tree, "m-Q8_0.gguf", 8, 34);
    struct sva_model *const alone = tree_open(&tree, "m-Q8_0.gguf");
    struct sva_model *const inside = tree_open(&tree, "");
    assert_int_equal(alone->tensor_count, 5);
    assert_int_equal(alone->tensor_count, inside->tensor_count);
    assert_int_equal(alone->fact_count, inside->fact_count);
    for (size_t i = 0; i < alone->fact_count; i++) {
        assert_string_equal(alone->facts[i].key, inside->facts[i].key);
        assert_string_equal(alone->facts[i].value, inside->facts[i].value);
    }
    sva_model_close(alone);
    sva_model_close(inside);
    tree_remove(&tree);
}

static void the_same_tensor_in_two_parts_is_refused(void **state)
{
    (void)state;
    struct temp_tree tree;
    tree_make(&tree);
    for (unsigned i = 0; i < 2; i++) {
        struct gguf_build build = {0};
        gguf_bits(&build, "split.no", SVA_GGUF_U16, i);
        gguf_bits(&build, "split.count", SVA_GGUF_U16, 2);
        gguf_bits(&build, "split.tensors.count", SVA_GGUF_I32, 2);
        gguf_matrix(&build, "same", 4, 8);
        const struct sva_span file = gguf_finish(&build);
        tree_write(&tree, i == 0 ? "m-00001-of-00002.gguf" : "m-00002-of-00002.gguf", file.data,
                   file.size);
        gguf_build_done(&build);
    }
    tree_refused(&tree, "", SVA_ERR_CORRUPT, "is stored in both");
    tree_remove(&tree);
}

static void many_models_in_a_directory_are_told_in_bounds(void **state)
{
    (void)state;
    struct temp_tree tree;
    tree_make(&tree);
    for (unsigned i = 0; i < 150; i++) {
        char name[32];
        struct gguf_build build = {0};
        (void)snprintf(name, sizeof name, "m%03u.gguf", i);
        gguf_matrix(&build, "a", 4, 8 + i);
        const struct sva_span file = gguf_finish(&build);
        tree_write(&tree, name, file.data, file.size);
        gguf_build_done(&build);
    }
    struct sva_model *const model = tree_open(&tree, "");
    assert_int_equal(model->tensor_count, 1);
    assert_int_equal(model->tensors[0].shape[1], 8 + 149); /* the most bytes */
    assert_int_equal(model->file_count, 150);
    assert_true(model->finding_count < 140);
    sva_model_close(model);
    tree_remove(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_directory_of_gguf_files_is_one_model),
        cmocka_unit_test(one_file_opens_like_its_directory),
        cmocka_unit_test(the_same_tensor_in_two_parts_is_refused),
        cmocka_unit_test(many_models_in_a_directory_are_told_in_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
