/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/factors.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static const char LORA[] = "lora";
enum { LORA_BYTES = sizeof LORA - 1 };

bool sva_is_factor(const struct sva_print_tensor *tensor)
{
    return tensor->role == SVA_ROLE_LORA_A || tensor->role == SVA_ROLE_LORA_B;
}

/** What stands in brackets behind a factor's name: its target's role; "" where none is known. */
static const char *target_of(const char *name)
{
    const char *open = strrchr(name, '[');
    return open != NULL && name[strlen(name) - 1] == ']' ? open : "";
}

bool sva_starts_at_zero(const struct sva_print_tensor *factor)
{
    const bool embedding = strstr(factor->name, "lora_embedding_") != NULL ||
                           strcmp(target_of(factor->name), "[embed-tokens]") == 0;
    return factor->role == (embedding ? SVA_ROLE_LORA_A : SVA_ROLE_LORA_B);
}

static bool is_named_as_gguf(const struct sva_print_tensor *factor)
{
    return strstr(factor->name, ".lora_a") != NULL || strstr(factor->name, ".lora_b") != NULL;
}

bool sva_rows_may_differ(const struct sva_print_tensor *factor,
                         const struct sva_print_tensor *partner)
{
    const char *const target = target_of(factor->name);
    return factor->role == SVA_ROLE_LORA_B &&
           is_named_as_gguf(factor) != is_named_as_gguf(partner) &&
           (strcmp(target, "[attn-q]") == 0 || strcmp(target, "[attn-k]") == 0);
}

/** Where the last word that begins with "lora" stands, or NULL. Kohya's begin with one too. */
static const char *last_lora(const char *name)
{
    const char *found = NULL;
    for (const char *at = strstr(name, LORA); at != NULL; at = strstr(at + 1, LORA)) {
        if (at == name || at[-1] == '.' || at[-1] == '_') {
            found = at;
        }
    }
    return found;
}

size_t sva_module_bytes(const char *name)
{
    const char *end = last_lora(name);
    if (end == NULL) {
        return strlen(name);
    }
    end += LORA_BYTES;
    while (*end >= '0' && *end <= '9') {
        end++;
    }
    return (size_t)(end - name);
}

/* ---- a module's name in every dialect ---- */

/** Beginnings of modules' names that say which tool wrote them; the second encoder stays apart. */
static const struct {
    const char *start, *kept;
} wrappers[] = {
    {"base_model_model_", ""},  {"lora_unet_", ""},       {"lora_transformer_", ""},
    {"lora_te2_", "2_"},        {"lora_te1_", ""},        {"lora_te_", ""},
    {"text_encoder_2_", "2_"},  {"text_encoder_", ""},    {"unet_", ""},
    {"transformer_", ""},       {"diffusion_model_", ""},
};

/** Takes `part` out of the text wherever it stands. */
static void drop_part(char *text, const char *part)
{
    const size_t size = strlen(part);
    for (char *at = strstr(text, part); at != NULL; at = strstr(at, part)) {
        memmove(at, at + size, strlen(at + size) + 1);
    }
}

static void drop_end(char *text, const char *end)
{
    const size_t size = strlen(text);
    const size_t length = strlen(end);
    if (size >= length && strcmp(text + size - length, end) == 0) {
        text[size - length] = '\0';
    }
}

/** Puts a wrapper's replacement, which is never longer, in its place. */
static void drop_wrapper(char *text)
{
    for (size_t i = 0; i < sizeof wrappers / sizeof *wrappers; i++) {
        const size_t start = strlen(wrappers[i].start);
        const size_t kept = strlen(wrappers[i].kept);
        if (strncmp(text, wrappers[i].start, start) == 0) {
            memmove(text + kept, text + start, strlen(text + start) + 1);
            memcpy(text, wrappers[i].kept, kept);
            return;
        }
    }
}

/**
 * The module with '_' for '.', as kohya writes it, without wrappers and without the words of the
 * factor: "layers_0_self_attn_q_proj". NULL: out of memory.
 */
static const char *module_name(struct sva_arena *arena, const char *name)
{
    const char *const lora = last_lora(name);
    const size_t before = lora == NULL ? strlen(name) : (size_t)(lora - name);
    const size_t whole = sva_module_bytes(name);
    const char *const number = lora == NULL ? "" : lora + LORA_BYTES;
    const size_t digits = lora == NULL ? 0 : whole - before - LORA_BYTES;
    char *const text = sva_arena_alloc(arena, before + digits + 1, 1);
    if (text == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < before; i++) {
        text[i] = name[i] == '.' ? '_' : name[i];
    }
    drop_part(text, "_processor");
    drop_wrapper(text);
    drop_end(text, "_");
    drop_end(text, "_weight");
    const size_t left = strlen(text);
    memcpy(text + left, number, digits);
    text[left + digits] = '\0';
    return text;
}

/* ---- places ---- */

enum level { BY_NAME_AND_COMPONENT, BY_NAME, BY_MODULE, BY_TARGET, LEVELS };

struct factor {
    uint32_t index;
    enum sva_role role;
    int32_t layer, expert;
    const char *name, *component, *module, *target;
};

static int compare_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_factors(const struct factor *a, const struct factor *b, enum level level)
{
    int order = compare_numbers(a->role, b->role);
    if (order != 0) {
        return order;
    }
    if (level == BY_MODULE) {
        return strcmp(a->module, b->module);
    }
    if (level == BY_TARGET) {
        order = strcmp(a->target, b->target);
        order = order == 0 ? compare_numbers(a->layer, b->layer) : order;
        return order == 0 ? compare_numbers(a->expert, b->expert) : order;
    }
    order = strcmp(a->name, b->name);
    return order != 0 || level == BY_NAME ? order : strcmp(a->component, b->component);
}

static int by_component(const void *a, const void *b)
{
    return compare_factors(a, b, BY_NAME_AND_COMPONENT);
}

static int by_name(const void *a, const void *b)
{
    return compare_factors(a, b, BY_NAME);
}

static int by_module(const void *a, const void *b)
{
    return compare_factors(a, b, BY_MODULE);
}

static int by_target(const void *a, const void *b)
{
    return compare_factors(a, b, BY_TARGET);
}

struct factor_list {
    struct factor *items;
    size_t count;
};

static bool list_factors(const struct sva_print *print, struct sva_arena *arena,
                         struct factor_list *list)
{
    *list = (struct factor_list){sva_calloc(print->tensor_count, sizeof *list->items), 0};
    bool ok = list->items != NULL || print->tensor_count == 0;
    for (uint32_t i = 0; ok && i < print->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &print->tensors[i];
        if (sva_is_factor(tensor)) {
            const char *const module = module_name(arena, tensor->name);
            ok = module != NULL;
            list->items[list->count++] =
                (struct factor){.index = i,
                                .role = tensor->role,
                                .layer = tensor->layer,
                                .expert = tensor->expert,
                                .name = tensor->name,
                                .component = print->components[tensor->component].name,
                                .module = module,
                                .target = target_of(tensor->name)};
        }
    }
    return ok;
}

/** Length of the run of equal factors at `first`. */
static size_t run_length(const struct factor_list *list, size_t first, enum level level)
{
    size_t count = 1;
    while (first + count < list->count &&
           compare_factors(&list->items[first], &list->items[first + count], level) == 0) {
        count++;
    }
    return count;
}

/** Pairs what is alone on either side; both lists are sorted for `level`. */
static void pair_unique(const struct factor_list *subject, const struct factor_list *reference,
                        enum level level, int32_t *partners, bool *taken)
{
    size_t s = 0;
    size_t r = 0;
    while (s < subject->count && r < reference->count) {
        const struct factor *const one = &subject->items[s];
        const struct factor *const other = &reference->items[r];
        const int order = compare_factors(one, other, level);
        const size_t s_run = run_length(subject, s, level);
        const size_t r_run = run_length(reference, r, level);
        const bool known = level != BY_TARGET || one->target[0] != '\0';
        if (order == 0 && s_run == 1 && r_run == 1 && known && partners[one->index] < 0 &&
            !taken[other->index]) {
            partners[one->index] = (int32_t)other->index;
            taken[other->index] = true;
        }
        s += order <= 0 ? s_run : 0;
        r += order >= 0 ? r_run : 0;
    }
}

bool sva_factor_partners(const struct sva_print *subject, const struct sva_print *reference,
                         int32_t *partners)
{
    static int (*const orders[LEVELS])(const void *, const void *) = {by_component, by_name,
                                                                      by_module, by_target};
    struct sva_arena arena = {0};
    struct factor_list own = {0};
    struct factor_list others = {0};
    bool *const taken = sva_calloc(reference->tensor_count, sizeof *taken);
    const bool ok = taken != NULL && list_factors(subject, &arena, &own) &&
                    list_factors(reference, &arena, &others);
    for (size_t i = 0; i < subject->tensor_count; i++) {
        partners[i] = -1;
    }
    for (int level = 0; ok && level < LEVELS && own.count > 0 && others.count > 0; level++) {
        qsort(own.items, own.count, sizeof *own.items, orders[level]);
        qsort(others.items, others.count, sizeof *others.items, orders[level]);
        pair_unique(&own, &others, (enum level)level, partners, taken);
    }
    sva_free(taken);
    sva_free(own.items);
    sva_free(others.items);
    sva_arena_done(&arena);
    return ok;
}
