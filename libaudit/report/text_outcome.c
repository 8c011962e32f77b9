/* SPDX-License-Identifier: Apache-2.0 */
#include "report/text_outcome.h"

#include <string.h>

#include "base/text.h"
#include "report/columns.h"
#include "report/summary.h"

enum { OPEN_SHOWN = 20 }; /* rows of the table */

/** "Criterion T1.1 is not met: vision-encoder matches Qwen2.5-VL." - as much of it as is known. */
static const char *failure_sentence(struct sva_page *page, const struct sva_rule_result *result)
{
    const bool placed = result->component[0] != '\0';
    const char *values[] = {
        sva_page_escaped(page, result->rule),
        sva_page_escaped(page, placed
                                   ? result->component
                                   : sva_summary_rule_title(page->audit, result->rule, page->lang)),
        sva_page_escaped(page, result->reference),
    };
    const enum sva_label say = placed && values[2][0] != '\0' ? SVA_LABEL_SAY_FAIL_MATCH
                               : values[1][0] != '\0'         ? SVA_LABEL_SAY_FAIL_IN
                                                              : SVA_LABEL_SAY_FAIL;
    return sva_page_fill(page, say, values, 3);
}

/** Sentence beside the verdict. */
static const char *verdict_sentence(struct sva_page *page)
{
    const struct sva_verdict *verdict = page->audit->verdict;
    static const enum sva_label SAY[] = {
        [SVA_VERDICT_PASS] = SVA_LABEL_SAY_PASS,
        [SVA_VERDICT_FAIL] = SVA_LABEL_SAY_FAIL,
        [SVA_VERDICT_REVIEW] = SVA_LABEL_SAY_REVIEW,
        [SVA_VERDICT_INCOMPLETE] = SVA_LABEL_SAY_INCOMPLETE,
        [SVA_VERDICT_NOT_AUDITABLE] = SVA_LABEL_SAY_NOT_AUDITABLE,
    };
    if (verdict == NULL) {
        enum sva_answer strongest = SVA_ANSWER_NOT_COMPARABLE;
        for (size_t i = 0; i < page->audit->compared_count; i++) {
            const enum sva_answer answer = page->audit->compared[i].comparison->answer;
            strongest = answer < strongest ? answer : strongest;
        }
        const char *word = sva_label_answer(page->lang, strongest);
        return sva_page_fill(page, SVA_LABEL_SAY_COMPARED, &word, 1);
    }
    for (size_t i = 0; verdict->kind == SVA_VERDICT_FAIL && i < verdict->result_count; i++) {
        const struct sva_rule_result *result = &verdict->results[i];
        if (result->verdict == SVA_RULE_FAIL && !result->waived) {
            return failure_sentence(page, result);
        }
    }
    return sva_page_label(page, SAY[verdict->kind]);
}

const char *sva_text_references(struct sva_page *page)
{
    const struct sva_audit *audit = page->audit;
    const char *newest = sva_summary_newest(audit);
    const char *values[] = {sva_page_number(page, audit->compared_count),
                            sva_page_escaped(page, newest)};
    if (audit->compared_count == 0) {
        return sva_page_label(page, SVA_LABEL_REFERENCES_NONE);
    }
    if (audit->compared_count == 1 && audit->pack == NULL) { /* head to head */
        return sva_page_escaped(page, audit->compared[0].reference.name);
    }
    return sva_page_fill(
        page, newest[0] != '\0' ? SVA_LABEL_REFERENCES_TESTED : SVA_LABEL_REFERENCES_UNDATED,
        values, 2);
}

static const struct {
    const char *symbol, *style;
} LOOK[] = {
    [SVA_VERDICT_PASS] = {"✓", SVA_GREEN},           [SVA_VERDICT_FAIL] = {"✗", SVA_RED},
    [SVA_VERDICT_REVIEW] = {"?", SVA_YELLOW},        [SVA_VERDICT_INCOMPLETE] = {"!", SVA_YELLOW},
    [SVA_VERDICT_NOT_AUDITABLE] = {"!", SVA_YELLOW},
};

/** "✗ FAIL   " and `sentence`, wrapped under itself. */
static void put_line(struct sva_page *page, const char *sentence)
{
    const struct sva_verdict *verdict = page->audit->verdict;
    const char *symbol = verdict != NULL ? LOOK[verdict->kind].symbol : "=";
    const char *look = verdict != NULL ? LOOK[verdict->kind].style : "";
    const char *word = verdict != NULL ? sva_label_verdict(page->lang, verdict->kind)
                                       : sva_page_label(page, SVA_LABEL_COMPARED_ONLY);
    sva_bytes_printf(&page->out, "%s%s%s %s%s   ", sva_page_style(page, SVA_BOLD),
                     sva_page_style(page, look), symbol, word, sva_page_style(page, SVA_RESET));
    const size_t at =
        sva_columns_width(symbol, strlen(symbol)) + 1 + sva_columns_width(word, strlen(word)) + 3;
    sva_columns_wrap(&page->out, sentence, at, at, page->width);
}

void sva_text_verdict(struct sva_page *page)
{
    put_line(page, verdict_sentence(page));
    sva_bytes_text(&page->out, "\n");
}

/** Does the verdict rest on this result? */
static bool is_open(const struct sva_rule_result *result)
{
    const bool good = result->verdict == SVA_RULE_PASS ||
                      result->verdict == SVA_RULE_NOT_APPLICABLE ||
                      result->verdict == SVA_RULE_INFORMATIONAL;
    return !good && !result->waived && result->counted;
}

static size_t open_count(const struct sva_verdict *verdict)
{
    size_t count = 0;
    for (size_t i = 0; i < verdict->result_count; i++) {
        count += is_open(&verdict->results[i]) ? 1 : 0;
    }
    return count;
}

/** One line for each rule and component that keeps the model from passing. */
static void put_open(struct sva_page *page, const struct sva_verdict *verdict)
{
    static const enum sva_label HEAD[] = {SVA_LABEL_HEAD_RULE, SVA_LABEL_HEAD_RESULT,
                                          SVA_LABEL_HEAD_COMPONENT, SVA_LABEL_HEAD_REFERENCE};
    struct sva_table table = {.column_count = 4, .flexible = 1};
    struct sva_table_row *row = sva_table_add(&table);
    for (size_t c = 0; row != NULL && c < table.column_count; c++) {
        row->cells[c] = sva_page_label(page, HEAD[c]);
        row->styles[c] = page->colour ? SVA_DIM : NULL;
    }
    for (size_t i = 0; i < verdict->result_count && table.row_count <= OPEN_SHOWN; i++) {
        const struct sva_rule_result *result = &verdict->results[i];
        row = is_open(result) ? sva_table_add(&table) : NULL;
        if (row != NULL) {
            row->cells[0] = sva_page_escaped(page, result->rule);
            row->cells[1] = sva_label_rule(page->lang, result->verdict);
            row->styles[1] = !page->colour                      ? NULL
                             : result->verdict == SVA_RULE_FAIL ? SVA_RED
                                                                : SVA_YELLOW;
            row->cells[2] = sva_page_escaped(page, result->component);
            row->cells[3] = sva_page_escaped(page, result->reference);
        }
    }
    sva_page_heading(page, SVA_LABEL_OPEN);
    sva_table_render(&table, page->width, &page->out);
    page->out.failed = page->out.failed || table.failed;
    sva_table_done(&table);
}

/** A text of a pack, however long, without control characters. */
static const char *plain(struct sva_page *page, const char *text)
{
    char *copy = sva_arena_strdup(&page->arena, text != NULL ? text : "");
    for (char *at = copy; at != NULL && *at != '\0'; at++) {
        const unsigned char byte = (unsigned char)*at;
        *at = byte < 0x20 || byte == 0x7F ? '?' : *at;
    }
    return sva_page_made(page, copy);
}

/** What to do about each of those rules, once. */
static void put_remedies(struct sva_page *page, const struct sva_verdict *verdict)
{
    const char *last = "";
    size_t shown = 0;
    sva_page_heading(page, SVA_LABEL_TO_DO);
    for (size_t i = 0; i < verdict->result_count && shown < OPEN_SHOWN; i++) {
        const struct sva_rule_result *result = &verdict->results[i];
        if (!is_open(result) || strcmp(result->rule, last) == 0) {
            continue;
        }
        last = result->rule;
        shown++;
        const struct sva_rule_text *text =
            sva_summary_rule_text(page->audit, result->rule, page->lang);
        const char *line = sva_arena_printf(&page->arena, "%s: %s", sva_esc(result->rule).text,
                                            plain(page, text != NULL ? text->remedy : ""));
        sva_page_bullet(page, sva_page_made(page, line));
    }
}

void sva_text_outcome(struct sva_page *page)
{
    const struct sva_audit *audit = page->audit;
    if (audit->verdict == NULL) {
        return;
    }
    const size_t open = audit->verdict->kind != SVA_VERDICT_PASS ? open_count(audit->verdict) : 0;
    if (open > 0) {
        put_open(page, audit->verdict);
        if (open > OPEN_SHOWN) {
            const char *more = sva_page_number(page, open - OPEN_SHOWN);
            sva_page_bullet(page, sva_page_fill(page, SVA_LABEL_SAY_MORE, &more, 1));
        }
        put_remedies(page, audit->verdict);
    }
    const char *values[] = {sva_page_escaped(page, audit->subject->name), verdict_sentence(page),
                            sva_text_references(page),
                            sva_page_number(page, (uint64_t)audit->exit_code)};
    if (page->out.size > 0) {
        sva_bytes_text(&page->out, "\n");
    }
    put_line(page, sva_page_fill(page, SVA_LABEL_SAY_OUTCOME, values, 4));
}
