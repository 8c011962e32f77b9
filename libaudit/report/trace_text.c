/* SPDX-License-Identifier: Apache-2.0 */
/* The trace for people, in English and Korean. */
#include <math.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "report/columns.h"
#include "report/text_page.h"

enum { WIDTH_DEFAULT = 80, WIDTH_MINIMUM = 60, WIDTH_MAXIMUM = 120, ROLES_SHOWN = 30 };

/* clang-format off: it would pad lines of Hangul */
/* X(id, English, Korean) */
#define WORDS(X) \
    X(NOT_CHECKED, "NOT CHECKED", "미확인") \
    X(ACCEPTED, "ACCEPTED", "인정") \
    X(FOR_REVIEW, "REVIEW NEEDED", "검토 필요") \
    X(REFUSED, "REFUSED", "불인정") \
    X(SAY_NOT_CHECKED, "Nothing was given that could be looked at.", "확인할 자료가 없습니다.") \
    X(SAY_ACCEPTED, \
      "What was given is consistent with weights initialised and trained as stated.", \
      "제출된 자료가 가중치를 초기화한 후 학습하였다는 설명과 부합합니다.") \
    X(SAY_REVIEW, "Nothing contradicts the evidence, but a person must look at the points below.", \
      "어긋나는 증거는 없으나 아래 사항을 검토자가 확인하여야 합니다.") \
    X(SAY_REFUSED, "The evidence does not show what it should; the reasons stand below.", \
      "제출된 자료로 입증되지 않은 사항이 있습니다. 이유는 아래와 같습니다.") \
    X(SAY_NO_LOG, "The loss was not checked: no loss log was given.", \
      "손실 기록이 제출되지 않아 손실은 확인하지 않았습니다.") \
    X(DATE, "Date", "기준일") \
    X(WEIGHTS, "T1.3 weights", "T1.3 가중치") \
    X(LOG, "T1.4 loss log", "T1.4 손실 기록") \
    X(FINDINGS, "Findings", "확인 사항") \
    X(NONE, "none", "없음") \
    X(REFUSED_TAG, "refused", "불인정") \
    X(REVIEW_TAG, "review", "검토 필요") \
    X(NOTE_TAG, "note", "참고") \
    X(CHECKPOINTS, "Checkpoints", "체크포인트와 유사도") \
    X(STEP, "step", "단계") \
    X(PATH, "checkpoint", "체크포인트") \
    X(TO_LAST, "to last", "직전 대비") \
    X(TO_FIRST, "to first", "처음 대비") \
    X(LOST, "lost", "사라진 비율") \
    X(STATE, "descent", "연결") \
    X(DESCENDS, "descends", "이어짐") \
    X(FROM_START, "from the start", "초기값에서 나옴") \
    X(UNEXPLAINED, "unexplained", "경위 불명") \
    X(BROKEN, "BROKEN", "끊김") \
    X(START, "Step 0", "0단계(학습 전)") \
    X(ROLE, "role", "역할") \
    X(DISTRIBUTION, "distribution", "분포") \
    X(DEVIATION, "std", "표준편차") \
    X(KURTOSIS, "kurtosis", "첨도") \
    X(SCHEME, "scheme", "방식") \
    X(START_NONE, "no step-0 checkpoint", "0단계 체크포인트 없음") \
    X(START_SAID, \
      "{0} norm gains of {1} moved; {2} of {3} matrix sides with trained directions; {4} equal " \
      "tensors, {5} equal rows; largest correlation of {6} pairs {7}.", \
      "움직인 정규화 이득: {1}개 중 {0}개, 학습된 방향이 있는 행렬 축: {3}개 중 {2}개, 값이 " \
      "같은 텐서: {4}개, 같은 행: {5}개, 텐서 쌍 {6}개의 상관 중 최댓값: {7}.") \
    X(BASE_SAID, "Compared with {0} references ({1} not comparable): {2}.", \
      "참조 모델 {0}건과 비교(비교 불가 {1}건): {2}.") \
    X(LOSS, "Loss log", "손실 기록") \
    X(LOSS_NONE, "none given", "제출되지 않음") \
    X(LOSS_SAID, \
      "{0} records ({1}, \"{2}\"), steps {3} to {4}; loss {5} to {6}, ln(vocabulary) = {7}.", \
      "항목 {0}개({1}, \"{2}\"), {3}~{4}단계, 손실 {5}에서 {6}(으)로 변화, ln(어휘 크기) = {7}.") \
    X(COMPUTE_SAID, "6 x {0} parameters x {1} tokens = {2} FLOPs; declared {3}.", \
      "6 × 매개변수 {0} × 토큰 {1} = {2} FLOP, 신고한 연산량 {3}.") \
    X(LIMITS, "Limits", "한계") \
    X(LIMIT_1, \
      "The trace holds for the files given. It shows a consistent path, not who walked it, and " \
      "says nothing about steps between checkpoints that the log does not show.", \
      "이 결과는 제출된 파일에만 적용됩니다. 학습 경로가 일관됨을 보일 뿐 누가 학습하였는지는 " \
      "판단하지 않으며, 체크포인트 사이에서 기록에 없는 구간에 대해서도 판단하지 않습니다.") \
    X(LIMIT_2, \
      "Exact tests decide descent. The shape of the path and the log's thresholds are estimates " \
      "and conventions, written down in docs/trace.md.", \
      "체크포인트의 연결은 정확 검정으로 판단합니다. 경로의 모양과 손실 기록에 관한 기준값은 " \
      "추정과 약속이며 docs/trace.md에 적혀 있습니다.")
/* clang-format on */

enum word {
#define X(id, en, ko) W_##id,
    WORDS(X)
#undef X
        W_COUNT
};

static const char *const WORD[W_COUNT][2] = {
#define X(id, en, ko) [W_##id] = {[SVA_LANG_EN] = en, [SVA_LANG_KO] = ko},
    WORDS(X)
#undef X
};

static const char *word(const struct sva_page *page, enum word id)
{
    return WORD[id][page->lang];
}

static void heading(struct sva_page *page, enum word id)
{
    sva_bytes_printf(&page->out, "\n%s%s%s\n", sva_page_style(page, SVA_BOLD), word(page, id),
                     sva_page_style(page, SVA_RESET));
}

static const char *said(struct sva_page *page, enum word id, const char *const *values,
                        size_t count)
{
    return sva_page_made(page, sva_label_fill(&page->arena, word(page, id), values, count));
}

static const char *number(struct sva_page *page, double value, int digits)
{
    struct sva_bytes text = {.data = NULL};
    if (!isfinite(value)) {
        return "-";
    }
    sva_bytes_json_number(&text, value, digits);
    return sva_page_made(page, sva_bytes_keep(&text, &page->arena));
}

static const char *style_of(const struct sva_page *page, enum sva_trace_verdict verdict)
{
    return sva_page_style(page, verdict == SVA_TRACE_ACCEPTED     ? SVA_GREEN
                                : verdict == SVA_TRACE_IS_REFUSED ? SVA_RED
                                                                  : SVA_YELLOW);
}

static void put_head(struct sva_page *page, const struct sva_run_trace *trace)
{
    const enum word verdict = W_NOT_CHECKED + (enum word)trace->verdict;
    const bool unlogged = trace->log.file_count == 0 && trace->verdict != SVA_TRACE_NOT_CHECKED;
    const char *says = word(page, W_SAY_NOT_CHECKED + (enum word)trace->verdict);
    if (unlogged) {
        says = sva_page_made(
            page, sva_arena_printf(&page->arena, "%s %s", says, word(page, W_SAY_NO_LOG)));
    }
    sva_bytes_printf(&page->out, "%s%s%s  ", style_of(page, trace->verdict), word(page, verdict),
                     sva_page_style(page, SVA_RESET));
    const size_t at = sva_columns_width(word(page, verdict), strlen(word(page, verdict))) + 2;
    sva_columns_wrap(&page->out, says, at, at, page->width);
    sva_bytes_text(&page->out, "\n");
    const struct sva_page_line lines[] = {
        {word(page, W_WEIGHTS), word(page, W_NOT_CHECKED + (enum word)trace->weights_verdict)},
        {word(page, W_LOG), word(page, W_NOT_CHECKED + (enum word)trace->log_verdict)},
        {word(page, W_DATE), trace->as_of}};
    sva_page_lines(page, lines, sizeof lines / sizeof *lines);
}

static void put_findings(struct sva_page *page, const struct sva_run_trace *trace)
{
    static const enum word TAGS[] = {W_NOTE_TAG, W_REVIEW_TAG, W_REFUSED_TAG};
    heading(page, W_FINDINGS);
    for (size_t i = 0; i < trace->finding_count; i++) {
        const struct sva_trace_finding *finding = &trace->findings[i];
        const char *text =
            sva_arena_printf(&page->arena, "[%s] %s", word(page, TAGS[finding->level]),
                             finding->text[page->lang == SVA_LANG_KO ? 1 : 0]);
        sva_page_bullet(page, sva_page_made(page, text));
    }
    if (trace->finding_count == 0) {
        sva_page_bullet(page, word(page, W_NONE));
    }
}

/** Bytes of the folder that all paths begin with, up to its slash; 0 when there is none. */
static size_t shared_folder(const struct sva_run_trace *trace)
{
    const char *first = trace->checkpoint_count > 1 ? trace->checkpoints[0].path : "";
    size_t shared = strlen(first);
    for (size_t i = 1; i < trace->checkpoint_count; i++) {
        size_t same = 0;
        while (same < shared && trace->checkpoints[i].path[same] == first[same]) {
            same++;
        }
        shared = same;
    }
    while (shared > 0 && first[shared - 1] != '/') {
        shared--;
    }
    for (size_t i = 0; i < trace->checkpoint_count; i++) {
        shared = trace->checkpoints[i].path[shared] == '\0' ? 0 : shared; /* "a/" and "a/b" */
    }
    return shared;
}

static void put_checkpoints(struct sva_page *page, const struct sva_run_trace *trace)
{
    struct sva_table table = {
        .column_count = 6, .right = {true, false, true, true, true, false}, .flexible = 1};
    const size_t folder = shared_folder(trace);
    struct sva_table_row *row = sva_table_add(&table);
    static const enum word NAMES[] = {W_STEP, W_PATH, W_TO_LAST, W_TO_FIRST, W_LOST, W_STATE};
    for (size_t c = 0; row != NULL && c < 6; c++) {
        row->cells[c] = word(page, NAMES[c]);
        row->styles[c] = page->colour ? SVA_DIM : NULL;
    }
    for (size_t i = 0; i < trace->checkpoint_count; i++) {
        const struct sva_trace_checkpoint *checkpoint = &trace->checkpoints[i];
        const struct sva_trace_link *link = i > 0 ? &trace->links[i - 1] : NULL;
        row = sva_table_add(&table);
        if (row == NULL) {
            break;
        }
        row->cells[0] = number(page, checkpoint->step < 0 ? NAN : (double)checkpoint->step, 15);
        row->cells[1] = sva_page_escaped(page, checkpoint->path + folder);
        row->cells[2] = link != NULL ? sva_page_fixed(page, link->rho, 3) : "";
        row->cells[3] = sva_page_fixed(page, trace->similarity[i], 3);
        row->cells[4] =
            link != NULL && !isnan(link->lost) ? sva_page_fixed(page, link->lost, 2) : "";
        row->cells[5] = link != NULL ? word(page, W_DESCENDS + (enum word)link->state) : "";
    }
    heading(page, W_CHECKPOINTS);
    sva_table_render(&table, page->width, &page->out);
    page->out.failed = page->out.failed || table.failed;
    sva_table_done(&table);
}

/** "fixed 0.02" is the only scheme that is no name. */
static const char *scheme_words(struct sva_page *page, const char *scheme)
{
    static const char fixed[] = "fixed ";
    const size_t length = sizeof fixed - 1;
    return page->lang == SVA_LANG_KO && strncmp(scheme, fixed, length) == 0
               ? sva_page_made(page, sva_arena_printf(&page->arena, "고정 %s", scheme + length))
               : scheme;
}

static void put_roles(struct sva_page *page, const struct sva_trace_start *start)
{
    struct sva_table table = {
        .column_count = 5, .right = {false, false, true, true, false}, .flexible = 0};
    struct sva_table_row *row = sva_table_add(&table);
    static const enum word NAMES[] = {W_ROLE, W_DISTRIBUTION, W_DEVIATION, W_KURTOSIS, W_SCHEME};
    for (size_t c = 0; row != NULL && c < 5; c++) {
        row->cells[c] = word(page, NAMES[c]);
        row->styles[c] = page->colour ? SVA_DIM : NULL;
    }
    for (size_t i = 0; i < start->role_count && i < ROLES_SHOWN; i++) {
        const struct sva_trace_role *role = &start->roles[i];
        const bool constant = role->distribution == SVA_DISTRIBUTION_CONSTANT;
        row = sva_table_add(&table);
        if (row == NULL) {
            break;
        }
        row->cells[0] = role->name;
        row->cells[1] = sva_word(page->lang, sva_distribution_name(role->distribution));
        row->cells[2] = number(page, constant ? role->mean : role->deviation, 4);
        row->cells[3] = constant ? "" : sva_page_fixed(page, role->kurtosis, 3);
        row->cells[4] = scheme_words(page, role->scheme);
    }
    sva_table_render(&table, page->width, &page->out);
    page->out.failed = page->out.failed || table.failed;
    sva_table_done(&table);
}

static void put_start(struct sva_page *page, const struct sva_run_trace *trace)
{
    const struct sva_trace_start *start = &trace->start;
    heading(page, W_START);
    if (!start->checked) {
        sva_page_bullet(page, word(page, W_START_NONE));
        return;
    }
    put_roles(page, start);
    const char *values[] = {sva_page_number(page, start->moved_gain_count),
                            sva_page_number(page, start->gain_count),
                            sva_page_number(page, start->trained_count),
                            sva_page_number(page, start->matrix_count),
                            sva_page_number(page, start->equal_tensor_count),
                            sva_page_number(page, start->equal_row_count),
                            sva_page_number(page, start->pair_count),
                            number(page, start->largest_correlation, 2)};
    sva_page_bullet(page, said(page, W_START_SAID, values, 8));
    if (start->reference_count > 0) {
        const char *base[] = {sva_page_number(page, start->reference_count),
                              sva_page_number(page, start->untested_count),
                              sva_label_answer(page->lang, start->base_answer)};
        sva_page_bullet(page, said(page, W_BASE_SAID, base, 3));
    }
}

static void put_log(struct sva_page *page, const struct sva_run_trace *trace)
{
    const struct sva_trace_log *log = &trace->log;
    const struct sva_trace_compute *compute = &trace->compute;
    heading(page, W_LOSS);
    if (log->file_count == 0) {
        sva_page_bullet(page, word(page, W_LOSS_NONE));
    } else {
        const char *values[] = {sva_page_number(page, log->record_count),
                                log->format,
                                log->loss_key,
                                number(page, log->first_step, 15),
                                number(page, log->last_step, 15),
                                number(page, log->first_loss, 4),
                                number(page, log->last_loss, 4),
                                number(page, log->expected_start, 4)};
        sva_page_bullet(page, said(page, W_LOSS_SAID, values, 8));
    }
    if (!isnan(compute->flops_6nd)) {
        const char *values[] = {
            number(page, compute->parameters, 4), number(page, compute->tokens, 4),
            number(page, compute->flops_6nd, 4), number(page, compute->declared_flops, 4)};
        sva_page_bullet(page, said(page, W_COMPUTE_SAID, values, 4));
    }
}

enum sva_status sva_trace_text(const struct sva_run_trace *trace, enum sva_lang lang, bool colour,
                               unsigned width, char **text, size_t *size_bytes,
                               struct sva_error *error)
{
    const size_t wanted = width == 0 ? WIDTH_DEFAULT : width;
    struct sva_page page = {.lang = lang,
                            .colour = colour,
                            .width = wanted < WIDTH_MINIMUM   ? WIDTH_MINIMUM
                                     : wanted > WIDTH_MAXIMUM ? WIDTH_MAXIMUM
                                                              : wanted};
    put_head(&page, trace);
    put_findings(&page, trace);
    put_checkpoints(&page, trace);
    put_start(&page, trace);
    put_log(&page, trace);
    heading(&page, W_LIMITS);
    sva_page_bullet(&page, word(&page, W_LIMIT_1));
    sva_page_bullet(&page, word(&page, W_LIMIT_2));
    page.out.failed = page.out.failed || page.arena.failed;
    sva_arena_done(&page.arena);
    if (page.out.failed || page.out.data == NULL) {
        sva_bytes_done(&page.out);
        return sva_fail_memory(error, "writing the trace");
    }
    *text = (char *)page.out.data;
    *size_bytes = page.out.size;
    return SVA_OK;
}
