/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Code books of ggml's IQ types. An entry of iq1 and iq2 holds 8 levels of 2 bits, one of iq3 holds
 * 4 levels of 3 bits, the first in the lowest bits. What a level is worth:
 *   iq1      -1, 0, 1
 *   iq2      8, 25, 43
 *   iq3_xxs  4, 12, 20, 28, 36, 44, 52, 62
 *   iq3_s    1, 3, 5, 7, 9, 11, 13, 15
 */
#ifndef SVA_KERNEL_IQ_CODEBOOKS_H
#define SVA_KERNEL_IQ_CODEBOOKS_H

#include <stdint.h>

extern const uint16_t sva_iq2_xxs_grid[256];
extern const uint16_t sva_iq2_xs_grid[512];
extern const uint16_t sva_iq2_s_grid[1024];
extern const uint16_t sva_iq3_xxs_grid[256];
extern const uint16_t sva_iq3_s_grid[512];
extern const uint16_t sva_iq1_grid[2048];

#endif
