/* SPDX-License-Identifier: Apache-2.0 */
/** Does a declared relation - fine-tune, quantisation, adapter, merge - agree with what was seen?
 */
#ifndef SVA_JUDGE_RELATION_H
#define SVA_JUDGE_RELATION_H

#include <sovaudit/compare.h>
#include <sovaudit/declared.h>

/**
 * `relation` as written in a card; "" is NOT_STATED. `*derivation` becomes that of the component
 * that decides, borrowed from the comparison; "" none. OPEN: an unknown word, a reference that is
 * not the model that was named, or a dependence that has no kind.
 */
enum sva_relation_state sva_relation_check(const char *relation, enum sva_name_level level,
                                           const struct sva_comparison *comparison,
                                           const char **derivation);

#endif
