/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of frequent tokens: which are kept, how they are stored, compared and judged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "approx.h"
#include "compare/decide.h"
#include "compare/token_agreement.h"
#include "fingerprint/print_blocks.h"
#include "fingerprint/print_internal.h"
#include "fingerprint/view_scan.h"
#include "made_prints.h"

enum { ROWS = 400, WIDTH = 48, KEPT = ROWS - SVA_TOKEN_FIRST_ROW };

static struct sva_view table_view(uint64_t rows, bool turned)
{
    return (struct sva_view){.part = "",
                             .role = SVA_ROLE_EMBED_TOKENS,
                             .n = {rows, WIDTH, 1},
                             .stride = {turned ? 1 : WIDTH, turned ? rows : 1, 1},
                             .axis = {SVA_AXIS_TOKEN, SVA_AXIS_RESIDUAL},
                             .layer = -1,
                             .expert = -1};
}

static const struct sva_token_choice no_vocabulary = {.token_count = 0};

/** Scans a table in pieces of `piece` values. */
static void scan(const struct sva_view *view, const struct sva_token_choice *choice,
                 const float *values, size_t piece, struct sva_print_tensor *out)
{
    struct sva_view_scan state;
    memset(out, 0, sizeof *out);
    assert_true(sva_view_scan_init(&state, view, NULL));
    assert_true(sva_view_scan_add_tokens(&state, choice));
    for (uint64_t line = 0; line < state.line_count; line++) {
        for (uint64_t at = 0; at < state.line_length; at += piece) {
            const uint64_t left = state.line_length - at;
            sva_view_scan_line(&state, line, at, values + line * state.line_length + at,
                               (size_t)(left < piece ? left : piece));
        }
    }
    assert_true(sva_view_scan_finish(&state, out));
    sva_view_scan_done(&state);
    out->role = view->role;
    memcpy(out->n, view->n, sizeof out->n);
}

static void fill(float *values, size_t count, uint32_t seed, double size)
{
    struct sva_random random = made_stream(seed);
    for (size_t i = 0; i < count; i++) {
        values[i] += (float)(size * made_normal(&random));
    }
}

static void assert_same_rows(const struct sva_token_rows *a, const struct sva_token_rows *b)
{
    assert_int_equal(a->count, b->count);
    assert_memory_equal(a->keys, b->keys, a->count * sizeof *a->keys);
    assert_memory_equal(a->values, b->values, (size_t)a->count * SVA_TOKEN_FEATURES * 2);
}

static void rows_do_not_depend_on_layout_or_pieces(void **state)
{
    (void)state;
    static float plain[ROWS * WIDTH], turned[ROWS * WIDTH];
    fill(plain, ROWS * WIDTH, 1, 1.0);
    for (size_t i = 0; i < ROWS * WIDTH; i++) {
        turned[i % WIDTH * ROWS + i / WIDTH] = plain[i];
    }
    const struct sva_view rows = table_view(ROWS, false);
    const struct sva_view columns = table_view(ROWS, true);
    struct sva_print_tensor whole, pieces, across;
    scan(&rows, &no_vocabulary, plain, WIDTH, &whole);
    scan(&rows, &no_vocabulary, plain, 7, &pieces);
    scan(&columns, &no_vocabulary, turned, 111, &across);
    assert_int_equal(whole.token_rows.count, KEPT);
    assert_int_equal(whole.token_rows.keys[0], SVA_TOKEN_FIRST_ROW);
    assert_same_rows(&whole.token_rows, &pieces.token_rows);
    assert_same_rows(&whole.token_rows, &across.token_rows);
    sva_print_tensor_done(&whole);
    sva_print_tensor_done(&pieces);
    sva_print_tensor_done(&across);
}

static void other_tables_keep_no_rows(void **state)
{
    (void)state;
    static float values[ROWS * WIDTH];
    struct sva_print_tensor out;
    struct sva_view view = table_view(ROWS, false);
    scan(&view, &no_vocabulary, values, WIDTH, &out); /* constant: no size to scale by */
    assert_int_equal(out.token_rows.count, 0);
    sva_print_tensor_done(&out);
    fill(values, ROWS * WIDTH, 2, 1.0);
    view.role = SVA_ROLE_EMBED_POSITIONS;
    scan(&view, &no_vocabulary, values, WIDTH, &out);
    assert_int_equal(out.token_rows.count, 0);
    sva_print_tensor_done(&out);
    view = table_view(SVA_TOKEN_FIRST_ROW, false);
    scan(&view, &no_vocabulary, values, WIDTH, &out);
    assert_int_equal(out.token_rows.count, 0);
    sva_print_tensor_done(&out);
}

/** A print of one table. */
static struct sva_print *table_print(const float *values, const struct sva_token_choice *choice)
{
    struct sva_print *const print = sva_print_new();
    assert_non_null(print);
    struct sva_print_component *const component =
        sva_arena_alloc(&sva_print_memory_of(print)->arena, 1, sizeof *component);
    *component = (struct sva_print_component){.name = "decoder"};
    print->name = "sample";
    print->components = component;
    print->component_count = 1;
    assert_true(sva_print_reserve_tensors(print, 1));
    struct sva_print_tensor *const tensor = &sva_print_memory_of(print)->tensors[0];
    const struct sva_view view = table_view(ROWS, false);
    scan(&view, choice, values, WIDTH, tensor);
    tensor->name = "embed";
    tensor->layer = tensor->expert = -1;
    struct sva_error error = {0};
    assert_int_equal(sva_print_seal(print, &error), SVA_OK);
    return print;
}

static struct sva_print *random_print(uint32_t seed)
{
    static float values[ROWS * WIDTH];
    memset(values, 0, sizeof values);
    fill(values, ROWS * WIDTH, seed, 1.0);
    return table_print(values, &no_vocabulary);
}

static struct sva_print *encode_and_decode(const struct sva_print *print)
{
    struct sva_print *back = NULL;
    struct sva_error error = {0};
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_int_equal(sva_print_encode(print, &bytes, &size, &error), SVA_OK);
    assert_int_equal(sva_print_decode(bytes, size, "sample", &back, &error), SVA_OK);
    assert_memory_equal(back->digest, print->digest, SVA_DIGEST_BYTES);
    free(bytes);
    return back;
}

static void rows_survive_encoding(void **state)
{
    (void)state;
    struct sva_print *const print = random_print(3);
    struct sva_print *const back = encode_and_decode(print);
    assert_same_rows(&print->tensors[0].token_rows, &back->tensors[0].token_rows);
    sva_print_free(back);
    sva_print_free(print);
}

static void prints_without_rows_are_read_as_before(void **state)
{
    (void)state;
    struct sva_print *const print = random_print(3);
    struct sva_error error = {0};
    uint8_t digest[SVA_DIGEST_BYTES];
    memcpy(digest, print->digest, sizeof digest);
    sva_print_drop_token_rows(&sva_print_memory_of(print)->tensors[0]);
    assert_false(sva_print_block_present(print, SVA_BLOCK_TOKEN_ROWS));
    assert_int_equal(sva_print_seal(print, &error), SVA_OK);
    assert_memory_not_equal(digest, print->digest, sizeof digest);
    struct sva_print *const back = encode_and_decode(print);
    assert_int_equal(back->tensors[0].token_rows.count, 0);
    sva_print_free(back);
    sva_print_free(print);
}

/** An entry with `rows` rows that it says are `count`; keys count up by `step`. */
static void put_block(struct sva_bytes *out, uint32_t tensor, uint32_t count, uint32_t rows,
                      uint64_t step)
{
    sva_put_u32(out, tensor);
    sva_put_u32(out, count);
    for (uint32_t t = 0; t < rows; t++) {
        sva_put_u64(out, 300 + t * step);
    }
    for (uint32_t k = 0; k < rows * SVA_TOKEN_FEATURES; k++) {
        sva_put_u16(out, (uint16_t)k);
    }
}

static enum sva_status decode(struct sva_bytes *bytes, struct sva_error *error)
{
    struct sva_print *const print = random_print(3);
    sva_print_drop_token_rows(&sva_print_memory_of(print)->tensors[0]);
    struct sva_block_bytes block = {.cursor.span = {bytes->data, bytes->size}};
    enum sva_status status =
        sva_print_block_decode(print, SVA_BLOCK_TOKEN_ROWS, &block, "made", error);
    if (status == SVA_OK && sva_cursor_left(&block.cursor) != 0) {
        status = SVA_ERR_CORRUPT; /* as print_read.c answers */
    }
    sva_print_free(print);
    sva_bytes_done(bytes);
    return status;
}

static void malformed_rows_are_corrupt(void **state)
{
    (void)state;
    static const struct {
        uint32_t tables, tensor, count, rows;
        uint64_t step;
        enum sva_status expected;
    } cases[] = {
        {1, 0, 40, 40, 1, SVA_OK},
        {0, 0, 40, 0, 1, SVA_ERR_CORRUPT},   /* an empty block is left out */
        {1, 0, 0, 0, 1, SVA_ERR_CORRUPT},    /* so is a table without rows */
        {1, 0, 40, 39, 1, SVA_ERR_CORRUPT},  /* cut short */
        {1, 0, 39, 40, 1, SVA_ERR_CORRUPT},  /* too long */
        {2, 0, 40, 40, 1, SVA_ERR_CORRUPT},  /* fewer tables than it says */
        {1, 1, 40, 40, 1, SVA_ERR_CORRUPT},  /* there is one tensor */
        {1, 0, 40, 40, 0, SVA_ERR_CORRUPT},  /* one key twice */
        {1, 0, 513, 513, 1, SVA_ERR_CORRUPT}, /* more than are kept */
        {1, 0, UINT32_MAX, 40, 1, SVA_ERR_CORRUPT},
    };
    struct sva_error error = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sva_bytes bytes = {0};
        sva_put_u32(&bytes, cases[i].tables);
        put_block(&bytes, cases[i].tensor, cases[i].count, cases[i].rows, cases[i].step);
        assert_int_equal(decode(&bytes, &error), cases[i].expected);
    }
    struct sva_bytes twice = {0};
    sva_put_u32(&twice, 2);
    put_block(&twice, 0, 40, 40, 1);
    put_block(&twice, 0, 40, 40, 1);
    assert_int_equal(decode(&twice, &error), SVA_ERR_CORRUPT);
    struct sva_bytes unclipped = {0};
    sva_put_u32(&unclipped, 1);
    put_block(&unclipped, 0, 40, 40, 1);
    unclipped.data[unclipped.size - 2] = 0x00;
    unclipped.data[unclipped.size - 1] = 0x80;
    assert_int_equal(decode(&unclipped, &error), SVA_ERR_CORRUPT);
    assert_non_null(strstr(error.text, "block 16"));
}

static void tokens_are_found_by_key_under_another_id(void **state)
{
    (void)state;
    enum { TOKENS = 100 };
    static float before[ROWS * WIDTH], after[ROWS * WIDTH];
    static uint64_t keys[ROWS], moved_keys[ROWS];
    uint32_t first[TOKENS], second[TOKENS];
    fill(before, ROWS * WIDTH, 4, 1.0);
    fill(after, ROWS * WIDTH, 5, 1.0);
    for (uint32_t id = 0; id < ROWS; id++) {
        keys[id] = sva_mix64(id + 1);
        moved_keys[id] = sva_mix64(ROWS + id + 1);
    }
    for (uint32_t t = 0; t < TOKENS; t++) { /* the same tokens, in the opposite order */
        first[t] = 20 + t;
        second[t] = 200 + t;
        moved_keys[200 + TOKENS - 1 - t] = keys[20 + t];
        memcpy(after + (size_t)(200 + TOKENS - 1 - t) * WIDTH, before + (size_t)(20 + t) * WIDTH,
               WIDTH * sizeof *before);
    }
    struct sva_token_choice choice = {ROWS, keys, TOKENS, first};
    struct sva_print *const subject = table_print(before, &choice);
    choice = (struct sva_token_choice){ROWS, moved_keys, TOKENS, second};
    struct sva_print *const reference = table_print(after, &choice);
    const struct sva_token_agreement found =
        sva_tokens_agree(&subject->tensors[0].token_rows, &reference->tensors[0].token_rows);
    assert_int_equal(found.rows, TOKENS);
    assert_near(found.agreement, 1.0, 1e-3);
    struct sva_print *const by_row = table_print(before, &no_vocabulary);
    const struct sva_token_agreement unknown =
        sva_tokens_agree(&by_row->tensors[0].token_rows, &reference->tensors[0].token_rows);
    assert_int_equal(unknown.rows, 0);
    sva_print_free(by_row);
    sva_print_free(subject);
    sva_print_free(reference);
}

/** The evidence of a pair of tables, each a start, and what training added to it. */
static struct sva_component_evidence witness(uint32_t start, uint32_t training, uint32_t tuning)
{
    static float values[2][ROWS * WIDTH];
    struct sva_print *prints[2];
    for (int side = 0; side < 2; side++) {
        memset(values[side], 0, sizeof values[side]);
        fill(values[side], ROWS * WIDTH, 10, 0.5);
        fill(values[side], ROWS * WIDTH, side == 0 ? 11 : training, 1.0);
        fill(values[side], ROWS * WIDTH, side == 0 ? 12 : tuning, 0.2);
        fill(values[side], ROWS * WIDTH, side == 0 ? 13 : start, 0.5);
        prints[side] = table_print(values[side], &no_vocabulary);
    }
    const struct sva_pair pair = {.subject = prints[0], .reference = prints[1]};
    struct sva_component_evidence evidence = {.token_agreement = (double)NAN,
                                              .token_lower = (double)NAN};
    sva_agree_on_tokens(&pair, 0, &evidence);
    sva_print_free(prints[0]);
    sva_print_free(prints[1]);
    return evidence;
}

static void training_is_told_from_a_shared_start(void **state)
{
    (void)state;
    const struct sva_component_evidence derived = witness(13, 11, 22);
    assert_near(derived.token_agreement, 1.5 / 1.54, 0.02);
    assert_true(derived.token_lower > 0.9 && derived.token_lower < derived.token_agreement);
    const struct sva_component_evidence shared = witness(13, 21, 22);
    assert_near(shared.token_agreement, 0.5 / 1.54, 0.06);
    assert_true(shared.token_lower > 0.1);
}

static void tables_of_other_components_and_few_tokens_tell_nothing(void **state)
{
    (void)state;
    struct sva_print *const print = random_print(6);
    struct sva_print_tensor *const tensor = &sva_print_memory_of(print)->tensors[0];
    const struct sva_pair pair = {.subject = print, .reference = print};
    struct sva_component_evidence evidence = {.reference_component = 1,
                                              .token_agreement = (double)NAN};
    sva_agree_on_tokens(&pair, 0, &evidence);
    assert_true(isnan(evidence.token_agreement));
    struct sva_token_rows few = tensor->token_rows;
    few.count = SVA_TOKENS_IN_COMMON_LEAST - 1;
    assert_int_equal(sva_tokens_agree(&few, &tensor->token_rows).rows, 0);
    few.count++;
    assert_int_equal(sva_tokens_agree(&few, &tensor->token_rows).rows, few.count);
    sva_print_free(print);
}


/** The answer to evidence that is strong but for what training wrote. */
static struct sva_component_result decide(double gains, double directions, double tokens)
{
    struct sva_piece pieces[2] = {{-30.0}, {-30.0}};
    struct sva_component_evidence evidence = {.evidence_parameters = 1000,
                                              .test_count = 1,
                                              .pieces = pieces,
                                              .piece_count = 2,
                                              .rho = 0.8,
                                              .rho_se = 0.01,
                                              .gain_agreement = gains,
                                              .gain_lower = gains,
                                              .subspace_agreement = directions,
                                              .token_agreement = tokens,
                                              .token_lower = tokens,
                                              .start = {.rho = (double)NAN},
                                              .quantisation = SVA_QUANTISATION_UNKNOWN};
    evidence.tests[0].test = (struct sva_test){
        .id = "residual-permutation", .log10_p = -30.0, .log10_p_floor = -30.0, .decides = true};
    struct sva_test shown[1];
    struct sva_comparison_state internal = {.evidence = &evidence, .tests = shown};
    struct sva_component_result result = {.name = "decoder", .layer_order = {.kind = ""}};
    struct sva_comparison comparison = {
        .components = &result, .component_count = 1, .internal = &internal};
    struct sva_comparison *const all[1] = {&comparison};
    sva_adjust(all, 1, NULL);
    return result;
}

static void tokens_speak_against_and_never_for(void **state)
{
    (void)state;
    static const struct {
        double gains, directions, tokens;
        enum sva_answer expected;
    } cases[] = {
        {0.72, 0.60, 0.90, SVA_ANSWER_DERIVED},
        {0.72, 0.60, 0.50, SVA_ANSWER_DERIVED},
        {0.72, 0.60, 0.49, SVA_ANSWER_DEPENDENT_UNEXPLAINED},
        {0.80, 0.80, 0.10, SVA_ANSWER_DERIVED}, /* both others beyond any shared start */
        {0.74, 0.80, 0.10, SVA_ANSWER_DEPENDENT_UNEXPLAINED},
        {0.45, 0.60, 0.99, SVA_ANSWER_DEPENDENT_UNEXPLAINED}, /* no rescue */
        {0.72, 0.45, 0.99, SVA_ANSWER_DEPENDENT_UNEXPLAINED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct sva_component_result result =
            decide(cases[i].gains, cases[i].directions, cases[i].tokens);
        assert_int_equal(result.answer, cases[i].expected);
        assert_int_equal(strstr(result.reason, "frequent tokens") != NULL,
                         cases[i].expected != SVA_ANSWER_DERIVED && cases[i].tokens < 0.5);
    }
    /* a print from before they were kept: as it was */
    assert_int_equal(decide(0.72, 0.60, (double)NAN).answer, SVA_ANSWER_DERIVED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_do_not_depend_on_layout_or_pieces),
        cmocka_unit_test(other_tables_keep_no_rows),
        cmocka_unit_test(rows_survive_encoding),
        cmocka_unit_test(prints_without_rows_are_read_as_before),
        cmocka_unit_test(malformed_rows_are_corrupt),
        cmocka_unit_test(tokens_are_found_by_key_under_another_id),
        cmocka_unit_test(training_is_told_from_a_shared_start),
        cmocka_unit_test(tables_of_other_components_and_few_tokens_tell_nothing),
        cmocka_unit_test(tokens_speak_against_and_never_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
