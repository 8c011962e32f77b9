/* SPDX-License-Identifier: Apache-2.0 */
/* Every recipe of fixtures/bad/gguf gets its verdict, from a file and from memory alike. */
#include "recipe_walk.h"

#include <unistd.h>

#include "base/file.h"
#include "format/gguf.h"

static void read_source(const struct sva_source *source, struct outcome *outcome)
{
    const struct sva_limits limits = sva_limits_default();
    struct sva_gguf gguf = {0};
    outcome->status = sva_gguf_parse(source, &limits, &gguf, &outcome->error);
    if (outcome->status == SVA_OK) {
        outcome->status =
            sva_gguf_check_values(source, UINT64_MAX, UINT64_MAX, &gguf, &outcome->error);
    } else { /* the sentence names the file; outputs stay untouched */
        assert_non_null(strstr(outcome->error.text, source->name));
        assert_null(gguf.values);
        assert_null(gguf.container.tensors);
    }
    keep_codes(outcome, gguf.container.findings, gguf.container.finding_count);
    sva_gguf_done(&gguf);
}

static void read_both(const struct sva_recipe *recipe, struct outcome *outcome)
{
    char path[] = "/tmp/sovaudit-test-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, recipe->bytes, recipe->size), (ssize_t)recipe->size);
    assert_int_equal(close(fd), 0);
    struct sva_input input;
    assert_int_equal(sva_input_open(-1, path, true, &input, NULL), SVA_OK);
    const struct sva_source file = sva_source_of_input(&input);
    read_source(&file, outcome);

    struct outcome other = {0};
    const struct sva_span span = {recipe->bytes, recipe->size};
    const struct sva_source memory = sva_source_of_span(&span, path);
    read_source(&memory, &other);
    assert_int_equal(other.status, outcome->status);
    assert_string_equal(other.error.text, outcome->error.text);
    assert_int_equal(other.finding_count, outcome->finding_count);
    sva_input_close(&input);
    assert_int_equal(unlink(path), 0);
}

static void every_recipe_gets_its_verdict(void **state)
{
    (void)state;
    const size_t count = walk_recipes("gguf", read_both);
    print_message("gguf recipes: %zu as they should be\n", count);
    assert_true(count >= 120);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_recipe_gets_its_verdict)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
