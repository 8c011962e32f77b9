/* SPDX-License-Identifier: Apache-2.0 */
#include "model/code_calls.h"

#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"

/** Tokens of a call's arguments that are looked at, and of a text's bytes. */
enum { ARGUMENTS_MOST = 256, COMMAND_BYTES = 256, ALIASES_MOST = 32 };

/** What decides whether a call fetches. */
enum decision {
    BY_CALL,    /**< it always does */
    BY_NAME,    /**< its first argument names no file of the model */
    BY_ADDRESS, /**< certain with a written address, else possible */
    BY_COMMAND, /**< a command in its texts does */
    BY_POSSIBLE /**< it may */
};

struct known_call {
    const char *base; /**< what stands before the dot, NULL: anything or nothing */
    const char *name;
    enum decision decision;
};

static const struct known_call known_calls[] = {
    {NULL, "from_pretrained", BY_NAME},
    {NULL, "hf_hub_download", BY_CALL},
    {NULL, "snapshot_download", BY_CALL},
    {NULL, "cached_download", BY_CALL},
    {NULL, "load_state_dict_from_url", BY_CALL},
    {NULL, "download_url_to_file", BY_CALL},
    {NULL, "urlretrieve", BY_CALL},
    {"hub", "load", BY_NAME},
    {"model_zoo", "load_url", BY_CALL},
    {"gdown", "download", BY_CALL},
    {"wget", "download", BY_CALL},
    {NULL, "urlopen", BY_ADDRESS},
    {"requests", "get", BY_ADDRESS},
    {"requests", "post", BY_ADDRESS},
    {"requests", "request", BY_ADDRESS},
    {"requests", "Session", BY_POSSIBLE},
    {"httpx", "get", BY_ADDRESS},
    {"httpx", "post", BY_ADDRESS},
    {"httpx", "stream", BY_ADDRESS},
    {"httpx", "Client", BY_POSSIBLE},
    {"aiohttp", "ClientSession", BY_POSSIBLE},
    {NULL, "HTTPSConnection", BY_POSSIBLE},
    {NULL, "HTTPConnection", BY_POSSIBLE},
    {"os", "system", BY_COMMAND},
    {NULL, "system", BY_COMMAND},
    {NULL, "popen", BY_COMMAND},
    {NULL, "Popen", BY_COMMAND},
    {NULL, "run", BY_COMMAND},
    {NULL, "call", BY_COMMAND},
    {NULL, "check_call", BY_COMMAND},
    {NULL, "check_output", BY_COMMAND},
    {NULL, "getoutput", BY_COMMAND},
    {NULL, "create_subprocess_shell", BY_COMMAND},
    {NULL, "create_subprocess_exec", BY_COMMAND},
    {"pip", "main", BY_CALL},
};

/** "import requests as r", "from huggingface_hub import hf_hub_download as get". */
struct alias {
    size_t shown, meant; /**< tokens */
};

struct search {
    const struct sva_python *python;
    const struct sva_call_sink *sink;
    struct alias aliases[ALIASES_MOST];
    size_t alias_count;
};

/* ---- tokens ---- */

static bool is_sign(const struct sva_python *python, size_t index, const char *text)
{
    return sva_python_is(python, index, SVA_PYTHON_SIGN, text);
}

static bool is_name(const struct sva_python *python, size_t index, const char *text)
{
    return sva_python_is(python, index, SVA_PYTHON_NAME, text);
}

static bool is_kind(const struct sva_python *python, size_t index, enum sva_python_kind kind)
{
    return index < python->count && python->tokens[index].kind == kind;
}

static bool same_text(const struct sva_python *python, size_t a, size_t b)
{
    const struct sva_python_token *const left = &python->tokens[a];
    const struct sva_python_token *const right = &python->tokens[b];
    return left->size == right->size &&
           memcmp(python->source.data + left->offset, python->source.data + right->offset,
                  left->size) == 0;
}

static const char *text_of(const struct sva_python *python, size_t index)
{
    return (const char *)python->source.data + python->tokens[index].offset;
}

/** The name for which a name was imported; itself where it is no alias. */
static size_t meaning(const struct search *search, size_t index)
{
    for (size_t i = search->alias_count; i-- > 0;) {
        if (same_text(search->python, search->aliases[i].shown, index)) {
            return search->aliases[i].meant;
        }
    }
    return index;
}

static void note_alias(struct search *search, size_t as)
{
    if (as > 0 && search->alias_count < ALIASES_MOST &&
        is_kind(search->python, as - 1, SVA_PYTHON_NAME) &&
        is_kind(search->python, as + 1, SVA_PYTHON_NAME) &&
        !same_text(search->python, as - 1, as + 1)) {
        search->aliases[search->alias_count++] = (struct alias){.shown = as + 1, .meant = as - 1};
    }
}

/* ---- a call and its arguments ---- */

/** 1 at an opening bracket, -1 at a closing one, else 0. */
static int bracket_at(const struct sva_python *python, size_t index)
{
    const struct sva_python_token *const token = &python->tokens[index];
    if (token->kind != SVA_PYTHON_SIGN || token->size != 1) {
        return 0;
    }
    switch (python->source.data[token->offset]) {
    case '(':
    case '[':
    case '{': return 1;
    case ')':
    case ']':
    case '}': return -1;
    default: return 0;
    }
}

/** Behind the closing bracket of the one at `open`, or where looking ends. */
static size_t arguments_end(const struct sva_python *python, size_t open)
{
    int depth = 0;
    size_t i = open;
    do {
        depth += bracket_at(python, i++);
    } while (depth > 0 && i < python->count && i - open < ARGUMENTS_MOST);
    return i;
}

/** The argument that says what to load: the first, or the keyword that stands for it. */
static size_t subject_argument(const struct sva_python *python, size_t open, size_t end)
{
    static const char *const keywords[] = {"pretrained_model_name_or_path", "repo_id",
                                           "repo_or_dir", "url"};
    for (size_t i = open + 1; i + 2 < end; i++) {
        for (size_t k = 0; k < sizeof keywords / sizeof *keywords; k++) {
            if (is_name(python, i, keywords[k]) && is_sign(python, i + 1, "=")) {
                return i + 2;
            }
        }
    }
    return open + 1;
}

/** keyword=value among the arguments, both as they are written. */
static bool has_keyword(const struct sva_python *python, size_t open, size_t end,
                        const char *keyword, enum sva_python_kind kind, const char *value)
{
    for (size_t i = open + 1; i + 2 < end; i++) {
        if (is_name(python, i, keyword) && is_sign(python, i + 1, "=") &&
            sva_python_is(python, i + 2, kind, value)) {
            return true;
        }
    }
    return false;
}

static bool is_address(const char *text, size_t size)
{
    static const char *const starts[] = {"http://", "https://", "ftp://"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        if (size > strlen(starts[i]) && memcmp(text, starts[i], strlen(starts[i])) == 0) {
            return true;
        }
    }
    return false;
}

/** A text that names a place on this machine, or a file of the model. */
static bool is_here(const struct search *search, const char *text, size_t size)
{
    return size == 0 || strchr("./~\\", text[0]) != NULL || (size > 1 && text[1] == ':') ||
           search->sink->is_local(search->sink->context, text, size);
}

/** May the name come from a configuration, which names a repository? `config.vision_tower` */
static bool is_from_config(const struct sva_python *python, size_t index, size_t end)
{
    for (size_t i = index; i + 1 < end && is_kind(python, i, SVA_PYTHON_NAME); i += 2) {
        if (is_name(python, i, "config") && is_sign(python, i + 1, ".")) {
            return true;
        }
        if (!is_sign(python, i + 1, ".")) {
            return false;
        }
    }
    return false;
}

static bool is_command_edge(char c)
{
    return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '_' || c == '-');
}

/** Does a command line fetch? Words are apart by one blank or more. */
static bool command_fetches(const char *text, size_t size)
{
    static const char *const commands[][2] = {
        {"pip", "install"},
        {"pip3", "install"},
        {"git", "clone"},
        {"wget", ""},
        {"curl", ""},
        {"conda", "install"},
        {"hf", "download"},
        {"huggingface-cli", "download"},
        {"modelscope", "download"},
        {"git-lfs", "pull"},
    };
    for (size_t c = 0; c < sizeof commands / sizeof *commands; c++) {
        const size_t first = strlen(commands[c][0]);
        const size_t second = strlen(commands[c][1]);
        for (size_t i = 0; i + first <= size; i++) {
            if (text[i] != commands[c][0][0] || memcmp(text + i, commands[c][0], first) != 0 ||
                (i > 0 && !is_command_edge(text[i - 1]))) {
                continue;
            }
            size_t at = i + first;
            while (at < size && (text[at] == ' ' || text[at] == '\t')) {
                at++;
            }
            const bool apart = at > i + first || (second == 0 && at == size);
            if (apart && at + second <= size && memcmp(text + at, commands[c][1], second) == 0 &&
                (at + second == size || second == 0 || is_command_edge(text[at + second]))) {
                return true;
            }
        }
    }
    return false;
}

/** The texts among the arguments, one after the other with a blank between: a command line. */
static bool arguments_fetch(const struct sva_python *python, size_t open, size_t end)
{
    char line[COMMAND_BYTES];
    size_t used = 0;
    for (size_t i = open + 1; i < end; i++) {
        const size_t size = python->tokens[i].size;
        if (python->tokens[i].kind == SVA_PYTHON_STRING && size + 1 <= sizeof line - used) {
            memcpy(line + used, text_of(python, i), size);
            used += size;
            line[used++] = ' ';
        }
    }
    return command_fetches(line, used);
}

/* ---- decisions ---- */

static bool tell(const struct search *search, enum sva_fetch fetch, size_t name, size_t argument)
{
    const struct sva_python *const python = search->python;
    struct sva_code_call call = {.fetch = fetch, .line = python->tokens[name].line};
    char shown[48];
    char value[40] = "...";
    sva_escape(text_of(python, name), python->tokens[name].size, shown, sizeof shown);
    const bool written = is_kind(python, argument, SVA_PYTHON_STRING);
    if (written) {
        sva_escape(text_of(python, argument), python->tokens[argument].size, value, sizeof value);
    }
    snprintf(call.text, sizeof call.text, "%s(%s)", shown, value);
    return search->sink->found(search->sink->context, &call);
}

/** -1: the call does not fetch. */
static int decide(const struct search *search, enum decision decision, size_t argument, size_t open,
                  size_t end)
{
    const struct sva_python *const python = search->python;
    const bool written = is_kind(python, argument, SVA_PYTHON_STRING);
    const char *const text = written ? text_of(python, argument) : "";
    const size_t size = written ? python->tokens[argument].size : 0;
    if (has_keyword(python, open, end, "local_files_only", SVA_PYTHON_NAME, "True") ||
        has_keyword(python, open, end, "source", SVA_PYTHON_STRING, "local")) {
        return -1;
    }
    switch (decision) {
    case BY_CALL: return SVA_FETCH_CERTAIN;
    case BY_POSSIBLE: return SVA_FETCH_POSSIBLE;
    case BY_ADDRESS: return is_address(text, size) ? SVA_FETCH_CERTAIN : SVA_FETCH_POSSIBLE;
    case BY_COMMAND: return arguments_fetch(python, open, end) ? SVA_FETCH_CERTAIN : -1;
    case BY_NAME: break;
    }
    if (written) {
        return is_here(search, text, size) ? -1 : SVA_FETCH_CERTAIN;
    }
    return is_from_config(python, argument, end) ||
                   has_keyword(python, open, end, "trust_remote_code", SVA_PYTHON_NAME, "True")
               ? SVA_FETCH_POSSIBLE
               : -1;
}

/** The row for the call whose name is token `index`, or NULL. */
static const struct known_call *find_known(const struct search *search, size_t index)
{
    const struct sva_python *const python = search->python;
    const bool dotted = index >= 2 && is_sign(python, index - 1, ".") &&
                        is_kind(python, index - 2, SVA_PYTHON_NAME);
    const size_t name =
        index > 0 && is_sign(python, index - 1, ".") ? index : meaning(search, index);
    const size_t base = dotted ? meaning(search, index - 2) : 0;
    for (size_t i = 0; i < sizeof known_calls / sizeof *known_calls; i++) {
        const struct known_call *const known = &known_calls[i];
        if (is_name(python, name, known->name) &&
            (known->base == NULL || (dotted && is_name(python, base, known->base)))) {
            return known;
        }
    }
    return NULL;
}

/** Looks at token `i`; `*behind`: tokens before it belong to a call that was told. */
static bool look(struct search *search, size_t i, size_t *behind)
{
    const struct sva_python *const python = search->python;
    if (is_name(python, i, "as")) {
        note_alias(search, i);
    }
    const bool defined =
        i > 0 && (is_name(python, i - 1, "def") || is_name(python, i - 1, "class"));
    if (is_sign(python, i + 1, "(") && !defined) {
        const struct known_call *const known = find_known(search, i);
        const size_t end = known != NULL ? arguments_end(python, i + 1) : 0;
        const size_t argument = known != NULL ? subject_argument(python, i + 1, end) : 0;
        const int fetch =
            known != NULL ? decide(search, known->decision, argument, i + 1, end) : -1;
        if (fetch >= 0) {
            *behind = end;
            return tell(search, (enum sva_fetch)fetch, i, argument);
        }
    }
    if (i >= *behind && is_name(python, i, "trust_remote_code") && is_sign(python, i + 1, "=") &&
        is_name(python, i + 2, "True")) {
        struct sva_code_call call = {.fetch = SVA_FETCH_POSSIBLE,
                                     .line = python->tokens[i].line,
                                     .text = "trust_remote_code=True"};
        return search->sink->found(search->sink->context, &call);
    }
    return true;
}

enum sva_status sva_code_calls(const struct sva_python *python, const struct sva_call_sink *sink,
                               struct sva_error *error)
{
    struct search search = {.python = python, .sink = sink};
    size_t behind = 0;
    for (size_t i = 0; i < python->count; i++) {
        if (python->tokens[i].kind == SVA_PYTHON_NAME && !look(&search, i, &behind)) {
            return sva_fail_memory(error, "reading a program");
        }
    }
    return SVA_OK;
}

enum sva_status sva_script_calls(struct sva_span script, const struct sva_call_sink *sink,
                                 struct sva_error *error)
{
    const char *const text = (const char *)script.data;
    uint32_t line = 0;
    size_t at = 0;
    while (at < script.size) {
        const char *const end = memchr(text + at, '\n', script.size - at);
        const size_t size = end == NULL ? script.size - at : (size_t)(end - text) - at;
        size_t start = at;
        at += size + 1;
        line++;
        size_t left = size;
        while (left > 0 && (text[start] == ' ' || text[start] == '\t')) {
            start++;
            left--;
        }
        if (left == 0 || text[start] == '#' || !command_fetches(text + start, left)) {
            continue;
        }
        struct sva_code_call call = {.fetch = SVA_FETCH_CERTAIN, .line = line};
        sva_escape(text + start, left, call.text, 64);
        if (!sink->found(sink->context, &call)) {
            return sva_fail_memory(error, "reading a script");
        }
    }
    return SVA_OK;
}
