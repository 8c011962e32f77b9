/* SPDX-License-Identifier: Apache-2.0 */
/** What a file is, by its first bytes, then by its name. Pure functions, no I/O. */
#ifndef SVA_FILE_KINDS_H
#define SVA_FILE_KINDS_H

#include <stddef.h>

#include <sovaudit/model.h>

/** What the first bytes say. */
enum sva_content {
    SVA_CONTENT_UNKNOWN,
    SVA_CONTENT_EMPTY,
    SVA_CONTENT_SAFETENSORS, /**< plausible header length followed by '{' */
    SVA_CONTENT_PICKLE,
    SVA_CONTENT_TORCH_ZIP, /**< zip whose first entry is a pickle or a torch archive's */
    SVA_CONTENT_ZIP,
    SVA_CONTENT_GGUF,
    SVA_CONTENT_GGML,
    SVA_CONTENT_HDF5,
    SVA_CONTENT_NUMPY,
    SVA_CONTENT_TFLITE,
    SVA_CONTENT_TAR,
    SVA_CONTENT_COMPRESSED, /**< gzip, xz, zstd, bzip2, 7z */
    SVA_CONTENT_LFS_POINTER,
    SVA_CONTENT_HTML
};

enum { SVA_SNIFF_BYTES = 512 };

/** "a Python pickle", "a GGUF file", ... for sentences. Never NULL. */
const char *sva_content_name(enum sva_content content);

/** `head` are the first min(size_bytes, SVA_SNIFF_BYTES) bytes of the file. */
enum sva_content sva_content_sniff(const uint8_t *head, size_t head_size, uint64_t size_bytes);

/**
 * What a file with the beginning of a safetensors file could be as well, UNKNOWN: nothing. The name
 * settles it for loaders where it ends in ".safetensors", but for a zip, which is found by its end.
 */
enum sva_content sva_content_rival(const uint8_t *head, size_t head_size, uint64_t size_bytes,
                                   const char *base);

/** Content first, name second. `base` is the last part of the path. */
enum sva_file_kind sva_file_kind_of(enum sva_content content, const char *base);

/** Does `text` end in `end`, ASCII letters compared without case? */
bool sva_ends_with(const char *text, const char *end);
/** Does `text` start with `start`, ASCII letters compared without case? */
bool sva_starts_with(const char *text, const char *start);

#endif
