/* SPDX-License-Identifier: Apache-2.0 */
/* Licence texts as words: what is recognised, where clauses lie, how three claims are reconciled.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <sovaudit/model.h>

#include "base/output.h"
#include "model/licence_text.h"

static struct sva_words words_of(const char *text)
{
    struct sva_words words = {0};
    struct sva_error error = {0};
    assert_int_equal(
        sva_words_make((struct sva_span){(const uint8_t *)text, strlen(text)}, &words, &error),
        SVA_OK);
    return words;
}

static void words_do_not_depend_on_layout(void **state)
{
    (void)state;
    struct sva_words words =
        words_of("  Display \u201cBuilt\nwith\u00a0**Llama**\u201d\u2014now.\n");
    assert_string_equal(words.text, "display built with llama now");
    assert_int_equal(words.places[0], 2);
    assert_int_equal(words.places[8], 13); /* behind the opening quotation mark */
    sva_words_done(&words);
}

static void phrases_are_whole_words(void **state)
{
    (void)state;
    struct sva_words words = words_of("an irrevocable grant; exclusive revocable grant");
    assert_int_equal(sva_words_find(&words, "revocable grant", 0), 31);
    assert_int_equal(sva_words_find(&words, "revocable gran", 0), SIZE_MAX);
    sva_words_done(&words);
}

static void the_title_that_comes_first_counts(void **state)
{
    (void)state;
    static const struct {
        const char *text, *id;
    } cases[] = {
        {"K-EXAONE AI Model License Agreement", "k-exaone"},
        {"EXAONE AI Model License Agreement 1.2 - NC", "exaone"},
        {"META LLAMA 3 COMMUNITY LICENSE AGREEMENT", "llama3"},
        {"LLAMA 3.3 COMMUNITY LICENSE AGREEMENT ... Apache License Version 2.0, January 2004",
         "llama3.3"},
        {"Qwen RESEARCH LICENSE AGREEMENT", "qwen-research"},
        {"Attribution-NonCommercial-ShareAlike 4.0 International", "cc-by-nc-sa-4.0"},
        {"All rights reserved.", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sva_words words = words_of(cases[i].text);
        size_t at = 0;
        const char *id = sva_licence_recognise(&words, &at);
        assert_true((id == NULL) == (cases[i].id == NULL));
        if (id != NULL) {
            assert_string_equal(id, cases[i].id);
        }
        sva_words_done(&words);
    }
}

/* ---- models ---- */

/** A directory with one tensor, a licence and a card; removed by remove_model. */
static void make_model(char *folder, const char *licence, const char *card)
{
    static const char header[] =
        "{\"a.weight\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
    uint8_t bytes[8 + sizeof header - 1 + 8] = {sizeof header - 1};
    char path[256];
    struct sva_error error = {0};
    assert_non_null(mkdtemp(folder));
    memcpy(bytes + 8, header, sizeof header - 1);
    snprintf(path, sizeof path, "%s/model.safetensors", folder);
    assert_int_equal(sva_write_file(path, bytes, sizeof bytes, &error), SVA_OK);
    snprintf(path, sizeof path, "%s/LICENSE", folder);
    assert_int_equal(sva_write_file(path, licence, strlen(licence), &error), SVA_OK);
    snprintf(path, sizeof path, "%s/README.md", folder);
    assert_int_equal(sva_write_file(path, card, strlen(card), &error), SVA_OK);
}

static void remove_model(const char *folder)
{
    static const char *const names[] = {"model.safetensors", "LICENSE", "README.md"};
    char path[256];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

static const char *fact_or_empty(const struct sva_model *model, const char *key)
{
    const char *value = sva_model_fact(model, key);
    return value != NULL ? value : "";
}

static void claims_are_reconciled(void **state)
{
    (void)state;
    static const struct {
        const char *licence, *card, *id, *conflict;
    } cases[] = {
        {"Apache License\nVersion 2.0, January 2004\n", "---\nlicense: apache-2.0\n---\n",
         "apache-2.0", ""},
        {"Apache License\nVersion 2.0, January 2004\n", "---\nlicense: mit\n---\n", "apache-2.0",
         "LICENSE says apache-2.0, the card says mit"},
        {"Our terms.\n", "---\nlicense: other\nlicense_name: Qwen-Research\n---\n", "qwen-research",
         ""},
        {"Qwen LICENSE AGREEMENT\n", "---\nlicense: other\nlicense_name: qwen-research\n---\n",
         "qwen", "LICENSE says qwen, the card says qwen-research"},
        {"LLAMA 3.1 COMMUNITY LICENSE AGREEMENT\n", "---\nlicense: llama3\n---\n", "llama3.1",
         "LICENSE says llama3.1, the card says llama3"},
        {"EXAONE AI Model License Agreement 1.2 - NC\n",
         "---\nlicense: other\nlicense_name: EXAONE AI Model License Agreement 1.2 - NC\n---\n",
         "exaone", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char folder[] = "/tmp/sva_licence_XXXXXX";
        struct sva_model *model = NULL;
        struct sva_error error = {0};
        make_model(folder, cases[i].licence, cases[i].card);
        assert_int_equal(sva_model_open(folder, NULL, &model, &error), SVA_OK);
        assert_string_equal(fact_or_empty(model, "licence.id"), cases[i].id);
        assert_string_equal(fact_or_empty(model, "licence.conflict"), cases[i].conflict);
        sva_model_close(model);
        remove_model(folder);
    }
}

static void clauses_have_their_place_and_words_count_in_the_card_only(void **state)
{
    (void)state;
    char folder[] = "/tmp/sva_licence_XXXXXX";
    struct sva_model *model = NULL;
    struct sva_error error = {0};
    make_model(folder, "Prominently display \"Built with Llama\".\n",
               "---\nlicense: llama3.1\n---\nNothing here.\n");
    assert_int_equal(sva_model_open(folder, NULL, &model, &error), SVA_OK);
    assert_string_equal(fact_or_empty(model, "licence.clause.naming.0"),
                        "LICENSE, byte 0: prominently display built with");
    assert_string_equal(fact_or_empty(model, "licence.shown.0"), "");
    sva_model_close(model);
    remove_model(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_do_not_depend_on_layout),
        cmocka_unit_test(phrases_are_whole_words),
        cmocka_unit_test(the_title_that_comes_first_counts),
        cmocka_unit_test(claims_are_reconciled),
        cmocka_unit_test(clauses_have_their_place_and_words_count_in_the_card_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
