/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "kernel/dtype.h"
#include "model/config_reader.h"

enum { LISTED_MAX = 8, NAMED_MAX = 64, JOINED_MAX = 2048 };

static const struct sva_scanned *file_at(const struct sva_parts *parts, size_t index)
{
    return (const struct sva_scanned *)parts->scanned.items + index;
}

ptrdiff_t sva_facts_root_file(const struct sva_parts *parts, const char *base)
{
    const ptrdiff_t found = sva_parts_find_file(parts, base);
    return found >= 0 && file_at(parts, (size_t)found)->refused == NULL ? found : -1;
}

/** Index of a file of the group, or -1. */
static ptrdiff_t group_file(const struct sva_parts *parts, const struct sva_group *group,
                            const char *base)
{
    char path[512];
    const int length = snprintf(path, sizeof path, "%s%s%s", group->directory,
                                group->directory[0] == '\0' ? "" : "/", base);
    return length > 0 && (size_t)length < sizeof path ? sva_facts_root_file(parts, path) : -1;
}

/** config.json, or the params.json that Meta and Mistral put beside their own layout. */
static enum sva_status read_config(struct sva_parts *parts, struct sva_group *group,
                                   struct sva_error *error)
{
    ptrdiff_t found = group->has_config ? -1 : group_file(parts, group, "config.json");
    if (found < 0 && !group->has_config) { /* a GGUF file brings its own, about itself */
        found = group_file(parts, group, "params.json");
    }
    if (found < 0) {
        return SVA_OK;
    }
    const struct sva_scanned *const file = file_at(parts, (size_t)found);
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum sva_status status =
        sva_parts_read(parts, file, parts->limits.json_bytes, &bytes, &size, error);
    if (status == SVA_OK) {
        status = sva_config_parse(parts, file->path, (struct sva_span){bytes, size}, &group->config,
                                  error);
        group->has_config = true;
        sva_free(bytes);
    }
    return status;
}

static const char *const root_keys[] = {
    "model_type",           "torch_dtype",         "dtype",        "_name_or_path",
    "transformers_version", "tie_word_embeddings", "_commit_hash",
};

static const char *const section_keys[] = {
    "model_type",
    "hidden_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
    "head_dim",
    "intermediate_size",
    "vocab_size",
    "n_embd",
    "n_layer",
    "n_head",
    "embed_dim",
    "depth",
    "num_heads",
    "_name_or_path",
    "d_model",
    "encoder_layers",
    "num_experts",
    "num_local_experts",
    "n_routed_experts",
    "n_group",
    "moe_intermediate_size",
    "kv_lora_rank",
    "q_lora_rank",
    "rope_theta",
    "max_position_embeddings",
    "hidden_act",
    "rms_norm_eps",
    "patch_size",
    "tie_word_embeddings",
};

static enum sva_status copy_leaf(struct sva_parts *parts, const struct sva_config *config,
                                 const char *section, const char *key, const char *fact,
                                 struct sva_error *error)
{
    char path[160];
    char name[160];
    snprintf(path, sizeof path, "%s%s", section, key);
    snprintf(name, sizeof name, "config.%s%s", fact, key);
    const char *const value = sva_config_text(config, path);
    return value == NULL ? SVA_OK : sva_parts_fact(parts, name, value, error);
}

/** Array elements "key.0", "key.1" ... joined by ", ". */
static enum sva_status join_array(struct sva_parts *parts, const struct sva_config *config,
                                  const char *key, const char *fact, struct sva_error *error)
{
    char joined[JOINED_MAX] = "";
    size_t used = 0;
    for (unsigned i = 0; i < LISTED_MAX; i++) {
        char path[160];
        snprintf(path, sizeof path, "%s.%u", key, i);
        const char *const value = sva_config_text(config, path);
        if (value == NULL || used + strlen(value) + 3 > sizeof joined) {
            break;
        }
        used += (size_t)snprintf(joined + used, sizeof joined - used, "%s%s", i == 0 ? "" : ", ",
                                 value);
    }
    return used == 0 ? SVA_OK : sva_parts_fact(parts, fact, joined, error);
}

static enum sva_status section_facts(struct sva_parts *parts, const struct sva_config *config,
                                     const char *section, const char *fact, struct sva_error *error)
{
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < sizeof section_keys / sizeof *section_keys; i++) {
        status = copy_leaf(parts, config, section, section_keys[i], fact, error);
    }
    return status;
}

static enum sva_status nested_facts(struct sva_parts *parts, const struct sva_config *config,
                                    struct sva_error *error)
{
    static const struct {
        enum sva_component_kind kind;
        const char *fact;
    } nested[] = {
        {SVA_COMPONENT_TEXT_DECODER, "text."},
        {SVA_COMPONENT_VISION_ENCODER, "vision."},
        {SVA_COMPONENT_AUDIO_ENCODER, "audio."},
    };
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < sizeof nested / sizeof *nested; i++) {
        const char *const section = sva_config_section(config, nested[i].kind);
        if (section[0] != '\0') {
            status = section_facts(parts, config, section, nested[i].fact, error);
        }
    }
    return status;
}

static enum sva_status config_facts(struct sva_parts *parts, const struct sva_config *config,
                                    struct sva_error *error)
{
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < sizeof root_keys / sizeof *root_keys; i++) {
        status = copy_leaf(parts, config, "", root_keys[i], "", error);
    }
    if (status == SVA_OK) {
        status = section_facts(parts, config, "", "", error);
    }
    if (status == SVA_OK) {
        status = join_array(parts, config, "architectures", "config.architectures", error);
    }
    const char *const method = sva_config_text(config, "quantization_config.quant_method");
    if (status == SVA_OK && method != NULL) {
        status = sva_parts_fact(parts, "config.quant_method", method, error);
    }
    return status == SVA_OK ? nested_facts(parts, config, error) : status;
}

/** Weights that a configuration names are what recent transformers loads before any other. */
static enum sva_status note_named_weights(struct sva_parts *parts, const struct sva_group *group,
                                          struct sva_error *error)
{
    const char *const name =
        group->has_config ? sva_config_text(&group->config, "transformers_weights") : NULL;
    if (name == NULL ||
        (!sva_ends_with(name, ".safetensors") && !sva_ends_with(name, ".index.json"))) {
        return SVA_OK; /* which it refuses */
    }
    const ptrdiff_t found = sva_parts_find_in(parts, group->directory, name);
    const struct sva_scanned *const file = found < 0 ? NULL : file_at(parts, (size_t)found);
    if (file != NULL && (file->audited || file->chosen_index)) {
        return SVA_OK;
    }
    parts->named_unread +=
        file == NULL || (file->kind != SVA_FILE_WEIGHTS && file->kind != SVA_FILE_PICKLE);
    return sva_parts_finding(parts, error, "named-weights-not-audited", NULL,
                             "The configuration names %s for its weights, which recent loaders "
                             "take before any other file; it was not audited.",
                             sva_esc(name).text);
}

enum sva_status sva_facts_config(struct sva_parts *parts, bool single, struct sva_error *error)
{
    struct sva_group *const groups = parts->groups.items;
    enum sva_status status = SVA_OK;
    for (size_t g = 0; status == SVA_OK && !single && g < parts->groups.count; g++) {
        status = read_config(parts, &groups[g], error);
        if (status == SVA_OK) {
            status = note_named_weights(parts, &groups[g], error);
        }
    }
    if (status == SVA_OK && parts->groups.count > 0 && groups[0].has_config) {
        status = config_facts(parts, &groups[0].config, error);
    }
    return status;
}

static enum sva_status note_unread(struct sva_parts *parts, const struct sva_scanned *file,
                                   struct sva_error *error)
{
    if (file->kind == SVA_FILE_PICKLE) {
        return sva_parts_finding(parts, error, "pickle-not-audited", file->path,
                                 "%s is %s of %llu bytes; loading one can run code, so it was "
                                 "neither loaded nor audited.",
                                 sva_esc(file->path).text,
                                 file->content == SVA_CONTENT_UNKNOWN ||
                                         file->content == SVA_CONTENT_EMPTY
                                     ? "named like a pickle, a file"
                                     : sva_content_name(file->content),
                                 (unsigned long long)file->size_bytes);
    }
    return sva_parts_finding(parts, error, "not-audited", file->path,
                             "%s is %s of %llu bytes; weights in it were not audited.",
                             sva_esc(file->path).text,
                             file->content == SVA_CONTENT_UNKNOWN ? "a file of unknown content"
                                                                  : sva_content_name(file->content),
                             (unsigned long long)file->size_bytes);
}

static enum sva_status note_read_as_data(struct sva_parts *parts, const struct sva_scanned *file,
                                         struct sva_error *error)
{
    return sva_parts_finding(parts, error, "pickle-read-as-data", file->path,
                             "%s is %s; loading it elsewhere can run code. A closed reader took its "
                             "tensors out and ran nothing.",
                             sva_esc(file->path).text, sva_content_name(file->content));
}

/** "3 files are of no known kind ...: a, b, c" */
static enum sva_status note_kind(struct sva_parts *parts, enum sva_file_kind kind, const char *code,
                                 const char *text, struct sva_error *error)
{
    struct sva_bytes names = {0};
    uint64_t count = 0;
    for (size_t i = 0; i < parts->scanned.count; i++) {
        const struct sva_scanned *const file = file_at(parts, i);
        if (file->kind != kind || file->refused != NULL || file->base[0] == '.') {
            continue;
        }
        if (count++ < LISTED_MAX && names.size < 400) {
            sva_bytes_printf(&names, "%s%s", count == 1 ? "" : ", ", sva_esc(file->path).text);
        }
    }
    enum sva_status status = SVA_OK;
    if (names.failed) {
        status = sva_fail_memory(error, "listing files");
    } else if (count > 0) {
        status =
            sva_parts_finding(parts, error, code, NULL, "%llu %s: %s%s.", (unsigned long long)count,
                              text, (const char *)names.data, count > LISTED_MAX ? ", ..." : "");
    }
    sva_bytes_done(&names);
    return status;
}

enum sva_status sva_facts_files(struct sva_parts *parts, struct sva_error *error)
{
    enum sva_status status = SVA_OK;
    uint64_t unread = 0; /* of the files that were found */
    uint64_t pickles = 0;
    for (size_t i = 0; status == SVA_OK && i < parts->scanned.count; i++) {
        const struct sva_scanned *const file = file_at(parts, i);
        pickles += file->kind == SVA_FILE_PICKLE || file->kind == SVA_FILE_TORCH;
        if (file->kind == SVA_FILE_TORCH) {
            status = note_read_as_data(parts, file, error);
        }
        if (file->kind != SVA_FILE_PICKLE && file->kind != SVA_FILE_WEIGHTS) {
            continue;
        }
        if (unread++ < NAMED_MAX && !file->explained) {
            status = note_unread(parts, file, error);
        }
    }
    if (status == SVA_OK && unread > NAMED_MAX) {
        status = sva_parts_finding(parts, error, "not-audited", NULL,
                                   "%llu files with weights were not audited in all.",
                                   (unsigned long long)unread);
    }
    if (status == SVA_OK) {
        status = note_kind(parts, SVA_FILE_OTHER, "not-audited",
                           "files are of no kind that is audited", error);
    }
    if (status == SVA_OK) {
        status = note_kind(parts, SVA_FILE_CODE, "shipped-code",
                           "program files come with the model and were not run", error);
    }
    if (status == SVA_OK && pickles > 0) {
        status = sva_parts_fact_u64(parts, "files.pickles", pickles, error);
    }
    return status == SVA_OK ? sva_parts_fact_u64(parts, "files.not_audited",
                                                  unread + parts->named_unread, error)
                            : status;
}

static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/** Paths by their letters without case, then by their bytes. */
static int compare_folded(const void *left, const void *right)
{
    const char *const a = *(const char *const *)left;
    const char *const b = *(const char *const *)right;
    size_t i = 0;
    while (a[i] != '\0' && lower(a[i]) == lower(b[i])) {
        i++;
    }
    const unsigned char x = lower(a[i]);
    const unsigned char y = lower(b[i]);
    return x != y ? (x > y) - (x < y) : strcmp(a, b);
}

static bool same_folded(const char *a, const char *b)
{
    return strlen(a) == strlen(b) && sva_starts_with(a, b);
}

static enum sva_status note_collisions(struct sva_parts *parts, const char *const *paths,
                                       struct sva_error *error)
{
    enum sva_status status = SVA_OK;
    uint64_t count = 0;
    for (size_t i = 1; status == SVA_OK && i < parts->scanned.count; i++) {
        if (same_folded(paths[i - 1], paths[i]) && count++ < NAMED_MAX) {
            status = sva_parts_finding(parts, error, "case-collision", paths[i],
                                       "%s and %s differ in the case of letters only; where case "
                                       "is not told apart one replaces the other.",
                                       sva_esc(paths[i - 1]).text, sva_esc(paths[i]).text);
        }
    }
    if (status == SVA_OK && count > NAMED_MAX) {
        status = sva_parts_finding(parts, error, "case-collision", NULL,
                                   "%llu file names collide in all where case is not told apart.",
                                   (unsigned long long)count);
    }
    return status;
}

enum sva_status sva_facts_names(struct sva_parts *parts, struct sva_error *error)
{
    const char **const paths = sva_calloc(parts->scanned.count, sizeof *paths);
    if (paths == NULL) {
        return sva_fail_memory(error, "comparing file names");
    }
    for (size_t i = 0; i < parts->scanned.count; i++) {
        paths[i] = file_at(parts, i)->path;
    }
    qsort(paths, parts->scanned.count, sizeof *paths, compare_folded);
    const enum sva_status status = note_collisions(parts, paths, error);
    sva_free(paths);
    return status;
}

enum sva_status sva_facts_weights(struct sva_parts *parts, struct sva_error *error)
{
    const struct sva_tensor *const tensors = parts->tensors.items;
    const struct sva_assignment *const assigned = parts->assignments.items;
    uint64_t by_dtype[SVA_DTYPE_COUNT] = {0};
    uint64_t bytes = 0;
    uint64_t unclaimed = 0;
    for (size_t i = 0; i < parts->tensors.count; i++) {
        by_dtype[tensors[i].dtype] += tensors[i].element_count;
        bytes += tensors[i].size_bytes;
        unclaimed += assigned[i].rule < 0;
    }
    enum sva_status status = sva_parts_fact_u64(parts, "weights.bytes", bytes, error);
    for (unsigned d = 0; status == SVA_OK && d < SVA_DTYPE_COUNT; d++) {
        if (by_dtype[d] > 0) {
            char key[64];
            snprintf(key, sizeof key, "weights.dtype.%s", sva_dtype_get((enum sva_dtype)d)->name);
            status = sva_parts_fact_u64(parts, key, by_dtype[d], error);
        }
    }
    if (status == SVA_OK) {
        status = sva_parts_fact_u64(parts, "weights.tensors", parts->tensors.count, error);
    }
    if (status == SVA_OK) {
        status = sva_parts_fact_u64(parts, "weights.unclaimed_bytes", parts->unclaimed_bytes, error);
    }
    return status == SVA_OK ? sva_parts_fact_u64(parts, "weights.unclaimed", unclaimed, error)
                            : status;
}
