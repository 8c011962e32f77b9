/* SPDX-License-Identifier: Apache-2.0 */
/* Facts and findings about what lies beside the weights: config.json, model card, licence. */
#include "model_builder.h"

static const tensor_spec first_half[] = {"model.embed_tokens.weight 16x8",
                                         "model.layers.0.input_layernorm.weight 8",
                                         "model.layers.0.self_attn.q_proj.weight 8x8", NULL};
static const tensor_spec second_half[] = {"model.layers.0.mlp.down_proj.weight 8x12",
                                          "model.layers.0.self_attn.o_proj.weight 8x8",
                                          "model.norm.weight 8", NULL};

static void make_sharded(struct temp_tree *tree)
{
    tree_make(tree);
    tree_tensors(tree, "model-00001-of-00002.safetensors", first_half);
    tree_tensors(tree, "model-00002-of-00002.safetensors", second_half);
}

/** Transformers takes the file that config.json names before any other. */
static void weights_that_a_configuration_names_are_audited_or_a_finding(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        unsigned findings;
        const char *unread;
    } cases[] = {
        {"model-00001-of-00002.safetensors", 0, "1"},
        {"model.safetensors.index.json", 0, "1"},
        {"extra.safetensors", 1, "1"},
        {".cache/w.safetensors", 1, "2"},
        {"../w.safetensors", 1, "2"},
        {"other.safetensors.index.json", 1, "2"},
        {"w.bin", 0, "1"},
    };
    static const tensor_spec extra[] = {"extra.weight 2", NULL};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct temp_tree tree;
        char text[128];
        make_sharded(&tree);
        tree_tensors(&tree, "extra.safetensors", extra);
        tree_text(&tree, "model.safetensors.index.json",
                  "{\"weight_map\": {\"model.embed_tokens.weight\": "
                  "\"model-00001-of-00002.safetensors\", \"model.norm.weight\": "
                  "\"model-00002-of-00002.safetensors\"}}");
        tree_folder(&tree, ".cache");
        tree_tensors(&tree, ".cache/w.safetensors", extra);
        snprintf(text, sizeof text, "{\"transformers_weights\": \"%s\"}", cases[i].name);
        tree_text(&tree, "config.json", text);
        struct sva_model *const model = tree_open(&tree, "");
        assert_int_equal(count_findings(model, "named-weights-not-audited"), cases[i].findings);
        assert_string_equal(sva_model_fact(model, "files.not_audited"), cases[i].unread);
        sva_model_close(model);
        tree_remove(&tree);
    }
}

static void a_list_of_the_card_that_is_cut_says_so(void **state)
{
    (void)state;
    static const struct {
        unsigned count, bytes; /* of items, and of each */
        size_t kept;           /* bytes of the value */
        bool cut;
    } cases[] = {{32, 4, 32 * 6 - 2, false},
                 {33, 4, 32 * 6 + 3, true},
                 {5, 201, 5 * 203 - 2, false},
                 {6, 201, 5 * 203 + 3, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct temp_tree tree;
        char text[2048] = "---\nbase_model:\n";
        size_t used = strlen(text);
        make_sharded(&tree);
        for (unsigned k = 0; k < cases[i].count; k++) {
            used += (size_t)snprintf(text + used, sizeof text - used, "- %0*u\n",
                                     (int)cases[i].bytes, k);
        }
        snprintf(text + used, sizeof text - used, "license: x\n---\n");
        tree_text(&tree, "README.md", text);
        struct sva_model *const model = tree_open(&tree, "");
        const char *const value = sva_model_fact(model, "card.base_model");
        assert_non_null(value);
        assert_int_equal(strlen(value), cases[i].kept);
        assert_true((strcmp(value + strlen(value) - 5, ", ...") == 0) == cases[i].cut);
        assert_string_equal(sva_model_fact(model, "card.license"), "x");
        sva_model_close(model);
        tree_remove(&tree);
    }
}

static void directories_that_were_not_entered_are_named(void **state)
{
    (void)state;
    static const char *const names[] = {"b", "b/z", "b/y", ".c", ".a", "b/.x"};
    struct temp_tree tree;
    make_sharded(&tree);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        tree_folder(&tree, names[i]);
    }
    struct sva_model *const model = tree_open(&tree, "");
    const char *text = "";
    for (size_t i = 0; i < model->finding_count; i++) {
        if (strcmp(model->findings[i].code, "directory-not-entered") == 0) {
            text = model->findings[i].text;
        }
    }
    assert_string_equal(text, "5 hidden or deeper directories were not looked into: .a, .c, b/.x, "
                              "b/y, ....");
    sva_model_close(model);
    tree_remove(&tree);
}

static void configuration_card_and_licence_become_facts(void **state)
{
    (void)state;
    struct temp_tree tree;
    make_sharded(&tree);
    tree_text(
        &tree, "config.json",
        "{\"model_type\": \"qwen2_vl\", \"architectures\": [\"A\", \"B\"], \"hidden_size\": 9,"
        " \"hidden_size\": 8, \"num_hidden_layers\": 3, \"_name_or_path\": \"Qwen/Base\","
        " \"vision_config\": {\"embed_dim\": 1280, \"depth\": 32},"
        " \"quantization_config\": {\"quant_method\": \"fp8\"},"
        " \"auto_map\": {\"AutoModel\": \"modeling_x.X\"}, \"rope_theta\": 1e6}");
    tree_text(
        &tree, "README.md",
        "---\r\nlicense: apache-2.0 # a comment\r\nbase_model:\r\n- org/one\r\n- \"org/two\"\r\n"
        "tags: [a, 'b', c]\r\nlibrary_name: &anchor x\r\nmodel-index:\r\n  - name: y\r\n"
        "base_model_relation: finetune\r\n---\r\nlicense: no\r\n");
    tree_text(&tree, "LICENSE", "abc");
    struct sva_model *const model = tree_open(&tree, "");
    assert_string_equal(sva_model_fact(model, "config.model_type"), "qwen2_vl");
    assert_string_equal(sva_model_fact(model, "config.architectures"), "A, B");
    assert_string_equal(sva_model_fact(model, "config.hidden_size"), "8");
    assert_string_equal(sva_model_fact(model, "config._name_or_path"), "Qwen/Base");
    assert_string_equal(sva_model_fact(model, "config.vision.embed_dim"), "1280");
    assert_string_equal(sva_model_fact(model, "config.quant_method"), "fp8");
    assert_string_equal(sva_model_fact(model, "config.auto_map.AutoModel"), "modeling_x.X");
    assert_string_equal(sva_model_fact(model, "config.rope_theta"), "1e6");
    assert_string_equal(sva_model_fact(model, "card.license"), "apache-2.0");
    assert_string_equal(sva_model_fact(model, "card.base_model"), "org/one, org/two");
    assert_string_equal(sva_model_fact(model, "card.base_model_relation"), "finetune");
    assert_string_equal(sva_model_fact(model, "card.tags"), "a, b, c");
    assert_null(sva_model_fact(model, "card.library_name"));
    assert_string_equal(sva_model_fact(model, "licence.sha256"),
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(count_findings(model, "duplicate-config-key"), 1);
    assert_int_equal(count_findings(model, "remote-code"), 1);
    assert_int_equal(count_findings(model, "config-mismatch"), 1); /* 3 layers stated, 1 stored */
    for (size_t i = 1; i < model->fact_count; i++) {
        assert_true(strcmp(model->facts[i - 1].key, model->facts[i].key) < 0);
    }
    sva_model_close(model);
    tree_remove(&tree);
}

static void lies_in_the_configuration_are_findings(void **state)
{
    (void)state;
    struct temp_tree tree;
    make_sharded(&tree);
    tree_text(&tree, "config.json",
              "{\"hidden_size\": 9, \"num_hidden_layers\": 1, \"vocab_size\": 17,"
              " \"intermediate_size\": 13}");
    struct sva_model *const model = tree_open(&tree, "");
    assert_int_equal(count_findings(model, "config-mismatch"), 3);
    sva_model_close(model);
    tree_remove(&tree);
}

/** Text of the first such finding that holds `words`, or NULL. */
static const char *mismatch_with(const struct sva_model *model, const char *words)
{
    for (size_t i = 0; i < model->finding_count; i++) {
        if (strcmp(model->findings[i].code, "config-mismatch") == 0 &&
            strstr(model->findings[i].text, words) != NULL) {
            return model->findings[i].text;
        }
    }
    return NULL;
}

static void heads_experts_and_tied_heads_are_checked_too(void **state)
{
    (void)state;
    static const tensor_spec tensors[] = {"model.embed_tokens.weight 16x8",
                                          "model.layers.0.self_attn.q_proj.weight 8x8",
                                          "model.layers.0.self_attn.k_proj.weight 4x8",
                                          "model.layers.0.self_attn.v_proj.weight 4x8",
                                          "model.layers.0.self_attn.o_proj.weight 8x8",
                                          "model.layers.0.mlp.gate.weight 2x8",
                                          "model.layers.0.mlp.experts.0.gate_proj.weight 6x8",
                                          "model.layers.0.mlp.experts.0.up_proj.weight 6x8",
                                          "model.layers.0.mlp.experts.0.down_proj.weight 8x6",
                                          "model.layers.0.mlp.experts.1.gate_proj.weight 6x8",
                                          "model.layers.0.mlp.experts.1.up_proj.weight 6x8",
                                          "model.layers.0.mlp.experts.1.down_proj.weight 8x6",
                                          "model.norm.weight 8",
                                          NULL};
    struct temp_tree tree;
    tree_make(&tree);
    tree_tensors(&tree, "model.safetensors", tensors);
    tree_text(
        &tree, "config.json",
        "{\"architectures\": [\"XForCausalLM\"], \"hidden_size\": 8, \"num_hidden_layers\": 1,"
        " \"num_attention_heads\": 4, \"num_key_value_heads\": 2, \"num_experts\": 2,"
        " \"moe_intermediate_size\": 6, \"tie_word_embeddings\": true, \"vocab_size\": 16}");
    struct sva_model *model = tree_open(&tree, "");
    assert_int_equal(count_findings(model, "config-mismatch"), 0);
    sva_model_close(model);
    tree_text(
        &tree, "config.json",
        "{\"architectures\": [\"XForCausalLM\"], \"hidden_size\": 8, \"num_hidden_layers\": 1,"
        " \"num_attention_heads\": 2, \"head_dim\": 2, \"num_key_value_heads\": 1,"
        " \"num_experts\": 4, \"moe_intermediate_size\": 7, \"tie_word_embeddings\": false}");
    model = tree_open(&tree, "");
    assert_int_equal(count_findings(model, "config-mismatch"), 5);
    assert_string_equal(mismatch_with(model, "num_attention_heads"),
                        "config.json states num_attention_heads = 2, which with 2 rows for each "
                        "makes 4, but the query projection of text-decoder has 8.");
    assert_non_null(mismatch_with(model, "num_key_value_heads = 1"));
    assert_string_equal(
        mismatch_with(model, "num_experts"),
        "config.json states num_experts = 4, but the tensors of text-decoder show 2.");
    assert_non_null(mismatch_with(model, "moe_intermediate_size = 7"));
    assert_non_null(mismatch_with(model, "tie_word_embeddings = false"));
    sva_model_close(model);
    tree_remove(&tree);
}

static void malformed_configurations_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "[]",
                                        "{",
                                        "{\"a\": 01}",
                                        "{} x",
                                        "{\"a\": \"\x01\"}",
                                        "nan",
                                        "\xef\xbb\xbf{}",
                                        "{\"a\": [1,]}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct temp_tree tree;
        make_sharded(&tree);
        tree_text(&tree, "config.json", texts[i]);
        tree_refused(&tree, "", SVA_ERR_CORRUPT, "config.json");
        tree_remove(&tree);
    }
}

static void an_adapters_configuration_becomes_facts(void **state)
{
    (void)state;
    static const tensor_spec specs[] = {
        "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight 2x8",
        "base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight 8x2", NULL};
    static const struct {
        const char *text, *base, *modules, *finding;
    } cases[] = {
        {"{\"peft_type\": \"LORA\", \"base_model_name_or_path\": \"org/base\", \"r\": 2, "
         "\"target_modules\": [\"q_proj\", \"v_proj\"]}",
         "org/base", "q_proj, v_proj", NULL},
        {"{\"base_model_name_or_path\": \"../../etc\", \"target_modules\": \".*q_proj\"}",
         "../../etc", ".*q_proj", "adapter-base-is-a-path"},
        {"{\"base_model_name_or_path\": \"/home/x/base\"}", "/home/x/base", NULL,
         "adapter-base-is-a-path"},
        {"{\"base_model_name_or_path\": null}", NULL, NULL, NULL},
        {"{\"r\": }", NULL, NULL, "adapter-config-unread"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct temp_tree tree;
        tree_make(&tree);
        tree_tensors(&tree, "adapter_model.safetensors", specs);
        tree_text(&tree, "adapter_config.json", cases[i].text);
        struct sva_model *const model = tree_open(&tree, "");
        const char *const base = sva_model_fact(model, "adapter.base_model_name_or_path");
        const char *const modules = sva_model_fact(model, "adapter.target_modules");
        if (cases[i].base == NULL) {
            assert_true(base == NULL || strcmp(base, "null") == 0);
        } else {
            assert_string_equal(base, cases[i].base);
        }
        if (cases[i].modules != NULL) {
            assert_string_equal(modules, cases[i].modules);
        }
        assert_int_equal(count_findings(model, "adapter-base-is-a-path") +
                             count_findings(model, "adapter-config-unread"),
                         cases[i].finding == NULL ? 0 : 1);
        assert_true(cases[i].finding == NULL || count_findings(model, cases[i].finding) == 1);
        sva_model_close(model);
        tree_remove(&tree);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_that_a_configuration_names_are_audited_or_a_finding),
        cmocka_unit_test(a_list_of_the_card_that_is_cut_says_so),
        cmocka_unit_test(directories_that_were_not_entered_are_named),
        cmocka_unit_test(configuration_card_and_licence_become_facts),
        cmocka_unit_test(lies_in_the_configuration_are_findings),
        cmocka_unit_test(heads_experts_and_tied_heads_are_checked_too),
        cmocka_unit_test(malformed_configurations_are_refused),
        cmocka_unit_test(an_adapters_configuration_becomes_facts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
