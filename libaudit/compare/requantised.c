/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/requantised.h"

#include <string.h>

/** In the order of sva_row_digests.requantised (fingerprint/samples.h): twice each. */
static const enum sva_dtype formats[SVA_REQUANTISED / 2] = {SVA_DTYPE_Q8_0, SVA_DTYPE_Q4_0,
                                                            SVA_DTYPE_Q4_1, SVA_DTYPE_Q5_0,
                                                            SVA_DTYPE_Q5_1, SVA_DTYPE_MXFP4};

bool sva_rows_requantised(enum sva_dtype dtype, const struct sva_row_digests *stored,
                          const struct sva_row_digests *values, bool *by_way_of_f16)
{
    for (size_t i = 0; stored->stored_known && values->requantised_known && i < SVA_REQUANTISED;
         i++) {
        if (formats[i / 2] == dtype &&
            memcmp(stored->stored, values->requantised[i], SVA_ROW_DIGEST_BYTES) == 0) {
            *by_way_of_f16 = i % 2 == 1;
            return true;
        }
    }
    return false;
}
