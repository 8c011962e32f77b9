/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: a folder (input_folder.h) of two reports, old.json and new.json. Whatever they hold, a
 * report that is marked beside the other is a report again.
 */
#include <sovaudit/convert.h>

#include <stdlib.h>

#include "convert/document.h"
#include "input_folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_marked(const char *text, size_t size, const struct sva_baseline_view *view)
{
    static const char *const formats[] = {"sarif", "html", "markdown"};
    cJSON *tree = NULL;
    require(sva_document_read((struct sva_span){(const uint8_t *)text, size}, "m", &tree, NULL) ==
            SVA_OK);
    cJSON_Delete(tree);
    require(view->new_count + view->unchanged_count + view->updated_count <= view->state_count);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        char *made = NULL;
        size_t length = 0;
        require(sva_convert(text, size, "m", formats[i], SVA_LANG_KO, &made, &length, NULL) ==
                SVA_OK);
        free(made);
    }
}

static void mark(const struct sva_baseline *baseline, const struct input_file *report)
{
    const struct sva_baseline_gate gate = {.new_only = true, .fail_on = SVA_FAIL_ON_REVIEW};
    struct sva_baseline_view *view = NULL;
    struct sva_error error = {0};
    char *text = NULL;
    size_t size = 0;
    const enum sva_status status =
        sva_baseline_mark(baseline, (const char *)report->bytes, report->size, "new.json", &gate,
                          &text, &size, &view, &error);
    require(status == error.status && (status == SVA_OK || error.text[0] != '\0'));
    if (status == SVA_OK) {
        check_marked(text, size, view);
        sva_baseline_view_free(view);
        free(text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input_folder folder;
    struct sva_baseline *baseline = NULL;
    struct sva_error error = {0};
    input_folder_parse(&folder, data, size);
    const struct input_file *const report = input_folder_find(&folder, "new.json");
    if (report == NULL) {
        return 0;
    }
    (void)scratch_directory();
    input_folder_write(&folder);
    const enum sva_status status = sva_baseline_load(scratch_path("old.json"), &baseline, &error);
    require(status == error.status && (status == SVA_OK || error.text[0] != '\0'));
    if (status == SVA_OK) {
        mark(baseline, report);
        sva_baseline_free(baseline);
    }
    return 0;
}
