/* SPDX-License-Identifier: Apache-2.0 */
#include "base/xxh3_levels.h"

/* Other processors have no AVX2, and the build gives them no flags for it. */
#if defined(__AVX2__)

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t sva_xxh3_avx2(const void *bytes, size_t size, uint64_t seed)
{
    return XXH3_64bits_withSeed(bytes, size, seed);
}

#endif
