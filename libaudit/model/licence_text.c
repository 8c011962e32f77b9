/* SPDX-License-Identifier: Apache-2.0 */
#include "model/licence_text.h"

#include <string.h>

#include "base/fail.h"

/*
 * Titles and opening sentences, as words. The one that comes first in the text counts, so that a
 * licence that quotes another is not taken for it; of two at one place the longer.
 */
static const struct {
    const char *phrase, *id;
} titles[] = {
    {"apache license version 2 0 january 2004", "apache-2.0"},
    {"licensed under the apache license version 2 0", "apache-2.0"},
    {"spdx license identifier apache 2 0", "apache-2.0"},
    {"spdx license identifier mit", "mit"},
    {"permission is hereby granted free of charge to any person obtaining a copy", "mit"},
    {"gnu general public license version 3 29 june 2007", "gpl-3.0"},
    {"attribution 4 0 international", "cc-by-4.0"},
    {"attribution noncommercial 4 0 international", "cc-by-nc-4.0"},
    {"attribution noncommercial noderivatives 4 0 international", "cc-by-nc-nd-4.0"},
    {"attribution noncommercial sharealike 4 0 international", "cc-by-nc-sa-4.0"},
    {"attribution noderivatives 4 0 international", "cc-by-nd-4.0"},
    {"attribution sharealike 4 0 international", "cc-by-sa-4.0"},
    {"cc0 1 0 universal", "cc0-1.0"},
    {"deepseek license agreement", "deepseek"},
    {"exaone ai model license agreement", "exaone"},
    {"k exaone ai model license agreement", "k-exaone"},
    {"gemma terms of use", "gemma"},
    {"hyperclova x seed model license agreement", "hyperclovax-seed"},
    {"llama 2 community license agreement", "llama2"},
    {"llama 3 community license agreement", "llama3"},
    {"meta llama 3 community license agreement", "llama3"},
    {"llama 3 1 community license agreement", "llama3.1"},
    {"llama 3 2 community license agreement", "llama3.2"},
    {"llama 3 3 community license agreement", "llama3.3"},
    {"llama 4 community license agreement", "llama4"},
    {"mistral ai non production license", "mnpl"},
    {"mistral ai research license", "mrl"},
    {"qwen license agreement", "qwen"},
    {"qwen research license agreement", "qwen-research"},
    {"tongyi qianwen license agreement", "tongyi-qianwen"},
    {"tongyi qianwen research license agreement", "tongyi-qianwen-research"},
    {"creativeml open rail m", "openrail"},
    {"bigcode openrail m", "openrail"},
    {"bigscience open rail m license", "openrail"},
};

/* Phrases that only such a clause has. Kinds in order. */
static const struct sva_clause clauses[] = {
    {"derivative", "must be included as an enforceable provision"},
    {"derivative", "model derivatives means"},
    {"derivative", "permission under this public license to share adapted material"},
    {"derivative", "the adapter s license you apply must be a creative commons license"},
    {"derivative", "under the terms of this license without any additional restrictions"},
    {"derivative", "a work based on the program"},
    {"field-of-use", "acceptable use policy"},
    {"field-of-use", "prohibited use policy"},
    {"field-of-use", "use based restrictions"},
    {"field-of-use", "ethical and responsible manner"},
    {"field-of-use", "ethically and responsibly in compliance"},
    {"field-of-use", "you agree not to use the model"},
    {"field-of-use", "third parties for commercial purposes requires separate agreement"},
    {"jurisdiction", "not being granted to you if you are an individual domiciled in"},
    {"jurisdiction", "principal place of business in the european union"},
    {"jurisdiction", "does not apply in the european union"},
    {"jurisdiction", "outside the territory"},
    {"naming", "prominently display built with"},
    {"naming", "prominently display powered by"},
    {"naming", "at the beginning of any such ai model name"},
    {"naming", "at the beginning of its name"},
    {"naming", "at the beginning of the name"},
    {"naming", "derivative work shall begin with"},
    {"naming", "powered by hyperclova x"},
    {"naming", "built with qwen"},
    {"non-commercial", "for non commercial purposes only"},
    {"non-commercial", "for noncommercial purposes only"},
    {"non-commercial", "solely for research and educational purposes"},
    {"non-commercial", "for research or evaluation purposes only"},
    {"non-commercial", "only for research purposes"},
    {"non-commercial", "non production license"},
    {"non-commercial", "expressly prohibited from using the model derivatives or output for any "
                       "commercial purposes"},
    {"output", "to improve any other large language model"},
    {"output", "to develop or improve any models that compete"},
    {"output", "outputs or results of the llama materials to create"},
    {"output", "shall not exploit the output"},
    {"revocation", "terminate this agreement and revoke"},
    {"revocation", "reserves the right to restrict remotely or otherwise"},
    {"revocation", "may restrict remotely or otherwise"},
    {"revocation", "worldwide and revocable license"},
    {"revocation", "exclusive revocable"},
    {"revocation", "right to revoke"},
    {"user-count", "monthly active users"},
};

static const char *const shown[] = {
    "Built with Llama",    "Built with Meta Llama 3",
    "Built with Qwen",     "Gemma is provided under and subject to the Gemma Terms of Use",
    "Improved using Qwen", "Powered by HyperCLOVA X",
};

const struct sva_clause *sva_clause_get(size_t index)
{
    return index < sizeof clauses / sizeof *clauses ? &clauses[index] : NULL;
}

const char *sva_shown_words(size_t index)
{
    return index < sizeof shown / sizeof *shown ? shown[index] : NULL;
}

/* ---- words ---- */

static bool is_letter(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte >= 0x80;
}

/**
 * Bytes of UTF-8 that are punctuation all the same: typographic quotes, dashes and blanks
 * (U+2000 to U+207F) and the blank that does not break. 0: none here.
 */
static size_t punctuation(struct sva_span bytes, size_t at)
{
    const uint8_t *b = bytes.data + at;
    const size_t left = bytes.size - at;
    if (left >= 3 && b[0] == 0xe2 && (b[1] == 0x80 || b[1] == 0x81) && b[2] >= 0x80 &&
        b[2] <= 0xbf) {
        return 3;
    }
    return left >= 2 && b[0] == 0xc2 && b[1] == 0xa0 ? 2 : 0;
}

enum sva_status sva_words_make(struct sva_span bytes, struct sva_words *words,
                               struct sva_error *error)
{
    if (bytes.size >= UINT32_MAX) {
        return sva_fail(error, SVA_ERR_LIMIT, "a licence text of %zu bytes is too long",
                        bytes.size);
    }
    struct sva_words made = {.text = sva_calloc(bytes.size + 1, 1),
                             .places = sva_calloc(bytes.size + 1, sizeof *made.places)};
    if (made.text == NULL || made.places == NULL) {
        sva_words_done(&made);
        return sva_fail_memory(error, "reading a licence");
    }
    bool gap = false;
    for (size_t i = 0; i < bytes.size;) {
        const size_t skipped = punctuation(bytes, i);
        const uint8_t byte = bytes.data[i];
        if (skipped > 0 || !is_letter(byte)) {
            gap = true;
            i += skipped > 0 ? skipped : 1;
            continue;
        }
        if (gap && made.size > 0) { /* the blank stands for at least one byte: it fits */
            made.places[made.size] = (uint32_t)i;
            made.text[made.size++] = ' ';
        }
        gap = false;
        made.places[made.size] = (uint32_t)i;
        made.text[made.size++] = (char)(byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte);
        i++;
    }
    *words = made;
    return SVA_OK;
}

void sva_words_done(struct sva_words *words)
{
    sva_free(words->text);
    sva_free(words->places);
    *words = (struct sva_words){0};
}

size_t sva_words_find(const struct sva_words *words, const char *phrase, size_t from)
{
    const size_t length = strlen(phrase);
    for (const char *at = from < words->size ? words->text + from : NULL; at != NULL; at++) {
        at = strstr(at, phrase);
        if (at == NULL) {
            break;
        }
        const bool begins = at == words->text || at[-1] == ' ';
        if (begins && (at[length] == ' ' || at[length] == '\0')) {
            return (size_t)(at - words->text);
        }
    }
    return SIZE_MAX;
}

const char *sva_licence_recognise(const struct sva_words *words, size_t *at)
{
    const char *id = NULL;
    size_t first = SIZE_MAX;
    size_t longest = 0;
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++) {
        const size_t found = sva_words_find(words, titles[i].phrase, 0);
        const size_t length = strlen(titles[i].phrase);
        if (found < first || (found == first && found != SIZE_MAX && length > longest)) {
            first = found;
            longest = length;
            id = titles[i].id;
        }
    }
    *at = first;
    return id;
}
