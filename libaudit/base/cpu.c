/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cpu.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

static const char *const names[SVA_CPU_LEVELS] = {"baseline", "avx2", "avx512"};

enum { UNKNOWN = -1 };
static atomic_int level_in_use = UNKNOWN;
static atomic_int sha_there = UNKNOWN; /* asking costs microseconds on a virtual machine */

const char *sva_cpu_level_name(enum sva_cpu_level level)
{
    return names[level];
}

enum sva_cpu_level sva_cpu_best(void)
{
#if defined(__x86_64__)
    /* The builtins also ask whether the operating system saves the wide registers. */
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
        return SVA_CPU_AVX512;
    }
    if (__builtin_cpu_supports("avx2")) {
        return SVA_CPU_AVX2;
    }
#endif
    return SVA_CPU_BASELINE;
}

static enum sva_cpu_level wanted_level(void)
{
    const enum sva_cpu_level best = sva_cpu_best();
    const char *const text = getenv("SOVAUDIT_CPU");
    for (int i = 0; text != NULL && i < (int)best; i++) {
        if (strcmp(text, names[i]) == 0) {
            return (enum sva_cpu_level)i;
        }
    }
    return best;
}

enum sva_cpu_level sva_cpu_level(void)
{
    int level = atomic_load_explicit(&level_in_use, memory_order_relaxed);
    if (level == UNKNOWN) {
        /* Two first calls at once: the one that stores first decides for both. */
        const int wanted = (int)wanted_level();
        if (atomic_compare_exchange_strong(&level_in_use, &level, wanted)) {
            level = wanted;
        }
    }
    return (enum sva_cpu_level)level;
}

/* Compilers differ in what __builtin_cpu_supports calls it. */
static bool ask_for_sha(void)
{
#if defined(__x86_64__)
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b >> 29 & 1) != 0;
#else
    return false;
#endif
}

bool sva_cpu_has_sha(void)
{
    int there = atomic_load_explicit(&sha_there, memory_order_relaxed);
    if (there == UNKNOWN) {
        there = ask_for_sha() ? 1 : 0;
        atomic_store_explicit(&sha_there, there, memory_order_relaxed);
    }
    return there == 1 && sva_cpu_level() >= SVA_CPU_AVX2;
}

void sva_cpu_hide_sha(bool hidden)
{
    atomic_store(&sha_there, hidden ? 0 : UNKNOWN);
}

bool sva_cpu_use(enum sva_cpu_level level)
{
    if (level > sva_cpu_best()) {
        return false;
    }
    atomic_store(&level_in_use, (int)level);
    return true;
}
