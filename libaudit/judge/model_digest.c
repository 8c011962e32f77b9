/* SPDX-License-Identifier: Apache-2.0 */
/* The digest by which judgements and waivers name a model: of its weight files alone. */
#include <stdlib.h>
#include <string.h>

#include <sovaudit/evidence.h>

#include "base/hash.h"
#include "base/memory.h"

static int by_path(const void *left, const void *right)
{
    const struct sva_print_file *const *a = left;
    const struct sva_print_file *const *b = right;
    return strcmp((*a)->path, (*b)->path);
}

static void add_line(struct sva_bytes *lines, const struct sva_print_file *file)
{
    char hex[2 * SVA_DIGEST_BYTES + 1];
    sva_hex(file->sha256, SVA_DIGEST_BYTES, hex);
    sva_bytes_text(lines, hex);
    sva_bytes_text(lines, "  ");
    sva_bytes_text(lines, file->path);
    sva_bytes_text(lines, "\n");
}

bool sva_model_digest(const struct sva_print *subject, uint8_t digest[SVA_DIGEST_BYTES])
{
    const struct sva_print_file **files =
        sva_calloc(subject->file_count, sizeof(const struct sva_print_file *));
    struct sva_bytes lines = {.data = NULL};
    size_t count = 0;
    bool known = files != NULL;
    for (size_t i = 0; known && i < subject->file_count; i++) {
        if (sva_file_is_audited(subject->files[i].kind)) {
            known = subject->files[i].hashed;
            files[count++] = &subject->files[i];
        }
    }
    if (known && count > 0) {
        qsort(files, count, sizeof *files, by_path);
        for (size_t i = 0; i < count; i++) {
            add_line(&lines, files[i]);
        }
    }
    known = known && count > 0 && !lines.failed && sva_sha256(lines.data, lines.size, digest);
    sva_bytes_done(&lines);
    sva_free(files);
    return known;
}
