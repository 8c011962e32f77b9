/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The model card's front matter: the YAML between two lines "---" at the start
 * of README.md. A small subset is read - scalars, quoted scalars, "- item"
 * lists, [inline, lists] at the top level; nested maps, aliases, anchors and
 * tags are skipped. Nothing is expanded, so nothing can explode. Of a list 32
 * items and 1 KiB are kept; where there are more, it ends with an item "...".
 */
#ifndef SVA_MODEL_CARD_H
#define SVA_MODEL_CARD_H

#include "base/cursor.h"
#include "model/model_parts.h"

/** Makes card.* facts from README.md. Errors: IO, MEMORY. */
enum sva_status sva_card_read(struct sva_parts *parts, struct sva_error *error) SVA_MUST_CHECK;

/** The same for text in memory. */
enum sva_status sva_card_parse(struct sva_parts *parts, struct sva_span text,
                               struct sva_error *error) SVA_MUST_CHECK;

#endif
