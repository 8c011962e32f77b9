/* SPDX-License-Identifier: Apache-2.0 */
#include "model/code_header.h"

#include <string.h>

#include "base/text.h"

enum { HEAD_BYTES = 65536 };

struct line {
    const char *text;
    size_t size;
    uint32_t number;
};

/** Sentences that name a licence, in lower case. Longer ones stand before what they contain. */
static const struct {
    const char *phrase, *id;
} phrases[] = {
    {"licensed under the apache license, version 2.0", "Apache-2.0"},
    {"apache license version 2.0", "Apache-2.0"},
    {"apache 2.0 license", "Apache-2.0"},
    {"permission is hereby granted, free of charge", "MIT"},
    {"licensed under the mit license", "MIT"},
    {"under the terms of the mit license", "MIT"},
    {"mit license", "MIT"},
    {"bsd 3-clause", "BSD-3-Clause"},
    {"bsd-style license", "BSD-style"},
    {"gnu affero general public license", "AGPL"},
    {"gnu lesser general public license", "LGPL"},
    {"gnu general public license", "GPL"},
    {"mozilla public license", "MPL-2.0"},
    {"llama community license", "llama"},
    {"llama 2 community license", "llama2"},
    {"llama 3 community license", "llama3"},
    {"qwen license agreement", "qwen"},
    {"qwen research license", "qwen-research"},
    {"deepseek license", "deepseek"},
    {"exaone ai model license", "exaone"},
    {"gemma terms of use", "gemma"},
    {"creative commons attribution-noncommercial", "CC-BY-NC"},
    {"all rights reserved", "all rights reserved"},
};

/** Place of a phrase in lower case, any case in the line; SIZE_MAX: not there. */
static size_t find(const struct line *line, const char *phrase)
{
    const size_t size = strlen(phrase);
    for (size_t i = 0; i + size <= line->size; i++) {
        size_t k = 0;
        while (k < size && sva_lower(line->text[i + k]) == phrase[k]) {
            k++;
        }
        if (k == size) {
            return i;
        }
    }
    return SIZE_MAX;
}

/** Cuts blanks and marks of comments off both ends. */
static struct line trim(struct line line)
{
    static const char marks[] = " \t\r#/*\"'-;";
    while (line.size > 0 && line.text[0] != '\0' && strchr(marks, line.text[0]) != NULL) {
        line.text++;
        line.size--;
    }
    while (line.size > 0 && line.text[line.size - 1] != '\0' &&
           strchr(marks, line.text[line.size - 1]) != NULL) {
        line.size--;
    }
    return line;
}

/** Copies what is valid UTF-8 and fits; controls become blanks. */
static void copy_text(const char *text, size_t size, char *out, size_t out_size)
{
    size_t kept = size < out_size - 1 ? size : out_size - 1;
    kept = sva_utf8_valid_prefix((const uint8_t *)text, kept);
    for (size_t i = 0; i < kept; i++) {
        out[i] = (unsigned char)text[i] < ' ' || text[i] == 0x7f ? ' ' : text[i];
    }
    out[kept] = '\0';
}

static bool take_spdx(const struct line *line, struct sva_code_header *header)
{
    static const char tag[] = "spdx-license-identifier:";
    const size_t at = find(line, tag);
    if (at == SIZE_MAX) {
        return false;
    }
    const size_t start = at + sizeof tag - 1;
    const struct line value = trim((struct line){line->text + start, line->size - start, 0});
    copy_text(value.text, value.size, header->licence, sizeof header->licence);
    header->licence_line = line->number;
    header->basis = "SPDX";
    return true;
}

static void take_phrase(const struct line *line, struct sva_code_header *header)
{
    const bool weak = strcmp(header->licence, "all rights reserved") == 0;
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
        const bool rights = i + 1 == sizeof phrases / sizeof *phrases;
        if ((header->licence[0] == '\0' || (weak && !rights)) &&
            find(line, phrases[i].phrase) != SIZE_MAX) {
            copy_text(phrases[i].id, strlen(phrases[i].id), header->licence,
                      sizeof header->licence);
            header->licence_line = line->number;
            header->basis = "text";
            return;
        }
    }
}

/** "Copyright 2024 ...", "(c) 2024 ...": the word and a year or the sign. */
static void take_copyright(const struct line *line, struct sva_code_header *header)
{
    const size_t at = find(line, "copyright");
    bool year = false;
    for (size_t i = at == SIZE_MAX ? line->size : at; i + 4 <= line->size; i++) {
        year = year ||
               ((memcmp(line->text + i, "19", 2) == 0 || memcmp(line->text + i, "20", 2) == 0) &&
                line->text[i + 2] >= '0' && line->text[i + 2] <= '9' && line->text[i + 3] >= '0' &&
                line->text[i + 3] <= '9');
    }
    const bool sign = find(line, "(c)") != SIZE_MAX || find(line, "\xc2\xa9") != SIZE_MAX;
    if (at == SIZE_MAX || !(year || sign)) {
        return;
    }
    if (header->copyright_count < SVA_HEADER_COPYRIGHTS) {
        const struct line shown = trim(*line);
        header->copyrights[header->copyright_count].line = line->number;
        copy_text(shown.text, shown.size, header->copyrights[header->copyright_count].text,
                  SVA_HEADER_TEXT_BYTES);
    }
    header->copyright_count++;
}

void sva_code_header_read(struct sva_span source, struct sva_code_header *header)
{
    const char *const text = (const char *)source.data;
    const size_t limit = source.size < HEAD_BYTES ? source.size : HEAD_BYTES;
    bool spdx = false;
    size_t at = 0;
    *header = (struct sva_code_header){.basis = ""};
    for (uint32_t number = 1; number <= SVA_HEADER_LINES && at < limit; number++) {
        const char *const end = memchr(text + at, '\n', limit - at);
        const size_t size = end == NULL ? limit - at : (size_t)(end - text) - at;
        const struct line line = {text + at, size, number};
        at += size + 1;
        spdx = spdx || take_spdx(&line, header);
        if (!spdx) {
            take_phrase(&line, header);
        }
        take_copyright(&line, header);
    }
}
