/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint/print_classes.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

/* Kinds of classes do not mix. */
enum class_kind {
    CLASS_SHAPE = 1,
    CLASS_WIDTH,
    CLASS_VECTOR_ROLE,
    CLASS_VECTOR_NAME,
    CLASS_FACTOR,
    CLASS_VALUES,
    CLASS_HIDDEN,
    CLASS_VOCABULARY
};

enum { TENSOR_CLASSES_MOST = 11 }; /* six hashes, a shape, two of a vector, a factor, a hidden layer */

struct class_list {
    uint64_t *items;
    size_t count;
};

static void add(struct class_list *list, enum class_kind kind, uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t mixed = sva_mix64((uint64_t)kind * 0x9e3779b97f4a7c15u + SVA_CLASSES_VERSION);
    mixed = sva_mix64(mixed ^ a);
    mixed = sva_mix64(mixed + b);
    list->items[list->count++] = sva_mix64(mixed ^ c);
}

static uint64_t hash_name(const char *name)
{
    return sva_xxh3(name, strlen(name), 0);
}

static void add_digest(struct class_list *list, const uint8_t digest[SVA_DIGEST_BYTES])
{
    uint64_t head = 0;
    for (int i = 0; i < 8; i++) {
        head = head << 8 | digest[i];
    }
    add(list, CLASS_VALUES, head, 0, 0);
}

static void add_hashes(struct class_list *list, const struct sva_print_tensor *tensor)
{
    const struct sva_print_alternative *other = tensor->alternative;
    if (tensor->sampled) {
        return; /* no hash is of all its values */
    }
    add_digest(list, tensor->value_hash);
    for (int kind = 0; tensor->rounded_known && kind < 2; kind++) {
        add_digest(list, tensor->rounded_hash[kind]);
    }
    if (other == NULL) {
        return;
    }
    add_digest(list, other->value_hash);
    for (int kind = 0; other->rounded_known && kind < 2; kind++) {
        add_digest(list, other->rounded_hash[kind]);
    }
}

static void add_tensor(struct class_list *list, const struct sva_print_tensor *tensor)
{
    const uint64_t low = tensor->n[0] < tensor->n[1] ? tensor->n[0] : tensor->n[1];
    const uint64_t high = tensor->n[0] < tensor->n[1] ? tensor->n[1] : tensor->n[0];
    add_hashes(list, tensor);
    if (tensor->axis[0].kept > 0 || tensor->axis[1].kept > 0 || tensor->samples.rows > 0) {
        add(list, CLASS_SHAPE, low, high, tensor->n[2]);
    }
    if (tensor->vector_length > 0) {
        add(list, CLASS_VECTOR_NAME, hash_name(tensor->name), tensor->vector_length, 0);
        if (tensor->role != SVA_ROLE_UNKNOWN) {
            add(list, CLASS_VECTOR_ROLE, (uint64_t)tensor->role, tensor->vector_length,
                tensor->bias ? 1 : 0);
        }
    }
    if (tensor->gram.blocks > 0) {
        add(list, CLASS_HIDDEN, tensor->n[tensor->axis_kind[0] == SVA_AXIS_NEURON ? 0 : 1], 0, 0);
    }
    if (tensor->role == SVA_ROLE_LORA_A || tensor->role == SVA_ROLE_LORA_B) {
        add(list, CLASS_FACTOR, hash_name(tensor->name),
            tensor->n[tensor->role == SVA_ROLE_LORA_A ? 0 : 1], (uint64_t)tensor->role);
    }
}

/** Vocabularies of one source begin with the same tokens in the same order. */
static void add_vocabulary(struct class_list *list, const struct sva_token_sample *sample)
{
    enum { BEGINNING = 32 };
    uint64_t mixed = 0;
    if (sample == NULL || sample->first_count < BEGINNING) {
        return;
    }
    for (int i = 0; i < BEGINNING; i++) {
        mixed = sva_mix64(mixed + sample->first[i]);
    }
    add(list, CLASS_VOCABULARY, mixed, 0, 0);
}

static int ascending(const void *a, const void *b)
{
    const uint64_t left = *(const uint64_t *)a;
    const uint64_t right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

bool sva_print_classes(const struct sva_print *print, uint64_t **classes, size_t *count)
{
    struct class_list list = {0};
    if (print->tensor_count > SIZE_MAX / TENSOR_CLASSES_MOST - print->component_count - 2) {
        return false;
    }
    list.items = sva_calloc(print->tensor_count * TENSOR_CLASSES_MOST + print->component_count + 2,
                            sizeof *list.items);
    if (list.items == NULL) {
        return false;
    }
    for (size_t i = 0; i < print->component_count; i++) {
        const struct sva_print_component *component = &print->components[i];
        if (component->width > 0 && component->kind != SVA_COMPONENT_GENERIC &&
            component->kind != SVA_COMPONENT_ADAPTER) {
            add(&list, CLASS_WIDTH, component->width, 0, 0);
        }
    }
    for (size_t i = 0; i < print->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &print->tensors[i];
        if (tensor->inert == SVA_INERT_NONE && tensor->element_count > 0) {
            add_tensor(&list, tensor);
        }
    }
    add_vocabulary(&list, print->token_sample);
    qsort(list.items, list.count, sizeof *list.items, ascending);
    size_t kept = 0;
    for (size_t i = 0; i < list.count; i++) {
        if (kept == 0 || list.items[kept - 1] != list.items[i]) {
            list.items[kept++] = list.items[i];
        }
    }
    *classes = list.items;
    *count = kept;
    return true;
}

bool sva_classes_meet(const uint64_t *a, size_t a_count, const uint64_t *b, size_t b_count)
{
    size_t i = 0;
    size_t j = 0;
    while (i < a_count && j < b_count && a[i] != b[j]) {
        if (a[i] < b[j]) {
            i++;
        } else {
            j++;
        }
    }
    return i < a_count && j < b_count;
}
