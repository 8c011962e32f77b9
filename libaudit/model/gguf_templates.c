/* SPDX-License-Identifier: Apache-2.0 */
/* Chat templates inside a GGUF file: hashed, searched for what attacks need, never evaluated. */
#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/text.h"
#include "model/gguf_facts.h"

enum { PIECE_BYTES = 4096, MARK_MOST = 24, NAME_MOST = 64, NAMED_MOST = 16 };

static const char template_key[] = "tokenizer.chat_template";

/* What a template has to say to get out of a template engine's sandbox. */
static const char *const marks[] = {
    "__class__", "__globals__", "__subclasses__", "__builtins__", "__import__",
    "__mro__",   "__base__",    "__bases__",      "__init__",     "__getattribute__",
    "__dict__",  "os.system",   "os.popen",       "subprocess",   "importlib",
    "eval(",     "exec(",       "getattr(",       "|attr(",       "| attr(",
    "cycler.",   "lipsum",
};

static bool holds(const uint8_t *bytes, size_t size, const char *mark)
{
    const size_t mark_bytes = strlen(mark);
    const uint8_t *at = bytes;
    while (at != NULL && (size_t)(bytes + size - at) >= mark_bytes) {
        if (memcmp(at, mark, mark_bytes) == 0) {
            return true;
        }
        const size_t left = (size_t)(bytes + size - at) - 1;
        at = left == 0 ? NULL : memchr(at + 1, mark[0], left);
    }
    return false;
}

static const char *find_mark(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (holds(bytes, size, marks[i])) {
            return marks[i];
        }
    }
    return NULL;
}

/* Pieces overlap by what a mark could straddle. */
static enum sva_status scan(const struct sva_gguf_file *file, const struct sva_gguf_value *value,
                            struct sva_sha256 *state, const char **mark, struct sva_error *error)
{
    uint8_t piece[MARK_MOST + PIECE_BYTES];
    size_t kept = 0;
    for (uint64_t done = 0; done < value->size_bytes;) {
        const uint64_t left = value->size_bytes - done;
        const size_t step = left < PIECE_BYTES ? (size_t)left : PIECE_BYTES;
        const enum sva_status status =
            sva_source_read(file->source, value->offset + done, piece + kept, step, error);
        if (status != SVA_OK) {
            return status;
        }
        sva_sha256_update(state, piece + kept, step);
        const size_t size = kept + step;
        *mark = *mark == NULL ? find_mark(piece, size) : *mark;
        kept = size < MARK_MOST ? size : MARK_MOST;
        memmove(piece, piece + size - kept, kept);
        done += step;
    }
    return SVA_OK;
}

static bool is_plain_name(const char *name)
{
    const size_t size = strlen(name);
    for (size_t i = 0; i < size; i++) {
        if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.", name[i]) ==
            NULL) {
            return false;
        }
    }
    return size > 0 && size <= NAME_MOST;
}

static enum sva_status template_facts(struct sva_parts *parts, const struct sva_gguf_file *file,
                                      const char *key, const uint8_t digest[32],
                                      struct sva_error *error)
{
    char hex[65];
    sva_hex(digest, 32, hex);
    const enum sva_status status = sva_parts_fact(parts, key, hex, error);
    return status == SVA_OK && strcmp(key, template_key) == 0
               ? sva_parts_fact(parts, "tokenizer.chat_template_file", file->path, error)
               : status;
}

static enum sva_status take_template(struct sva_parts *parts, const struct sva_gguf_file *file,
                                     const struct sva_gguf_value *value, struct sva_error *error)
{
    if (value->size_bytes > parts->limits.json_bytes) {
        return sva_parts_finding(parts, error, "chat-template-not-read", file->path,
                                 "The chat template %s was not read: it has %llu bytes.",
                                 sva_esc(value->key).text, (unsigned long long)value->size_bytes);
    }
    struct sva_sha256 *const state = sva_sha256_new();
    if (state == NULL) {
        return sva_fail_memory(error, "hashing a chat template");
    }
    const char *mark = NULL;
    uint8_t digest[32];
    enum sva_status status = scan(file, value, state, &mark, error);
    sva_sha256_final(state, digest);
    sva_sha256_free(state);
    if (status == SVA_OK) {
        status = template_facts(parts, file, value->key, digest, error);
    }
    if (status == SVA_OK && mark != NULL) {
        status = sva_parts_finding(parts, error, "suspicious-template", file->path,
                                   "The chat template %s holds \"%s\", which templates that run "
                                   "code need; it was not evaluated.",
                                   sva_esc(value->key).text, sva_esc(mark).text);
    }
    return status;
}

enum sva_status sva_gguf_templates(struct sva_parts *parts, const struct sva_gguf_file *file,
                                   struct sva_error *error)
{
    const size_t key_bytes = sizeof template_key - 1;
    enum sva_status status = SVA_OK;
    unsigned taken = 0;
    for (size_t i = 0; status == SVA_OK && i < file->gguf->value_count && taken < NAMED_MOST; i++) {
        const struct sva_gguf_value *const value = &file->gguf->values[i];
        const char *const rest = value->key + key_bytes;
        if (value->type == SVA_GGUF_STRING && strncmp(value->key, template_key, key_bytes) == 0 &&
            (rest[0] == '\0' || (rest[0] == '.' && is_plain_name(rest + 1)))) {
            taken++;
            status = take_template(parts, file, value, error);
        }
    }
    return status;
}
