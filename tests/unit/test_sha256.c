/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "base/cpu.h"
#include "base/hash.h"
#include "base/sha256_levels.h"

enum { POOL_BYTES = 1 << 17 };

static uint8_t pool[POOL_BYTES];

/* What OpenSSL's documented interface says. */
static void expect(const uint8_t *bytes, size_t size, uint8_t digest[32])
{
    assert_int_equal(EVP_Digest(bytes, size, digest, NULL, EVP_sha256(), NULL), 1);
}

static size_t below(uint64_t *seed, size_t bound)
{
    *seed = sva_mix64(*seed + UINT64_C(0x9E3779B97F4A7C15));
    return (size_t)(*seed % bound);
}

static int setup(void **state)
{
    (void)state;
    for (size_t i = 0; i < POOL_BYTES; i++) {
        pool[i] = (uint8_t)(sva_mix64(i) >> 17);
    }
    return 0;
}

static int restore_level(void **state)
{
    (void)state;
    return sva_cpu_use(sva_cpu_best()) ? 0 : 1;
}

/* Calls `work` on every level that this processor has, with its SHA instructions and without. */
static void on_every_level(void (*work)(void))
{
    for (unsigned way = 0; way < 2 * ((unsigned)sva_cpu_best() + 1); way++) {
        assert_true(sva_cpu_use((enum sva_cpu_level)(way / 2)));
        sva_cpu_hide_sha(way % 2 == 1);
        assert_true(way % 2 == 0 || !sva_cpu_has_sha());
        work();
    }
    sva_cpu_hide_sha(false);
}

/* -- published vectors ------------------------------------------------------------------------- */

static void check_vectors(void)
{
    static const struct {
        const char *text, *digest;
        size_t repeats;
    } vectors[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 1},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 1},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1", 1},
        {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqr"
         "lmnopqrsmnopqrstnopqrstu",
         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1", 1},
        {"a", "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", 1000000},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct sva_sha256 state;
        uint8_t digest[32];
        char text[65];
        sva_sha256_init(&state);
        for (size_t k = 0; k < vectors[i].repeats; k++) {
            sva_sha256_update(&state, vectors[i].text, strlen(vectors[i].text));
        }
        sva_sha256_final(&state, digest);
        sva_hex(digest, 32, text);
        assert_string_equal(text, vectors[i].digest);
    }
}

static void published_vectors_come_out_on_every_level(void **state)
{
    (void)state;
    on_every_level(check_vectors);
}

/* -- lengths and pieces ------------------------------------------------------------------------ */

static void check_lengths(void)
{
    uint64_t seed = 1;
    for (size_t size = 0; size < 700; size++) {
        uint8_t expected[32];
        uint8_t digest[32];
        const uint8_t *const bytes = pool + below(&seed, 64);
        expect(bytes, size, expected);
        assert_true(sva_sha256(bytes, size, digest));
        assert_memory_equal(digest, expected, 32);
    }
}

static void every_short_length_agrees_with_openssl(void **state)
{
    (void)state;
    on_every_level(check_lengths);
}

static void check_pieces(void)
{
    uint64_t seed = 2;
    struct sva_sha256 *const whole = sva_sha256_new();
    assert_non_null(whole);
    for (int round = 0; round < 200; round++) {
        const size_t size = below(&seed, 5000);
        uint8_t expected[32];
        uint8_t digest[32];
        expect(pool, size, expected);
        for (size_t at = 0; at < size;) {
            const size_t piece = below(&seed, round % 2 == 0 ? 100 : 1000);
            const size_t step = size - at < piece ? size - at : piece;
            sva_sha256_update(whole, pool + at, step);
            at += step;
        }
        sva_sha256_final(whole, digest);
        assert_memory_equal(digest, expected, 32);
    }
    sva_sha256_free(whole);
}

static void pieces_do_not_change_the_digest(void **state)
{
    (void)state;
    on_every_level(check_pieces);
}

static void check_pair(void)
{
    uint64_t seed = 3;
    for (int round = 0; round < 300; round++) {
        struct sva_sha256 a;
        struct sva_sha256 b;
        size_t size_a = below(&seed, 200); /* ahead of the other, at borders of blocks and not */
        size_t size_b = round % 3 == 0 ? size_a : below(&seed, 200);
        const uint8_t *const from_a = pool + below(&seed, 64);
        const uint8_t *const from_b = pool + 50000 + below(&seed, 64);
        sva_sha256_init(&a);
        sva_sha256_init(&b);
        sva_sha256_update(&a, from_a, size_a);
        sva_sha256_update(&b, from_b, size_b);
        for (int piece = 0; piece < 4; piece++) {
            const size_t step = below(&seed, piece % 2 == 0 ? 4000 : 130);
            sva_sha256_update_pair(&a, from_a + size_a, &b, from_b + size_b, step);
            size_a += step;
            size_b += step;
        }
        uint8_t expected[32];
        uint8_t digest[32];
        expect(from_a, size_a, expected);
        sva_sha256_final(&a, digest);
        assert_memory_equal(digest, expected, 32);
        expect(from_b, size_b, expected);
        sva_sha256_final(&b, digest);
        assert_memory_equal(digest, expected, 32);
    }
}

static void two_messages_advance_together_from_any_place(void **state)
{
    (void)state;
    on_every_level(check_pair);
}

static void check_many(void)
{
    static const size_t sizes[] = {0, 1, 31, 55, 56, 63, 64, 65, 119, 120, 127, 128, 1000, 2048};
    const uint8_t *messages[40];
    static uint8_t digests[40][32];
    for (size_t i = 0; i < 40; i++) {
        messages[i] = pool + 2100 * i + i % 7;
    }
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        for (size_t count = 0; count <= 40; count++) {
            memset(digests, 0xAA, sizeof digests);
            sva_sha256_many(messages, sizes[s], count, digests);
            for (size_t i = 0; i < 40; i++) {
                uint8_t expected[32];
                memset(expected, 0xAA, sizeof expected);
                if (i < count) {
                    expect(messages[i], sizes[s], expected);
                }
                assert_memory_equal(digests[i], expected, 32);
            }
        }
    }
}

static void any_number_of_messages_is_hashed_at_once(void **state)
{
    (void)state;
    on_every_level(check_many);
}

/* -- chaining values --------------------------------------------------------------------------- */

static void check_resume(void)
{
    uint8_t expected[32];
    expect(pool, 1000, expected);
    for (size_t at = 0; at <= 960; at += SVA_SHA256_BLOCK_BYTES) {
        struct sva_sha256 first;
        struct sva_sha256 second;
        uint8_t chain[32];
        uint8_t digest[32];
        sva_sha256_init(&first);
        sva_sha256_update(&first, pool, at);
        sva_sha256_chain(&first, chain);
        memset(&second, 0xAA, sizeof second);
        sva_sha256_resume(&second, chain, at);
        sva_sha256_update(&second, pool + at, 1000 - at);
        sva_sha256_final(&second, digest);
        assert_memory_equal(digest, expected, 32);
    }
}

static void a_message_goes_on_from_its_chaining_value(void **state)
{
    (void)state;
    on_every_level(check_resume);
}

static void the_chaining_value_is_the_state_of_the_standard(void **state)
{
    (void)state;
    struct sva_sha256 hash;
    uint8_t chain[32];
    char text[65];
    sva_sha256_init(&hash);
    sva_sha256_chain(&hash, chain);
    sva_hex(chain, 32, text); /* FIPS 180-4, section 5.3.3 */
    assert_string_equal(text, "6a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19");
    /* A block that is the whole padded message "abc": its chaining value is the digest. */
    uint8_t block[64] = {'a', 'b', 'c', 0x80};
    block[63] = 24;
    sva_sha256_update(&hash, block, sizeof block);
    sva_sha256_chain(&hash, chain);
    sva_hex(chain, 32, text);
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* -- the forms, whether this processor's level chooses them or not ----------------------------- */

enum { BLOCKS = 5 };

static void plain_chain(const uint8_t *bytes, uint32_t chain[8])
{
    for (unsigned i = 0; i < 8; i++) {
        chain[i] = (uint32_t)sva_mix64(i + 1);
    }
    sva_sha256_plain(chain, bytes, BLOCKS);
}

static void start_chain(uint32_t chain[8])
{
    for (unsigned i = 0; i < 8; i++) {
        chain[i] = (uint32_t)sva_mix64(i + 1);
    }
}

static void one_and_two_at_a_time_give_the_words_of_plain_c(void **state)
{
    (void)state;
    uint32_t expected[8];
    uint32_t chain[8];
    uint32_t other[8];
    plain_chain(pool + 3, expected);
    start_chain(chain);
    sva_sha256_openssl(chain, pool + 3, BLOCKS);
    assert_memory_equal(chain, expected, sizeof expected);
    if (!sva_cpu_has_sha()) {
        skip();
    }
#if defined(__x86_64__)
    start_chain(chain);
    sva_sha256_shani(chain, pool + 3, BLOCKS);
    assert_memory_equal(chain, expected, sizeof expected);
    start_chain(chain);
    start_chain(other);
    sva_sha256_shani_pair(chain, pool + 3, other, pool + 1001, BLOCKS);
    assert_memory_equal(chain, expected, sizeof expected);
    plain_chain(pool + 1001, expected);
    assert_memory_equal(other, expected, sizeof expected);
#else
    (void)other;
#endif
}

typedef void lanes_function(uint32_t *chain, const uint8_t *const *bytes, size_t block_count);

static void check_lanes(lanes_function *compress, size_t lanes)
{
    uint32_t chains[8 * 16];
    const uint8_t *bytes[16] = {NULL};
    for (size_t m = 0; m < lanes; m++) {
        uint32_t start[8];
        start_chain(start);
        bytes[m] = pool + 333 * m;
        for (size_t w = 0; w < 8; w++) {
            chains[w * lanes + m] = start[w];
        }
    }
    compress(chains, bytes, BLOCKS);
    for (size_t m = 0; m < lanes; m++) {
        uint32_t expected[8];
        plain_chain(bytes[m], expected);
        for (size_t w = 0; w < 8; w++) {
            assert_int_equal(chains[w * lanes + m], expected[w]);
        }
    }
}

static void eight_and_sixteen_lanes_give_the_words_of_plain_c(void **state)
{
    (void)state;
    if (sva_cpu_best() < SVA_CPU_AVX2) {
        skip();
    }
#if defined(__x86_64__)
    check_lanes(sva_sha256_avx2_lanes, 8);
    if (sva_cpu_best() >= SVA_CPU_AVX512) {
        check_lanes(sva_sha256_avx512_lanes, 16);
    }
#else
    (void)check_lanes;
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors_come_out_on_every_level),
        cmocka_unit_test(every_short_length_agrees_with_openssl),
        cmocka_unit_test(pieces_do_not_change_the_digest),
        cmocka_unit_test(two_messages_advance_together_from_any_place),
        cmocka_unit_test(any_number_of_messages_is_hashed_at_once),
        cmocka_unit_test(a_message_goes_on_from_its_chaining_value),
        cmocka_unit_test(the_chaining_value_is_the_state_of_the_standard),
        cmocka_unit_test(one_and_two_at_a_time_give_the_words_of_plain_c),
        cmocka_unit_test(eight_and_sixteen_lanes_give_the_words_of_plain_c),
    };
    return cmocka_run_group_tests(tests, setup, restore_level);
}
