/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The facts database: what is publicly known about models - digests of files and tensors,
 * architectures, families, licences, vocabularies, chat templates - each row with its origin.
 * Facts are information: of all of them only the digest of a weight file says something about
 * weights. docs/facts.md describes the file. A database is read-only and may be used from several
 * threads.
 */
#ifndef SOVAUDIT_KNOWN_H
#define SOVAUDIT_KNOWN_H

#include <stddef.h>

#include <sovaudit/status.h>

/** Kinds of rows, in the file's order. The first field of each is what it is looked up by. */
enum sva_known_kind {
    SVA_KNOWN_ARCHITECTURE, /**< class or GGUF name; GGUF name, family, origin */
    SVA_KNOWN_FAMILY,       /**< enum sva_known_family */
    SVA_KNOWN_FILE,         /**< enum sva_known_file */
    SVA_KNOWN_LICENCE,      /**< enum sva_known_licence */
    SVA_KNOWN_LICENCE_TEXT, /**< SHA-256 of the normalised text; licence, bytes, origin */
    SVA_KNOWN_MODEL,        /**< enum sva_known_model */
    SVA_KNOWN_ORIGIN,       /**< id; title, path, commit or date, licence of the source */
    SVA_KNOWN_TEMPLATE,     /**< SHA-256; name, bytes, origin */
    SVA_KNOWN_TENSOR,       /**< SHA-256 of the stored bytes; model, tensor, origin */
    SVA_KNOWN_TOKENIZER,    /**< SHA-256; what was hashed, name, kind, size, merges, ... origin */
    SVA_KNOWN_KIND_COUNT
};

/** Fields of a known file: its SHA-256, then these. Empty where not known, in all rows. */
enum sva_known_file {
    SVA_KNOWN_FILE_SHA256,
    SVA_KNOWN_FILE_MODEL,
    SVA_KNOWN_FILE_PUBLISHER,
    SVA_KNOWN_FILE_BYTES,
    SVA_KNOWN_FILE_LICENCE,
    SVA_KNOWN_FILE_WHERE,
    SVA_KNOWN_FILE_ORIGIN
};

/** Fields of a family. `NAMES` are beginnings of its models' names, lower case, between ";". */
enum sva_known_family {
    SVA_KNOWN_FAMILY_ID,
    SVA_KNOWN_FAMILY_NAME,
    SVA_KNOWN_FAMILY_PUBLISHER,
    SVA_KNOWN_FAMILY_JURISDICTION, /**< country, ISO 3166 */
    SVA_KNOWN_FAMILY_RELEASED,     /**< first release, YYYY-MM-DD or YYYY-MM */
    SVA_KNOWN_FAMILY_LICENCE,
    SVA_KNOWN_FAMILY_BASE, /**< id of another family */
    SVA_KNOWN_FAMILY_NAMES,
    SVA_KNOWN_FAMILY_ORIGIN
};

/** Fields of a licence. Clauses and duties are words between ";", see docs/facts.md. */
enum sva_known_licence {
    SVA_KNOWN_LICENCE_ID,
    SVA_KNOWN_LICENCE_NAME,
    SVA_KNOWN_LICENCE_ALIASES, /**< lower case, between ";" */
    SVA_KNOWN_LICENCE_CLAUSES,
    SVA_KNOWN_LICENCE_DUTIES,
    SVA_KNOWN_LICENCE_WORDS, /**< to be shown: "Built with Llama" */
    SVA_KNOWN_LICENCE_BEGIN, /**< what a derivative's name must begin with */
    SVA_KNOWN_LICENCE_WHERE,
    SVA_KNOWN_LICENCE_ORIGIN
};

/** Fields of a model. The key is its name in lower case, without its publisher. */
enum sva_known_model {
    SVA_KNOWN_MODEL_NAME,
    SVA_KNOWN_MODEL_PUBLISHER,
    SVA_KNOWN_MODEL_LICENCE,
    SVA_KNOWN_MODEL_BASE,
    SVA_KNOWN_MODEL_ARCHITECTURE,
    SVA_KNOWN_MODEL_LAYERS,
    SVA_KNOWN_MODEL_WIDTH,
    SVA_KNOWN_MODEL_VOCABULARY,
    SVA_KNOWN_MODEL_WHERE,
    SVA_KNOWN_MODEL_ORIGIN
};

enum {
    SVA_KNOWN_FIELDS = 10,          /**< at most, the origin's id last (not of origins) */
    SVA_KNOWN_BYTES_MAX = 64 << 20, /**< a larger file is refused */
    SVA_KNOWN_LINE_MAX = 8192
};

struct sva_known;

/** A row. Borrowed from the database; `fields` holds `field_count` texts, never NULL. */
struct sva_known_row {
    enum sva_known_kind kind;
    size_t field_count;
    const char *fields[SVA_KNOWN_FIELDS];
};

struct sva_known_info {
    const char *date;   /**< of the collection, YYYY-MM-DD */
    const char *place;  /**< "built-in", "store", or the file's path */
    uint8_t digest[32]; /**< SHA-256 of the whole file */
    uint64_t size_bytes;
    size_t row_count;
    size_t counts[SVA_KNOWN_KIND_COUNT];
};

/** "architecture", "family", ... as in the file. */
SVA_API const char *sva_known_kind_name(enum sva_known_kind kind);

/**
 * Reads a database from memory; `what` names it in errors and as its place. Errors: CORRUPT (the
 * text names line and byte offset), LIMIT, UNSUPPORTED (a later format), MEMORY.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_known_parse(const uint8_t *bytes, size_t size_bytes,
                                                       const char *what, struct sva_known **known,
                                                       struct sva_error *error);
/** The same from a file. Further error: IO. */
SVA_MUST_CHECK SVA_API enum sva_status sva_known_read(const char *path, struct sva_known **known,
                                                      struct sva_error *error);
/** NULL is allowed. */
SVA_API void sva_known_free(struct sva_known *known);

/** Borrowed. */
SVA_API const struct sva_known_info *sva_known_get_info(const struct sva_known *known);

/** Number of rows with this key, which follow each other from `*first`. Binary search. */
SVA_API size_t sva_known_find(const struct sva_known *known, enum sva_known_kind kind,
                              const char *key, size_t *first);
/** Row `index` < row_count. */
SVA_API struct sva_known_row sva_known_get(const struct sva_known *known, size_t index);

/** "title, path, commit" of a row's origin, into `text`; cut when it does not fit. */
SVA_API const char *sva_known_origin(const struct sva_known *known, const struct sva_known_row *row,
                                     char *text, size_t size);

/** A licence by id, name or alias, ASCII case ignored. False: not known. */
SVA_API bool sva_known_licence_of(const struct sva_known *known, const char *name,
                                  struct sva_known_row *row);

/**
 * The family of a model's name ("meta-llama/Llama-3.1-8B"): the one with the longest beginning
 * that the name, without its publisher, has. Space, "-" and "_" are one. False: none.
 */
SVA_API bool sva_known_family_of(const struct sva_known *known, const char *model,
                                 struct sva_known_row *row);

/** True when one of the words between ";" in `list` is `word`. */
SVA_API bool sva_known_lists(const char *list, const char *word);

#endif
