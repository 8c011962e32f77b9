/* SPDX-License-Identifier: Apache-2.0 */
/** Changes of the store inside a transaction that the caller has begun. */
#ifndef SVA_REFSTORE_STORE_CHANGE_H
#define SVA_REFSTORE_STORE_CHANGE_H

#include <sovaudit/refstore.h>

#include "base/cursor.h"

/** USAGE: no name, a date that is none, control characters. */
SVA_MUST_CHECK enum sva_status sva_store_check_reference(const struct sva_reference *reference,
                                                         struct sva_error *error);

/**
 * As sva_refstore_add(), for a store in which hashes are looked up and nothing else: without the
 * print itself, which takes long to encode.
 */
SVA_MUST_CHECK enum sva_status sva_store_add_hashes(struct sva_refstore *store,
                                                    const struct sva_reference *reference,
                                                    const struct sva_print *print,
                                                    struct sva_error *error);

/** As sva_refstore_add() without checks; `encoded` is the print's file. CONFLICT, IO, MEMORY. */
SVA_MUST_CHECK enum sva_status sva_store_insert(struct sva_refstore *store,
                                                const struct sva_reference *reference,
                                                const struct sva_print *print,
                                                struct sva_span encoded, struct sva_error *error);

/** USAGE: nothing noted, a date that is none, control characters. */
SVA_MUST_CHECK enum sva_status sva_store_check_note(const struct sva_reference_note *note,
                                                    struct sva_error *error);

/** As sva_refstore_note() without checks. NOT_FOUND, IO, MEMORY. */
SVA_MUST_CHECK enum sva_status sva_store_insert_note(struct sva_refstore *store, const char *name,
                                                     const char *version,
                                                     const struct sva_reference_note *note,
                                                     struct sva_error *error);

#endif
