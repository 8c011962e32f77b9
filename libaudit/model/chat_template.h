/* SPDX-License-Identifier: Apache-2.0 */
/** The chat template: a program for a template engine. It is hashed, never evaluated. */
#ifndef SVA_CHAT_TEMPLATE_H
#define SVA_CHAT_TEMPLATE_H

#include "model/model_parts.h"

/**
 * Facts tokenizer.chat_template (SHA-256 of its text) and tokenizer.chat_template_file, from the
 * first that has one: chat_template.jinja, tokenizer_config.json, chat_template.json. Of a list of
 * templates all texts are hashed in the file's order, a NUL between two. Facts that a weight file
 * has given stay. A malformed or too large
 * file is a finding. Errors: IO, CONFLICT, MEMORY.
 */
enum sva_status sva_chat_template_read(struct sva_parts *parts,
                                       struct sva_error *error) SVA_MUST_CHECK;

#endif
