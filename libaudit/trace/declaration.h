/* SPDX-License-Identifier: Apache-2.0 */
/** What the vendor declares about a run: a small JSON file. Unknown keys are refused. */
#ifndef SVA_TRACE_DECLARATION_H
#define SVA_TRACE_DECLARATION_H

#include <sovaudit/trace.h>

#include "base/memory.h"

enum { SVA_DECLARED_BYTES_MOST = 1024 * 1024, SVA_DECLARED_LIST_MOST = 256 };

struct sva_declared_role {
    const char *role;                   /**< name of a role: "ffn-down"; NULL: all others */
    enum sva_distribution distribution; /**< SVA_DISTRIBUTION_NONE: not said */
    double deviation;                   /**< NAN: not said */
};

struct sva_declared_gap {
    double from, to;
    const char *reason;
};

/** Numbers are NAN, texts NULL where the file says nothing. */
struct sva_declaration {
    size_t role_count;
    struct sva_declared_role *roles;
    const char *seed;
    double vocabulary, tokens, batch_tokens, parameters, active_parameters, flops, hours;
    const char *hardware;
    double hardware_count, peak_flops;
    bool bits; /**< losses are in bits, not nats */
    const char *loss_key, *step_key;
    size_t gap_count;
    struct sva_declared_gap *gaps;
    uint8_t digest[SVA_DIGEST_BYTES];
};

/** A declaration that says nothing. */
struct sva_declaration sva_declaration_empty(void);

/**
 * Reads `path`. Strings live in `arena`. Errors: IO; USAGE (no such declaration: the text names the
 * key), CORRUPT (no JSON), LIMIT, MEMORY.
 */
enum sva_status sva_declaration_read(const char *path, struct sva_arena *arena,
                                     struct sva_declaration *declaration,
                                     struct sva_error *error) SVA_MUST_CHECK;
/** The same from bytes that end in a NUL (not counted). */
enum sva_status sva_declaration_parse(const uint8_t *bytes, size_t size, const char *what,
                                      struct sva_arena *arena, struct sva_declaration *declaration,
                                      struct sva_error *error) SVA_MUST_CHECK;

#endif
