/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Calls in shipped programs that fetch something when the model is run: code or weights from
 * a hub, a file from an address, a package, a repository. Told by tokens, so comments, docstrings
 * and mere mentions do not count; nothing is run. What is put together at run time (getattr, exec
 * of a made-up text) is not seen.
 */
#ifndef SVA_MODEL_CODE_CALLS_H
#define SVA_MODEL_CODE_CALLS_H

#include "model/python_tokens.h"

enum sva_fetch {
    SVA_FETCH_CERTAIN, /**< the call fetches: a named repository, a written address, a package */
    SVA_FETCH_POSSIBLE /**< it may: the address comes from elsewhere, trust_remote_code is on */
};

struct sva_code_call {
    enum sva_fetch fetch;
    uint32_t line;
    char text[96]; /**< from_pretrained(org/name), escaped */
};

struct sva_call_sink {
    /** Called in order of lines. False stops: out of memory. */
    bool (*found)(void *context, const struct sva_code_call *call);
    /** Is that text the name of a file or folder of the model? */
    bool (*is_local)(void *context, const char *text, size_t size);
    void *context;
};

/** Errors: MEMORY. */
enum sva_status sva_code_calls(const struct sva_python *python, const struct sva_call_sink *sink,
                               struct sva_error *error) SVA_MUST_CHECK;

/** The same for a shell script, line by line. Errors: MEMORY. */
enum sva_status sva_script_calls(struct sva_span script, const struct sva_call_sink *sink,
                                 struct sva_error *error) SVA_MUST_CHECK;

#endif
