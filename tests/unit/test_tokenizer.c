/* SPDX-License-Identifier: Apache-2.0 */
/* Vocabularies: one token has one key in every tokenizer; malformed ones do no harm. */
#include "model_builder.h"

#include "base/hash.h"
#include "base/memory.h"
#include "model/token_text.h"
#include "model/tokenizer.h"

static struct sva_span span(const char *text)
{
    return (struct sva_span){(const uint8_t *)text, strlen(text)};
}

static uint64_t key_of(const char *text)
{
    return sva_token_key((const uint8_t *)text, strlen(text));
}

static void parse(const char *text, struct sva_vocabulary *vocabulary)
{
    struct sva_error error = {0};
    const enum sva_status status =
        sva_tokenizer_parse(span(text), "tokenizer.json", 32, vocabulary, &error);
    if (status != SVA_OK) {
        print_message("%s\n", error.text);
    }
    assert_int_equal(status, SVA_OK);
}

static void byte_level_letters_become_bytes_again(void **state)
{
    (void)state;
    uint8_t out[64];
    static const char space_hello[] = "\xc4\xa0hello"; /* U+0120 is a space */
    assert_int_equal(sva_token_canonical(SVA_TOKENS_BYTE_LEVEL, space_hello, 7, out), 6);
    assert_memory_equal(out, " hello", 6);
    /* all 256 letters, in the order of their bytes */
    bool seen[256] = {false};
    for (uint32_t code = 0; code < 324; code++) {
        char letter[2] = {(char)code, 0};
        size_t size = 1;
        if (code >= 0x80) {
            letter[0] = (char)(0xc0 | code >> 6);
            letter[1] = (char)(0x80 | (code & 0x3f));
            size = 2;
        }
        const bool printable = (code >= 33 && code <= 126) || (code >= 161 && code <= 172) ||
                               (code >= 174 && code <= 255);
        const size_t used = sva_token_canonical(SVA_TOKENS_BYTE_LEVEL, letter, size, out);
        if (printable) {
            assert_int_equal(used, 1);
            assert_int_equal(out[0], code);
        }
        if (printable || code >= 256) {
            assert_int_equal(used, 1);
            assert_false(seen[out[0]]);
            seen[out[0]] = true;
        } else {
            assert_int_equal(used, size); /* not in the alphabet: as it is */
        }
    }
    for (size_t i = 0; i < 256; i++) {
        assert_true(seen[i]);
    }
    static const char newline[] = "\xc4\x8a"; /* U+010A */
    assert_int_equal(sva_token_canonical(SVA_TOKENS_BYTE_LEVEL, newline, 2, out), 1);
    assert_int_equal(out[0], '\n');
    static const char korean[] = "\xed\x95\x9c"; /* not in the alphabet: left alone */
    assert_int_equal(sva_token_canonical(SVA_TOKENS_BYTE_LEVEL, korean, 3, out), 3);
    assert_memory_equal(out, korean, 3);
}

static void sentencepiece_marks_become_spaces_and_bytes(void **state)
{
    (void)state;
    uint8_t out[64];
    assert_int_equal(sva_token_canonical(SVA_TOKENS_SENTENCEPIECE,
                                         "\xe2\x96\x81"
                                         "a\xe2\x96\x81",
                                         7, out),
                     3);
    assert_memory_equal(out, " a ", 3);
    assert_int_equal(sva_token_canonical(SVA_TOKENS_SENTENCEPIECE, "<0x0A>", 6, out), 1);
    assert_int_equal(out[0], 10);
    assert_int_equal(sva_token_canonical(SVA_TOKENS_SENTENCEPIECE, "<0xZZ>", 6, out), 6);
    assert_int_equal(sva_token_canonical(SVA_TOKENS_PLAIN, "<0x0A>", 6, out), 6);
}

static void one_token_has_one_key_in_every_tokenizer(void **state)
{
    (void)state;
    struct sva_vocabulary bpe;
    struct sva_vocabulary pieces;
    struct sva_vocabulary unigram;
    struct sva_vocabulary late;
    parse(
        "{\"added_tokens\": [{\"id\": 3, \"content\": \"<|end|>\", \"special\": true}],"
        " \"pre_tokenizer\": {\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": \"ByteLevel\"}]},"
        " \"model\": {\"type\": \"BPE\", \"vocab\": {\"\\u0120the\": 0, \"\\u010a\": 1},"
        " \"merges\": [\"a b\", [\"c\", \"d\"]]}}",
        &bpe);
    parse("{\"decoder\": {\"type\": \"Sequence\", \"decoders\": [{\"type\": \"Replace\"},"
          " {\"type\": \"ByteFallback\"}]}, \"normalizer\": null,"
          " \"model\": {\"type\": \"BPE\", \"vocab\": {\"\\u2581the\": 7, \"<0x0A>\": 2}}}",
          &pieces);
    parse("{\"model\": {\"type\": \"Unigram\", \"unk_id\": 0, \"vocab\": [[\"<unk>\", 0.0],"
          " [\"\\u2581the\", -1.5e0]]}}",
          &unigram);
    parse("{\"model\": {\"vocab\": {\"\\u0120the\": 0}, \"type\": \"BPE\"},"
          " \"decoder\": {\"type\": \"ByteLevel\"}, \"added_tokens\": null}",
          &late); /* the style is stated after the vocabulary */
    assert_int_equal(bpe.keys[0], key_of(" the"));
    assert_int_equal(pieces.keys[7], key_of(" the"));
    assert_int_equal(unigram.keys[1], key_of(" the"));
    assert_int_equal(late.keys[0], key_of(" the"));
    assert_int_equal(bpe.keys[1], key_of("\n"));
    assert_int_equal(pieces.keys[2], key_of("\n"));
    assert_int_equal(bpe.keys[2], 0); /* unused id */
    assert_int_equal(bpe.keys[3], key_of("<|end|>"));
    assert_int_equal(bpe.count, 4);
    assert_int_equal(bpe.token_count, 3);
    assert_int_equal(bpe.special_count, 1);
    assert_int_equal(pieces.count, 8);
    sva_vocabulary_done(&bpe);
    sva_vocabulary_done(&pieces);
    sva_vocabulary_done(&unigram);
    sva_vocabulary_done(&late);
}

static void malformed_tokenizers_are_corrupt(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "[]",
        "{\"model\": []}",
        "{\"model\": {\"vocab\": 3}}",
        "{\"model\": {\"vocab\": {\"a\": -1}}}",
        "{\"model\": {\"vocab\": {\"a\": 1.5}}}",
        "{\"model\": {\"vocab\": {\"a\": \"b\"}}}",
        "{\"model\": {\"vocab\": {\"a\": {}}}}",
        "{\"model\": {\"vocab\": [\"a\"]}}",
        "{\"model\": {\"vocab\": [[1, 2]]}}",
        "{\"model\": {\"vocab\": [[\"a\", 1, {}]]}}",
        "{\"model\": {\"type\": {}}}",
        "{\"added_tokens\": {}}",
        "{\"added_tokens\": [3]}",
        "{\"added_tokens\": [{\"id\": [1]}]}",
        "{\"added_tokens\": [{\"content\": {\"a\": 1}}]}",
        "{\"added_tokens\": [{\"special\": []}]}",
        "{\"model\": {\"vocab\": {\"a\": 1}}} x",
        "{\"model\": {\"vocab\": {\"a\": 1}}",
        "{\"decoder\": {\"type\": \"ByteLevel\"",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct sva_vocabulary vocabulary = {0};
        struct sva_error error = {0};
        const enum sva_status status =
            sva_tokenizer_parse(span(texts[i]), "tokenizer.json", 32, &vocabulary, &error);
        if (status != SVA_ERR_CORRUPT) {
            print_message("%s: %s\n", texts[i], error.text);
        }
        assert_int_equal(status, SVA_ERR_CORRUPT);
        assert_non_null(strstr(error.text, "tokenizer.json"));
        assert_null(vocabulary.keys);
    }
}

static void every_prefix_of_a_tokenizer_ends_cleanly(void **state)
{
    (void)state;
    static const char text[] =
        "{\"added_tokens\": [{\"id\": 1, \"content\": \"x\", \"special\": false}], \"decoder\":"
        " {\"type\": \"Metaspace\"}, \"model\": {\"type\": \"BPE\", \"vocab\": {\"\": 0}}}";
    for (size_t size = 0; size < sizeof text - 1; size++) {
        struct sva_vocabulary vocabulary = {0};
        struct sva_error error = {0};
        assert_int_not_equal(sva_tokenizer_parse((struct sva_span){(const uint8_t *)text, size},
                                                 "t", 32, &vocabulary, &error),
                             SVA_OK);
    }
    struct sva_vocabulary vocabulary;
    parse(text, &vocabulary);
    assert_int_equal(vocabulary.count, 2);
    assert_int_not_equal(vocabulary.keys[0], 0); /* the empty token is a token */
    sva_vocabulary_done(&vocabulary);
}

static void huge_ids_do_not_take_memory(void **state)
{
    (void)state;
    struct sva_vocabulary vocabulary;
    parse("{\"model\": {\"vocab\": {\"a\": 18446744073709551615, \"b\": 4194304, \"c\": 2}}}",
          &vocabulary);
    assert_int_equal(vocabulary.count, 3);
    assert_int_equal(vocabulary.ignored_count, 2);
    sva_vocabulary_done(&vocabulary);
}

static const tensor_spec some[] = {"a.weight 2x2", NULL};

static void models_carry_their_vocabulary(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *kind, *first;
    } files[] = {
        {"vocab.txt", "[PAD]\r\n##ing\nthe", "wordpiece", "[PAD]"},
        {"vocab.json", "{\"\\u0120the\": 0, \"x\": 1, \"y\": 2}", "bpe, byte level", " the"},
        {"tokenizer.json",
         "{\"pre_tokenizer\": {\"type\": \"Metaspace\"}, \"model\": {\"type\": \"BPE\", \"vocab\":"
         " {\"\\u2581a\": 0, \"b\": 1, \"c\": 2}}}",
         "bpe, sentencepiece", " a"},
    };
    struct temp_tree tree;
    tree_make(&tree);
    tree_tensors(&tree, "model.safetensors", some);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        tree_text(&tree, files[i].name, files[i].text); /* each goes before the ones so far */
        struct sva_model *const model = tree_open(&tree, "");
        assert_string_equal(sva_model_fact(model, "tokenizer.file"), files[i].name);
        assert_string_equal(sva_model_fact(model, "tokenizer.kind"), files[i].kind);
        assert_string_equal(sva_model_fact(model, "tokenizer.vocab_size"), "3");
        assert_int_equal(strlen(sva_model_fact(model, "tokenizer.vocab_sha256")), 64);
        assert_int_equal(model->token_count, 3);
        assert_int_equal(model->token_keys[0], key_of(files[i].first));
        sva_model_close(model);
    }
    tree_text(&tree, "tokenizer.json", "{\"model\": {\"vocab\": 1}}");
    struct sva_model *const model = tree_open(&tree, "");
    assert_int_equal(model->token_count, 0);
    assert_int_equal(count_findings(model, "tokenizer-not-read"), 1);
    sva_model_close(model);
    tree_remove(&tree);
}

static void frequent_tokens_are_the_first_words(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        size_t count;
        uint32_t ids[4];
    } files[] = {
        /* an accented "e" is one character; "[PAD]" and "<s>" have the form of control tokens */
        {"vocab.txt", "[PAD]\n<s>\na\n\xc3\xa9\n##a\nthe\n[", 2, {4, 5}},
        {"vocab.json",
         "{\"<|end|>\": 0, \"x\": 1, \"\\u00c3\\u00a9\": 2, \"\\u0120\\u0120\": 3, \"in\": 4,"
         " \"\\u0120t\": 6}",
         2,
         {4, 6}},
        {"tokenizer.json",
         "{\"pre_tokenizer\": {\"type\": \"Metaspace\"}, \"added_tokens\": [{\"id\": 0,"
         " \"content\": \"begin\", \"special\": true}, {\"id\": 5, \"content\": \"user\", \"special\": false}],"
         " \"model\": {\"type\": \"BPE\", \"vocab\": {\"begin\": 0, \"<0x41>\": 1, \"\\u2581\": 2,"
         " \"\\u2581a\": 3, \"in\": 4, \" a\": 7}}}",
         3,
         {3, 4, 5}}, /* 7 is spelt like 3 */
    };
    struct temp_tree tree;
    tree_make(&tree);
    tree_tensors(&tree, "model.safetensors", some);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        tree_text(&tree, files[i].name, files[i].text);
        struct sva_model *const model = tree_open(&tree, "");
        assert_int_equal(model->frequent_count, files[i].count);
        assert_memory_equal(model->frequent_tokens, files[i].ids,
                            files[i].count * sizeof *files[i].ids);
        sva_model_close(model);
    }
    tree_remove(&tree);
}

static void a_sentencepiece_file_beside_weights_is_read(void **state)
{
    (void)state;
    struct temp_tree tree;
    tree_make(&tree);
    tree_tensors(&tree, "model.safetensors", some);
    tree_text(&tree, "tokenizer.model", "\n\x09\n\x05<unk>\x18\x02\n\x06\n\x04 the");
    struct sva_model *const model = tree_open(&tree, "");
    assert_string_equal(sva_model_fact(model, "tokenizer.kind"), "unigram");
    assert_int_equal(model->token_count, 2);
    assert_int_equal(model->token_keys[1], key_of(" the"));
    assert_int_equal(model->token_sample->special_count, 1);
    assert_string_equal(model->token_sample->specials[0].text, "<unk>");
    sva_model_close(model);
    tree_remove(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(byte_level_letters_become_bytes_again),
        cmocka_unit_test(sentencepiece_marks_become_spaces_and_bytes),
        cmocka_unit_test(one_token_has_one_key_in_every_tokenizer),
        cmocka_unit_test(malformed_tokenizers_are_corrupt),
        cmocka_unit_test(every_prefix_of_a_tokenizer_ends_cleanly),
        cmocka_unit_test(huge_ids_do_not_take_memory),
        cmocka_unit_test(models_carry_their_vocabulary),
        cmocka_unit_test(frequent_tokens_are_the_first_words),
        cmocka_unit_test(a_sentencepiece_file_beside_weights_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
