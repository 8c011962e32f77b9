/* SPDX-License-Identifier: Apache-2.0 */
#include "model/shipped_code.h"

#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "model/code_calls.h"
#include "model/code_header.h"
#include "model/code_sketch.h"

enum { FINDINGS_MAX = 16, PLACE_BYTES = 192, LOCAL_BYTES = 512 };

struct reading {
    struct sva_parts *parts;
    const struct sva_scanned *file; /**< the one that is read */
    struct sva_code_file *sketches; /**< [SVA_CODE_FILES] in the arena */
    uint32_t sketch_count;
    uint64_t file_count, unread_count, bytes_read;
    uint64_t calls[2]; /**< by enum sva_fetch */
    struct sva_error problem;
};

/* ---- facts ---- */

static bool add_call(void *context, const struct sva_code_call *call)
{
    struct reading *const reading = context;
    char key[48];
    char value[PLACE_BYTES + 128];
    const uint64_t number = ++reading->calls[call->fetch];
    if (number > SVA_CODE_CALLS_LISTED) {
        return true;
    }
    snprintf(key, sizeof key, "code.%s.%02llu",
             call->fetch == SVA_FETCH_CERTAIN ? "download" : "possible_download",
             (unsigned long long)number);
    snprintf(value, sizeof value, "%s:%u: %s", sva_esc(reading->file->path).text, call->line,
             call->text);
    return sva_parts_fact(reading->parts, key, value, &reading->problem) == SVA_OK;
}

/** Does any path of the model begin with `start`, and end there when it must be `whole`? */
static bool has_path(const struct sva_parts *parts, const char *start, bool whole)
{
    const struct sva_scanned *const files = parts->scanned.items;
    size_t low = 0;
    size_t high = parts->scanned.count;
    while (low < high) { /* paths are in order: to the first that is not before it */
        const size_t middle = low + (high - low) / 2;
        if (strcmp(files[middle].path, start) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < parts->scanned.count &&
           (whole ? strcmp(files[low].path, start) == 0
                  : strncmp(files[low].path, start, strlen(start)) == 0);
}

/** A file, or a folder with files, of the model. */
static bool is_local(void *context, const char *text, size_t size)
{
    const struct reading *const reading = context;
    char path[LOCAL_BYTES];
    if (size + 2 > sizeof path || memchr(text, '\0', size) != NULL) {
        return false;
    }
    memcpy(path, text, size);
    path[size] = '\0';
    const bool file = has_path(reading->parts, path, true);
    memcpy(path + size, "/", 2);
    return file || has_path(reading->parts, path, false);
}

/** "modeling.py: Apache-2.0 (SPDX, line 3); line 1: Copyright 2024 ..." */
static enum sva_status header_fact(struct reading *reading, struct sva_span source,
                                   struct sva_error *error)
{
    struct sva_code_header header;
    struct sva_bytes text = {0};
    char key[32];
    if (reading->file_count > SVA_CODE_FILES) {
        return SVA_OK;
    }
    sva_code_header_read(source, &header);
    sva_bytes_printf(&text, "%s: ", sva_esc(reading->file->path).text);
    if (header.licence[0] != '\0') {
        sva_bytes_printf(&text, "%s (%s, line %u)", header.licence, header.basis,
                         header.licence_line);
    } else {
        sva_bytes_text(&text, "no licence stated");
    }
    for (uint32_t i = 0; i < header.copyright_count && i < SVA_HEADER_COPYRIGHTS; i++) {
        sva_bytes_printf(&text, "; line %u: %s", header.copyrights[i].line,
                         header.copyrights[i].text);
    }
    snprintf(key, sizeof key, "code.file.%02llu", (unsigned long long)reading->file_count);
    const enum sva_status status =
        text.failed ? sva_fail_memory(error, "reading programs")
                    : sva_parts_fact(reading->parts, key, (const char *)text.data, error);
    sva_bytes_done(&text);
    return status;
}

static enum sva_status not_read(struct reading *reading, const char *why, struct sva_error *error)
{
    return reading->unread_count++ >= FINDINGS_MAX
               ? SVA_OK
               : sva_parts_finding(reading->parts, error, "code-not-read", reading->file->path,
                                   "%s was not read as a program: %s.",
                                   sva_esc(reading->file->path).text, why);
}

/* ---- one file ---- */

static bool is_python(const struct sva_scanned *file)
{
    return sva_ends_with(file->base, ".py");
}

static bool is_script(const struct sva_scanned *file)
{
    return sva_ends_with(file->base, ".sh");
}

static enum sva_status read_python(struct reading *reading, struct sva_span source,
                                   struct sva_error *error)
{
    const struct sva_call_sink sink = {add_call, is_local, reading};
    struct sva_python python = {0};
    struct sva_error problem = {0};
    enum sva_status status =
        sva_python_read(source, sva_esc(reading->file->path).text, &python, &problem);
    if (status == SVA_ERR_LIMIT) {
        return not_read(reading, problem.text, error);
    }
    if (status == SVA_OK) {
        status = sva_code_calls(&python, &sink, &problem);
    }
    if (status == SVA_OK && reading->sketch_count < SVA_CODE_FILES) {
        struct sva_code_file *const sketch = &reading->sketches[reading->sketch_count++];
        sketch->path = reading->file->path;
        status = sva_code_sketch(&python, &reading->parts->arena, sketch, &problem);
    }
    sva_python_done(&python);
    return status == SVA_OK ? SVA_OK : sva_fail(error, status, "%s", problem.text);
}

static enum sva_status read_program(struct reading *reading, struct sva_error *error)
{
    const struct sva_call_sink sink = {add_call, is_local, reading};
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (reading->file->size_bytes > SVA_CODE_FILE_BYTES) {
        return not_read(reading, "it is longer than 2 MiB", error);
    }
    if (reading->file_count > SVA_CODE_FILES_READ ||
        reading->bytes_read + reading->file->size_bytes > SVA_CODE_ALL_BYTES) {
        return not_read(reading, "there are more than 512 programs, or 16 MiB of them", error);
    }
    reading->bytes_read += reading->file->size_bytes;
    enum sva_status status =
        sva_parts_read(reading->parts, reading->file, SVA_CODE_FILE_BYTES, &bytes, &size, error);
    if (status != SVA_OK) {
        return status;
    }
    const struct sva_span source = {bytes, size};
    status = header_fact(reading, source, error);
    if (status == SVA_OK) {
        status = is_python(reading->file) ? read_python(reading, source, error)
                                          : sva_script_calls(source, &sink, error);
    }
    sva_free(bytes);
    return status;
}

/* ---- all files ---- */

static enum sva_status count_fact(struct reading *reading, const char *key, enum sva_fetch fetch,
                                  struct sva_error *error)
{
    return reading->calls[fetch] == 0 && reading->unread_count > 0
               ? SVA_OK
               : sva_parts_fact_u64(reading->parts, key, reading->calls[fetch], error);
}

static enum sva_status finish(struct reading *reading, struct sva_error *error)
{
    struct sva_parts *const parts = reading->parts;
    enum sva_status status = sva_parts_fact_u64(parts, "code.files", reading->file_count, error);
    if (status == SVA_OK) {
        status = count_fact(reading, SVA_KEY_CODE_DOWNLOADS, SVA_FETCH_CERTAIN, error);
    }
    if (status == SVA_OK) {
        status = count_fact(reading, SVA_KEY_CODE_POSSIBLE, SVA_FETCH_POSSIBLE, error);
    }
    if (status == SVA_OK && reading->unread_count > FINDINGS_MAX) {
        status = sva_parts_finding(parts, error, "code-not-read", NULL,
                                   "%llu programs were not read in all.",
                                   (unsigned long long)reading->unread_count);
    }
    if (status == SVA_OK && reading->sketch_count > 0) {
        struct sva_code *const code = sva_arena_alloc(&parts->arena, 1, sizeof *code);
        if (code == NULL) {
            return sva_fail_memory(error, "reading programs");
        }
        code->file_count = reading->sketch_count;
        code->files = reading->sketches;
        parts->code = code;
    }
    return status;
}

enum sva_status sva_shipped_code_none(struct sva_parts *parts, struct sva_error *error)
{
    struct reading reading = {.parts = parts};
    return finish(&reading, error);
}

enum sva_status sva_shipped_code_read(struct sva_parts *parts, struct sva_error *error)
{
    struct reading reading = {.parts = parts};
    const struct sva_scanned *const files = parts->scanned.items;
    enum sva_status status = SVA_OK;
    reading.sketches = sva_arena_alloc(&parts->arena, SVA_CODE_FILES, sizeof *reading.sketches);
    if (reading.sketches == NULL) {
        return sva_fail_memory(error, "reading programs");
    }
    for (size_t i = 0; status == SVA_OK && i < parts->scanned.count; i++) {
        if (files[i].refused == NULL && (is_python(&files[i]) || is_script(&files[i]))) {
            reading.file = &files[i];
            reading.file_count++;
            status = read_program(&reading, error);
        }
    }
    return status == SVA_OK ? finish(&reading, error) : status;
}
