/* SPDX-License-Identifier: Apache-2.0 */
#include "report/code_text.h"

#include <stdio.h>
#include <string.h>

enum { ITEMS_SHOWN = 5, LINES_SHOWN = 3 };

/** Value of a fact of the subject, or NULL. */
static const char *fact_of(const struct sva_page *page, const char *key)
{
    return sva_print_fact(page->audit->subject, key);
}

/** The first values of "<prefix>.01" ... with semicolons between them, escaped. */
static const char *listed(struct sva_page *page, const char *prefix)
{
    struct sva_bytes text = {.data = NULL};
    for (unsigned i = 1; i <= ITEMS_SHOWN + 1; i++) {
        char key[48];
        snprintf(key, sizeof key, "%s.%02u", prefix, i);
        const char *const value = fact_of(page, key);
        if (value == NULL) {
            break;
        }
        sva_bytes_printf(&text, "%s%s", i > 1 ? "; " : "",
                         i > ITEMS_SHOWN ? "..." : sva_page_escaped(page, value));
    }
    return sva_page_made(page, sva_bytes_keep(&text, &page->arena));
}

static void put_entries(struct sva_page *page)
{
    const char *const values[] = {fact_of(page, "code.entries.local"),
                                  fact_of(page, "code.entries.other_repository"),
                                  fact_of(page, "code.entries.unresolved")};
    if (values[0] != NULL && values[1] != NULL && values[2] != NULL) {
        const char *const shown[] = {sva_page_escaped(page, values[0]),
                                     sva_page_escaped(page, values[1]),
                                     sva_page_escaped(page, values[2])};
        sva_page_bullet(page, sva_page_fill(page, SVA_LABEL_SAY_CODE_ENTRIES, shown, 3));
    }
}

static void put_calls(struct sva_page *page, const char *count_key, const char *prefix,
                      enum sva_label say)
{
    const char *const count = fact_of(page, count_key);
    if (count != NULL && strcmp(count, "0") != 0) {
        const char *const values[] = {sva_page_escaped(page, count), listed(page, prefix)};
        sva_page_bullet(page, sva_page_fill(page, say, values, 2));
    }
}

/** Licences by file. */
static void put_files(struct sva_page *page)
{
    for (unsigned i = 1; i <= ITEMS_SHOWN; i++) {
        char key[32];
        snprintf(key, sizeof key, "code.file.%02u", i);
        const char *const value = fact_of(page, key);
        if (value == NULL) {
            return;
        }
        sva_page_bullet(page, sva_page_escaped(page, value));
    }
}

/* ---- similarity ---- */

static const char *lines_of(struct sva_page *page, const struct sva_code_match *match, bool whole)
{
    struct sva_bytes text = {.data = NULL};
    for (size_t i = 0; i < match->range_count && i < LINES_SHOWN; i++) {
        const struct sva_code_range *const range = &match->ranges[i];
        const char *const values[] = {sva_page_number(page, range->subject_first),
                                      sva_page_number(page, range->subject_last),
                                      sva_page_number(page, range->reference_first),
                                      sva_page_number(page, range->reference_last)};
        sva_bytes_text(&text, sva_page_fill(page, SVA_LABEL_SAY_CODE_LINES, values, 4));
    }
    if (!whole) {
        sva_bytes_text(&text, sva_page_label(page, SVA_LABEL_SAY_CODE_SAMPLES));
    }
    return sva_page_made(page, sva_bytes_keep(&text, &page->arena));
}

static void put_match(struct sva_page *page, const struct sva_compared *compared,
                      const struct sva_code_match *match)
{
    const char *const values[] = {
        sva_page_escaped(page, match->subject_path),
        sva_page_escaped(page, match->reference_path),
        sva_page_escaped(page, compared->reference.name),
        sva_page_percent(page, match->overlaps[SVA_CODE_AS_WRITTEN].share[0]),
        sva_page_percent(page, match->overlaps[SVA_CODE_NAMES_ALIKE].share[0]),
        lines_of(page, match, compared->comparison->code.whole),
    };
    sva_page_bullet(page, sva_page_fill(page, SVA_LABEL_SAY_CODE_MATCH, values, 6));
}

static void put_similarity(struct sva_page *page)
{
    const struct sva_audit *const audit = page->audit;
    size_t with_programs = 0;
    size_t found = 0;
    for (size_t i = 0; i < audit->compared_count; i++) {
        const struct sva_code_similarity *const code = &audit->compared[i].comparison->code;
        with_programs += code->compared ? 1 : 0;
        for (size_t m = 0; m < code->match_count; m++) {
            if (found++ < ITEMS_SHOWN) {
                put_match(page, &audit->compared[i], &code->matches[m]);
            }
        }
    }
    if (found > ITEMS_SHOWN) {
        const char *const more = sva_page_number(page, found - ITEMS_SHOWN);
        sva_page_bullet(page, sva_page_fill(page, SVA_LABEL_SAY_MORE, &more, 1));
    }
    if (found > 0) {
        sva_page_bullet(page, sva_page_label(page, SVA_LABEL_SAY_CODE_NOTE));
    } else if (with_programs > 0) {
        const char *const count = sva_page_number(page, with_programs);
        sva_page_bullet(page, sva_page_fill(page, SVA_LABEL_SAY_CODE_NONE, &count, 1));
    }
}

void sva_text_code(struct sva_page *page)
{
    const char *const files = fact_of(page, "code.files");
    if ((files == NULL || strcmp(files, "0") == 0) && fact_of(page, "code.entries.local") == NULL) {
        return;
    }
    sva_page_heading(page, SVA_LABEL_CODE);
    put_entries(page);
    put_calls(page, "code.run_time_downloads", "code.download", SVA_LABEL_SAY_CODE_DOWNLOADS);
    put_calls(page, "code.possible_downloads", "code.possible_download",
              SVA_LABEL_SAY_CODE_POSSIBLE);
    put_files(page);
    put_similarity(page);
}
