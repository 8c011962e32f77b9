/* SPDX-License-Identifier: Apache-2.0 */
/** Tiny hand-made prints for tests of the store. Every include needs cmocka.h before it. */
#ifndef SVA_TESTS_REFSTORE_PRINTS_H
#define SVA_TESTS_REFSTORE_PRINTS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "fingerprint/print_internal.h"
#include <sovaudit/refstore.h>

/** A print of three tensors (the last one constant) and three files (one of them weights). */
struct tiny_print {
    struct sva_print print;
    struct sva_print_component component;
    struct sva_print_tensor tensors[3];
    struct sva_print_file files[3];
    char names[3][32];
};

/** Numbers stand for contents: equal numbers are equal values. */
static inline void tiny_digest(const char *what, int number, uint8_t digest[32])
{
    char text[64];
    (void)snprintf(text, sizeof text, "%s %d", what, number);
    assert_true(sva_sha256(text, strlen(text), digest));
}

/** `seed` makes the print; tensor 0 holds the values `shared`, tensor 1 its own. */
static inline void tiny_make(struct tiny_print *tiny, int seed, int shared)
{
    *tiny = (struct tiny_print){0};
    tiny->component = (struct sva_print_component){
        .name = "generic", .kind = SVA_COMPONENT_GENERIC, .parameter_count = 24};
    for (int i = 0; i < 3; i++) {
        (void)snprintf(tiny->names[i], sizeof tiny->names[i], "layer.%d.weight", i);
        tiny->tensors[i] = (struct sva_print_tensor){.name = tiny->names[i],
                                                     .layer = -1,
                                                     .expert = -1,
                                                     .dtype = SVA_DTYPE_F32,
                                                     .n = {2, 4, 1},
                                                     .element_count = 8};
        tiny_digest("tensor", i == 0 ? shared : seed, tiny->tensors[i].value_hash);
    }
    tiny_digest("zeros", 0, tiny->tensors[2].value_hash);
    tiny->tensors[2].inert = SVA_INERT_CONSTANT;
    tiny->files[0] = (struct sva_print_file){
        .path = "README.md", .kind = SVA_FILE_CARD, .size_bytes = 9, .hashed = true};
    tiny->files[1] = (struct sva_print_file){
        .path = "config.json", .kind = SVA_FILE_CONFIG, .size_bytes = 5, .hashed = true};
    tiny->files[2] = (struct sva_print_file){.path = "model.safetensors",
                                             .kind = SVA_FILE_SAFETENSORS,
                                             .size_bytes = 128,
                                             .hashed = true};
    tiny_digest("same card", 0, tiny->files[0].sha256);
    tiny_digest("same config", 0, tiny->files[1].sha256);
    tiny_digest("weights", seed, tiny->files[2].sha256);
    tiny->print = (struct sva_print){.method_version = SVA_METHOD_VERSION,
                                     .name = "tiny",
                                     .parameter_count = 24,
                                     .weight_bytes = 96,
                                     .component_count = 1,
                                     .components = &tiny->component,
                                     .tensor_count = 3,
                                     .tensors = tiny->tensors,
                                     .file_count = 3,
                                     .files = tiny->files};
    struct sva_error error = {0};
    assert_int_equal(sva_print_seal(&tiny->print, &error), SVA_OK);
}

/** "ref-007", all else unknown. */
static inline struct sva_reference tiny_reference(char name[16], int number)
{
    (void)snprintf(name, 16, "ref-%03d", number);
    return (struct sva_reference){.name = name,
                                  .version = "1",
                                  .publisher = "lab",
                                  .licence = "",
                                  .released = "2025-03",
                                  .derived_from = "",
                                  .source = "",
                                  .added = "2026-01-15"};
}

/** A fresh directory in which a test may work. */
static inline void tiny_directory(char path[64])
{
    (void)snprintf(path, 64, "/tmp/sva-store-XXXXXX");
    assert_non_null(mkdtemp(path));
}

/** Removes a store's file and what SQLite may have left beside it, then the directory. */
static inline void tiny_clean(const char *directory, const char *store)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    char path[128];
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        (void)snprintf(path, sizeof path, "%s%s", store, ends[i]);
        (void)unlink(path);
    }
    (void)rmdir(directory);
}

#endif
