/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Which instruction set the kernels use. Results do not depend on it, only speed does.
 * SOVAUDIT_CPU=baseline|avx2|avx512 in the environment lowers the level; what the processor lacks
 * falls back to the best it has, and any other value is ignored.
 */
#ifndef SVA_BASE_CPU_H
#define SVA_BASE_CPU_H

#include <stdbool.h>

enum sva_cpu_level {
    SVA_CPU_BASELINE, /**< what the compiler was told to assume */
    SVA_CPU_AVX2,
    SVA_CPU_AVX512, /**< F, BW, DQ and VL */
    SVA_CPU_LEVELS
};

/** The environment is read by the first call. Any thread. */
enum sva_cpu_level sva_cpu_level(void);

/** The best level of this processor and operating system, whatever the environment says. */
enum sva_cpu_level sva_cpu_best(void);

/** Has it instructions for SHA-256, and does the level allow them (AVX2 and up)? Any thread. */
bool sva_cpu_has_sha(void);

/** For tests and benches: from now on as a processor without them; false asks the processor again.
 */
void sva_cpu_hide_sha(bool hidden);

/** "baseline", "avx2", "avx512". */
const char *sva_cpu_level_name(enum sva_cpu_level level);

/** For tests and benches: from now on `level`; false, and nothing changes, if it is not there. */
bool sva_cpu_use(enum sva_cpu_level level);

#endif
