/* SPDX-License-Identifier: Apache-2.0 */
/** CRC-32C (Castagnoli), as records of TensorBoard's event files carry it. */
#ifndef SVA_TRACE_CRC32C_H
#define SVA_TRACE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

uint32_t sva_crc32c(const void *bytes, size_t size);

/** The form in which it is stored: rotated and moved, so that a CRC of CRCs is no trouble. */
uint32_t sva_crc32c_masked(const void *bytes, size_t size);

#endif
