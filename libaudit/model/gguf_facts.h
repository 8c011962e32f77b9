/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What a GGUF file says about its model, brought into the terms of the other formats: facts, a
 * configuration as config.json has it, the vocabulary, the chat template. Nothing that the file
 * says is evaluated, and texts become facts only when they are short.
 */
#ifndef SVA_GGUF_FACTS_H
#define SVA_GGUF_FACTS_H

#include "format/gguf.h"
#include "model/model_parts.h"
#include "model/token_table.h"

/** A file that was read; everything is borrowed. */
struct sva_gguf_file {
    const struct sva_gguf *gguf;
    const struct sva_source *source;
    const char *path;         /**< relative to the model's root */
    const char *architecture; /**< "" where the file does not say */
    bool sidecar;             /**< a vision or audio encoder beside a text model */
};

/** Does the file say that it is an adapter (`general.type`, or an `adapter.type`)? */
bool sva_gguf_is_adapter(const struct sva_gguf *gguf);

struct sva_gguf_file sva_gguf_file_of(const struct sva_gguf *gguf, const struct sva_source *source,
                                      const char *path);

/**
 * Everything below, for file `index` of the scan, which belongs to a group. Errors: IO, CONFLICT,
 * MEMORY.
 */
enum sva_status sva_gguf_facts(struct sva_parts *parts, size_t index, const struct sva_gguf *gguf,
                               const struct sva_source *source,
                               struct sva_error *error) SVA_MUST_CHECK;

/**
 * Facts gguf.version, gguf.architecture and whatever else general.*, quantize.*, adapter.* and the
 * architecture's keys hold, "general." left out: gguf.base_model.0.repo_url,
 * gguf.llama.rope.freq_base. Of a sidecar the facts begin with "mmproj." instead.
 */
enum sva_status sva_gguf_key_facts(struct sva_parts *parts, const struct sva_gguf_file *file,
                                   struct sva_error *error) SVA_MUST_CHECK;

/**
 * Leaves of the group's configuration under the names of config.json: hidden_size,
 * num_attention_heads, ... A list with one value per layer counts when all that are not zero are
 * equal. An encoder's go under "vision_config." and "audio_config.". Leaves that are there stay.
 */
enum sva_status sva_gguf_config(struct sva_parts *parts, struct sva_config *config,
                                const struct sva_gguf_file *file,
                                struct sva_error *error) SVA_MUST_CHECK;

/** Name of the GGUF key, behind its architecture, that becomes a leaf of a text model; or NULL. */
const char *sva_gguf_key_of(const char *leaf);

/** Does the file hold a list of tokens? */
bool sva_gguf_has_vocabulary(const struct sva_gguf *gguf);

/** Its tokens and merges; only where there are some. Errors: IO, CONFLICT, MEMORY. */
enum sva_status sva_gguf_read_vocabulary(const struct sva_gguf_file *file,
                                         struct sva_vocabulary *vocabulary,
                                         struct sva_error *error) SVA_MUST_CHECK;

/**
 * Token keys and tokenizer.* facts as from tokenizer.json; a file without tokens changes nothing.
 * Padding tokens that converters append ("[PAD7]") are ids without a token.
 */
enum sva_status sva_gguf_vocabulary(struct sva_parts *parts, const struct sva_gguf_file *file,
                                    struct sva_error *error) SVA_MUST_CHECK;

/**
 * Facts tokenizer.chat_template (SHA-256 of the default template), tokenizer.chat_template_file
 * and tokenizer.chat_template.<name>; the finding `suspicious-template` when one holds what
 * templates need to run code.
 */
enum sva_status sva_gguf_templates(struct sva_parts *parts, const struct sva_gguf_file *file,
                                   struct sva_error *error) SVA_MUST_CHECK;

#endif
