/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A model under construction, shared by the files of this folder and by
 * nobody else. `sva_model` is its first member and what callers see; the rest
 * stays alive behind `sva_model.internal` until the model is closed.
 */
#ifndef SVA_MODEL_PARTS_H
#define SVA_MODEL_PARTS_H

#include <stdatomic.h>

#include <sovaudit/model.h>

#include "base/file.h"
#include "base/memory.h"
#include "format/archive.h"
#include "format/safetensors.h"
#include "model/file_kinds.h"

/** A growing array of one type; `sva_list_done` frees it. */
struct sva_list {
    void *items;
    size_t count, capacity, item_size;
};

/** A zeroed new item at the end, valid until the next call; NULL: out of memory. */
void *sva_list_add(struct sva_list *list);
void sva_list_done(struct sva_list *list);

/** A file that the scan met. Strings live in the model's arena. */
struct sva_scanned {
    const char *path;      /**< relative to the root */
    const char *directory; /**< "" or the subdirectory's name */
    const char *base;      /**< last part of the path */
    const char *real_path; /**< what to open; in an archive NULL */
    const struct sva_archive_entry *entry; /**< in an archive, else NULL */
    const char *blob_digest;
    enum sva_file_kind kind;
    enum sva_content content;
    uint64_t size_bytes, device, inode;
    uint16_t group;          /**< of an audited file */
    const char *refused;     /**< why it was never opened, or NULL */
    bool audited;            /**< its tensors are part of the model */
    bool explained;          /**< a finding says why it is not audited */
    bool chosen_index;       /**< it says which files are audited */
    struct sva_input *input; /**< kept open, or NULL: opened when read */
};

/** One leaf of a configuration file: "text_config.hidden_size" = "2048". */
struct sva_config_leaf {
    const char *path;
    const char *value;
    bool is_string;
    uint32_t order; /**< position in the file, tells repeated keys apart */
};

/** config.json, flattened; sorted by path. */
struct sva_config {
    struct sva_list leaves; /**< struct sva_config_leaf */
};

/** Tensors that came from one directory: a model, or one part of a diffusers tree. */
struct sva_group {
    const char *directory;   /**< "" for the root */
    enum sva_file_kind kind; /**< of its weight files */
    struct sva_config config;
    bool has_config;
    bool has_factors; /**< some tensor is a factor of an adapter */
};

/** A run of numbered blocks: everything named <prefix><number>.<...> */
struct sva_stack {
    const char *prefix; /**< "model.layers.", borrowed from a tensor's name */
    size_t prefix_bytes;
    uint16_t group;
    uint8_t hint; /**< enum sva_hint */
    enum sva_component_kind kind;
    bool strong; /**< holds attention or MLP matrices: a transformer */
    bool no_rotary, labelled, sinusoid;
    uint32_t component;
};

/** What the views need to know about a component, beside what callers see. */
struct sva_component_facts {
    uint64_t width, attention_width, neuron_count;
    int32_t turned_votes[3]; /**< per class of rows (sva_orient): turned minus as stored */
    int32_t swapped_votes;   /**< GGUF: up and down projections under each other's name, minus not */
    bool no_rotary;
    uint16_t group;
};

/** What the role map found out about one tensor. Same order as the tensors. */
struct sva_assignment {
    int16_t rule;   /**< row of the role map, -1: none */
    uint8_t suffix; /**< enum sva_name_suffix */
    bool counted;   /**< a weight in itself, not the scales of one */
    uint16_t group;
    int32_t layer, expert;
    uint32_t prefix_bytes; /**< of the name, what stands before the pattern */
    int32_t stack;         /**< row of stacks, -1: none */
    uint32_t component;
};

struct sva_parts {
    struct sva_model model; /**< first member */
    struct sva_limits limits;
    struct sva_arena arena;
    struct sva_list scanned;     /**< struct sva_scanned, sorted by path */
    struct sva_list headers;     /**< struct sva_container, own the tensors' names and shapes */
    struct sva_list groups;      /**< struct sva_group */
    struct sva_list tensors;     /**< struct sva_tensor */
    struct sva_list views;       /**< struct sva_view */
    struct sva_list components;  /**< struct sva_component */
    struct sva_list facts;       /**< struct sva_fact */
    struct sva_list findings;    /**< struct sva_finding */
    struct sva_list files;       /**< struct sva_file */
    struct sva_list assignments; /**< struct sva_assignment */
    struct sva_list stacks;      /**< struct sva_stack */
    struct sva_list component_facts; /**< struct sva_component_facts, as components */
    uint64_t *token_keys;
    size_t token_count;
    uint32_t *frequent_tokens; /**< in the arena */
    size_t frequent_count;
    struct sva_token_sample *token_sample; /**< in the arena, or NULL */
    const struct sva_code *code;           /**< in the arena, or NULL */
    size_t open_inputs;
    uint64_t unclaimed_bytes; /**< of the audited files, claimed by no tensor */
    uint64_t named_unread; /**< files that a configuration names for its weights and nobody saw */
    bool single; /**< one file was named, not a directory */
    struct sva_archive archive; /**< what the files lie in, when `in_archive` */
    bool in_archive;
    atomic_uint_fast64_t weight_bytes_read;
};

/** Adds a fact; texts are copied. Of a key that is there twice sva_parts_sort() keeps one. */
enum sva_status sva_parts_fact(struct sva_parts *parts, const char *key, const char *value,
                               struct sva_error *error) SVA_MUST_CHECK;
enum sva_status sva_parts_fact_u64(struct sva_parts *parts, const char *key, uint64_t value,
                                   struct sva_error *error) SVA_MUST_CHECK;

/** Adds a finding; the sentence is made from `format` and copied. `file` is copied, may be NULL. */
enum sva_status sva_parts_finding(struct sva_parts *parts, struct sva_error *error,
                                  const char *code, const char *file, const char *format, ...)
    SVA_PRINTF(5, 6) SVA_MUST_CHECK;

/**
 * Sorts facts; of a repeated key the value that is first by its bytes stays, wherever it came from.
 * Sorts findings by code, file, text.
 */
void sva_parts_sort(struct sva_parts *parts);

/** Index of a scanned file by its relative path, or -1. */
ptrdiff_t sva_parts_find_file(const struct sva_parts *parts, const char *path);

/** The same of a file of a directory ("": the root) by the last part of its path. */
ptrdiff_t sva_parts_find_in(const struct sva_parts *parts, const char *directory, const char *base);

/** Opens a scanned file. The caller closes it. */
enum sva_status sva_parts_open(const struct sva_parts *parts, const struct sva_scanned *file,
                               struct sva_input *input, struct sva_error *error) SVA_MUST_CHECK;

/** Reads a scanned file whole. Above the limit: LIMIT. free(). */
enum sva_status sva_parts_read(const struct sva_parts *parts, const struct sva_scanned *file,
                               uint64_t limit_bytes, uint8_t **bytes, size_t *size,
                               struct sva_error *error) SVA_MUST_CHECK;

#endif
