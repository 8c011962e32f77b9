/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "format/foreign.h"
#include "format/safetensors.h"

enum { LENGTH_BYTES = 8, LOOK_BYTES = 512, SHOWN_BYTES = 400 };

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
        const struct sva_foreign *const foreign = sva_foreign_find(start, size);
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
