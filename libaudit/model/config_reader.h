/* SPDX-License-Identifier: Apache-2.0 */
/**
 * config.json as a flat, sorted list of leaves ("text_config.hidden_size").
 * Read with the strict scanner only: no tree, no recursion. A repeated key
 * keeps its last value, as Python does, and is a finding.
 */
#ifndef SVA_CONFIG_READER_H
#define SVA_CONFIG_READER_H

#include "base/cursor.h"
#include "model/model_parts.h"

/** Errors: CORRUPT, LIMIT, MEMORY. `path` names the file in findings. */
enum sva_status sva_config_parse(struct sva_parts *parts, const char *path, struct sva_span text,
                                 struct sva_config *config, struct sva_error *error) SVA_MUST_CHECK;

/** Adds a leaf that is not there yet; texts are copied, an existing leaf stays. Errors: MEMORY. */
enum sva_status sva_config_put(struct sva_parts *parts, struct sva_config *config, const char *path,
                               const char *value, bool is_string,
                               struct sva_error *error) SVA_MUST_CHECK;

/** Value of a leaf, or NULL. "architectures.0" is the first array element. */
const char *sva_config_text(const struct sva_config *config, const char *path);
/** `section` is "" or ends with a dot. False when absent or not a plain unsigned integer. */
bool sva_config_u64(const struct sva_config *config, const char *section, const char *key,
                    uint64_t *value);
/** Is there any leaf beneath `section` ("text_config.")? */
bool sva_config_has_section(const struct sva_config *config, const char *section);
/** The section that describes a kind of component: "text_config.", "vision_config.", "" ... */
const char *sva_config_section(const struct sva_config *config, enum sva_component_kind kind);

#endif
