/* SPDX-License-Identifier: Apache-2.0 */
/** Runs a check over every recipe of fixtures/bad/<kind>, in order of their names. */
#ifndef TESTS_RECIPE_WALK_H
#define TESTS_RECIPE_WALK_H

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sovaudit/model.h>

#include "fixtures/recipe.h"

/** What a reader made of the bytes. */
struct outcome {
    enum sva_status status;
    struct sva_error error;
    size_t finding_count;
    char codes[16][48]; /**< of the findings */
};

typedef void read_bytes(const struct sva_recipe *recipe, struct outcome *outcome);

static inline void keep_codes(struct outcome *outcome, const struct sva_finding *findings,
                              size_t count)
{
    outcome->finding_count = count;
    for (size_t i = 0; i < count && i < 16; i++) {
        assert_non_null(findings[i].text);
        (void)snprintf(outcome->codes[i], sizeof outcome->codes[i], "%s", findings[i].code);
    }
}

static inline bool as_expected(const struct sva_recipe *recipe, const struct outcome *outcome)
{
    switch (recipe->verdict) {
    case SVA_RECIPE_ACCEPT: return outcome->status == SVA_OK && outcome->finding_count == 0;
    case SVA_RECIPE_NOTE:
        return outcome->status == SVA_OK && outcome->finding_count == 1 &&
               strcmp(outcome->codes[0], recipe->expects) == 0;
    default:
        return outcome->status == recipe->status && outcome->error.status == recipe->status &&
               strstr(outcome->error.text, recipe->expects) != NULL;
    }
}

static inline int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/** Returns how many recipes there were; fails the test after naming each that goes wrong. */
static inline size_t walk_recipes(const char *kind, read_bytes *reader)
{
    char directory[1024];
    (void)snprintf(directory, sizeof directory, "%s/fixtures/bad/%s", SVA_SOURCE_DIR, kind);
    DIR *const stream = opendir(directory);
    assert_non_null(stream);
    char *names[512];
    size_t count = 0;
    for (struct dirent *entry = readdir(stream); entry != NULL; entry = readdir(stream)) {
        const char *const dot = strrchr(entry->d_name, '.');
        if (dot != NULL && strcmp(dot, ".recipe") == 0) {
            assert_true(count < 512);
            names[count] = strdup(entry->d_name);
            assert_non_null(names[count++]);
        }
    }
    (void)closedir(stream);
    qsort(names, count, sizeof names[0], by_name);
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++) {
        char path[2048];
        (void)snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        struct sva_recipe recipe = {0};
        struct sva_error error = {0};
        if (sva_recipe_load(path, &recipe, &error) != SVA_OK) {
            fail_msg("%s", error.text);
        }
        struct outcome outcome = {0};
        reader(&recipe, &outcome);
        if (!as_expected(&recipe, &outcome)) {
            print_error("%s: status %s, %zu findings, first \"%s\", error \"%s\"\n", names[i],
                        sva_status_name(outcome.status), outcome.finding_count, outcome.codes[0],
                        outcome.error.text);
            wrong++;
        }
        sva_recipe_done(&recipe);
        free(names[i]);
    }
    assert_int_equal(wrong, 0);
    return count;
}

#endif
