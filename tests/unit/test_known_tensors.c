/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors that the facts database knows: which ask for review, and which must not accuse. */
#include "model_builder.h"

#include <sovaudit/judge.h>

#include "base/hash.h"
#include "judge/case_facts.h"
#include "torch_writer.h"

#define NORM "model.norm.weight"

/** What a tensor of the subject holds, and how the database names it. */
struct planted {
    const char *dtype; /* F32, F16 or BF16 */
    uint64_t elements;
    enum { RANDOM, CONSTANT, RAMP } values;
    const char *models[2]; /* rows with its digest; NULL: none */
};

/** A subject, the database, and what is known of the one in the other. */
struct known_case {
    struct temp_tree tree;
    struct sva_model *model;
    struct sva_print *print;
    struct sva_known *known;
    struct sva_case source;
    struct sva_knowledge *knowledge;
};

static void fill(uint8_t *bytes, const struct planted *planted)
{
    const unsigned size = sva_raw_element_bytes(planted->dtype);
    uint32_t state = 12345;
    for (uint64_t i = 0; i < planted->elements; i++) {
        state = state * 1664525U + 1013904223U;
        const float value = planted->values == RANDOM ? .5F + (float)(state >> 8) * 0x1p-24F
                            : planted->values == RAMP ? (float)i
                                                      : 1.0F;
        uint8_t coded[4];
        sva_stored_encode(strcmp(planted->dtype, "F32") == 0   ? SVA_STORED_F32
                          : strcmp(planted->dtype, "F16") == 0 ? SVA_STORED_F16
                                                               : SVA_STORED_BF16,
                          &value, 1, coded);
        memcpy(bytes + i * size, coded, size);
    }
}

/** The database: this digest under each model, and who publishes "Base 7B". */
static struct sva_known *make_known(const char *digest, const char *const models[2])
{
    char text[2048];
    uint8_t seal[SVA_DIGEST_BYTES];
    char hex[2 * SVA_DIGEST_BYTES + 1];
    struct sva_known *known = NULL;
    struct sva_error error = {.status = SVA_OK};
    unsigned rows = 2;
    int size = snprintf(text, sizeof text,
                        "#sovaudit-facts\t1\t2030-01-01\n"
                        "model\tbase 7b\tBase Lab\tmit\t\t\t\t\t\t\to\n"
                        "origin\to\tTitle\tpath\t2026\tMIT\n");
    for (int i = 0; i < 2 && models[i] != NULL; i++, rows++) {
        size += snprintf(text + size, sizeof text - (size_t)size, "tensor\t%s\t%s\tthere\to\n",
                         digest, models[i]);
    }
    assert_true(sva_sha256(text, (size_t)size, seal));
    sva_hex(seal, sizeof seal, hex);
    size += snprintf(text + size, sizeof text - (size_t)size, "#end\t%u\t%s\n", rows, hex);
    if (sva_known_parse((const uint8_t *)text, (size_t)size, "test", &known, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
    return known;
}

static void begin(struct known_case *test, const struct planted *planted)
{
    struct sva_raw_list list = {0};
    uint8_t digest[SVA_DIGEST_BYTES];
    char hex[2 * SVA_DIGEST_BYTES + 1];
    const struct sva_print_options making = {.threads = 1};
    const uint64_t matrix[] = {16, 48};
    *test = (struct known_case){.model = NULL};
    tree_make(&test->tree);
    uint8_t *const bytes = sva_raw_add(&list, NORM, planted->dtype, 1, &planted->elements);
    fill(bytes, planted);
    assert_true(
        sva_sha256(bytes, planted->elements * sva_raw_element_bytes(planted->dtype), digest));
    sva_hex(digest, sizeof digest, hex);
    fill(sva_raw_add(&list, "model.layers.0.mlp.up_proj.weight", "F32", 2, matrix),
         &(struct planted){.dtype = "F32", .elements = 16 * 48, .values = RANDOM});
    assert_int_equal(sva_raw_save(&list, test->tree.path, "model.safetensors"), 0);
    sva_raw_done(&list);
    test->model = tree_open(&test->tree, "");
    assert_int_equal(sva_print_make(test->model, &making, &test->print, NULL), SVA_OK);
    test->known = make_known(hex, planted->models);
    test->source =
        (struct sva_case){.subject = test->print, .subject_date = "", .model = test->model};
    assert_int_equal(sva_knowledge_make(test->known, &test->source, &test->knowledge, NULL),
                     SVA_OK);
    test->source.knowledge = test->knowledge;
}

static void end(struct known_case *test)
{
    sva_knowledge_free(test->knowledge);
    sva_known_free(test->known);
    sva_print_free(test->print);
    sva_model_close(test->model);
    tree_remove(&test->tree);
}

/** A fact of the component that the tensor is of. */
static double number_of(const struct known_case *test, enum sva_fact_id id)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_case_facts facts;
    assert_int_equal(sva_case_facts_make(&test->source, &arena, &facts, NULL), SVA_OK);
    const uint32_t component = test->print->tensors[test->knowledge->hits[0].tensor].component;
    const double value = facts.components[component].values[id].number;
    sva_arena_done(&arena);
    return value;
}

static void a_known_tensor_is_named_and_asks_for_review(void **state)
{
    (void)state;
    static const char *const dtypes[] = {"F32", "F16"};
    for (size_t i = 0; i < 2; i++) {
        struct known_case test;
        begin(&test, &(struct planted){dtypes[i], 512, RANDOM, {"Base 7B", NULL}});
        assert_int_equal(test.knowledge->hit_count, 1);
        const struct sva_known_hit *const hit = &test.knowledge->hits[0];
        assert_string_equal(hit->what, "tensor");
        assert_string_equal(hit->item, NORM);
        assert_string_equal(hit->name, "Base 7B");
        assert_string_equal(hit->publisher, "Base Lab");
        assert_string_equal(hit->where, "there");
        assert_true(number_of(&test, SVA_FACT_EXACT_UNDATED) == 1.0);
        assert_true(number_of(&test, SVA_FACT_EXACT_EXTERNAL) == 0.0);
        end(&test);
    }
}

static void a_tensor_of_one_s_own_model_is_no_finding(void **state)
{
    (void)state;
    static const char *const own[] = {"Base Lab"};
    struct known_case test;
    begin(&test, &(struct planted){"F32", 512, RANDOM, {"Base 7B", NULL}});
    test.source.own = own;
    test.source.own_count = 1;
    assert_true(number_of(&test, SVA_FACT_EXACT_OWN) == 1.0);
    assert_true(number_of(&test, SVA_FACT_EXACT_UNDATED) == 0.0);
    end(&test);
}

static void tensors_that_say_nothing_accuse_nobody(void **state)
{
    (void)state;
    static const struct planted quiet[] = {
        {"F32", 512, CONSTANT, {"Base 7B", NULL}},       /* gains at their start */
        {"F32", 512, RAMP, {"Base 7B", NULL}},           /* positions */
        {"F32", 64, RANDOM, {"Base 7B", NULL}},          /* factors of rotary frequencies */
        {"F32", 512, RANDOM, {"Base 7B", "Derived 7B"}}, /* of several models */
        {"BF16", 512, RANDOM, {"Base 7B", NULL}},        /* a type that the database has not */
        {"F32", 512, RANDOM, {NULL, NULL}},
    };
    for (size_t i = 0; i < sizeof quiet / sizeof *quiet; i++) {
        struct known_case test;
        begin(&test, &quiet[i]);
        if (test.knowledge->hit_count != 0) {
            fail_msg("case %zu is a hit", i);
        }
        end(&test);
    }
}

static void without_the_weights_nothing_is_looked_up(void **state)
{
    (void)state;
    struct known_case test;
    struct sva_knowledge *knowledge = NULL;
    begin(&test, &(struct planted){"F32", 512, RANDOM, {"Base 7B", NULL}});
    test.source.model = NULL;
    assert_int_equal(sva_knowledge_make(test.known, &test.source, &knowledge, NULL), SVA_OK);
    assert_int_equal(knowledge->hit_count, 0);
    sva_knowledge_free(knowledge);
    end(&test);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_known_tensor_is_named_and_asks_for_review),
        cmocka_unit_test(a_tensor_of_one_s_own_model_is_no_finding),
        cmocka_unit_test(tensors_that_say_nothing_accuse_nobody),
        cmocka_unit_test(without_the_weights_nothing_is_looked_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
