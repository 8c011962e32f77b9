/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/crc32c.h"

/** Remainder of one byte by the reflected polynomial; a table of 16 entries, two steps a byte. */
static uint32_t nibble(uint32_t value)
{
    for (int bit = 0; bit < 4; bit++) {
        value = (value & 1) != 0 ? value >> 1 ^ 0x82F63B78U : value >> 1;
    }
    return value;
}

uint32_t sva_crc32c(const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    uint32_t table[16];
    uint32_t crc = 0xFFFFFFFFU;
    for (uint32_t i = 0; i < 16; i++) {
        table[i] = nibble(i);
    }
    for (size_t i = 0; i < size; i++) {
        crc ^= at[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}

uint32_t sva_crc32c_masked(const void *bytes, size_t size)
{
    const uint32_t crc = sva_crc32c(bytes, size);
    return (crc >> 15 | crc << 17) + 0xA282EAD8U;
}
