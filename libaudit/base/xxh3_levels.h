/* SPDX-License-Identifier: Apache-2.0 */
/** XXH3 as xxHash's own header writes it for each level of the processor; chosen in hash.c. */
#ifndef SVA_BASE_XXH3_LEVELS_H
#define SVA_BASE_XXH3_LEVELS_H

#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
uint64_t sva_xxh3_avx2(const void *bytes, size_t size, uint64_t seed);
uint64_t sva_xxh3_avx512(const void *bytes, size_t size, uint64_t seed);
#endif

#endif
