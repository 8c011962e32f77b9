/* SPDX-License-Identifier: Apache-2.0 */
/* From the last value to its tensors: nested dictionaries become dotted names. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "format/pickle_machine.h"
#include "format/repeats.h"

enum { DEPTH_MOST = 32 };

/**
 * A dictionary may be in several places, and two dozen of them, each twice in the next, stand for
 * millions: what is looked at stays in proportion to what the pickle has.
 */
enum { SHARED_MOST = 8, SHARED_FREE = 1 << 16 };

/** All names together; those of a model of a million tensors are shorter. */
static const uint64_t NAMES_MOST_BYTES = (uint64_t)64 << 20;

struct level {
    uint32_t dict;
    uint32_t next;     /**< item to look at */
    size_t name_bytes; /**< of the name so far, with its dot */
};

struct walk {
    struct sva_pickle_machine *machine;
    struct sva_pickle *pickle;
    size_t capacity;
    struct level levels[DEPTH_MOST];
    uint32_t depth;
    char name[4096];
    uint64_t looked_at, looked_at_most;
    uint64_t names_bytes;
};

static enum sva_status too_much(struct walk *walk, const char *what)
{
    return sva_fail(walk->machine->error, SVA_ERR_LIMIT, "%s: holds more %s than are read",
                    walk->machine->what, what);
}

static enum sva_status take_tensor(struct walk *walk, const struct sva_pickle_tensor *tensor,
                                   size_t name_bytes)
{
    struct sva_pickle *const pickle = walk->pickle;
    if (pickle->count >= walk->machine->limits->tensor_count) {
        return too_much(walk, "tensors");
    }
    walk->names_bytes += name_bytes + 1;
    if (walk->names_bytes > NAMES_MOST_BYTES) {
        return too_much(walk, "bytes of tensor names");
    }
    if (pickle->count == walk->capacity) {
        const size_t capacity = walk->capacity == 0 ? 64 : 2 * walk->capacity;
        struct sva_pickle_tensor *const grown =
            sva_realloc_array(pickle->tensors, capacity, sizeof *grown);
        if (grown == NULL) {
            return sva_fail_memory(walk->machine->error, "reading a pickle");
        }
        pickle->tensors = grown;
        walk->capacity = capacity;
    }
    struct sva_pickle_tensor *const kept = &pickle->tensors[pickle->count];
    *kept = *tensor;
    kept->name = sva_arena_strndup(&pickle->arena, walk->name, name_bytes);
    kept->name_bytes = name_bytes;
    kept->storage = sva_arena_strdup(&pickle->arena, tensor->storage);
    if (kept->name == NULL || kept->storage == NULL) {
        return sva_fail_memory(walk->machine->error, "reading a pickle");
    }
    pickle->count++;
    return SVA_OK;
}

/** Writes the key behind the name so far; false: it is no text, or too long. */
static bool add_key(struct walk *walk, const struct sva_pickle_value *key, size_t *name_bytes)
{
    const size_t most = walk->machine->limits->name_bytes < sizeof walk->name
                            ? walk->machine->limits->name_bytes
                            : sizeof walk->name;
    char digits[24];
    const void *text = NULL;
    size_t size = 0;
    if (key->kind == SVA_PICKLE_TEXT) {
        text = key->as.text.bytes;
        size = key->as.text.size;
    } else if (key->kind == SVA_PICKLE_INT) {
        size = (size_t)snprintf(digits, sizeof digits, "%" PRId64, key->as.integer);
        text = digits;
    }
    if (text == NULL || *name_bytes > most || size > most - *name_bytes ||
        memchr(text, '\0', size) != NULL || sva_utf8_valid_prefix(text, size) != size) {
        return false;
    }
    memcpy(walk->name + *name_bytes, text, size);
    *name_bytes += size;
    return true;
}

static bool holds_items(const struct sva_pickle_value *value)
{
    return value->kind == SVA_PICKLE_DICT && value->as.sequence.count > 0;
}

/** The text of a key for messages and comparisons; false: a key that names no tensor. */
static bool show_key(struct walk *walk, const struct sva_pickle_value *key, struct sva_named *named)
{
    if (key->kind == SVA_PICKLE_TEXT) {
        named->text = (const char *)key->as.text.bytes;
        named->size = key->as.text.size;
    } else if (key->kind == SVA_PICKLE_INT) {
        named->text = sva_arena_printf(&walk->machine->arena, "%" PRId64, key->as.integer);
        named->size = named->text == NULL ? 0 : strlen(named->text);
    } else {
        return false;
    }
    return true;
}

/** Of two equal keys Python keeps the last; a reader that keeps both sees another model. */
static enum sva_status check_keys(struct walk *walk, const struct sva_pickle_value *dict)
{
    const uint32_t count = dict->as.sequence.count;
    struct sva_named *const keys = sva_calloc(count / 2, sizeof *keys);
    struct sva_named twice = {0};
    size_t named = 0;
    bool failed = keys == NULL;
    for (uint32_t i = 0; !failed && i < count; i += 2) {
        const struct sva_pickle_value *const key =
            &walk->machine->values[dict->as.sequence.items[i]];
        if (show_key(walk, key, &keys[named])) {
            failed = keys[named].text == NULL;
            keys[named++].at = i;
        }
    }
    const uint64_t repeated = failed ? 0 : sva_repeats_count(keys, named, &twice);
    sva_free(keys);
    if (failed) {
        return sva_fail_memory(walk->machine->error, "reading a pickle");
    }
    return repeated == 0 ? SVA_OK
                         : sva_fail(walk->machine->error, SVA_ERR_CORRUPT,
                                    "%s: a dictionary has the key \"%s\" twice",
                                    walk->machine->what, sva_escn(twice.text, twice.size).text);
}

/** Into a dictionary, whose tensors have names that begin with the name so far. */
static enum sva_status enter(struct walk *walk, uint32_t dict, size_t name_bytes)
{
    const uint32_t most = walk->machine->limits->json_depth;
    if (walk->depth == DEPTH_MOST || walk->depth >= most) {
        return too_much(walk, "levels of dictionaries");
    }
    walk->levels[walk->depth++] = (struct level){.dict = dict, .name_bytes = name_bytes};
    return check_keys(walk, &walk->machine->values[dict]);
}

/** One key and value of the innermost dictionary. */
static enum sva_status take_item(struct walk *walk)
{
    struct sva_pickle_machine *const machine = walk->machine;
    struct level *const level = &walk->levels[walk->depth - 1];
    const struct sva_pickle_value *const dict = &machine->values[level->dict];
    const struct sva_pickle_value *const key =
        &machine->values[dict->as.sequence.items[level->next]];
    const uint32_t index = dict->as.sequence.items[level->next + 1];
    const struct sva_pickle_value *const value = &machine->values[index];
    level->next += 2;
    if (++walk->looked_at > walk->looked_at_most) {
        return too_much(walk, "dictionaries within each other");
    }
    if (value->kind != SVA_PICKLE_TENSOR && !holds_items(value)) {
        walk->pickle->other_values++;
        return SVA_OK;
    }
    size_t name_bytes = level->name_bytes;
    if (!add_key(walk, key, &name_bytes)) {
        return sva_fail(machine->error, SVA_ERR_CORRUPT,
                        "%s: a tensor's name is no text, too long, or holds a NUL", machine->what);
    }
    if (value->kind == SVA_PICKLE_TENSOR) {
        return take_tensor(walk, value->as.tensor, name_bytes);
    }
    if (name_bytes == sizeof walk->name) {
        return too_much(walk, "levels of dictionaries");
    }
    walk->name[name_bytes] = '.';
    return enter(walk, index, name_bytes + 1);
}

/** Keys and values of all dictionaries, each counted once. */
static uint64_t count_items(const struct sva_pickle_machine *machine)
{
    uint64_t items = 0;
    for (size_t i = 0; i < machine->value_count; i++) {
        const struct sva_pickle_value *const value = &machine->values[i];
        items += value->kind == SVA_PICKLE_DICT ? value->as.sequence.count / 2 : 0;
    }
    return items;
}

enum sva_status sva_pickle_walk(struct sva_pickle_machine *machine, uint32_t root,
                                struct sva_pickle *pickle)
{
    const struct sva_pickle_value *const value = &machine->values[root];
    struct walk *const walk = sva_calloc(1, sizeof *walk);
    if (walk == NULL) {
        return sva_fail_memory(machine->error, "reading a pickle");
    }
    walk->machine = machine;
    walk->pickle = pickle;
    walk->looked_at_most = SHARED_FREE + SHARED_MOST * count_items(machine);
    enum sva_status status = SVA_OK;
    if (value->kind == SVA_PICKLE_TENSOR) {
        memcpy(walk->name, "tensor", 6);
        status = take_tensor(walk, value->as.tensor, 6);
    } else if (value->kind == SVA_PICKLE_DICT) {
        status = enter(walk, root, 0);
    }
    while (status == SVA_OK && walk->depth > 0) {
        const struct level *const level = &walk->levels[walk->depth - 1];
        if (level->next >= machine->values[level->dict].as.sequence.count) {
            walk->depth--;
        } else {
            status = take_item(walk);
        }
    }
    sva_free(walk);
    return status;
}
