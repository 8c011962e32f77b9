/* SPDX-License-Identifier: Apache-2.0 */
/** The machine's values, shared by the opcodes (pickle.c), the calls, the walk and the refusals.
 * Internal. */
#ifndef SVA_FORMAT_PICKLE_MACHINE_H
#define SVA_FORMAT_PICKLE_MACHINE_H

#include "format/pickle.h"
#include "format/pickle_names.h"

enum sva_pickle_kind {
    SVA_PICKLE_PLAIN, /**< None, floats: nothing that is asked for */
    SVA_PICKLE_INT,   /**< also booleans */
    SVA_PICKLE_TEXT,
    SVA_PICKLE_TUPLE,
    SVA_PICKLE_LIST,
    SVA_PICKLE_DICT, /**< items: key, value, key, value ... */
    SVA_PICKLE_NAME,
    SVA_PICKLE_STORAGE,
    SVA_PICKLE_TENSOR,
    SVA_PICKLE_MARK
};

/** A value never changes its kind; lists and dictionaries grow. Values are named by index. */
struct sva_pickle_value {
    enum sva_pickle_kind kind;
    union {
        int64_t integer;
        struct {
            const uint8_t *bytes; /**< in the pickle */
            size_t size;
        } text;
        struct {
            uint32_t *items; /**< in the arena */
            uint32_t count, capacity;
        } sequence;
        const struct sva_pickle_name *name;
        struct {
            enum sva_dtype dtype;
            uint32_t key; /**< a TEXT */
            uint64_t size_bytes;
        } storage;
        struct sva_pickle_tensor *tensor;
    } as;
};

struct sva_pickle_machine {
    struct sva_cursor in;
    const char *what;
    const struct sva_limits *limits;
    struct sva_error *error;
    struct sva_arena arena; /**< sequences and tensors while the machine runs */
    struct sva_pickle_value *values;
    size_t value_count, value_capacity;
    uint32_t *stack;
    size_t stack_count, stack_capacity;
    uint32_t *memo; /**< value + 1; 0: nothing was put there */
    size_t memo_capacity;
    uint32_t memo_count; /**< places in use: also the one that MEMOIZE takes next */
    size_t opcode_offset;
    uint8_t opcode;
};

/** CORRUPT at the current opcode: "<what>: opcode REDUCE at byte 17 <complaint>". */
enum sva_status sva_pickle_refuse(struct sva_pickle_machine *machine, const char *format, ...)
    SVA_PRINTF(2, 3);

/** Opcodes of one byte make values of many: what is made has a limit of its own. Errors: LIMIT. */
enum sva_status sva_pickle_check_memory(struct sva_pickle_machine *machine) SVA_MUST_CHECK;

/** A new value's index; `*status` MEMORY on failure. */
uint32_t sva_pickle_add(struct sva_pickle_machine *machine, enum sva_pickle_kind kind,
                        enum sva_status *status);

/** Appends to a sequence. Errors: MEMORY. */
enum sva_status sva_pickle_append(struct sva_pickle_machine *machine, uint32_t sequence,
                                  uint32_t item) SVA_MUST_CHECK;

/** What calling `callable` with the tuple `arguments` gives. Errors: CORRUPT (refused), MEMORY. */
enum sva_status sva_pickle_call(struct sva_pickle_machine *machine, uint32_t callable,
                                uint32_t arguments, uint32_t *result) SVA_MUST_CHECK;

/** The storage that a persistent id names. Errors: CORRUPT, MEMORY. */
enum sva_status sva_pickle_storage(struct sva_pickle_machine *machine, uint32_t id,
                                   uint32_t *result) SVA_MUST_CHECK;

/**
 * Every mention of a storage says the same: loaders believe the first one, whatever the others say.
 * Errors: CORRUPT, MEMORY.
 */
enum sva_status sva_pickle_check_storages(struct sva_pickle_machine *machine) SVA_MUST_CHECK;

/** Gathers the tensors below `root` into `pickle`. Errors: LIMIT, CORRUPT, MEMORY. */
enum sva_status sva_pickle_walk(struct sva_pickle_machine *machine, uint32_t root,
                                struct sva_pickle *pickle) SVA_MUST_CHECK;

#endif
