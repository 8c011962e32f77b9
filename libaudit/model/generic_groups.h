/* SPDX-License-Identifier: Apache-2.0 */
/** Components for tensors that no role map explains. */
#ifndef SVA_GENERIC_GROUPS_H
#define SVA_GENERIC_GROUPS_H

#include "model/model_parts.h"

/**
 * Gives every tensor without a component one of kind GENERIC: a single one,
 * or one per sub-network where the first part of the names clearly denotes
 * several ("encoder.", "decoder.", "generator.") that each hold at least a
 * fifth of these parameters. Errors: MEMORY.
 */
enum sva_status sva_generic_groups(struct sva_parts *parts, struct sva_error *error) SVA_MUST_CHECK;

#endif
