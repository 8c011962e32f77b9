/* SPDX-License-Identifier: Apache-2.0 */
/** The rows by which equal tensors and files are looked up: derived from prints, and held to them.
 */
#ifndef SVA_REFSTORE_STORE_HASHES_H
#define SVA_REFSTORE_STORE_HASHES_H

#include "refstore/store_sql.h"

/** Records the hashes of reference `id`, whose print this is. Inside a write transaction. */
enum sva_status sva_store_add_hash_rows(struct sva_refstore *store, int64_t id,
                                        const struct sva_print *print,
                                        struct sva_error *error) SVA_MUST_CHECK;

/** CORRUPT unless the reference has exactly the hashes of this print. */
enum sva_status sva_store_check_hash_rows(struct sva_refstore *store,
                                          const struct sva_reference *reference,
                                          const struct sva_print *print,
                                          struct sva_error *error) SVA_MUST_CHECK;

#endif
