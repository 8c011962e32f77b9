/* SPDX-License-Identifier: Apache-2.0 */
/** The store's tables and their history: one row of a table per schema version. */
#ifndef SVA_REFSTORE_STORE_SCHEMA_H
#define SVA_REFSTORE_STORE_SCHEMA_H

#include "refstore/store_sql.h"

enum {
    SVA_STORE_APPLICATION = 0x73766172, /**< "svar" in the file's header */
    SVA_STORE_SCHEMA = 3                /**< newest schema that we read and write */
};

/**
 * Makes the open file a store of the newest schema, in one transaction: an
 * empty database is filled when `create`, an older one brought up to date, or
 * used as it is where it may only be read. Sets store->schema.
 * Errors: CORRUPT (not ours, other tables, views or triggers than its schema
 * has, or empty and not `create`), UNSUPPORTED (newer), IO, CONFLICT.
 */
enum sva_status sva_store_prepare_schema(struct sva_refstore *store, bool create,
                                         struct sva_error *error) SVA_MUST_CHECK;

#endif
