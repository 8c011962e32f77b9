/* SPDX-License-Identifier: Apache-2.0 */
/* Foreign reports: every format in both languages, and the report written again. */
#include <sovaudit/convert.h>

#include <stdlib.h>

#include "convert/document.h"
#include "convert/report_tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_again(struct sva_span json)
{
    cJSON *report = NULL;
    struct sva_writer writer = {.depth = 0};
    if (sva_document_read(json, "report", &report, NULL) == SVA_OK) {
        sva_tree_write(&writer, report);
    }
    sva_bytes_done(&writer.bytes);
    cJSON_Delete(report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *const *formats = sva_convert_formats();
    for (size_t i = 0; formats[i] != NULL; i++) {
        for (int lang = SVA_LANG_EN; lang <= SVA_LANG_KO; lang++) {
            char *text = NULL;
            size_t length = 0;
            if (sva_convert((const char *)data, size, "report", formats[i], (enum sva_lang)lang,
                            &text, &length, NULL) == SVA_OK) {
                free(text);
            }
        }
    }
    write_again((struct sva_span){data, size});
    return 0;
}
