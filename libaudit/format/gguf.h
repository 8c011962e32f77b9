/* SPDX-License-Identifier: Apache-2.0 */
/**
 * GGUF versions 1 to 3 in both byte orders: the header becomes tensors and typed values; tensor
 * data and long values stay in the file. Rules and their order: docs/formats.md.
 *
 * The file is read forward through a window of 64 KiB. What is kept is bounded by
 * sva_limits.gguf_text_bytes and tensor_count, never by a number that the file merely states.
 */
#ifndef SVA_FORMAT_GGUF_H
#define SVA_FORMAT_GGUF_H

#include <sovaudit/model.h>

#include "base/source.h"
#include "format/container.h"

/** Types of values, with the file's numbers. */
enum sva_gguf_type {
    SVA_GGUF_U8,
    SVA_GGUF_I8,
    SVA_GGUF_U16,
    SVA_GGUF_I16,
    SVA_GGUF_U32,
    SVA_GGUF_I32,
    SVA_GGUF_F32,
    SVA_GGUF_BOOL,
    SVA_GGUF_STRING,
    SVA_GGUF_ARRAY,
    SVA_GGUF_U64,
    SVA_GGUF_I64,
    SVA_GGUF_F64,
    SVA_GGUF_TYPE_COUNT
};

/** "u32", "string" ... Never NULL. */
const char *sva_gguf_type_name(enum sva_gguf_type type);
/** Bytes of a scalar, 0 for STRING and ARRAY. */
unsigned sva_gguf_type_bytes(enum sva_gguf_type type);
bool sva_gguf_is_integer(enum sva_gguf_type type);

/** A scalar; which member counts follows from the type. BOOL is 0 or 1 in `u`. */
union sva_gguf_scalar {
    uint64_t u; /**< U8 U16 U32 U64 BOOL */
    int64_t i;  /**< I8 I16 I32 I64 */
    double f;   /**< F32 F64 */
};

enum {
    SVA_GGUF_TEXT_KEPT = 4096, /**< longer strings stay in the file */
    SVA_GGUF_KEY_BYTES = 65535,
    SVA_GGUF_ARRAY_DEPTH = 4,
    SVA_GGUF_RANK = 8, /**< ggml has 4 dimensions */
    SVA_GGUF_ALIGNMENT = 32,
    SVA_GGUF_ALIGNMENT_MOST = 1 << 20
};

struct sva_gguf_value {
    const char *key; /**< valid UTF-8 without NUL, unique in the file */
    enum sva_gguf_type type;
    union sva_gguf_scalar scalar;    /**< of a scalar */
    const char *text;                /**< of a STRING that was kept, NUL-terminated; else NULL */
    uint64_t offset;                 /**< STRING, ARRAY: where its bytes or elements begin */
    uint64_t size_bytes;             /**< STRING, ARRAY: of its bytes or elements */
    enum sva_gguf_type element_type; /**< of an ARRAY */
    uint64_t count;                  /**< of an ARRAY, outermost elements; proven to be there */
};

struct sva_gguf {
    /** Tensors: shape in torch order (slowest dimension first), `big_endian` as the file. A type
     *  that is not known is SVA_DTYPE_OPAQUE and named in `form`; its bytes reach to the next
     *  tensor. Metadata: the strings that were kept. The arena owns the values too. */
    struct sva_container container;
    uint32_t version;
    uint32_t alignment;
    bool big_endian;
    uint64_t header_bytes; /**< up to the end of the tensor descriptions */
    size_t value_count;
    const struct sva_gguf_value *values; /**< in the file's order */
};

/**
 * Reads and checks the header of an open file. Errors: CORRUPT, LIMIT, UNSUPPORTED (another
 * format, a later version), IO, CONFLICT, MEMORY; with the byte offset where there is one.
 */
enum sva_status sva_gguf_read(const struct sva_input *input, const struct sva_limits *limits,
                              struct sva_gguf *gguf, struct sva_error *error) SVA_MUST_CHECK;
/** The same for any source. */
enum sva_status sva_gguf_parse(const struct sva_source *source, const struct sva_limits *limits,
                               struct sva_gguf *gguf, struct sva_error *error) SVA_MUST_CHECK;
void sva_gguf_done(struct sva_gguf *gguf);

/**
 * Looks at the data of each tensor, its first `tensor_bytes` bytes (at least one block) and
 * `total_bytes` over all, for floats and block scales that are no finite number, and adds the
 * finding `non-finite-values` if there are any. Errors: IO, CONFLICT, MEMORY.
 */
enum sva_status sva_gguf_check_values(const struct sva_source *source, uint64_t tensor_bytes,
                                      uint64_t total_bytes, struct sva_gguf *gguf,
                                      struct sva_error *error) SVA_MUST_CHECK;
/**
 * How many floats, or scales inside blocks, among whole elements or blocks of a dtype are infinite
 * or NaN. 0 for types without any.
 */
uint64_t sva_gguf_count_nonfinite(enum sva_dtype dtype, bool big_endian, const uint8_t *bytes,
                                  size_t size);

/** The value of a key, or NULL. Borrowed. */
const struct sva_gguf_value *sva_gguf_find(const struct sva_gguf *gguf, const char *key);
/** A kept string, or NULL. */
const char *sva_gguf_text(const struct sva_gguf *gguf, const char *key);
/** An integer that is not negative; false: absent, another type, negative. */
bool sva_gguf_u64(const struct sva_gguf *gguf, const char *key, uint64_t *number);
/** The same of a scalar value. */
bool sva_gguf_scalar_u64(enum sva_gguf_type type, union sva_gguf_scalar scalar, uint64_t *number);

/** Walks over the elements of an array, which are read from the file as it goes. */
struct sva_gguf_walk {
    struct sva_window window;
    const struct sva_gguf *gguf;
    enum sva_gguf_type type; /**< of the elements */
    uint64_t left;           /**< elements to come */
    uint64_t end;
};

/**
 * Starts at the first element; `value` is an ARRAY, `gguf` and `source` are borrowed.
 * Errors: MEMORY, USAGE (no array). sva_gguf_walk_done frees.
 */
enum sva_status sva_gguf_walk_init(struct sva_gguf_walk *walk, const struct sva_source *source,
                                   const struct sva_gguf *gguf, const struct sva_gguf_value *value,
                                   struct sva_error *error) SVA_MUST_CHECK;
void sva_gguf_walk_done(struct sva_gguf_walk *walk);
/**
 * The next of an array of strings while `left` > 0. `*text` is borrowed until the next call, and
 * NULL when the string is longer than SVA_WINDOW_BYTES. Errors: IO, CONFLICT (changed since).
 */
enum sva_status sva_gguf_walk_string(struct sva_gguf_walk *walk, const uint8_t **text,
                                     uint64_t *size, struct sva_error *error) SVA_MUST_CHECK;
/** The next of an array of scalars while `left` > 0. Errors: IO, CONFLICT. */
enum sva_status sva_gguf_walk_scalar(struct sva_gguf_walk *walk, union sva_gguf_scalar *scalar,
                                     struct sva_error *error) SVA_MUST_CHECK;

/** Name of a type id that is not decoded: "IQ4_K of ik_llama.cpp"; "" when nobody is known to use
 * it. */
const char *sva_gguf_foreign_type(uint32_t id);

#endif
