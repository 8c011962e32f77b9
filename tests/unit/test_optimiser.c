/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Optimiser states beside checkpoints: what is seen in them, and what trace makes of it. Shapes,
 * pairs of moments, negative squares, step counts.
 */
#include "model_builder.h"

#include <math.h>

#include <sovaudit/sovaudit.h>

#include "base/memory.h"
#include "torch_writer.h"
#include "trace/optimiser.h"

enum { WIDTH = 32, ROWS = 48 };

/** A state that goes with the model of save_model(), before somebody changes it. */
struct state_parts {
    uint64_t rows;        /* of the second matrix's moments; ROWS is right */
    uint64_t second_rows; /* of its squares */
    bool lacks_square;    /* of the first matrix */
    float square;         /* one value of the squares */
    float step;           /* NAN: no step counts */
    bool torch;           /* optimizer.bin, else optimizer.safetensors */
};

static struct state_parts sound_state(void)
{
    return (struct state_parts){
        .rows = ROWS, .second_rows = ROWS, .square = .5F, .step = 100, .torch = false};
}

static void add_filled(struct sva_raw_list *list, const char *name, uint64_t rows, float value)
{
    const uint64_t shape[] = {rows, WIDTH};
    uint8_t *const bytes = sva_raw_add(list, name, "F32", 2, shape);
    for (uint64_t i = 0; i < rows * WIDTH; i++) {
        sva_raw_put_f32(bytes + 4 * i, value);
    }
}

/** Moments as PyTorch numbers them; a step count with each. */
static void save_state(const char *directory, const struct state_parts *parts)
{
    struct sva_raw_list list = {0};
    add_filled(&list, "state.0.exp_avg", WIDTH, -.25F);
    if (!parts->lacks_square) {
        add_filled(&list, "state.0.exp_avg_sq", WIDTH, .5F);
    }
    add_filled(&list, "state.1.exp_avg", parts->rows, -.25F);
    add_filled(&list, "state.1.exp_avg_sq", parts->second_rows, parts->square);
    for (int i = 0; i < 2 && !isnan(parts->step); i++) {
        sva_raw_put_f32(
            sva_raw_add(&list, i == 0 ? "state.0.step" : "state.1.step", "F32", 0, NULL),
            parts->step);
    }
    assert_int_equal(parts->torch ? sva_torch_save(&list, directory, "optimizer")
                                  : sva_raw_save(&list, directory, "optimizer.safetensors"),
                     0);
    sva_raw_done(&list);
}

/** Two matrices with noise; `drift` of it is this checkpoint's own. */
static void save_model(const char *directory, uint32_t seed, float drift)
{
    struct sva_raw_list list = {0};
    uint32_t common = 1;
    uint32_t own = seed;
    for (int t = 0; t < 2; t++) {
        const uint64_t shape[] = {t == 0 ? WIDTH : ROWS, WIDTH};
        uint8_t *const bytes = sva_raw_add(&list,
                                           t == 0 ? "model.layers.0.self_attn.q_proj.weight"
                                                  : "model.layers.0.mlp.gate_proj.weight",
                                           "F32", 2, shape);
        for (uint64_t i = 0; i < shape[0] * WIDTH; i++) {
            common = common * 1664525U + 1013904223U;
            own = own * 1664525U + 1013904223U;
            sva_raw_put_f32(bytes + 4 * i, (float)(common >> 8) * 0x1p-24F - .5F +
                                               drift * ((float)(own >> 8) * 0x1p-24F - .5F));
        }
    }
    assert_int_equal(sva_raw_save(&list, directory, "model.safetensors"), 0);
    sva_raw_done(&list);
}

/** What is seen of a state in one directory with the model. Texts in `arena`. */
static struct sva_trace_optimiser look(const struct temp_tree *tree, struct sva_arena *arena)
{
    struct sva_trace_optimiser seen = {0};
    struct sva_error error = {.status = SVA_OK};
    struct sva_model *const model = tree_open(tree, "");
    if (sva_optimiser_look(model, arena, &seen, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
    sva_model_close(model);
    return seen;
}

static struct sva_trace_optimiser look_at(const struct state_parts *parts)
{
    struct temp_tree tree;
    struct sva_arena arena = {.blocks = NULL};
    tree_make(&tree);
    save_model(tree.path, 7, 0);
    save_state(tree.path, parts);
    const struct sva_trace_optimiser seen = look(&tree, &arena);
    assert_non_null(seen.file);
    assert_string_equal(seen.file, parts->torch ? "optimizer.bin" : "optimizer.safetensors");
    assert_null(seen.unread);
    sva_arena_done(&arena);
    tree_remove(&tree);
    return seen;
}

/* ---- what is seen ---- */

static void a_sound_state_is_counted_in_either_container(void **state)
{
    (void)state;
    for (int torch = 0; torch < 2; torch++) {
        struct state_parts parts = sound_state();
        parts.torch = torch == 1;
        const struct sva_trace_optimiser seen = look_at(&parts);
        assert_int_equal(seen.first_count, 2);
        assert_int_equal(seen.second_count, 2);
        assert_int_equal(seen.unmatched_count + seen.unpaired_count + seen.negative_count, 0);
        assert_true(seen.step_least == 100 && seen.step_most == 100);
    }
}

static void no_state_is_no_finding(void **state)
{
    (void)state;
    struct temp_tree tree;
    struct sva_arena arena = {.blocks = NULL};
    tree_make(&tree);
    save_model(tree.path, 7, 0);
    const struct sva_trace_optimiser seen = look(&tree, &arena);
    assert_null(seen.file);
    assert_null(seen.unread);
    assert_true(isnan(seen.step_most));
    sva_arena_done(&arena);
    tree_remove(&tree);
}

static void a_state_that_is_none_says_why(void **state)
{
    (void)state;
    struct temp_tree tree;
    struct sva_arena arena = {.blocks = NULL};
    tree_make(&tree);
    save_model(tree.path, 7, 0);
    tree_text(&tree, "optimizer.pt", "not a checkpoint");
    const struct sva_trace_optimiser seen = look(&tree, &arena);
    assert_string_equal(seen.file, "optimizer.pt");
    assert_non_null(seen.unread);
    assert_int_equal(seen.first_count, 0);
    sva_arena_done(&arena);
    tree_remove(&tree);
}

static void moments_of_another_shape_are_counted(void **state)
{
    (void)state;
    struct state_parts parts = sound_state();
    parts.rows = parts.second_rows = ROWS + 1;
    struct sva_trace_optimiser seen = look_at(&parts);
    assert_int_equal(seen.unmatched_count, 2);
    assert_int_equal(seen.unpaired_count, 0);
    parts.rows = ROWS;
    seen = look_at(&parts);
    assert_int_equal(seen.unmatched_count, 1);
    assert_int_equal(seen.unpaired_count, 1);
}

static void a_moment_without_its_square_is_counted(void **state)
{
    (void)state;
    struct state_parts parts = sound_state();
    parts.lacks_square = true;
    const struct sva_trace_optimiser seen = look_at(&parts);
    assert_int_equal(seen.first_count, 2);
    assert_int_equal(seen.second_count, 1);
    assert_int_equal(seen.unpaired_count, 1);
    assert_int_equal(seen.unmatched_count, 0);
}

static void negative_and_undefined_squares_are_counted(void **state)
{
    (void)state;
    struct state_parts parts = sound_state();
    parts.square = -1e-6F;
    assert_int_equal(look_at(&parts).negative_count, 1);
    parts.square = NAN;
    assert_int_equal(look_at(&parts).negative_count, 1);
    parts.square = 0;
    assert_int_equal(look_at(&parts).negative_count, 0);
}

/* ---- what trace makes of it ---- */

/** A run of checkpoints of steps 100 and 101 with these states; first NULL: of the second alone. */
static void expect(const struct state_parts *first, const struct state_parts *second,
                   const char *code, enum sva_trace_level level)
{
    const struct state_parts *const states[] = {first, second};
    struct temp_tree tree;
    char operands[2][256];
    tree_make(&tree);
    for (int i = 0; i < 2; i++) {
        char folder[512];
        tree_folder(&tree, i == 0 ? "a" : "b");
        tree_path(&tree, i == 0 ? "a" : "b", folder);
        save_model(folder, 7U + (uint32_t)i, .1F * (float)i);
        if (states[i] != NULL) {
            save_state(folder, states[i]);
        }
        (void)snprintf(operands[i], sizeof operands[i], "%s=%.200s", i == 0 ? "100" : "101",
                       folder);
    }
    const struct sva_check_options check = {
        .compare = sva_compare_options_default(), .threads = 1, .as_of = "2026-01-01"};
    const struct sva_trace_options options = {.checkpoints =
                                                  (const char *const[]){operands[0], operands[1]},
                                              .checkpoint_count = 2,
                                              .check = &check};
    struct sva_trace_result *result = NULL;
    struct sva_error error = {.status = SVA_OK};
    if (sva_trace_run(&options, &result, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
    const struct sva_run_trace *const trace = sva_trace_of(result);
    size_t found = 0;
    for (size_t i = 0; i < trace->finding_count; i++) {
        const struct sva_trace_finding *const finding = &trace->findings[i];
        const bool ours = strncmp(finding->code, "optimiser-", 10) == 0;
        found += ours ? 1 : 0;
        if (ours && (code == NULL || strcmp(finding->code, code) != 0)) {
            fail_msg("%s: %s", finding->code, finding->text[0]);
        }
        assert_true(!ours || finding->level == level);
    }
    assert_int_equal(found, code != NULL ? 1 : 0);
    sva_trace_free(result);
    tree_remove(&tree);
}

static struct state_parts at_step(float step)
{
    struct state_parts parts = sound_state();
    parts.step = step;
    return parts;
}

static void sound_states_in_order_raise_nothing(void **state)
{
    (void)state;
    const struct state_parts first = at_step(100);
    const struct state_parts second = at_step(101);
    const struct state_parts unnumbered = at_step(NAN);
    expect(&first, &second, NULL, SVA_TRACE_NOTE);
    expect(NULL, &unnumbered, NULL, SVA_TRACE_NOTE);
}

static void a_state_of_another_model_is_refused(void **state)
{
    (void)state;
    struct state_parts other = sound_state();
    other.rows = other.second_rows = ROWS + 1;
    expect(NULL, &other, "optimiser-shapes", SVA_TRACE_REFUSED);
}

static void negative_squares_are_refused(void **state)
{
    (void)state;
    struct state_parts negative = sound_state();
    negative.square = -1;
    expect(NULL, &negative, "optimiser-values", SVA_TRACE_REFUSED);
}

static void half_a_state_goes_to_review(void **state)
{
    (void)state;
    struct state_parts half = sound_state();
    half.lacks_square = true;
    expect(NULL, &half, "optimiser-incomplete", SVA_TRACE_REVIEW);
}

static void steps_that_differ_from_the_label_go_to_review(void **state)
{
    (void)state;
    const struct state_parts late = at_step(140);
    const struct state_parts nearly = at_step(102);
    expect(NULL, &late, "optimiser-step-differs", SVA_TRACE_REVIEW);
    expect(NULL, &nearly, NULL, SVA_TRACE_NOTE);
}

static void steps_that_do_not_increase_are_refused(void **state)
{
    (void)state;
    const struct state_parts first = at_step(101);
    const struct state_parts second = at_step(101);
    expect(&first, &second, "optimiser-steps", SVA_TRACE_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_state_is_counted_in_either_container),
        cmocka_unit_test(no_state_is_no_finding),
        cmocka_unit_test(a_state_that_is_none_says_why),
        cmocka_unit_test(moments_of_another_shape_are_counted),
        cmocka_unit_test(a_moment_without_its_square_is_counted),
        cmocka_unit_test(negative_and_undefined_squares_are_counted),
        cmocka_unit_test(sound_states_in_order_raise_nothing),
        cmocka_unit_test(a_state_of_another_model_is_refused),
        cmocka_unit_test(negative_squares_are_refused),
        cmocka_unit_test(half_a_state_goes_to_review),
        cmocka_unit_test(steps_that_differ_from_the_label_go_to_review),
        cmocka_unit_test(steps_that_do_not_increase_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
