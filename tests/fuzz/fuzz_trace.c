/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: a folder (input_folder.h) with what a vendor hands in about a training run: files whose
 * names begin with "log", and declaration.json. A fixed model is its checkpoint. What is accepted
 * gives a report that is read again, texts in both languages, plots.
 */
#include <sovaudit/convert.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "convert/document.h"
#include "input_folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text, size_t size)
{
    require(sva_utf8_valid_prefix((const uint8_t *)text, size) == size);
    for (size_t i = 0; i < size; i++) {
        require(((unsigned char)text[i] >= 0x20 || text[i] == '\n') && text[i] != 0x7F);
    }
}

static void check_page(const char *json, size_t size)
{
    cJSON *tree = NULL;
    char *page = NULL;
    size_t length = 0;
    require(sva_document_read_any((struct sva_span){(const uint8_t *)json, size}, "t", &tree,
                                  NULL) == SVA_OK);
    cJSON_Delete(tree);
    require(sva_convert(json, size, "t", "html", SVA_LANG_EN, &page, &length, NULL) == SVA_OK);
    check_text(page, length);
    free(page);
}

static void check_report(const struct sva_run_trace *trace)
{
    char *text = NULL;
    size_t size = 0;
    for (int lang = SVA_LANG_EN; lang <= SVA_LANG_KO; lang++) {
        require(sva_trace_text(trace, (enum sva_lang)lang, false, 0, &text, &size, NULL) == SVA_OK);
        check_text(text, size);
        free(text);
        for (int plot = SVA_PLOT_PATH; plot <= SVA_PLOT_LOSS; plot++) {
            if (sva_trace_svg(trace, (enum sva_trace_plot)plot, (enum sva_lang)lang, &text, &size,
                              NULL) == SVA_OK) {
                check_text(text, size);
                free(text);
            }
        }
    }
    require(sva_trace_json(trace, 0, &text, &size, NULL) == SVA_OK);
    check_page(text, size);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input_folder folder;
    struct sva_trace_result *result = NULL;
    struct sva_error error = {0};
    char logs[2][256];
    const char *log_paths[2] = {logs[0], logs[1]};
    size_t log_count = 0;
    input_folder_parse(&folder, data, size);
    (void)scratch_directory();
    input_folder_write(&folder);
    scratch_weights("0.safetensors");
    for (size_t i = 0; i < folder.count && log_count < 2; i++) {
        const char *const name = folder.files[i].name;
        if (strncmp(name, "log", 3) == 0 && strchr(name, '/') == NULL) {
            (void)snprintf(logs[log_count], sizeof logs[0], "%s", scratch_path(name));
            log_count++;
        }
    }
    const char *const checkpoint = scratch_path("0.safetensors");
    const struct sva_check_options check = {
        .as_of = "2026-02-03", .threads = 1, .compare = sva_compare_options_default()};
    const struct sva_trace_options options = {
        .checkpoints = &checkpoint,
        .checkpoint_count = 1,
        .logs = log_paths,
        .log_count = log_count,
        .declaration = input_folder_find(&folder, "declaration.json") != NULL
                           ? scratch_path("declaration.json")
                           : NULL,
        .check = &check};
    const enum sva_status status = sva_trace_run(&options, &result, &error);
    require(status == error.status && (status == SVA_OK || error.text[0] != '\0'));
    if (status == SVA_OK) {
        check_report(sva_trace_of(result));
        sva_trace_free(result);
    }
    return 0;
}
