/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "format/safetensors.h"

enum { LENGTH_BYTES = 8, LOOK_BYTES = 512, SHOWN_BYTES = 400 };

/* What else may carry the name of a safetensors file. */
struct foreign {
    const char *magic;
    size_t size;
    enum sva_status status;
    const char *is;
};

static const struct foreign foreigners[] = {
    {"GGUF", 4, SVA_ERR_UNSUPPORTED, "is a GGUF file, which is not read yet"},
    {"PK\x03\x04", 4, SVA_ERR_UNSUPPORTED, "is a zip archive (PyTorch's pickle format?)"},
    {"PK\x05\x06", 4, SVA_ERR_UNSUPPORTED, "is an empty zip archive"},
    {"PK\x07\x08", 4, SVA_ERR_UNSUPPORTED, "is a zip archive (PyTorch's pickle format?)"},
    {"\x80\x02", 2, SVA_ERR_UNSUPPORTED, "is a Python pickle, which could run code"},
    {"\x80\x03", 2, SVA_ERR_UNSUPPORTED, "is a Python pickle, which could run code"},
    {"\x80\x04", 2, SVA_ERR_UNSUPPORTED, "is a Python pickle, which could run code"},
    {"\x80\x05", 2, SVA_ERR_UNSUPPORTED, "is a Python pickle, which could run code"},
    {"\x1F\x8B", 2, SVA_ERR_UNSUPPORTED, "is compressed with gzip"},
    {"\x28\xB5\x2F\xFD", 4, SVA_ERR_UNSUPPORTED, "is compressed with zstd"},
    {"\xFD"
     "7zXZ",
     5, SVA_ERR_UNSUPPORTED, "is compressed with xz"},
    {"7z\xBC\xAF\x27\x1C", 6, SVA_ERR_UNSUPPORTED, "is a 7-Zip archive"},
    {"\x89HDF\r\n\x1A\n", 8, SVA_ERR_UNSUPPORTED, "is an HDF5 file"},
    {"\x93NUMPY", 6, SVA_ERR_UNSUPPORTED, "is a NumPy array"},
    {"version https://git-lfs", 23, SVA_ERR_CORRUPT,
     "is a git-lfs pointer; the weights themselves were not fetched (git lfs pull)"},
    {"<!DOCTYPE", 9, SVA_ERR_CORRUPT, "is a web page, perhaps the error of a download"},
    {"<!doctype", 9, SVA_ERR_CORRUPT, "is a web page, perhaps the error of a download"},
    {"<html", 5, SVA_ERR_CORRUPT, "is a web page, perhaps the error of a download"},
    {"<HTML", 5, SVA_ERR_CORRUPT, "is a web page, perhaps the error of a download"},
    {"<?xml", 5, SVA_ERR_CORRUPT, "is an XML text, perhaps the error of a download"},
    {"{", 1, SVA_ERR_CORRUPT, "begins with JSON where the header's length should be"},
};

static const struct foreign *find_foreign(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < sizeof foreigners / sizeof foreigners[0]; i++) {
        if (size >= foreigners[i].size &&
            memcmp(bytes, foreigners[i].magic, foreigners[i].size) == 0) {
            return &foreigners[i];
        }
    }
    return NULL;
}

/*
 * A magic alone proves nothing: a header of 640 bytes starts with 80 02 like a pickle. It explains
 * only what cannot be safetensors anyway: a length that does not fit, or no JSON behind it.
 */
static bool is_implausible(const uint8_t *bytes, size_t size, uint64_t length, uint64_t file_bytes)
{
    return length == 0 || length > file_bytes - LENGTH_BYTES ||
           (size > LENGTH_BYTES && memchr("{ \t\r\n", bytes[LENGTH_BYTES], 5) == NULL);
}

static enum sva_status check_start(const struct sva_input *input, const char *what,
                                   const struct sva_limits *limits, uint64_t *length,
                                   struct sva_error *error)
{
    uint8_t start[LOOK_BYTES];
    const size_t size = input->size_bytes < LOOK_BYTES ? (size_t)input->size_bytes : LOOK_BYTES;
    const enum sva_status status = sva_input_read(input, 0, start, size, error);
    if (status != SVA_OK) {
        return status;
    }
    struct sva_cursor cursor = {.span = {start, size}};
    *length = sva_cursor_u64le(&cursor);
    if (cursor.failed || is_implausible(start, size, *length, input->size_bytes)) {
        const struct foreign *const foreign = find_foreign(start, size);
        if (foreign != NULL) {
            return sva_fail_at(error, foreign->status, 0, "%s: %s, not safetensors", what,
                               foreign->is);
        }
    }
    if (cursor.failed) {
        return sva_fail(error, SVA_ERR_CORRUPT,
                        "%s: has %" PRIu64 " bytes, too few for a safetensors file", what,
                        input->size_bytes);
    }
    if (*length > input->size_bytes - LENGTH_BYTES) {
        return sva_fail_at(error, SVA_ERR_CORRUPT, 0,
                           "%s: announces a header of %" PRIu64 " bytes but has only %" PRIu64
                           " bytes",
                           what, *length, input->size_bytes);
    }
    if (*length > limits->header_bytes) {
        return sva_fail_at(error, SVA_ERR_LIMIT, 0,
                           "%s: a header of %" PRIu64 " bytes, more than the limit of %" PRIu64,
                           what, *length, limits->header_bytes);
    }
    return SVA_OK;
}

enum sva_status sva_safetensors_read(const struct sva_input *input, const struct sva_limits *limits,
                                     struct sva_container *file, struct sva_error *error)
{
    char what[SHOWN_BYTES];
    (void)sva_escape(input->path, strlen(input->path), what, sizeof what);
    uint64_t length;
    enum sva_status status = check_start(input, what, limits, &length, error);
    if (status != SVA_OK) {
        return status;
    }
    uint8_t *const header = sva_realloc_array(NULL, (size_t)length, 1);
    if (header == NULL) {
        return sva_fail_memory(error, "reading a safetensors header");
    }
    status = sva_input_read(input, LENGTH_BYTES, header, (size_t)length, error);
    if (status == SVA_OK) {
        const struct sva_span span = {header, (size_t)length};
        status = sva_safetensors_parse(span, input->size_bytes, what, limits, file, error);
    }
    sva_free(header);
    return status;
}
