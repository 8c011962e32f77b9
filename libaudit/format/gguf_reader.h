/* SPDX-License-Identifier: Apache-2.0 */
/** A GGUF header being read, shared by the files gguf_*.c of this folder and by nobody else. */
#ifndef SVA_FORMAT_GGUF_READER_H
#define SVA_FORMAT_GGUF_READER_H

#include "base/text.h"
#include "format/gguf.h"
#include "format/notes.h"

struct sva_gguf_draft {
    struct sva_tensor tensor; /**< offset_bytes from the start of the data */
    uint64_t at;              /**< where its description begins */
};

struct sva_gguf_reader {
    struct sva_window window;
    const struct sva_limits *limits;
    const char *what; /**< the file's name, escaped */
    struct sva_error *error;
    struct sva_arena arena;
    struct sva_notes notes;
    uint32_t version, alignment;
    bool big_endian;
    uint64_t tensors_stated, values_stated;
    uint64_t kept_bytes; /**< of keys, names and texts */
    uint64_t header_end, data_offset, unclaimed_bytes;
    uint64_t padding_looked_at;
    struct sva_gguf_value *values;
    size_t value_count, value_capacity;
    struct sva_gguf_draft *drafts;
    size_t draft_count, draft_capacity;
    struct sva_tally odd_keys, odd_bools, nul_texts, bad_texts, nested;
    struct sva_tally wrong_types, odd_lengths, odd_numbers, odd_splits;
    struct sva_tally empty_names, long_names, odd_names, high_ranks;
    const char *first_unknown_type; /**< its `form` */
    struct sva_tally unknown_types, unstored_types, holes, padding, unread_padding;
};

/** CORRUPT: the file ends, or LIMIT: the header does, before `size` bytes of `part` are read. */
enum sva_status sva_gguf_need(struct sva_gguf_reader *reader, uint64_t size, const char *part);
/** An unsigned integer of `size` bytes, needed for `part`. */
enum sva_status sva_gguf_integer(struct sva_gguf_reader *reader, unsigned size, const char *part,
                                 uint64_t *value);
/** A count or length: 4 bytes in version 1, 8 later. */
enum sva_status sva_gguf_length(struct sva_gguf_reader *reader, const char *part, uint64_t *value);
/** `size` <= SVA_WINDOW_BYTES bytes, needed for `part`, borrowed until the next read. */
enum sva_status sva_gguf_bytes(struct sva_gguf_reader *reader, uint64_t size, const char *part,
                               const uint8_t **bytes);
/** Keeps a text in the arena. LIMIT above gguf_text_bytes. */
enum sva_status sva_gguf_keep(struct sva_gguf_reader *reader, const uint8_t *bytes, size_t size,
                              const char **text);
enum sva_status sva_gguf_out_of_memory(struct sva_gguf_reader *reader);

/** Bytes of a length field. */
unsigned sva_gguf_length_bytes(const struct sva_gguf_reader *reader);
/** Length of a string without the NUL that version 1 may count at its end. */
size_t sva_gguf_without_nul(const struct sva_gguf_reader *reader, const uint8_t *bytes,
                            size_t size);
/** What an element of an array, or a scalar, takes up at least. */
uint64_t sva_gguf_least_bytes(const struct sva_gguf_reader *reader, enum sva_gguf_type type);
union sva_gguf_scalar sva_gguf_scalar_of(enum sva_gguf_type type, const uint8_t *bytes,
                                         bool big_endian);

enum sva_status sva_gguf_read_values(struct sva_gguf_reader *reader);
/** Is what known keys hold of the kind that it must be? Sets the alignment. */
enum sva_status sva_gguf_check_keys(struct sva_gguf_reader *reader);
enum sva_status sva_gguf_read_tensors(struct sva_gguf_reader *reader);
/** Sorts the drafts by offset; every byte of the data belongs to one tensor or is accounted for. */
enum sva_status sva_gguf_check_layout(struct sva_gguf_reader *reader);
/** Turns tallies into findings. */
void sva_gguf_tell(struct sva_gguf_reader *reader);

#endif
