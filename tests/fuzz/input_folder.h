/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A folder of files out of one input, for targets whose entry is a path. A file begins with a line
 * "@@" and its name; what follows up to the line feed before the next such line is its content:
 *
 *     @@config.json
 *     {"model_type": "llama"}
 *     @@README.md
 *     ...
 *
 * Names are foreign too. They have at most one step ("vae/config.json"), and lead nowhere else;
 * files with other names are left out. What stands before the first name is no file's.
 */
#ifndef FUZZ_INPUT_FOLDER_H
#define FUZZ_INPUT_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { INPUT_FILES_MAX = 12, INPUT_NAME_BYTES = 96 };

struct input_file {
    char name[INPUT_NAME_BYTES];
    const uint8_t *bytes; /**< lent by the input */
    size_t size;
};

struct input_folder {
    size_t count;
    struct input_file files[INPUT_FILES_MAX];
};

/** abort(), unless `holds`: how a target says that something was found. */
void require(bool holds);

/** Takes the input apart; of files with one name the first counts. */
void input_folder_parse(struct input_folder *folder, const uint8_t *data, size_t size);

/** The file with this name, or NULL. */
const struct input_file *input_folder_find(const struct input_folder *folder, const char *name);

/** A directory of this process, empty; the same with each call. Borrowed. */
const char *scratch_directory(void);

/** Path of a file in the scratch directory; borrowed until the fourth call from now. */
const char *scratch_path(const char *name);

/** Writes one file into the scratch directory. */
void scratch_write(const char *name, const void *bytes, size_t size);

/** Writes all of them. */
void input_folder_write(const struct input_folder *folder);

/** A model of a few hundred weights, `name` in the scratch directory (a safetensors file). */
void scratch_weights(const char *name);

#endif
