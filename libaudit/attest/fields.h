/* SPDX-License-Identifier: Apache-2.0 */
/**
 * JSON objects whose keys are known: a table says which keys there are and what reads each value.
 * A key that is repeated, missing, or (unless the object is open) unknown is refused by name. The
 * tables nest as the format does, never as the input does.
 */
#ifndef SVA_ATTEST_FIELDS_H
#define SVA_ATTEST_FIELDS_H

#include "format/json.h"

struct sva_fields {
    struct sva_json json;
    struct sva_arena *arena; /**< keeps the texts */
};

/** Reads the value whose first token is next, into `into`. */
typedef enum sva_status sva_read_value(struct sva_fields *fields, void *into,
                                       struct sva_error *error);

struct sva_field {
    const char *name;
    sva_read_value *read; /**< NULL: any value, which is validated and dropped */
    size_t offset;        /**< of the member that `read` is given, in the structure */
    bool required;
};

struct sva_field_table {
    const char *what; /**< for messages: "the envelope" */
    const struct sva_field *fields;
    size_t count; /**< 32 at most */
    bool open;    /**< other keys are skipped */
};

/** `what` names the document in messages, already escaped. sva_json_done(&fields->json). */
void sva_fields_init(struct sva_fields *fields, struct sva_span bytes, const char *what,
                     struct sva_arena *arena);

/** One object. Errors: CORRUPT, LIMIT, MEMORY. */
enum sva_status sva_read_object(struct sva_fields *fields, const struct sva_field_table *table,
                                void *into, struct sva_error *error) SVA_MUST_CHECK;

/** The document's one object, and nothing behind it. */
enum sva_status sva_read_document(struct sva_fields *fields, const struct sva_field_table *table,
                                  void *into, struct sva_error *error) SVA_MUST_CHECK;

/** Calls `item` for each element of an array, with `into`. */
enum sva_status sva_read_array(struct sva_fields *fields, sva_read_value *item, void *into,
                               struct sva_error *error) SVA_MUST_CHECK;

/** A string without NUL, into a `const char *`. */
enum sva_status sva_read_text(struct sva_fields *fields, void *into, struct sva_error *error);
/** The same, or null, which gives "". */
enum sva_status sva_read_text_or_null(struct sva_fields *fields, void *into,
                                      struct sva_error *error);
/** A string of strict Base64, decoded into a `struct sva_span`. */
enum sva_status sva_read_base64(struct sva_fields *fields, void *into, struct sva_error *error);
enum sva_status sva_read_bool(struct sva_fields *fields, void *into, struct sva_error *error);
/** An unsigned integer, into a `uint64_t`. */
enum sva_status sva_read_u64(struct sva_fields *fields, void *into, struct sva_error *error);

/** CORRUPT with "<document>: <what>, at byte N". */
enum sva_status sva_fields_fail(const struct sva_fields *fields, const char *what,
                                struct sva_error *error);

/** A growing array in an arena: room for one more of `size` bytes, zeroed; NULL: out of memory. */
struct sva_grown {
    void *items;
    size_t count, capacity;
};
void *sva_grown_add(struct sva_grown *grown, struct sva_arena *arena, size_t size);

#endif
