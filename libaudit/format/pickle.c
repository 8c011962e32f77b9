/* SPDX-License-Identifier: Apache-2.0 */
#include "format/pickle.h"

#include <inttypes.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "format/pickle_machine.h"

/** Every opcode that is obeyed; what is not here refuses the file. */
enum opcode {
    MARK = '(',
    STOP = '.',
    POP = '0',
    POP_MARK = '1',
    DUP = '2',
    BINFLOAT = 'G',
    BININT = 'J',
    BININT1 = 'K',
    BININT2 = 'M',
    NONE = 'N',
    BINPERSID = 'Q',
    REDUCE = 'R',
    BINSTRING = 'T',
    SHORT_BINSTRING = 'U',
    BINUNICODE = 'X',
    EMPTY_LIST = ']',
    APPEND = 'a',
    BUILD = 'b',
    GLOBAL = 'c',
    DICT = 'd',
    APPENDS = 'e',
    BINGET = 'h',
    LONG_BINGET = 'j',
    LIST = 'l',
    BINPUT = 'q',
    LONG_BINPUT = 'r',
    SETITEM = 's',
    TUPLE = 't',
    SETITEMS = 'u',
    EMPTY_DICT = '}',
    EMPTY_TUPLE = ')',
    BINBYTES = 'B',
    SHORT_BINBYTES = 'C',
    PROTO = 0x80,
    TUPLE1 = 0x85,
    TUPLE2 = 0x86,
    TUPLE3 = 0x87,
    NEWTRUE = 0x88,
    NEWFALSE = 0x89,
    LONG1 = 0x8a,
    SHORT_BINUNICODE = 0x8c,
    BINUNICODE8 = 0x8d,
    BINBYTES8 = 0x8e,
    STACK_GLOBAL = 0x93,
    MEMOIZE = 0x94,
    FRAME = 0x95
};

static enum sva_status out_of_memory(struct sva_pickle_machine *machine)
{
    return sva_fail_memory(machine->error, "reading a pickle");
}

/* -- values and the stack ---------------------------------------------------------------------- */

/** Room for one more item of an array that doubles; false: out of memory. */
static bool make_room(void **items, size_t count, size_t *capacity, size_t item_size)
{
    if (count < *capacity) {
        return true;
    }
    const size_t wanted = *capacity == 0 ? 256 : 2 * *capacity;
    void *const grown = sva_realloc_array(*items, wanted, item_size);
    if (grown != NULL) {
        *items = grown;
        *capacity = wanted;
    }
    return grown != NULL;
}

uint32_t sva_pickle_add(struct sva_pickle_machine *machine, enum sva_pickle_kind kind,
                        enum sva_status *status)
{
    void *values = machine->values;
    if (machine->value_count >= UINT32_MAX - 1 ||
        !make_room(&values, machine->value_count, &machine->value_capacity,
                   sizeof *machine->values)) {
        *status = out_of_memory(machine);
        return 0;
    }
    machine->values = values;
    machine->values[machine->value_count] = (struct sva_pickle_value){.kind = kind};
    return (uint32_t)machine->value_count++;
}

enum sva_status sva_pickle_append(struct sva_pickle_machine *machine, uint32_t sequence,
                                  uint32_t item)
{
    struct sva_pickle_value *const value = &machine->values[sequence];
    const uint32_t count = value->as.sequence.count;
    if (count == value->as.sequence.capacity) {
        const uint32_t capacity = count == 0 ? 4 : 2 * count;
        uint32_t *const items = count > UINT32_MAX / 4
                                    ? NULL
                                    : sva_arena_alloc(&machine->arena, capacity, sizeof *items);
        if (items == NULL) {
            return out_of_memory(machine);
        }
        if (count > 0) {
            memcpy(items, value->as.sequence.items, count * sizeof *items);
        }
        value->as.sequence.items = items;
        value->as.sequence.capacity = capacity;
    }
    value->as.sequence.items[value->as.sequence.count++] = item;
    return SVA_OK;
}

static enum sva_status push(struct sva_pickle_machine *machine, uint32_t value)
{
    void *stack = machine->stack;
    if (!make_room(&stack, machine->stack_count, &machine->stack_capacity,
                   sizeof *machine->stack)) {
        return out_of_memory(machine);
    }
    machine->stack = stack;
    machine->stack[machine->stack_count++] = value;
    return SVA_OK;
}

static enum sva_status push_new(struct sva_pickle_machine *machine, enum sva_pickle_kind kind)
{
    enum sva_status status = SVA_OK;
    const uint32_t value = sva_pickle_add(machine, kind, &status);
    return status == SVA_OK ? push(machine, value) : status;
}

static enum sva_status push_integer(struct sva_pickle_machine *machine, int64_t number)
{
    const enum sva_status status = push_new(machine, SVA_PICKLE_INT);
    if (status == SVA_OK) {
        machine->values[machine->value_count - 1].as.integer = number;
    }
    return status;
}

static bool is_mark(const struct sva_pickle_machine *machine, uint32_t value)
{
    return machine->values[value].kind == SVA_PICKLE_MARK;
}

/** Are there `count` values above the last mark? */
static bool has(const struct sva_pickle_machine *machine, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i >= machine->stack_count ||
            is_mark(machine, machine->stack[machine->stack_count - 1 - i])) {
            return false;
        }
    }
    return true;
}

static enum sva_status underflow(struct sva_pickle_machine *machine)
{
    return sva_pickle_refuse(machine, "needs values that are not on the stack");
}

static uint32_t top(const struct sva_pickle_machine *machine, size_t depth)
{
    return machine->stack[machine->stack_count - 1 - depth];
}

/** Position on the stack behind the last mark. False: there is none. */
static bool last_mark(const struct sva_pickle_machine *machine, size_t *first)
{
    for (size_t i = machine->stack_count; i-- > 0;) {
        if (is_mark(machine, machine->stack[i])) {
            *first = i + 1;
            return true;
        }
    }
    return false;
}

/* -- collections ------------------------------------------------------------------------------- */

/** Moves the stack's values from `first` on to the end of a sequence. */
static enum sva_status move_items(struct sva_pickle_machine *machine, size_t first,
                                  uint32_t sequence)
{
    enum sva_status status = SVA_OK;
    for (size_t i = first; status == SVA_OK && i < machine->stack_count; i++) {
        status = sva_pickle_append(machine, sequence, machine->stack[i]);
    }
    machine->stack_count = first;
    return status;
}

/** A sequence of the values from `first` on, which replaces them. */
static enum sva_status collect(struct sva_pickle_machine *machine, size_t first,
                               enum sva_pickle_kind kind)
{
    enum sva_status status = SVA_OK;
    const uint32_t sequence = sva_pickle_add(machine, kind, &status);
    if (status == SVA_OK) {
        status = move_items(machine, first, sequence);
    }
    return status == SVA_OK ? push(machine, sequence) : status;
}

static enum sva_status collect_marked(struct sva_pickle_machine *machine, enum sva_pickle_kind kind)
{
    size_t first = 0;
    if (!last_mark(machine, &first)) {
        return underflow(machine);
    }
    if (kind == SVA_PICKLE_DICT && (machine->stack_count - first) % 2 != 0) {
        return sva_pickle_refuse(machine, "has a key without a value");
    }
    machine->stack_count--; /* the mark goes: the values move down over it */
    memmove(machine->stack + first - 1, machine->stack + first,
            (machine->stack_count + 1 - first) * sizeof *machine->stack);
    return collect(machine, first - 1, kind);
}

/** APPEND, APPENDS, SETITEM, SETITEMS: values onto the collection below them. */
static enum sva_status extend(struct sva_pickle_machine *machine, size_t first, bool marked,
                              enum sva_pickle_kind kind)
{
    const size_t below = marked ? 2 : 1;
    if (first < below || is_mark(machine, machine->stack[first - below])) {
        return underflow(machine);
    }
    const uint32_t target = machine->stack[first - below];
    if (machine->values[target].kind != kind ||
        (kind == SVA_PICKLE_DICT && (machine->stack_count - first) % 2 != 0)) {
        return sva_pickle_refuse(machine, "adds to something that is no such collection");
    }
    const enum sva_status status = move_items(machine, first, target);
    machine->stack_count -= marked ? 1 : 0;
    return status;
}

static enum sva_status extend_marked(struct sva_pickle_machine *machine, enum sva_pickle_kind kind)
{
    size_t first = 0;
    return last_mark(machine, &first) ? extend(machine, first, true, kind) : underflow(machine);
}

/* -- memo -------------------------------------------------------------------------------------- */

static enum sva_status put(struct sva_pickle_machine *machine, uint32_t place)
{
    if (!has(machine, 1)) {
        return underflow(machine);
    }
    /* every place is put by an opcode of its own: a larger number is an attack on memory */
    if (place > machine->in.position) {
        return sva_pickle_refuse(machine, "keeps a value at place %u, more than there can be",
                                 place);
    }
    if (place >= machine->memo_capacity) {
        const size_t capacity = 2 * ((size_t)place + 128);
        uint32_t *const grown = sva_realloc_array(machine->memo, capacity, sizeof *grown);
        if (grown == NULL) {
            return out_of_memory(machine);
        }
        memset(grown + machine->memo_capacity, 0,
               (capacity - machine->memo_capacity) * sizeof *grown);
        machine->memo = grown;
        machine->memo_capacity = capacity;
    }
    machine->memo_count += machine->memo[place] == 0;
    machine->memo[place] = top(machine, 0) + 1;
    return SVA_OK;
}

static enum sva_status get(struct sva_pickle_machine *machine, uint32_t place)
{
    if (place >= machine->memo_capacity || machine->memo[place] == 0) {
        return sva_pickle_refuse(machine, "fetches from place %u, where nothing was kept", place);
    }
    return push(machine, machine->memo[place] - 1);
}

/* -- scalars and names ------------------------------------------------------------------------- */

static enum sva_status push_text(struct sva_pickle_machine *machine, uint64_t size)
{
    const uint8_t *const bytes = sva_cursor_take(&machine->in, size);
    if (bytes == NULL) {
        return sva_pickle_refuse(machine, "has a text of %" PRIu64 " bytes, more than are left",
                                 size);
    }
    const enum sva_status status = push_new(machine, SVA_PICKLE_TEXT);
    if (status == SVA_OK) {
        machine->values[machine->value_count - 1].as.text.bytes = bytes;
        machine->values[machine->value_count - 1].as.text.size = (size_t)size;
    }
    return status;
}

/** Two's complement, low byte first. Numbers beyond 64 bits are nothing that is asked for. */
static enum sva_status push_long(struct sva_pickle_machine *machine)
{
    const uint8_t size = sva_cursor_u8(&machine->in);
    const uint8_t *const bytes = sva_cursor_take(&machine->in, size);
    uint64_t value = 0;
    if (bytes == NULL) {
        return sva_pickle_refuse(machine, "has a number that is cut short");
    }
    if (size > 8) {
        return push_new(machine, SVA_PICKLE_PLAIN);
    }
    for (uint8_t i = 0; i < 8; i++) {
        const bool negative = size > 0 && (bytes[size - 1] & 0x80) != 0;
        const uint8_t byte = i < size ? bytes[i] : negative ? 0xff : 0;
        value |= (uint64_t)byte << (8 * i);
    }
    int64_t number;
    memcpy(&number, &value, sizeof number);
    return push_integer(machine, number);
}

static enum sva_status push_name(struct sva_pickle_machine *machine, const uint8_t *module,
                                 size_t module_bytes, const uint8_t *name, size_t name_bytes)
{
    const struct sva_pickle_name *const found =
        sva_pickle_name_find((const char *)module, module_bytes, (const char *)name, name_bytes);
    if (found == NULL) {
        const struct sva_escaped shown[2] = {
            sva_escn((const char *)module, module_bytes < 60 ? module_bytes : 60),
            sva_escn((const char *)name, name_bytes < 60 ? name_bytes : 60)};
        return sva_pickle_refuse(machine,
                                 "names %s.%s, which a file of weights does not need; "
                                 "nothing was run",
                                 shown[0].text, shown[1].text);
    }
    const enum sva_status status = push_new(machine, SVA_PICKLE_NAME);
    if (status == SVA_OK) {
        machine->values[machine->value_count - 1].as.name = found;
    }
    return status;
}

/** Bytes up to the next newline, which is taken too; NULL: there is none. */
static const uint8_t *take_line(struct sva_pickle_machine *machine, size_t *size)
{
    const struct sva_span *const span = &machine->in.span;
    const uint8_t *const start = span->data + machine->in.position;
    const uint8_t *const end = memchr(start, '\n', sva_cursor_left(&machine->in));
    if (end == NULL) {
        return NULL;
    }
    *size = (size_t)(end - start);
    machine->in.position += *size + 1;
    return start;
}

static enum sva_status global(struct sva_pickle_machine *machine)
{
    size_t module_bytes = 0;
    size_t name_bytes = 0;
    const uint8_t *const module = take_line(machine, &module_bytes);
    const uint8_t *const name = module == NULL ? NULL : take_line(machine, &name_bytes);
    return name == NULL ? sva_pickle_refuse(machine, "has a name that is cut short")
                        : push_name(machine, module, module_bytes, name, name_bytes);
}

static enum sva_status stack_global(struct sva_pickle_machine *machine)
{
    if (!has(machine, 2) || machine->values[top(machine, 0)].kind != SVA_PICKLE_TEXT ||
        machine->values[top(machine, 1)].kind != SVA_PICKLE_TEXT) {
        return sva_pickle_refuse(machine, "builds a name from something that is no text");
    }
    const struct sva_pickle_value name = machine->values[top(machine, 0)];
    const struct sva_pickle_value module = machine->values[top(machine, 1)];
    machine->stack_count -= 2;
    return push_name(machine, module.as.text.bytes, module.as.text.size, name.as.text.bytes,
                     name.as.text.size);
}

/* -- calls ------------------------------------------------------------------------------------- */

static enum sva_status reduce(struct sva_pickle_machine *machine)
{
    uint32_t result = 0;
    if (!has(machine, 2)) {
        return underflow(machine);
    }
    const enum sva_status status =
        sva_pickle_call(machine, top(machine, 1), top(machine, 0), &result);
    machine->stack_count -= 2;
    return status == SVA_OK ? push(machine, result) : status;
}

static enum sva_status persistent(struct sva_pickle_machine *machine)
{
    uint32_t result = 0;
    if (!has(machine, 1)) {
        return underflow(machine);
    }
    const enum sva_status status = sva_pickle_storage(machine, top(machine, 0), &result);
    machine->stack_count--;
    return status == SVA_OK ? push(machine, result) : status;
}

/**
 * Attributes of a dictionary (`_metadata`): not looked at. A tensor is refused: what it is given
 * can be another storage, which loaders take instead of its own.
 */
static enum sva_status build(struct sva_pickle_machine *machine)
{
    if (!has(machine, 2)) {
        return underflow(machine);
    }
    const enum sva_pickle_kind kind = machine->values[top(machine, 1)].kind;
    if (kind != SVA_PICKLE_DICT) {
        return sva_pickle_refuse(machine, "sets attributes of something that is no dictionary");
    }
    machine->stack_count--;
    return SVA_OK;
}

/* -- the machine ------------------------------------------------------------------------------- */

static enum sva_status scalar(struct sva_pickle_machine *machine, bool *handled)
{
    struct sva_cursor *const in = &machine->in;
    switch (machine->opcode) {
    case NONE: return push_new(machine, SVA_PICKLE_PLAIN);
    case NEWTRUE: return push_integer(machine, 1);
    case NEWFALSE: return push_integer(machine, 0);
    case BINFLOAT: (void)sva_cursor_take(in, 8); return push_new(machine, SVA_PICKLE_PLAIN);
    case BININT: {
        const uint32_t bits = sva_cursor_u32le(in);
        return push_integer(machine, bits > INT32_MAX ? (int64_t)bits - ((int64_t)1 << 32) : bits);
    }
    case BININT1: return push_integer(machine, sva_cursor_u8(in));
    case BININT2: return push_integer(machine, sva_cursor_u16le(in));
    case LONG1: return push_long(machine);
    case SHORT_BINSTRING:
    case SHORT_BINBYTES:
    case SHORT_BINUNICODE: return push_text(machine, sva_cursor_u8(in));
    case BINSTRING:
    case BINBYTES:
    case BINUNICODE: return push_text(machine, sva_cursor_u32le(in));
    case BINBYTES8:
    case BINUNICODE8: return push_text(machine, sva_cursor_u64le(in));
    default: *handled = false; return SVA_OK;
    }
}

static enum sva_status collection(struct sva_pickle_machine *machine, bool *handled)
{
    const size_t count = machine->stack_count;
    switch (machine->opcode) {
    case MARK: return push_new(machine, SVA_PICKLE_MARK);
    case EMPTY_TUPLE: return push_new(machine, SVA_PICKLE_TUPLE);
    case EMPTY_LIST: return push_new(machine, SVA_PICKLE_LIST);
    case EMPTY_DICT: return push_new(machine, SVA_PICKLE_DICT);
    case TUPLE1:
    case TUPLE2:
    case TUPLE3: {
        const size_t items = (size_t)machine->opcode - TUPLE1 + 1;
        return has(machine, items) ? collect(machine, count - items, SVA_PICKLE_TUPLE)
                                   : underflow(machine);
    }
    case TUPLE: return collect_marked(machine, SVA_PICKLE_TUPLE);
    case LIST: return collect_marked(machine, SVA_PICKLE_LIST);
    case DICT: return collect_marked(machine, SVA_PICKLE_DICT);
    case APPEND:
        return has(machine, 2) ? extend(machine, count - 1, false, SVA_PICKLE_LIST)
                               : underflow(machine);
    case SETITEM:
        return has(machine, 3) ? extend(machine, count - 2, false, SVA_PICKLE_DICT)
                               : underflow(machine);
    case APPENDS: return extend_marked(machine, SVA_PICKLE_LIST);
    case SETITEMS: return extend_marked(machine, SVA_PICKLE_DICT);
    default: *handled = false; return SVA_OK;
    }
}

static enum sva_status pop_mark(struct sva_pickle_machine *machine)
{
    size_t first = 0;
    if (!last_mark(machine, &first)) {
        return underflow(machine);
    }
    machine->stack_count = first - 1;
    return SVA_OK;
}

static enum sva_status other(struct sva_pickle_machine *machine)
{
    struct sva_cursor *const in = &machine->in;
    switch (machine->opcode) {
    case PROTO: {
        const uint8_t protocol = sva_cursor_u8(in);
        return protocol <= 5 ? SVA_OK
                             : sva_pickle_refuse(machine, "announces protocol %u", protocol);
    }
    case FRAME: (void)sva_cursor_u64le(in); return SVA_OK; /* a hint for readers of streams */
    case POP:
        if (machine->stack_count == 0) {
            return underflow(machine);
        }
        machine->stack_count--;
        return SVA_OK;
    case POP_MARK: return pop_mark(machine);
    case DUP: return has(machine, 1) ? push(machine, top(machine, 0)) : underflow(machine);
    case BINPUT: return put(machine, sva_cursor_u8(in));
    case LONG_BINPUT: return put(machine, sva_cursor_u32le(in));
    case MEMOIZE: return put(machine, machine->memo_count);
    case BINGET: return get(machine, sva_cursor_u8(in));
    case LONG_BINGET: return get(machine, sva_cursor_u32le(in));
    case GLOBAL: return global(machine);
    case STACK_GLOBAL: return stack_global(machine);
    case REDUCE: return reduce(machine);
    case BUILD: return build(machine);
    case BINPERSID: return persistent(machine);
    default:
        return sva_pickle_refuse(machine, "is none that a file of weights needs; refused, nothing "
                                          "was run");
    }
}

static enum sva_status step(struct sva_pickle_machine *machine)
{
    bool handled = true;
    enum sva_status status = scalar(machine, &handled);
    if (!handled) {
        handled = true;
        status = collection(machine, &handled);
    }
    if (!handled) {
        status = other(machine);
    }
    if (status == SVA_OK && machine->in.failed) {
        return sva_pickle_refuse(machine, "is cut short by the end of the pickle");
    }
    return status == SVA_OK ? sva_pickle_check_memory(machine) : status;
}

static enum sva_status run(struct sva_pickle_machine *machine, uint32_t *root)
{
    while (sva_cursor_left(&machine->in) > 0) {
        machine->opcode_offset = machine->in.position;
        machine->opcode = sva_cursor_u8(&machine->in);
        if (machine->opcode == STOP) {
            if (!has(machine, 1) || machine->stack_count != 1) {
                return sva_pickle_refuse(machine, "ends the pickle with other than one value");
            }
            if (sva_cursor_left(&machine->in) > 0) {
                return sva_pickle_refuse(machine, "ends the pickle, but %zu bytes follow",
                                         sva_cursor_left(&machine->in));
            }
            *root = top(machine, 0);
            return SVA_OK;
        }
        const enum sva_status status = step(machine);
        if (status != SVA_OK) {
            return status;
        }
    }
    return sva_fail_at(machine->error, SVA_ERR_CORRUPT, machine->in.position,
                       "%s: the pickle has no end", machine->what);
}

enum sva_status sva_pickle_read(struct sva_span bytes, const char *what,
                                const struct sva_limits *limits, struct sva_pickle *pickle,
                                struct sva_error *error)
{
    struct sva_pickle_machine machine = {
        .in = {.span = bytes}, .what = what, .limits = limits, .error = error};
    uint32_t root = 0;
    *pickle = (struct sva_pickle){0};
    enum sva_status status = run(&machine, &root);
    if (status == SVA_OK) {
        status = sva_pickle_check_storages(&machine);
    }
    if (status == SVA_OK) {
        status = sva_pickle_walk(&machine, root, pickle);
    }
    sva_free(machine.values);
    sva_free(machine.stack);
    sva_free(machine.memo);
    sva_arena_done(&machine.arena);
    if (status != SVA_OK) {
        sva_pickle_done(pickle);
    }
    return status;
}

void sva_pickle_done(struct sva_pickle *pickle)
{
    sva_free(pickle->tensors);
    sva_arena_done(&pickle->arena);
    *pickle = (struct sva_pickle){0};
}
