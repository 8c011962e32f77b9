/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint/code_block.h"

#include <string.h>

#include "fingerprint/print_blocks.h"

enum { MARK_BYTES = 14, PATH_BYTES_MOST = 4096 };

/* ---- encoding ---- */

static void put_marks(const struct sva_code_marks *marks, struct sva_bytes *out)
{
    sva_put_u32(out, marks->population);
    for (uint32_t i = 0; i < marks->count && i < SVA_CODE_SAMPLE; i++) {
        const struct sva_code_mark *const mark = &marks->marks[i];
        const uint32_t more = mark->last_line - mark->first_line;
        sva_put_u64(out, mark->key);
        sva_put_u32(out, mark->first_line);
        sva_put_u16(out, (uint16_t)(more < SVA_CODE_SPAN_MOST ? more : SVA_CODE_SPAN_MOST));
    }
}

void sva_code_encode(const struct sva_code *code, struct sva_bytes *out)
{
    const uint8_t count = (uint8_t)code->file_count;
    sva_bytes_append(out, &count, 1);
    for (uint32_t f = 0; f < code->file_count; f++) {
        const struct sva_code_file *const file = &code->files[f];
        const size_t length = strlen(file->path);
        const size_t kept = length < PATH_BYTES_MOST ? length : PATH_BYTES_MOST;
        sva_put_u16(out, (uint16_t)kept);
        sva_bytes_append(out, file->path, kept);
        sva_put_u32(out, file->line_count);
        sva_put_u32(out, file->token_count);
        for (int r = 0; r < SVA_CODE_READINGS; r++) {
            put_marks(&file->readings[r], out);
        }
    }
}

/* ---- decoding ---- */

struct reader {
    struct sva_cursor *in;
    struct sva_arena *arena;
    bool exhausted;
};

/** Zeroed, or NULL with the cursor failed. */
static void *make(struct reader *reader, size_t count, size_t size)
{
    void *const block = sva_arena_alloc(reader->arena, count, size);
    if (block == NULL) {
        reader->exhausted = true;
        reader->in->failed = true;
    }
    return block;
}

static const char *get_path(struct reader *reader)
{
    const size_t length = sva_cursor_u16le(reader->in);
    const uint8_t *const bytes = sva_cursor_take(reader->in, length);
    if (bytes == NULL || length == 0 || length > PATH_BYTES_MOST ||
        memchr(bytes, '\0', length) != NULL) {
        reader->in->failed = true;
        return "";
    }
    char *const path = make(reader, length + 1, 1);
    if (path == NULL) {
        return "";
    }
    memcpy(path, bytes, length);
    return path;
}

static void get_marks(struct reader *reader, struct sva_code_marks *out)
{
    struct sva_cursor *const in = reader->in;
    const uint32_t population = sva_cursor_u32le(in);
    const uint32_t count = population < SVA_CODE_SAMPLE ? population : SVA_CODE_SAMPLE;
    if (in->failed || count > sva_cursor_left(in) / MARK_BYTES) {
        in->failed = true;
        return;
    }
    struct sva_code_mark *const marks = make(reader, (size_t)count + 1, sizeof *marks);
    for (uint32_t i = 0; i < count && !in->failed; i++) {
        marks[i].key = sva_cursor_u64le(in);
        marks[i].first_line = sva_cursor_u32le(in);
        const uint32_t more = sva_cursor_u16le(in);
        marks[i].last_line = marks[i].first_line + more;
        in->failed =
            in->failed || marks[i].last_line < more || (i > 0 && marks[i].key <= marks[i - 1].key);
    }
    *out = (struct sva_code_marks){population, in->failed ? 0 : count, marks};
}

const struct sva_code *sva_code_decode(struct sva_cursor *in, struct sva_arena *arena,
                                       bool *exhausted)
{
    struct reader reader = {.in = in, .arena = arena};
    const uint32_t count = sva_cursor_u8(in);
    in->failed = in->failed || count == 0 || count > SVA_CODE_FILES;
    struct sva_code *const out = in->failed ? NULL : make(&reader, 1, sizeof *out);
    struct sva_code_file *const files = in->failed ? NULL : make(&reader, count, sizeof *files);
    for (uint32_t f = 0; f < count && !in->failed; f++) {
        files[f].path = get_path(&reader);
        files[f].line_count = sva_cursor_u32le(in);
        files[f].token_count = sva_cursor_u32le(in);
        for (int r = 0; r < SVA_CODE_READINGS; r++) {
            get_marks(&reader, &files[f].readings[r]);
        }
    }
    *exhausted = reader.exhausted;
    if (in->failed || out == NULL) {
        return NULL;
    }
    out->file_count = count;
    out->files = files;
    return out;
}

const struct sva_code *sva_code_copy(const struct sva_code *code, struct sva_arena *arena)
{
    struct sva_bytes bytes = {0};
    const struct sva_code *copy = NULL;
    bool exhausted = false;
    sva_code_encode(code, &bytes);
    if (!bytes.failed) {
        struct sva_cursor in = {{bytes.data, bytes.size}, 0, false};
        copy = sva_code_decode(&in, arena, &exhausted);
    }
    sva_bytes_done(&bytes);
    return copy;
}
