/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Foreign prints. Input that begins with the print's magic is decoded as a file;
 * any other input is cut into plain blocks (u16 length, bytes), so that checksums
 * and compression do not keep the fuzzer out. What decodes must encode to a print
 * with the same digest.
 */
#include <stdlib.h>
#include <string.h>

#include <sovaudit/compare.h>

#include "fingerprint/print_blocks.h"
#include "fingerprint/print_internal.h"
#include "print_again.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct sva_print *decode_plain_blocks(const uint8_t *data, size_t size)
{
    struct sva_print *print = sva_print_new();
    struct sva_cursor input = {{data, size}, 0, false};
    for (uint32_t id = 1; print != NULL && id <= SVA_PRINT_BLOCK_COUNT; id++) {
        const uint16_t length = sva_cursor_u16le(&input);
        if (length == 0 && id > SVA_PRINT_BLOCKS_NEEDED) {
            continue; /* may be left out */
        }
        const uint8_t *bytes = sva_cursor_take(&input, length);
        struct sva_block_bytes block = {.cursor.span = {bytes, bytes == NULL ? 0 : length}};
        struct sva_error error = {0};
        if (bytes == NULL || sva_print_block_decode(print, id, &block, "fuzz", &error) != SVA_OK ||
            sva_cursor_left(&block.cursor) != 0) {
            sva_print_free(print);
            return NULL;
        }
    }
    if (print != NULL && sva_print_seal(print, NULL) != SVA_OK) {
        sva_print_free(print);
        return NULL;
    }
    return print;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sva_print *print = NULL;
    struct sva_error error = {0};
    if (size >= 4 && memcmp(data, "SVAP", 4) == 0) {
        if (sva_print_decode(data, size, "fuzz", &print, &error) != SVA_OK &&
            error.text[0] == '\0') {
            abort();
        }
    } else {
        print = decode_plain_blocks(data, size);
    }
    if (print != NULL) {
        struct sva_comparison *comparison = NULL;
        sva_print_free(print_again(print));
        if (sva_compare(print, print, NULL, &comparison, &error) == SVA_OK) {
            sva_comparison_free(comparison);
        }
        sva_print_free(print);
    }
    return 0;
}
