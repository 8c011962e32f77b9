/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The page that the report for people is written on: its language, width and colours, and what
 * sections are made of. Texts are in the page's arena and never NULL: where memory is short they
 * are "" and page->out.failed is set, to be looked at once, at the end.
 */
#ifndef SVA_REPORT_TEXT_PAGE_H
#define SVA_REPORT_TEXT_PAGE_H

#include <sovaudit/report.h>

#include "base/memory.h"
#include "report/labels.h"

#define SVA_RED "\x1b[31m"
#define SVA_GREEN "\x1b[32m"
#define SVA_YELLOW "\x1b[33m"
#define SVA_DIM "\x1b[2m"
#define SVA_BOLD "\x1b[1m"
#define SVA_RESET "\x1b[0m"

struct sva_page {
    const struct sva_audit *audit;
    enum sva_lang lang;
    bool colour;
    size_t width;
    struct sva_bytes out;
    struct sva_arena arena; /**< every sentence made on the way */
};

const char *sva_page_label(const struct sva_page *page, enum sva_label id);

/** `escape` on a page in colour, else "". */
const char *sva_page_style(const struct sva_page *page, const char *escape);

/** `text`; "" when it is NULL, because memory was too short for it. */
const char *sva_page_made(struct sva_page *page, const char *text);

/** A sentence from a label with placeholders. */
const char *sva_page_fill(struct sva_page *page, enum sva_label id, const char *const *values,
                          size_t count);

/** Text of a file made safe to show; NULL: "". */
const char *sva_page_escaped(struct sva_page *page, const char *text);

/** Escaped texts with commas between them. */
const char *sva_page_joined(struct sva_page *page, const char *const *texts, size_t count);

const char *sva_page_number(struct sva_page *page, uint64_t value);

/** 1234567 with a unit: "1.2 M" for counts (1000), "1.2 MB" for bytes (1000 too, as disks do). */
const char *sva_page_scaled(struct sva_page *page, uint64_t value, const char *unit);

/** `value` with `decimals` digits after the point. */
const char *sva_page_fixed(struct sva_page *page, double value, int decimals);

/** Any share above nothing shows as at least 1 %, any below everything as at most 99 %. */
const char *sva_page_percent(struct sva_page *page, double share);

/** A section's title. */
void sva_page_heading(struct sva_page *page, enum sva_label id);

/** "  - " and the sentence wrapped under itself. */
void sva_page_bullet(struct sva_page *page, const char *text);

/** Names in one column and values in another; a line with an empty value is left out. */
struct sva_page_line {
    const char *name, *value;
};
void sva_page_lines(struct sva_page *page, const struct sva_page_line *lines, size_t count);

#endif
