/* SPDX-License-Identifier: Apache-2.0 */
/* Opening models: directories, shards, hub caches, hostile trees, facts, real files. */
#include "model_builder.h"

#include <sys/types.h>

#include "base/memory.h"
#include "model/file_kinds.h"
#include "model/labelled_axes.h"

#include <sovaudit/report.h>

static const tensor_spec first_half[] = {"model.embed_tokens.weight 16x8",
                                         "model.layers.0.input_layernorm.weight 8",
                                         "model.layers.0.self_attn.q_proj.weight 8x8", NULL};
static const tensor_spec second_half[] = {"model.layers.0.mlp.down_proj.weight 8x12",
                                          "model.layers.0.self_attn.o_proj.weight 8x8",
                                          "model.norm.weight 8", NULL};

static const char good_index[] =
    "{\"metadata\": {\"total_size\": 1472}, \"weight_map\": {"
    "\"model.embed_tokens.weight\": \"model-00001-of-00002.safetensors\","
    "\"model.layers.0.input_layernorm.weight\": \"model-00001-of-00002.safetensors\","
    "\"model.layers.0.self_attn.q_proj.weight\": \"model-00001-of-00002.safetensors\","
    "\"model.layers.0.mlp.down_proj.weight\": \"model-00002-of-00002.safetensors\","
    "\"model.layers.0.self_attn.o_proj.weight\": \"model-00002-of-00002.safetensors\","
    "\"model.norm.weight\": \"model-00002-of-00002.safetensors\"}}";

static const char index_name[] = "model.safetensors.index.json";

static void make_sharded(struct temp_tree *tree)
{
    tree_make(tree);
    tree_tensors(tree, "model-00001-of-00002.safetensors", first_half);
    tree_tensors(tree, "model-00002-of-00002.safetensors", second_half);
}

static void shards_with_and_without_index_open_alike(void **state)
{
    (void)state;
    for (int with_index = 0; with_index < 2; with_index++) {
        struct temp_tree tree;
        make_sharded(&tree);
        if (with_index == 1) {
            tree_text(&tree, index_name, good_index);
        }
        struct sva_model *const model = tree_open(&tree, "");
        assert_int_equal(model->tensor_count, 6);
        assert_int_equal(model->component_count, 1);
        assert_int_equal(model->finding_count, 0);
        assert_views_cover(model);
        for (size_t i = 1; i < model->tensor_count; i++) {
            assert_true(strcmp(model->tensors[i - 1].name, model->tensors[i].name) < 0);
        }
        uint8_t bytes[32];
        struct sva_error error = {0};
        assert_int_equal(sva_model_read(model, model->tensors[0].file,
                                        model->tensors[0].offset_bytes, bytes, sizeof bytes,
                                        &error),
                         SVA_OK);
        sva_model_close(model);
        tree_remove(&tree);
    }
}

static void a_wrong_total_size_is_a_finding(void **state)
{
    (void)state;
    struct temp_tree tree;
    make_sharded(&tree);
    char text[sizeof good_index];
    memcpy(text, good_index, sizeof text);
    memcpy(strstr(text, "1472"), "1471", 4);
    tree_text(&tree, index_name, text);
    struct sva_model *const model = tree_open(&tree, "");
    assert_int_equal(model->finding_count, 1);
    assert_int_equal(count_findings(model, "total-size-mismatch"), 1);
    sva_model_close(model);
    tree_remove(&tree);
}

static void a_missing_shard_is_refused(void **state)
{
    (void)state;
    struct temp_tree tree;
    tree_make(&tree);
    tree_tensors(&tree, "model-00001-of-00002.safetensors", first_half);
    tree_refused(&tree, "", SVA_ERR_CORRUPT, "shard 2 of 2");
    tree_text(&tree, index_name, good_index);
    tree_refused(&tree, "", SVA_ERR_CORRUPT, "model-00002-of-00002.safetensors");
    tree_remove(&tree);
}

static void a_mapped_tensor_that_is_not_there_is_refused(void **state)
{
    (void)state;
    struct temp_tree tree;
    make_sharded(&tree);
    tree_text(&tree, index_name,
              "{\"weight_map\": {\"model.norm.weight\": \"model-00001-of-00002.safetensors\"}}");
    tree_refused(&tree, "", SVA_ERR_CORRUPT, "model.norm.weight");
    tree_remove(&tree);
}

static void a_tensor_beside_the_index_is_a_finding(void **state)
{
    (void)state;
    struct temp_tree tree;
    make_sharded(&tree);
    tree_text(&tree, index_name,
              "{\"weight_map\": {\"model.norm.weight\": \"model-00002-of-00002.safetensors\"}}");
    struct sva_model *const model = tree_open(&tree, "");
    assert_int_equal(model->tensor_count, 3);
    assert_int_equal(count_findings(model, "tensor-not-in-index"), 1);
    assert_int_equal(count_findings(model, "not-audited"), 1);
    sva_model_close(model);
    tree_remove(&tree);
}

static void a_tensor_in_two_shards_needs_an_index(void **state)
{
    (void)state;
    struct temp_tree tree;
    tree_make(&tree);
    static const tensor_spec again[] = {"model.norm.weight 8", "x.weight 3", NULL};
    tree_tensors(&tree, "a.safetensors", second_half);
    tree_tensors(&tree, "b.safetensors", again);
    tree_refused(&tree, "", SVA_ERR_CORRUPT, "model.norm.weight");
    tree_text(&tree, index_name,
              "{\"weight_map\": {\"model.norm.weight\": \"a.safetensors\", \"x.weight\": "
              "\"b.safetensors\"}}");
    struct sva_model *const model = tree_open(&tree, "");
    assert_int_equal(model->tensor_count, 4);
    assert_int_equal(count_findings(model, "tensor-shadowed"), 1);
    assert_views_cover(model);
    sva_model_close(model);
    tree_remove(&tree);
}

/** Loaders go through all shards, and the last copy wins: only the same bytes may be there twice. */
static void another_tensor_of_a_mapped_name_is_refused(void **state)
{
    (void)state;
    static const tensor_spec large[] = {"a 300000", "w 70000", NULL};
    static const tensor_spec copies[] = {"b 2", "w 70000", NULL};
    static const char *const differing[] = {"w 70001", "w 7x10000", "w 70000x1"};
    static const char index[] = "{\"weight_map\": {\"a\": \"a.safetensors\", \"w\": "
                                "\"a.safetensors\", \"b\": \"b.safetensors\"}}";
    struct temp_tree tree;
    char path[512];
    tree_make(&tree);
    tree_text(&tree, index_name, index);
    tree_tensors(&tree, "a.safetensors", large);
    tree_tensors(&tree, "b.safetensors", copies);
    struct sva_model *const model = tree_open(&tree, "");
    assert_int_equal(count_findings(model, "tensor-shadowed"), 1);
    sva_model_close(model);
    FILE *const file = fopen(tree_path(&tree, "b.safetensors", path), "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, -1, SEEK_END), 0);
    assert_int_equal(fputc(1, file), 1);
    assert_int_equal(fclose(file), 0);
    tree_refused(&tree, "", SVA_ERR_CORRUPT,
                 "w is stored in a.safetensors and again in b.safetensors, and loaders disagree");
    for (size_t i = 0; i < sizeof differing / sizeof *differing; i++) {
        const tensor_spec specs[] = {"b 2", differing[i], NULL};
        tree_tensors(&tree, "b.safetensors", specs);
        tree_refused(&tree, "", SVA_ERR_CORRUPT, "and again in b.safetensors");
    }
    tree_remove(&tree);
}

/** Transformers takes the single file, others the index. */
static void a_single_file_that_the_index_does_not_name_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *index, *single, *said;
    } cases[] = {
        {"model.safetensors.index.json", "model.safetensors", "disagree about model.safetensors:"},
        {"model.safetensors.index.json", "diffusion_pytorch_model.safetensors", "disagree about"},
        {"model.fp16.safetensors.index.json", "model.safetensors", "disagree about"},
        {"diffusion_pytorch_model.safetensors.index.json", "model.safetensors", "disagree about"},
        {"model.safetensors.index.json", "model.fp16.safetensors", NULL},
        {"model.safetensors.index.json", "consolidated.safetensors", NULL},
        {"model.safetensors.index.json", "extra.safetensors", NULL},
        {"model.safetensors.index.json", "model-00001-of-00002.safetensors", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct temp_tree tree;
        make_sharded(&tree);
        tree_text(&tree, cases[i].index, good_index);
        tree_tensors(&tree, cases[i].single, first_half);
        if (cases[i].said != NULL) {
            tree_refused(&tree, "", SVA_ERR_CORRUPT, cases[i].said);
        } else {
            sva_model_close(tree_open(&tree, ""));
        }
        tree_remove(&tree);
    }
    struct temp_tree tree;
    tree_make(&tree);
    tree_tensors(&tree, "model.safetensors", second_half);
    tree_text(&tree, index_name,
              "{\"weight_map\": {\"model.norm.weight\": \"model.safetensors\"}}");
    sva_model_close(tree_open(&tree, ""));
    tree_remove(&tree);
}

/** An index of another name would hide what loaders find without it. */
static void only_names_that_loaders_open_are_indexes(void **state)
{
    (void)state;
    static const char *const names[] = {
        "MODEL.SAFETENSORS.INDEX.JSON", "model.Safetensors.index.json", "a.safetensors.index.json",
        "model-x.safetensors.index.json", "xmodel.safetensors.index.json"};
    static const tensor_spec extra[] = {"extra.weight 2", NULL};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct temp_tree tree;
        make_sharded(&tree);
        tree_text(&tree, names[i], good_index);
        tree_tensors(&tree, "more.safetensors", extra);
        struct sva_model *const model = tree_open(&tree, "");
        assert_int_equal(count_findings(model, "not-audited"), 0);
        assert_string_equal(sva_model_fact(model, "files.not_audited"), "0");
        sva_model_close(model);
        tree_remove(&tree);
    }
}

static void a_file_that_is_left_out_is_no_audited_one(void **state)
{
    (void)state;
    static const tensor_spec extra[] = {"extra.weight 2", NULL};
    struct temp_tree tree;
    make_sharded(&tree);
    tree_text(&tree, index_name, good_index);
    tree_tensors(&tree, "a.safetensors", extra);
    struct sva_model *const model = tree_open(&tree, "");
    assert_string_equal(model->files[0].path, "a.safetensors");
    assert_int_equal(model->files[0].kind, SVA_FILE_WEIGHTS);
    assert_string_equal(sva_model_fact(model, "files.not_audited"), "1");
    assert_int_equal(count_findings(model, "not-audited"), 1);
    sva_model_close(model);
    tree_remove(&tree);
}

static void an_index_cannot_reach_out_of_the_directory(void **state)
{
    (void)state;
    struct temp_tree tree;
    make_sharded(&tree);
    tree_folder(&tree, "m");
    static const char *const names[] = {"../model-00001-of-00002.safetensors", "/etc/passwd", "..",
                                        "", "model-00001-of-00002.safetensors/../x"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char text[200];
        struct sva_error error = {0};
        struct sva_model *model = NULL;
        char path[512];
        snprintf(text, sizeof text, "{\"weight_map\": {\"a\": \"%s\"}}", names[i]);
        tree_text(&tree, "m/model.safetensors.index.json", text);
        const enum sva_status status =
            sva_model_open(tree_path(&tree, "m", path), NULL, &model, &error);
        assert_int_equal(status, SVA_ERR_CORRUPT);
    }
    tree_remove(&tree);
}

static void consolidated_weights_are_not_counted_twice(void **state)
{
    (void)state;
    struct temp_tree tree;
    make_sharded(&tree);
    static const tensor_spec meta[] = {"layers.0.attention.wq.weight 8x8", NULL};
    tree_tensors(&tree, "consolidated.safetensors", meta);
    struct sva_model *const model = tree_open(&tree, "");
    assert_int_equal(model->tensor_count, 6);
    assert_int_equal(count_findings(model, "duplicate-weights"), 1);
    sva_model_close(model);
    tree_remove(&tree);
}

static void a_single_file_opens_without_its_neighbours(void **state)
{
    (void)state;
    struct temp_tree tree;
    make_sharded(&tree);
    tree_text(&tree, "config.json", "this is not JSON");
    struct sva_model *const model = tree_open(&tree, "model-00002-of-00002.safetensors");
    assert_int_equal(model->file_count, 1);
    assert_int_equal(model->tensor_count, 3);
    assert_string_equal(model->name, "model-00002-of-00002.safetensors");
    assert_int_equal(count_findings(model, "lone-shard"), 1);
    sva_model_close(model);
    tree_refused(&tree, "", SVA_ERR_CORRUPT, "config.json");
    tree_remove(&tree);
}

#define SHA256_NAME "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define SHA1_NAME   "da39a3ee5e6b4b0d3255bfef95601890afd80709"

static void make_hub(struct temp_tree *tree)
{
    tree_make(tree);
    tree_folder(tree, "models--org--name");
    tree_folder(tree, "models--org--name/blobs");
    tree_folder(tree, "models--org--name/refs");
    tree_folder(tree, "models--org--name/snapshots");
    tree_folder(tree, "models--org--name/snapshots/abc123");
    tree_tensors(tree, "models--org--name/blobs/" SHA256_NAME, first_half);
    tree_text(tree, "models--org--name/blobs/" SHA1_NAME, "{\"model_type\": \"llama\"}");
    tree_link(tree, "../../blobs/" SHA256_NAME,
              "models--org--name/snapshots/abc123/model.safetensors");
    tree_link(tree, "../../blobs/" SHA1_NAME, "models--org--name/snapshots/abc123/config.json");
}

static void hub_cache_snapshots_open_through_their_links(void **state)
{
    (void)state;
    static const char *const paths[] = {"models--org--name/snapshots/abc123", "models--org--name"};
    for (size_t i = 0; i < 2; i++) {
        struct temp_tree tree;
        make_hub(&tree);
        struct sva_model *model = tree_open(&tree, paths[i]);
        assert_string_equal(model->name, "org/name");
        assert_int_equal(model->file_count, 2);
        assert_string_equal(model->files[0].path, "config.json");
        assert_string_equal(model->files[0].blob_digest, SHA1_NAME);
        assert_string_equal(model->files[1].blob_digest, SHA256_NAME);
        assert_string_equal(sva_model_fact(model, "config.model_type"), "llama");
        sva_model_close(model);
        tree_remove(&tree);
    }
}

static void hub_caches_with_several_snapshots_need_a_ref(void **state)
{
    (void)state;
    struct temp_tree tree;
    make_hub(&tree);
    tree_folder(&tree, "models--org--name/snapshots/other");
    tree_refused(&tree, "models--org--name", SVA_ERR_USAGE, "snapshots");
    tree_text(&tree, "models--org--name/refs/main", "abc123\n");
    struct sva_model *const model = tree_open(&tree, "models--org--name");
    assert_int_equal(model->tensor_count, 3);
    sva_model_close(model);
    tree_text(&tree, "models--org--name/refs/main", "../../..");
    tree_refused(&tree, "models--org--name", SVA_ERR_USAGE, "snapshots");
    tree_remove(&tree);
}

static void links_out_of_the_model_are_refused(void **state)
{
    (void)state;
    struct temp_tree tree;
    tree_make(&tree);
    tree_folder(&tree, "m");
    tree_tensors(&tree, "outside.safetensors", first_half);
    tree_tensors(&tree, "m/inside.bin", second_half);
    tree_link(&tree, "inside.bin", "m/model.safetensors");
    tree_link(&tree, "/etc/passwd", "m/README.md");
    tree_link(&tree, "nowhere", "m/LICENSE");
    tree_link(&tree, "..", "m/up");
    char path[512];
    assert_int_equal(unlink(tree_path(&tree, "m/model.safetensors", path)), 0);
    struct sva_model *const model = tree_open(&tree, "m");
    assert_int_equal(model->tensor_count, 3); /* inside.bin is safetensors by content */
    assert_int_equal(count_findings(model, "file-refused"), 3);
    sva_model_close(model);
    tree_link(&tree, "../outside.safetensors", "m/model.safetensors");
    tree_refused(&tree, "m", SVA_ERR_CORRUPT, "model.safetensors");
    tree_remove(&tree);
}

static void pipes_are_never_opened(void **state)
{
    (void)state;
    struct temp_tree tree;
    make_sharded(&tree);
    char path[512];
    assert_int_equal(mkfifo(tree_path(&tree, "README.md", path), 0600), 0);
    struct sva_model *const model = tree_open(&tree, "");
    assert_int_equal(count_findings(model, "file-refused"), 1);
    sva_model_close(model);
    assert_int_equal(mkfifo(tree_path(&tree, "extra.safetensors", path), 0600), 0);
    tree_refused(&tree, "", SVA_ERR_CORRUPT, "extra.safetensors");
    tree_refused(&tree, "README.md", SVA_ERR_IO, "regular file");
    tree_remove(&tree);
}

static void pickles_and_other_formats_are_named_and_counted(void **state)
{
    (void)state;
    struct temp_tree tree;
    make_sharded(&tree);
    tree_write(&tree, "optimizer.bin", "\x80\x04\x95\x0a\x00\x00\x00\x00", 8);
    tree_write(&tree, "innocent.safetensors.txt", "\x80\x02}q\x00.", 6);
    tree_text(&tree, "old.ckpt", "csomething\n");
    tree_write(&tree, "model.gguf", "GGUF\3\0\0\0", 8);
    tree_text(&tree, "modeling_x.py", "print()");
    tree_text(&tree, "picture.png", "xyz");
    struct sva_model *const model = tree_open(&tree, "");
    assert_int_equal(count_findings(model, "pickle-not-audited"), 3);
    assert_int_equal(count_findings(model, "not-audited"), 2);
    assert_int_equal(count_findings(model, "shipped-code"), 1);
    assert_string_equal(sva_model_fact(model, "files.pickles"), "3");
    assert_string_equal(sva_model_fact(model, "files.not_audited"), "4");
    sva_model_close(model);
    tree_remove(&tree);
}

static void nothing_to_audit_says_what_was_found(void **state)
{
    (void)state;
    struct temp_tree tree;
    tree_make(&tree);
    tree_refused(&tree, "", SVA_ERR_NOTHING, "no weights");
    tree_write(&tree, "pytorch_model.bin", "\x80\x02}q", 4);
    tree_refused(&tree, "", SVA_ERR_NOTHING, "pytorch_model.bin");
    tree_refused(&tree, "pytorch_model.bin", SVA_ERR_NOTHING, "pickle");
    tree_write(&tree, "model.gguf", "GGUF\3\0\0\0", 8);
    tree_refused(&tree, "", SVA_ERR_CORRUPT, "model.gguf");
    tree_refused(&tree, "model.gguf", SVA_ERR_CORRUPT, "the number of tensors");
    tree_write(&tree, "a.zip", "PK\3\4aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 34);
    tree_refused(&tree, "a.zip", SVA_ERR_CORRUPT, "no zip directory");
    tree_refused(&tree, "absent", SVA_ERR_IO, "absent");
    tree_remove(&tree);
}

static void diffusers_trees_open_part_by_part(void **state)
{
    (void)state;
    struct temp_tree tree;
    tree_make(&tree);
    tree_text(&tree, "model_index.json", "{\"_class_name\": \"X\"}");
    tree_folder(&tree, "text_encoder");
    tree_folder(&tree, "text_encoder_2");
    tree_folder(&tree, "unet");
    static const tensor_spec text[] = {"text_model.encoder.layers.0.self_attn.q_proj.weight 4x4",
                                       "text_model.encoder.layers.0.layer_norm1.weight 4", NULL};
    static const tensor_spec unet[] = {"conv_in.weight 8x4x3x3", NULL};
    tree_tensors(&tree, "text_encoder/model.safetensors", text);
    tree_tensors(&tree, "text_encoder/model.fp16.safetensors", text);
    tree_tensors(&tree, "text_encoder_2/model.safetensors", text);
    tree_tensors(&tree, "unet/diffusion_pytorch_model.safetensors", unet);
    struct sva_model *const model = tree_open(&tree, "");
    assert_int_equal(model->tensor_count, 5);
    assert_int_equal(count_findings(model, "duplicate-weights"), 1);
    component_of(model, "text-encoder:text_encoder");
    component_of(model, "text-encoder:text_encoder_2");
    component_of(model, "generic");
    assert_views_cover(model);
    assert_int_equal(count_findings(model, "several-parts"), 0);
    sva_model_close(model);
    char path[512];
    assert_int_equal(unlink(tree_path(&tree, "model_index.json", path)), 0);
    struct sva_model *const loose = tree_open(&tree, "");
    assert_int_equal(loose->tensor_count, 5);
    assert_int_equal(count_findings(loose, "several-parts"), 1);
    sva_model_close(loose);
    tree_remove(&tree);
}

static void a_tied_head_counts_once(void **state)
{
    (void)state;
    static const tensor_spec specs[] = {"model.embed_tokens.weight 16x8",
                                        "model.layers.0.self_attn.q_proj.weight 8x8",
                                        "model.norm.weight 8", "lm_head.weight 16x8", NULL};
    for (int tied = 0; tied < 2; tied++) {
        struct temp_tree tree;
        tree_make(&tree);
        tree_tensors(&tree, "model.safetensors", specs);
        tree_text(&tree, "config.json",
                  tied == 1 ? "{\"tie_word_embeddings\": true}"
                            : "{\"tie_word_embeddings\": false}");
        struct sva_model *const model = tree_open(&tree, "");
        assert_int_equal(component_of(model, "text-decoder")->parameter_count,
                         tied == 1 ? 200 : 328);
        sva_model_close(model);
        tree_remove(&tree);
    }
}

static void sinusoids_are_told_from_learned_positions(void **state)
{
    (void)state;
    float row[64];
    for (size_t i = 0; i < 64; i++) {
        row[i] = i % 2 == 0 ? 0.01f : 0.97f;
    }
    assert_true(sva_is_sinusoid_origin(row, 64));
    for (size_t i = 0; i < 64; i++) {
        row[i] = i < 32 ? 0.0f : 1.0f;
    }
    assert_true(sva_is_sinusoid_origin(row, 64));
    for (size_t i = 0; i < 64; i++) {
        row[i] = (float)((int)(i * 37 % 64) - 32) / 640.0f;
    }
    assert_false(sva_is_sinusoid_origin(row, 64));
    for (size_t i = 0; i < 64; i++) {
        row[i] = 1.0f;
    }
    assert_false(sva_is_sinusoid_origin(row, 64));
}

/** PyTorch finds a zip by its end: a header of 0x04034b50 bytes is the beginning of an entry. */
static void a_file_of_two_kinds_is_refused(void **state)
{
    (void)state;
    static const uint8_t zip[] = {'P', 'K', 3, 4, 0, 0, 0, 0, '{'};
    static const uint8_t pickle[] = {0x80, 2, 0, 0, 0, 0, 0, 0, '{'};
    static const uint8_t plain[] = {0x60, 2, 0, 0, 0, 0, 0, 0, '{'};
    const uint64_t size = (uint64_t)1 << 30;
    assert_int_equal(sva_content_rival(zip, 9, size, "model.safetensors"), SVA_CONTENT_ZIP);
    assert_int_equal(sva_content_rival(zip, 9, size, "pytorch_model.bin"), SVA_CONTENT_ZIP);
    assert_int_equal(sva_content_rival(zip, 9, 1000, "pytorch_model.bin"), SVA_CONTENT_UNKNOWN);
    assert_int_equal(sva_content_rival(pickle, 9, size, "model.safetensors"), SVA_CONTENT_UNKNOWN);
    assert_int_equal(sva_content_rival(pickle, 9, size, "a.bin"), SVA_CONTENT_PICKLE);
    assert_int_equal(sva_content_rival(plain, 9, size, "a.bin"), SVA_CONTENT_UNKNOWN);
    assert_int_equal(sva_content_rival(plain, 0, 0, "a.bin"), SVA_CONTENT_UNKNOWN);

    struct temp_tree tree;
    uint8_t bytes[8 + 640] = {0x80, 2};
    static const char header[] = "{\"w\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}";
    memset(bytes + 8, ' ', 640);
    memcpy(bytes + 8, header, sizeof header - 1);
    tree_make(&tree);
    tree_folder(&tree, "m");
    tree_folder(&tree, "n");
    tree_write(&tree, "m/model.safetensors", bytes, sizeof bytes);
    sva_model_close(tree_open(&tree, "m"));
    tree_write(&tree, "n/pytorch_model.bin", bytes, sizeof bytes);
    tree_refused(&tree, "n", SVA_ERR_CORRUPT,
                 "pytorch_model.bin begins as a safetensors file and as a Python pickle");
    tree_remove(&tree);
}

static void content_decides_before_the_name(void **state)
{
    (void)state;
    static const uint8_t header_of_640[] = {0x80, 0x02, 0, 0, 0, 0, 0, 0, '{'};
    static const uint8_t pickle[] = {0x80, 0x04, 0x95, 1, 2, 3, 4, 5, 6};
    assert_int_equal(sva_content_sniff(header_of_640, 9, 1000), SVA_CONTENT_SAFETENSORS);
    assert_int_equal(sva_content_sniff(pickle, 9, 1000), SVA_CONTENT_PICKLE);
    assert_int_equal(sva_file_kind_of(SVA_CONTENT_PICKLE, "model.safetensors"), SVA_FILE_PICKLE);
    assert_int_equal(sva_file_kind_of(SVA_CONTENT_SAFETENSORS, "a.bin"), SVA_FILE_SAFETENSORS);
    assert_int_equal(sva_file_kind_of(SVA_CONTENT_UNKNOWN, "tokenizer_config.json"),
                     SVA_FILE_TOKENIZER);
    assert_int_equal(sva_file_kind_of(SVA_CONTENT_UNKNOWN, "generation_config.json"),
                     SVA_FILE_CONFIG);
    assert_int_equal(sva_file_kind_of(SVA_CONTENT_UNKNOWN, "LICENSE.md"), SVA_FILE_LICENCE);
    assert_int_equal(sva_content_sniff(header_of_640, 0, 0), SVA_CONTENT_EMPTY);
    for (size_t size = 1; size < 9; size++) {
        (void)sva_content_sniff(pickle, size, size);
        (void)sva_content_sniff(header_of_640, size, size);
    }
}

static void inspection_is_stable_and_escaped(void **state)
{
    (void)state;
    struct temp_tree tree;
    tree_make(&tree);
    static const tensor_spec specs[] = {"evil\\u001b[31m\\u202ename 2x2", "plain 3", NULL};
    tree_tensors(&tree, "model.safetensors", specs);
    struct sva_model *const model = tree_open(&tree, "");
    char *texts[5] = {NULL};
    size_t sizes[5] = {0};
    struct sva_error error = {0};
    assert_int_equal(sva_inspect_json(model, NULL, &texts[0], &sizes[0], &error), SVA_OK);
    assert_int_equal(sva_inspect_json(model, NULL, &texts[1], &sizes[1], &error), SVA_OK);
    assert_int_equal(sva_inspect_text(model, NULL, SVA_LANG_EN, false, &texts[2], &sizes[2], &error),
                     SVA_OK);
    assert_int_equal(sva_inspect_text(model, NULL, SVA_LANG_KO, false, &texts[3], &sizes[3], &error),
                     SVA_OK);
    assert_int_equal(sva_inspect_text(model, NULL, SVA_LANG_EN, true, &texts[4], &sizes[4], &error),
                     SVA_OK);
    assert_string_equal(texts[0], texts[1]);
    assert_int_equal(sizes[0], strlen(texts[0]));
    assert_null(strchr(texts[2], '\033'));
    assert_null(strstr(texts[2], "\xe2\x80\xae"));
    assert_null(strchr(texts[0], '\033'));
    assert_non_null(strstr(texts[3], "\xed\x85\x90\xec\x84\x9c")); /* Korean for tensor */
    assert_non_null(strstr(texts[2], "Tensors (2)"));
    for (size_t i = 0; i < 5; i++) {
        free(texts[i]);
    }
    sva_model_close(model);
    tree_remove(&tree);
}

static unsigned open_below(const char *directory, int depth)
{
    unsigned opened = 0;
    DIR *const stream = opendir(directory);
    if (stream == NULL) {
        return 0;
    }
    const struct dirent *entry;
    while ((entry = readdir(stream)) != NULL) {
        char path[1024];
        struct stat info;
        snprintf(path, sizeof path, "%.700s/%.300s", directory, entry->d_name);
        if (entry->d_name[0] == '.' || lstat(path, &info) != 0) {
            continue;
        }
        if (S_ISDIR(info.st_mode) && depth < 3) {
            opened += open_below(path, depth + 1);
        } else if (sva_ends_with(path, ".safetensors")) {
            struct sva_model *model = NULL;
            struct sva_error error = {0};
            if (sva_model_open(path, NULL, &model, &error) != SVA_OK) {
                print_message("%s\n", error.text);
                assert_true(false);
            }
            assert_true(model->component_count > 0);
            assert_views_cover(model);
            sva_model_close(model);
            opened++;
        }
    }
    closedir(stream);
    return opened;
}

static void every_real_file_opens_and_is_covered(void **state)
{
    (void)state;
    const unsigned opened = open_below(SVA_SHARED_DIR "/real", 0) +
                            open_below(SVA_SHARED_DIR "/data/formats/tiny-checkpoints", 0);
    if (opened == 0) {
        skip();
    }
    print_message("%u files\n", opened);
}

static void running_out_of_memory_anywhere_is_reported(void **state)
{
    (void)state;
    struct temp_tree tree;
    make_sharded(&tree);
    tree_text(&tree, index_name, good_index);
    tree_text(&tree, "config.json", "{\"hidden_size\": 9, \"text_config\": {\"a\": [1, 2]}}");
    tree_text(&tree, "README.md", "---\nlicense: mit\n---\n");
    tree_text(&tree, "LICENSE", "abc");
    tree_text(&tree, "vocab.txt", "a\nb\n");
    tree_text(&tree, "NOTICE", "abc");
    tree_text(&tree, "tokenizer_config.json",
              "{\"chat_template\": \"x\", \"auto_map\": {\"a.b\": \"c\", \"a\": {\"b\": \"d\"}}}");
    tree_text(&tree, "processor_config.json", "{\"x\": NaN}");
    tree_text(&tree, "adapter_config.json",
              "{\"r\": 8, \"target_modules\": [\"a\"], \"base_model_name_or_path\": \"/b\"}");
    char path[512];
    tree_path(&tree, "", path);
    bool done = false;
    for (uint64_t n = 1; !done && n < 3000; n++) {
        struct sva_model *model = NULL;
        struct sva_error error = {0};
        sva_memory_fail_after(n);
        const enum sva_status status = sva_model_open(path, NULL, &model, &error);
        sva_memory_fail_after(0);
        done = status == SVA_OK && n > 10;
        if (status == SVA_OK) {
            sva_model_close(model);
        } else {
            if (status != SVA_ERR_MEMORY) {
                print_message("allocation %llu: %s\n", (unsigned long long)n, error.text);
            }
            assert_int_equal(status, SVA_ERR_MEMORY);
            assert_null(model);
        }
    }
    assert_true(done);
    tree_remove(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shards_with_and_without_index_open_alike),
        cmocka_unit_test(a_wrong_total_size_is_a_finding),
        cmocka_unit_test(a_missing_shard_is_refused),
        cmocka_unit_test(a_mapped_tensor_that_is_not_there_is_refused),
        cmocka_unit_test(a_tensor_beside_the_index_is_a_finding),
        cmocka_unit_test(a_tensor_in_two_shards_needs_an_index),
        cmocka_unit_test(another_tensor_of_a_mapped_name_is_refused),
        cmocka_unit_test(a_single_file_that_the_index_does_not_name_is_refused),
        cmocka_unit_test(only_names_that_loaders_open_are_indexes),
        cmocka_unit_test(a_file_that_is_left_out_is_no_audited_one),
        cmocka_unit_test(an_index_cannot_reach_out_of_the_directory),
        cmocka_unit_test(consolidated_weights_are_not_counted_twice),
        cmocka_unit_test(a_single_file_opens_without_its_neighbours),
        cmocka_unit_test(hub_cache_snapshots_open_through_their_links),
        cmocka_unit_test(hub_caches_with_several_snapshots_need_a_ref),
        cmocka_unit_test(links_out_of_the_model_are_refused),
        cmocka_unit_test(pipes_are_never_opened),
        cmocka_unit_test(pickles_and_other_formats_are_named_and_counted),
        cmocka_unit_test(nothing_to_audit_says_what_was_found),
        cmocka_unit_test(diffusers_trees_open_part_by_part),
        cmocka_unit_test(a_tied_head_counts_once),
        cmocka_unit_test(sinusoids_are_told_from_learned_positions),
        cmocka_unit_test(a_file_of_two_kinds_is_refused),
        cmocka_unit_test(content_decides_before_the_name),
        cmocka_unit_test(inspection_is_stable_and_escaped),
        cmocka_unit_test(every_real_file_opens_and_is_covered),
        cmocka_unit_test(running_out_of_memory_anywhere_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
