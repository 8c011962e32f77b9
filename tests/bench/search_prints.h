/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Prints of models that nobody trained, made at the level of sketches: shapes, roles and sizes of
 * real families, features that are noise. A print of a 7B decoder takes a twentieth of a second
 * instead of a model of 15 GB, and a comparison cannot tell the difference in its cost.
 *
 * Relatives agree in everything that a print holds: features, gains, directions and samples are
 * `agreement` parts the parent's and the rest noise. Header only, for bench programs.
 */
#ifndef SVA_BENCH_SEARCH_PRINTS_H
#define SVA_BENCH_SEARCH_PRINTS_H

#include "bench_support.h"

#include "base/hash.h"
#include "fingerprint/gram.h"
#include "fingerprint/print_internal.h"
#include "fingerprint/sketch.h"
#include "kernel/random.h"

enum search_kind { SEARCH_DECODER, SEARCH_ENCODER, SEARCH_VISION, SEARCH_CNN };

/** A family of models, and its share of a store in thousandths. */
struct search_family {
    const char *name;
    enum search_kind kind;
    uint32_t share;
    uint64_t width, hidden, key_width, vocabulary;
    int32_t layers;
    uint32_t heads; /**< of queries; those of keys are as wide */
};

/** Weighted roughly as public collections are: many small models, a fifth of width 4096. */
static const struct search_family search_families[] = {
    {"cnn-18", SEARCH_CNN, 80, 64, 0, 0, 1000, 2, 0},
    {"cnn-50", SEARCH_CNN, 70, 64, 0, 0, 1000, 4, 0},
    {"cnn-wide", SEARCH_CNN, 30, 96, 0, 0, 1000, 3, 0},
    {"bert-base", SEARCH_ENCODER, 110, 768, 3072, 768, 30522, 12, 12},
    {"bert-large", SEARCH_ENCODER, 50, 1024, 4096, 1024, 30522, 24, 16},
    {"minilm", SEARCH_ENCODER, 60, 384, 1536, 384, 30522, 12, 12},
    {"vit-base", SEARCH_VISION, 70, 768, 3072, 768, 0, 12, 12},
    {"vit-large", SEARCH_VISION, 40, 1024, 4096, 1024, 0, 24, 16},
    {"135m", SEARCH_DECODER, 60, 576, 1536, 192, 49152, 30, 9},
    {"500m", SEARCH_DECODER, 70, 896, 4864, 128, 151936, 24, 14},
    {"1b", SEARCH_DECODER, 80, 2048, 8192, 512, 128256, 16, 32},
    {"1.5b", SEARCH_DECODER, 50, 1536, 8960, 256, 151936, 28, 12},
    {"3b", SEARCH_DECODER, 40, 3072, 8192, 1024, 128256, 28, 24},
    {"7b-3584", SEARCH_DECODER, 40, 3584, 18944, 512, 152064, 28, 28},
    {"7b", SEARCH_DECODER, 60, 4096, 11008, 4096, 32000, 32, 32},
    {"8b", SEARCH_DECODER, 60, 4096, 14336, 1024, 128256, 32, 32},
    {"13b", SEARCH_DECODER, 30, 5120, 13824, 5120, 32000, 40, 40},
};

enum { SEARCH_FAMILIES = sizeof search_families / sizeof *search_families };

/** How a print came about. */
struct search_recipe {
    const struct search_family *family;
    uint64_t seed;
    uint64_t parent;  /**< seed of the model that it derives from; ignored at agreement 0 */
    double agreement; /**< 0: independent, 1: the parent's very values */
    bool renamed;     /**< tensors carry names of the recipe's own */
    /** The stream was turned and the neurons renumbered: only what the neurons with the longest rows
     *  say to one another and to landmarks is still the parent's. */
    bool disguised;
};

/** One stream, or a parent's and one's own mixed; hashes come from a stream of their own. */
struct search_stream {
    struct sva_random parent, own, hashes;
    double agreement;
};

struct search_maker {
    const struct search_recipe *recipe;
    struct sva_print *print;
    size_t capacity;
};

/** About normal with deviation 256, whole numbers: bits of a word counted, dithered. */
BENCH_FUNCTION double search_noise(struct sva_random *random)
{
    const uint64_t word = sva_random_u64(random);
    uint64_t pairs = word - ((word >> 1) & 0x5555555555555555u);
    pairs = (pairs & 0x3333333333333333u) + ((pairs >> 2) & 0x3333333333333333u);
    const uint64_t bytes = (pairs + (pairs >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    const int64_t count = (int64_t)((bytes * 0x0101010101010101u) >> 56);
    return (double)((count - 32) * 64 + (int64_t)(sva_random_u64(random) & 63) - 32);
}

BENCH_FUNCTION double search_value(struct search_stream *stream)
{
    if (!(stream->agreement > 0.0)) {
        return search_noise(&stream->own);
    }
    const double shared = search_noise(&stream->parent);
    return stream->agreement >= 1.0
               ? shared
               : stream->agreement * shared +
                     sqrt(1.0 - stream->agreement * stream->agreement) * search_noise(&stream->own);
}

BENCH_FUNCTION struct sva_random search_random(uint64_t model, uint64_t tensor)
{
    struct sva_random random;
    uint8_t seed[32] = {0};
    uint64_t word = sva_mix64(sva_mix64(model) ^ tensor);
    for (int i = 0; i < 32; i++) {
        word = i % 8 == 0 ? sva_mix64(word) : word >> 8;
        seed[i] = (uint8_t)word;
    }
    sva_random_seed(&random, seed);
    return random;
}

BENCH_FUNCTION void *search_need(void *block)
{
    if (block == NULL) {
        fprintf(stderr, "out of memory\n");
        exit(2);
    }
    return block;
}

BENCH_FUNCTION int16_t *search_features(struct search_stream *stream, size_t count)
{
    int16_t *values = search_need(sva_calloc(count, sizeof *values));
    for (size_t i = 0; i < count; i++) {
        const double value = floor(search_value(stream) + 0.5);
        values[i] = (int16_t)fmin(fmax(value, -SVA_FEATURE_LIMIT), SVA_FEATURE_LIMIT);
    }
    return values;
}

BENCH_FUNCTION void search_axis(struct search_stream *stream, const struct sva_print_tensor *tensor,
                                int axis, struct sva_axis_sketch *out)
{
    const uint64_t slices = tensor->n[1 - axis] * tensor->n[2];
    const uint32_t kept = sva_kept_count(tensor->n[axis], tensor->axis_kind[axis]);
    if (kept == 0) {
        return;
    }
    const uint32_t features =
        sva_feature_count(tensor->n[axis], slices < SVA_SLICES ? slices : SVA_SLICES);
    *out = (struct sva_axis_sketch){
        .length = tensor->n[axis],
        .kept = kept,
        .features = features,
        .values = search_features(stream, (size_t)kept * features),
        .directions_known = tensor->element_count <= 4000000 || tensor->layer % 4 == 0,
    };
    if (out->directions_known) {
        const size_t count = (size_t)2 * kept;
        int8_t *directions = search_need(sva_calloc(count, 1));
        for (size_t i = 0; i < count; i++) {
            const double value = floor(search_value(stream) / 8.0);
            directions[i] = (int8_t)fmin(fmax(value, -127.0), 127.0);
        }
        out->leading = 2;
        out->directions = directions;
    }
}

BENCH_FUNCTION void search_digest(struct search_stream *stream, uint8_t digest[SVA_DIGEST_BYTES])
{
    for (int i = 0; i < SVA_DIGEST_BYTES; i++) {
        digest[i] = (uint8_t)sva_random_u64(&stream->hashes);
    }
}

BENCH_FUNCTION float *search_floats(struct search_stream *stream, size_t count, double scale)
{
    float *values = search_need(sva_calloc(count, sizeof *values));
    for (size_t i = 0; i < count; i++) {
        values[i] = (float)(scale * search_value(stream) / 256.0);
    }
    return values;
}

BENCH_FUNCTION void search_samples(struct search_stream *stream, struct sva_value_samples *samples)
{
    samples->rows = SVA_SAMPLE_ROWS;
    samples->columns = SVA_SAMPLE_COLUMNS;
    samples->values =
        search_floats(stream, (size_t)SVA_SAMPLE_ROWS * SVA_SAMPLE_COLUMNS, 0.02);
}

/** Ascending and distinct; the parent's, when the values are the parent's. */
BENCH_FUNCTION void search_rows(struct search_stream *stream, struct sva_print_tensor *out)
{
    enum { ROWS = 256 };
    const uint64_t count = out->n[0] < ROWS ? out->n[0] : ROWS;
    uint64_t *hashes = search_need(sva_calloc((size_t)count, sizeof *hashes));
    for (uint64_t i = 0; i < count; i++) {
        hashes[i] = (i << 56) + (sva_random_u64(&stream->hashes) >> 8);
    }
    out->row_hashes = hashes;
    out->row_hash_count = (uint32_t)count;
}

/** Converters keep rotary rows in two orders; prints carry the second. */
BENCH_FUNCTION void search_alternative(struct search_stream *stream, struct sva_print_tensor *out)
{
    struct sva_print_alternative *other = search_need(sva_calloc(1, sizeof *other));
    other->name = "rotary halves interleaved";
    search_digest(stream, other->value_hash);
    search_axis(stream, out, 1, &other->axis);
    search_samples(stream, &other->samples);
    out->alternative = other;
}

/** Of the neurons with the longest rows: cosines with each other, and what they say to landmarks. */
BENCH_FUNCTION void search_strong(struct search_stream *stream, struct sva_print_tensor *out)
{
    int16_t *cosines = search_features(stream, SVA_STRONG_PAIRS);
    for (size_t i = 0; i < SVA_STRONG_PAIRS; i++) {
        cosines[i] = (int16_t)(2 * cosines[i]); /* of rows of some 4,000 values */
    }
    out->strong = (struct sva_strong_neurons){SVA_STRONG_NEURONS, cosines, 0, NULL};
    const size_t count = (size_t)SVA_STRONG_NEURONS * SVA_LANDMARKS_MOST;
    int16_t *values = search_features(stream, count);
    for (size_t i = 0; i < count; i++) {
        values[i] = (int16_t)(16 * values[i]);
    }
    out->barcodes = (struct sva_barcodes){SVA_STRONG_NEURONS, values};
}

/** Cosines between hidden neurons of dense layers. */
BENCH_FUNCTION void search_gram(struct search_stream *stream, struct sva_print_tensor *out)
{
    const bool hidden = out->role >= SVA_ROLE_FFN_GATE && out->role <= SVA_ROLE_FFN_DOWN;
    if (!hidden || out->n[0] == 1) {
        return;
    }
    const size_t count = (size_t)2 * sva_gram_direction_units(SVA_GRAM_BLOCKS_MOST);
    int8_t *directions = search_need(sva_calloc(count, 1));
    for (size_t i = 0; i < count; i++) {
        directions[i] = (int8_t)fmin(fmax(floor(search_value(stream) / 8.0), -127.0), 127.0);
    }
    out->gram = (struct sva_gram){
        .blocks = SVA_GRAM_BLOCKS_MOST,
        .cosines = search_features(stream, (size_t)SVA_GRAM_BLOCKS_MOST * SVA_GRAM_PAIRS),
        .leading = 2,
        .directions = directions};
}

enum { STRONG_STREAMS = 1 << 20 };

BENCH_FUNCTION void search_contents(const struct search_maker *maker, size_t index,
                                    struct sva_print_tensor *out)
{
    const struct search_recipe *recipe = maker->recipe;
    const uint64_t namer = recipe->agreement >= 1.0 ? recipe->parent : recipe->seed;
    struct search_stream stream = {search_random(recipe->parent, index),
                                   search_random(recipe->seed, index),
                                   search_random(namer, ~(uint64_t)index), recipe->agreement};
    struct search_stream strong = {search_random(recipe->parent, index + STRONG_STREAMS),
                                   search_random(recipe->seed, index + STRONG_STREAMS),
                                   stream.hashes, recipe->agreement};
    stream.agreement = recipe->disguised ? 0.0 : recipe->agreement;
    search_digest(&stream, out->value_hash);
    out->deviation = 0.02;
    out->kurtosis = 3.0;
    out->maximum = 0.1;
    out->minimum = -0.1;
    if (out->n[0] == 1) {
        out->vector_length = (uint32_t)out->n[1];
        out->vector = search_floats(&stream, out->vector_length, 0.3);
        return;
    }
    search_axis(&stream, out, 0, &out->axis[0]);
    search_axis(&stream, out, 1, &out->axis[1]);
    search_rows(&stream, out);
    search_gram(&stream, out);
    if (out->gram.blocks > 0 && out->role != SVA_ROLE_FFN_DOWN) {
        search_strong(&strong, out);
    }
    if (out->n[0] >= SVA_SAMPLE_ROWS && out->n[1] * out->n[2] >= SVA_SAMPLE_COLUMNS) {
        search_samples(&stream, &out->samples);
    }
    if (out->axis_kind[0] == SVA_AXIS_ROTARY) {
        search_alternative(&stream, out);
    }
}

/** Where a tensor stands. */
struct search_place {
    const char *name;
    enum sva_role role;
    int32_t layer;
    bool bias;
    enum sva_axis_kind axis[2];
};

BENCH_FUNCTION void search_add(struct search_maker *maker, struct search_place place, uint64_t n0,
                               uint64_t n1, uint64_t n2)
{
    struct sva_print_memory *memory = sva_print_memory_of(maker->print);
    const size_t index = maker->print->tensor_count++;
    struct sva_print_tensor *out = &memory->tensors[index];
    if (index >= maker->capacity) {
        fprintf(stderr, "more tensors than were planned\n");
        exit(2);
    }
    out->name = search_need(
        maker->recipe->renamed
            ? sva_arena_printf(&memory->arena, "own.%llu.block.%zu",
                               (unsigned long long)maker->recipe->seed, index)
            : sva_arena_printf(&memory->arena, "layers.%d.%s", (int)place.layer, place.name));
    out->role = place.role;
    out->layer = place.layer;
    out->bias = place.bias;
    out->expert = -1;
    out->dtype = SVA_DTYPE_BF16;
    out->n[0] = n0;
    out->n[1] = n1;
    out->n[2] = n2;
    out->stored_rank = n0 == 1 ? 1 : n2 == 1 ? 2 : 4;
    out->axis_kind[0] = n0 == 1 ? SVA_AXIS_UNIT : place.axis[0];
    out->axis_kind[1] = place.axis[1];
    out->element_count = n0 * n1 * n2;
    maker->print->parameter_count += out->element_count;
    search_contents(maker, index, out);
}

BENCH_FUNCTION void search_matrix(struct search_maker *maker, const char *name, enum sva_role role,
                                  int32_t layer, enum sva_axis_kind rows, enum sva_axis_kind columns,
                                  uint64_t n0, uint64_t n1)
{
    search_add(maker, (struct search_place){name, role, layer, false, {rows, columns}}, n0, n1, 1);
}

BENCH_FUNCTION void search_vector(struct search_maker *maker, const char *name, enum sva_role role,
                                  int32_t layer, bool bias, enum sva_axis_kind kind, uint64_t n)
{
    search_add(maker, (struct search_place){name, role, layer, bias, {SVA_AXIS_UNIT, kind}}, 1, n,
               1);
}

BENCH_FUNCTION void search_decoder(struct search_maker *maker)
{
    const struct search_family *f = maker->recipe->family;
    const uint64_t d = f->width;
    search_matrix(maker, "embed.weight", SVA_ROLE_EMBED_TOKENS, -1, SVA_AXIS_TOKEN,
                  SVA_AXIS_RESIDUAL, f->vocabulary, d);
    for (int32_t l = 0; l < f->layers; l++) {
        search_vector(maker, "norm1.weight", SVA_ROLE_ATTN_NORM, l, false, SVA_AXIS_RESIDUAL, d);
        search_matrix(maker, "q.weight", SVA_ROLE_ATTN_Q, l, SVA_AXIS_ROTARY, SVA_AXIS_RESIDUAL, d,
                      d);
        search_matrix(maker, "k.weight", SVA_ROLE_ATTN_K, l, SVA_AXIS_ROTARY, SVA_AXIS_RESIDUAL,
                      f->key_width, d);
        search_matrix(maker, "v.weight", SVA_ROLE_ATTN_V, l, SVA_AXIS_VALUE, SVA_AXIS_RESIDUAL,
                      f->key_width, d);
        search_matrix(maker, "o.weight", SVA_ROLE_ATTN_OUT, l, SVA_AXIS_RESIDUAL, SVA_AXIS_VALUE,
                      d, d);
        search_vector(maker, "norm2.weight", SVA_ROLE_FFN_NORM, l, false, SVA_AXIS_RESIDUAL, d);
        search_matrix(maker, "gate.weight", SVA_ROLE_FFN_GATE, l, SVA_AXIS_NEURON,
                      SVA_AXIS_RESIDUAL, f->hidden, d);
        search_matrix(maker, "up.weight", SVA_ROLE_FFN_UP, l, SVA_AXIS_NEURON, SVA_AXIS_RESIDUAL,
                      f->hidden, d);
        search_matrix(maker, "down.weight", SVA_ROLE_FFN_DOWN, l, SVA_AXIS_RESIDUAL,
                      SVA_AXIS_NEURON, d, f->hidden);
    }
    search_vector(maker, "norm.weight", SVA_ROLE_FINAL_NORM, -1, false, SVA_AXIS_RESIDUAL, d);
    search_matrix(maker, "head.weight", SVA_ROLE_OUTPUT_HEAD, -1, SVA_AXIS_TOKEN,
                  SVA_AXIS_RESIDUAL, f->vocabulary, d);
}

BENCH_FUNCTION void search_encoder(struct search_maker *maker)
{
    static const enum sva_role attention[3] = {SVA_ROLE_ATTN_Q, SVA_ROLE_ATTN_K, SVA_ROLE_ATTN_V};
    static const char *const names[3] = {"q.weight", "k.weight", "v.weight"};
    const struct search_family *f = maker->recipe->family;
    const uint64_t d = f->width;
    if (f->kind == SEARCH_ENCODER) {
        search_matrix(maker, "embed.weight", SVA_ROLE_EMBED_TOKENS, -1, SVA_AXIS_TOKEN,
                      SVA_AXIS_RESIDUAL, f->vocabulary, d);
    } else {
        search_matrix(maker, "patch.weight", SVA_ROLE_EMBED_PATCH, -1, SVA_AXIS_RESIDUAL,
                      SVA_AXIS_INPUT, d, 768);
    }
    for (int32_t l = 0; l < f->layers; l++) {
        for (int i = 0; i < 3; i++) {
            search_matrix(maker, names[i], attention[i], l,
                          i == 2 ? SVA_AXIS_VALUE : SVA_AXIS_HEAD, SVA_AXIS_RESIDUAL, d, d);
        }
        search_matrix(maker, "o.weight", SVA_ROLE_ATTN_OUT, l, SVA_AXIS_RESIDUAL, SVA_AXIS_VALUE,
                      d, d);
        search_vector(maker, "o.bias", SVA_ROLE_ATTN_OUT, l, true, SVA_AXIS_RESIDUAL, d);
        search_vector(maker, "norm1.weight", SVA_ROLE_ATTN_NORM, l, false, SVA_AXIS_RESIDUAL, d);
        search_matrix(maker, "up.weight", SVA_ROLE_FFN_UP, l, SVA_AXIS_NEURON, SVA_AXIS_RESIDUAL,
                      f->hidden, d);
        search_matrix(maker, "down.weight", SVA_ROLE_FFN_DOWN, l, SVA_AXIS_RESIDUAL,
                      SVA_AXIS_NEURON, d, f->hidden);
        search_vector(maker, "norm2.weight", SVA_ROLE_FFN_NORM, l, false, SVA_AXIS_RESIDUAL, d);
    }
    search_vector(maker, "norm.weight", SVA_ROLE_FINAL_NORM, -1, false, SVA_AXIS_RESIDUAL, d);
}

/** Four stages, each twice as wide; `layers` blocks of two convolutions in each. */
BENCH_FUNCTION void search_cnn(struct search_maker *maker)
{
    const struct search_family *f = maker->recipe->family;
    const struct search_place conv = {
        "conv.weight", SVA_ROLE_UNKNOWN, -1, false, {SVA_AXIS_UNKNOWN, SVA_AXIS_UNKNOWN}};
    uint64_t before = f->width;
    search_add(maker, conv, f->width, 3, 49);
    for (uint64_t width = f->width; width <= 8 * f->width; width *= 2) {
        for (int32_t i = 0; i < 2 * f->layers; i++) {
            search_add(maker, conv, width, before, 9);
            search_vector(maker, "bn.weight", SVA_ROLE_UNKNOWN, -1, false, SVA_AXIS_UNKNOWN, width);
            before = width;
        }
    }
    search_matrix(maker, "fc.weight", SVA_ROLE_UNKNOWN, -1, SVA_AXIS_UNKNOWN, SVA_AXIS_UNKNOWN,
                  f->vocabulary, before);
}

BENCH_FUNCTION uint32_t search_head_width(const struct search_family *family)
{
    return family->heads > 0 ? (uint32_t)family->width / family->heads : 0;
}

/** Encoders have as many as heads of queries. */
BENCH_FUNCTION uint32_t search_key_heads(const struct search_family *family)
{
    if (family->heads == 0 || family->kind != SEARCH_DECODER) {
        return family->heads;
    }
    return (uint32_t)family->key_width / search_head_width(family);
}

BENCH_FUNCTION void search_component(struct search_maker *maker)
{
    static const enum sva_component_kind kinds[4] = {
        SVA_COMPONENT_TEXT_DECODER, SVA_COMPONENT_TEXT_ENCODER, SVA_COMPONENT_VISION_ENCODER,
        SVA_COMPONENT_GENERIC};
    static const char *const names[4] = {"text-decoder", "text-encoder", "vision-encoder",
                                         "generic"};
    const struct search_family *f = maker->recipe->family;
    struct sva_print_component *component = search_need(sva_arena_alloc(
        &sva_print_memory_of(maker->print)->arena, 1, sizeof *component));
    uint64_t *keys = search_need(sva_arena_alloc(&sva_print_memory_of(maker->print)->arena,
                                                 SVA_LANDMARKS_MOST, sizeof *keys));
    for (uint64_t i = 0; i < SVA_LANDMARKS_MOST; i++) {
        keys[i] = sva_mix64(1) + (i << 32);
    }
    *component = (struct sva_print_component){.landmark_count = SVA_LANDMARKS_MOST,
                                              .landmark_keys = keys,
                                              .name = names[f->kind],
                                              .kind = kinds[f->kind],
                                              .width = f->kind == SEARCH_CNN ? 0 : f->width,
                                              .layer_count = (uint32_t)f->layers,
                                              .head_count = f->heads,
                                              .kv_head_count = search_key_heads(f),
                                              .head_width = search_head_width(f),
                                              .parameter_count = maker->print->parameter_count};
    maker->print->components = component;
    maker->print->component_count = 1;
}

BENCH_FUNCTION void search_facts(struct sva_print *print, const struct search_family *family)
{
    struct sva_fact *facts = search_need(
        sva_arena_alloc(&sva_print_memory_of(print)->arena, 2, sizeof *facts));
    facts[0] = (struct sva_fact){"config.architectures", family->name};
    facts[1] = (struct sva_fact){"config.model_type", family->name};
    print->facts = facts;
    print->fact_count = 2;
}

/** A sealed print of the recipe; ends the program when out of memory. */
BENCH_FUNCTION struct sva_print *search_print(const struct search_recipe *recipe)
{
    const size_t capacity = 16 + (size_t)recipe->family->layers * 16;
    struct search_maker maker = {recipe, search_need(sva_print_new()), capacity};
    struct sva_error error = {0};
    if (!sva_print_reserve_tensors(maker.print, capacity)) {
        search_need(NULL);
    }
    maker.print->tensor_count = 0;
    maker.print->method_version = SVA_METHOD_VERSION;
    maker.print->name = recipe->family->name;
    if (recipe->family->kind == SEARCH_DECODER) {
        search_decoder(&maker);
    } else if (recipe->family->kind == SEARCH_CNN) {
        search_cnn(&maker);
    } else {
        search_encoder(&maker);
    }
    search_component(&maker);
    search_facts(maker.print, recipe->family);
    if (sva_print_seal(maker.print, &error) != SVA_OK) {
        fprintf(stderr, "%s\n", error.text);
        exit(2);
    }
    return maker.print;
}

#endif
