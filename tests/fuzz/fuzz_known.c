/* SPDX-License-Identifier: Apache-2.0 */
/* Foreign facts databases, sealed if they are not: what is accepted can be looked up without
 * surprises. */
#include <stdlib.h>
#include <string.h>

#include <sovaudit/known.h>

#include "sealed_facts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sva_known *known = NULL;
    struct sva_error error = {0};
    struct sva_bytes text = sealed_facts(data, size);
    const enum sva_status status =
        sva_known_parse(text.data != NULL ? text.data : data, text.size, "input", &known, &error);
    sva_bytes_done(&text);
    if (status != SVA_OK) {
        return 0;
    }
    const struct sva_known_info *info = sva_known_get_info(known);
    for (size_t i = 0; i < info->row_count; i++) {
        const struct sva_known_row row = sva_known_get(known, i);
        char origin[64];
        size_t first = 0;
        struct sva_known_row found;
        const size_t count = sva_known_find(known, row.kind, row.fields[0], &first);
        if (count == 0 || first > i || first + count <= i) {
            abort();
        }
        (void)sva_known_origin(known, &row, origin, sizeof origin);
        (void)sva_known_licence_of(known, row.fields[0], &found);
        (void)sva_known_family_of(known, row.fields[0], &found);
    }
    sva_known_free(known);
    return 0;
}
