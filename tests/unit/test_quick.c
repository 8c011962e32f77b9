/* SPDX-License-Identifier: Apache-2.0 */
/* A quick reading: what it reads, what its print holds and lacks, and what may follow from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <sovaudit/audit.h>
#include <sovaudit/trace.h>

#include "fingerprint/print_internal.h"
#include "fingerprint/quick_plan.h"
#include "fixtures.h"

enum { SHARE = 4 };

static char root[] = "/tmp/sovaudit-quick-XXXXXX";
static char first[sizeof root + 32], second[sizeof root + 32];

static int make_models(void **state)
{
    (void)state;
    struct sva_fixture_shape shape = sva_fixture_shape_small(SVA_FIXTURE_LLAMA);
    shape.width = 256;
    shape.hidden = 1536;
    shape.heads = 4;
    shape.kv_heads = 2;
    shape.layers = 4;
    shape.vocabulary = 1024;
    if (mkdtemp(root) == NULL) {
        return -1;
    }
    (void)snprintf(first, sizeof first, "%s/first", root);
    (void)snprintf(second, sizeof second, "%s/second", root);
    return sva_fixture_simulated_pair(11, &shape, first, second);
}

static int remove_models(void **state)
{
    (void)state;
    return sva_fixture_remove(first) != 0 || sva_fixture_remove(second) != 0 || rmdir(root) != 0
               ? -1
               : 0;
}

static struct sva_model *open_model(const char *path)
{
    struct sva_model *model = NULL;
    struct sva_error error = {.status = SVA_OK};
    assert_int_equal(sva_model_open(path, NULL, &model, &error), SVA_OK);
    return model;
}

static uint64_t bytes_of(const struct sva_model *model)
{
    uint64_t total = 0;
    for (size_t i = 0; i < model->tensor_count; i++) {
        total += model->tensors[i].size_bytes;
    }
    return total;
}

/** `share` 0: in full; 1: with the budget that is usual; else one byte in so many. */
static struct sva_print *print_of(const char *path, uint64_t share, uint32_t threads)
{
    struct sva_model *model = open_model(path);
    struct sva_print *print = NULL;
    struct sva_error error = {.status = SVA_OK};
    const struct sva_print_options options = {.threads = threads,
                                              .quick = share > 0,
                                              .quick_bytes =
                                                  share > 1 ? bytes_of(model) / share : 0};
    assert_int_equal(sva_print_make(model, &options, &print, &error), SVA_OK);
    sva_model_close(model);
    return print;
}

static size_t count_sampled(const struct sva_print *print)
{
    size_t count = 0;
    for (size_t i = 0; i < print->tensor_count; i++) {
        count += print->tensors[i].sampled ? 1 : 0;
    }
    return count;
}

static void assert_sketch_is_subset(const struct sva_axis_sketch *quick,
                                    const struct sva_axis_sketch *full)
{
    if (quick->kept == 0) {
        return;
    }
    assert_int_equal(quick->length, full->length);
    assert_int_equal(quick->kept, full->kept);
    assert_int_equal(quick->features, full->features);
    assert_memory_equal(quick->values, full->values,
                        (size_t)full->kept * full->features * sizeof *full->values);
    assert_int_equal(quick->directions_known, full->directions_known);
    assert_int_equal(quick->leading, full->leading);
    assert_memory_equal(quick->directions, full->directions, (size_t)full->leading * full->kept);
}

static void assert_samples_are_subset(const struct sva_print_tensor *quick,
                                      const struct sva_print_tensor *full)
{
    const size_t count = (size_t)quick->samples.rows * quick->samples.columns;
    if (count > 0) {
        assert_int_equal(quick->samples.rows, full->samples.rows);
        assert_int_equal(quick->samples.columns, full->samples.columns);
        assert_memory_equal(quick->samples.values, full->samples.values,
                            count * sizeof *quick->samples.values);
        assert_memory_equal(&quick->rows, &full->rows, sizeof quick->rows);
    }
    if (quick->gram.blocks > 0) {
        assert_int_equal(quick->gram.blocks, full->gram.blocks);
        assert_memory_equal(quick->gram.cosines, full->gram.cosines,
                            quick->gram.blocks * (size_t)SVA_GRAM_PAIRS *
                                sizeof *quick->gram.cosines);
    }
    assert_true(quick->token_rows.count == 0 || quick->token_rows.count == full->token_rows.count);
    if (quick->token_rows.count > 0) {
        assert_memory_equal(quick->token_rows.values, full->token_rows.values,
                            quick->token_rows.count * (size_t)SVA_TOKEN_FEATURES *
                                sizeof *quick->token_rows.values);
    }
}

static void quick_print_holds_what_a_full_one_holds_or_nothing(void **state)
{
    (void)state;
    struct sva_print *full = print_of(first, 0, 1);
    struct sva_print *quick = print_of(first, SHARE, 1);
    size_t sketches = 0;
    assert_int_equal(quick->tensor_count, full->tensor_count);
    assert_true(count_sampled(quick) >= 8);
    for (size_t i = 0; i < full->tensor_count; i++) {
        const struct sva_print_tensor *a = &quick->tensors[i];
        const struct sva_print_tensor *b = &full->tensors[i];
        assert_string_equal(a->name, b->name);
        assert_int_equal(a->inert, b->inert);
        assert_int_equal(a->element_count, b->element_count);
        for (int axis = 0; axis < 2; axis++) {
            assert_sketch_is_subset(&a->axis[axis], &b->axis[axis]);
            sketches += a->sampled && a->axis[axis].kept > 0 ? 1 : 0;
        }
        assert_samples_are_subset(a, b);
        if (!a->sampled) {
            assert_memory_equal(a->value_hash, b->value_hash, SVA_DIGEST_BYTES);
            assert_int_equal(a->vector_length, b->vector_length);
        }
    }
    assert_true(sketches >= 4);
    sva_print_free(full);
    sva_print_free(quick);
}

static void what_takes_every_value_is_absent_where_not_every_value_was_read(void **state)
{
    (void)state;
    struct sva_print *full = print_of(first, 0, 1);
    struct sva_print *quick = print_of(first, SHARE, 1);
    for (size_t i = 0; i < full->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &quick->tensors[i];
        if (!tensor->sampled) {
            continue;
        }
        assert_false(tensor->rounded_known);
        assert_int_equal(tensor->row_hash_count, 0);
        assert_int_equal(tensor->strong.count, 0);
        assert_int_equal(tensor->barcodes.units, 0);
        assert_null(tensor->alternative);
        assert_true(tensor->minimum != tensor->minimum); /* NAN */
        assert_true(tensor->maximum != tensor->maximum);
        assert_true(tensor->kurtosis != tensor->kurtosis);
        for (size_t k = 0; k < full->tensor_count; k++) {
            assert_memory_not_equal(tensor->value_hash, full->tensors[k].value_hash,
                                    SVA_DIGEST_BYTES);
        }
    }
    for (size_t i = 0; i < quick->file_count; i++) {
        assert_int_equal(quick->files[i].hashed, !sva_file_is_audited(quick->files[i].kind));
    }
    sva_print_free(full);
    sva_print_free(quick);
}

static void quick_print_says_how_much_was_read(void **state)
{
    (void)state;
    struct sva_print *full = print_of(first, 0, 1);
    struct sva_print *quick = print_of(first, SHARE, 1);
    bool said = false;
    assert_false(full->reading.quick);
    assert_true(quick->reading.quick);
    assert_true(quick->reading.bytes_read > 0);
    assert_true(quick->reading.bytes_read < quick->reading.bytes_total);
    for (size_t i = 0; i < quick->finding_count; i++) {
        said = said || strcmp(quick->findings[i].code, "read-in-part") == 0;
    }
    assert_true(said);
    for (size_t i = 0; i < full->finding_count; i++) {
        assert_string_not_equal(full->findings[i].code, "read-in-part");
    }
    sva_print_free(full);
    sva_print_free(quick);
}

static void small_model_is_read_whole(void **state)
{
    (void)state;
    struct sva_print *quick = print_of(first, 1, 1);
    struct sva_print *full = print_of(first, 0, 1);
    struct sva_comparison *comparison = NULL;
    assert_int_equal(count_sampled(quick), 0);
    assert_int_equal(sva_compare(quick, full, NULL, &comparison, NULL), SVA_OK);
    assert_int_equal(comparison->answer, SVA_ANSWER_IDENTICAL);
    sva_comparison_free(comparison);
    sva_print_free(full);
    sva_print_free(quick);
}

static void threads_do_not_change_a_quick_print(void **state)
{
    (void)state;
    struct sva_print *one = print_of(first, SHARE, 1);
    struct sva_print *four = print_of(first, SHARE, 4);
    assert_memory_equal(one->digest, four->digest, SVA_DIGEST_BYTES);
    assert_int_equal(one->reading.bytes_read, four->reading.bytes_read);
    sva_print_free(one);
    sva_print_free(four);
}

static void assert_answer(const struct sva_print *subject, const struct sva_print *reference,
                          enum sva_answer answer, const char *kind)
{
    struct sva_comparison *comparison = NULL;
    assert_int_equal(sva_compare(subject, reference, NULL, &comparison, NULL), SVA_OK);
    assert_int_equal(comparison->answer, answer);
    assert_string_equal(comparison->derivation, kind);
    assert_true(comparison->controls[0].passed);
    assert_int_equal(comparison->quick[0], subject->reading.quick);
    assert_int_equal(comparison->quick[1], reference->reading.quick);
    sva_comparison_free(comparison);
}

static void copy_that_was_read_in_part_is_derived_and_never_identical(void **state)
{
    (void)state;
    struct sva_print *full = print_of(first, 0, 1);
    struct sva_print *quick = print_of(first, SHARE, 1);
    assert_answer(full, full, SVA_ANSWER_IDENTICAL, "copy");
    assert_answer(quick, full, SVA_ANSWER_DERIVED, "sampled-copy");
    assert_answer(full, quick, SVA_ANSWER_DERIVED, "sampled-copy");
    assert_answer(quick, quick, SVA_ANSWER_DERIVED, "sampled-copy");
    sva_print_free(full);
    sva_print_free(quick);
}

static void equality_is_left_open_where_samples_do_not_tell_tensors_apart(void **state)
{
    (void)state;
    struct sva_print *full = print_of(first, 0, 1);
    struct sva_print *quick = print_of(first, SHARE, 1);
    struct sva_print *other = print_of(second, SHARE, 1);
    const struct {
        const struct sva_print *subject, *reference;
        bool open;
    } cases[] = {{full, full, false},  {quick, full, true},   {full, quick, true},
                 {quick, quick, true}, {quick, other, false}, {full, other, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sva_comparison *comparison = NULL;
        assert_int_equal(sva_compare(cases[i].subject, cases[i].reference, NULL, &comparison, NULL),
                         SVA_OK);
        assert_int_equal(comparison->components[0].equality_open, cases[i].open);
        sva_comparison_free(comparison);
    }
    sva_print_free(full);
    sva_print_free(quick);
    sva_print_free(other);
}

static void independent_models_stay_unaccused(void **state)
{
    (void)state;
    struct sva_print *subject = print_of(first, SHARE, 1);
    struct sva_print *reference = print_of(second, SHARE, 1);
    struct sva_print *full = print_of(second, 0, 1);
    assert_answer(subject, reference, SVA_ANSWER_NO_EVIDENCE, "");
    assert_answer(subject, full, SVA_ANSWER_NO_EVIDENCE, "");
    sva_print_free(subject);
    sva_print_free(reference);
    sva_print_free(full);
}

static void less_that_is_read_is_less_that_would_be_seen(void **state)
{
    (void)state;
    struct sva_print *prints[2][2] = {{print_of(first, 0, 1), print_of(second, 0, 1)},
                                      {print_of(first, SHARE, 1), print_of(second, SHARE, 1)}};
    double detectable[2] = {0.0, 0.0};
    for (int i = 0; i < 2; i++) {
        struct sva_comparison *comparison = NULL;
        assert_int_equal(sva_compare(prints[i][0], prints[i][1], NULL, &comparison, NULL), SVA_OK);
        detectable[i] = comparison->components[0].detectable_rho;
        sva_comparison_free(comparison);
        sva_print_free(prints[i][0]);
        sva_print_free(prints[i][1]);
    }
    assert_true(detectable[0] > 0.0);
    assert_true(detectable[1] > detectable[0]);
}

static void tensors_that_neither_side_read_are_named_as_unread(void **state)
{
    (void)state;
    struct sva_print *full = print_of(first, 0, 1);
    struct sva_print *quick = print_of(first, SHARE, 1);
    struct sva_comparison *comparison = NULL;
    size_t unread = 0;
    assert_int_equal(sva_compare(full, quick, NULL, &comparison, NULL), SVA_OK);
    assert_non_null(comparison->components[0].unread);
    for (size_t i = 0; i < full->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &quick->tensors[i];
        const bool seen = !tensor->sampled || tensor->axis[0].kept > 0 || tensor->axis[1].kept > 0;
        assert_true(!seen || !comparison->components[0].unread[i]);
        unread += comparison->components[0].unread[i] ? 1 : 0;
    }
    assert_true(unread > 0);
    sva_comparison_free(comparison);
    assert_int_equal(sva_compare(full, full, NULL, &comparison, NULL), SVA_OK);
    assert_null(comparison->components[0].unread);
    sva_comparison_free(comparison);
    sva_print_free(full);
    sva_print_free(quick);
}

/** What training wrote can be asked of a bulk that is known; roles tell what was left out of it. */
static void network_without_roles_read_in_part_is_not_called_derived(void **state)
{
    (void)state;
    struct sva_fixture_shape shape = sva_fixture_shape_small(SVA_FIXTURE_CNN);
    char paths[2][sizeof root + 32];
    struct sva_print *full[2];
    struct sva_print *quick[2];
    shape.width = 192;
    shape.layers = 6;
    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(paths[i], sizeof paths[i], "%s/network-%zu", root, i);
    }
    assert_int_equal(sva_fixture_mixed_pair(31, &shape, 0.97, paths[0], paths[1]), 0);
    for (size_t i = 0; i < 2; i++) {
        full[i] = print_of(paths[i], 0, 1);
        quick[i] = print_of(paths[i], SHARE, 1);
        assert_int_equal(sva_fixture_remove(paths[i]), 0);
    }
    assert_answer(full[1], full[0], SVA_ANSWER_DERIVED, "fine-tuned");
    assert_answer(quick[1], full[0], SVA_ANSWER_DEPENDENT_UNEXPLAINED, "");
    assert_answer(quick[1], quick[0], SVA_ANSWER_DEPENDENT_UNEXPLAINED, "");
    for (size_t i = 0; i < 2; i++) {
        sva_print_free(full[i]);
        sva_print_free(quick[i]);
    }
}

/** Converters put rows in another order; a quick reading undoes it as a full one does. */
static void converted_models_read_in_part_are_found_derived(void **state)
{
    (void)state;
    static const struct {
        const char *name, *kind;
    } formats[] = {{"gguf-bf16", "partial-copy"},
                   {"gguf-f16", "partial-copy"},
                   {"gguf-q8_0", "partial-copy"},
                   {"gguf-q4_k", "quantised-derivative"}};
    char source[sizeof root + 32];
    char converted[sizeof root + 32];
    (void)snprintf(source, sizeof source, "%s/source", root);
    (void)snprintf(converted, sizeof converted, "%s/converted", root);
    assert_int_equal(sva_fixture_make_format(41, 42, "bf16", source), 0);
    struct sva_print *const full = print_of(source, 0, 1);
    struct sva_print *const quick = print_of(source, SHARE, 1);
    assert_int_equal(sva_fixture_remove(source), 0);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        assert_int_equal(sva_fixture_make_format(41, 42, formats[i].name, converted), 0);
        struct sva_print *const subject = print_of(converted, SHARE, 1);
        assert_true(count_sampled(subject) > 0);
        assert_answer(subject, full, SVA_ANSWER_DERIVED, formats[i].kind);
        assert_answer(subject, quick, SVA_ANSWER_DERIVED, formats[i].kind);
        sva_print_free(subject);
        assert_int_equal(sva_fixture_remove(converted), 0);
    }
    sva_print_free(full);
    sva_print_free(quick);
}

static void quick_print_survives_its_file(void **state)
{
    (void)state;
    struct sva_print *quick = print_of(first, SHARE, 1);
    struct sva_print *back = NULL;
    struct sva_error error = {.status = SVA_OK};
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_int_equal(sva_print_encode(quick, &bytes, &size, &error), SVA_OK);
    assert_int_equal(sva_print_decode(bytes, size, "quick", &back, &error), SVA_OK);
    assert_memory_equal(back->digest, quick->digest, SVA_DIGEST_BYTES);
    assert_true(back->reading.quick);
    assert_int_equal(back->reading.bytes_read, quick->reading.bytes_read);
    assert_int_equal(count_sampled(back), count_sampled(quick));
    free(bytes);
    sva_print_free(back);
    sva_print_free(quick);
}

static void file_whose_sampled_tensor_claims_rows_of_all_is_refused(void **state)
{
    (void)state;
    struct sva_print *full = print_of(first, 0, 1);
    struct sva_print *back = NULL;
    struct sva_error error = {.status = SVA_OK};
    uint8_t *bytes = NULL;
    size_t size = 0;
    size_t victim = 0;
    while (full->tensors[victim].row_hash_count == 0) {
        victim++;
    }
    full->reading.quick = true;
    sva_print_memory_of(full)->tensors[victim].sampled = true;
    assert_int_equal(sva_print_encode(full, &bytes, &size, &error), SVA_OK);
    assert_int_equal(sva_print_decode(bytes, size, "forged", &back, &error), SVA_ERR_CORRUPT);
    free(bytes);
    sva_print_free(full);
}

static void store_finds_no_tensor_by_what_was_read_of_it(void **state)
{
    (void)state;
    struct sva_print *quick = print_of(first, SHARE, 1);
    struct sva_refstore *store = NULL;
    struct sva_exact_hit *hits = NULL;
    size_t count = 0;
    const struct sva_reference reference = {.name = "a",
                                            .version = "",
                                            .publisher = "",
                                            .licence = "",
                                            .released = "",
                                            .derived_from = "",
                                            .source = "",
                                            .added = ""};
    assert_int_equal(sva_refstore_open(":memory:", true, &store, NULL), SVA_OK);
    assert_int_equal(sva_refstore_add(store, &reference, quick, NULL), SVA_OK);
    assert_int_equal(sva_refstore_lookup(store, quick, &hits, &count, NULL), SVA_OK);
    assert_true(count > 0); /* norm gains, which were read whole */
    for (size_t i = 0; i < count; i++) {
        assert_false(hits[i].is_file);
        assert_false(quick->tensors[hits[i].subject_index].sampled);
    }
    sva_exact_hits_free(hits, count);
    sva_refstore_close(store);
    sva_print_free(quick);
}

static void quick_reading_and_a_start_to_take_off_exclude_each_other(void **state)
{
    (void)state;
    struct sva_model *model = open_model(first);
    struct sva_print *print = NULL;
    struct sva_error error = {.status = SVA_OK};
    const struct sva_print_options options = {.quick = true, .origin = model};
    assert_int_equal(sva_print_make(model, &options, &print, &error), SVA_ERR_USAGE);
    struct sva_audit_result *result = NULL;
    const char *const refs[] = {second};
    struct sva_check_options check = {.ref_paths = refs,
                                      .ref_path_count = 1,
                                      .subject_date = "",
                                      .init_path = second,
                                      .as_of = "2026-03-02",
                                      .quick = true,
                                      .compare = sva_compare_options_default()};
    error = (struct sva_error){.status = SVA_OK};
    assert_int_equal(sva_check(first, &check, &result, &error), SVA_ERR_USAGE);
    assert_non_null(strstr(error.text, "step-0 checkpoint"));
    sva_model_close(model);
}

/** The plan alone, of a model whose values take no room. */
static void assert_plan(const char *name, uint64_t bytes, const struct sva_big_shape *shape,
                        double most)
{
    char path[sizeof root + 32];
    (void)snprintf(path, sizeof path, "%s/%s", root, name);
    assert_int_equal(sva_fixture_make_shaped(path, bytes, shape), 0);
    struct sva_model *model = open_model(path);
    struct sva_quick_plan plan;
    assert_true(sva_quick_plan_init(&plan, model, 0));
    assert_true((double)plan.bytes <= most * (double)bytes_of(model));
    size_t sketched[2] = {0, 0};
    for (size_t v = 0; v < model->view_count; v++) {
        const struct sva_view *const view = &model->views[v];
        if (view->layer >= 0 && plan.levels[v] >= SVA_QUICK_BOTH && view->n[0] > 1) {
            sketched[view->layer % 2]++;
        }
    }
    assert_true(sketched[0] > 0 && sketched[1] > 0); /* two disjoint pieces of evidence */
    sva_quick_plan_done(&plan);
    sva_model_close(model);
    assert_int_equal(sva_fixture_remove(path), 0);
}

static void two_in_a_hundred_bytes_are_read_of_large_models(void **state)
{
    (void)state;
    const struct sva_big_shape seven = {
        .width = 4096, .hidden = 11008, .narrow = 4096, .words = 32000, .sparse = true};
    const struct sva_big_shape eight = {
        .width = 4096, .hidden = 14336, .narrow = 1024, .words = 128256, .sparse = true};
    const struct sva_big_shape seventy = {
        .width = 8192, .hidden = 28672, .narrow = 1024, .words = 128256, .sparse = true};
    const struct sva_big_shape routed = {.width = 2048,
                                         .hidden = 768,
                                         .narrow = 512,
                                         .words = 151936,
                                         .experts = 128,
                                         .sparse = true};
    assert_plan("7b", 13500000000, &seven, 0.02);
    assert_plan("8b", 16000000000, &eight, 0.02);
    assert_plan("70b", 140000000000, &seventy, 0.02);
    assert_plan("30b-a3b", 60000000000, &routed, 0.02);
}

struct cost {
    uint64_t tensors, bytes_read;
    long peak_kib;
};

/** What a quick print of a sparse model of experts costs, in a process of its own. */
static struct cost cost_of(uint64_t bytes, uint32_t shards)
{
    const struct sva_big_shape shape = {.width = 256,
                                        .hidden = 128,
                                        .narrow = 64,
                                        .words = 1024,
                                        .experts = 500,
                                        .shards = shards,
                                        .sparse = true};
    char path[sizeof root + 32];
    struct cost cost = {0};
    int ends[2];
    int state = -1;
    (void)snprintf(path, sizeof path, "%s/experts", root);
    assert_int_equal(sva_fixture_make_shaped(path, bytes, &shape), 0);
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        struct rusage used;
        struct sva_print *print = print_of(path, 1, 1);
        getrusage(RUSAGE_SELF, &used);
        cost = (struct cost){print->tensor_count, print->reading.bytes_read, used.ru_maxrss};
        _exit(write(ends[1], &cost, sizeof cost) == (ssize_t)sizeof cost ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &state, 0), child);
    assert_int_equal(state, 0);
    assert_int_equal(read(ends[0], &cost, sizeof cost), sizeof cost);
    (void)close(ends[0]);
    (void)close(ends[1]);
    assert_int_equal(sva_fixture_remove(path), 0);
    return cost;
}

static void memory_and_reading_grow_no_faster_than_tensors_and_shards(void **state)
{
    (void)state;
    const struct cost less = cost_of(600000000, 50);
    const struct cost more = cost_of(2400000000, 200);
    const double times = (double)more.tensors / (double)less.tensors;
    assert_true(less.tensors > 4000);
    assert_true(times > 3.5);
    assert_true((double)more.bytes_read <= 1.2 * times * (double)less.bytes_read);
#if !defined(__SANITIZE_ADDRESS__) /* which keeps what was freed */
    assert_true((double)more.peak_kib <= times * (double)less.peak_kib);
    assert_true(more.peak_kib <= 256 * 1024);
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quick_print_holds_what_a_full_one_holds_or_nothing),
        cmocka_unit_test(what_takes_every_value_is_absent_where_not_every_value_was_read),
        cmocka_unit_test(quick_print_says_how_much_was_read),
        cmocka_unit_test(small_model_is_read_whole),
        cmocka_unit_test(threads_do_not_change_a_quick_print),
        cmocka_unit_test(copy_that_was_read_in_part_is_derived_and_never_identical),
        cmocka_unit_test(equality_is_left_open_where_samples_do_not_tell_tensors_apart),
        cmocka_unit_test(independent_models_stay_unaccused),
        cmocka_unit_test(less_that_is_read_is_less_that_would_be_seen),
        cmocka_unit_test(tensors_that_neither_side_read_are_named_as_unread),
        cmocka_unit_test(network_without_roles_read_in_part_is_not_called_derived),
        cmocka_unit_test(converted_models_read_in_part_are_found_derived),
        cmocka_unit_test(quick_print_survives_its_file),
        cmocka_unit_test(file_whose_sampled_tensor_claims_rows_of_all_is_refused),
        cmocka_unit_test(store_finds_no_tensor_by_what_was_read_of_it),
        cmocka_unit_test(quick_reading_and_a_start_to_take_off_exclude_each_other),
        cmocka_unit_test(two_in_a_hundred_bytes_are_read_of_large_models),
        cmocka_unit_test(memory_and_reading_grow_no_faster_than_tensors_and_shards),
    };
    return cmocka_run_group_tests(tests, make_models, remove_models);
}
