/* SPDX-License-Identifier: Apache-2.0 */
/* What hides a copy behind both a rotation and other neurons, or other names: barcodes, shapes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "fingerprint/landmarks.h"
#include "fingerprint/print_blocks.h"
#include "fingerprint/print_internal.h"
#include "fixtures/disguise.h"
#include "fixtures/fixtures.h"
#include "fixtures/network.h"
#include "fixtures/rng.h"
#include "fixtures/training.h"
#include <sovaudit/compare.h>

enum { WIDTH = 64, MARKS = 40, UNITS = 6 };

static char directory[256];

static int make_directory(void **state)
{
    (void)state;
    (void)snprintf(directory, sizeof directory, "%s/barcodes-XXXXXX", SVA_BINARY_DIR);
    return mkdtemp(directory) == NULL ? 1 : 0;
}

static int remove_directory(void **state)
{
    (void)state;
    sva_fixture_remove(directory);
    return 0;
}

/** Print of a decoder trained from `seed`, put through `chain`. */
static struct sva_print *print_of(enum sva_fixture_architecture architecture, uint64_t seed,
                                  const char *chain)
{
    const struct sva_fixture_shape shape = sva_fixture_shape_default(architecture);
    const struct sva_print_options options = {.threads = 1, .skip_file_hashes = true};
    struct sva_network *network = sva_training_model(&shape, 0, seed, seed + 1);
    struct sva_model *model = NULL;
    struct sva_print *print = NULL;
    struct sva_error error = {0};
    char path[512];
    (void)snprintf(path, sizeof path, "%s/model", directory);
    assert_int_equal(sva_disguise_chain(network, chain, 7), 0);
    assert_int_equal(sva_network_save(network, path), 0);
    sva_network_free(network);
    assert_int_equal(sva_model_open(path, NULL, &model, &error), SVA_OK);
    assert_int_equal(sva_print_make(model, &options, &print, &error), SVA_OK);
    sva_model_close(model);
    sva_fixture_remove(path);
    return print;
}

/** The one component of a comparison; the caller frees it. */
static struct sva_comparison *compare(const struct sva_print *subject,
                                      const struct sva_print *reference)
{
    struct sva_compare_options options = sva_compare_options_default();
    struct sva_comparison *comparison = NULL;
    struct sva_error error = {0};
    options.threads = 1;
    assert_int_equal(sva_compare(subject, reference, &options, &comparison, &error), SVA_OK);
    assert_int_equal(comparison->component_count, 1);
    return comparison;
}

static void assert_answer(const struct sva_print *subject, const struct sva_print *reference,
                          enum sva_answer answer, const char *disguise)
{
    struct sva_comparison *comparison = compare(subject, reference);
    assert_int_equal(comparison->components[0].answer, answer);
    assert_string_equal(comparison->components[0].disguise, disguise);
    sva_comparison_free(comparison);
}

static void neurons_are_found_again(void **state)
{
    static const char *const chains[] = {"residual-rotation,split-neurons",
                                         "residual-rotation,neurons",
                                         "residual-rotation,prune-neurons"};
    (void)state;
    struct sva_print *reference = print_of(SVA_FIXTURE_LLAMA, 20, "");
    for (size_t i = 0; i < sizeof chains / sizeof *chains; i++) {
        struct sva_print *copy = print_of(SVA_FIXTURE_LLAMA, 20, chains[i]);
        struct sva_print *twin = print_of(SVA_FIXTURE_LLAMA, 90, chains[i]);
        assert_answer(copy, reference, SVA_ANSWER_DERIVED, "residual-stream-and-neurons");
        assert_answer(twin, reference, SVA_ANSWER_NO_EVIDENCE, "");
        sva_print_free(copy);
        sva_print_free(twin);
    }
    sva_print_free(reference);
}

static void vision_encoders_have_landmarks_in_their_patches(void **state)
{
    (void)state;
    struct sva_print *reference = print_of(SVA_FIXTURE_CLIP_VISION, 20, "");
    struct sva_print *copy = print_of(SVA_FIXTURE_CLIP_VISION, 20, "residual-order,neurons=0.9");
    assert_int_equal(reference->components[0].landmark_count, SVA_LANDMARKS_MOST);
    assert_answer(copy, reference, SVA_ANSWER_DERIVED, "residual-stream-and-neurons");
    sva_print_free(copy);
    sva_print_free(reference);
}

static void shapes_stand_in_for_names(void **state)
{
    (void)state;
    struct sva_print *reference = print_of(SVA_FIXTURE_LLAMA, 20, "");
    struct sva_print *copy = print_of(SVA_FIXTURE_LLAMA, 20, "residual-rotation,rename");
    struct sva_print *twin = print_of(SVA_FIXTURE_LLAMA, 90, "residual-rotation,rename");
    assert_answer(copy, reference, SVA_ANSWER_DERIVED, "residual-stream");
    assert_answer(twin, reference, SVA_ANSWER_NO_EVIDENCE, "");
    sva_print_free(copy);
    sva_print_free(twin);
    sva_print_free(reference);
}

/* Reflections H = I - 2 v v^T are rotations enough. */
static void reflect(float *rows, size_t count, const float v[WIDTH])
{
    for (size_t r = 0; r < count; r++) {
        double along = 0.0;
        for (size_t j = 0; j < WIDTH; j++) {
            along += (double)rows[r * WIDTH + j] * (double)v[j];
        }
        for (size_t j = 0; j < WIDTH; j++) {
            rows[r * WIDTH + j] -= (float)(2.0 * along * (double)v[j]);
        }
    }
}

static void barcodes_do_not_see_a_rotation(void **state)
{
    static float marks[MARKS * WIDTH];
    static float rows[UNITS * WIDTH];
    struct sva_landmarks landmarks = {.count = MARKS, .width = WIDTH, .rows = marks};
    int16_t before[UNITS * MARKS];
    int16_t after[UNITS * MARKS];
    float v[WIDTH];
    double norm = 0.0;
    struct sva_rng rng;
    (void)state;
    sva_rng_init(&rng, 3, "barcodes");
    sva_rng_normals(&rng, marks, MARKS * WIDTH, 0.1);
    sva_rng_normals(&rng, rows, UNITS * WIDTH, 0.1);
    sva_rng_normals(&rng, v, WIDTH, 1.0);
    for (size_t j = 0; j < WIDTH; j++) {
        norm += (double)v[j] * (double)v[j];
    }
    for (size_t j = 0; j < WIDTH; j++) {
        v[j] = (float)((double)v[j] / sqrt(norm));
    }
    assert_true(sva_landmarks_turn(&landmarks));
    sva_barcodes(&landmarks, rows, UNITS, before);
    reflect(rows, UNITS, v);
    sva_barcodes(&landmarks, rows, UNITS, after);
    assert_true(abs(before[5] - after[5]) > 100);
    reflect(marks, MARKS, v);
    assert_true(sva_landmarks_turn(&landmarks));
    sva_barcodes(&landmarks, rows, UNITS, after);
    sva_free(landmarks.turned);
    for (size_t i = 0; i < (size_t)UNITS * MARKS; i++) {
        assert_in_range(after[i] - before[i] + 2, 0, 4);
    }
}

static void barcodes_survive_encoding(void **state)
{
    (void)state;
    struct sva_print *print = print_of(SVA_FIXTURE_LLAMA, 20, "");
    struct sva_print *back = NULL;
    struct sva_error error = {0};
    uint8_t *bytes = NULL;
    size_t size = 0;
    size_t found = 0;
    assert_int_equal(sva_print_encode(print, &bytes, &size, &error), SVA_OK);
    assert_int_equal(sva_print_decode(bytes, size, "sample", &back, &error), SVA_OK);
    assert_memory_equal(back->digest, print->digest, SVA_DIGEST_BYTES);
    const uint32_t marks = print->components[0].landmark_count;
    assert_int_equal(back->components[0].landmark_count, marks);
    assert_memory_equal(back->components[0].landmark_keys, print->components[0].landmark_keys,
                        marks * sizeof(uint64_t));
    for (size_t i = 0; i < print->tensor_count; i++) {
        const struct sva_barcodes *codes = &print->tensors[i].barcodes;
        found += codes->units > 0 ? 1 : 0;
        assert_int_equal(back->tensors[i].barcodes.units, codes->units);
        if (codes->units > 0) {
            assert_memory_equal(back->tensors[i].barcodes.values, codes->values,
                                (size_t)codes->units * marks * sizeof *codes->values);
        }
    }
    assert_true(found >= 4);
    free(bytes);
    sva_print_free(back);
    sva_print_free(print);
}

/** Decodes a block made for a print of one component: what the cursor says of it. */
static enum sva_status decode(struct sva_print *print, const uint8_t *bytes, size_t size)
{
    struct sva_block_bytes block = {.cursor.span = {bytes, size}};
    struct sva_error error = {0};
    return sva_print_block_decode(print, SVA_BLOCK_BARCODES, &block, "made", &error);
}

/** Landmarks with keys that count up by `step`, one tensor of `units` with `values` values. */
static void put_block(struct sva_bytes *out, uint32_t marks, uint64_t step, uint32_t tensor,
                      uint8_t units, uint32_t values, uint16_t value)
{
    sva_put_u32(out, marks);
    for (uint32_t i = 0; i < marks; i++) {
        sva_put_u64(out, 9 + i * step);
    }
    sva_put_u32(out, 1);
    sva_put_u32(out, tensor);
    sva_bytes_append(out, &units, 1);
    for (uint32_t i = 0; i < values; i++) {
        sva_put_u16(out, value);
    }
}

static void malformed_blocks_are_corrupt(void **state)
{
    static const struct {
        uint32_t marks;
        uint64_t step;
        uint32_t tensor;
        uint8_t units;
        uint32_t values;
        uint16_t value;
        enum sva_status status;
    } cases[] = {
        {40, 1, 0, 8, 320, 5, SVA_OK},
        {65, 1, 0, 8, 520, 5, SVA_ERR_CORRUPT},      /* too many landmarks */
        {40, 0, 0, 8, 320, 5, SVA_ERR_CORRUPT},      /* keys repeat */
        {40, 1, 1, 8, 320, 5, SVA_ERR_CORRUPT},      /* no such tensor */
        {40, 1, 0, 129, 5160, 5, SVA_ERR_CORRUPT},   /* too many neurons */
        {40, 1, 0, 0, 0, 5, SVA_ERR_CORRUPT},        /* none */
        {40, 1, 0, 8, 319, 5, SVA_ERR_CORRUPT},      /* cut off */
        {40, 1, 0, 8, 320, 0x8000, SVA_ERR_CORRUPT}, /* a value that no maker writes */
        {0, 1, 0, 8, 0, 5, SVA_ERR_CORRUPT},         /* barcodes about nothing */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sva_print *print = sva_print_new();
        struct sva_print_component *component =
            sva_arena_alloc(&sva_print_memory_of(print)->arena, 1, sizeof *component);
        struct sva_bytes out = {0};
        assert_non_null(component);
        print->components = component;
        print->component_count = 1;
        assert_true(sva_print_reserve_tensors(print, 1));
        put_block(&out, cases[i].marks, cases[i].step, cases[i].tensor, cases[i].units,
                  cases[i].values, cases[i].value);
        assert_int_equal(decode(print, out.data, out.size), cases[i].status);
        sva_bytes_done(&out);
        sva_print_free(print);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neurons_are_found_again),
        cmocka_unit_test(vision_encoders_have_landmarks_in_their_patches),
        cmocka_unit_test(shapes_stand_in_for_names),
        cmocka_unit_test(barcodes_do_not_see_a_rotation),
        cmocka_unit_test(barcodes_survive_encoding),
        cmocka_unit_test(malformed_blocks_are_corrupt),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
