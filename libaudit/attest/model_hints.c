/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/model_hints.h"

#include "base/fail.h"
#include "base/file.h"
#include "base/output.h"
#include "base/text.h"

enum sva_status sva_model_hints_wanted(struct sva_piece *pieces, size_t count,
                                       struct sva_arena *arena, struct sva_error *error)
{
    for (size_t i = 0; i < count; i++) {
        const uint64_t values = sva_hint_count(pieces[i].file->size_bytes);
        if (values == 0 || !sva_hint_name_fits(pieces[i].file->path)) {
            continue;
        }
        pieces[i].chains = sva_arena_alloc(arena, (size_t)values, sizeof *pieces[i].chains);
        if (pieces[i].chains == NULL) {
            return sva_fail_memory(error, "making hints");
        }
    }
    return SVA_OK;
}

enum sva_status sva_model_hints_write(const char *path, const struct sva_piece *pieces,
                                      size_t count, struct sva_error *error)
{
    struct sva_bytes text = {.limit = SVA_HINTS_BYTES_MAX};
    enum sva_status status = SVA_OK;
    sva_hints_begin(&text);
    for (size_t i = 0; i < count && !text.failed; i++) {
        if (pieces[i].chains != NULL) {
            const struct sva_hint hint = {.name = pieces[i].file->path,
                                          .size_bytes = pieces[i].file->size_bytes,
                                          .values = pieces[i].chains};
            sva_hints_put(&hint, &text);
        }
    }
    if (text.failed) {
        status = sva_fail(error, SVA_ERR_LIMIT,
                          "%s: the hints need more than %d bytes, or than there is memory",
                          sva_esc(path).text, (int)SVA_HINTS_BYTES_MAX);
    } else {
        status = sva_write_file(path, text.data, text.size, error);
    }
    sva_bytes_done(&text);
    return status;
}

enum sva_status sva_model_hints_read(const char *path, struct sva_piece *const *pieces,
                                     size_t count, struct sva_arena *arena, struct sva_error *error)
{
    struct sva_hints hints = {.count = 0};
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum sva_status status = sva_read_file(path, SVA_HINTS_BYTES_MAX, &bytes, &size, error);
    if (status == SVA_OK) {
        status = sva_hints_parse((struct sva_span){bytes, size}, sva_esc(path).text, arena, &hints,
                                 error);
    }
    for (size_t i = 0; status == SVA_OK && i < count; i++) {
        pieces[i]->hint = sva_hints_find(&hints, pieces[i]->file->path);
    }
    sva_free(bytes);
    return status;
}

void sva_model_hints_tell(struct sva_piece *const *pieces, size_t count,
                          struct sva_findings *findings)
{
    uint64_t held = 0;
    for (size_t i = 0; i < count; i++) {
        held += pieces[i]->hint != NULL && !atomic_load(&pieces[i]->hints_false);
    }
    if (held > 0) {
        sva_findings_add(findings, SVA_CHECK_HINTS, SVA_CHECK_PASSED, held, NULL);
    }
    for (size_t i = 0; i < count; i++) {
        if (atomic_load(&pieces[i]->hints_false)) {
            sva_findings_add(findings, SVA_CHECK_HINTS, SVA_CHECK_NOT_CHECKED, 0,
                             pieces[i]->file->path);
        }
    }
}
