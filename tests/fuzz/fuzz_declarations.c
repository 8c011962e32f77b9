/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a subject says of its origin. The first byte chooses: 'p' a model card's prose, 'r' a merge
 * recipe, 'n' two names of models on two lines. Facts are UTF-8 and short; how close two names are
 * does not depend on their order.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "judge/model_name.h"
#include "model/card_prose.h"
#include "model/merge_recipe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void read_text(char which, struct sva_span text)
{
    struct sva_parts parts = {.facts = {.item_size = sizeof(struct sva_fact)},
                              .findings = {.item_size = sizeof(struct sva_finding)}};
    struct sva_error error = {0};
    const enum sva_status status = which == 'p'
                                       ? sva_prose_parse(&parts, text, &error)
                                       : sva_merge_recipe_parse(&parts, "r.yml", text, &error);
    require(status == SVA_OK);
    const struct sva_fact *const facts = parts.facts.items;
    for (size_t i = 0; i < parts.facts.count; i++) {
        const size_t length = strlen(facts[i].value);
        require(length <= SVA_PROSE_SENTENCE_BYTES);
        require(sva_utf8_valid_prefix((const uint8_t *)facts[i].value, length) == length);
    }
    require(parts.facts.count <= 4 * SVA_PROSE_KEPT_MAX);
    sva_list_done(&parts.facts);
    sva_list_done(&parts.findings);
    sva_arena_done(&parts.arena);
}

static void compare_names(const char *text, size_t size)
{
    char *const first = calloc(size + 1, 1);
    require(first != NULL);
    memcpy(first, text, size);
    char *second = strchr(first, '\n');
    if (second != NULL) {
        *second++ = '\0';
        const struct sva_model_name a = sva_model_name_of(first);
        const struct sva_model_name b = sva_model_name_of_reference(second, first);
        require(sva_model_name_level(&a, &b) == sva_model_name_level(&b, &a));
        require(a.name[0] == '\0' || sva_model_name_level(&a, &a) >= SVA_NAME_SAME);
    }
    free(first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0 && data[0] == 'n') {
        compare_names((const char *)data + 1, size - 1);
    } else if (size > 0) {
        read_text((char)data[0], (struct sva_span){data + 1, size - 1});
    }
    return 0;
}
