/* SPDX-License-Identifier: Apache-2.0 */
/* Every GGUF file of the public corpus, read as a model's file would be, each within 64 MiB. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE /* wait4 */
#endif

#include "corpus_walk.h"
#include "gguf_parts.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MEMORY_MOST_KIB = 64 << 10 };

static enum sva_status read_one(const char *path, size_t *findings)
{
    struct sva_parts parts;
    struct sva_error error = {0};
    gguf_parts_init(&parts);
    gguf_parts_add(&parts, path);
    parts.single = true;
    const enum sva_status status = gguf_parts_read(&parts, findings, &error);
    assert_int_equal(status, error.status);
    assert_true(status == SVA_OK || error.text[0] != '\0');
    assert_true(status == SVA_OK || status == SVA_ERR_CORRUPT || status == SVA_ERR_LIMIT ||
                status == SVA_ERR_UNSUPPORTED);
    gguf_parts_done(&parts);
    return status;
}

static void visit(const struct corpus_case *one, void *context)
{
    if (strcmp(one->format, "gguf") == 0) {
        size_t findings = 0;
        const enum sva_status status = read_one(one->path, &findings);
        corpus_count(context, one, status, findings);
    }
}

static void every_public_case_gets_the_recommended_verdict(void **state)
{
    (void)state;
    struct corpus_tally tally = {0};
    corpus_walk(visit, &tally);
    corpus_print("GGUF files", &tally);
    assert_int_equal(tally.right, tally.cases);
    assert_true(tally.cases >= 134);
}

/* -- memory: each case in a process of its own --------------------------------------------------
 */

struct peak {
    long most_kib;
    char file[256];
    unsigned cases;
};

static long peak_of(const char *path)
{
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        size_t findings = 0;
        (void)read_one(path, &findings);
        _exit(0);
    }
    int state = 0;
    struct rusage usage;
    assert_int_equal(wait4(child, &state, 0, &usage), child);
    assert_true(WIFEXITED(state) && WEXITSTATUS(state) == 0);
    return usage.ru_maxrss;
}

static void measure(const struct corpus_case *one, void *context)
{
    struct peak *const peak = context;
    if (strcmp(one->format, "gguf") != 0) {
        return;
    }
    const long kib = peak_of(one->path);
    peak->cases++;
    if (kib > peak->most_kib) {
        peak->most_kib = kib;
        (void)snprintf(peak->file, sizeof peak->file, "%s", one->file);
    }
}

static void no_public_case_takes_more_than_64_mib(void **state)
{
    (void)state;
    struct peak peak = {0};
    corpus_walk(measure, &peak);
    print_message("peak of %u processes: %ld KiB, with %s\n", peak.cases, peak.most_kib, peak.file);
    assert_true(peak.cases >= 134);
    assert_true(peak.most_kib < MEMORY_MOST_KIB);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_public_case_gets_the_recommended_verdict),
        cmocka_unit_test(no_public_case_takes_more_than_64_mib),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
