/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: a folder (input_folder.h) that is a model - configuration, model card, tokenizer, licence,
 * notices, program text, adapter's configuration, shard index, GGUF, optimiser state. Weights are
 * put beside it where it has none. What opens has facts that are UTF-8 and in order, is described
 * as sound JSON, and gives a print that decodes to itself.
 */
#include <sovaudit/report.h>

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "format/json.h"
#include "input_folder.h"
#include "base/hub_cache.h"
#include "print_again.h"
#include "trace/optimiser.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_utf8(const char *text)
{
    const size_t length = strlen(text);
    return sva_utf8_valid_prefix((const uint8_t *)text, length) == length;
}

static void check_facts(const struct sva_model *model)
{
    for (size_t i = 0; i < model->fact_count; i++) {
        require(is_utf8(model->facts[i].key) && is_utf8(model->facts[i].value));
        require(i == 0 || strcmp(model->facts[i - 1].key, model->facts[i].key) <= 0);
    }
    for (size_t i = 0; i < model->finding_count; i++) {
        require(model->findings[i].text[0] != '\0' && is_utf8(model->findings[i].text));
    }
}

static void check_description(const struct sva_model *model)
{
    char *text = NULL;
    size_t size = 0;
    struct sva_json json;
    require(sva_inspect_json(model, NULL, &text, &size, NULL) == SVA_OK);
    sva_json_init(&json, (struct sva_span){(const uint8_t *)text, size}, "json", 0, 64);
    require(sva_json_skip(&json, NULL) == SVA_OK);
    sva_json_done(&json);
    free(text);
    require(sva_inspect_text(model, NULL, SVA_LANG_KO, false, &text, &size, NULL) == SVA_OK);
    require(sva_utf8_valid_prefix((const uint8_t *)text, size) == size);
    free(text);
}

static void check_print(const struct sva_model *model)
{
    const struct sva_print_options options = {.threads = 1};
    struct sva_print *print = NULL;
    struct sva_error error = {0};
    if (sva_print_make(model, &options, &print, &error) != SVA_OK) {
        require(error.text[0] != '\0');
        return;
    }
    sva_print_free(print_again(print));
    sva_print_free(print);
}

static void check_optimiser(const struct sva_model *model)
{
    struct sva_arena arena = {0};
    struct sva_trace_optimiser optimiser = {0};
    require(sva_optimiser_look(model, &arena, &optimiser, NULL) == SVA_OK);
    sva_arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input_folder folder;
    struct sva_model *model = NULL;
    struct sva_error error = {0};
    struct sva_limits limits = sva_limits_default();
    limits.unpacked_bytes = 4 << 20;
    input_folder_parse(&folder, data, size);
    const char *const path = scratch_directory();
    input_folder_write(&folder);
    if (input_folder_find(&folder, "model.gguf") == NULL &&
        input_folder_find(&folder, "bare") == NULL) {
        scratch_weights("model-00001-of-00001.safetensors");
    }
    const enum sva_status status = sva_model_open(path, &limits, &model, &error);
    require(status == error.status && (status == SVA_OK || error.text[0] != '\0'));
    if (status == SVA_OK) {
        check_facts(model);
        check_description(model);
        check_optimiser(model);
        check_print(model);
        sva_model_close(model);
    }
    return 0;
}
