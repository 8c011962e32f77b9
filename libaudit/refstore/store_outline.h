/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Outlines: what the store knows of a reference without decoding its print - its classes
 * (fingerprint/print_classes.h), its facts and its method version. A reference without an
 * outline, or with one of another classes version, has to be decoded to know.
 */
#ifndef SVA_REFSTORE_STORE_OUTLINE_H
#define SVA_REFSTORE_STORE_OUTLINE_H

#include "refstore/store_sql.h"

/** Records the outline of reference `id`, whose print this is. Inside a write transaction. */
enum sva_status sva_store_add_outline(struct sva_refstore *store, int64_t id,
                                      const struct sva_print *print,
                                      struct sva_error *error) SVA_MUST_CHECK;

/**
 * Decodes every print that has no outline and records it; a print that cannot be decoded keeps
 * none. Inside a write transaction. Errors: as sva_store_fail, MEMORY.
 */
enum sva_status sva_store_fill_outlines(struct sva_refstore *store,
                                        struct sva_error *error) SVA_MUST_CHECK;

/** CORRUPT unless reference `name`, `version` has the outline of this print. Older schemas pass. */
enum sva_status sva_store_check_outline(struct sva_refstore *store,
                                        const struct sva_reference *reference,
                                        const struct sva_print *print,
                                        struct sva_error *error) SVA_MUST_CHECK;

#endif
