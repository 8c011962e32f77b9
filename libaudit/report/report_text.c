/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The report for people in a terminal: the verdict first, then one line per
 * component, what agrees, the criteria, the power of the tests, the limits.
 */
#include <math.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "report/baseline_text.h"
#include "report/code_text.h"
#include "report/columns.h"
#include "report/declared_report.h"
#include "report/evidence_text.h"
#include "report/finding_sentence.h"
#include "report/known_sentence.h"
#include "report/left_out.h"
#include "report/mixture_sentence.h"
#include "report/summary.h"
#include "report/text_outcome.h"
#include "report/text_page.h"
#include "report/values_sentence.h"

enum {
    WIDTH_DEFAULT = 80,
    WIDTH_MINIMUM = 60,
    WIDTH_MAXIMUM = 120,
    FINDINGS_SHOWN = 10,
    LINEAGES_SHOWN = 5
};

static const char *answer_style(enum sva_answer answer)
{
    static const char *const STYLE[SVA_ANSWER_COUNT] = {
        [SVA_ANSWER_IDENTICAL] = SVA_RED,
        [SVA_ANSWER_DERIVED] = SVA_RED,
        [SVA_ANSWER_SHARED_INITIALISATION] = SVA_YELLOW,
        [SVA_ANSWER_DEPENDENT_UNEXPLAINED] = SVA_YELLOW,
        [SVA_ANSWER_NO_EVIDENCE] = NULL, /* no clearance: nothing to celebrate */
        [SVA_ANSWER_NOT_COMPARABLE] = SVA_DIM,
    };
    return STYLE[answer];
}

static void put_identity(struct sva_page *page)
{
    const struct sva_audit *audit = page->audit;
    const struct sva_rulepack_info *info =
        audit->pack != NULL ? sva_rulepack_get_info(audit->pack) : NULL;
    const char *size[] = {
        sva_page_scaled(page, audit->subject->parameter_count, ""),
        sva_page_number(page, audit->subject->tensor_count),
        sva_page_scaled(page, audit->subject->weight_bytes, "B"),
    };
    const char *reading =
        sva_summary_reading(audit->subject, page->lang, &page->arena,
                            sva_page_scaled(page, audit->subject->reading.bytes_total, "B"));
    const char *excluded = sva_page_joined(page, audit->excluded, audit->excluded_count);
    const char *pack = info != NULL
                           ? sva_arena_printf(&page->arena, "%s %s (%s)", sva_esc(info->id).text,
                                              sva_esc(info->version).text,
                                              sva_esc(sva_word(page->lang, info->status)).text)
                           : "";
    const struct sva_page_line lines[] = {
        {sva_page_label(page, SVA_LABEL_SUBJECT), sva_page_escaped(page, audit->subject->name)},
        {sva_page_label(page, SVA_LABEL_SIZE), sva_page_fill(page, SVA_LABEL_SIZE_OF, size, 3)},
        {sva_page_label(page, SVA_LABEL_READING), reading != NULL ? reading : ""},
        {sva_page_label(page, SVA_LABEL_REFERENCES), sva_text_references(page)},
        {sva_page_label(page, SVA_LABEL_EXCLUDED),
         audit->excluded_count > 0
             ? sva_page_fill(page, SVA_LABEL_EXCLUDED_ON_REQUEST, &excluded, 1)
             : ""},
        {sva_page_label(page, SVA_LABEL_CRITERIA_PACK), pack != NULL ? pack : ""},
        {"", sva_text_effect(page)},
        {sva_page_label(page, SVA_LABEL_FACTS),
         audit->knowledge != NULL ? sva_page_made(page, sva_known_version(&page->arena, page->lang,
                                                                          audit->knowledge->info))
                                  : ""},
        {sva_page_label(page, SVA_LABEL_DATE), audit->as_of != NULL ? audit->as_of : ""},
        {sva_page_label(page, SVA_LABEL_EXIT_CODE),
         audit->verdict != NULL ? sva_page_number(page, (uint64_t)audit->exit_code) : ""},
    };
    sva_page_lines(page, lines, sizeof lines / sizeof *lines);
}

static void component_cells(struct sva_page *page, const struct sva_summary_component *line,
                            struct sva_table_row *row)
{
    const struct sva_component_result *result = line->result;
    row->cells[0] = sva_page_escaped(page, line->component->name);
    const enum sva_answer answer = result != NULL ? result->answer : SVA_ANSWER_NOT_COMPARABLE;
    row->cells[1] = sva_label_answer(page->lang, answer);
    row->styles[1] = page->colour ? answer_style(answer) : NULL;
    if (result == NULL) {
        return;
    }
    row->cells[2] = sva_page_escaped(page, line->compared->reference.name);
    if (answer == SVA_ANSWER_NOT_COMPARABLE) {
        return;
    }
    const double error = ceil(result->rho_se * 1e3) / 1e3; /* a rounded-off error would flatter */
    const char *rho =
        sva_arena_printf(&page->arena, "%s ± %s", sva_page_fixed(page, result->rho, 3),
                         sva_page_fixed(page, error, 3));
    row->cells[3] = isfinite(result->rho) ? rho : "-";
    row->cells[4] = sva_page_fixed(page, result->log10_p_adjusted, 1);
    row->cells[5] = sva_page_percent(page, result->coverage);
}

static void put_components(struct sva_page *page)
{
    struct sva_table table = {
        .column_count = 6, .flexible = 2, .right = {[3] = true, [4] = true, [5] = true}};
    struct sva_table_row *head = sva_table_add(&table);
    static const enum sva_label HEAD[] = {SVA_LABEL_HEAD_COMPONENT, SVA_LABEL_HEAD_ANSWER,
                                          SVA_LABEL_HEAD_REFERENCE, SVA_LABEL_HEAD_RHO,
                                          SVA_LABEL_HEAD_LOG10_P,   SVA_LABEL_HEAD_COVERAGE};
    for (size_t c = 0; head != NULL && c < table.column_count; c++) {
        head->cells[c] = sva_page_label(page, HEAD[c]);
        head->styles[c] = page->colour ? SVA_DIM : NULL;
    }
    for (size_t i = 0; i < page->audit->subject->component_count; i++) {
        const struct sva_summary_component line = sva_summary_component(page->audit, i);
        struct sva_table_row *row = sva_table_add(&table);
        if (row != NULL) {
            component_cells(page, &line, row);
        }
    }
    sva_page_heading(page, SVA_LABEL_COMPONENTS);
    sva_table_render(&table, page->width, &page->out);
    page->out.failed = page->out.failed || table.failed;
    sva_table_done(&table);
}

static const char *first_match(struct sva_page *page, const struct sva_component_result *result)
{
    const struct sva_tensor_match *match = &result->matches[0];
    const char *mine = page->audit->subject->tensors[match->subject_tensor].name;
    const char *theirs = match->reference_name;
    const bool renamed = theirs != NULL && strcmp(mine, theirs) != 0;
    const char *pair = sva_arena_printf(&page->arena, "%s%s%s", sva_esc(mine).text,
                                        renamed ? " = " : "", renamed ? sva_esc(theirs).text : "");
    return pair != NULL ? sva_page_fill(page, SVA_LABEL_SAY_MATCH_FIRST, &pair, 1) : "";
}

/** "vision-encoder is not independent of Qwen2.5-VL (released ...). 30 tensors agree ..." */
static void put_match(struct sva_page *page, const struct sva_compared *compared,
                      const struct sva_component_result *result)
{
    static const enum sva_label SAY[] = {
        [SVA_ANSWER_IDENTICAL] = SVA_LABEL_SAY_IDENTICAL,
        [SVA_ANSWER_DERIVED] = SVA_LABEL_SAY_DERIVED,
        [SVA_ANSWER_SHARED_INITIALISATION] = SVA_LABEL_SAY_SHARED_INITIALISATION,
        [SVA_ANSWER_DEPENDENT_UNEXPLAINED] = SVA_LABEL_SAY_DEPENDENT_UNEXPLAINED,
    };
    const char *released = compared->reference.released;
    const bool dated = released != NULL && released[0] != '\0';
    const bool says_when = dated || page->audit->pack != NULL; /* dates matter to rules only */
    const char *date = dated ? sva_page_escaped(page, released) : "";
    const char *when = dated ? sva_page_fill(page, SVA_LABEL_SAY_RELEASED, &date, 1)
                             : sva_page_label(page, SVA_LABEL_SAY_UNDATED);
    const char *name =
        sva_arena_printf(&page->arena, "%s%s%s%s", sva_esc(compared->reference.name).text,
                         says_when ? " (" : "", says_when ? when : "", says_when ? ")" : "");
    const char *parties[] = {sva_page_escaped(page, result->name), name != NULL ? name : ""};
    struct sva_bytes text = {.data = NULL};
    sva_bytes_text(&text, sva_page_fill(page, SAY[result->answer], parties, 2));
    if (result->match_count > 0) {
        size_t same = 0;
        for (size_t i = 0; i < result->match_count; i++) {
            same += result->matches[i].same_values ? 1 : 0;
        }
        const char *counts[] = {sva_page_number(page, result->match_count),
                                sva_page_number(page, same)};
        sva_bytes_printf(&text, " %s %s",
                         sva_page_fill(page, SVA_LABEL_SAY_MATCH_TENSORS, counts, 2),
                         first_match(page, result));
    }
    const char *values = sva_values_sentence(&page->arena, page->lang, result);
    sva_bytes_text(&text, sva_page_made(page, values));
    sva_page_bullet(page, text.data != NULL ? (const char *)text.data : "");
    page->out.failed = page->out.failed || text.failed;
    sva_bytes_done(&text);
}

static void put_mixtures(struct sva_page *page)
{
    for (size_t i = 0; i < page->audit->mixture_count; i++) {
        const char *text =
            sva_page_made(page, sva_mixture_sentence(&page->arena, page->lang, page->audit, i));
        if (text[0] != '\0') {
            sva_page_bullet(page, text);
        }
    }
}

static void put_hits(struct sva_page *page, bool headed)
{
    const struct sva_audit *audit = page->audit;
    size_t files = 0;
    for (size_t i = 0; i < audit->hit_count; i++) {
        files += audit->hits[i].is_file ? 1 : 0;
    }
    if (audit->hit_count > 0) {
        if (!headed) {
            sva_page_heading(page, SVA_LABEL_MATCHES);
        }
        const char *counts[] = {sva_page_number(page, files),
                                sva_page_number(page, audit->hit_count - files)};
        sva_page_bullet(page, sva_page_fill(page, SVA_LABEL_EXACT_HITS, counts, 2));
    }
}

static void put_matches(struct sva_page *page)
{
    const struct sva_audit *audit = page->audit;
    bool headed = false;
    for (size_t i = 0; i < audit->compared_count; i++) {
        const struct sva_comparison *comparison = audit->compared[i].comparison;
        for (size_t c = 0; c < comparison->component_count; c++) {
            if (comparison->components[c].answer < SVA_ANSWER_NO_EVIDENCE) {
                if (!headed) {
                    sva_page_heading(page, SVA_LABEL_MATCHES);
                }
                headed = true;
                put_match(page, &audit->compared[i], &comparison->components[c]);
            }
        }
    }
    put_mixtures(page); /* there is one only where two references were headed */
    put_hits(page, headed);
}

struct rule_look {
    const char *symbol, *style;
};

static const struct rule_look *rule_look(enum sva_rule_verdict verdict)
{
    static const struct rule_look LOOK[] = {
        [SVA_RULE_PASS] = {"✓", SVA_GREEN},         [SVA_RULE_FAIL] = {"✗", SVA_RED},
        [SVA_RULE_REVIEW] = {"?", SVA_YELLOW},      [SVA_RULE_NOT_APPLICABLE] = {"-", SVA_DIM},
        [SVA_RULE_NOT_CHECKED] = {"!", SVA_YELLOW}, [SVA_RULE_ERROR] = {"!", SVA_RED},
        [SVA_RULE_INFORMATIONAL] = {"i", SVA_DIM},
    };
    return &LOOK[verdict];
}

static void put_rule_result(struct sva_page *page, const struct sva_rule_result *result,
                            size_t word_width)
{
    const struct rule_look *look = rule_look(result->verdict);
    const char *word = sva_label_rule(page->lang, result->verdict);
    const char *detail = page->lang == SVA_LANG_KO ? result->detail_ko : result->detail_en;
    sva_bytes_printf(&page->out, "    %s%s ", sva_page_style(page, look->style), look->symbol);
    sva_columns_pad(&page->out, word, word_width, false);
    sva_bytes_printf(&page->out, "%s  ", sva_page_style(page, SVA_RESET));
    const char *text =
        sva_arena_printf(&page->arena, "%s%s%s%s%s", sva_esc(result->component).text,
                         result->component[0] != '\0' ? ": " : "", detail != NULL ? detail : "",
                         result->waived ? " " : "", sva_text_waiver_of(page, result));
    const size_t at = 4 + 2 + word_width + 2;
    sva_columns_wrap(&page->out, text != NULL ? text : "", at, at, page->width);
}

static void put_rules(struct sva_page *page)
{
    const struct sva_verdict *verdict = page->audit->verdict;
    if (verdict == NULL || verdict->result_count == 0) {
        return;
    }
    sva_page_heading(page, SVA_LABEL_RULES);
    size_t widest = 0;
    for (size_t i = 0; i < verdict->result_count; i++) {
        const char *word = sva_label_rule(page->lang, verdict->results[i].verdict);
        const size_t width = sva_columns_width(word, strlen(word));
        widest = width > widest ? width : widest;
    }
    const char *rule = "";
    for (size_t i = 0; i < verdict->result_count; i++) {
        const struct sva_rule_result *result = &verdict->results[i];
        if (strcmp(rule, result->rule) != 0) {
            rule = result->rule;
            const char *title = sva_page_escaped(
                page, sva_summary_rule_title(page->audit, result->rule, page->lang));
            const char *id = sva_page_escaped(page, rule);
            sva_bytes_printf(&page->out, "  %s%s%s  ", sva_page_style(page, SVA_BOLD), id,
                             sva_page_style(page, SVA_RESET));
            sva_columns_wrap(&page->out, title, strlen(id) + 4, strlen(id) + 4, page->width);
        }
        put_rule_result(page, result, widest);
    }
}

/** Licences that bind, clauses that were read, what the facts database knows. */
static void put_known(struct sva_page *page)
{
    const struct sva_audit *audit = page->audit;
    const struct sva_knowledge *knowledge = audit->knowledge;
    if (knowledge == NULL || knowledge->licence_count + knowledge->hit_count == 0) {
        return;
    }
    sva_page_heading(page, SVA_LABEL_LICENCES);
    for (size_t i = 0; i < knowledge->licence_count; i++) {
        const struct sva_bound_licence *one = &knowledge->licences[i];
        const char *component = one->component < audit->subject->component_count
                                    ? audit->subject->components[one->component].name
                                    : "";
        sva_page_bullet(page, sva_page_made(page, sva_licence_sentence(&page->arena, page->lang,
                                                                       one, component)));
    }
    const char *read =
        sva_page_made(page, sva_clauses_sentence(&page->arena, page->lang, audit->subject->facts,
                                                 audit->subject->fact_count));
    if (read[0] != '\0') {
        sva_page_bullet(page, read);
    }
    for (size_t i = 0, shown = 0; i < knowledge->hit_count && shown < FINDINGS_SHOWN; i++) {
        if (!sva_known_is_repeated(knowledge, i)) {
            sva_page_bullet(page, sva_page_made(page, sva_known_sentence(&page->arena, page->lang,
                                                                         knowledge, i)));
            shown++;
        }
    }
}

static void put_power(struct sva_page *page)
{
    bool headed = false;
    for (size_t i = 0; i < page->audit->subject->component_count; i++) {
        const struct sva_summary_component line = sva_summary_component(page->audit, i);
        if (line.result == NULL || line.result->answer < SVA_ANSWER_NO_EVIDENCE) {
            continue;
        }
        if (!headed) {
            sva_page_heading(page, SVA_LABEL_POWER);
            headed = true;
        }
        const char *power = sva_summary_power(&line, page->lang, &page->arena);
        const char *counts[] = {sva_page_number(page, line.untested_count),
                                sva_page_number(page, page->audit->compared_count)};
        const char *untested =
            line.untested_count > 0 ? sva_page_fill(page, SVA_LABEL_SAY_UNTESTED, counts, 2) : "";
        const double inert =
            line.result->parameter_count > 0
                ? (double)line.result->inert_parameter_count / (double)line.result->parameter_count
                : 0.0;
        const char *share = sva_page_percent(page, inert);
        const char *text = sva_arena_printf(
            &page->arena, "%s: %s%s%s%s%s", sva_esc(line.component->name).text,
            power != NULL ? power : "", power != NULL && untested[0] != '\0' ? " " : "", untested,
            inert > 0.05 ? " " : "",
            inert > 0.05 ? sva_page_fill(page, SVA_LABEL_SAY_INERT, &share, 1) : "");
        sva_page_bullet(page, text != NULL ? text : "");
    }
}

static void put_lineage(struct sva_page *page, const struct sva_compared *compared)
{
    static const enum sva_label SAY[] = {
        [SVA_LINEAGE_SAME] = SVA_LABEL_SAY_LINEAGE_SAME,
        [SVA_LINEAGE_EXTENDED] = SVA_LABEL_SAY_LINEAGE_EXTENDED,
        [SVA_LINEAGE_SHARED_SOURCE] = SVA_LABEL_SAY_LINEAGE_SHARED_SOURCE,
    };
    const struct sva_tokenizer_lineage *const lineage = &compared->comparison->tokenizer;
    const char *name = sva_page_escaped(page, compared->reference.name);
    const char *figures[] = {sva_page_percent(page, lineage->smaller_share),
                             sva_page_percent(page, lineage->neighbour_share),
                             sva_page_percent(page, lineage->same_id_share)};
    const bool measured = lineage->ordered > 1 && lineage->answer != SVA_LINEAGE_SAME;
    const char *text = sva_arena_printf(
        &page->arena, "%s%s", sva_page_fill(page, SAY[lineage->answer], &name, 1),
        measured ? sva_page_fill(page, SVA_LABEL_SAY_LINEAGE_FIGURES, figures, 3) : "");
    sva_page_bullet(page, sva_page_made(page, text));
}

static void put_tokenizer(struct sva_page *page)
{
    const struct sva_audit *audit = page->audit;
    size_t related = 0;
    size_t unrelated = 0;
    for (size_t i = 0; i < audit->compared_count; i++) {
        const enum sva_lineage answer = audit->compared[i].comparison->tokenizer.answer;
        related += answer >= SVA_LINEAGE_SHARED_SOURCE;
        unrelated += answer == SVA_LINEAGE_OVERLAPPING || answer == SVA_LINEAGE_UNRELATED;
    }
    if (related + unrelated == 0) {
        return;
    }
    sva_page_heading(page, SVA_LABEL_TOKENIZER);
    size_t shown = 0;
    for (size_t i = 0; i < audit->compared_count && shown < LINEAGES_SHOWN; i++) {
        if (audit->compared[i].comparison->tokenizer.answer >= SVA_LINEAGE_SHARED_SOURCE) {
            put_lineage(page, &audit->compared[i]);
            shown++;
        }
    }
    if (related > shown) {
        const char *more = sva_page_number(page, related - shown);
        sva_page_bullet(page, sva_page_fill(page, SVA_LABEL_SAY_MORE, &more, 1));
    }
    if (unrelated > 0) {
        const char *count = sva_page_number(page, unrelated);
        sva_page_bullet(page, sva_page_fill(page, SVA_LABEL_SAY_LINEAGE_NONE, &count, 1));
    }
}

static void put_left_out(struct sva_page *page)
{
    const struct sva_print *subject = page->audit->subject;
    bool headed = false;
    for (uint32_t c = 0; c < subject->component_count; c++) {
        const char *sentence =
            sva_page_made(page, sva_left_out_sentence(&page->arena, page->lang, subject, c));
        if (sentence[0] == '\0') {
            continue;
        }
        if (!headed) {
            sva_page_heading(page, SVA_LABEL_LEFT_OUT);
            headed = true;
        }
        const char *text = sva_arena_printf(&page->arena, "%s: %s",
                                            sva_esc(subject->components[c].name).text, sentence);
        sva_page_bullet(page, text != NULL ? text : "");
    }
}

static void put_controls(struct sva_page *page)
{
    size_t passed[2] = {0, 0};
    size_t run[2] = {0, 0};
    for (size_t i = 0; i < page->audit->compared_count; i++) {
        const struct sva_comparison *comparison = page->audit->compared[i].comparison;
        for (size_t c = 0; c < 2; c++) {
            const struct sva_control *control = &comparison->controls[c];
            if (control->id == NULL) {
                continue;
            }
            const size_t kind = strcmp(control->id, "self") == 0 ? 0 : 1;
            run[kind]++;
            passed[kind] += control->passed ? 1 : 0;
        }
    }
    if (run[0] + run[1] == 0) {
        return;
    }
    const char *counts[] = {sva_page_number(page, passed[0]), sva_page_number(page, run[0]),
                            sva_page_number(page, passed[1]), sva_page_number(page, run[1])};
    sva_page_heading(page, SVA_LABEL_CONTROLS);
    sva_page_bullet(page, sva_page_fill(page, SVA_LABEL_SAY_CONTROLS, counts, 4));
}

static void put_findings(struct sva_page *page)
{
    const struct sva_print *subject = page->audit->subject;
    if (subject->finding_count == 0) {
        return;
    }
    sva_page_heading(page, SVA_LABEL_FINDINGS);
    for (size_t i = 0; i < subject->finding_count && i < FINDINGS_SHOWN; i++) {
        const struct sva_finding *finding = &subject->findings[i];
        const char *file = finding->file != NULL ? sva_page_escaped(page, finding->file) : "";
        const char *said =
            sva_page_made(page, sva_finding_sentence(&page->arena, page->lang, finding));
        const size_t named = strlen(file);
        const bool again = strncmp(said, file, named) == 0 && said[named] == ':';
        const bool headed = named > 0 && !again;
        const char *text =
            sva_arena_printf(&page->arena, "%s%s%s", headed ? file : "", headed ? ": " : "", said);
        sva_page_bullet(page, text != NULL ? text : "");
    }
    if (subject->finding_count > FINDINGS_SHOWN) {
        const char *more = sva_page_number(page, subject->finding_count - FINDINGS_SHOWN);
        sva_page_bullet(page, sva_page_fill(page, SVA_LABEL_SAY_MORE, &more, 1));
    }
}

static void put_limits(struct sva_page *page)
{
    const char *limits[SVA_SUMMARY_LIMITS];
    const size_t count = sva_summary_limits(page->audit, page->lang, &page->arena, limits);
    sva_page_heading(page, SVA_LABEL_LIMITS);
    for (size_t i = 0; i < count; i++) {
        sva_page_bullet(page, limits[i]);
    }
}

/** A page for `audit`, its width within bounds. */
static struct sva_page new_page(const struct sva_audit *audit, enum sva_lang lang, bool colour,
                                unsigned width)
{
    const size_t wanted = width == 0 ? WIDTH_DEFAULT : width;
    return (struct sva_page){
        .audit = audit,
        .lang = lang,
        .colour = colour,
        .width = wanted < WIDTH_MINIMUM   ? WIDTH_MINIMUM
                 : wanted > WIDTH_MAXIMUM ? WIDTH_MAXIMUM
                                          : wanted,
    };
}

/** Hands the page's text over. */
static enum sva_status finish(struct sva_page *page, char **text, size_t *size_bytes,
                              struct sva_error *error)
{
    page->out.failed = page->out.failed || page->arena.failed;
    sva_arena_done(&page->arena);
    if (page->out.failed || page->out.data == NULL) {
        sva_bytes_done(&page->out);
        return sva_fail_memory(error, "writing the report");
    }
    *text = (char *)page->out.data;
    *size_bytes = page->out.size;
    return SVA_OK;
}

enum sva_status sva_report_brief(const struct sva_audit *audit, enum sva_lang lang, bool colour,
                                 unsigned width, char **text, size_t *size_bytes,
                                 struct sva_error *error)
{
    struct sva_page page = new_page(audit, lang, colour, width);
    sva_text_outcome(&page);
    return finish(&page, text, size_bytes, error);
}

enum sva_status sva_report_text(const struct sva_audit *audit, enum sva_lang lang, bool colour,
                                unsigned width, char **text, size_t *size_bytes,
                                struct sva_error *error)
{
    struct sva_page page = new_page(audit, lang, colour, width);
    sva_text_verdict(&page);
    put_identity(&page);
    put_components(&page);
    put_matches(&page);
    put_rules(&page);
    sva_text_baseline(&page);
    put_known(&page);
    sva_text_declared(&page);
    sva_text_evidence(&page);
    sva_text_waivers(&page);
    put_power(&page);
    put_tokenizer(&page);
    sva_text_code(&page);
    put_left_out(&page);
    put_controls(&page);
    put_findings(&page);
    put_limits(&page);
    sva_text_outcome(&page);
    return finish(&page, text, size_bytes, error);
}
