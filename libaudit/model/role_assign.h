/* SPDX-License-Identifier: Apache-2.0 */
/**
 * From names to components: finds the stacks of blocks, decides what each is,
 * hangs embeddings, heads and norms onto them, and puts what no row of the map
 * explains into generic components.
 */
#ifndef SVA_ROLE_ASSIGN_H
#define SVA_ROLE_ASSIGN_H

#include "model/model_parts.h"

/** Fills assignments (in tensor order), stacks, components and component_facts. Errors: MEMORY. */
enum sva_status sva_roles_assign(struct sva_parts *parts, struct sva_error *error) SVA_MUST_CHECK;

#endif
