/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The *.svp file: "SVAP", u16 major, u16 minor, u32 method version, then blocks
 *   u32 id, u64 plain bytes, u64 stored bytes, u64 XXH3 of the plain bytes, zstd frame
 * until the end of the file. All integers little-endian. Unknown blocks are
 * skipped, an unknown major is refused. The print's digest is SHA-256 over
 * (id, plain length, plain bytes) of the blocks we know, in ascending order.
 */
#ifndef SVA_FINGERPRINT_PRINT_FILE_H
#define SVA_FINGERPRINT_PRINT_FILE_H

#include <stdint.h>

#define SVA_PRINT_MAGIC      "SVAP"
#define SVA_PRINT_BLOCK_MOST ((uint64_t)1 << 30) /**< plain bytes of one block */
#define SVA_PRINT_FILE_MOST  ((uint64_t)2 << 30) /**< bytes of the file */

/**
 * Plain bytes for each stored one, at most, in blocks of more than SVA_PRINT_RATIO_FREE plain
 * bytes: a short file must not unpack into a long one without end.
 */
#define SVA_PRINT_RATIO_MOST ((uint64_t)400)
#define SVA_PRINT_RATIO_FREE ((uint64_t)32 << 20)

enum {
    SVA_PRINT_MAGIC_BYTES = 4,
    SVA_PRINT_MAJOR = 1,
    SVA_PRINT_MINOR = 7,
    SVA_PRINT_HEADER_BYTES = 12,
    SVA_PRINT_BLOCK_HEADER_BYTES = 28
};

#endif
