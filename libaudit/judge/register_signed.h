/* SPDX-License-Identifier: Apache-2.0 */
/** The keys and signed manifests of a register: read where they lie, handed to the check. */
#ifndef SVA_JUDGE_REGISTER_SIGNED_H
#define SVA_JUDGE_REGISTER_SIGNED_H

#include <sovaudit/evidence.h>

/**
 * Fills `evidence->manifest`. `documents` are the register's, already looked at; one that holds no
 * key or no bundle becomes malformed. `folder` is the register's. Errors: IO, MEMORY.
 */
enum sva_status sva_register_check_signed(struct sva_evidence *evidence,
                                          struct sva_document *documents, const char *folder,
                                          const struct sva_print *subject,
                                          const struct sva_key *model_key,
                                          struct sva_error *error) SVA_MUST_CHECK;

#endif
