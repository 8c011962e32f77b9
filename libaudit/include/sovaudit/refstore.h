/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The reference store: prints of known models with what is known about them.
 * One SQLite file. Every change is one transaction: a crash at any moment
 * loses nothing already added and leaves the store usable.
 */
#ifndef SOVAUDIT_REFSTORE_H
#define SOVAUDIT_REFSTORE_H

#include <sovaudit/known.h>
#include <sovaudit/print.h>

struct sva_refstore;

/** What a reference is. Strings are borrowed on input, owned by the record on output; "" unknown. */
struct sva_reference {
    const char *name;         /**< unique key with version */
    const char *version;
    const char *publisher;
    const char *licence;
    const char *released;     /**< ISO date YYYY-MM-DD or YYYY-MM, "" unknown */
    const char *derived_from; /**< name of another reference, "" none */
    const char *source;       /**< where the weights were taken from */
    const char *added;        /**< date it was added (--as-of) */
    uint64_t parameter_count;
    uint64_t print_bytes;
    uint8_t print_digest[SVA_DIGEST_BYTES];
    const char *removed; /**< day since when its source is gone, "" still there; not for adding */
};

/**
 * Opens or creates (`create`). Path ":memory:" is allowed. A store that may only be read is opened
 * for reading. A store of an older schema is brought up to date, which decodes every print once; where it
 * may only be read it is used as it is, without screening. Errors: IO, NOT_FOUND (no such file and not
 * `create`), CORRUPT (not a store, or one whose tables are not those of its schema), UNSUPPORTED (newer
 * schema).
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_refstore_open(const char *path, bool create,
                                                         struct sva_refstore **store,
                                                         struct sva_error *error);
SVA_API void sva_refstore_close(struct sva_refstore *store);

/**
 * Default path: $SOVAUDIT_REFS, else $XDG_DATA_HOME/sovaudit/refs.db, else ~/.local/share/...
 * Relative values of XDG_DATA_HOME and HOME are ignored. Caller frees. Errors: NOT_FOUND (there is
 * no home directory), MEMORY.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_refstore_default_path(char **path,
                                                                 struct sva_error *error);

/**
 * Adds a reference. The same print again is SVA_OK and changes nothing. Errors: CONFLICT (name and
 * version exist with another print, or another process is writing), USAGE (no name, a date that is
 * none, control characters), IO.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_refstore_add(struct sva_refstore *store,
                                                        const struct sva_reference *reference,
                                                        const struct sva_print *print,
                                                        struct sva_error *error);

/** Errors: NOT_FOUND. `version` NULL = every version of the name. */
SVA_MUST_CHECK SVA_API enum sva_status sva_refstore_remove(struct sva_refstore *store,
                                                           const char *name, const char *version,
                                                           struct sva_error *error);

/** All references sorted by name, version. Free with sva_references_free. */
SVA_MUST_CHECK SVA_API enum sva_status sva_refstore_list(struct sva_refstore *store,
                                                         struct sva_reference **references,
                                                         size_t *count, struct sva_error *error);
SVA_API void sva_references_free(struct sva_reference *references, size_t count);

/** Loads one reference's print; `version` NULL = the one released last. Errors: NOT_FOUND,
 *  CORRUPT. */
SVA_MUST_CHECK SVA_API enum sva_status sva_refstore_print(struct sva_refstore *store,
                                                          const char *name, const char *version,
                                                          struct sva_print **print,
                                                          struct sva_error *error);

/** What was noted about a reference after it was added. Strings as in sva_reference. */
struct sva_reference_note {
    const char *noted;    /**< day of the note (--as-of) */
    const char *removed;  /**< day since when its source is gone upstream, "" not about that */
    const char *text;     /**< "" none */
    const char *evidence; /**< name of the document that shows it, "" none */
    uint8_t evidence_digest[SVA_DIGEST_BYTES]; /**< its SHA-256, where there is one */
};

/**
 * Adds a note; the print stays as it is. `version` NULL: to every version of the name. Errors:
 * NOT_FOUND, USAGE (nothing noted, a date that is none, control characters), IO, CONFLICT.
 */
SVA_MUST_CHECK SVA_API enum sva_status
sva_refstore_note(struct sva_refstore *store, const char *name, const char *version,
                  const struct sva_reference_note *note, struct sva_error *error);

/** What the store still holds of a reference, whatever became of its source. */
struct sva_remains {
    uint64_t tensor_hash_count, file_hash_count;
    uint64_t fact_count; /**< of its print: configuration, tokenizer, licence ... */
    size_t note_count;
    struct sva_reference_note *notes; /**< in the order of noting */
};

/** Free with sva_remains_done. Errors: NOT_FOUND, IO, CORRUPT, MEMORY. */
SVA_MUST_CHECK SVA_API enum sva_status sva_refstore_remains(struct sva_refstore *store,
                                                            const char *name, const char *version,
                                                            struct sva_remains *remains,
                                                            struct sva_error *error);
/** Safe on a zeroed one. */
SVA_API void sva_remains_done(struct sva_remains *remains);

/**
 * The facts database in use: the file $SOVAUDIT_FACTS; else the newest of the store's (`store`
 * NULL: none), the installed and the built-in one. Errors: those of sva_known_read; the store's.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_known_load(struct sva_refstore *store,
                                                      struct sva_known **known,
                                                      struct sva_error *error);

/**
 * Takes a newer facts database into the store, in one transaction. The same again changes nothing
 * and is SVA_OK. On any error the store is as before. Errors: those of sva_known_read, CONFLICT
 * (not newer than the one in the store or in this program), IO.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_refstore_update_known(struct sva_refstore *store,
                                                                 const char *path,
                                                                 struct sva_error *error);

/** A print as it lies in the store: read on one thread, decoded on any. Zero-initialise. */
struct sva_packed_print {
    uint8_t *bytes;
    size_t size_bytes;
    uint8_t digest[SVA_DIGEST_BYTES]; /**< what the store has recorded */
    char *what;                       /**< names the reference in error texts */
};

/** As sva_refstore_print, without decoding. Errors: NOT_FOUND, CORRUPT, MEMORY. */
SVA_MUST_CHECK SVA_API enum sva_status sva_refstore_packed_print(struct sva_refstore *store,
                                                                 const char *name,
                                                                 const char *version,
                                                                 struct sva_packed_print *packed,
                                                                 struct sva_error *error);
/** The print that sva_refstore_list() told of. Errors: the same; CONFLICT: it is another by now. */
SVA_MUST_CHECK SVA_API enum sva_status sva_refstore_listed_print(
    struct sva_refstore *store, const struct sva_reference *reference,
    struct sva_packed_print *packed, struct sva_error *error);
/** Any thread. Errors: CORRUPT (also when it is not the recorded print), those of sva_print_decode. */
SVA_MUST_CHECK SVA_API enum sva_status sva_packed_print_decode(const struct sva_packed_print *packed,
                                                               struct sva_print **print,
                                                               struct sva_error *error);
SVA_API void sva_packed_print_done(struct sva_packed_print *packed);

/** What is known of a reference without decoding its print. */
struct sva_outline {
    bool comparable;         /**< false: no test of weights could apply to the subject and it */
    struct sva_print *print; /**< digest, method version and facts of its print; nothing else */
};

/**
 * Outlines of the references, seen from `subject`, sorted by their prints' digests. Choosing by
 * them costs no error: names, shapes and hashes decide, never a similarity. References that are
 * missing here (a read-only store of an old schema, prints that could not be decoded) must be
 * decoded to know. Free with sva_outlines_free. Errors: IO, CORRUPT, MEMORY.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_refstore_screen(struct sva_refstore *store,
                                                           const struct sva_print *subject,
                                                           struct sva_outline **outlines,
                                                           size_t *count, struct sva_error *error);
/** The outline of the print with this digest, or NULL. Borrowed. */
SVA_API const struct sva_outline *sva_outline_find(const struct sva_outline *outlines, size_t count,
                                                   const uint8_t print_digest[SVA_DIGEST_BYTES]);
SVA_API void sva_outlines_free(struct sva_outline *outlines, size_t count);

/** A tensor or file of the subject whose digest a reference holds. Strings owned by the array. */
struct sva_exact_hit {
    const char *reference_name;
    const char *reference_version;
    bool is_file;                /**< file SHA-256, else tensor value hash */
    uint32_t subject_index;      /**< index into subject's tensors or files */
    const char *reference_item;  /**< tensor or file name there */
};

/** Exact look-ups of every evidence-bearing tensor hash and weight-file hash of `subject`. */
SVA_MUST_CHECK SVA_API enum sva_status sva_refstore_lookup(struct sva_refstore *store,
                                                           const struct sva_print *subject,
                                                           struct sva_exact_hit **hits,
                                                           size_t *count, struct sva_error *error);
SVA_API void sva_exact_hits_free(struct sva_exact_hit *hits, size_t count);

struct sva_refstore_info {
    uint64_t reference_count;
    uint64_t tensor_hash_count;
    uint64_t file_hash_count;
    uint64_t size_bytes;
    uint32_t schema_version;
    char newest_release[16];           /**< newest `released`, "" none */
    /** Over what is known of all references and their prints' digests, sorted, without the day of
     *  adding: names the store's content. */
    uint8_t digest[SVA_DIGEST_BYTES];
};

SVA_MUST_CHECK SVA_API enum sva_status sva_refstore_get_info(struct sva_refstore *store,
                                                             struct sva_refstore_info *info,
                                                             struct sva_error *error);

/** Runs SQLite's integrity check, decodes every print and checks what was derived from it. */
SVA_MUST_CHECK SVA_API enum sva_status sva_refstore_verify(struct sva_refstore *store,
                                                           struct sva_error *error);

#endif
