/* SPDX-License-Identifier: Apache-2.0 */
/** A print through its encoding and back. */
#ifndef FUZZ_PRINT_AGAIN_H
#define FUZZ_PRINT_AGAIN_H

#include <stdlib.h>
#include <string.h>

#include <sovaudit/print.h>

/** What decoding makes of the encoded print: it must be the same one. sva_print_free() it. */
static inline struct sva_print *print_again(const struct sva_print *print)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    struct sva_print *again = NULL;
    if (sva_print_encode(print, &bytes, &size, NULL) != SVA_OK ||
        sva_print_decode(bytes, size, "again", &again, NULL) != SVA_OK ||
        memcmp(again->digest, print->digest, SVA_DIGEST_BYTES) != 0) {
        abort();
    }
    free(bytes);
    return again;
}

#endif
