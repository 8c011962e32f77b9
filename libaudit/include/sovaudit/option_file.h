/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Options from a file: one flat JSON object whose keys are names of options. Which keys there are
 * and what they mean is the program's business; here the file is read strictly and under limits.
 */
#ifndef SOVAUDIT_OPTION_FILE_H
#define SOVAUDIT_OPTION_FILE_H

#include <stddef.h>

#include <sovaudit/status.h>

enum {
    SVA_OPTION_BYTES_MAX = 65536,
    SVA_OPTION_KEYS_MAX = 128,
    SVA_OPTION_VALUES_MAX = 1024, /**< of one list */
};

enum sva_option_kind {
    SVA_OPTION_TEXT,   /**< one value */
    SVA_OPTION_NUMBER, /**< one value: the literal as it stands in the file */
    SVA_OPTION_FLAG,   /**< no value */
    SVA_OPTION_LIST    /**< any number of texts */
};

struct sva_option_entry {
    const char *key;
    enum sva_option_kind kind;
    bool flag; /**< of FLAG */
    size_t value_count;
    const char *const *values;
};

/** The entries in the file's order. Every string is UTF-8 without a NUL inside. */
struct sva_option_file {
    size_t entry_count;
    const struct sva_option_entry *entries;
    void *internal;
};

/**
 * Reads a file. Errors: IO, LIMIT (bytes, keys, values), CORRUPT (not one flat object, a key twice,
 * a value of another kind; the text names the key or the byte), MEMORY.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_option_file_load(const char *path,
                                                            struct sva_option_file **config,
                                                            struct sva_error *error);
/** NULL is fine. */
SVA_API void sva_option_file_free(struct sva_option_file *config);

#endif
