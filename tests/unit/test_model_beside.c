/* SPDX-License-Identifier: Apache-2.0 */
/* What lies beside the weights: code that is asked for, chat templates, notices, file names. */
#include "model_builder.h"

#include <sovaudit/print.h>

#include "base/memory.h"
#include "judge/case_facts.h"
#include "judge/direction.h"
#include "model/auto_map.h"
#include "model/notices.h"

#define SHA256_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
/* "a", NUL, "b" */
#define SHA256_A_B "59b271ae1bbcb1d31d41929817f4b16fb439eb4f31520b5ad1d5ce98920a7138"

static const tensor_spec specs[] = {"model.embed_tokens.weight 16x8",
                                    "model.layers.0.self_attn.q_proj.weight 8x8",
                                    "model.norm.weight 8", NULL};

static void make_model(struct temp_tree *tree)
{
    tree_make(tree);
    tree_tensors(tree, "model.safetensors", specs);
}

/** What the judge reads from the facts. */
static struct sva_print seen_by_judge(const struct sva_model *model)
{
    return (struct sva_print){.fact_count = model->fact_count, .facts = model->facts};
}

static size_t count_code(const struct sva_model *model, bool remote_only)
{
    const struct sva_print print = seen_by_judge(model);
    size_t count = 0;
    for (size_t i = sva_next_auto_map(&print, 0); i < print.fact_count;
         i = sva_next_auto_map(&print, i + 1)) {
        count += !remote_only || sva_auto_map_is_remote(print.facts[i].value);
    }
    return count;
}

static void expect_fact(const struct sva_model *model, const char *key, const char *value)
{
    const char *const found = sva_model_fact(model, key);
    if (found == NULL) {
        print_message("no fact %s\n", key);
    }
    assert_non_null(found);
    assert_string_equal(found, value);
}

/* ---- auto_map ---- */

static void code_is_found_in_every_configuration_file_at_any_depth(void **state)
{
    (void)state;
    struct temp_tree tree;
    make_model(&tree);
    tree_folder(&tree, "part");
    tree_text(&tree, "config.json",
              "{\"auto_map\": {\"AutoConfig\": \"c.C\"}, \"x\": [{\"y\": {\"auto\\u005fmap\":"
              " {\"AutoModel\": \"m.M\"}}}], \"auto_maps\": {\"a\": \"o/r--no\"}}");
    tree_text(&tree, "tokenizer_config.json",
              "{\"auto_map\": {\"AutoTokenizer\": [\"t.Slow\", null, \"t.Fast\"]}}");
    tree_text(&tree, "processor_config.json", "{\"auto_map\": {\"AutoProcessor\": \"p.P\"}}");
    tree_text(&tree, "preprocessor_config.json",
              "{\"auto_map\": {\"AutoImageProcessor\": \"i.I\"}}");
    tree_text(&tree, "generation_config.json", "{\"auto_map\": \"g.G\"}");
    tree_text(&tree, "part/config.json", "{\"auto_map\": {\"AutoModel\": \"other/code--m.M\"}}");
    tree_text(&tree, "unrelated.json", "{\"auto_map\": {\"AutoModel\": \"u.U\"}}");
    struct sva_model *const model = tree_open(&tree, "");
    expect_fact(model, "config.auto_map.AutoConfig", "c.C");
    expect_fact(model, "config.x.0.y.auto_map.AutoModel", "m.M");
    expect_fact(model, "tokenizer_config.auto_map.AutoTokenizer.0", "t.Slow");
    expect_fact(model, "tokenizer_config.auto_map.AutoTokenizer.2", "t.Fast");
    expect_fact(model, "processor_config.auto_map.AutoProcessor", "p.P");
    expect_fact(model, "preprocessor_config.auto_map.AutoImageProcessor", "i.I");
    expect_fact(model, "generation_config.auto_map", "g.G");
    expect_fact(model, "part/config.auto_map.AutoModel", "other/code--m.M");
    assert_null(sva_model_fact(model, SVA_KEY_AUTO_MAP_MORE));
    assert_int_equal(count_code(model, false), 8);
    assert_int_equal(count_code(model, true), 1);
    assert_int_equal(count_findings(model, "remote-code"), 6);
    sva_model_close(model);
    tree_remove(&tree);
}

static void without_auto_map_there_is_no_code(void **state)
{
    (void)state;
    struct temp_tree tree;
    make_model(&tree);
    tree_text(&tree, "config.json",
              "{\"auto_map\": {}, \"a\": {\"auto_map\": null}, \"b\": \"auto_map\","
              " \"auto_map\\u0000\": \"x--y\"}");
    struct sva_model *const model = tree_open(&tree, "");
    assert_int_equal(count_code(model, false), 0);
    assert_int_equal(count_findings(model, "remote-code"), 0);
    sva_model_close(model);
    tree_remove(&tree);
}

/** {"auto_map": {"K0": "m.X", ...}} with `local` entries, then `remote` ones. */
static void write_entries(const struct temp_tree *tree, const char *name, unsigned local,
                          unsigned remote)
{
    struct sva_bytes text = {0};
    sva_bytes_text(&text, "{\"auto_map\": {");
    for (unsigned i = 0; i < local + remote; i++) {
        sva_bytes_printf(&text, "%s\"K%u\": \"%sm.X%u\"", i == 0 ? "" : ", ", i,
                         i < local ? "" : "o/r--", i);
    }
    sva_bytes_text(&text, "}}");
    assert_false(text.failed);
    tree_write(tree, name, text.data, text.size);
    sva_bytes_done(&text);
}

static void a_remote_entry_is_listed_however_many_stand_before_it(void **state)
{
    (void)state;
    static const struct {
        unsigned local, remote;
        size_t listed, listed_remote;
        const char *more;
    } cases[] = {
        {SVA_AUTO_MAP_LISTED, 0, 64, 0, NULL},
        {SVA_AUTO_MAP_LISTED + 1, 0, 65, 0, "1 more; of all 65, 0 point to another repository"},
        {5000, 1, 65, 1, "4937 more; of all 5001, 1 point to another repository"},
        {10, 100, 65, 64, "46 more; of all 110, 100 point to another repository"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static const char *const names[] = {"config.json", "tokenizer_config.json"};
        struct temp_tree tree;
        make_model(&tree);
        write_entries(&tree, names[i % 2], cases[i].local, cases[i].remote);
        struct sva_model *const model = tree_open(&tree, "");
        assert_int_equal(count_code(model, false), cases[i].listed);
        assert_int_equal(count_code(model, true), cases[i].listed_remote);
        if (cases[i].more != NULL) {
            expect_fact(model, SVA_KEY_AUTO_MAP_MORE, cases[i].more);
        } else {
            assert_null(sva_model_fact(model, SVA_KEY_AUTO_MAP_MORE));
        }
        sva_model_close(model);
        tree_remove(&tree);
    }
}

static void a_later_file_s_remote_entry_survives_an_earlier_file_s_flood(void **state)
{
    (void)state;
    struct temp_tree tree;
    make_model(&tree);
    write_entries(&tree, "config.json", 1000, 0);
    write_entries(&tree, "tokenizer_config.json", 0, 1);
    struct sva_model *const model = tree_open(&tree, "");
    expect_fact(model, "tokenizer_config.auto_map.K0", "o/r--m.X0");
    assert_int_equal(count_code(model, true), 1);
    sva_model_close(model);
    tree_remove(&tree);
}

/** "%" in `pattern` becomes `count` letters. */
static void write_long(const struct temp_tree *tree, const char *pattern, int count)
{
    struct sva_bytes text = {0};
    for (const char *at = pattern; *at != '\0'; at++) {
        for (int i = 0; *at == '%' && i < count; i++) {
            sva_bytes_text(&text, "\xea\xb0\x80"); /* a character of three bytes */
        }
        sva_bytes_append(&text, at, *at == '%' ? 0 : 1);
    }
    assert_false(text.failed);
    tree_write(tree, "config.json", text.data, text.size);
    sva_bytes_done(&text);
}

static void long_keys_and_values_hide_no_remote_entry(void **state)
{
    (void)state;
    static const char *const patterns[] = {
        "{\"auto_map\": {\"%\": \"o/r--m.X\"}}",
        "{\"%\": {\"auto_map\": {\"A\": \"o/r--m.X\"}}}",
        "{\"a\": {\"%\": [[{\"auto_map\": [\"o/r--m.X\"]}]]}}",
        "{\"auto_map\": {\"A\": \"%--m.X\"}}",
        "{\"auto_map\": {\"A\": \"o/r--%\"}}",
        "{\"auto_map\": {\"A\": \"\\u0000%--\"}}",
        "{\"auto_map\": {\"A\\u0000%\": \"a\\u0000--\"}}",
    };
    static const int counts[] = {1, 20, 21, 22, 50, 63, 64, 85, 86, 300, 5000};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
            struct temp_tree tree;
            make_model(&tree);
            write_long(&tree, patterns[i], counts[k]);
            struct sva_model *const model = tree_open(&tree, "");
            assert_int_equal(count_code(model, false), 1);
            assert_int_equal(count_code(model, true), 1);
            const struct sva_print print = seen_by_judge(model);
            const struct sva_fact *const fact = &print.facts[sva_next_auto_map(&print, 0)];
            assert_true(strlen(fact->key) < 256 && strlen(fact->value) < 300);
            sva_model_close(model);
            tree_remove(&tree);
        }
    }
}

static void entries_that_share_a_key_hide_no_remote_entry(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{\"auto_map\": {\"a.b\": \"a.A\", \"a\": {\"b\": \"o/r--m.X\"}}}",
        "{\"auto_map\": {\"a.b\": \"o/r--m.X\", \"a\": {\"b\": \"a.A\"}}}",
        "{\"auto_map\": {\"A\": \"o/r--m.X\"}, \"auto_map\": {\"A\": \"a.A\"}}",
        "{\"auto_map\": {\"more\": \"o/r--m.X\", \"#1\": \"a.A\"}}",
        "{\"auto_map\": {\"#2\": \"a.A\", \"more\": \"o/r--m.X\"}}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct temp_tree tree;
        make_model(&tree);
        tree_text(&tree, "config.json", texts[i]);
        struct sva_model *const model = tree_open(&tree, "");
        assert_int_equal(count_code(model, false), 2);
        assert_int_equal(count_code(model, true), 1);
        sva_model_close(model);
        tree_remove(&tree);
    }
}

static void a_malformed_file_is_refused_only_if_it_may_ask_for_code(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool refused;
    } cases[] = {
        {"", false},
        {"{\"x\": NaN}", false},
        {"{\"x\": NaN, \"y\": \"\\u2581\"}", false},
        {"{\"x\": NaN, \"auto_map\": {\"A\": \"o/r--m.X\"}}", true},
        {"{\"auto_map\": {\"A\": \"o/r--m.X\"}, \"x\": NaN}", true},
        {"{\"x\": NaN, \"\\u0061uto_map\": {\"A\": \"o/r--m.X\"}}", true},
        {"{\"x\": NaN, \"auto\\u005Fmap\": {\"A\": \"o/r--m.X\"}}", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct temp_tree tree;
        make_model(&tree);
        tree_text(&tree, "generation_config.json", cases[i].text);
        if (cases[i].refused) {
            tree_refused(&tree, "", SVA_ERR_CORRUPT, "generation_config.json");
        } else {
            struct sva_model *const model = tree_open(&tree, "");
            assert_int_equal(count_findings(model, "config-not-read"), 1);
            sva_model_close(model);
        }
        tree_remove(&tree);
    }
}

static void too_deep_a_file_is_refused_only_if_it_may_ask_for_code(void **state)
{
    (void)state;
    for (int with_code = 0; with_code < 2; with_code++) {
        struct sva_bytes text = {0};
        struct temp_tree tree;
        make_model(&tree);
        for (unsigned i = 0; i < 200; i++) {
            sva_bytes_text(&text, "{\"a\":");
        }
        sva_bytes_text(&text, with_code == 1 ? "{\"auto_map\":\"a--b\"}" : "{}");
        for (unsigned i = 0; i < 200; i++) {
            sva_bytes_text(&text, "}");
        }
        tree_write(&tree, "processor_config.json", text.data, text.size);
        sva_bytes_done(&text);
        if (with_code == 1) {
            tree_refused(&tree, "", SVA_ERR_LIMIT, "nest");
        } else {
            struct sva_model *const model = tree_open(&tree, "");
            assert_int_equal(count_findings(model, "config-not-read"), 1);
            sva_model_close(model);
        }
        tree_remove(&tree);
    }
}

static void a_configuration_that_looks_like_an_archive_is_read(void **state)
{
    (void)state;
    struct temp_tree tree;
    make_model(&tree);
    char text[400];
    memset(text, ' ', sizeof text);
    static const char start[] = "{\"auto_map\": {\"A\": \"o/r--m.X\"}, \"b\": \"";
    memcpy(text, start, sizeof start - 1);
    memcpy(text + 257, "ustar\"}", 7); /* the magic of a tar archive */
    tree_write(&tree, "tokenizer_config.json", text, sizeof text);
    struct sva_model *const model = tree_open(&tree, "");
    assert_int_equal(count_code(model, true), 1);
    sva_model_close(model);
    tree_remove(&tree);
}

/* ---- chat templates ---- */

static void a_chat_template_is_hashed_and_its_file_named(void **state)
{
    (void)state;
    static const struct {
        const char *config, *jinja, *legacy;
        const char *file; /* NULL: no template */
    } cases[] = {
        {"{\"chat_template\": \"abc\"}", NULL, NULL, "tokenizer_config.json"},
        {"{\"x\": {\"chat_template\": \"no\"}, \"chat_template\": \"a\\u0062c\"}", NULL, NULL,
         "tokenizer_config.json"},
        {"{\"chat_template\": \"no\", \"chat_template\": \"abc\"}", NULL, NULL,
         "tokenizer_config.json"},
        {"{\"chat_template\": [{\"template\": \"abc\"}]}", NULL, NULL, "tokenizer_config.json"},
        {"{\"chat_template\": \"no\"}", "abc", NULL, "chat_template.jinja"},
        {"{\"chat_template\": null}", NULL, "{\"chat_template\": \"abc\"}", "chat_template.json"},
        {"{\"x\": {\"chat_template\": \"no\"}, \"y\": [\"chat_template\"]}", NULL, NULL, NULL},
        {NULL, NULL, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct temp_tree tree;
        make_model(&tree);
        const char *const texts[][2] = {{"tokenizer_config.json", cases[i].config},
                                        {"chat_template.jinja", cases[i].jinja},
                                        {"chat_template.json", cases[i].legacy}};
        for (size_t k = 0; k < 3; k++) {
            if (texts[k][1] != NULL) {
                tree_text(&tree, texts[k][0], texts[k][1]);
            }
        }
        struct sva_model *const model = tree_open(&tree, "");
        if (cases[i].file == NULL) {
            assert_null(sva_model_fact(model, "tokenizer.chat_template"));
            assert_null(sva_model_fact(model, "tokenizer.chat_template_file"));
        } else {
            expect_fact(model, "tokenizer.chat_template", SHA256_ABC);
            expect_fact(model, "tokenizer.chat_template_file", cases[i].file);
        }
        assert_int_equal(count_findings(model, "chat-template-not-read"), 0);
        sva_model_close(model);
        tree_remove(&tree);
    }
}

static void texts_of_several_templates_are_told_apart(void **state)
{
    (void)state;
    static const char *const texts[] = {"{\"chat_template\": [\"a\", \"b\"]}",
                                        "{\"chat_template\": [\"ab\"]}",
                                        "{\"chat_template\": [\"a\", \"b\", \"\"]}"};
    char digests[3][65];
    for (size_t i = 0; i < 3; i++) {
        struct temp_tree tree;
        make_model(&tree);
        tree_text(&tree, "tokenizer_config.json", texts[i]);
        struct sva_model *const model = tree_open(&tree, "");
        assert_non_null(sva_model_fact(model, "tokenizer.chat_template"));
        snprintf(digests[i], sizeof digests[i], "%s",
                 sva_model_fact(model, "tokenizer.chat_template"));
        sva_model_close(model);
        tree_remove(&tree);
    }
    assert_string_equal(digests[0], SHA256_A_B);
    assert_string_not_equal(digests[0], digests[1]);
    assert_string_not_equal(digests[0], digests[2]);
}

static void a_malformed_chat_template_file_is_a_finding(void **state)
{
    (void)state;
    struct temp_tree tree;
    make_model(&tree);
    tree_text(&tree, "tokenizer_config.json", "{\"chat_template\": \"abc\", }");
    struct sva_model *const model = tree_open(&tree, "");
    assert_null(sva_model_fact(model, "tokenizer.chat_template"));
    assert_int_equal(count_findings(model, "chat-template-not-read"), 1);
    sva_model_close(model);
    tree_remove(&tree);
}

/* ---- notices ---- */

static void notices_name_the_models_they_mention(void **state)
{
    (void)state;
    struct temp_tree tree;
    make_model(&tree);
    tree_folder(&tree, "part");
    tree_text(&tree, "NOTICE", "abc");
    static const char latin[] = "\xa9 Lab. Built with Base-7B.";
    tree_text(&tree, "Notice.md", latin);
    static const char wide[] = "\xff\xfe"
                               "B\0a\0s\0e\0-\0"
                               "8\0B\0";
    tree_write(&tree, "THIRD_PARTY_NOTICES.txt", wide, sizeof wide - 1);
    tree_text(&tree, "part/NOTICE.txt", "");
    tree_text(&tree, "unnoticed.txt", "no");
    struct sva_model *const model = tree_open(&tree, "");
    expect_fact(model, "notice.0.file", "NOTICE");
    expect_fact(model, "notice.0.sha256", SHA256_ABC);
    expect_fact(model, "notice.0.text", "abc");
    expect_fact(model, "notice.1.file", "Notice.md");
    expect_fact(model, "notice.1.text", "? Lab. Built with Base-7B.");
    assert_true(sva_text_names_model(sva_model_fact(model, "notice.1.text"), "org/base-7b"));
    expect_fact(model, "notice.2.file", "THIRD_PARTY_NOTICES.txt");
    expect_fact(model, "notice.2.text", "??Base-8B");
    expect_fact(model, "notice.3.file", "part/NOTICE.txt");
    expect_fact(model, "notice.3.text", "");
    assert_null(sva_model_fact(model, "notice.4.file"));
    assert_int_equal(count_findings(model, "notice-cut"), 0);
    assert_int_equal(count_findings(model, "not-audited"), 1); /* unnoticed.txt */
    sva_model_close(model);
    tree_remove(&tree);
}

static void long_and_many_notices_are_cut_and_said_to_be(void **state)
{
    (void)state;
    for (size_t extra = 0; extra < 4; extra++) {
        struct temp_tree tree;
        make_model(&tree);
        struct sva_bytes text = {0};
        for (size_t i = 0; i < extra; i++) {
            sva_bytes_text(&text, "x");
        }
        while (text.size < SVA_NOTICE_TEXT_BYTES) {
            sva_bytes_text(&text, "\xea\xb0\x80");
        }
        tree_write(&tree, "NOTICE", text.data, text.size);
        for (unsigned i = 0; i < SVA_NOTICES_MAX + 1; i++) {
            char name[32];
            snprintf(name, sizeof name, "notice_%u.txt", i);
            tree_text(&tree, name, "abc");
        }
        struct sva_model *const model = tree_open(&tree, "");
        const char *const kept = sva_model_fact(model, "notice.0.text");
        assert_non_null(kept);
        assert_true(strlen(kept) <= SVA_NOTICE_TEXT_BYTES);
        assert_true(strlen(kept) > SVA_NOTICE_TEXT_BYTES - 3);
        assert_int_equal((strlen(kept) - extra) % 3, 0); /* whole characters */
        assert_memory_equal(kept, text.data, strlen(kept));
        assert_int_equal(count_findings(model, "notice-cut"), text.size > SVA_NOTICE_TEXT_BYTES);
        assert_int_equal(count_findings(model, "notice-not-read"), 1);
        assert_non_null(sva_model_fact(model, "notice.15.file"));
        assert_null(sva_model_fact(model, "notice.16.file"));
        sva_bytes_done(&text);
        sva_model_close(model);
        tree_remove(&tree);
    }
}

/* ---- file names ---- */

static void names_that_differ_in_case_only_are_findings(void **state)
{
    (void)state;
    struct temp_tree tree;
    make_model(&tree);
    static const tensor_spec other[] = {"other.weight 4x4", NULL};
    tree_tensors(&tree, "Extra.safetensors", other);
    tree_folder(&tree, "part");
    tree_text(&tree, "part/readme.md", "no collision: another folder");
    tree_text(&tree, "README.md", "abc");
    tree_text(&tree, "readme_.md", "abc");
    struct sva_model *model = tree_open(&tree, "");
    assert_int_equal(count_findings(model, "case-collision"), 0);
    sva_model_close(model);
    static const tensor_spec third[] = {"third.weight 4x4", NULL};
    tree_tensors(&tree, "EXTRA.safetensors", third);
    tree_text(&tree, "Readme.md", "abc");
    tree_text(&tree, "readme.MD", "abc");
    tree_text(&tree, "part/ReadMe.md", "abc");
    tree_text(&tree, "part/Bb", "abc"); /* by bytes "ba" stands between the two */
    tree_text(&tree, "part/ba", "abc");
    tree_text(&tree, "part/bb", "abc");
    model = tree_open(&tree, "");
    assert_int_equal(count_findings(model, "case-collision"), 5);
    bool shard_named = false;
    for (size_t i = 0; i < model->finding_count; i++) {
        shard_named =
            shard_named || (strstr(model->findings[i].text, "EXTRA.safetensors") != NULL &&
                            strstr(model->findings[i].text, "Extra.safetensors") != NULL);
    }
    assert_true(shard_named);
    sva_model_close(model);
    tree_remove(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(code_is_found_in_every_configuration_file_at_any_depth),
        cmocka_unit_test(without_auto_map_there_is_no_code),
        cmocka_unit_test(a_remote_entry_is_listed_however_many_stand_before_it),
        cmocka_unit_test(a_later_file_s_remote_entry_survives_an_earlier_file_s_flood),
        cmocka_unit_test(long_keys_and_values_hide_no_remote_entry),
        cmocka_unit_test(entries_that_share_a_key_hide_no_remote_entry),
        cmocka_unit_test(a_malformed_file_is_refused_only_if_it_may_ask_for_code),
        cmocka_unit_test(too_deep_a_file_is_refused_only_if_it_may_ask_for_code),
        cmocka_unit_test(a_configuration_that_looks_like_an_archive_is_read),
        cmocka_unit_test(a_chat_template_is_hashed_and_its_file_named),
        cmocka_unit_test(texts_of_several_templates_are_told_apart),
        cmocka_unit_test(a_malformed_chat_template_file_is_a_finding),
        cmocka_unit_test(notices_name_the_models_they_mention),
        cmocka_unit_test(long_and_many_notices_are_cut_and_said_to_be),
        cmocka_unit_test(names_that_differ_in_case_only_are_findings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
