/* SPDX-License-Identifier: Apache-2.0 */
/* From the last value to its tensors: nested dictionaries become dotted names. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "format/pickle_machine.h"

enum { DEPTH_MOST = 32 };

/** Values looked at in all: a few shared lists can stand for endless ones. */
static const uint64_t LOOKED_AT_MOST = (uint64_t)1 << 23;

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
    uint64_t looked_at;
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
    if (text == NULL || size > most - *name_bytes || memchr(text, '\0', size) != NULL ||
        sva_utf8_valid_prefix(text, size) != size) {
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
    if (++walk->looked_at > LOOKED_AT_MOST) {
        return too_much(walk, "values");
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
    if (walk->depth == DEPTH_MOST || name_bytes + 1 >= sizeof walk->name) {
        return too_much(walk, "levels of dictionaries");
    }
    walk->name[name_bytes] = '.';
    walk->levels[walk->depth++] = (struct level){.dict = index, .name_bytes = name_bytes + 1};
    return SVA_OK;
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
    enum sva_status status = SVA_OK;
    if (value->kind == SVA_PICKLE_TENSOR) {
        memcpy(walk->name, "tensor", 6);
        status = take_tensor(walk, value->as.tensor, 6);
    } else if (value->kind == SVA_PICKLE_DICT) {
        walk->levels[walk->depth++] = (struct level){.dict = root};
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
