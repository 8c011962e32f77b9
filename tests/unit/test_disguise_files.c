/* SPDX-License-Identifier: Apache-2.0 */
/** Models read back from what was saved are what they were, and can be disguised on disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "disguise_models.h"
#include "fixtures/disguise.h"
#include "fixtures/model_reader.h"

static char scratch[256];

static int make_scratch(void **state)
{
    (void)state;
    const char *const parent = getenv("TMPDIR");
    snprintf(scratch, sizeof scratch, "%s/sovaudit-disguise-XXXXXX",
             parent == NULL || parent[0] == '\0' ? "/tmp" : parent);
    return mkdtemp(scratch) == NULL ? -1 : 0;
}

static int remove_scratch(void **state)
{
    (void)state;
    return sva_fixture_remove(scratch);
}

static const char *in_scratch(char *out, size_t size, const char *name)
{
    snprintf(out, size, "%s/%s", scratch, name);
    return out;
}

static void assert_same_words(const struct sva_wordlist *a, const struct sva_wordlist *b)
{
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->merge_count, b->merge_count);
    for (uint32_t i = 0; i < a->count; ++i) {
        assert_string_equal(a->tokens[i].text, b->tokens[i].text);
        assert_int_equal(a->tokens[i].left, b->tokens[i].left);
        assert_int_equal(a->tokens[i].right, b->tokens[i].right);
    }
    if (a->merge_count > 0) {
        assert_memory_equal(a->merges, b->merges, a->merge_count * sizeof *a->merges);
    }
}

static bool is_same(const struct sva_network_tensor *a, const struct sva_network_tensor *b)
{
    const bool in_layers = strstr(a->key, "layers.") != NULL || strstr(a->key, "blocks.") != NULL;
    return a->kind == b->kind && a->part == b->part && a->rank == b->rank &&
           (!in_layers || a->layer == b->layer) &&
           memcmp(a->shape, b->shape, sizeof a->shape) == 0 &&
           memcmp(a->values, b->values, elements(a) * sizeof(float)) == 0;
}

static void assert_same(const struct sva_network *a, const struct sva_network *b)
{
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->stored, b->stored);
    for (size_t i = 0; i < a->count; ++i) {
        const struct sva_network_tensor *const one = &a->tensors[i];
        const struct sva_network_tensor *const other = sva_network_find(b, one->key);
        if (other == NULL || !is_same(one, other)) {
            fail_msg("%s is not read back as it was", one->key);
        }
    }
    assert_same_words(&a->vocabulary, &b->vocabulary);
    assert_true(distance(a, b) < 1e-15);
}

static void a_saved_model_reads_back_as_it_was(void **state)
{
    (void)state;
    char path[512];
    for (int a = 0; a < ARCHITECTURES; ++a) {
        for (int stored = 0; stored < SVA_STORED_COUNT; ++stored) {
            struct sva_network *const network = model(architectures[a], EVEN);
            network->stored = (enum sva_stored)stored;
            network->shard_count = 1 + (uint32_t)stored;
            network->shape.tied = false;
            sva_network_round(network, network->stored);
            in_scratch(path, sizeof path, "saved");
            assert_int_equal(sva_network_save(network, path), 0);
            struct sva_network *const again = sva_network_load(path);
            assert_non_null(again);
            assert_same(network, again);
            assert_int_equal(sva_fixture_remove(path), 0);
            sva_network_free(network);
            sva_network_free(again);
        }
    }
}

/* Outputs of two directories below the scratch directory. */
static double distance_on_disk(const char *a, const char *b)
{
    char path[512];
    struct sva_network *const one = sva_network_load(in_scratch(path, sizeof path, a));
    struct sva_network *const other = sva_network_load(in_scratch(path, sizeof path, b));
    assert_non_null(one);
    assert_non_null(other);
    const double off = distance(one, other);
    sva_network_free(one);
    sva_network_free(other);
    return off;
}

static void an_architecture_is_written_plain_disguised_and_with_a_twin(void **state)
{
    (void)state;
    char path[512];
    in_scratch(path, sizeof path, "made");
    static const char chain[] = "neurons,residual-order,vocabulary";
    assert_int_equal(sva_fixture_make_disguise(1, chain, "llama", path), 0);
    assert_true(distance_on_disk("made/reference", "made/subject") < 1e-12);
    assert_true(distance_on_disk("made/twin", "made/twin-disguised") < 1e-12);
    assert_true(distance_on_disk("made/reference", "made/twin") > 0.1);
}

static void the_subject_of_a_case_is_disguised(void **state)
{
    (void)state;
    char path[512];
    in_scratch(path, sizeof path, "case");
    assert_int_equal(sva_fixture_make_disguise(1, "kv-heads", "moe-fine-tune", path), 0);
    in_scratch(path, sizeof path, "plain");
    assert_int_equal(sva_fixture_make("moe-fine-tune", path), 0);
    assert_true(distance_on_disk("plain/subject", "case/subject") < 1e-12);
    assert_true(distance_on_disk("plain/reference", "case/reference") == 0);
    struct sva_network *const plain =
        sva_network_load(in_scratch(path, sizeof path, "plain/subject"));
    struct sva_network *const hidden =
        sva_network_load(in_scratch(path, sizeof path, "case/subject"));
    static const char key[] = "model.layers.0.self_attn.k_proj.weight";
    const struct sva_network_tensor *const was = sva_network_find(plain, key);
    const struct sva_network_tensor *const now = sva_network_find(hidden, key);
    assert_true(memcmp(was->values, now->values, elements(was) * sizeof(float)) != 0);
    sva_network_free(plain);
    sva_network_free(hidden);
    assert_int_equal(sva_fixture_remove(in_scratch(path, sizeof path, "plain")), 0);
    assert_int_equal(sva_fixture_remove(in_scratch(path, sizeof path, "case")), 0);
}

static void a_directory_is_disguised(void **state)
{
    (void)state;
    char from[512];
    char path[512];
    in_scratch(from, sizeof from, "made/reference");
    in_scratch(path, sizeof path, "again");
    assert_int_equal(sva_fixture_make_disguise(1, "fuse", from, path), 0);
    assert_true(distance_on_disk("made/reference", "again/reference") == 0);
    assert_true(distance_on_disk("made/reference", "again/subject") < 1e-15);
    in_scratch(path, sizeof path, "twice");
    assert_int_equal(sva_fixture_make_disguise(1, "upcycle", from, path), 0);
    assert_true(distance_on_disk("made/reference", "twice/subject") < 1e-12);
}

static void digest_file(const char *path, char *hex)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    uint8_t digest[32];
    struct sva_error error = {0};
    if (sva_read_file(path, 1u << 28, &bytes, &size, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
    assert_true(sva_sha256(bytes, size, digest));
    sva_free(bytes);
    sva_hex(digest, sizeof digest, hex);
}

/* Everything that computes: of every compiler and on every machine the same bytes. */
static void disguised_bytes_are_the_same_everywhere(void **state)
{
    (void)state;
    static const char chain[] =
        "low-rank,residual-rotation,residual-hadamard=0.5,value-bases,rotary-turns,smooth,"
        "query-key-scales,split-neurons,prune-neurons,prune-values=0.1,noise,quantise=6";
    char path[512];
    char hex[65];
    struct sva_network *const network = model(SVA_FIXTURE_LLAMA, TRAINED);
    network->stored = SVA_STORED_F32;
    assert_int_equal(sva_disguise_chain(network, chain, 5), 0);
    assert_int_equal(sva_network_save(network, in_scratch(path, sizeof path, "digest")), 0);
    digest_file(in_scratch(path, sizeof path, "digest/model.safetensors"), hex);
    assert_string_equal(hex, "35cb7f5defba2088356c4a6834210bba953ea5f60e9d54fb31ff9f2bf88f6283");
    sva_network_free(network);
}

static void what_is_no_model_is_refused(void **state)
{
    (void)state;
    char path[512];
    in_scratch(path, sizeof path, "none");
    assert_null(sva_network_load(scratch));
    assert_int_equal(sva_fixture_make_disguise(1, "neurons", "no-such-model", path), -1);
    assert_int_equal(sva_fixture_make_disguise(1, "no-such-disguise", "llama", path), -1);
    assert_int_equal(sva_fixture_make_disguise(1, "neurons", "gpt2", path), -1);
    assert_int_equal(sva_fixture_make_disguise(1, "neurons", "adapter-continued", path), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_saved_model_reads_back_as_it_was),
        cmocka_unit_test(an_architecture_is_written_plain_disguised_and_with_a_twin),
        cmocka_unit_test(the_subject_of_a_case_is_disguised),
        cmocka_unit_test(a_directory_is_disguised),
        cmocka_unit_test(disguised_bytes_are_the_same_everywhere),
        cmocka_unit_test(what_is_no_model_is_refused),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
