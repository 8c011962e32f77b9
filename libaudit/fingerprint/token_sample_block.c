/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint/token_sample_block.h"

#include <string.h>

#include "base/text.h"
#include "fingerprint/print_blocks.h"

enum { KIND_BYTES_MOST = 63 };

static void put_short_text(struct sva_bytes *out, const char *text)
{
    const size_t length = strlen(text);
    const uint8_t coded = (uint8_t)length; /* every text here is below 256 bytes */
    sva_bytes_append(out, &coded, 1);
    sva_bytes_append(out, text, length);
}

static void put_numbers(struct sva_bytes *out, const uint32_t *numbers, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        sva_put_u32(out, numbers[i]);
    }
}

void sva_token_sample_encode(const struct sva_token_sample *sample, struct sva_bytes *out)
{
    const uint8_t order = (uint8_t)sample->order;
    sva_bytes_append(out, &order, 1);
    put_short_text(out, sample->kind);
    sva_put_u32(out, sample->token_count);
    sva_put_u32(out, sample->population);
    sva_put_u32(out, sample->byte_count);
    sva_put_u32(out, sample->special_count);
    sva_put_u32(out, sample->merge_count);
    sva_bytes_append(out, sample->digest, sizeof sample->digest);
    sva_bytes_append(out, sample->merges_digest, sizeof sample->merges_digest);
    sva_put_u32(out, sample->sampled);
    for (uint32_t i = 0; i < sample->sampled; i++) {
        sva_put_u64(out, sample->keys[i]);
    }
    put_numbers(out, sample->ids, sample->sampled);
    put_numbers(out, sample->ranks, sample->sampled);
    sva_put_u32(out, sample->first_count);
    put_numbers(out, sample->first, sample->first_count);
    sva_put_u32(out, sample->special_listed);
    for (uint32_t i = 0; i < sample->special_listed; i++) {
        sva_put_u64(out, sample->specials[i].key);
        sva_put_u32(out, sample->specials[i].id);
        put_short_text(out, sample->specials[i].text);
    }
}

/* ---- decoding ---- */

struct reader {
    struct sva_cursor *in;
    struct sva_arena *arena;
    bool exhausted;
};

static void check_memory(struct reader *reader, const void *block)
{
    if (block == NULL) {
        reader->exhausted = true;
        reader->in->failed = true;
    }
}

/** Valid UTF-8 without NUL of at most `most` bytes. Never NULL. */
static const char *get_short_text(struct reader *reader, size_t most)
{
    const size_t length = sva_cursor_u8(reader->in);
    const uint8_t *const bytes = sva_cursor_take(reader->in, length);
    if (bytes == NULL || length > most || memchr(bytes, '\0', length) != NULL ||
        sva_utf8_valid_prefix(bytes, length) != length) {
        reader->in->failed = true;
        return "";
    }
    const char *const text = sva_arena_strndup(reader->arena, (const char *)bytes, length);
    check_memory(reader, text);
    return text == NULL ? "" : text;
}

/** A count of at most `most` entries of `entry_bytes` each, which the rest of the block holds. */
static uint32_t get_count(struct reader *reader, uint32_t most, size_t entry_bytes)
{
    const uint32_t count = sva_cursor_u32le(reader->in);
    if (count > most || count > sva_cursor_left(reader->in) / entry_bytes) {
        reader->in->failed = true;
        return 0;
    }
    return count;
}

static const uint32_t *get_numbers(struct reader *reader, uint32_t count)
{
    uint32_t *const numbers = sva_arena_alloc(reader->arena, (size_t)count + 1, sizeof *numbers);
    check_memory(reader, numbers);
    for (uint32_t i = 0; i < count && !reader->in->failed; i++) {
        numbers[i] = sva_cursor_u32le(reader->in);
    }
    return numbers;
}

static void get_digest(struct sva_cursor *in, uint8_t digest[SVA_TOKEN_DIGEST_BYTES])
{
    const uint8_t *const bytes = sva_cursor_take(in, SVA_TOKEN_DIGEST_BYTES);
    if (bytes != NULL) {
        memcpy(digest, bytes, SVA_TOKEN_DIGEST_BYTES);
    }
}

static void get_sample(struct reader *reader, struct sva_token_sample *out)
{
    struct sva_cursor *const in = reader->in;
    out->sampled = get_count(reader, SVA_TOKEN_SAMPLE, 16);
    in->failed =
        in->failed ||
        out->sampled != (out->population < SVA_TOKEN_SAMPLE ? out->population : SVA_TOKEN_SAMPLE);
    if (in->failed) {
        return;
    }
    uint64_t *const keys = sva_arena_alloc(reader->arena, (size_t)out->sampled + 1, sizeof *keys);
    check_memory(reader, keys);
    for (uint32_t i = 0; i < out->sampled && !in->failed; i++) {
        keys[i] = sva_cursor_u64le(in);
        in->failed = in->failed || (i > 0 && keys[i] <= keys[i - 1]);
    }
    out->keys = keys;
    out->ids = get_numbers(reader, out->sampled);
    out->ranks = get_numbers(reader, out->sampled);
}

static void get_specials(struct reader *reader, struct sva_token_sample *out)
{
    struct sva_cursor *const in = reader->in;
    out->special_listed = get_count(reader, SVA_TOKEN_SPECIALS, 13);
    in->failed = in->failed || out->special_listed > out->special_count;
    if (in->failed) {
        return;
    }
    struct sva_special_token *const specials =
        sva_arena_alloc(reader->arena, (size_t)out->special_listed + 1, sizeof *specials);
    check_memory(reader, specials);
    for (uint32_t i = 0; i < out->special_listed && !in->failed; i++) {
        specials[i].key = sva_cursor_u64le(in);
        specials[i].id = sva_cursor_u32le(in);
        specials[i].text = get_short_text(reader, SVA_TOKEN_SPECIAL_BYTES);
    }
    out->specials = specials;
}

const struct sva_token_sample *sva_token_sample_decode(struct sva_cursor *in,
                                                       struct sva_arena *arena, bool *exhausted)
{
    struct reader reader = {.in = in, .arena = arena};
    struct sva_token_sample *const out = sva_arena_alloc(arena, 1, sizeof *out);
    check_memory(&reader, out);
    if (out != NULL) {
        const uint8_t order = sva_cursor_u8(in);
        in->failed = in->failed || order >= SVA_TOKEN_ORDER_COUNT;
        out->order = (enum sva_token_order)order;
        out->kind = get_short_text(&reader, KIND_BYTES_MOST);
        out->token_count = sva_cursor_u32le(in);
        out->population = sva_cursor_u32le(in);
        out->byte_count = sva_cursor_u32le(in);
        out->special_count = sva_cursor_u32le(in);
        out->merge_count = sva_cursor_u32le(in);
        get_digest(in, out->digest);
        get_digest(in, out->merges_digest);
        get_sample(&reader, out);
        out->first_count = get_count(&reader, SVA_TOKEN_FIRST, 4);
        out->first = get_numbers(&reader, out->first_count);
        get_specials(&reader, out);
    }
    *exhausted = reader.exhausted;
    return in->failed ? NULL : out;
}

const struct sva_token_sample *sva_token_sample_copy(const struct sva_token_sample *sample,
                                                     struct sva_arena *arena)
{
    struct sva_bytes bytes = {0};
    const struct sva_token_sample *copy = NULL;
    bool exhausted = false;
    sva_token_sample_encode(sample, &bytes);
    if (!bytes.failed) {
        struct sva_cursor in = {{bytes.data, bytes.size}, 0, false};
        copy = sva_token_sample_decode(&in, arena, &exhausted);
    }
    sva_bytes_done(&bytes);
    return copy;
}
