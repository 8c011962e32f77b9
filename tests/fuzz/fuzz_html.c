/* SPDX-License-Identifier: Apache-2.0 */
/* Foreign reports: refused with a sentence, or a page whose markup is the program's own. Foreign
 * pages: the report inside, or refused. */
#include <stdlib.h>
#include <string.h>

#include <sovaudit/convert.h>

#include "base/memory.h"
#include "convert/html_back.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *page = NULL;
    size_t page_bytes = 0;
    struct sva_error error = {.status = SVA_OK};
    if (size > 1 << 20) {
        return 0;
    }
    if (sva_is_html((struct sva_span){data, size})) {
        uint8_t *json = NULL;
        if (sva_html_back((struct sva_span){data, size}, "page.html", &json, &page_bytes, &error) ==
                SVA_OK &&
            json[page_bytes] != 0) {
            abort();
        }
        sva_free(json);
        return 0;
    }
    if (sva_convert((const char *)data, size, "report.json", "html-both", SVA_LANG_EN, &page,
                    &page_bytes, &error) != SVA_OK) {
        if (error.text[0] == '\0') {
            abort();
        }
        return 0;
    }
    if (strstr(page, "<script") != NULL || strstr(page, "<img") != NULL ||
        strlen(page) != page_bytes) {
        abort();
    }
    free(page);
    return 0;
}
