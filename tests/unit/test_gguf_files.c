/* SPDX-License-Identifier: Apache-2.0 */
/* GGUF files of a directory: which are one model, and what they say about it. */
#include "gguf_builder.h"
#include "gguf_parts.h"
#include "model_builder.h"

#include "base/hash.h"
#include "model/config_reader.h"
#include "model/gguf_facts.h"
#include "model/tokenizer.h"

/* -- sets of files ----------------------------------------------------------------------------- */

struct made_file {
    const char *name;
    const char *architecture; /**< NULL: a part that says nothing */
    const char *type;         /**< general.type or NULL */
    uint32_t blocks;
    uint32_t tensors;
    uint32_t ggml_type;
    int32_t number, count, all; /**< split.*; -1: no such key */
};

static void make_file(const struct temp_tree *tree, const struct made_file *made)
{
    struct gguf_build build = {0};
    const uint64_t ne[2] = {32, 4};
    if (made->architecture != NULL) {
        char key[64];
        gguf_string(&build, "general.architecture", made->architecture);
        (void)snprintf(key, sizeof key, "%s.block_count", made->architecture);
        gguf_u32(&build, key, made->blocks);
    }
    if (made->type != NULL) {
        gguf_string(&build, "general.type", made->type);
    }
    if (made->number >= 0) {
        gguf_bits(&build, "split.no", SVA_GGUF_U16, (uint64_t)made->number);
    }
    if (made->count >= 0) {
        gguf_bits(&build, "split.count", SVA_GGUF_U16, (uint64_t)made->count);
    }
    if (made->all >= 0) {
        gguf_bits(&build, "split.tensors.count", SVA_GGUF_I32, (uint64_t)made->all);
    }
    for (uint32_t i = 0; i < made->tensors; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "t.%d.%u", (int)made->number, (unsigned)i);
        gguf_tensor(&build, name, made->ggml_type, 2, ne,
                    made->ggml_type == 0   ? 512
                    : made->ggml_type == 1 ? 256
                                           : 4 * 18);
    }
    const struct sva_span file = gguf_finish(&build);
    tree_write(tree, made->name, file.data, file.size);
    gguf_build_done(&build);
}

enum { FILES_MOST = 5 };

struct choice {
    const char *what;
    bool single;
    struct made_file files[FILES_MOST]; /**< in order of their names */
    const char *audited;                /**< one letter per file: y or n; NULL: refused */
    const char *says;                   /**< code of a finding, or part of the refusal; or NULL */
};

static const struct choice choices[] = {
    {"one file", false, {{"m.gguf", "llama", NULL, 2, 1, 0, -1, -1, -1}}, "y", NULL},
    {"all parts",
     false,
     {{"m-00001-of-00003.gguf", "llama", NULL, 2, 2, 0, 0, 3, 4},
      {"m-00002-of-00003.gguf", NULL, NULL, 0, 1, 0, 1, 3, 4},
      {"m-00003-of-00003.gguf", NULL, NULL, 0, 1, 0, 2, 3, 4}},
     "yyy",
     NULL},
    {"a first part without tensors",
     false,
     {{"m-00001-of-00002.gguf", "llama", NULL, 2, 0, 0, 0, 2, 1},
      {"m-00002-of-00002.gguf", NULL, NULL, 0, 1, 0, 1, 2, 1}},
     "yy",
     NULL},
    {"a part missing",
     false,
     {{"m-00001-of-00003.gguf", "llama", NULL, 2, 1, 0, 0, 3, 3},
      {"m-00003-of-00003.gguf", NULL, NULL, 0, 1, 0, 2, 3, 3}},
     NULL,
     "a part of the set is missing"},
    {"the last part missing",
     false,
     {{"m-00001-of-00002.gguf", "llama", NULL, 2, 1, 0, 0, 2, 2}},
     NULL,
     "a part of the set is missing"},
    {"numbers exchanged",
     false,
     {{"m-00001-of-00002.gguf", "llama", NULL, 2, 1, 0, 1, 2, 2},
      {"m-00002-of-00002.gguf", NULL, NULL, 0, 1, 0, 0, 2, 2}},
     NULL,
     "split.no disagree"},
    {"another count inside",
     false,
     {{"m-00001-of-00002.gguf", "llama", NULL, 2, 1, 0, 0, 3, 2},
      {"m-00002-of-00002.gguf", NULL, NULL, 0, 1, 0, 1, 3, 2}},
     NULL,
     "split.count disagree"},
    {"a tensor too few",
     false,
     {{"m-00001-of-00002.gguf", "llama", NULL, 2, 1, 0, 0, 2, 3},
      {"m-00002-of-00002.gguf", NULL, NULL, 0, 1, 0, 1, 2, 3}},
     NULL,
     "split.tensors.count"},
    {"a part under another name",
     false,
     {{"m.gguf", "llama", NULL, 2, 1, 0, 0, 2, 2}},
     NULL,
     "not named <prefix>"},
    {"a lone part that was named",
     true,
     {{"m-00001-of-00002.gguf", "llama", NULL, 2, 1, 0, 0, 2, 2}},
     "y",
     "lone-shard"},
    {"a lone part under another name",
     true,
     {{"m.gguf", "llama", NULL, 2, 1, 0, 0, 2, 2}},
     "y",
     "lone-shard"},
    {"parts by name only",
     false,
     {{"m-00001-of-00002.gguf", "llama", NULL, 2, 1, 0, -1, -1, -1},
      {"m-00002-of-00002.gguf", "llama", NULL, 2, 2, 0, -1, -1, -1}},
     "yy",
     "odd-split"},
    {"two quantisations",
     false,
     {{"m-F16.gguf", "llama", NULL, 2, 3, 1, -1, -1, -1},
      {"m-Q4_0.gguf", "llama", NULL, 2, 3, 2, -1, -1, -1}},
     "yn",
     "duplicate-weights"},
    {"the better one in parts",
     false,
     {{"a-Q4_0.gguf", "llama", NULL, 2, 2, 2, -1, -1, -1},
      {"m-F32-00001-of-00002.gguf", "llama", NULL, 2, 1, 0, 0, 2, 2},
      {"m-F32-00002-of-00002.gguf", NULL, NULL, 0, 1, 0, 1, 2, 2}},
     "nyy",
     "duplicate-weights"},
    {"the better one not whole",
     false,
     {{"a-Q4_0.gguf", "llama", NULL, 2, 2, 2, -1, -1, -1},
      {"m-F32-00001-of-00002.gguf", "llama", NULL, 2, 1, 0, 0, 2, 2}},
     "yn",
     "not-audited"},
    {"another, smaller network",
     false,
     {{"draft.gguf", "llama", NULL, 1, 1, 0, -1, -1, -1},
      {"m.gguf", "llama", NULL, 2, 3, 2, -1, -1, -1}},
     "ny",
     "not-audited"},
    {"an encoder beside",
     false,
     {{"m.gguf", "llama", NULL, 2, 1, 0, -1, -1, -1},
      {"mmproj-m.gguf", "clip", "mmproj", 2, 1, 1, -1, -1, -1}},
     "yy",
     NULL},
    {"two encoders beside",
     false,
     {{"m.gguf", "llama", NULL, 2, 1, 0, -1, -1, -1},
      {"mmproj-F16.gguf", "clip", "mmproj", 2, 1, 1, -1, -1, -1},
      {"mmproj-F32.gguf", "clip", "mmproj", 2, 1, 0, -1, -1, -1}},
     "yny",
     "duplicate-weights"},
    {"an encoder alone", false, {{"mmproj.gguf", "clip", NULL, 2, 1, 0, -1, -1, -1}}, "y", NULL},
    {"an adapter beside",
     false,
     {{"lora.gguf", "llama", "adapter", 2, 4, 0, -1, -1, -1},
      {"m.gguf", "llama", NULL, 2, 1, 0, -1, -1, -1}},
     "ny",
     "not-audited"},
    {"an adapter alone",
     false,
     {{"lora.gguf", "llama", "adapter", 2, 4, 0, -1, -1, -1}},
     "y",
     NULL},
    {"importances beside",
     false,
     {{"imatrix.gguf", NULL, "imatrix", 0, 5, 0, -1, -1, -1},
      {"m.gguf", "llama", NULL, 2, 1, 0, -1, -1, -1}},
     "ny",
     "not-audited"},
    {"a vocabulary beside",
     false,
     {{"m.gguf", "llama", NULL, 2, 1, 0, -1, -1, -1},
      {"vocab.gguf", "llama", NULL, 2, 0, 0, -1, -1, -1}},
     "yn",
     "not-audited"},
    {"a vocabulary alone", false, {{"vocab.gguf", "llama", NULL, 2, 0, 0, -1, -1, -1}}, "y", NULL},
    {"a piece of a cut file",
     false,
     {{"m.gguf.part1of2", "llama", NULL, 2, 1, 0, -1, -1, -1}},
     NULL,
     "a piece of a file that was cut"},
};

static void add_files(struct sva_parts *parts, const struct temp_tree *tree,
                      const struct made_file *files)
{
    for (size_t i = 0; i < FILES_MOST && files[i].name != NULL; i++) {
        char path[512];
        make_file(tree, &files[i]);
        gguf_parts_add(parts, tree_path(tree, files[i].name, path));
    }
}

static void check_choice(const struct choice *choice, const struct sva_parts *parts,
                         enum sva_status status, const struct sva_error *error)
{
    if (status == SVA_OK ? choice->audited == NULL : choice->audited != NULL) {
        print_error("%s: %s\n", choice->what, error->text);
    }
    if (choice->audited == NULL) {
        assert_true(status == SVA_ERR_CORRUPT || status == SVA_ERR_UNSUPPORTED);
        assert_non_null(strstr(error->text, choice->says));
        return;
    }
    assert_int_equal(status, SVA_OK);
    const struct sva_scanned *const files = parts->scanned.items;
    assert_int_equal(strlen(choice->audited), parts->scanned.count);
    for (size_t i = 0; i < parts->scanned.count; i++) {
        assert_int_equal(files[i].audited, choice->audited[i] == 'y');
        assert_int_equal(files[i].explained, choice->audited[i] == 'n');
    }
    assert_int_equal(parts->findings.count, choice->says == NULL ? 0 : 1);
    assert_true(choice->says == NULL || gguf_finding(parts, choice->says) != NULL);
}

static void the_right_files_of_a_directory_are_chosen(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        struct temp_tree tree;
        struct sva_parts parts;
        struct sva_error error = {0};
        tree_make(&tree);
        gguf_parts_init(&parts);
        add_files(&parts, &tree, choices[i].files);
        parts.single = choices[i].single;
        const enum sva_status status = sva_gguf_choose(&parts, 0, &error);
        check_choice(&choices[i], &parts, status, &error);
        gguf_parts_done(&parts);
        tree_remove(&tree);
    }
}

/* -- facts ------------------------------------------------------------------------------------- */

/* Reads one file made by `build` as a model's; the caller ends `parts`. */
static void read_build(struct gguf_build *build, struct sva_parts *parts)
{
    struct temp_tree tree;
    char path[512];
    size_t findings = 0;
    struct sva_error error = {0};
    const struct sva_span file = gguf_finish(build);
    tree_make(&tree);
    tree_write(&tree, "m.gguf", file.data, file.size);
    gguf_parts_init(parts);
    gguf_parts_add(parts, tree_path(&tree, "m.gguf", path));
    assert_int_equal(gguf_parts_read(parts, &findings, &error), SVA_OK);
    tree_remove(&tree);
    gguf_build_done(build);
}

static const char *leaf(const struct sva_parts *parts, const char *path)
{
    return sva_config_text(&((const struct sva_group *)parts->groups.items)[0].config, path);
}

static void assert_text(const char *text, const char *expected)
{
    if (expected == NULL) {
        assert_null(text);
    } else {
        assert_non_null(text);
        assert_string_equal(text, expected);
    }
}

static void what_a_file_says_about_itself_becomes_facts(void **state)
{
    (void)state;
    static const char *const tags[] = {"a", "b"};
    struct gguf_build build = {0};
    gguf_string(&build, "general.architecture", "qwen3");
    gguf_string(&build, "general.name", "A Model");
    gguf_string(&build, "general.version", "v1.2");
    gguf_string(&build, "general.base_model.0.repo_url", "https://example.org/base");
    gguf_strings(&build, "general.tags", tags, 2);
    gguf_u32(&build, "general.file_type", 15 + 1024);
    gguf_u32(&build, "general.alignment", 32);
    gguf_string(&build, "quantize.imatrix.file", "i.dat");
    gguf_f32(&build, "qwen3.rope.freq_base", 1e6F);
    gguf_f32(&build, "qwen3.attention.layer_norm_rms_epsilon", 1e-6F);
    gguf_bits(&build, "qwen3.attention.causal", SVA_GGUF_BOOL, 1);
    gguf_string(&build, "qwen3.bad key\n", "x");
    gguf_string(&build, "other.thing", "x");
    gguf_string(&build, "general.cut",
                "before\xff"
                "after");
    struct sva_parts parts;
    read_build(&build, &parts);
    static const char *const facts[][2] = {
        {"gguf.version", "3"},
        {"gguf.model_version", "v1.2"},
        {"gguf.architecture", "qwen3"},
        {"gguf.name", "A Model"},
        {"gguf.base_model.0.repo_url", "https://example.org/base"},
        {"gguf.tags", "a, b"},
        {"gguf.file_type", "Q4_K_M (guessed)"},
        {"gguf.alignment", NULL},
        {"gguf.quantize.imatrix.file", "i.dat"},
        {"gguf.qwen3.rope.freq_base", "1000000"},
        {"gguf.qwen3.attention.layer_norm_rms_epsilon", "1e-06"},
        {"gguf.qwen3.attention.causal", "true"},
        {"gguf.qwen3.bad key\n", NULL},
        {"gguf.other.thing", NULL},
        {"gguf.cut", "before"},
        {"gguf.byte_order", NULL},
    };
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        assert_text(gguf_fact(&parts, facts[i][0]), facts[i][1]);
    }
    gguf_parts_done(&parts);
}

static void a_gguf_adapter_states_its_facts_under_the_names_of_peft(void **state)
{
    (void)state;
    static const char KEY[] = "adapter.base_model_name_or_path";
    static const struct {
        const char *type, *url, *name, *base;
        size_t findings;
    } cases[] = {
        {"adapter", "https://example.org/org/base", "Base", "https://example.org/org/base", 0},
        {"adapter", NULL, "Base 7B", "Base 7B", 0},
        {"adapter", NULL, "ends here\xff", "ends here", 0},
        {"adapter", NULL, NULL, NULL, 0},
        {"adapter", "../../etc", NULL, "../../etc", 1},
        {"model", "https://example.org/org/base", "Base", NULL, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct gguf_build build = {0};
        const bool adapter = strcmp(cases[i].type, "adapter") == 0;
        gguf_string(&build, "general.architecture", "llama");
        gguf_string(&build, "general.type", cases[i].type);
        if (adapter) {
            gguf_string(&build, "adapter.type", "lora");
            gguf_f32(&build, "adapter.lora.alpha", 16.0F);
        }
        if (cases[i].url != NULL) {
            gguf_string(&build, "general.base_model.0.repo_url", cases[i].url);
        }
        if (cases[i].name != NULL) {
            gguf_string(&build, "general.base_model.0.name", cases[i].name);
        }
        struct sva_parts parts;
        read_build(&build, &parts);
        assert_text(gguf_fact(&parts, KEY), cases[i].base);
        assert_text(gguf_fact(&parts, "adapter.peft_type"), adapter ? "LORA" : NULL);
        assert_text(gguf_fact(&parts, "adapter.lora_alpha"), adapter ? "16" : NULL);
        assert_int_equal(parts.findings.count, cases[i].findings);
        gguf_parts_done(&parts);
    }
}

static void the_network_is_described_as_config_json_does(void **state)
{
    (void)state;
    static const int32_t heads[] = {8, 8, 8};
    static const int32_t kv_heads[] = {0, 2, 2};
    static const int32_t widths[] = {64, 96, 64};
    struct gguf_build build = {0};
    gguf_string(&build, "general.architecture", "deepseek2");
    gguf_u32(&build, "deepseek2.block_count", 3);
    gguf_u32(&build, "deepseek2.nextn_predict_layers", 1);
    gguf_u32(&build, "deepseek2.embedding_length", 128);
    gguf_i32s(&build, "deepseek2.attention.head_count", heads, 3);
    gguf_i32s(&build, "deepseek2.attention.head_count_kv", kv_heads, 3);
    gguf_i32s(&build, "deepseek2.feed_forward_length", widths, 3);
    gguf_u32(&build, "deepseek2.attention.kv_lora_rank", 512);
    gguf_u32(&build, "deepseek2.attention.key_length", 576);
    gguf_u32(&build, "deepseek2.attention.key_length_mla", 192);
    gguf_u32(&build, "deepseek2.attention.value_length_mla", 128);
    gguf_u32(&build, "deepseek2.rope.dimension_count", 64);
    gguf_f32(&build, "deepseek2.rope.freq_base", 10000.0F);
    gguf_u32(&build, "deepseek2.vocab_size", 1000);
    struct sva_parts parts;
    read_build(&build, &parts);
    static const char *const leaves[][2] = {
        {"model_type", "deepseek2"},  {"architectures.0", "deepseek2"},
        {"num_hidden_layers", "2"},   {"num_nextn_predict_layers", "1"},
        {"hidden_size", "128"},       {"num_attention_heads", "8"},
        {"num_key_value_heads", "2"}, {"intermediate_size", NULL},
        {"kv_lora_rank", "512"},      {"head_dim", NULL},
        {"qk_rope_head_dim", "64"},   {"qk_nope_head_dim", "128"},
        {"v_head_dim", "128"},        {"rope_theta", "10000"},
        {"vocab_size", "1000"},
    };
    for (size_t i = 0; i < sizeof leaves / sizeof *leaves; i++) {
        assert_text(leaf(&parts, leaves[i][0]), leaves[i][1]);
    }
    assert_true(((const struct sva_group *)parts.groups.items)[0].has_config);
    uint64_t number = 0;
    const struct sva_config *const config =
        &((const struct sva_group *)parts.groups.items)[0].config;
    assert_true(sva_config_u64(config, "", "num_attention_heads", &number));
    assert_int_equal(number, 8);
    gguf_parts_done(&parts);
}

static void heads_have_the_stated_width(void **state)
{
    (void)state;
    struct gguf_build build = {0};
    gguf_string(&build, "general.architecture", "qwen3");
    gguf_u32(&build, "qwen3.attention.head_count", 16);
    gguf_u32(&build, "qwen3.attention.key_length", 128);
    struct sva_parts parts;
    read_build(&build, &parts);
    assert_text(leaf(&parts, "head_dim"), "128");
    gguf_parts_done(&parts);
}

static void an_encoder_describes_itself_in_sections_of_its_own(void **state)
{
    (void)state;
    struct gguf_build build = {0};
    gguf_string(&build, "general.architecture", "clip");
    gguf_string(&build, "general.type", "mmproj");
    gguf_string(&build, "general.name", "Eyes");
    gguf_string(&build, "clip.projector_type", "gemma3");
    gguf_u32(&build, "clip.vision.embedding_length", 1152);
    gguf_u32(&build, "clip.vision.block_count", 27);
    gguf_u32(&build, "clip.vision.attention.head_count", 16);
    gguf_u32(&build, "clip.audio.embedding_length", 1280);
    struct sva_parts parts;
    read_build(&build, &parts);
    assert_text(gguf_fact(&parts, "mmproj.name"), "Eyes");
    assert_text(gguf_fact(&parts, "mmproj.clip.projector_type"), "gemma3");
    assert_text(gguf_fact(&parts, "gguf.name"), NULL);
    assert_text(leaf(&parts, "vision_config.hidden_size"), "1152");
    assert_text(leaf(&parts, "vision_config.num_hidden_layers"), "27");
    assert_text(leaf(&parts, "vision_config.num_attention_heads"), "16");
    assert_text(leaf(&parts, "audio_config.hidden_size"), "1280");
    assert_text(leaf(&parts, "projector_type"), "gemma3");
    assert_text(leaf(&parts, "model_type"), NULL);
    gguf_parts_done(&parts);
}

/* -- vocabulary -------------------------------------------------------------------------------- */

enum { TOKENS_MOST = 8 };

static const struct {
    const char *model;
    const char *tokens[TOKENS_MOST];
    int32_t types[TOKENS_MOST];
    const char *json; /**< the same vocabulary as tokenizer.json */
    const char *kind;
} vocabularies[] = {
    {"gpt2",
     {"a", "\xC4\xA0the", "\xC3\xA9", "<|end|>", "\xEF\xBD\x9C\xE2\x96\x81", "[PAD5]"},
     {1, 1, 1, 3, 4, 5},
     "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"a\":0,\"\xC4\xA0the\":1,\"\xC3\xA9\":2}},"
     "\"pre_tokenizer\":{\"type\":\"ByteLevel\"},\"added_tokens\":["
     "{\"id\":3,\"content\":\"<|end|>\",\"special\":true},"
     "{\"id\":4,\"content\":\"\xEF\xBD\x9C\xE2\x96\x81\",\"special\":false}]}",
     "bpe, byte level"},
    {"llama",
     {"<unk>", "<s>", "<0x0A>", "\xE2\x96\x81the", "  ", "x"},
     {2, 3, 6, 1, 4, 1},
     "{\"model\":{\"type\":\"BPE\",\"vocab\":{\"<unk>\":0,\"<s>\":1,\"<0x0A>\":2,"
     "\"\xE2\x96\x81the\":3,\"\xE2\x96\x81\xE2\x96\x81\":4,\"x\":5}},"
     "\"decoder\":{\"type\":\"ByteFallback\"},\"added_tokens\":["
     "{\"id\":0,\"content\":\"<unk>\",\"special\":true},"
     "{\"id\":1,\"content\":\"<s>\",\"special\":true},"
     "{\"id\":4,\"content\":\"\xE2\x96\x81\xE2\x96\x81\",\"special\":false}]}",
     "bpe, sentencepiece"},
    {"t5",
     {"<pad>", "\xE2\x96\x81the", "x"},
     {3, 1, 1},
     "{\"model\":{\"type\":\"Unigram\",\"vocab\":[[\"<pad>\",0],[\"\xE2\x96\x81the\",-1],"
     "[\"x\",-2]]},\"added_tokens\":[{\"id\":0,\"content\":\"<pad>\",\"special\":true}]}",
     "unigram"},
    {"bert",
     {"[CLS]", "\xE2\x96\x81the", "ing", "\xE2\x96\x81"},
     {3, 1, 1, 1},
     "{\"model\":{\"type\":\"WordPiece\",\"vocab\":{\"[CLS]\":0,\"the\":1,\"##ing\":2,\"\":3}},"
     "\"added_tokens\":[{\"id\":0,\"content\":\"[CLS]\",\"special\":true}]}",
     "wordpiece"},
};

static void a_vocabulary_has_the_keys_that_tokenizer_json_gives(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vocabularies / sizeof *vocabularies; i++) {
        size_t count = 0;
        while (count < TOKENS_MOST && vocabularies[i].tokens[count] != NULL) {
            count++;
        }
        for (unsigned order = 0; order < 2; order++) {
            struct gguf_build build = {.big_endian = order == 1};
            gguf_string(&build, "general.architecture", "any");
            gguf_string(&build, "tokenizer.ggml.model", vocabularies[i].model);
            gguf_string(&build, "tokenizer.ggml.pre", "own");
            gguf_strings(&build, "tokenizer.ggml.tokens", vocabularies[i].tokens, count);
            gguf_i32s(&build, "tokenizer.ggml.token_type", vocabularies[i].types, count);
            gguf_u32(&build, "tokenizer.ggml.bos_token_id", 1);
            struct sva_parts parts;
            read_build(&build, &parts);
            struct sva_vocabulary other = {0};
            const struct sva_span json = {(const uint8_t *)vocabularies[i].json,
                                          strlen(vocabularies[i].json)};
            assert_int_equal(sva_tokenizer_parse(json, "j", 32, &other, NULL), SVA_OK);
            assert_int_equal(parts.token_count, other.count);
            assert_memory_equal(parts.token_keys, other.keys, other.count * sizeof *other.keys);
            assert_text(gguf_fact(&parts, "tokenizer.kind"), vocabularies[i].kind);
            assert_text(gguf_fact(&parts, "tokenizer.model"), vocabularies[i].model);
            assert_text(gguf_fact(&parts, "tokenizer.pre"), "own");
            assert_text(gguf_fact(&parts, "tokenizer.bos_token_id"), "1");
            assert_text(gguf_fact(&parts, "tokenizer.file"), "m.gguf");
            struct sva_parts alike;
            gguf_parts_init(&alike);
            const uint64_t special = other.special_count;
            assert_int_equal(sva_tokenizer_publish(&alike, "j", &other, NULL), SVA_OK);
            static const char *const same[] = {"tokenizer.kind", "tokenizer.vocab_size",
                                               "tokenizer.vocab_sha256",
                                               "tokenizer.special_tokens"};
            for (size_t k = 0; k < sizeof same / sizeof *same; k++) {
                assert_text(gguf_fact(&parts, same[k]), gguf_fact(&alike, same[k]));
            }
            assert_true(special > 0);
            sva_vocabulary_done(&other);
            gguf_parts_done(&alike);
            gguf_parts_done(&parts);
        }
    }
}

/* -- chat templates ---------------------------------------------------------------------------- */

static void chat_templates_are_hashed_and_never_evaluated(void **state)
{
    (void)state;
    char *const longest = calloc(9000, 1);
    assert_non_null(longest);
    memset(longest, '.', 8190);
    memcpy(longest + 4090, "__globals__", 11); /* across the border of two pieces */
    struct gguf_build build = {0};
    gguf_string(&build, "general.architecture", "llama");
    gguf_string(&build, "tokenizer.chat_template", "{{ messages }}");
    gguf_string(&build, "tokenizer.chat_template.tool", longest);
    gguf_string(&build, "tokenizer.chat_template.bad name", "x");
    struct sva_parts parts;
    read_build(&build, &parts);
    uint8_t digest[32];
    char hex[65];
    assert_true(sva_sha256("{{ messages }}", 14, digest));
    sva_hex(digest, sizeof digest, hex);
    assert_text(gguf_fact(&parts, "tokenizer.chat_template"), hex);
    assert_text(gguf_fact(&parts, "tokenizer.chat_template_file"), "m.gguf");
    assert_true(sva_sha256(longest, strlen(longest), digest));
    sva_hex(digest, sizeof digest, hex);
    assert_text(gguf_fact(&parts, "tokenizer.chat_template.tool"), hex);
    const struct sva_finding *const finding = gguf_finding(&parts, "suspicious-template");
    assert_non_null(finding);
    assert_non_null(strstr(finding->text, "tokenizer.chat_template.tool holds \"__globals__\""));
    assert_text(gguf_fact(&parts, "tokenizer.chat_template.bad name"), NULL);
    gguf_parts_done(&parts);
    free(longest);
}

static void a_huge_template_is_not_read(void **state)
{
    (void)state;
    const size_t size = (10 << 20) + 1;
    char *const text = calloc(size + 1, 1);
    assert_non_null(text);
    memset(text, 'x', size);
    struct gguf_build build = {0};
    gguf_string(&build, "general.architecture", "llama");
    gguf_string(&build, "tokenizer.chat_template", text);
    struct sva_parts parts;
    read_build(&build, &parts);
    assert_non_null(gguf_finding(&parts, "chat-template-not-read"));
    assert_text(gguf_fact(&parts, "tokenizer.chat_template"), NULL);
    gguf_parts_done(&parts);
    free(text);
}

/* -- memory ------------------------------------------------------------------------------------ */

static void every_failing_allocation_is_told(void **state)
{
    (void)state;
    static const char *const tokens[] = {"[CLS]", "ing", "\xE2\x96\x81the"};
    static const int32_t types[] = {3, 1, 1};
    struct temp_tree tree;
    char paths[2][512];
    tree_make(&tree);
    for (unsigned i = 0; i < 2; i++) {
        struct gguf_build build = {0};
        gguf_string(&build, "general.architecture", "bert");
        gguf_strings(&build, "general.tags", tokens, 3);
        gguf_u32(&build, "bert.block_count", 2);
        gguf_i32s(&build, "bert.attention.head_count", types, 3);
        gguf_string(&build, "tokenizer.ggml.model", "bert");
        gguf_strings(&build, "tokenizer.ggml.tokens", tokens, 3);
        gguf_i32s(&build, "tokenizer.ggml.token_type", types, 3);
        gguf_string(&build, "tokenizer.chat_template", "{{ ''.__class__ }}");
        gguf_matrix(&build, "a", 8, 8 + i);
        const struct sva_span file = gguf_finish(&build);
        const char *const name = i == 0 ? "a.gguf" : "b.gguf";
        tree_write(&tree, name, file.data, file.size);
        (void)tree_path(&tree, name, paths[i]);
        gguf_build_done(&build);
    }
    enum sva_status status = SVA_ERR_MEMORY;
    unsigned failures = 0;
    for (uint64_t n = 1; status == SVA_ERR_MEMORY; n++) {
        struct sva_parts parts;
        struct sva_error error = {0};
        size_t findings = 0;
        gguf_parts_init(&parts);
        gguf_parts_add(&parts, paths[0]);
        gguf_parts_add(&parts, paths[1]);
        sva_memory_fail_after(n);
        status = gguf_parts_read(&parts, &findings, &error);
        sva_memory_fail_after(0);
        failures += status == SVA_ERR_MEMORY;
        assert_true(status == SVA_OK || error.text[0] != '\0');
        gguf_parts_done(&parts);
    }
    assert_int_equal(status, SVA_OK);
    assert_true(failures > 30);
    tree_remove(&tree);
}

/* -- real vocabularies ------------------------------------------------------------------------- */

static void real_vocabularies_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *file, *kind, *size, *special, *layers;
    } cases[] = {
        {"baichuan", "bpe, sentencepiece", "64000", "3", "32"},
        {"bert-bge", "wordpiece", "30522", "5", "12"},
        {"deepseek-coder", "bpe, byte level", "32256", NULL, "32"},
        {"deepseek-llm", "bpe, byte level", "102400", NULL, "30"},
        {"falcon", "bpe, byte level", "65024", NULL, "32"},
        {"gpt-2", "bpe, byte level", "50257", NULL, "12"},
        {"gpt-neox", "bpe, byte level", NULL, NULL, "44"},
        {"llama-spm", "bpe, sentencepiece", "32000", "3", "32"},
        {"mpt", "bpe, byte level", NULL, NULL, "32"},
        {"phi-3", "bpe, sentencepiece", "32064", NULL, "32"},
        {"refact", "bpe, byte level", NULL, NULL, "32"},
        {"starcoder", "bpe, byte level", "49152", NULL, "30"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[1024];
        (void)snprintf(path, sizeof path, "%s/data/formats/gguf-vocab/ggml-vocab-%s.gguf",
                       SVA_SHARED_DIR, cases[i].file);
        if (access(path, R_OK) != 0) {
            skip();
        }
        struct sva_parts parts;
        struct sva_error error = {0};
        size_t findings = 0;
        gguf_parts_init(&parts);
        gguf_parts_add(&parts, path);
        parts.single = true;
        assert_int_equal(gguf_parts_read(&parts, &findings, &error), SVA_OK);
        assert_int_equal(findings, 0);
        assert_text(gguf_fact(&parts, "tokenizer.kind"), cases[i].kind);
        if (cases[i].size != NULL) {
            assert_text(gguf_fact(&parts, "tokenizer.vocab_size"), cases[i].size);
        }
        if (cases[i].special != NULL) {
            assert_text(gguf_fact(&parts, "tokenizer.special_tokens"), cases[i].special);
        }
        assert_text(leaf(&parts, "num_hidden_layers"), cases[i].layers);
        gguf_parts_done(&parts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_right_files_of_a_directory_are_chosen),
        cmocka_unit_test(what_a_file_says_about_itself_becomes_facts),
        cmocka_unit_test(a_gguf_adapter_states_its_facts_under_the_names_of_peft),
        cmocka_unit_test(the_network_is_described_as_config_json_does),
        cmocka_unit_test(heads_have_the_stated_width),
        cmocka_unit_test(an_encoder_describes_itself_in_sections_of_its_own),
        cmocka_unit_test(a_vocabulary_has_the_keys_that_tokenizer_json_gives),
        cmocka_unit_test(chat_templates_are_hashed_and_never_evaluated),
        cmocka_unit_test(a_huge_template_is_not_read),
        cmocka_unit_test(every_failing_allocation_is_told),
        cmocka_unit_test(real_vocabularies_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
