/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that come with a model: tokens, calls that fetch, licences, fingerprints, auto_map. */
#include "model_builder.h"

#include "compare/code_similarity.h"
#include "fingerprint/code_block.h"
#include "model/code_calls.h"
#include "model/code_header.h"
#include "model/code_sketch.h"
#include "model/python_tokens.h"

static struct sva_span span_of(const char *text)
{
    return (struct sva_span){(const uint8_t *)text, strlen(text)};
}

/** `piece`, 40 times. free(). */
static char *forty_of(const char *piece)
{
    struct sva_bytes text = {0};
    for (int i = 0; i < 40; i++) {
        sva_bytes_text(&text, piece);
    }
    return (char *)text.data;
}

/* ---- tokens ---- */

/** Tokens with blanks between them, strings in <>, ends of lines as ";". */
static void expect_tokens(const char *source, const char *expected)
{
    struct sva_python python = {0};
    char seen[512] = "";
    assert_int_equal(sva_python_read(span_of(source), "x", &python, NULL), SVA_OK);
    for (size_t i = 0; i < python.count; i++) {
        const struct sva_python_token *const token = &python.tokens[i];
        const bool string = token->kind == SVA_PYTHON_STRING;
        const size_t used = strlen(seen);
        snprintf(seen + used, sizeof seen - used, "%s%s%.*s%s", used > 0 ? " " : "",
                 string ? "<" : "", token->kind == SVA_PYTHON_NEWLINE ? 1 : (int)token->size,
                 token->kind == SVA_PYTHON_NEWLINE ? ";" : source + token->offset,
                 string ? ">" : "");
    }
    assert_string_equal(seen, expected);
    sva_python_done(&python);
}

static void sources_become_tokens_without_comments_and_blanks(void **state)
{
    (void)state;
    expect_tokens("# a\n\nx = 1.5e-3 + 0xfe-1  # b\n", "x = 1.5e-3 + 0xfe - 1 ;");
    expect_tokens("f(a,\n  b)\nif a == b:\n", "f ( a , b ) ; if a == b : ;");
    expect_tokens("x = a \\\n + b\r\n", "x = a + b ;");
    expect_tokens("rb'a\\'b' '''c\n'd''' \"\"", "<a\\'b> <c\n'd> <>");
    expect_tokens("'open\ny", "<open> ; y");
    expect_tokens("'''open\ny", "<open\ny>");
}

static void code_inside_f_strings_is_code(void **state)
{
    (void)state;
    expect_tokens("f'a{b}c' d", "<a> b <c> d");
    expect_tokens("f\"{x[\"k\"]}\" d", "<> x [ <k> ] <> d"); /* quotes inside, as since 3.12 */
    expect_tokens("f'{{no}} {f(1)!r:>{w}}' d", "<{{no}} > f ( 1 ) ! r <>> w <> <> d");
    expect_tokens("f'{x:\\'>9}' d", "<> x <\\'>9> <> d");
    expect_tokens("f'{d:%H:%M}{y}' d", "<> d <%H:%M> <> y <> d");
    expect_tokens("f\"{\"\"\"x\"\"\"}\" d", "<> <x> <> d"); /* no string that swallows the rest */
    expect_tokens("f'\\N{DASH}{x}' d", "<\\N{DASH}> x <> d");
}

static void strings_nested_too_deeply_are_refused(void **state)
{
    (void)state;
    char *const source = forty_of("f'{");
    struct sva_python python = {0};
    struct sva_error error = {0};
    assert_int_equal(sva_python_read(span_of(source), "a.py", &python, &error), SVA_ERR_LIMIT);
    assert_string_equal(error.text, "a.py: strings at byte 74 are nested deeper than 48");
    free(source);
}

/* ---- calls ---- */

static bool note_call(void *context, const struct sva_code_call *call)
{
    char *const seen = context;
    const size_t used = strlen(seen);
    snprintf(seen + used, 512 - used, "%s%c%u %s", used > 0 ? "; " : "",
             call->fetch == SVA_FETCH_CERTAIN ? '!' : '?', call->line, call->text);
    return true;
}

static bool knows_tower(void *context, const char *text, size_t size)
{
    (void)context;
    return size == 5 && memcmp(text, "tower", 5) == 0;
}

static void expect_calls(const char *source, const char *expected)
{
    char seen[512] = "";
    const struct sva_call_sink sink = {note_call, knows_tower, seen};
    struct sva_python python = {0};
    assert_int_equal(sva_python_read(span_of(source), "x", &python, NULL), SVA_OK);
    assert_int_equal(sva_code_calls(&python, &sink, NULL), SVA_OK);
    assert_string_equal(seen, expected);
    sva_python_done(&python);
}

static void calls_that_fetch_are_found_by_their_tokens(void **state)
{
    (void)state;
    expect_calls("\nA.from_pretrained('org/m')", "!2 from_pretrained(org/m)");
    expect_calls("A.from_pretrained(\n  x, repo_id='org/m')", "!1 from_pretrained(org/m)");
    expect_calls("hf_hub_download(r, 'f')", "!1 hf_hub_download(...)");
    expect_calls("torch.hub.load('org/r', 'm')", "!1 load(org/r)");
    expect_calls("requests.get('https://a.b/c')", "!1 get(https://a.b/c)");
    expect_calls("requests.get(f'https://a.b/{c}')", "!1 get(https://a.b/)");
    expect_calls("urllib.request.urlopen(u)", "?1 urlopen(...)");
    expect_calls("os.system('pip  install x')", "!1 system(pip  install x)");
    expect_calls("subprocess.run([sys.executable, '-m', 'pip', 'install', 'x'])", "!1 run(...)");
    expect_calls("import requests as r\nr.get('http://a/b')", "!2 get(http://a/b)");
    expect_calls("from h import snapshot_download as s\ns(x)", "!2 s(...)");
    expect_calls("A.from_pretrained(config.vision_tower)", "?1 from_pretrained(...)");
    expect_calls("load(p, trust_remote_code=True)", "?1 trust_remote_code=True");
    expect_calls("f'{os.system(\"curl x\")}'", "!1 system(curl x)");
}

static void calls_that_do_not_fetch_are_left_alone(void **state)
{
    (void)state;
    expect_calls("# A.from_pretrained('org/m')\n'''hf_hub_download(x)'''\n", "");
    expect_calls("def from_pretrained(cls, path='org/m'): pass", "");
    expect_calls("A.from_pretrained(path)\nA.from_pretrained('./tower')\nload('org/x')", "");
    expect_calls("A.from_pretrained('tower')", "");
    expect_calls("A.from_pretrained('org/m', local_files_only=True)", "");
    expect_calls("torch.hub.load('org/r', 'm', source='local')", "");
    expect_calls("subprocess.run(['ls', 'curly'])\nconfig.get('https://a.b')", "");
    expect_calls("f(trust_remote_code=False)", "");
}

static void scripts_are_read_line_by_line(void **state)
{
    (void)state;
    char seen[512] = "";
    const struct sva_call_sink sink = {note_call, knows_tower, seen};
    assert_int_equal(sva_script_calls(span_of("#!/bin/sh\n# wget x\n  wget http://a\necho curly\n"
                                              "cd x && git clone y"),
                                      &sink, NULL),
                     SVA_OK);
    assert_string_equal(seen, "!3 wget http://a; !5 cd x && git clone y");
}

/* ---- licences ---- */

static void heads_of_files_name_their_licence(void **state)
{
    (void)state;
    struct sva_code_header header;
    sva_code_header_read(
        span_of("# coding=utf-8\n# Copyright 2024 The A team. All rights reserved.\n"
                "#\n# Licensed under the Apache License, Version 2.0 (the\n"),
        &header);
    assert_string_equal(header.licence, "Apache-2.0");
    assert_string_equal(header.basis, "text");
    assert_int_equal(header.licence_line, 4);
    assert_int_equal(header.copyright_count, 1);
    assert_int_equal(header.copyrights[0].line, 2);
    assert_string_equal(header.copyrights[0].text,
                        "Copyright 2024 The A team. All rights reserved.");
    sva_code_header_read(span_of("/* SPDX-License-Identifier: MIT OR Apache-2.0 */\n"), &header);
    assert_string_equal(header.licence, "MIT OR Apache-2.0");
    assert_string_equal(header.basis, "SPDX");
    sva_code_header_read(span_of("import os\ncopyright = None\n"), &header);
    assert_string_equal(header.licence, "");
    assert_int_equal(header.copyright_count, 0);
}

/* ---- fingerprints ---- */

/** Many small functions; `own` other ones first, and names with `prefix`. */
static char *make_source(const char *prefix, int own, int count)
{
    static const char *const signs[] = {"+", "-", "*", "/", "%", "@"};
    static const char *const ends[] = {"(x)", "[0]", ""};
    struct sva_bytes text = {0};
    for (int i = 0; i < own + count; i++) {
        unsigned seed = i < own ? 0x9000U + (unsigned)i : (unsigned)(i - own);
        sva_bytes_printf(&text, "def %s_%u(self, x):\n    return x", prefix, seed);
        for (int k = 0; k < 10; k++) {
            seed = seed * 1103515245U + 12345U;
            sva_bytes_printf(&text, " %s self.%s_%u%s", signs[(seed >> 16) % 6], prefix,
                             (seed >> 20) % 5, ends[(seed >> 24) % 3]);
        }
        sva_bytes_text(&text, "\n\n\n");
    }
    assert_false(text.failed);
    return (char *)text.data;
}

static struct sva_code_file sketch_of(struct sva_arena *arena, const char *path, const char *source)
{
    struct sva_python python = {0};
    struct sva_code_file file = {.path = path};
    assert_int_equal(sva_python_read(span_of(source), path, &python, NULL), SVA_OK);
    assert_int_equal(sva_code_sketch(&python, arena, &file, NULL), SVA_OK);
    sva_python_done(&python);
    return file;
}

static void comments_docstrings_and_layout_do_not_count(void **state)
{
    (void)state;
    struct sva_arena arena = {0};
    const struct sva_code_file a =
        sketch_of(&arena, "a", "def f(a, b):\n    return g(a, [1, 'x'], k=b) + a.b.c(d) - e[0]\n");
    const struct sva_code_file b = sketch_of(
        &arena, "b",
        "def f(a, b):  # c\n  '''doc'''\n  return g(a,\n [2, 'y'], k=b) + a.b.c(d) - e[7]");
    assert_true(a.readings[0].population > 0);
    assert_int_equal(a.readings[0].population, b.readings[0].population);
    for (uint32_t i = 0; i < a.readings[0].count; i++) {
        assert_true(a.readings[0].marks[i].key == b.readings[0].marks[i].key);
    }
    sva_arena_done(&arena);
}

static void copies_are_found_also_when_renamed_and_others_are_not(void **state)
{
    (void)state;
    struct sva_arena arena = {0};
    struct sva_code_similarity similarity;
    char *const texts[] = {make_source("a", 0, 120), make_source("a", 60, 120),
                           make_source("b", 0, 120), make_source("a", 120, 0)};
    struct sva_code_file files[4];
    for (int i = 0; i < 4; i++) {
        files[i] = sketch_of(&arena, "m.py", texts[i]);
        free(texts[i]);
    }
    const struct sva_code base = {1, &files[0]};
    const struct sva_code longer = {1, &files[1]};
    const struct sva_code renamed = {1, &files[2]};
    const struct sva_code other = {1, &files[3]};
    assert_true(sva_code_compare(&longer, &base, true, &arena, &similarity));
    assert_int_equal(similarity.match_count, 1);
    const struct sva_code_match *match = &similarity.matches[0];
    assert_true(match->overlaps[SVA_CODE_AS_WRITTEN].share[1] > 0.98);
    assert_true(match->overlaps[SVA_CODE_AS_WRITTEN].share[0] < 0.75);
    assert_int_equal(match->ranges[0].subject_first - match->ranges[0].reference_first, 240);
    assert_true(match->ranges[0].reference_last > 470);
    assert_true(sva_code_compare(&renamed, &base, true, &arena, &similarity));
    match = &similarity.matches[0];
    assert_true(match->overlaps[SVA_CODE_NAMES_ALIKE].jaccard == 1.0);
    assert_true(match->overlaps[SVA_CODE_AS_WRITTEN].share[0] < 0.1);
    assert_true(sva_code_compare(&other, &base, true, &arena, &similarity));
    assert_true(similarity.compared);
    assert_int_equal(similarity.match_count, 0);
    assert_true(sva_code_compare(NULL, &base, true, &arena, &similarity));
    assert_false(similarity.compared);
    sva_arena_done(&arena);
}

static void prints_keep_samples_that_estimate_the_same(void **state)
{
    (void)state;
    struct sva_arena arena = {0};
    struct sva_code_similarity similarity;
    struct sva_bytes bytes = {0};
    bool exhausted = false;
    char *const texts[] = {make_source("a", 0, 300), make_source("a", 200, 300)};
    struct sva_code_file files[] = {sketch_of(&arena, "m.py", texts[0]),
                                    sketch_of(&arena, "n.py", texts[1])};
    const struct sva_code whole[] = {{1, &files[0]}, {1, &files[1]}};
    const struct sva_code *const kept[] = {sva_code_copy(&whole[0], &arena),
                                           sva_code_copy(&whole[1], &arena)};
    assert_int_equal(kept[0]->files[0].readings[0].count, SVA_CODE_SAMPLE);
    assert_true(sva_code_compare(kept[1], kept[0], false, &arena, &similarity));
    const struct sva_code_overlap *const overlap =
        &similarity.matches[0].overlaps[SVA_CODE_AS_WRITTEN];
    assert_true(overlap->share[0] > 0.45 && overlap->share[0] < 0.75);
    assert_true(overlap->share[1] > 0.95);
    sva_code_encode(kept[0], &bytes);
    assert_true(bytes.size < 8 * 1024);
    for (size_t cut = 0; cut < bytes.size; cut += 7) {
        struct sva_cursor in = {{bytes.data, cut}, 0, false};
        assert_null(sva_code_decode(&in, &arena, &exhausted));
        assert_false(exhausted);
    }
    sva_bytes_done(&bytes);
    free(texts[0]);
    free(texts[1]);
    sva_arena_done(&arena);
}

/* ---- a model ---- */

static void programs_of_a_model_become_facts(void **state)
{
    (void)state;
    static const tensor_spec tensors[] = {"model.embed_tokens.weight 16x8", NULL};
    struct temp_tree tree;
    tree_make(&tree);
    tree_tensors(&tree, "model.safetensors", tensors);
    tree_text(
        &tree, "config.json",
        "{\"auto_map\": {\"A\": \"modeling_x.X\", \"B\": \"org/r--m.B\", \"C\": [\"gone.C\", null]}}");
    tree_text(&tree, "modeling_x.py",
              "# SPDX-License-Identifier: MIT\n# Copyright (c) 2026 lee-lab\n"
              "t = AutoModel.from_pretrained('org/tower')\nu = requests.get(a)\n");
    tree_text(&tree, "setup.sh", "curl -O x\n");
    struct sva_model *const model = tree_open(&tree, "");
    assert_string_equal(sva_model_fact(model, "code.files"), "2");
    assert_string_equal(sva_model_fact(model, "code.run_time_downloads"), "2");
    assert_string_equal(sva_model_fact(model, "code.possible_downloads"), "1");
    assert_string_equal(sva_model_fact(model, "code.download.01"),
                        "modeling_x.py:3: from_pretrained(org/tower)");
    assert_string_equal(sva_model_fact(model, "code.download.02"), "setup.sh:1: curl -O x");
    assert_string_equal(sva_model_fact(model, "code.file.01"),
                        "modeling_x.py: MIT (SPDX, line 1); line 2: Copyright (c) 2026 lee-lab");
    assert_string_equal(sva_model_fact(model, "code.file.02"), "setup.sh: no licence stated");
    assert_string_equal(sva_model_fact(model, "code.entry.01"),
                        "config.auto_map.B = org/r--m.B: other repository");
    assert_string_equal(sva_model_fact(model, "code.entry.02"),
                        "config.auto_map.A = modeling_x.X: local (modeling_x.py)");
    assert_string_equal(sva_model_fact(model, "code.entry.03"),
                        "config.auto_map.C.0 = gone.C: unresolved");
    assert_string_equal(sva_model_fact(model, "code.entries.unresolved"), "1");
    assert_int_equal(count_findings(model, "auto-map-unresolved"), 1);
    assert_int_equal(model->code->file_count, 1);
    sva_model_close(model);
    tree_remove(&tree);
}

static void a_program_that_was_not_read_leaves_the_counts_unknown(void **state)
{
    (void)state;
    static const tensor_spec tensors[] = {"model.embed_tokens.weight 16x8", NULL};
    struct temp_tree tree;
    char *const source = forty_of("f'{");
    tree_make(&tree);
    tree_tensors(&tree, "model.safetensors", tensors);
    tree_text(&tree, "a.py", source);
    free(source);
    struct sva_model *model = tree_open(&tree, "");
    assert_null(sva_model_fact(model, "code.run_time_downloads"));
    assert_int_equal(count_findings(model, "code-not-read"), 1);
    sva_model_close(model);
    model = tree_open(&tree, "model.safetensors");
    assert_string_equal(sva_model_fact(model, "code.run_time_downloads"), "0");
    sva_model_close(model);
    tree_remove(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sources_become_tokens_without_comments_and_blanks),
        cmocka_unit_test(code_inside_f_strings_is_code),
        cmocka_unit_test(strings_nested_too_deeply_are_refused),
        cmocka_unit_test(calls_that_fetch_are_found_by_their_tokens),
        cmocka_unit_test(calls_that_do_not_fetch_are_left_alone),
        cmocka_unit_test(scripts_are_read_line_by_line),
        cmocka_unit_test(heads_of_files_name_their_licence),
        cmocka_unit_test(comments_docstrings_and_layout_do_not_count),
        cmocka_unit_test(copies_are_found_also_when_renamed_and_others_are_not),
        cmocka_unit_test(prints_keep_samples_that_estimate_the_same),
        cmocka_unit_test(programs_of_a_model_become_facts),
        cmocka_unit_test(a_program_that_was_not_read_leaves_the_counts_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
