/* SPDX-License-Identifier: Apache-2.0 */
/* Every recipe of fixtures/bad/index gets its verdict. */
#include "recipe_walk.h"

#include "format/safetensors.h"

static void read_index(const struct sva_recipe *recipe, struct outcome *outcome)
{
    const struct sva_limits limits = sva_limits_default();
    const struct sva_span span = {recipe->bytes, recipe->size};
    struct sva_shard_index index = {0};
    outcome->status = sva_shard_index_parse(span, "index.json", &limits, &index, &outcome->error);
    keep_codes(outcome, index.findings, index.finding_count);
    sva_shard_index_done(&index);
}

static void every_recipe_gets_its_verdict(void **state)
{
    (void)state;
    const size_t count = walk_recipes("index", read_index);
    print_message("index recipes: %zu as they should be\n", count);
    assert_true(count >= 25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_recipe_gets_its_verdict)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
