/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/model_name.h"

#include <string.h>

#include "base/text.h"

struct part {
    const char *text;
    size_t size;
};

static char letter(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c == '_' || c == ' ' ? '-' : c;
}

static bool ends_with(struct part part, const char *end)
{
    const size_t size = strlen(end);
    if (part.size <= size) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        if (letter(part.text[part.size - size + i]) != end[i]) {
            return false;
        }
    }
    return true;
}

static void cut_end(struct part *part, const char *end)
{
    if (ends_with(*part, end)) {
        part->size -= strlen(end);
    }
}

static void copy(char to[SVA_MODEL_NAME_BYTES], struct part part)
{
    const size_t size =
        part.size < SVA_MODEL_NAME_BYTES ? part.size : (size_t)SVA_MODEL_NAME_BYTES - 1;
    for (size_t i = 0; i < size; i++) {
        to[i] = letter(part.text[i]);
    }
    to[size] = '\0';
}

/* ---- reading ---- */

/** What stands behind the host of an address; the whole text of anything else. */
static struct part without_host(const char *text, bool *address)
{
    const char *const scheme = strstr(text, "://");
    struct part part = {text, strcspn(text, "?#+")};
    *address = scheme != NULL;
    if (scheme != NULL) {
        const char *const path = strchr(scheme + 3, '/');
        part.text = path == NULL ? "" : path + 1;
        part.size = strcspn(part.text, "?#+");
    }
    while (part.size > 0 && (part.text[part.size - 1] == '/' || part.text[part.size - 1] == ' ')) {
        part.size--;
    }
    return part;
}

/** Does it say nothing of who made the model: a path on somebody's machine? */
static bool is_path(struct part part)
{
    const bool drive = part.size > 1 && part.text[1] == ':';
    return part.size > 0 && (part.text[0] == '/' || part.text[0] == '.' || part.text[0] == '~' ||
                             drive || memchr(part.text, '\\', part.size) != NULL);
}

/** Cuts the last segment off `part` and returns it. */
static struct part take_last(struct part *part)
{
    size_t start = part->size;
    while (start > 0 && part->text[start - 1] != '/' && part->text[start - 1] != '\\') {
        start--;
    }
    const struct part last = {part->text + start, part->size - start};
    part->size = start == 0 ? 0 : start - 1;
    return last;
}

/** "org/name/tree/main" of an address is "org/name". */
static void keep_two_segments(struct part *part)
{
    unsigned slashes = 0;
    for (size_t i = 0; i < part->size; i++) {
        slashes += part->text[i] == '/';
        if (slashes == 2) {
            part->size = i;
            return;
        }
    }
}

struct sva_model_name sva_model_name_of(const char *text)
{
    struct sva_model_name made = {.by_publisher = false};
    bool address = false;
    struct part rest = without_host(text, &address);
    if (address) {
        keep_two_segments(&rest);
    }
    const bool path = !address && is_path(rest);
    struct part name = take_last(&rest);
    static const char *const ends[] = {".git", ".gguf", ".safetensors", "-gguf"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        cut_end(&name, ends[i]);
    }
    copy(made.name, name);
    if (!path) {
        copy(made.organisation, take_last(&rest));
    }
    return made;
}

struct sva_model_name sva_model_name_of_reference(const char *name, const char *publisher)
{
    struct sva_model_name made = sva_model_name_of(name);
    if (made.organisation[0] == '\0') {
        copy(made.organisation, (struct part){publisher, strlen(publisher)});
        made.by_publisher = true;
    }
    return made;
}

/* ---- comparing ---- */

/** "7b", "8x7b", "a22b", "560m": a number of parameters. */
static bool is_size(struct part token)
{
    const char first = token.size > 0 ? letter(token.text[0]) : '\0';
    const char last = token.size > 0 ? letter(token.text[token.size - 1]) : '\0';
    return token.size > 1 && (last == 'b' || last == 'm') &&
           sva_is_digit(token.text[token.size - 2]) && (sva_is_digit(first) || first == 'a');
}

/** "2", "v2", "0.3": another version, hence another model. */
static bool is_version(struct part token)
{
    const size_t start = token.size > 1 && token.text[0] == 'v' ? 1 : 0;
    bool digits = token.size > start;
    for (size_t i = start; i < token.size; i++) {
        digits = digits && (sva_is_digit(token.text[i]) || token.text[i] == '.');
    }
    return digits;
}

/** Do the words of `text`, between "-", hold a size or a version? */
static bool holds_number(const char *text)
{
    for (const char *at = text; *at != '\0';) {
        const struct part token = {at, strcspn(at, "-")};
        if (is_size(token) || is_version(token)) {
            return true;
        }
        at += token.size + (at[token.size] == '-');
    }
    return false;
}

static bool has_digit(const char *text)
{
    while (*text != '\0' && !sva_is_digit(*text)) {
        text++;
    }
    return *text != '\0';
}

/** Do both begin with the same words, a size among them? */
static bool same_stem(const char *a, const char *b)
{
    size_t at = 0;
    while (true) {
        const struct part one = {a + at, strcspn(a + at, "-")};
        const struct part other = {b + at, strcspn(b + at, "-")};
        if (one.size != other.size || one.size == 0 ||
            memcmp(one.text, other.text, one.size) != 0) {
            return false;
        }
        if (is_size(one)) {
            return true;
        }
        at += one.size;
        if (a[at] == '\0' || b[at] == '\0') {
            return false;
        }
        at++;
    }
}

enum sva_name_level sva_model_name_level(const struct sva_model_name *a,
                                         const struct sva_model_name *b)
{
    if (a->name[0] == '\0' || b->name[0] == '\0') {
        return SVA_NAME_OTHER;
    }
    if (strcmp(a->name, b->name) == 0) {
        const bool both = a->organisation[0] != '\0' && b->organisation[0] != '\0';
        const bool same = both && strcmp(a->organisation, b->organisation) == 0;
        return same                                           ? SVA_NAME_EXACT
               : both && !a->by_publisher && !b->by_publisher ? SVA_NAME_ELSEWHERE
                                                              : SVA_NAME_SAME;
    }
    const bool a_shorter = strlen(a->name) < strlen(b->name);
    const char *const shorter = a_shorter ? a->name : b->name;
    const char *const longer = a_shorter ? b->name : a->name;
    const size_t length = strlen(shorter);
    if (strncmp(shorter, longer, length) == 0 && longer[length] == '-') {
        return has_digit(shorter) && !holds_number(longer + length + 1) ? SVA_NAME_VARIANT
                                                                        : SVA_NAME_FAMILY;
    }
    return same_stem(a->name, b->name) ? SVA_NAME_FAMILY : SVA_NAME_OTHER;
}
