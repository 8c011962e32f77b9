/* SPDX-License-Identifier: Apache-2.0 */
#include "model/gguf_facts.h"

#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "model/adapter_facts.h"

enum { KEY_MOST = 96, VALUE_MOST = 1024, FACTS_MOST = 256, LISTED_MOST = 8 };

/* general.file_type: what the bulk of the tensors is stored as. Gaps are kinds that were removed.
 */
static const char *const file_types[] = {
    [0] = "F32",     [1] = "F16",      [2] = "Q4_0",     [3] = "Q4_1",       [4] = "Q4_1_SOME_F16",
    [7] = "Q8_0",    [8] = "Q5_0",     [9] = "Q5_1",     [10] = "Q2_K",      [11] = "Q3_K_S",
    [12] = "Q3_K_M", [13] = "Q3_K_L",  [14] = "Q4_K_S",  [15] = "Q4_K_M",    [16] = "Q5_K_S",
    [17] = "Q5_K_M", [18] = "Q6_K",    [19] = "IQ2_XXS", [20] = "IQ2_XS",    [21] = "Q2_K_S",
    [22] = "IQ3_XS", [23] = "IQ3_XXS", [24] = "IQ1_S",   [25] = "IQ4_NL",    [26] = "IQ3_S",
    [27] = "IQ3_M",  [28] = "IQ2_S",   [29] = "IQ2_M",   [30] = "IQ4_XS",    [31] = "IQ1_M",
    [32] = "BF16",   [36] = "TQ1_0",   [37] = "TQ2_0",   [38] = "MXFP4_MOE", [39] = "NVFP4",
    [40] = "Q1_0",   [41] = "Q2_0",
};
enum { FILE_TYPE_GUESSED = 1024 };

/* Only what every program would print the same becomes part of a key. */
static bool is_plain(const char *key)
{
    const size_t size = strlen(key);
    for (size_t i = 0; i < size; i++) {
        const char c = key[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '.' || c == '_' || c == '-')) {
            return false;
        }
    }
    return size > 0 && size <= KEY_MOST;
}

bool sva_gguf_is_adapter(const struct sva_gguf *gguf)
{
    const char *const type = sva_gguf_text(gguf, "general.type");
    return (type != NULL && strcmp(type, "adapter") == 0) ||
           sva_gguf_find(gguf, "adapter.type") != NULL;
}

struct sva_gguf_file sva_gguf_file_of(const struct sva_gguf *gguf, const struct sva_source *source,
                                      const char *path)
{
    const char *const architecture = sva_gguf_text(gguf, "general.architecture");
    const char *const type = sva_gguf_text(gguf, "general.type");
    const bool clip = architecture != NULL && strcmp(architecture, "clip") == 0;
    return (struct sva_gguf_file){
        .gguf = gguf,
        .source = source,
        .path = path,
        .architecture = architecture != NULL && is_plain(architecture) ? architecture : "",
        .sidecar = clip || (type != NULL && strcmp(type, "mmproj") == 0),
    };
}

/* The key without "general.", or NULL where it is none of those that become facts. */
static const char *fact_key(const struct sva_gguf_file *file, const char *key)
{
    static const char *const kept[] = {"quantize.", "adapter."};
    if (!is_plain(key) || strcmp(key, "general.alignment") == 0) {
        return NULL;
    }
    if (strncmp(key, "general.", 8) == 0) {
        return key + 8;
    }
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        if (strncmp(key, kept[i], strlen(kept[i])) == 0) {
            return key;
        }
    }
    const size_t size = strlen(file->architecture);
    return size > 0 && strncmp(key, file->architecture, size) == 0 && key[size] == '.' ? key : NULL;
}

static void append_text(struct sva_bytes *out, const uint8_t *text, size_t size)
{
    const uint8_t *const nul = size == 0 ? NULL : memchr(text, '\0', size);
    const size_t ended = nul == NULL ? size : (size_t)(nul - text);
    const size_t room = out->size < VALUE_MOST ? VALUE_MOST - out->size : 0;
    const size_t cut = ended < room ? ended : room;
    sva_bytes_append(out, text, sva_utf8_valid_prefix(text, cut));
}

static void append_scalar(struct sva_bytes *out, enum sva_gguf_type type,
                          union sva_gguf_scalar scalar)
{
    switch (type) {
    case SVA_GGUF_BOOL: sva_bytes_text(out, scalar.u != 0 ? "true" : "false"); break;
    case SVA_GGUF_F32: sva_bytes_json_number(out, scalar.f, 7); break;
    case SVA_GGUF_F64: sva_bytes_json_number(out, scalar.f, 17); break;
    case SVA_GGUF_I8:
    case SVA_GGUF_I16:
    case SVA_GGUF_I32:
    case SVA_GGUF_I64: sva_bytes_printf(out, "%lld", (long long)scalar.i); break;
    default: sva_bytes_printf(out, "%llu", (unsigned long long)scalar.u); break;
    }
}

/* The first elements, joined by commas. */
static enum sva_status append_list(struct sva_bytes *out, const struct sva_gguf_file *file,
                                   const struct sva_gguf_value *value, struct sva_error *error)
{
    struct sva_gguf_walk walk;
    enum sva_status status = sva_gguf_walk_init(&walk, file->source, file->gguf, value, error);
    if (status != SVA_OK) {
        return status;
    }
    for (unsigned i = 0; status == SVA_OK && walk.left > 0 && i < LISTED_MOST; i++) {
        const uint8_t *text = NULL;
        uint64_t size = 0;
        union sva_gguf_scalar scalar = {0};
        sva_bytes_text(out, i == 0 ? "" : ", ");
        if (value->element_type == SVA_GGUF_STRING) {
            status = sva_gguf_walk_string(&walk, &text, &size, error);
            if (status == SVA_OK && text != NULL) {
                append_text(out, text, (size_t)size);
            }
        } else {
            status = sva_gguf_walk_scalar(&walk, &scalar, error);
            if (status == SVA_OK) {
                append_scalar(out, value->element_type, scalar);
            }
        }
    }
    if (value->count > LISTED_MOST) {
        sva_bytes_printf(out, ", ... (%llu)", (unsigned long long)value->count);
    }
    sva_gguf_walk_done(&walk);
    return status;
}

static void append_file_type(struct sva_bytes *out, uint64_t number)
{
    const uint64_t kind = number & ~(uint64_t)FILE_TYPE_GUESSED;
    const size_t known = sizeof file_types / sizeof *file_types;
    if (kind < known && file_types[kind] != NULL) {
        sva_bytes_text(out, file_types[kind]);
    } else {
        sva_bytes_printf(out, "%llu", (unsigned long long)kind);
    }
    sva_bytes_text(out, kind == number ? "" : " (guessed)");
}

static enum sva_status append_value(struct sva_bytes *out, const struct sva_gguf_file *file,
                                    const struct sva_gguf_value *value, struct sva_error *error)
{
    uint64_t number = 0;
    if (value->type == SVA_GGUF_ARRAY) {
        return value->element_type == SVA_GGUF_ARRAY ? SVA_OK
                                                     : append_list(out, file, value, error);
    }
    if (value->type == SVA_GGUF_STRING) {
        if (value->text != NULL) {
            append_text(out, (const uint8_t *)value->text, (size_t)value->size_bytes);
        } else {
            sva_bytes_printf(out, "(%llu bytes)", (unsigned long long)value->size_bytes);
        }
    } else if (strcmp(value->key, "general.file_type") == 0 &&
               sva_gguf_scalar_u64(value->type, value->scalar, &number)) {
        append_file_type(out, number);
    } else {
        append_scalar(out, value->type, value->scalar);
    }
    return SVA_OK;
}

static enum sva_status value_fact(struct sva_parts *parts, const struct sva_gguf_file *file,
                                  const struct sva_gguf_value *value, const char *key,
                                  struct sva_error *error)
{
    char name[KEY_MOST + 16];
    struct sva_bytes text = {0};
    snprintf(name, sizeof name, "%s.%s", file->sidecar ? "mmproj" : "gguf", key);
    enum sva_status status = append_value(&text, file, value, error);
    sva_bytes_text(&text, "");
    if (status == SVA_OK && text.failed) {
        status = sva_fail_memory(error, "collecting facts");
    }
    if (status == SVA_OK) {
        status = sva_parts_fact(parts, name, (const char *)text.data, error);
    }
    sva_bytes_done(&text);
    return status;
}

enum sva_status sva_gguf_key_facts(struct sva_parts *parts, const struct sva_gguf_file *file,
                                   struct sva_error *error)
{
    const struct sva_gguf *const gguf = file->gguf;
    const char *const version = file->sidecar ? "mmproj.version" : "gguf.version";
    const char *const order = file->sidecar ? "mmproj.byte_order" : "gguf.byte_order";
    enum sva_status status = sva_parts_fact_u64(parts, version, gguf->version, error);
    if (status == SVA_OK && gguf->big_endian) {
        status = sva_parts_fact(parts, order, "big-endian", error);
    }
    unsigned made = 0;
    for (size_t i = 0; status == SVA_OK && i < gguf->value_count && made < FACTS_MOST; i++) {
        /* general.version is the model's: it must not pass for the format's */
        const bool own = strcmp(gguf->values[i].key, "general.version") == 0;
        const char *const key = own ? "model_version" : fact_key(file, gguf->values[i].key);
        if (key != NULL) {
            made++;
            status = value_fact(parts, file, &gguf->values[i], key, error);
        }
    }
    return status;
}

enum sva_status sva_gguf_facts(struct sva_parts *parts, size_t index, const struct sva_gguf *gguf,
                               const struct sva_source *source, struct sva_error *error)
{
    const struct sva_scanned *const scanned =
        (const struct sva_scanned *)parts->scanned.items + index;
    struct sva_group *const group = (struct sva_group *)parts->groups.items + scanned->group;
    const struct sva_gguf_file file = sva_gguf_file_of(gguf, source, scanned->path);
    enum sva_status status = sva_gguf_key_facts(parts, &file, error);
    if (status == SVA_OK && sva_gguf_is_adapter(gguf)) {
        status = sva_adapter_facts_gguf(parts, &file, error);
    }
    if (status == SVA_OK && file.architecture[0] != '\0') {
        group->has_config = true;
        status = sva_gguf_config(parts, &group->config, &file, error);
    }
    if (status == SVA_OK && !file.sidecar && parts->token_keys == NULL) {
        status = sva_gguf_vocabulary(parts, &file, error);
    }
    return status == SVA_OK && !file.sidecar ? sva_gguf_templates(parts, &file, error) : status;
}
