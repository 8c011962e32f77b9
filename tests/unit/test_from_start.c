/* SPDX-License-Identifier: Apache-2.0 */
/* A step-0 checkpoint at hand: what both sides added to it is compared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fixtures/fixtures.h"
#include "fixtures/lineage.h"
#include "fixtures/network.h"
#include "fixtures/training.h"
#include <sovaudit/audit.h>

enum { INIT = 31, OTHER_INIT = 32, DATA = 41, OTHER_DATA = 42, TUNE_DATA = 43 };

static char directory[256];

static void path_of(char path[512], const char *name)
{
    (void)snprintf(path, 512, "%s/%s", directory, name);
}

/** Writes DIRECTORY/<name>: a start, what training made of it, and what tuning made of that. */
static int make(const char *name, uint64_t init, uint64_t data, double training, bool tuned)
{
    char path[512];
    struct sva_fixture_shape shape = sva_fixture_shape_small(SVA_FIXTURE_LLAMA);
    shape.training = training;
    struct sva_network *network = sva_training_model(&shape, 0, init, data);
    if (tuned) {
        sva_lineage_fine_tune(network, TUNE_DATA, 0.3, ~0u);
    }
    path_of(path, name);
    const int failed = sva_network_save(network, path);
    sva_network_free(network);
    return failed;
}

static int make_models(void **state)
{
    (void)state;
    (void)snprintf(directory, sizeof directory, "%s/from-start-XXXXXX", SVA_BINARY_DIR);
    int failed = mkdtemp(directory) == NULL ? 1 : 0;
    failed |= make("start", INIT, DATA, 0.0, false) | make("a", INIT, DATA, 1.0, false);
    failed |= make("same-start", INIT, OTHER_DATA, 1.0, false);
    failed |= make("tuned", INIT, DATA, 1.0, true);
    return failed | make("other-start", OTHER_INIT, DATA, 0.0, false);
}

static int remove_models(void **state)
{
    (void)state;
    sva_fixture_remove(directory);
    return 0;
}

static struct sva_component_result check(const char *subject, const char *reference,
                                         const char *start)
{
    char paths[3][512];
    path_of(paths[0], subject);
    path_of(paths[1], reference);
    path_of(paths[2], start);
    const char *references[] = {paths[1]};
    const struct sva_check_options options = {.ref_paths = references,
                                              .ref_path_count = 1,
                                              .subject_date = "",
                                              .as_of = "2026-01-01",
                                              .threads = 1,
                                              .init_path = paths[2],
                                              .compare = sva_compare_options_default()};
    struct sva_audit_result *result = NULL;
    struct sva_error error = {0};
    if (sva_check(paths[0], &options, &result, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
    const struct sva_component_result found =
        sva_audit_of(result)->compared[0].comparison->components[0];
    sva_audit_free(result);
    return found; /* numbers only are read */
}

static void a_shared_start_is_told_when_it_is_known(void **state)
{
    (void)state;
    const struct sva_component_result found = check("same-start", "a", "start");
    assert_int_equal(found.start.use, SVA_START_USED);
    assert_int_equal(found.answer, SVA_ANSWER_SHARED_INITIALISATION);
    assert_true(found.start.rho < 0.25 && found.rho > 0.3);
}

static void a_derivative_stays_one(void **state)
{
    (void)state;
    const struct sva_component_result found = check("tuned", "a", "start");
    assert_int_equal(found.start.use, SVA_START_USED);
    assert_int_equal(found.answer, SVA_ANSWER_DERIVED);
    assert_true(found.start.rho > 0.8);
}

static void a_start_that_is_none_clears_nobody(void **state)
{
    (void)state;
    struct sva_component_result found = check("tuned", "a", "a");
    assert_int_equal(found.start.use, SVA_START_NOT_RANDOM);
    assert_int_equal(found.answer, SVA_ANSWER_DERIVED);
    found = check("tuned", "a", "other-start");
    assert_int_equal(found.start.use, SVA_START_NOT_THE_SUBJECTS);
    assert_int_equal(found.answer, SVA_ANSWER_DERIVED);
    found = check("same-start", "a", "other-start");
    assert_int_equal(found.answer, SVA_ANSWER_DEPENDENT_UNEXPLAINED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shared_start_is_told_when_it_is_known),
        cmocka_unit_test(a_derivative_stays_one),
        cmocka_unit_test(a_start_that_is_none_clears_nobody),
    };
    return cmocka_run_group_tests(tests, make_models, remove_models);
}
