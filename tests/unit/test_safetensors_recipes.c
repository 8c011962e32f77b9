/* SPDX-License-Identifier: Apache-2.0 */
/* Every recipe of fixtures/bad/safetensors gets its verdict, read from a file as a model would be.
 */
#include "recipe_walk.h"

#include <unistd.h>

#include "base/file.h"
#include "format/safetensors.h"

static void read_file(const struct sva_recipe *recipe, struct outcome *outcome)
{
    char path[] = "/tmp/sovaudit-test-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, recipe->bytes, recipe->size), (ssize_t)recipe->size);
    assert_int_equal(close(fd), 0);
    struct sva_input input;
    assert_int_equal(sva_input_open(-1, path, true, &input, NULL), SVA_OK);
    const struct sva_limits limits = sva_limits_default();
    struct sva_container file = {0};
    outcome->status = sva_safetensors_read(&input, &limits, &file, &outcome->error);
    keep_codes(outcome, file.findings, file.finding_count);
    if (outcome->status != SVA_OK) { /* the sentence names the file; outputs stay untouched */
        assert_non_null(strstr(outcome->error.text, path));
        assert_null(file.tensors);
    }
    sva_container_done(&file);
    sva_input_close(&input);
    assert_int_equal(unlink(path), 0);
}

static void every_recipe_gets_its_verdict(void **state)
{
    (void)state;
    const size_t count = walk_recipes("safetensors", read_file);
    print_message("safetensors recipes: %zu as they should be\n", count);
    assert_true(count >= 60);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_recipe_gets_its_verdict)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
