/* SPDX-License-Identifier: Apache-2.0 */
/* The digest by which judgements and waivers name a model: of its weight files alone. */
#include <string.h>

#include <sovaudit/evidence.h>

#include "base/hash.h"

static bool is_before(const struct sva_print_file *a, const struct sva_print_file *b)
{
    const int order = strcmp(a->path, b->path);
    return order != 0 ? order < 0 : a < b;
}

/** The audited file behind `last` in the order of paths, or the first. No list: it cannot fail. */
static const struct sva_print_file *next_file(const struct sva_print *subject,
                                              const struct sva_print_file *last)
{
    const struct sva_print_file *next = NULL;
    for (size_t i = 0; i < subject->file_count; i++) {
        const struct sva_print_file *const file = &subject->files[i];
        if (sva_file_is_audited(file->kind) && (last == NULL || is_before(last, file)) &&
            (next == NULL || is_before(file, next))) {
            next = file;
        }
    }
    return next;
}

/** As sha256sum writes a name: a line break in it must not look like two files. */
static void add_name(struct sva_sha256 *state, const char *name)
{
    for (; *name != '\0'; name++) {
        const char *const escaped = *name == '\n'   ? "\\n"
                                    : *name == '\r' ? "\\r"
                                    : *name == '\\' ? "\\\\"
                                                   : NULL;
        sva_sha256_update(state, escaped != NULL ? escaped : name, escaped != NULL ? 2 : 1);
    }
}

static void add_line(struct sva_sha256 *state, const struct sva_print_file *file)
{
    char hex[2 * SVA_DIGEST_BYTES + 1];
    sva_hex(file->sha256, SVA_DIGEST_BYTES, hex);
    sva_sha256_update(state, "\\", strpbrk(file->path, "\n\r\\") != NULL ? 1 : 0);
    sva_sha256_update(state, hex, sizeof hex - 1);
    sva_sha256_update(state, "  ", 2);
    add_name(state, file->path);
    sva_sha256_update(state, "\n", 1);
}

bool sva_model_digest(const struct sva_print *subject, uint8_t digest[SVA_DIGEST_BYTES])
{
    struct sva_sha256 state;
    const struct sva_print_file *file = next_file(subject, NULL);
    bool known = file != NULL;
    sva_sha256_init(&state);
    for (; known && file != NULL; file = next_file(subject, file)) {
        known = file->hashed;
        add_line(&state, file);
    }
    if (known) {
        sva_sha256_final(&state, digest);
    }
    return known;
}
