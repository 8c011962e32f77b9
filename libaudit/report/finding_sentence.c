/* SPDX-License-Identifier: Apache-2.0 */
#include "report/finding_sentence.h"

#include <string.h>

#include "base/korean.h"
#include "report/finding_words.h"
#include "report/labels.h"

enum { VALUES = 6 };

static const struct row {
    const char *code, *english, *korean;
} ROWS[] = {
#define X(code, en, ko) {code, en, ko},
    SVA_FINDING_WORDS(X)
#undef X
};

/** What varies in a sentence, as parts of it. */
struct values {
    const char *at[VALUES];
    size_t length[VALUES];
};

static bool is_place(const char *at)
{
    return at[0] == '{' && at[1] >= '0' && at[1] < '0' + VALUES && at[2] == '}';
}

/** Length of the fixed text that `pattern` begins with. */
static size_t fixed_length(const char *pattern)
{
    size_t length = 0;
    while (pattern[length] != '\0' && !is_place(pattern + length)) {
        length++;
    }
    return length;
}

/** Where fixed text stands in `text`: at the first place, or at the end when nothing follows it. */
static const char *find_fixed(const char *text, const char *fixed, size_t length, bool last)
{
    const size_t size = strlen(text);
    if (last) {
        const char *at = size >= length ? text + (size - length) : NULL;
        return at != NULL && memcmp(at, fixed, length) == 0 ? at : NULL;
    }
    for (const char *at = text; (size_t)(text + size - at) >= length; at++) {
        if (memcmp(at, fixed, length) == 0) {
            return at;
        }
    }
    return NULL;
}

/** Does the sentence fit the pattern? Each value is as short as the fixed text behind it allows. */
static bool fits(const char *pattern, const char *text, struct values *values)
{
    size_t length = fixed_length(pattern);
    if (strncmp(pattern, text, length) != 0) {
        return false;
    }
    pattern += length;
    text += length;
    while (*pattern != '\0') {
        const int place = pattern[1] - '0';
        pattern += 3;
        length = fixed_length(pattern);
        const char *end = find_fixed(text, pattern, length, pattern[length] == '\0');
        if (end == NULL) {
            return false;
        }
        values->at[place] = text;
        values->length[place] = (size_t)(end - text);
        pattern += length;
        text = end + length;
    }
    return *text == '\0';
}

static const char *fill(struct sva_arena *arena, const char *korean, const struct values *values)
{
    const char *texts[VALUES];
    for (size_t i = 0; i < VALUES; i++) {
        texts[i] = "";
        if (values->at[i] != NULL) {
            const char *value =
                sva_arena_printf(arena, "%.*s", (int)values->length[i], values->at[i]);
            if (value == NULL) {
                return NULL;
            }
            texts[i] = sva_korean_word(value);
        }
    }
    return sva_label_fill(arena, korean, texts, VALUES);
}

const char *sva_finding_sentence(struct sva_arena *arena, enum sva_lang lang,
                                 const struct sva_finding *finding)
{
    const char *text = finding->text != NULL ? finding->text : finding->code;
    for (size_t i = 0; lang == SVA_LANG_KO && i < sizeof ROWS / sizeof *ROWS; i++) {
        struct values values = {.at = {NULL}};
        if (strcmp(ROWS[i].code, finding->code) == 0 && fits(ROWS[i].english, text, &values)) {
            return fill(arena, ROWS[i].korean, &values);
        }
    }
    return text;
}

const char *sva_word(enum sva_lang lang, const char *word)
{
    return lang == SVA_LANG_KO ? sva_korean_word(word) : word;
}

const char *sva_finding_words(enum sva_lang lang, const struct sva_finding *finding, char *out,
                              size_t room)
{
    struct sva_arena arena = {.blocks = NULL};
    const char *text = sva_finding_sentence(&arena, lang, finding);
    const char *said = text != NULL ? text : finding->text;
    size_t length = strlen(said);
    if (length >= room) {
        length = room - 1;
        while (length > 0 && ((unsigned char)said[length] & 0xC0U) == 0x80U) {
            length--; /* do not end inside a character */
        }
    }
    memcpy(out, said, length);
    out[length] = '\0';
    sva_arena_done(&arena);
    return out;
}
