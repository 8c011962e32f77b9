/* SPDX-License-Identifier: Apache-2.0 */
#include "model/adapter_facts.h"

#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "model/config_reader.h"
#include "model/model_facts.h"

enum { LISTED_MAX = 64, JOINED_MAX = 1024 };

static const char *const keys[] = {
    "peft_type",
    "task_type",
    "base_model_name_or_path",
    "revision",
    "r",
    "lora_alpha",
    "use_rslora",
    "use_dora",
    "fan_in_fan_out",
    "bias",
    "init_lora_weights",
    "lora_dropout",
    "target_modules",
    "modules_to_save",
    "peft_version",
};

/** Elements "key.0", "key.1" ... joined by ", "; the last one "..." where there are too many. */
static enum sva_status list_fact(struct sva_parts *parts, const struct sva_config *config,
                                 const char *key, const char *fact, struct sva_error *error)
{
    char joined[JOINED_MAX] = "";
    size_t used = 0;
    for (unsigned i = 0;; i++) {
        char path[80];
        snprintf(path, sizeof path, "%s.%u", key, i);
        const char *const value = sva_config_text(config, path);
        if (value == NULL) {
            break;
        }
        const char *const border = i == 0 ? "" : ", ";
        const bool room = i < LISTED_MAX && used + strlen(value) + 8 < sizeof joined;
        used += (size_t)snprintf(joined + used, sizeof joined - used, "%s%s", border,
                                 room ? value : "...");
        if (!room) {
            break;
        }
    }
    return used == 0 ? SVA_OK : sva_parts_fact(parts, fact, joined, error);
}

/** Would a loader that takes the name for a path leave the adapter's folder by it? */
static bool is_path(const char *name)
{
    return name[0] == '/' || name[0] == '~' || name[0] == '.' || strchr(name, '\\') != NULL ||
           strstr(name, "..") != NULL || (name[0] != '\0' && name[1] == ':');
}

/** The finding about a base that is named by a path; `base` may be NULL. */
static enum sva_status check_base(struct sva_parts *parts, const char *base, const char *file,
                                  struct sva_error *error)
{
    return base == NULL || !is_path(base)
               ? SVA_OK
               : sva_parts_finding(
                     parts, error, "adapter-base-is-a-path", file,
                     "%s names the adapter's base by a path, \"%s\"; it says nothing of "
                     "where the base came from, and nothing was opened by it.",
                     sva_esc(file).text, sva_esc(base).text);
}

static enum sva_status state_facts(struct sva_parts *parts, const struct sva_config *config,
                                   const char *file, struct sva_error *error)
{
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < sizeof keys / sizeof *keys; i++) {
        char fact[80];
        snprintf(fact, sizeof fact, "adapter.%s", keys[i]);
        const char *const value = sva_config_text(config, keys[i]);
        status = value != NULL ? sva_parts_fact(parts, fact, value, error)
                               : list_fact(parts, config, keys[i], fact, error);
    }
    return status != SVA_OK
               ? status
               : check_base(parts, sva_config_text(config, "base_model_name_or_path"), file, error);
}

enum sva_status sva_adapter_facts(struct sva_parts *parts, struct sva_error *error)
{
    const ptrdiff_t found = sva_facts_root_file(parts, "adapter_config.json");
    if (found < 0) {
        return SVA_OK;
    }
    const struct sva_scanned *const file = (const struct sva_scanned *)parts->scanned.items + found;
    struct sva_config config = {.leaves = {.item_size = sizeof(struct sva_config_leaf)}};
    struct sva_error problem = {.status = SVA_OK};
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum sva_status status =
        sva_parts_read(parts, file, parts->limits.json_bytes, &bytes, &size, &problem);
    if (status == SVA_OK) {
        status =
            sva_config_parse(parts, file->path, (struct sva_span){bytes, size}, &config, &problem);
        sva_free(bytes);
    }
    if (status == SVA_OK) {
        status = state_facts(parts, &config, file->path, error);
    } else if (status == SVA_ERR_MEMORY) {
        status = sva_fail_memory(error, "reading an adapter's configuration");
    } else {
        status = sva_parts_finding(parts, error, "adapter-config-unread", file->path, "%s.",
                                   problem.text);
    }
    sva_list_done(&config.leaves);
    return status;
}

/** "LORA" of "lora", as PEFT writes it; ends where anything but a letter stands. */
static enum sva_status type_fact(struct sva_parts *parts, const char *type, struct sva_error *error)
{
    char capitals[32];
    size_t size = 0;
    for (; size + 1 < sizeof capitals; size++) {
        const char c = type[size];
        const bool small = c >= 'a' && c <= 'z';
        if (!small && !(c >= 'A' && c <= 'Z')) {
            break;
        }
        capitals[size] = small ? (char)(c - 'a' + 'A') : c;
    }
    capitals[size] = '\0';
    return sva_parts_fact(parts, "adapter.peft_type", capitals, error);
}

/** A fact from a collected text, which is freed. */
static enum sva_status text_fact(struct sva_parts *parts, const char *key, struct sva_bytes *text,
                                 struct sva_error *error)
{
    sva_bytes_text(text, "");
    const enum sva_status status =
        text->failed ? sva_fail_memory(error, "collecting facts")
                     : sva_parts_fact(parts, key, (const char *)text->data, error);
    sva_bytes_done(text);
    return status;
}

/** The base by its address or, without one, its name; what is not UTF-8 is cut off. */
static enum sva_status gguf_base_fact(struct sva_parts *parts, const struct sva_gguf_file *file,
                                      struct sva_error *error)
{
    const char *base = sva_gguf_text(file->gguf, "general.base_model.0.repo_url");
    base = base == NULL ? sva_gguf_text(file->gguf, "general.base_model.0.name") : base;
    if (base == NULL) {
        return SVA_OK;
    }
    struct sva_bytes text = {0};
    sva_bytes_append(&text, base, sva_utf8_valid_prefix((const uint8_t *)base, strlen(base)));
    const enum sva_status status =
        text_fact(parts, "adapter.base_model_name_or_path", &text, error);
    return status == SVA_OK ? check_base(parts, base, file->path, error) : status;
}

enum sva_status sva_adapter_facts_gguf(struct sva_parts *parts, const struct sva_gguf_file *file,
                                       struct sva_error *error)
{
    const char *const type = sva_gguf_text(file->gguf, "adapter.type");
    const struct sva_gguf_value *const alpha = sva_gguf_find(file->gguf, "adapter.lora.alpha");
    enum sva_status status = type == NULL ? SVA_OK : type_fact(parts, type, error);
    if (status == SVA_OK && alpha != NULL && alpha->type == SVA_GGUF_F32) {
        struct sva_bytes text = {0};
        sva_bytes_json_number(&text, alpha->scalar.f, 7);
        status = text_fact(parts, "adapter.lora_alpha", &text, error);
    }
    return status == SVA_OK ? gguf_base_fact(parts, file, error) : status;
}
