/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/dequantise.h"
#include "kernel/quantise.h"
void sva_dequantise(enum sva_dtype d, const uint8_t *b, size_t n, float *o) { (void)d; (void)b; (void)n; (void)o; }
void sva_block_steps(enum sva_dtype d, const uint8_t *b, size_t n, float *o) { (void)d; (void)b; (void)n; (void)o; }
void sva_swap_blocks(enum sva_dtype d, uint8_t *b, size_t n) { (void)d; (void)b; (void)n; }
bool sva_quantiser_exists(enum sva_dtype d) { (void)d; return false; }
void sva_quantise(enum sva_dtype d, const float *v, size_t c, uint8_t *o) { (void)d; (void)v; (void)c; (void)o; }
