/* SPDX-License-Identifier: Apache-2.0 */
/* Every element instead of samples: quantised models against their source, streamed line by line.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "approx.h"
#include "base/memory.h"
#include "compare/line_reader.h"
#include "compare/pair_reader.h"
#include "fixtures/fixtures.h"
#include <sovaudit/compare.h>

static char directory[256];

/** Writes DIRECTORY/<name>. */
static int make(uint64_t seed, const char *format, const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    return sva_fixture_make_format(seed, seed + 1, format, path);
}

static int make_formats(void **state)
{
    (void)state;
    static const char *const formats[] = {"bf16", "f32-shards", "gguf-q8_0", "gguf-q4_k",
                                          "gguf-iq2_xxs"};
    (void)snprintf(directory, sizeof directory, "%s/compare-weights-XXXXXX", SVA_BINARY_DIR);
    int failed = mkdtemp(directory) == NULL ? 1 : 0;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        failed |= make(11, formats[i], formats[i]);
    }
    return failed | make(21, "gguf-q8_0", "twin") | make(11, "bf16", "changed") |
           make(21, "bf16", "twin-bf16");
}

static int remove_formats(void **state)
{
    (void)state;
    sva_fixture_remove(directory);
    return 0;
}

/** A model and its print. */
struct side {
    struct sva_model *model;
    struct sva_print *print;
};

static struct side open_side(const char *name)
{
    char path[512];
    struct side side = {0};
    struct sva_error error = {0};
    const struct sva_print_options options = {.threads = 1, .skip_file_hashes = true};
    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    if (sva_model_open(path, NULL, &side.model, &error) != SVA_OK ||
        sva_print_make(side.model, &options, &side.print, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
    return side;
}

static void close_side(struct side *side)
{
    sva_print_free(side->print);
    sva_model_close(side->model);
}

static struct sva_comparison *compare(const struct side *s, const struct side *r, uint32_t threads)
{
    struct sva_comparison *comparison = NULL;
    struct sva_compare_options options = sva_compare_options_default();
    options.threads = threads;
    assert_int_equal(sva_compare(s->print, r->print, &options, &comparison, NULL), SVA_OK);
    return comparison;
}

static void all_elements(const struct side *s, const struct side *r, uint32_t threads,
                         struct sva_comparison *comparison)
{
    struct sva_error error = {0};
    struct sva_compare_options options = sva_compare_options_default();
    options.threads = threads;
    if (sva_compare_weights(s->model, r->model, &options, comparison, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
}

static void samples_and_elements_say_the_same_of_a_copy(void **state)
{
    (void)state;
    static const struct {
        const char *subject, *reference, *exact;
    } cases[] = {{"gguf-q8_0", "bf16", "Q8_0"},
                 {"bf16", "gguf-q8_0", "Q8_0"},
                 {"gguf-q4_k", "f32-shards", NULL},
                 {"gguf-q4_k", "gguf-q8_0", NULL},
                 {"gguf-iq2_xxs", "bf16", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct side s = open_side(cases[i].subject);
        struct side r = open_side(cases[i].reference);
        struct sva_comparison *comparison = compare(&s, &r, 1);
        const struct sva_component_result *result = &comparison->components[0];
        const struct sva_quantisation samples = result->quantisation;
        assert_string_equal(samples.basis, "samples");
        assert_string_equal(result->derivation, "quantised-copy");
        all_elements(&s, &r, 1, comparison);
        const struct sva_quantisation *whole = &result->quantisation;
        assert_string_equal(whole->basis, "weights");
        assert_string_equal(result->derivation, "quantised-copy");
        assert_int_equal(result->answer, SVA_ANSWER_DERIVED);
        /* few of the columns are sampled, so that outlier columns may be missed: ratios agree */
        assert_near(whole->ratio, samples.ratio, 0.2);
        assert_true(cases[i].exact == NULL || (whole->ratio > 0.9 && whole->ratio < 1.05));
        if (cases[i].exact == NULL) {
            assert_null(whole->exact_format);
            assert_null(samples.exact_format);
        } else {
            assert_string_equal(whole->exact_format, cases[i].exact);
            assert_string_equal(samples.exact_format, cases[i].exact);
            assert_non_null(strstr(result->reason, "Q8_0"));
            assert_null(strstr(result->reason, "sampled"));
        }
        for (size_t m = 0; m < result->match_count; m++) {
            const struct sva_tensor_match *match = &result->matches[m];
            assert_true(match->same_values || match->largest_difference > 0.0);
        }
        sva_comparison_free(comparison);
        close_side(&s);
        close_side(&r);
    }
}

static void threads_do_not_change_what_elements_say(void **state)
{
    (void)state;
    struct side s = open_side("gguf-q4_k");
    struct side r = open_side("bf16");
    struct sva_comparison *one = compare(&s, &r, 1);
    struct sva_comparison *four = compare(&s, &r, 4);
    all_elements(&s, &r, 1, one);
    all_elements(&s, &r, 4, four);
    const struct sva_quantisation *a = &one->components[0].quantisation;
    const struct sva_quantisation *b = &four->components[0].quantisation;
    assert_true(a->distance >= b->distance && a->distance <= b->distance);
    assert_true(a->within_half_step >= b->within_half_step &&
                a->within_half_step <= b->within_half_step);
    assert_string_equal(one->components[0].reason, four->components[0].reason);
    sva_comparison_free(one);
    sva_comparison_free(four);
    close_side(&s);
    close_side(&r);
}

/** Changes the last stored BF16 value of a tensor: half of the time its row is not sampled. */
static void change_one_value(const struct sva_model *model, const char *name)
{
    for (size_t i = 0; i < model->tensor_count; i++) {
        const struct sva_tensor *tensor = &model->tensors[i];
        if (strcmp(tensor->name, name) != 0) {
            continue;
        }
        char path[1024];
        uint8_t value[2] = {0x80, 0x3e}; /* 1/4, far from any weight */
        (void)snprintf(path, sizeof path, "%s/%s", model->root, model->files[tensor->file].path);
        FILE *file = fopen(path, "r+b");
        assert_non_null(file);
        const long end = (long)(tensor->offset_bytes + tensor->size_bytes);
        assert_int_equal(fseek(file, end - 2, SEEK_SET), 0);
        assert_int_equal(fwrite(value, 1, 2, file), 2);
        assert_int_equal(fclose(file), 0);
        return;
    }
    fail_msg("no tensor %s", name);
}

/** Also with half of a grid made, and parts of a pair in other threads. */
static void memory_that_runs_out_is_an_error_and_nothing_else(void **state)
{
    (void)state;
    struct side s = open_side("twin-bf16");
    struct side r = open_side("bf16");
    struct sva_comparison *comparison = compare(&s, &r, 1);
    struct sva_compare_options options = sva_compare_options_default();
    enum sva_status status = SVA_ERR_MEMORY;
    uint64_t failed = 0;
    for (uint64_t n = 1; status == SVA_ERR_MEMORY; n += 1 + n / 16) {
        options.threads = 1 + (uint32_t)(n % 3);
        sva_memory_fail_after(n);
        status = sva_compare_weights(s.model, r.model, &options, comparison, NULL);
        sva_memory_fail_after(0);
        failed += status == SVA_ERR_MEMORY ? 1 : 0;
    }
    assert_int_equal(status, SVA_OK);
    assert_true(failed > 10);
    assert_int_equal(comparison->answer, SVA_ANSWER_NO_EVIDENCE);
    sva_comparison_free(comparison);
    close_side(&s);
    close_side(&r);
}

static void one_changed_element_is_seen_among_all_and_missed_by_samples(void **state)
{
    (void)state;
    struct side before = open_side("changed");
    change_one_value(before.model, "model.layers.1.mlp.up_proj.weight");
    close_side(&before);
    struct side s = open_side("gguf-q8_0");
    struct side r = open_side("changed");
    struct sva_comparison *comparison = compare(&s, &r, 1);
    const struct sva_component_result *result = &comparison->components[0];
    assert_non_null(result->quantisation.exact_format);
    all_elements(&s, &r, 2, comparison);
    assert_null(result->quantisation.exact_format);
    double largest = 0.0;
    for (size_t m = 0; m < result->match_count; m++) {
        const double apart = result->matches[m].largest_difference;
        largest = apart > largest ? apart : largest;
    }
    assert_true(largest > 0.1);
    sva_comparison_free(comparison);
    close_side(&s);
    close_side(&r);
}

static void an_independent_twin_stays_without_evidence(void **state)
{
    (void)state;
    struct side s = open_side("twin");
    struct side r = open_side("bf16");
    struct sva_comparison *comparison = compare(&s, &r, 1);
    assert_int_equal(comparison->answer, SVA_ANSWER_NO_EVIDENCE);
    all_elements(&s, &r, 1, comparison);
    assert_int_equal(comparison->answer, SVA_ANSWER_NO_EVIDENCE);
    assert_true(comparison->components[0].quantisation.distance > 0.9);
    sva_comparison_free(comparison);
    close_side(&s);
    close_side(&r);
}

static void lines_come_in_the_order_asked_for(void **state)
{
    (void)state;
    struct side s = open_side("bf16");
    for (size_t i = 0; i < s.model->view_count; i++) {
        const struct sva_view *view = &s.model->views[i];
        if (view->alternative == NULL) {
            continue;
        }
        struct sva_line_reader plain, other;
        struct sva_line line;
        struct sva_line turned;
        float kept[4096];
        assert_int_equal(
            sva_line_reader_open(s.model, view, view->order, SVA_LINES_AS_STORED, &plain, NULL),
            SVA_OK);
        assert_int_equal(sva_line_reader_open(s.model, view, view->alternative,
                                              i % 2 == 0 ? SVA_LINES_AS_STORED : SVA_LINES_GATHERED,
                                              &other, NULL),
                         SVA_OK);
        assert_true(plain.line_length <= 4096);
        const struct sva_row_order *order = view->alternative;
        for (uint64_t row = 0; row < plain.line_count; row += 7) {
            const uint64_t c = row % order->n[2];
            const uint64_t b = row / order->n[2] % order->n[1];
            const uint64_t a = row / order->n[2] / order->n[1];
            const uint64_t at =
                (a * order->stride[0] + b * order->stride[1] + c * order->stride[2]) /
                plain.line_length;
            assert_int_equal(sva_line_reader_read(&other, row, &turned, NULL), SVA_OK);
            memcpy(kept, turned.values, (size_t)other.line_length * sizeof *kept);
            assert_int_equal(sva_line_reader_read(&plain, at, &line, NULL), SVA_OK);
            assert_memory_equal(kept, line.values, (size_t)plain.line_length * sizeof *kept);
        }
        sva_line_reader_close(&plain);
        sva_line_reader_close(&other);
    }
    close_side(&s);
}

/** Reads a pair in `parts` parts, the last first; their fits joined in order. */
static struct sva_value_fit read_in_parts(const struct side *s, const struct side *r,
                                          const struct sva_value_pair *pair, uint64_t parts,
                                          struct sva_rank_grid *grid)
{
    struct sva_value_fit fits[3] = {{0}};
    assert_true(parts <= 3);
    for (uint64_t part = parts; part-- > 0;) {
        struct sva_pair_reader reader;
        uint32_t rows;
        uint32_t columns;
        assert_int_equal(sva_pair_reader_open(s->model, r->model, pair, &reader, NULL), SVA_OK);
        assert_true(reader.bf16);
        if (grid->apart == NULL) {
            sva_pair_reader_grid(&reader, &rows, &columns);
            assert_true(sva_rank_grid_init(grid, rows, columns));
        }
        const uint64_t lines = reader.s.line_count;
        assert_int_equal(sva_pair_reader_read(&reader, part * lines / parts,
                                              (part + 1) * lines / parts, grid, NULL),
                         SVA_OK);
        fits[part] = reader.fit;
        sva_pair_reader_close(&reader);
    }
    for (uint64_t part = 1; part < parts; part++) {
        sva_value_fit_join(&fits[0], &fits[part], 1.0);
    }
    return fits[0];
}

/** Sum of (s - r)^2, from the values. */
static double distance_of(const struct side *s, const struct side *r, uint32_t view)
{
    struct sva_line_reader readers[2];
    struct sva_line lines[2];
    long double sum = 0.0L;
    assert_int_equal(sva_line_reader_open(s->model, &s->model->views[view], NULL,
                                          SVA_LINES_AS_STORED, &readers[0], NULL),
                     SVA_OK);
    assert_int_equal(sva_line_reader_open(r->model, &r->model->views[view], NULL,
                                          SVA_LINES_AS_STORED, &readers[1], NULL),
                     SVA_OK);
    for (uint64_t line = 0; line < readers[0].line_count; line++) {
        for (int side = 0; side < 2; side++) {
            assert_int_equal(sva_line_reader_read(&readers[side], line, &lines[side], NULL),
                             SVA_OK);
        }
        for (uint64_t i = 0; i < readers[0].line_length; i++) {
            const long double apart =
                (long double)lines[0].values[i] - (long double)lines[1].values[i];
            sum += apart * apart;
        }
    }
    sva_line_reader_close(&readers[0]);
    sva_line_reader_close(&readers[1]);
    return (double)sum;
}

static void lines_read_in_parts_say_what_all_of_them_do(void **state)
{
    (void)state;
    struct side s = open_side("bf16");
    struct side r = open_side("twin-bf16");
    size_t compared = 0;
    for (uint32_t view = 0; view < s.model->view_count; view++) {
        const struct sva_value_pair pair = {.subject = view, .reference = (int32_t)view};
        struct sva_rank_grid whole = {.apart = NULL};
        struct sva_rank_grid parts = {.apart = NULL};
        const struct sva_view *shape = &s.model->views[view];
        if (shape->order != NULL || shape->n[0] < 3 || shape->n[1] < 2) {
            continue;
        }
        assert_true(sva_pair_splits(s.model, r.model, &pair));
        const struct sva_value_fit one = read_in_parts(&s, &r, &pair, 1, &whole);
        const struct sva_value_fit three = read_in_parts(&s, &r, &pair, 3, &parts);
        const size_t cells = (size_t)whole.rows * whole.columns;
        assert_near(one.distance, distance_of(&s, &r, view), 1e-12 * one.distance);
        assert_near(three.distance, one.distance, 1e-12 * one.distance);
        assert_true(one.count == shape->n[0] * shape->n[1] * shape->n[2]);
        assert_int_equal(three.count, one.count);
        assert_int_equal(three.within, one.within);
        assert_memory_equal(parts.apart, whole.apart, cells * sizeof *whole.apart);
        assert_memory_equal(parts.noise, whole.noise, cells * sizeof *whole.noise);
        assert_true(fabs(whole.apart[cells - 1]) > 0.0 && whole.noise[cells - 1] > 0.0);
        sva_rank_grid_done(&whole);
        sva_rank_grid_done(&parts);
        compared++;
    }
    assert_true(compared > 10);
    close_side(&s);
    close_side(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_and_elements_say_the_same_of_a_copy),
        cmocka_unit_test(threads_do_not_change_what_elements_say),
        cmocka_unit_test(memory_that_runs_out_is_an_error_and_nothing_else),
        cmocka_unit_test(one_changed_element_is_seen_among_all_and_missed_by_samples),
        cmocka_unit_test(an_independent_twin_stays_without_evidence),
        cmocka_unit_test(lines_come_in_the_order_asked_for),
        cmocka_unit_test(lines_read_in_parts_say_what_all_of_them_do),
    };
    return cmocka_run_group_tests(tests, make_formats, remove_formats);
}
