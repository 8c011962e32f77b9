/* SPDX-License-Identifier: Apache-2.0 */
/* Vocabularies of every format in one form, and what two of them have in common. */
#include "model_builder.h"

#include <math.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/memory.h"
#include "compare/vocabulary_lineage.h"
#include "fingerprint/token_sample_block.h"
#include "kernel/random.h"
#include "model/sentencepiece.h"
#include "model/tiktoken.h"
#include "model/tokenizer.h"
#include "model/vocabulary_file.h"
#include "model/vocabulary_sample.h"

static struct sva_span span(const char *text)
{
    return (struct sva_span){(const uint8_t *)text, strlen(text)};
}

static struct sva_token_sample *sample_of(struct sva_arena *arena,
                                          struct sva_vocabulary *vocabulary)
{
    struct sva_token_sample *sample = NULL;
    assert_int_equal(sva_vocabulary_sample(vocabulary, arena, &sample, NULL), SVA_OK);
    sva_vocabulary_done(vocabulary);
    return sample;
}

static enum sva_lineage lineage_of(const struct sva_token_sample *a,
                                   const struct sva_token_sample *b)
{
    struct sva_tokenizer_lineage lineage;
    assert_true(sva_vocabulary_lineage(a, b, &lineage));
    return lineage.answer;
}

/* ---- formats ---- */

static void one_vocabulary_is_the_same_in_every_format(void **state)
{
    (void)state;
    struct sva_arena arena = {0};
    struct sva_vocabulary made = {0};
    assert_int_equal(sva_tokenizer_parse(span("{\"decoder\": {\"type\": \"ByteLevel\"}, \"model\": "
                                              "{\"type\": \"BPE\", \"vocab\": {\"t\": 0, \"h\": 1, "
                                              "\"th\": 2, \"\\u0120th\": 3}, \"merges\": "
                                              "[\"t h\", [\"\\u0120\", \"th\"]]}}"),
                                         "a", 32, &made, NULL),
                     SVA_OK);
    struct sva_token_sample *const json = sample_of(&arena, &made);
    assert_int_equal(sva_vocab_json_parse(span("{\"t\": 0, \"h\": 1, \"th\": 2, \"\\u0120th\": 3}"),
                                          "b", 32, &made, NULL),
                     SVA_OK);
    assert_int_equal(
        sva_merges_parse(span("#version: 0.2\nt h\r\n\xc4\xa0 th\n"), "merges.txt", &made, NULL),
        SVA_OK);
    struct sva_token_sample *const pair = sample_of(&arena, &made);
    assert_int_equal(
        sva_tiktoken_parse(span("dA== 0\naA== 1\ndGg= 2\r\nIHRo 3\n"), "c", &made, NULL), SVA_OK);
    struct sva_token_sample *const ranks = sample_of(&arena, &made);
    assert_int_equal(sva_sentencepiece_parse(span("\n\x03\n\x01t\n\x03\n\x01h\n\x04\n\x02th"
                                                  "\n\x07\n\x05\xe2\x96\x81th\x12\x02\x18\x02"),
                                             "d", &made, NULL),
                     SVA_OK);
    struct sva_token_sample *const pieces = sample_of(&arena, &made);
    assert_string_equal(json->kind, "bpe, byte level");
    assert_string_equal(pieces->kind, "bpe, sentencepiece");
    assert_int_equal(json->merge_count, 2);
    assert_int_equal(json->byte_count, 2);
    assert_int_equal(json->population, 2);
    assert_memory_equal(json->digest, pair->digest, 32);
    assert_memory_equal(json->merges_digest, pair->merges_digest, 32);
    assert_memory_equal(json->digest, ranks->digest, 32);
    assert_memory_equal(json->digest, pieces->digest, 32);
    assert_int_equal(lineage_of(json, pieces), SVA_LINEAGE_SAME);
    sva_arena_done(&arena);
}

static void wordpiece_is_read_as_the_text_it_stands_for(void **state)
{
    (void)state;
    struct sva_arena arena = {0};
    struct sva_vocabulary made = {0};
    assert_int_equal(sva_vocab_text_parse(span("[CLS]\nking\n##ing\na"), &made, NULL), SVA_OK);
    struct sva_token_sample *const words = sample_of(&arena, &made);
    assert_int_equal(words->special_count, 1);
    assert_string_equal(words->specials[0].text, "[CLS]");
    assert_int_equal(words->population, 3); /* " king", "ing", " a" */
    bool found = false;
    for (uint32_t i = 0; i < words->sampled; i++) {
        found = found || words->keys[i] == sva_token_key((const uint8_t *)"ing", 3);
    }
    assert_true(found);
    sva_arena_done(&arena);
}

static void malformed_files_are_refused_with_their_place(void **state)
{
    (void)state;
    static const char *const tiktoken[] = {"dA== 0\nd*== 1\n", "dA==\n",  "dA== x\n",
                                           "dB== 0\n",         "dAA 0\n", "dA== 1234567890\n"};
    static const char *const pieces[] = {
        "\n\x05\n\x01t",     /* longer than the file */
        "\n\x03\n\x02t",     /* the inner text is longer than its piece */
        "\n\x03\n\x01t\x0b", /* a group */
        "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", /* a number without end */
        "\x12\x02\x18\x02",                             /* no piece at all */
    };
    struct sva_vocabulary made = {0};
    for (size_t i = 0; i < sizeof tiktoken / sizeof *tiktoken; i++) {
        struct sva_error error = {0};
        assert_int_equal(sva_tiktoken_parse(span(tiktoken[i]), "a.tiktoken", &made, &error),
                         SVA_ERR_CORRUPT);
        assert_non_null(strstr(error.text, "a.tiktoken: the line at byte"));
    }
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct sva_error error = {0};
        assert_int_equal(sva_sentencepiece_parse(span(pieces[i]), "a.model", &made, &error),
                         SVA_ERR_CORRUPT);
        assert_non_null(strstr(error.text, "a.model: the message"));
        assert_int_equal(made.count, 0);
    }
    struct sva_error error = {0};
    assert_int_equal(sva_merges_parse(span("a b\nab\n"), "merges.txt", &made, &error),
                     SVA_ERR_CORRUPT);
    assert_int_equal(error.offset, 4);
    sva_vocabulary_done(&made);
}

/* ---- lineage ---- */

enum { MADE = 20000 };

/** Tokens [first, first + count) of a list that seed 0 leaves in order and others shuffle. */
static struct sva_token_sample *made_sample(struct sva_arena *arena, uint32_t first, uint32_t count,
                                            uint32_t shift, uint8_t seed)
{
    struct sva_vocabulary made = {.model_type = "BPE"};
    struct sva_bytes scratch = {0};
    uint32_t *const order = sva_calloc(count, sizeof *order);
    const uint8_t key[32] = {seed};
    struct sva_random random;
    sva_random_seed(&random, key);
    for (uint32_t i = 0; i < count; i++) {
        order[i] = first + i;
    }
    for (uint32_t i = count - 1; seed != 0 && i > 0; i--) {
        const uint32_t other = sva_random_below(&random, i + 1);
        const uint32_t kept = order[i];
        order[i] = order[other];
        order[other] = kept;
    }
    for (uint32_t i = 0; i < count; i++) {
        char text[32];
        (void)snprintf(text, sizeof text, " token%u", order[i]);
        assert_int_equal(
            sva_vocabulary_put(&made, i + shift, SVA_TOKENS_PLAIN, span(text), &scratch, NULL),
            SVA_OK);
    }
    sva_bytes_done(&scratch);
    sva_free(order);
    return sample_of(arena, &made);
}

static void order_and_numbers_tell_one_source_and_overlap_does_not(void **state)
{
    (void)state;
    struct sva_arena arena = {0};
    struct sva_token_sample *const base = made_sample(&arena, 0, MADE, 0, 0);
    struct sva_token_sample *const longer = made_sample(&arena, 0, MADE + 5000, 0, 0);
    struct sva_token_sample *const moved = made_sample(&arena, 0, MADE + 5000, 7, 0);
    struct sva_token_sample *const later = made_sample(&arena, MADE / 2, MADE, 0, 0);
    struct sva_token_sample *const mixed = made_sample(&arena, 0, MADE, 0, 1);
    struct sva_token_sample *const half = made_sample(&arena, MADE / 2, MADE, 0, 1);
    assert_int_equal(lineage_of(base, base), SVA_LINEAGE_SAME);
    assert_int_equal(lineage_of(base, longer), SVA_LINEAGE_EXTENDED);
    assert_int_equal(lineage_of(moved, base), SVA_LINEAGE_EXTENDED);
    assert_int_equal(lineage_of(base, later), SVA_LINEAGE_SHARED_SOURCE);
    assert_int_equal(lineage_of(base, mixed), SVA_LINEAGE_OVERLAPPING); /* all tokens in common */
    assert_int_equal(lineage_of(base, half), SVA_LINEAGE_UNRELATED);    /* half of them */
    assert_int_equal(lineage_of(base, NULL), SVA_LINEAGE_NOT_COMPARABLE);
    struct sva_tokenizer_lineage lineage;
    assert_true(sva_vocabulary_lineage(moved, base, &lineage));
    assert_int_equal(lineage.id_shift, 7);
    assert_true(fabs(lineage.jaccard - 0.8) < 0.02);
    assert_true(lineage.same_shift_share == 1.0 && lineage.same_id_share == 0.0);
    assert_true(sva_vocabulary_lineage(base, mixed, &lineage));
    assert_true(fabs(lineage.neighbour_share - 0.5) < 0.03 && fabs(lineage.order_tau) < 0.05);
    sva_arena_done(&arena);
}

/* ---- prints ---- */

static void the_block_of_a_print_comes_back_and_refuses_what_is_broken(void **state)
{
    (void)state;
    struct sva_arena arena = {0};
    struct sva_token_sample *const sample = made_sample(&arena, 0, MADE, 0, 3);
    struct sva_bytes bytes = {0};
    struct sva_bytes again = {0};
    bool exhausted = false;
    sva_token_sample_encode(sample, &bytes);
    assert_false(bytes.failed);
    assert_true(bytes.size < 200000);
    struct sva_cursor whole = {{bytes.data, bytes.size}, 0, false};
    const struct sva_token_sample *const back = sva_token_sample_decode(&whole, &arena, &exhausted);
    assert_non_null(back);
    assert_int_equal(sva_cursor_left(&whole), 0);
    sva_token_sample_encode(back, &again);
    assert_int_equal(again.size, bytes.size);
    assert_memory_equal(again.data, bytes.data, bytes.size);
    for (size_t cut = 0; cut < bytes.size; cut += 997) {
        struct sva_cursor in = {{bytes.data, cut}, 0, false};
        assert_null(sva_token_sample_decode(&in, &arena, &exhausted));
        assert_true(in.failed && !exhausted);
    }
    bytes.data[0] = SVA_TOKEN_ORDER_COUNT;
    struct sva_cursor odd = {{bytes.data, bytes.size}, 0, false};
    assert_null(sva_token_sample_decode(&odd, &arena, &exhausted));
    sva_bytes_done(&bytes);
    sva_bytes_done(&again);
    sva_arena_done(&arena);
}

/* ---- real ones ---- */

static struct sva_token_sample *real(struct sva_arena *arena, const char *name)
{
    char path[512];
    const struct sva_limits limits = sva_limits_default();
    struct sva_vocabulary made = {0};
    (void)snprintf(path, sizeof path, "%s/data/formats/gguf-vocab/ggml-vocab-%s.gguf",
                   SVA_SHARED_DIR, name);
    assert_int_equal(sva_vocabulary_load(path, &limits, &made, NULL), SVA_OK);
    return sample_of(arena, &made);
}

static void phi_3_extends_llama_and_unrelated_vocabularies_are_unrelated(void **state)
{
    (void)state;
    struct stat about;
    struct sva_arena arena = {0};
    if (stat(SVA_SHARED_DIR "/data/formats/gguf-vocab", &about) != 0) {
        skip();
    }
    struct sva_token_sample *const llama = real(&arena, "llama-spm");
    assert_int_equal(lineage_of(real(&arena, "phi-3"), llama), SVA_LINEAGE_EXTENDED);
    assert_int_equal(lineage_of(real(&arena, "mpt"), real(&arena, "gpt-neox")), SVA_LINEAGE_SAME);
    assert_int_equal(lineage_of(real(&arena, "gpt-2"), real(&arena, "gpt-neox")),
                     SVA_LINEAGE_UNRELATED);
    assert_int_equal(lineage_of(real(&arena, "baichuan"), llama), SVA_LINEAGE_UNRELATED);
    assert_int_equal(lineage_of(real(&arena, "falcon"), real(&arena, "deepseek-llm")),
                     SVA_LINEAGE_UNRELATED);
    sva_arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_vocabulary_is_the_same_in_every_format),
        cmocka_unit_test(wordpiece_is_read_as_the_text_it_stands_for),
        cmocka_unit_test(malformed_files_are_refused_with_their_place),
        cmocka_unit_test(order_and_numbers_tell_one_source_and_overlap_does_not),
        cmocka_unit_test(the_block_of_a_print_comes_back_and_refuses_what_is_broken),
        cmocka_unit_test(phi_3_extends_llama_and_unrelated_vocabularies_are_unrelated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
