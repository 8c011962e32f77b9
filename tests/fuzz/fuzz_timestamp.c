/* SPDX-License-Identifier: Apache-2.0 */
/* Foreign timestamp replies. */
#include "sign/timestamp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t DIGEST[SVA_FINGERPRINT_BYTES] = {0};
    struct sva_stamp stamp;
    (void)!sva_stamp_check((struct sva_span){data, size}, "input", DIGEST, NULL, &stamp, NULL);
    return 0;
}
