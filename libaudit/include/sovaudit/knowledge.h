/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What the facts database says about a subject: which of its files and texts are known, and which
 * licences bind it - its own, and those of every base that it matches or declares - with their
 * restrictive clauses and duties. What the subject declares of its origin comes with it.
 */
#ifndef SOVAUDIT_KNOWLEDGE_H
#define SOVAUDIT_KNOWLEDGE_H

#include <sovaudit/declared.h>
#include <sovaudit/known.h>
#include <sovaudit/model.h>

struct sva_case;

/** Something of the subject that the database knows. */
struct sva_known_hit {
    const char *what; /**< "file", "tensor", "chat-template", "architecture", "vocabulary",
                         "licence-text" */
    const char *item; /**< the file's path, the tensor's name, else the value that was looked up */
    const char *name; /**< what it is known as */
    const char *publisher, *licence, *where; /**< "" not known */
    const char *origin;                      /**< who says so: title, path, commit or date */
    uint32_t file; /**< index of the subject's file, UINT32_MAX of other things */
    bool weights;  /**< a file whose weights are audited, or a tensor */
    uint32_t tensor; /**< index into the print's tensors, UINT32_MAX of other things */
};

/** A licence that binds the subject or one of its components. */
struct sva_bound_licence {
    uint32_t component;  /**< UINT32_MAX: the whole model */
    const char *id;      /**< as in the database, else as declared; "" a base's, not known */
    const char *name;    /**< "" when the database does not know the licence */
    const char *because; /**< "own", "declared" (a base), "matched" (weights depend on it) */
    const char *of;      /**< name of the base, "" own */
    const char *clauses; /**< restrictive ones between ";", by the database; "" none */
    const char *duties;  /**< between ";" */
    const char *unmet; /**< of "licence-copy", "words", "name": not seen in the subject; "" none */
    const char *words; /**< that must be shown, "" none */
    const char *begin; /**< what the subject's name must begin with, "" anything */
    const char *origin;
    bool known; /**< its clauses and duties are in the database */
};

struct sva_knowledge {
    const struct sva_known_info *info; /**< of the database, which must outlive this */
    size_t hit_count;
    const struct sva_known_hit *hits; /**< files in their order, texts, tensors by size */
    const char *architecture_family;  /**< "" not known */
    size_t licence_count;
    const struct sva_bound_licence *licences; /**< own first; then by component and name */
    void *internal;
    /** What the subject says of its origin, against what was compared. Of an open model nothing was:
     *  no declaration has a reference. */
    const struct sva_declared *declared;
};

/**
 * Of a whole case; its comparisons tell which bases are matched, its model is asked for tensors.
 * Errors: MEMORY; IO, CONFLICT (reading the model).
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_knowledge_make(const struct sva_known *known,
                                                          const struct sva_case *source,
                                                          struct sva_knowledge **knowledge,
                                                          struct sva_error *error);
/** Of an open model alone: files are not hashed, and nothing is matched. Errors: MEMORY. */
SVA_MUST_CHECK SVA_API enum sva_status sva_knowledge_of_model(const struct sva_known *known,
                                                              const struct sva_model *model,
                                                              struct sva_knowledge **knowledge,
                                                              struct sva_error *error);
/**
 * Looks a stored tensor up by the SHA-256 of its bytes. `*found` false: not known, or a tensor that
 * is made of several. Errors: IO, CONFLICT, MEMORY.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_known_tensor_of(const struct sva_known *known,
                                                           const struct sva_model *model,
                                                           size_t tensor, struct sva_known_row *row,
                                                           bool *found, struct sva_error *error);

/** NULL is allowed. */
SVA_API void sva_knowledge_free(struct sva_knowledge *knowledge);

#endif
