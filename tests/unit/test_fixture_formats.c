/* SPDX-License-Identifier: Apache-2.0 */
/** Every format and transform of the generator: the bytes of every machine, sound, and not worse.
 */
#include <math.h>
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
#include "fixtures/archive_writer.h"
#include "fixtures/block_quantisers.h"
#include "fixtures/fixtures.h"
#include "fixtures/gguf_model.h"
#include "fixtures/lineage.h"
#include "fixtures/model_formats.h"
#include "fixtures/packed_writer.h"
#include "fixtures/rng.h"
#include "fixtures/training.h"
#include "kernel/dequantise.h"
#include "kernel/dtype.h"
#include "kernel/quantise.h"

enum { SAMPLE = 64 * 256 };

static char scratch[256];
static char made[300];        /* formats of one model */
static char transformed[300]; /* transforms of another */

/* A file of a format or transform, and its digest. */
struct golden {
    const char *name, *file, *sha256;
};

/* clang-format off */
static const struct golden formats[] = {
    {"bf16", "model.safetensors",
     "358e4cb90ff960d2c4d50230e5c03e2d263900d20f3a22867478790ac5280bc4"},
    {"f32-shards", "model-00002-of-00003.safetensors",
     "188c95e2b45cc1d19e00860e91557206dec1aa42953c26d77ef833f77a3fac0d"},
    {"gguf-f16", "model-F16.gguf",
     "f0c5000316c3b93a813e7cb30015d3600436bc6073dc613ace1bfc3908a02c92"},
    {"gguf-q8_0", "model-Q8_0.gguf",
     "bfe980cf3043d65d053dc685b575c055146d010db3e2d6bc97e5ad8e9580acd3"},
    {"gguf-q6_k", "model-Q6_K.gguf",
     "fac81dc2161a7131880388f329fab9dcb38a3a1a5cc3b754ffbb3d82607dd6e0"},
    {"gguf-q4_k", "model-Q4_K_M.gguf",
     "e5792f04bb204b42dd9d1a5017499820ecf6af82d9cf00c6635f3dc3f6a39bae"},
    {"gguf-q3_k", "model-Q3_K_S.gguf",
     "b0d31db4a6f2e4b760b8e3fd5d2a4a4ef3b029d2002744efee41dccd52bf6f10"},
    {"gguf-q2_k", "model-Q2_K.gguf",
     "c35bc056fa872eed45c503923b9deb8ee852c3357796d3bd3adf4010bc72a099"},
    {"gguf-iq2_xxs", "model-IQ2_XXS.gguf",
     "d6aaccc8790d1650306c1a4a45a576500856ce148e1314d8f8740e76abb31c41"},
    {"fp8-block", "model.safetensors",
     "9426e652e36181bb00a849bcda2a5595e4e1791a029d15fd2f34a8d47b2e1d33"},
    {"gptq", "model.safetensors",
     "35ee53a771616c7b6cca48e7c9c963c313c8f4b3575c14171cb6b50b9a8c31d6"},
    {"awq", "model.safetensors",
     "4eaaabc925eac59a1481b1f3d7b55cb01e0aaab07fb0952cdebf442cc84d9f4e"},
    {"nf4", "model.safetensors",
     "e5adf5ad5e746171ae9d2aff4e0f706090d549d3461ba4838da56a906450f2e2"},
    {"mxfp4", "model.safetensors",
     "6f0ec422c23fe36f4ddad97f11ab339eb479e6d0e44dc4d37699fce747ee7396"},
    {"torch", "pytorch_model.bin",
     "0c63549d9fb92ab87a5702975d8df962dec35b408f0c56e341f538846bc63f25"},
    {"f16", "model.safetensors",
     "d33cecbc9daf458eba5fc8c43caeb4fd25c9cb67a70301f2b991d2b2e517468f"},
    {"gguf-f32", "model-F32.gguf",
     "6a3fd695a7ad305f61d37fd472fd215aedba5df2bfa1d2365729aa449c85e974"},
    {"gguf-bf16", "model-BF16.gguf",
     "bf4a408716b1a68c089f11c178b09a081c39abf1d0afc561bf893ab80ac6f11b"},
    {"gguf-q5_k", "model-Q5_K_M.gguf",
     "dc7e7aa1a9abb1816540d3b1698261a6f471194ab34112c34444502face88723"},
    {"gguf-q4_0", "model-Q4_0.gguf",
     "5f6d2c1126c01aac85ffc31baa6fcbd5bf8a6ea3d7e4f6be530a87a77ff53089"},
    {"gguf-q4_1", "model-Q4_1.gguf",
     "c32a86adbaf1b8e58009c7cf3d1a3c1c2323d7fa0c67863a4461a6c2ebc256c2"},
    {"gguf-q5_0", "model-Q5_0.gguf",
     "c83b2e941fbdffc847c8bccdb44c55d798de735af94ebadb6cb13f049f7a57ff"},
    {"gguf-q5_1", "model-Q5_1.gguf",
     "e5159bb74331b42b9b0c3ab60688123398eccb0315ac9ef7a54701d6a21b25a2"},
    {"gguf-iq4_nl", "model-IQ4_NL.gguf",
     "858ae78786139829d548fb92d57936e3aeb18934ceeb88d814afa5649845f2fe"},
    {"gguf-iq4_xs", "model-IQ4_XS.gguf",
     "3e311b60fbc858359685efd0c2ab1cd5550e1de794cc5a0fa9002c2cb7588646"},
    {"gguf-split", "model-Q8_0-00002-of-00003.gguf",
     "451a861933161bbb7fa3286c84f919b25f6af74391b776ae778cf2ef60c14b5d"},
    {"gguf-v1", "model-Q4_0.gguf",
     "37f0b881082e4a6bd1f1e7caf2c8c6b4a3d7910a1d358ec2e79aba732bfaea3b"},
    {"gguf-v2", "model-Q8_0.gguf",
     "dee8400981985d57118317d624aaef3df771ab1d7d933815b86a1107707e5ea9"},
    {"gguf-big-endian", "model-Q4_K_M.gguf",
     "e1706241df730d31cfc2d292cd7e83828408247b0006e2f216d00240e0ca0ec6"},
    {"gguf-f16-big-endian", "model-F16.gguf",
     "b4d9860841b677b6bacabf40a98918a1f2dc02de3509c81147a2446a745ef573"},
    {"gptq-act-order", "model.safetensors",
     "547f6e817516ffadd088e32b5c8088030a094a45cb97d59dffb21a7bd6dcb996"},
    {"awq-scaled", "model.safetensors",
     "89559e572c3fc5dc81bcd0635662bead75afbd950433e698dce09078d71c785d"},
    {"nf4-double", "model.safetensors",
     "a0857da135333982a07c8f4ce7bd66a782a47839ad117677667dcc16c48af38f"},
    {"bnb-int8", "model.safetensors",
     "5cca28d038a1726c13fede8573ff3724be606a003eda749d5f8f7fccc01c31bd"},
    {"int4", "model.safetensors",
     "0e18fa5bfb684a6f46b3066321591dc58c5f2d9e56da283881d2b69e6d079326"},
    {"int8", "model.safetensors",
     "214d2d9fce577698d140cf665144bbbeada974ad5963e1047cf1124c44603e1b"},
    {"nvfp4", "model.safetensors",
     "7cbe424e9b8b20a01a259fe5d3fcc96d138b02a4caf77a8aabf70d8ceb78b9a1"},
    {"mlx-4bit", "model.safetensors",
     "524955ca63c1e69d59705de9ab872334753fbe30fc14e8e842ac014508bc62ce"},
    {"npz", "weights.npz",
     "8537c053baa81571a0bf0de31b1b73a77138a590e1a2450e4a222863b7ddc671"},
    {"tar", "model.tar",
     "c4eeb853419118a1c3354d3b6f9c870654f435b045594957b891c94786a06ed1"},
    {"tar-gz", "model.tar.gz",
     "5dba94d93d223edfdc1ac13251d254ce9a05326ee16f0afa47999265662fe010"},
    {"zip", "model.zip",
     "134bbe8b4b29768eec5d0a59659c2d2cf2ee28d82c933ca820efd52a5f30b679"},
};

static const struct golden transforms[] = {
    {"gemma-norm", "subject/model-F16.gguf",
     "74ed49be80a436a8230876ecad39700856c6eb3377718d1241677ac3c789d374"},
    {"phi3-fused", "reference/model.safetensors",
     "a147f28c5338446450f5fd1f6d986140192471b9cc59acfdbe5d64eaf813539f"},
    {"phi3-split", "reference/model.safetensors",
     "a147f28c5338446450f5fd1f6d986140192471b9cc59acfdbe5d64eaf813539f"},
    {"internlm2", "reference/model.safetensors",
     "897e012c55c617766fc57e55055eef02e5f42f3c3f08b46b2287c1983794a8fe"},
    {"consolidated", "subject/consolidated.safetensors",
     "6ad4e6deeb92f6124efff567d8ef300ebf43f5c950b7ae1f80fcd74c9078500f"},
    {"consolidated-gguf", "subject/model-Q8_0.gguf",
     "a3564ece4b80ebbdb1e48076ac1ed327356a2be29db4d13b8645948c6bf526e2"},
    {"qwen2vl-mmproj", "subject/mmproj-model-f16.gguf",
     "e6eff8922b98af6080a2be36b6244d7e4f3ecf303b25165d7fcce4887095c53d"},
    {"qwen2vl-legacy", "subject/mmproj-model-f16.gguf",
     "de99d610dd4fce1220495891d75fe390b0b69aabcdd16023165bc3855bc9bf4c"},
    {"clip-mmproj", "subject/mmproj-model-f16.gguf",
     "592e845bffc751c56763ff3913be59910de9a64e2cb7109a9469fba692d12c76"},
    {"clip-legacy", "subject/mmproj-model-f16.gguf",
     "ef892d93f97dde673bb8217ccf29c6f13a59128f8a3cb353f4b64a33391aef7d"},
    {"moe-stacked", "reference/model.safetensors",
     "ca4fd71050338042fe4c88afddbd9b2e6506720a2f228a1be2814bec87370d1e"},
    {"moe-fused", "subject/model.safetensors",
     "57429026974964c1d7daba6ca94be54601fb376779c49c5745fa20ea198c589c"},
    {"gpt-oss-blocks", "subject/model.safetensors",
     "93ac48424a9f8fc287cf2654dba30d5736ee29d8c17ec2341b43ef63b2bc9e6f"},
    {"gpt-oss-gguf", "subject/model-MXFP4_MOE.gguf",
     "4efb9f14fe2b2ccd56fac3d673df886e257b92f6ba5c6579b8cf4969dbf5256d"},
    {"gpt2-conv1d", "subject/model-F16.gguf",
     "b4b8348008471a0dda16a29211fb5dde8b6cb7ff83f88c23f85e0326095d103d"},
    {"neox-qkv", "subject/model-F16.gguf",
     "dea3950f38170d3a23d0567cd535aa040c60be8ae02e9a95672316a447b3bf79"},
};
/* clang-format on */

static int make_all(void **state)
{
    (void)state;
    const char *const parent = getenv("TMPDIR");
    snprintf(scratch, sizeof scratch, "%s/sovaudit-formats-XXXXXX",
             parent == NULL || parent[0] == '\0' ? "/tmp" : parent);
    if (mkdtemp(scratch) == NULL) {
        return -1;
    }
    snprintf(made, sizeof made, "%s/formats", scratch);
    snprintf(transformed, sizeof transformed, "%s/transforms", scratch);
    return sva_fixture_make_formats(1, 2, false, made) == 0 &&
                   sva_fixture_make_transforms(1, 2, transformed) == 0
               ? 0
               : -1;
}

static int remove_all(void **state)
{
    (void)state;
    return sva_fixture_remove(made) == 0 && sva_fixture_remove(transformed) == 0
               ? sva_fixture_remove(scratch)
               : -1;
}

static uint8_t *read_made(const char *directory, const char *name, const char *file, size_t *size)
{
    char path[700];
    uint8_t *bytes = NULL;
    struct sva_error error = {0};
    snprintf(path, sizeof path, "%s/%s/%s", directory, name, file);
    if (sva_read_file(path, 1u << 28, &bytes, size, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
    return bytes;
}

static size_t wrong_digests(const char *directory, const struct golden *golden, size_t count)
{
    size_t wrong = 0;
    for (size_t i = 0; i < count; ++i) {
        size_t size = 0;
        uint8_t digest[32];
        char hex[65];
        uint8_t *const bytes = read_made(directory, golden[i].name, golden[i].file, &size);
        assert_true(sva_sha256(bytes, size, digest));
        sva_hex(digest, sizeof digest, hex);
        sva_free(bytes);
        if (strcmp(hex, golden[i].sha256) != 0) {
            print_error("%s/%s is %s\n", golden[i].name, golden[i].file, hex);
            ++wrong;
        }
    }
    return wrong;
}

/* All but tar.zst, whose bytes are those of the zstd that is installed. */
static void every_format_has_the_bytes_of_every_other_machine(void **state)
{
    (void)state;
    const size_t count = sizeof formats / sizeof formats[0];
    assert_int_equal(count + 1, sva_fixture_format_count());
    assert_int_equal(wrong_digests(made, formats, count), 0);
}

static void every_transform_has_the_bytes_of_every_other_machine(void **state)
{
    (void)state;
    size_t count = 0;
    sva_fixture_transforms(&count);
    assert_int_equal(count, sizeof transforms / sizeof transforms[0]);
    assert_int_equal(wrong_digests(transformed, transforms, count), 0);
}

/* Values with a few large ones, as weights have. */
static float *sample(void)
{
    struct sva_rng rng;
    float *const values = sva_calloc(SAMPLE, sizeof *values);
    assert_non_null(values);
    sva_rng_init(&rng, 3, "sample");
    sva_rng_normals(&rng, values, SAMPLE, 0.02);
    for (size_t i = 0; i < SAMPLE; ++i) {
        values[i] = sva_stored_round(SVA_STORED_BF16, values[i]);
    }
    return values;
}

static void decode(enum sva_ggml type, const uint8_t *bytes, float *out)
{
    enum sva_dtype dtype;
    assert_true(sva_dtype_of_ggml(type, &dtype));
    if (sva_dtype_is_block(dtype)) {
        sva_dequantise(dtype, bytes, SAMPLE / sva_dtype_get(dtype)->block_elements, out);
    } else {
        sva_decode_f32(dtype, bytes, 0, SAMPLE, out);
    }
}

/* Measured on normal values with the reference quantisers; IQ2_XXS with uniform importance. */
static const struct {
    enum sva_ggml type;
    double floor;
} floors[] = {
    {SVA_GGML_F32, 0},          {SVA_GGML_F16, 0.00021},     {SVA_GGML_BF16, 0.00166},
    {SVA_GGML_Q8_0, 0.00536},   {SVA_GGML_Q6_K, 0.01776},    {SVA_GGML_Q5_K, 0.03612},
    {SVA_GGML_Q5_1, 0.03781},   {SVA_GGML_Q5_0, 0.04270},    {SVA_GGML_Q4_K, 0.07140},
    {SVA_GGML_Q4_1, 0.07834},   {SVA_GGML_Q4_0, 0.08589},    {SVA_GGML_IQ4_NL, 0.07613},
    {SVA_GGML_IQ4_XS, 0.07674}, {SVA_GGML_MXFP4, 0.11409},   {SVA_GGML_Q3_K, 0.15064},
    {SVA_GGML_Q2_K, 0.29651},   {SVA_GGML_IQ2_XXS, 0.34380},
};

static void block_types_come_back_within_a_tenth_of_the_noise_floor(void **state)
{
    (void)state;
    size_t count = 0;
    float *const values = sample();
    float *const decoded = sva_calloc(SAMPLE, sizeof *decoded);
    uint8_t *const bytes = sva_calloc(SAMPLE, 4);
    sva_block_formats(&count);
    assert_int_equal(count, sizeof floors / sizeof floors[0]);
    for (size_t i = 0; i < count; ++i) {
        double error = 0;
        double size = 0;
        sva_block_quantise(floors[i].type, values, SAMPLE, bytes);
        decode(floors[i].type, bytes, decoded);
        for (size_t k = 0; k < SAMPLE; ++k) {
            const double difference = (double)decoded[k] - (double)values[k];
            error += difference * difference;
            size += (double)values[k] * (double)values[k];
        }
        if (!(sqrt(error / size) <= 1.1 * floors[i].floor)) {
            fail_msg("%s: error %.5f", sva_block_format(floors[i].type)->name, sqrt(error / size));
        }
    }
    sva_free(values);
    sva_free(decoded);
    sva_free(bytes);
}

static void exact_quantisers_agree_with_those_of_the_library(void **state)
{
    (void)state;
    static const enum sva_ggml types[] = {SVA_GGML_Q8_0, SVA_GGML_Q4_0, SVA_GGML_Q4_1,
                                          SVA_GGML_Q5_0, SVA_GGML_Q5_1, SVA_GGML_MXFP4,
                                          SVA_GGML_BF16, SVA_GGML_F16};
    float *const values = sample();
    uint8_t *const own = sva_calloc(SAMPLE, 2);
    uint8_t *const other = sva_calloc(SAMPLE, 2);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; ++i) {
        enum sva_dtype dtype;
        assert_true(sva_dtype_of_ggml(types[i], &dtype));
        sva_block_quantise(types[i], values, SAMPLE, own);
        sva_quantise(dtype, values, SAMPLE, other);
        assert_memory_equal(own, other, (size_t)sva_block_bytes(types[i], SAMPLE));
    }
    sva_free(values);
    sva_free(own);
    sva_free(other);
}

static void zeros_and_single_values_survive_every_block_type(void **state)
{
    (void)state;
    size_t count = 0;
    const struct sva_block_format *const all = sva_block_formats(&count);
    float *const values = sva_calloc(SAMPLE, sizeof *values);
    float *const decoded = sva_calloc(SAMPLE, sizeof *decoded);
    uint8_t *const bytes = sva_calloc(SAMPLE, 4);
    values[300] = 1; /* the first block of 256 is all zeros */
    for (size_t i = 0; i < count; ++i) {
        sva_block_quantise(all[i].type, values, SAMPLE, bytes);
        decode(all[i].type, bytes, decoded);
        for (size_t k = 0; k < 256; ++k) {
            assert_true(decoded[k] == 0);
        }
        assert_true(fabsf(decoded[300] - 1) < 0.6f); /* IQ2_XXS has no level near zero */
    }
    sva_free(values);
    sva_free(decoded);
    sva_free(bytes);
}

static void rows_that_are_no_whole_blocks_fall_back_as_the_reference_does(void **state)
{
    (void)state;
    static const struct {
        enum sva_ggml wanted;
        uint64_t columns;
        enum sva_ggml given;
    } cases[] = {
        {SVA_GGML_Q4_K, 768, SVA_GGML_Q4_K},      {SVA_GGML_Q4_K, 704, SVA_GGML_Q5_0},
        {SVA_GGML_Q5_K, 704, SVA_GGML_Q5_1},      {SVA_GGML_Q6_K, 704, SVA_GGML_Q8_0},
        {SVA_GGML_Q2_K, 704, SVA_GGML_Q4_0},      {SVA_GGML_Q3_K, 704, SVA_GGML_Q4_0},
        {SVA_GGML_IQ2_XXS, 704, SVA_GGML_IQ4_NL}, {SVA_GGML_IQ4_XS, 704, SVA_GGML_IQ4_NL},
        {SVA_GGML_Q4_K, 688, SVA_GGML_F16},       {SVA_GGML_IQ2_XXS, 688, SVA_GGML_F16},
        {SVA_GGML_BF16, 7, SVA_GGML_BF16},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        assert_int_equal(sva_block_type_for(cases[i].wanted, cases[i].columns), cases[i].given);
    }
}

static uint64_t little(const uint8_t *bytes, unsigned count)
{
    uint64_t value = 0;
    for (unsigned i = count; i-- > 0;) {
        value = value << 8 | bytes[i];
    }
    return value;
}

static void gguf_files_begin_with_magic_version_and_counts(void **state)
{
    (void)state;
    static const struct {
        const char *format, *file;
        uint8_t begin[16];
    } cases[] = {
        {"gguf-q8_0", "model-Q8_0.gguf", {'G', 'G', 'U', 'F', 3, 0, 0, 0, 39, 0, 0, 0, 0, 0, 0, 0}},
        {"gguf-v2", "model-Q8_0.gguf", {'G', 'G', 'U', 'F', 2, 0, 0, 0, 39, 0, 0, 0, 0, 0, 0, 0}},
        {"gguf-v1", "model-Q4_0.gguf", {'G', 'G', 'U', 'F', 1, 0, 0, 0, 39, 0, 0, 0, 26, 0, 0, 0}},
        {"gguf-big-endian",
         "model-Q4_K_M.gguf",
         {'G', 'G', 'U', 'F', 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 39}},
        {"gguf-split",
         "model-Q8_0-00003-of-00003.gguf",
         {'G', 'G', 'U', 'F', 3, 0, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        size_t size = 0;
        uint8_t *const bytes = read_made(made, cases[i].format, cases[i].file, &size);
        assert_true(size > 1000000 && size % SVA_MADE_GGUF_ALIGNMENT == 0);
        assert_memory_equal(bytes, cases[i].begin, sizeof cases[i].begin);
        sva_free(bytes);
    }
}

/* Storages begin at multiples of 64, and the directory at the end knows every entry. */
static void torch_storages_are_aligned(void **state)
{
    (void)state;
    size_t size = 0;
    size_t storages = 0;
    uint8_t *const bytes = read_made(made, "torch", "pytorch_model.bin", &size);
    const uint8_t *const end = bytes + size - 22;
    assert_int_equal(little(end, 4), 0x06054b50);
    const uint8_t *entry = bytes + little(end + 16, 4);
    for (uint64_t i = 0; i < little(end + 10, 2); ++i) {
        const uint64_t name = little(entry + 28, 2);
        const uint8_t *const local = bytes + little(entry + 42, 4);
        const uint64_t data =
            (uint64_t)(local - bytes) + 30 + little(local + 26, 2) + little(local + 28, 2);
        assert_int_equal(little(entry, 4), 0x02014b50);
        assert_int_equal(little(local, 4), 0x04034b50);
        assert_int_equal(data % 64, 0);
        assert_int_equal(little(entry + 16, 4),
                         sva_crc32(bytes + data, (size_t)little(entry + 24, 4)));
        storages += memcmp(entry + 46, "pytorch_model/data/", 19) == 0 ? 1 : 0;
        entry += 46 + name;
    }
    assert_ptr_equal(entry, end);
    assert_int_equal(storages, 39);
    sva_free(bytes);
}

static void crc_is_that_of_zip(void **state)
{
    (void)state;
    assert_int_equal(sva_crc32("123456789", 9), 0xcbf43926);
    assert_int_equal(sva_crc32("", 0), 0);
}

static void tar_headers_carry_their_checksum(void **state)
{
    (void)state;
    struct sva_bytes tar = {0};
    unsigned sum = 0;
    sva_tar_add(&tar, "folder/name", "hello", 5);
    assert_int_equal(tar.size, 1024);
    assert_string_equal((const char *)tar.data + 257, "ustar");
    assert_string_equal((const char *)tar.data + 124, "00000000005");
    for (size_t i = 0; i < 512; ++i) {
        sum += i >= 148 && i < 156 ? ' ' : tar.data[i];
    }
    assert_int_equal(strtoul((const char *)tar.data + 148, NULL, 8), sum);
    sva_bytes_done(&tar);
}

static const struct sva_raw_tensor *part_named(const struct sva_raw_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; ++i) {
        if (strcmp(list->tensors[i].name, name) == 0) {
            return &list->tensors[i];
        }
    }
    fail_msg("there is no %s", name);
    return NULL;
}

/* Every group has 128 inputs, and they are no longer in a row. */
static void ordered_gptq_spreads_its_groups(void **state)
{
    (void)state;
    const struct sva_fixture_shape shape = sva_fixture_shape_formats();
    struct sva_network *const network = sva_training_model(&shape, 0, 1, 2);
    const struct sva_network_tensor *const matrix =
        sva_network_find(network, "model.layers.0.self_attn.k_proj.weight");
    struct sva_raw_list list = {0};
    size_t members[2] = {0};
    size_t changes = 0;
    sva_pack_gptq_ordered(&list, "k", matrix);
    const struct sva_raw_tensor *const order = part_named(&list, "k.g_idx");
    for (size_t i = 0; i < 256; ++i) {
        const uint64_t group = little(order->bytes + 4 * i, 4);
        assert_true(group < 2);
        ++members[group];
        changes += i > 0 && group != little(order->bytes + 4 * i - 4, 4) ? 1 : 0;
    }
    assert_int_equal(members[0], 128);
    assert_int_equal(members[1], 128);
    assert_true(changes > 50);
    assert_int_equal(part_named(&list, "k.qweight")->shape[0], 32);
    assert_int_equal(part_named(&list, "k.qzeros")->bytes[0], 0x77);
    sva_raw_done(&list);
    sva_network_free(network);
}

/* Steps of E2M1: a half up to 2, one up to 4, two up to 6, where it ends. */
static void packed_rows_of_mxfp4_stay_within_half_a_step(void **state)
{
    (void)state;
    static const double levels[8] = {0, 0.5, 1, 1.5, 2, 3, 4, 6};
    float *const values = sample();
    uint8_t scales[8];
    uint8_t codes[128];
    sva_pack_mxfp4_row(values, 256, scales, codes);
    for (size_t i = 0; i < 256; ++i) {
        const unsigned code = ((unsigned)codes[i / 2] >> (4 * (i % 2))) & 15u;
        const double unit = ldexp(1, (int)scales[i / 32] - 127);
        const double value = ((code & 8u) != 0 ? -1 : 1) * levels[code & 7u] * unit;
        const double size = fabs((double)values[i]) / unit;
        const double step = size > 4 ? 2 : (size > 2 ? 1 : 0.5);
        assert_true(size < 8);
        assert_true(size >= 6 || fabs(value - (double)values[i]) <= step / 2 * unit);
    }
    sva_free(values);
}

static void formats_are_found_by_name(void **state)
{
    (void)state;
    size_t core = 0;
    for (size_t i = 0; i < sva_fixture_format_count(); ++i) {
        assert_string_equal(sva_model_format_find(sva_fixture_format_name(i))->name,
                            sva_fixture_format_name(i));
        core += sva_fixture_format_is_core(i) ? 1 : 0;
    }
    assert_int_equal(core, 16);
    assert_null(sva_model_format_find("nothing"));
    assert_int_equal(sva_fixture_make_format(1, 2, "nothing", scratch), -1);
    assert_int_equal(sva_fixture_make_transform(1, 2, "nothing", scratch), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_has_the_bytes_of_every_other_machine),
        cmocka_unit_test(every_transform_has_the_bytes_of_every_other_machine),
        cmocka_unit_test(block_types_come_back_within_a_tenth_of_the_noise_floor),
        cmocka_unit_test(exact_quantisers_agree_with_those_of_the_library),
        cmocka_unit_test(zeros_and_single_values_survive_every_block_type),
        cmocka_unit_test(rows_that_are_no_whole_blocks_fall_back_as_the_reference_does),
        cmocka_unit_test(gguf_files_begin_with_magic_version_and_counts),
        cmocka_unit_test(torch_storages_are_aligned),
        cmocka_unit_test(crc_is_that_of_zip),
        cmocka_unit_test(tar_headers_carry_their_checksum),
        cmocka_unit_test(ordered_gptq_spreads_its_groups),
        cmocka_unit_test(packed_rows_of_mxfp4_stay_within_half_a_step),
        cmocka_unit_test(formats_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, make_all, remove_all);
}
