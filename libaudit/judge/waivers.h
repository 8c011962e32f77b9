/* SPDX-License-Identifier: Apache-2.0 */
/** Waivers: strict reading of their file, and which result a waiver covers. */
#ifndef SVA_JUDGE_WAIVERS_H
#define SVA_JUDGE_WAIVERS_H

#include "base/cursor.h"
#include "judge/rulepack.h"

enum { SVA_WAIVERS_MAX = 10000, SVA_WAIVER_BYTES_MAX = 16 * 1024 * 1024 };

/** Parses; everything wrong is listed in `problems`, whose arena keeps the items. Errors: MEMORY.
 */
enum sva_status sva_waivers_parse(struct sva_span bytes, struct sva_problems *problems,
                                  struct sva_waiver **items, size_t *count,
                                  struct sva_error *error) SVA_MUST_CHECK;

/**
 * States of all waivers before judging: UNUSED when a waiver could apply to this model and rule
 * pack today, else why it cannot. `states` holds one for each.
 */
void sva_waivers_begin(const struct sva_case *source, const struct sva_rulepack *pack,
                       enum sva_waiver_state *states);

/**
 * The first usable waiver that covers a result of `rule` in `scope`, marked as used; NULL: none. A
 * pattern of tensors covers a result when every tensor that it rests on fits.
 */
const struct sva_waiver *sva_waiver_for(const struct sva_case *source,
                                        const struct sva_scope_facts *scope,
                                        const struct sva_rule *rule, enum sva_waiver_state *states);

#endif
