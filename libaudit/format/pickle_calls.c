/* SPDX-License-Identifier: Apache-2.0 */
/* What the few allowed callables do with their arguments. */
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/fail.h"
#include "base/text.h"
#include "format/pickle_machine.h"
#include "kernel/dtype.h"

static struct sva_pickle_value *at(struct sva_pickle_machine *machine, uint32_t value)
{
    return &machine->values[value];
}

/** The item of a tuple or list, which has it. */
static struct sva_pickle_value *item(struct sva_pickle_machine *machine, uint32_t sequence,
                                     uint32_t index)
{
    return at(machine, at(machine, sequence)->as.sequence.items[index]);
}

/** Numbers of a tuple or list, none negative. False: something else. */
static bool take_numbers(struct sva_pickle_machine *machine, const struct sva_pickle_value *from,
                         uint64_t numbers[SVA_PICKLE_RANK], uint32_t *count)
{
    if ((from->kind != SVA_PICKLE_TUPLE && from->kind != SVA_PICKLE_LIST) ||
        from->as.sequence.count > SVA_PICKLE_RANK) {
        return false;
    }
    for (uint32_t i = 0; i < from->as.sequence.count; i++) {
        const struct sva_pickle_value *const number = at(machine, from->as.sequence.items[i]);
        if (number->kind != SVA_PICKLE_INT || number->as.integer < 0) {
            return false;
        }
        numbers[i] = (uint64_t)number->as.integer;
    }
    *count = from->as.sequence.count;
    return true;
}

/** A copy of the text that ends in NUL, or NULL: out of memory. */
static const char *copy_text(struct sva_pickle_machine *machine, uint32_t text)
{
    const struct sva_pickle_value *const value = at(machine, text);
    return sva_arena_strndup(&machine->arena, (const char *)value->as.text.bytes,
                             value->as.text.size);
}

static bool holds_tensors(struct sva_pickle_machine *machine, const struct sva_pickle_value *value)
{
    const bool sequence = value->kind == SVA_PICKLE_DICT || value->kind == SVA_PICKLE_TUPLE ||
                          value->kind == SVA_PICKLE_LIST;
    for (uint32_t i = 0; sequence && i < value->as.sequence.count; i++) {
        const enum sva_pickle_kind kind = at(machine, value->as.sequence.items[i])->kind;
        if (kind == SVA_PICKLE_TENSOR || kind == SVA_PICKLE_STORAGE) {
            return true;
        }
    }
    return false;
}

/**
 * The attributes at `index` of a call's arguments, if there are any: a dictionary, or a tuple of
 * two. A tensor among them may be `data`, which takes the place of the tensor itself.
 */
static enum sva_status check_state(struct sva_pickle_machine *machine, uint32_t arguments,
                                   uint32_t index)
{
    const struct sva_pickle_value *const values = at(machine, arguments);
    if (values->as.sequence.count <= index) {
        return SVA_OK;
    }
    const struct sva_pickle_value *const state = item(machine, arguments, index);
    bool refused = holds_tensors(machine, state);
    for (uint32_t i = 0; state->kind == SVA_PICKLE_TUPLE && i < state->as.sequence.count; i++) {
        refused = refused || holds_tensors(machine, at(machine, state->as.sequence.items[i]));
    }
    return refused ? sva_pickle_refuse(machine, "gives a tensor another one as an attribute")
                   : SVA_OK;
}

/** Marks of a tensor (`conj`, `neg`) turn the sign of what its storage holds: none may be set. */
static bool is_marked(struct sva_pickle_machine *machine, uint32_t arguments, uint32_t index)
{
    if (at(machine, arguments)->as.sequence.count <= index) {
        return false;
    }
    const struct sva_pickle_value *const marks = item(machine, arguments, index);
    return marks->kind != SVA_PICKLE_PLAIN &&
           !(marks->kind == SVA_PICKLE_DICT && marks->as.sequence.count == 0);
}

/** The first four of a tensor's arguments: offset, size and stride in a storage. */
static bool take_place(struct sva_pickle_machine *machine, uint32_t arguments,
                       struct sva_pickle_tensor *tensor)
{
    const struct sva_pickle_value *const offset = item(machine, arguments, 1);
    uint32_t strides = 0;
    if (item(machine, arguments, 0)->kind != SVA_PICKLE_STORAGE || offset->kind != SVA_PICKLE_INT ||
        offset->as.integer < 0) {
        return false;
    }
    tensor->offset_elements = (uint64_t)offset->as.integer;
    return take_numbers(machine, item(machine, arguments, 2), tensor->size, &tensor->rank) &&
           take_numbers(machine, item(machine, arguments, 3), tensor->stride, &strides) &&
           strides == tensor->rank;
}

/** (storage, offset, size, stride, ...); v3 has the dtype at place 6. */
static enum sva_status rebuild_tensor(struct sva_pickle_machine *machine, uint32_t arguments,
                                      bool v3, uint32_t *result)
{
    const uint32_t count = at(machine, arguments)->as.sequence.count;
    if (count < (v3 ? 7u : 4u) || count > (v3 ? 8u : 7u)) {
        return sva_pickle_refuse(machine, "rebuilds a tensor from %u values", count);
    }
    if (is_marked(machine, arguments, v3 ? 7 : 6)) {
        return sva_pickle_refuse(machine, "rebuilds a tensor whose values are marked as others");
    }
    struct sva_pickle_tensor tensor = {0};
    if (!take_place(machine, arguments, &tensor)) {
        return sva_pickle_refuse(machine, "rebuilds a tensor from values of other kinds");
    }
    const struct sva_pickle_value *const storage = item(machine, arguments, 0);
    tensor.dtype = storage->as.storage.dtype;
    tensor.storage_bytes = storage->as.storage.size_bytes;
    if (v3) {
        const struct sva_pickle_value *const dtype = item(machine, arguments, 6);
        if (dtype->kind != SVA_PICKLE_NAME || !dtype->as.name->typed) {
            return sva_pickle_refuse(machine, "rebuilds a tensor without a dtype");
        }
        tensor.dtype = dtype->as.name->dtype;
    }
    struct sva_pickle_tensor *const made = sva_arena_alloc(&machine->arena, 1, sizeof *made);
    tensor.storage = copy_text(machine, storage->as.storage.key);
    enum sva_status status = SVA_OK;
    *result = sva_pickle_add(machine, SVA_PICKLE_TENSOR, &status);
    if (made == NULL || tensor.storage == NULL || status != SVA_OK) {
        return sva_fail_memory(machine->error, "reading a pickle");
    }
    *made = tensor;
    at(machine, *result)->as.tensor = made;
    return SVA_OK;
}

/** (rebuild, type, arguments, state): the tensor that `rebuild` gives. */
static enum sva_status rebuild_from_type(struct sva_pickle_machine *machine, uint32_t arguments,
                                         uint32_t *result)
{
    if (at(machine, arguments)->as.sequence.count < 3) {
        return sva_pickle_refuse(machine, "rebuilds a tensor from too few values");
    }
    const struct sva_pickle_value *const rebuild = item(machine, arguments, 0);
    const uint32_t inner = at(machine, arguments)->as.sequence.items[2];
    if (rebuild->kind != SVA_PICKLE_NAME || at(machine, inner)->kind != SVA_PICKLE_TUPLE ||
        (rebuild->as.name->call != SVA_CALL_TENSOR &&
         rebuild->as.name->call != SVA_CALL_TENSOR_V3)) {
        return sva_pickle_refuse(machine, "rebuilds something that is not a plain tensor");
    }
    const enum sva_status status = check_state(machine, arguments, 3);
    if (status != SVA_OK) {
        return status;
    }
    return rebuild_tensor(machine, inner, rebuild->as.name->call == SVA_CALL_TENSOR_V3, result);
}

static enum sva_status first_of(struct sva_pickle_machine *machine, uint32_t arguments,
                                enum sva_pickle_kind kind, uint32_t *result)
{
    if (at(machine, arguments)->as.sequence.count < 1 ||
        item(machine, arguments, 0)->kind != kind) {
        return sva_pickle_refuse(machine, "calls an allowed name with values of other kinds");
    }
    *result = at(machine, arguments)->as.sequence.items[0];
    return SVA_OK;
}

enum sva_status sva_pickle_call(struct sva_pickle_machine *machine, uint32_t callable,
                                uint32_t arguments, uint32_t *result)
{
    if (at(machine, callable)->kind != SVA_PICKLE_NAME ||
        at(machine, arguments)->kind != SVA_PICKLE_TUPLE) {
        return sva_pickle_refuse(machine, "would call something that is no allowed name; it was "
                                          "not run");
    }
    const struct sva_pickle_name *const name = at(machine, callable)->as.name;
    enum sva_status status = SVA_OK;
    switch (name->call) {
    case SVA_CALL_ORDERED_DICT:
        if (at(machine, arguments)->as.sequence.count != 0) {
            return sva_pickle_refuse(machine, "fills an OrderedDict in a way that is not read");
        }
        *result = sva_pickle_add(machine, SVA_PICKLE_DICT, &status);
        return status;
    case SVA_CALL_SIZE: return first_of(machine, arguments, SVA_PICKLE_TUPLE, result);
    case SVA_CALL_TENSOR: return rebuild_tensor(machine, arguments, false, result);
    case SVA_CALL_TENSOR_V3: return rebuild_tensor(machine, arguments, true, result);
    case SVA_CALL_PARAMETER:
        status = check_state(machine, arguments, 3);
        return status == SVA_OK ? first_of(machine, arguments, SVA_PICKLE_TENSOR, result) : status;
    case SVA_CALL_FROM_TYPE: return rebuild_from_type(machine, arguments, result);
    case SVA_CALL_NONE: break;
    }
    return sva_pickle_refuse(machine,
                             "would call %s.%s, which is no function that rebuilds "
                             "tensors; it was not run",
                             name->module, name->name);
}

static bool names_an_entry(const struct sva_pickle_value *key)
{
    return key->as.text.size > 0 && key->as.text.size <= 255 &&
           memchr(key->as.text.bytes, '\0', key->as.text.size) == NULL &&
           memchr(key->as.text.bytes, '/', key->as.text.size) == NULL;
}

enum sva_status sva_pickle_storage(struct sva_pickle_machine *machine, uint32_t id,
                                   uint32_t *result)
{
    const struct sva_pickle_value *const tuple = at(machine, id);
    const bool long_enough = tuple->kind == SVA_PICKLE_TUPLE && tuple->as.sequence.count == 5;
    const struct sva_pickle_value *const word = long_enough ? item(machine, id, 0) : NULL;
    const struct sva_pickle_value *const type = long_enough ? item(machine, id, 1) : NULL;
    const struct sva_pickle_value *const elements = long_enough ? item(machine, id, 4) : NULL;
    if (!long_enough || word->kind != SVA_PICKLE_TEXT || word->as.text.size != 7 ||
        memcmp(word->as.text.bytes, "storage", 7) != 0 || type->kind != SVA_PICKLE_NAME ||
        !type->as.name->typed || item(machine, id, 2)->kind != SVA_PICKLE_TEXT ||
        elements->kind != SVA_PICKLE_INT || elements->as.integer < 0) {
        return sva_pickle_refuse(machine, "refers to something outside that is no storage");
    }
    const uint32_t key = tuple->as.sequence.items[2];
    const enum sva_dtype dtype = type->as.name->dtype;
    uint64_t size_bytes = 0;
    const struct sva_pickle_value *const text = at(machine, key);
    if (!sva_mul_u64((uint64_t)elements->as.integer, sva_dtype_get(dtype)->bits / 8, &size_bytes)) {
        return sva_pickle_refuse(machine, "names a storage of more than 2^64 bytes");
    }
    if (!names_an_entry(text)) {
        return sva_pickle_refuse(machine, "names a storage with a key that cannot be");
    }
    enum sva_status status = SVA_OK;
    *result = sva_pickle_add(machine, SVA_PICKLE_STORAGE, &status);
    if (status == SVA_OK) {
        struct sva_pickle_value *const storage = at(machine, *result);
        storage->as.storage.dtype = dtype;
        storage->as.storage.key = key;
        storage->as.storage.size_bytes = size_bytes;
    }
    return status;
}

/** One mention of a storage. */
struct mention {
    const uint8_t *key;
    size_t key_bytes;
    uint64_t size_bytes;
    enum sva_dtype dtype;
};

static int by_key(const void *left, const void *right)
{
    const struct mention *const a = left;
    const struct mention *const b = right;
    const size_t both = a->key_bytes < b->key_bytes ? a->key_bytes : b->key_bytes;
    const int order = memcmp(a->key, b->key, both);
    return order != 0 ? order : (a->key_bytes > b->key_bytes) - (a->key_bytes < b->key_bytes);
}

/** All storages that were named, also those of which no tensor was made. */
static struct mention *list_mentions(struct sva_pickle_machine *machine, size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < machine->value_count; i++) {
        *count += machine->values[i].kind == SVA_PICKLE_STORAGE;
    }
    struct mention *const mentions = sva_calloc(*count, sizeof *mentions);
    size_t filled = 0;
    for (size_t i = 0; mentions != NULL && i < machine->value_count; i++) {
        const struct sva_pickle_value *const value = &machine->values[i];
        if (value->kind == SVA_PICKLE_STORAGE) {
            const struct sva_pickle_value *const key = at(machine, value->as.storage.key);
            mentions[filled++] = (struct mention){.key = key->as.text.bytes,
                                                  .key_bytes = key->as.text.size,
                                                  .size_bytes = value->as.storage.size_bytes,
                                                  .dtype = value->as.storage.dtype};
        }
    }
    return mentions;
}

enum sva_status sva_pickle_check_storages(struct sva_pickle_machine *machine)
{
    size_t count = 0;
    struct mention *const mentions = list_mentions(machine, &count);
    if (mentions == NULL) {
        return sva_fail_memory(machine->error, "reading a pickle");
    }
    if (count > 1) {
        qsort(mentions, count, sizeof *mentions, by_key);
    }
    enum sva_status status = SVA_OK;
    for (size_t i = 1; status == SVA_OK && i < count; i++) {
        const struct mention *const one = &mentions[i - 1];
        const struct mention *const other = &mentions[i];
        if (by_key(one, other) == 0 &&
            (one->dtype != other->dtype || one->size_bytes != other->size_bytes)) {
            status = sva_fail(machine->error, SVA_ERR_CORRUPT,
                              "%s: the storage \"%s\" is described in two ways", machine->what,
                              sva_escn((const char *)one->key, one->key_bytes).text);
        }
    }
    sva_free(mentions);
    return status;
}
