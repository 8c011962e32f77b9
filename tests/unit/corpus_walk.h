/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Goes through the public corpus of malformed files beside the repository, and counts verdicts
 * recommended against verdicts given.
 */
#ifndef TESTS_CORPUS_WALK_H
#define TESTS_CORPUS_WALK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"
#include "format/json.h"

#define CORPUS SVA_SHARED_DIR "/data/formats/negative"

struct corpus_case {
    char file[256], strict[32], format[64];
    char path[1024];
};

typedef void corpus_visit(const struct corpus_case *one, void *context);

enum { RECOMMENDED = 4, GIVEN = 3 };
static const char *const recommended_names[RECOMMENDED] = {"accept", "accept-with-note",
                                                           "reject-or-note", "reject"};
static const char *const given_names[GIVEN] = {"accepted", "noted", "refused"};

struct corpus_tally {
    unsigned cases, right;
    unsigned table[RECOMMENDED][GIVEN];
};

/** Adds one outcome to the table; a wrong one is named. */
static inline void corpus_count(struct corpus_tally *tally, const struct corpus_case *one,
                                enum sva_status status, size_t findings)
{
    static const bool right[RECOMMENDED][GIVEN] = {
        {true, false, false}, {false, true, false}, {false, true, true}, {false, false, true}};
    const unsigned given = status != SVA_OK ? 2 : findings > 0 ? 1 : 0;
    tally->cases++;
    for (unsigned r = 0; r < RECOMMENDED; r++) {
        if (strcmp(one->strict, recommended_names[r]) != 0) {
            continue;
        }
        tally->table[r][given]++;
        tally->right += right[r][given];
        if (!right[r][given]) {
            print_error("%s: %s recommended, but %s (%s, %zu findings)\n", one->file, one->strict,
                        given_names[given], sva_status_name(status), findings);
        }
    }
}

static inline void corpus_print(const char *what, const struct corpus_tally *tally)
{
    print_message("public corpus, %s: %u of %u get the recommended verdict\n", what, tally->right,
                  tally->cases);
    print_message("%-18s %9s %9s %9s\n", "recommended", "accepted", "noted", "refused");
    for (unsigned r = 0; r < RECOMMENDED; r++) {
        print_message("%-18s %9u %9u %9u\n", recommended_names[r], tally->table[r][0],
                      tally->table[r][1], tally->table[r][2]);
    }
}

static inline void corpus_copy(char *out, size_t size, const struct sva_json *json)
{
    (void)snprintf(out, size, "%s", json->text);
}

/** Visits every case of the manifest; skips the test when there is none. */
static inline void corpus_walk(corpus_visit *visit, void *context)
{
    uint8_t *bytes;
    size_t size;
    if (sva_read_file(CORPUS "/manifest.json", 1 << 22, &bytes, &size, NULL) != SVA_OK) {
        skip();
    }
    struct sva_json json;
    sva_json_init(&json, (struct sva_span){bytes, size}, "manifest.json", 0, 16);
    struct corpus_case one = {0};
    char key[64] = "";
    enum sva_json_token token;
    do {
        assert_int_equal(sva_json_next(&json, &token, NULL), SVA_OK);
        if (token == SVA_JSON_KEY) {
            corpus_copy(key, sizeof key, &json);
        } else if (token == SVA_JSON_STRING && strcmp(key, "file") == 0) {
            corpus_copy(one.file, sizeof one.file, &json);
        } else if (token == SVA_JSON_STRING && strcmp(key, "strict") == 0) {
            corpus_copy(one.strict, sizeof one.strict, &json);
        } else if (token == SVA_JSON_STRING && strcmp(key, "format") == 0) {
            corpus_copy(one.format, sizeof one.format, &json);
        } else if (token == SVA_JSON_OBJECT_END && one.file[0] != '\0') {
            (void)snprintf(one.path, sizeof one.path, "%s/%s", CORPUS, one.file);
            visit(&one, context);
            one = (struct corpus_case){0};
        }
    } while (token != SVA_JSON_END);
    sva_json_done(&json);
    sva_free(bytes);
}

#endif
