/* SPDX-License-Identifier: Apache-2.0 */
#include "sealed_facts.h"

#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "input_folder.h"

struct sva_bytes sealed_facts(const uint8_t *data, size_t size)
{
    struct sva_bytes text = {.data = NULL};
    uint8_t digest[32];
    char hex[65];
    size_t lines = 0;
    sva_bytes_append(&text, data, size);
    bool ended = false;
    for (size_t i = 0; i < size; i++) {
        lines += data[i] == '\n';
        ended = ended || ((i == 0 || data[i - 1] == '\n') && size - i >= 4 &&
                          memcmp(data + i, "#end", 4) == 0);
    }
    if (!ended && lines > 0 && data[size - 1] == '\n') {
        require(sva_sha256(data, size, digest));
        sva_hex(digest, sizeof digest, hex);
        sva_bytes_printf(&text, "#end\t%zu\t%s\n", lines - 1, hex);
    }
    require(!text.failed);
    return text;
}
