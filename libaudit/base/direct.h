/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Files read around the page cache: threads that do nothing else fetch pieces ahead, into a few
 * buffers that are used again and again. That spares the making of a page for every 4 KiB, which in
 * a virtual machine can cost more than what is done with the bytes. A file goes by once, in order;
 * whoever looks aside is sent to read by himself.
 *
 * Three take part: one thread *reads* values where they lie, in order; every piece is *shown* once,
 * in order, to a function (a digest), by the reader or by a thread that helps; and a piece is given
 * up when it was shown and the reader is past it.
 */
#ifndef SVA_BASE_DIRECT_H
#define SVA_BASE_DIRECT_H

#include "base/file.h"

enum { SVA_DIRECT_PIECE_BYTES = 1 << 20 };

/**
 * Is the file better read so? It is large and not in the page cache, and its file system can.
 * SOVAUDIT_READS=direct asks the file system alone, SOVAUDIT_READS=cached says no.
 */
bool sva_direct_pays(const struct sva_input *input);

struct sva_direct;
struct sva_direct_file;

/** Room and threads for `most` files at a time. NULL: no memory, or no thread can be started. */
struct sva_direct *sva_direct_new(uint32_t most);
/** No file may be open. NULL is fine. */
void sva_direct_free(struct sva_direct *direct);

/**
 * A file to be read later; the input is borrowed. `show` (NULL: nobody looks) gets the bytes of the
 * whole file in pieces, one at a time. NULL: out of memory.
 */
struct sva_direct_file *sva_direct_file_new(
    struct sva_direct *direct, const struct sva_input *input,
    void (*show)(void *context, const uint8_t *bytes, size_t size), void *context);
/** Ended, or never begun. NULL is fine. */
void sva_direct_file_free(struct sva_direct_file *file);

/**
 * The calling thread is the file's reader from now on, and of no other file; at most `most` files
 * have one.
 */
void sva_direct_begin(struct sva_direct_file *file);
/** The reader is not interested in what lies before `offset`. */
enum sva_status sva_direct_move_to(struct sva_direct_file *file, uint64_t offset,
                                   struct sva_error *error) SVA_MUST_CHECK;
/**
 * Exactly `size` bytes at `offset` of the file that the calling thread is the reader of, or
 * *done = false: `input` is another, or what is asked for does not follow on what was read before.
 * Errors: as sva_input_read.
 */
enum sva_status sva_direct_read(const struct sva_input *input, uint64_t offset, void *bytes,
                                size_t size, bool *done, struct sva_error *error) SVA_MUST_CHECK;
/** Shows what is left of the file. Errors: as sva_input_read. */
enum sva_status sva_direct_finish(struct sva_direct_file *file,
                                  struct sva_error *error) SVA_MUST_CHECK;
/** The reader's last word, also after a failure: room for another file. */
void sva_direct_end(struct sva_direct_file *file);

/** Helps: shows pieces as they come until the file has ended. Errors: as sva_input_read. */
enum sva_status sva_direct_help(struct sva_direct_file *file,
                                struct sva_error *error) SVA_MUST_CHECK;

#endif
