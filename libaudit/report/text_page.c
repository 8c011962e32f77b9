/* SPDX-License-Identifier: Apache-2.0 */
#include "report/text_page.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "report/columns.h"

const char *sva_page_label(const struct sva_page *page, enum sva_label id)
{
    return sva_label(page->lang, id);
}

const char *sva_page_style(const struct sva_page *page, const char *escape)
{
    return page->colour ? escape : "";
}

const char *sva_page_made(struct sva_page *page, const char *text)
{
    page->out.failed = page->out.failed || text == NULL;
    return text != NULL ? text : "";
}

const char *sva_page_fill(struct sva_page *page, enum sva_label id, const char *const *values,
                          size_t count)
{
    const char *pattern = sva_page_label(page, id);
    return sva_page_made(page, sva_label_fill(&page->arena, pattern, values, count));
}

const char *sva_page_escaped(struct sva_page *page, const char *text)
{
    const struct sva_escaped safe = sva_esc(text != NULL ? text : "");
    return sva_page_made(page, sva_arena_strdup(&page->arena, safe.text));
}

const char *sva_page_number(struct sva_page *page, uint64_t value)
{
    return sva_page_made(page, sva_arena_printf(&page->arena, "%" PRIu64, value));
}

const char *sva_page_scaled(struct sva_page *page, uint64_t value, const char *unit)
{
    static const char *const PREFIX[] = {"", "k", "M", "G", "T", "P", "E"};
    double amount = (double)value;
    size_t step = 0;
    while (amount >= 999.5 && step + 1 < sizeof PREFIX / sizeof *PREFIX) {
        amount /= 1000.0;
        step++;
    }
    struct sva_bytes text = {.data = NULL};
    sva_columns_fixed(&text, amount, step == 0 || amount >= 99.95 ? 0 : 1);
    sva_bytes_printf(&text, "%s%s%s", step > 0 || unit[0] != '\0' ? " " : "", PREFIX[step], unit);
    return sva_page_made(page, sva_bytes_keep(&text, &page->arena));
}

const char *sva_page_fixed(struct sva_page *page, double value, int decimals)
{
    struct sva_bytes text = {.data = NULL};
    sva_columns_fixed(&text, value, decimals);
    return sva_page_made(page, sva_bytes_keep(&text, &page->arena));
}

const char *sva_page_percent(struct sva_page *page, double share)
{
    if (!isfinite(share)) {
        return "-";
    }
    double value = round(share * 100.0);
    value = share > 0.0 && value < 1.0 ? 1.0 : value;
    value = share < 1.0 && value > 99.0 ? 99.0 : value;
    const char *text = sva_arena_printf(&page->arena, "%s%%", sva_page_fixed(page, value, 0));
    return text != NULL ? text : "";
}

void sva_page_heading(struct sva_page *page, enum sva_label id)
{
    sva_bytes_printf(&page->out, "\n%s%s%s\n", sva_page_style(page, SVA_BOLD),
                     sva_page_label(page, id), sva_page_style(page, SVA_RESET));
}

void sva_page_bullet(struct sva_page *page, const char *text)
{
    sva_bytes_text(&page->out, "  - ");
    sva_columns_wrap(&page->out, text, 4, 4, page->width);
}

const char *sva_page_joined(struct sva_page *page, const char *const *texts, size_t count)
{
    struct sva_bytes list = {.data = NULL};
    for (size_t i = 0; i < count; i++) {
        sva_bytes_printf(&list, "%s%s", i > 0 ? ", " : "", sva_esc(texts[i]).text);
    }
    return sva_page_made(page, sva_bytes_keep(&list, &page->arena));
}

void sva_page_lines(struct sva_page *page, const struct sva_page_line *lines, size_t count)
{
    size_t widest = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t width = sva_columns_width(lines[i].name, strlen(lines[i].name));
        widest = width > widest && lines[i].value[0] != '\0' ? width : widest;
    }
    for (size_t i = 0; i < count; i++) {
        if (lines[i].value[0] == '\0') {
            continue;
        }
        sva_bytes_printf(&page->out, "  %s", sva_page_style(page, SVA_DIM));
        sva_columns_pad(&page->out, lines[i].name, widest, false);
        sva_bytes_printf(&page->out, "%s  ", sva_page_style(page, SVA_RESET));
        sva_columns_wrap(&page->out, lines[i].value, widest + 4, widest + 4, page->width);
    }
}
