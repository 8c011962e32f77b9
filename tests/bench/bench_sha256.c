/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Speed of SHA-256 and of value hash v1 in their forms: one thread, data in the second-level cache,
 * the best of many runs of processor time, GB of stored bytes a second; then what one hash of a few
 * bytes costs. bench_sha256 [--runs 30]
 */
#include "bench_support.h"

#include <openssl/evp.h>

#include "base/cpu.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/sha256_levels.h"
#include "fingerprint/value_hash.h"

enum { LEAF_BYTES = 65536, LEAVES = 16, BLOCKS = LEAF_BYTES / 64, ALL_BYTES = LEAVES * LEAF_BYTES };

static uint8_t *bytes; /* ALL_BYTES */
static float *values;  /* as many values as ALL_BYTES hold halves, low halves used */
static const uint8_t *leaves[LEAVES];
static uint32_t chain[8 * LEAVES];
static uint8_t digests[LEAVES][32];

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double best_of(void (*work)(void), uint64_t runs)
{
    double best = INFINITY;
    for (uint64_t run = 0; run < runs; run++) {
        const double start = cpu_seconds();
        work();
        const double seconds = cpu_seconds() - start;
        best = seconds < best ? seconds : best;
    }
    return best;
}

/* -- the forms of the compression function ----------------------------------------------------- */

static void evp(void)
{
    for (int i = 0; i < LEAVES; i++) {
        (void)EVP_Digest(leaves[i], LEAF_BYTES, digests[i], NULL, EVP_sha256(), NULL);
    }
}

static void plain(void)
{
    for (int i = 0; i < LEAVES; i++) {
        sva_sha256_plain(chain, leaves[i], BLOCKS);
    }
}

static void openssl_blocks(void)
{
    for (int i = 0; i < LEAVES; i++) {
        sva_sha256_openssl(chain, leaves[i], BLOCKS);
    }
}

#if defined(__x86_64__)
static void shani(void)
{
    for (int i = 0; i < LEAVES; i++) {
        sva_sha256_shani(chain, leaves[i], BLOCKS);
    }
}

static void shani_pair(void)
{
    for (int i = 0; i < LEAVES; i += 2) {
        sva_sha256_shani_pair(chain, leaves[i], chain + 8, leaves[i + 1], BLOCKS);
    }
}

static void avx2_lanes(void)
{
    for (int i = 0; i < LEAVES; i += 8) {
        sva_sha256_avx2_lanes(chain, leaves + i, BLOCKS);
    }
}

static void avx512_lanes(void)
{
    sva_sha256_avx512_lanes(chain, leaves, BLOCKS);
}
#endif

static void print_form(const char *name, bool there, void (*work)(void), uint64_t runs,
                       double evp_s)
{
    if (there) {
        const double seconds = best_of(work, runs);
        printf("| %-34s | %6.2f | %5.2f |\n", name, ALL_BYTES / seconds / 1e9, evp_s / seconds);
    } else {
        printf("| %-34s | %6s | %5s |\n", name, "-", "-");
    }
}

static void bench_forms(uint64_t runs)
{
    const double evp_s = best_of(evp, runs);
    printf("| 16 x 64 KiB                        |   GB/s | / EVP |\n|---|---|---|\n");
    print_form("OpenSSL, EVP_Digest each", true, evp, runs, evp_s);
    print_form("OpenSSL, blocks", true, openssl_blocks, runs, evp_s);
    print_form("plain C", true, plain, runs, evp_s);
#if defined(__x86_64__)
    const bool wide = sva_cpu_best() >= SVA_CPU_AVX512;
    print_form("SHA instructions, one message", sva_cpu_has_sha(), shani, runs, evp_s);
    print_form("SHA instructions, two messages", sva_cpu_has_sha(), shani_pair, runs, evp_s);
    print_form("AVX2, 8 messages", sva_cpu_best() >= SVA_CPU_AVX2, avx2_lanes, runs, evp_s);
    print_form("AVX-512, 16 messages", wide, avx512_lanes, runs, evp_s);
#endif
}

/* -- what hash.h and value_hash.h make of them ------------------------------------------------- */

static void one_stream(void)
{
    uint8_t digest[32];
    (void)sva_sha256(bytes, ALL_BYTES, digest);
}

static void two_streams(void)
{
    struct sva_sha256 a;
    struct sva_sha256 b;
    sva_sha256_init(&a);
    sva_sha256_init(&b);
    sva_sha256_update_pair(&a, bytes, &b, bytes + ALL_BYTES / 2, ALL_BYTES / 2);
    sva_sha256_final(&a, digests[0]);
    sva_sha256_final(&b, digests[1]);
}

static void many_messages(void)
{
    sva_sha256_many(leaves, LEAF_BYTES, LEAVES, digests);
}

/* In rows of 4096, as a scan of a matrix brings them. */
static void hash_values(const float *from, size_t count)
{
    struct sva_value_hash *const hash = sva_value_hash_new();
    for (size_t at = 0; hash != NULL && at < count; at += 4096) {
        sva_value_hash_update(hash, from + at, 4096);
    }
    if (hash != NULL) {
        sva_value_hash_final(hash, digests[0]);
    }
    sva_value_hash_free(hash);
}

static void f32_values(void)
{
    hash_values(values, ALL_BYTES / 4);
}

static void bf16_as_f32(void)
{
    hash_values(values + ALL_BYTES / 2, ALL_BYTES / 2);
}

static void bf16_halves(size_t step)
{
    struct sva_value_hash *const hash = sva_value_hash_new();
    for (size_t at = 0; hash != NULL && at < ALL_BYTES / 2; at += step) {
        sva_value_hash_update_high(hash, bytes + 2 * at, step);
    }
    if (hash != NULL) {
        sva_value_hash_final(hash, digests[0]);
    }
    sva_value_hash_free(hash);
}

static void bf16_in_rows(void)
{
    bf16_halves(4096);
}

static void bf16_in_groups(void)
{
    bf16_halves(SVA_VALUE_HASH_GROUP);
}

static void bench_levels(uint64_t runs)
{
    static const struct {
        const char *name;
        void (*work)(void);
    } rows[] = {{"one stream", one_stream},
                {"two streams", two_streams},
                {"many messages", many_messages},
                {"value hash, F32", f32_values},
                {"value hash, BF16 as F32", bf16_as_f32},
                {"value hash, BF16 in rows", bf16_in_rows},
                {"value hash, BF16 in groups", bf16_in_groups}};
    printf("\n| GB/s of 1 MiB stored       | %8s | %8s | %8s |\n|---|---|---|---|\n",
           sva_cpu_level_name(SVA_CPU_BASELINE), sva_cpu_level_name(SVA_CPU_AVX2),
           sva_cpu_level_name(SVA_CPU_AVX512));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        printf("| %-26s |", rows[i].name);
        for (unsigned level = 0; level < SVA_CPU_LEVELS; level++) {
            if (sva_cpu_use((enum sva_cpu_level)level)) {
                printf(" %8.2f |", ALL_BYTES / best_of(rows[i].work, runs) / 1e9);
            } else {
                printf(" %8s |", "-");
            }
        }
        printf("\n");
    }
    (void)sva_cpu_use(sva_cpu_best());
}

/* -- small things ------------------------------------------------------------------------------ */

enum { SMALL = 1000 };

static void small_evp(void)
{
    for (int i = 0; i < SMALL; i++) {
        (void)EVP_Digest(bytes + i, 32, digests[0], NULL, EVP_sha256(), NULL);
    }
}

static void small_sha256(void)
{
    for (int i = 0; i < SMALL; i++) {
        (void)sva_sha256(bytes + i, 32, digests[0]);
    }
}

static void small_tensors(size_t count)
{
    for (int i = 0; i < SMALL; i++) {
        struct sva_value_hash *const hash = sva_value_hash_new();
        if (hash != NULL) {
            sva_value_hash_update(hash, values + ALL_BYTES / 2 + i, count);
            sva_value_hash_final(hash, digests[0]);
        }
        sva_value_hash_free(hash);
    }
}

static void tensors_of_1(void)
{
    small_tensors(1);
}

static void tensors_of_4096(void)
{
    small_tensors(4096);
}

static void bench_small(uint64_t runs)
{
    printf("\n| each, microseconds                 |        |\n|---|---|\n");
    printf("| %-34s | %6.3f |\n", "EVP_Digest of 32 bytes", best_of(small_evp, runs) / SMALL * 1e6);
    printf("| %-34s | %6.3f |\n", "sva_sha256 of 32 bytes",
           best_of(small_sha256, runs) / SMALL * 1e6);
    printf("| %-34s | %6.3f |\n", "value hash of 1 value, new to free",
           best_of(tensors_of_1, runs) / SMALL * 1e6);
    printf("| %-34s | %6.3f |\n", "value hash of 4096 values",
           best_of(tensors_of_4096, runs) / SMALL * 1e6);
}

int main(int argc, char **argv)
{
    const uint64_t runs = bench_number(argc, argv, "--runs", 30);
    bytes = sva_calloc(ALL_BYTES, 1);
    values = sva_calloc(ALL_BYTES, sizeof *values);
    if (bytes == NULL || values == NULL) {
        fprintf(stderr, "%s: out of memory\n", argv[0]);
        return 2;
    }
    for (size_t i = 0; i < ALL_BYTES; i++) {
        bytes[i] = (uint8_t)(sva_mix64(i) & 0xBF); /* finite */
        const uint32_t bits =
            (uint32_t)sva_mix64(i) & (i < ALL_BYTES / 2 ? 0xBFFFFFFF : 0xBFFF0000);
        memcpy(values + i, &bits, sizeof bits);
    }
    for (size_t i = 0; i < LEAVES; i++) {
        leaves[i] = bytes + i * LEAF_BYTES;
    }
    bench_forms(runs);
    bench_levels(runs);
    bench_small(runs);
    sva_free(bytes);
    sva_free(values);
    return 0;
}
