/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What an adapter states of itself: its base, its rank, where it sits. PEFT writes it to
 * adapter_config.json, a GGUF file into its keys; the facts are the same.
 */
#ifndef SVA_MODEL_ADAPTER_FACTS_H
#define SVA_MODEL_ADAPTER_FACTS_H

#include "model/gguf_facts.h"
#include "model/model_parts.h"

/**
 * Makes adapter.* facts of the root's adapter_config.json. The base is a claim and is only
 * repeated: nothing is opened by its name, and one that is a path on somebody's machine or climbs
 * is the finding `adapter-base-is-a-path`. A file that cannot be read: finding
 * `adapter-config-unread`. Without the file nothing. Errors: MEMORY.
 */
enum sva_status sva_adapter_facts(struct sva_parts *parts, struct sva_error *error) SVA_MUST_CHECK;

/**
 * The same of a GGUF adapter, under PEFT's names: adapter.peft_type of `adapter.type`,
 * adapter.lora_alpha of `adapter.lora.alpha`, adapter.base_model_name_or_path of
 * `general.base_model.0.repo_url` or, without one, `.name`. Its keys are those of llama.cpp's
 * convert_lora_to_gguf.py. Finding `adapter-base-is-a-path` as above. Errors: MEMORY.
 */
enum sva_status sva_adapter_facts_gguf(struct sva_parts *parts, const struct sva_gguf_file *file,
                                       struct sva_error *error) SVA_MUST_CHECK;

#endif
