/* SPDX-License-Identifier: Apache-2.0 */
/** What adapter_config.json (PEFT) states of an adapter: its base, its rank, where it sits. */
#ifndef SVA_MODEL_ADAPTER_FACTS_H
#define SVA_MODEL_ADAPTER_FACTS_H

#include "model/model_parts.h"

/**
 * Makes adapter.* facts of the root's adapter_config.json. The base is a claim and is only
 * repeated: nothing is opened by its name, and one that is a path on somebody's machine or climbs
 * is the finding `adapter-base-is-a-path`. A file that cannot be read: finding
 * `adapter-config-unread`. Without the file nothing. Errors: MEMORY.
 */
enum sva_status sva_adapter_facts(struct sva_parts *parts, struct sva_error *error) SVA_MUST_CHECK;

#endif
