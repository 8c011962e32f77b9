/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The evidence register: strict JSON -> documents, each looked at where it lies. Paths are relative
 * to the register's folder and never leave it; links are followed in hub caches only, and there
 * not out of the cache entry. What is wrong with a
 * document is a finding; what is wrong with the register is an error.
 */
#ifndef SVA_JUDGE_EVIDENCE_REGISTER_H
#define SVA_JUDGE_EVIDENCE_REGISTER_H

#include <sovaudit/evidence.h>

#include "base/cursor.h"
#include "base/file.h"
#include "judge/pack_problems.h"

enum {
    SVA_REGISTER_BYTES_MAX = 4 * 1024 * 1024,
    SVA_REGISTER_DOCUMENTS_MAX = 10000,
    SVA_DOCUMENT_PATH_MAX = 1024,
    SVA_JUDGEMENT_BYTES_MAX = 1024 * 1024,
    SVA_TRACE_BYTES_MAX = 64 * 1024 * 1024
};

/** What a register owns, behind `internal`. */
struct sva_register_memory {
    struct sva_arena arena;
    struct sva_finding *findings;
    size_t capacity;
};

/**
 * Parses a register's bytes; everything wrong is listed in `problems`, whose arena keeps the
 * documents. States are SOUND or HASH_ONLY as declared: nothing is opened. Errors: MEMORY.
 */
enum sva_status sva_register_parse(struct sva_span bytes, struct sva_problems *problems,
                                   struct sva_document **documents, size_t *count,
                                   struct sva_error *error) SVA_MUST_CHECK;

/** Relative, of plain steps ("a/b.csv"), without '\\' or control characters. */
bool sva_document_path_is_plain(const char *path);

/**
 * Opens a document below `folder`, no link followed on the way, other than a file's own link in a
 * hub cache (base/hub_cache.h). Errors: NOT_FOUND, IO, MEMORY.
 */
enum sva_status sva_document_open(const char *folder, const char *path, struct sva_input *input,
                                  struct sva_error *error) SVA_MUST_CHECK;

/**
 * Reads what a judgement or a trace report says into `document`. Problems are listed. `model` is
 * the digest that both must name, NULL: not checked.
 */
void sva_judgement_parse(struct sva_span bytes, const uint8_t *model, struct sva_problems *problems,
                         struct sva_document *document);
void sva_trace_report_parse(struct sva_span bytes, const uint8_t *model,
                            struct sva_problems *problems,
                            struct sva_document *document);

/** Adds a finding about `file`; the strings are copied, `code` is a constant. Errors: MEMORY. */
enum sva_status sva_register_note(struct sva_evidence *evidence, const char *code, const char *file,
                                  const char *text, struct sva_error *error) SVA_MUST_CHECK;

/** The folder of a path, "." for a bare name; NULL: out of memory. sva_free(). */
char *sva_folder_of(const char *path);

#endif
