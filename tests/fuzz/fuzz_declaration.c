/* SPDX-License-Identifier: Apache-2.0 */
/* Input: a vendor's declaration. What was taken keeps the bounds of its header. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "trace/declaration.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_amounts(const struct sva_declaration *declared)
{
    const double amounts[] = {
        declared->vocabulary,     declared->tokens, declared->batch_tokens,
        declared->parameters,     declared->flops,  declared->active_parameters,
        declared->hardware_count, declared->hours,  declared->peak_flops};
    for (size_t i = 0; i < sizeof amounts / sizeof *amounts; i++) {
        require(isnan(amounts[i]) || (amounts[i] > 0.0 && isfinite(amounts[i])));
    }
}

static void check_lists(const struct sva_declaration *declared)
{
    require(declared->role_count <= SVA_DECLARED_LIST_MOST);
    require(declared->gap_count <= SVA_DECLARED_LIST_MOST);
    for (size_t i = 0; i < declared->role_count; i++) {
        const double deviation = declared->roles[i].deviation;
        require(isnan(deviation) || deviation > 0.0);
        require(declared->roles[i].distribution < SVA_DISTRIBUTION_COUNT);
    }
    for (size_t i = 0; i < declared->gap_count; i++) {
        require(declared->gaps[i].from < declared->gaps[i].to);
        require(isfinite(declared->gaps[i].from) && isfinite(declared->gaps[i].to));
        require(declared->gaps[i].reason != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_declaration declared = sva_declaration_empty();
    struct sva_error error = {.status = SVA_OK};
    uint8_t *const text = malloc(size + 1);
    if (text == NULL) {
        return 0;
    }
    memcpy(text, data, size);
    text[size] = '\0';
    const enum sva_status status =
        sva_declaration_parse(text, size, "fuzz", &arena, &declared, &error);
    require(status == error.status);
    require(status == SVA_OK || error.text[0] != '\0');
    if (status == SVA_OK) {
        check_amounts(&declared);
        check_lists(&declared);
    }
    sva_arena_done(&arena);
    free(text);
    return 0;
}
