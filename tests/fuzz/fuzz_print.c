/* SPDX-License-Identifier: Apache-2.0 */
/* Foreign prints: decoded, and what decodes encodes to a print with the same digest. */
#include <stdlib.h>
#include <string.h>

#include <sovaudit/print.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sva_print *print = NULL;
    struct sva_error error = {0};
    if (sva_print_decode(data, size, "fuzz", &print, &error) != SVA_OK) {
        return error.text[0] == '\0' ? abort(), 0 : 0;
    }
    uint8_t *bytes = NULL;
    size_t bytes_size = 0;
    struct sva_print *again = NULL;
    if (sva_print_encode(print, &bytes, &bytes_size, &error) == SVA_OK &&
        (sva_print_decode(bytes, bytes_size, "again", &again, &error) != SVA_OK ||
         memcmp(again->digest, print->digest, SVA_DIGEST_BYTES) != 0)) {
        abort();
    }
    free(bytes);
    sva_print_free(again);
    sva_print_free(print);
    return 0;
}
