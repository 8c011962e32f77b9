/* SPDX-License-Identifier: Apache-2.0 */
/* A report beside an earlier one: which of its results are new, and which are gone. */
#include <sovaudit/convert.h>

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "convert/render.h"
#include "convert/report_tree.h"

/** A result that wants something of someone, by its identity. */
struct problem {
    uint8_t identity[SVA_DIGEST_BYTES];
    const cJSON *rule;
    int rank; /**< the higher the worse; 0 is no problem */
};

struct problems {
    struct problem *items; /**< ascending by identity, the worst of equals first */
    size_t count;
};

struct sva_baseline {
    char *path;
    cJSON *report;
    struct sva_identity digest;
    struct problems problems;
};

static int rank_of(const cJSON *rule)
{
    switch (sva_render_outcome(rule)) {
    case SVA_OUTCOME_FAIL: return 3;
    case SVA_OUTCOME_REVIEW: return 2;
    case SVA_OUTCOME_NOT_CHECKED: return sva_document_bool(rule, "counted") ? 1 : 0;
    case SVA_OUTCOME_PASS:
    case SVA_OUTCOME_ASIDE: break;
    }
    return 0;
}

static int by_identity(const void *left, const void *right)
{
    const struct problem *a = left;
    const struct problem *b = right;
    const int order = memcmp(a->identity, b->identity, sizeof a->identity);
    return order != 0 ? order : b->rank - a->rank;
}

/** Problems of a report; waived ones too, or not. */
static bool find_problems(const cJSON *report, bool waived_too, struct problems *problems)
{
    const cJSON *rule = NULL;
    problems->items = sva_calloc(sva_document_length(report, "rules"), sizeof *problems->items);
    if (problems->items == NULL) {
        return false;
    }
    cJSON_ArrayForEach(rule, sva_document_at(report, "rules"))
    {
        const int rank = rank_of(rule);
        if (rank > 0 && (waived_too || !sva_document_bool(rule, "waived"))) {
            const struct sva_identity identity = sva_render_rule_identity(rule);
            if (identity.failed) {
                return false;
            }
            struct problem *item = &problems->items[problems->count++];
            *item = (struct problem){.rule = rule, .rank = rank};
            memcpy(item->identity, identity.sha256, sizeof item->identity);
        }
    }
    qsort(problems->items, problems->count, sizeof *problems->items, by_identity);
    return true;
}

/** The worst problem of an identity, or NULL. */
static const struct problem *look_up(const struct problems *problems,
                                     const uint8_t identity[SVA_DIGEST_BYTES])
{
    size_t low = 0;
    size_t high = problems->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (memcmp(problems->items[middle].identity, identity, SVA_DIGEST_BYTES) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const bool found = low < problems->count &&
                       memcmp(problems->items[low].identity, identity, SVA_DIGEST_BYTES) == 0;
    return found ? &problems->items[low] : NULL;
}

void sva_baseline_free(struct sva_baseline *baseline)
{
    if (baseline != NULL) {
        cJSON_Delete(baseline->report);
        sva_free(baseline->problems.items);
        sva_free(baseline->path);
        sva_free(baseline);
    }
}

static enum sva_status load(struct sva_baseline *baseline, const char *path,
                            struct sva_error *error)
{
    char *text = NULL;
    size_t size = 0;
    enum sva_status status = sva_report_load(path, &text, &size, error);
    if (status != SVA_OK) {
        return status;
    }
    const struct sva_span json = {(const uint8_t *)text, size};
    status = sva_document_read(json, path, &baseline->report, error);
    if (status == SVA_OK) {
        baseline->digest = sva_render_report_identity(json);
        baseline->path = sva_strdup(path);
        if (baseline->path == NULL || baseline->digest.failed ||
            !find_problems(baseline->report, false, &baseline->problems)) {
            status = sva_fail_memory(error, "reading a baseline");
        }
    }
    free(text);
    return status;
}

enum sva_status sva_baseline_load(const char *path, struct sva_baseline **baseline,
                                  struct sva_error *error)
{
    struct sva_baseline *made = sva_calloc(1, sizeof *made);
    if (made == NULL) {
        return sva_fail_memory(error, "reading a baseline");
    }
    enum sva_status status = load(made, path, error);
    if (status == SVA_OK && !cJSON_IsObject(sva_document_at(made->report, "pack"))) {
        status =
            sva_fail(error, SVA_ERR_USAGE, "%s: no baseline: this report was judged by no rules",
                     sva_esc(path).text);
    }
    if (status != SVA_OK) {
        sva_baseline_free(made);
        return status;
    }
    *baseline = made;
    return SVA_OK;
}

/* ---- a report beside it ---- */

struct marking {
    const struct sva_baseline *baseline;
    cJSON *report;
    struct problems now;
    struct sva_baseline_view *view;
    struct sva_arena *arena;
    bool failed; /**< no memory */
};

static enum sva_baseline_state state_of(struct marking *marking, const cJSON *rule)
{
    const struct sva_identity identity = sva_render_rule_identity(rule);
    marking->failed = marking->failed || identity.failed;
    const struct problem *before = look_up(&marking->baseline->problems, identity.sha256);
    const int rank = rank_of(rule);
    if (rank == 0) {
        return SVA_BASELINE_NONE;
    }
    if (before == NULL || before->rank < rank) {
        return sva_document_bool(rule, "waived") ? SVA_BASELINE_NONE : SVA_BASELINE_NEW;
    }
    return before->rank == rank ? SVA_BASELINE_UNCHANGED : SVA_BASELINE_UPDATED;
}

const char *sva_baseline_state_name(enum sva_baseline_state state)
{
    static const char *const NAMES[] = {NULL, "new", "unchanged", "updated"};
    return NAMES[state];
}

/** Replaces the member that the report's writer left null. */
static bool set_member(cJSON *object, const char *key, cJSON *value)
{
    if (value == NULL || !cJSON_ReplaceItemInObjectCaseSensitive(object, key, value)) {
        cJSON_Delete(value);
        return false;
    }
    return true;
}

static enum sva_status mark_rules(struct marking *marking, struct sva_error *error)
{
    struct sva_baseline_view *view = marking->view;
    const size_t count = sva_document_length(marking->report, "rules");
    enum sva_baseline_state *states = sva_arena_alloc(marking->arena, count, sizeof *states);
    cJSON *rule = NULL;
    if (states == NULL) {
        return sva_fail_memory(error, "comparing with a baseline");
    }
    cJSON_ArrayForEach(rule, sva_document_at(marking->report, "rules"))
    {
        const enum sva_baseline_state state = state_of(marking, rule);
        states[view->state_count++] = state;
        view->new_count += state == SVA_BASELINE_NEW;
        view->unchanged_count += state == SVA_BASELINE_UNCHANGED;
        view->updated_count += state == SVA_BASELINE_UPDATED;
        if (state != SVA_BASELINE_NONE &&
            !set_member(rule, "baseline", cJSON_CreateString(sva_baseline_state_name(state)))) {
            return sva_fail_memory(error, "comparing with a baseline");
        }
    }
    view->states = states;
    return SVA_OK;
}

/** What the earlier report held and this one does not, in the earlier one's order. */
static enum sva_status find_absent(struct marking *marking, struct sva_error *error)
{
    const struct sva_baseline *baseline = marking->baseline;
    struct sva_baseline_absent *absent =
        sva_arena_alloc(marking->arena, baseline->problems.count, sizeof *absent);
    const cJSON *rule = NULL;
    size_t count = 0;
    if (absent == NULL) {
        return sva_fail_memory(error, "comparing with a baseline");
    }
    cJSON_ArrayForEach(rule, sva_document_at(baseline->report, "rules"))
    {
        const struct sva_identity identity = sva_render_rule_identity(rule);
        marking->failed = marking->failed || identity.failed;
        const struct problem *before = look_up(&baseline->problems, identity.sha256);
        if (before != NULL && before->rule == rule &&
            look_up(&marking->now, identity.sha256) == NULL) {
            absent[count++] = (struct sva_baseline_absent){
                .rule = sva_document_text(rule, "id"),
                .component = sva_document_text(rule, "component"),
                .reference = sva_document_text(rule, "reference"),
                .verdict = sva_document_text(rule, "verdict"),
            };
        }
    }
    marking->view->absent = absent;
    marking->view->absent_count = count;
    return SVA_OK;
}

static void put_view(struct sva_writer *json, const struct sva_baseline_view *view,
                     const struct sva_baseline *baseline)
{
    sva_writer_object(json, NULL);
    sva_writer_array(json, "absent");
    for (size_t i = 0; i < view->absent_count; i++) {
        sva_writer_object(json, NULL);
        sva_writer_text(json, "component", view->absent[i].component);
        sva_writer_text(json, "id", view->absent[i].rule);
        sva_writer_text(json, "reference", view->absent[i].reference);
        sva_writer_text(json, "verdict", view->absent[i].verdict);
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
    sva_writer_text(json, "as_of", view->as_of);
    sva_writer_bool(json, "gate", view->gate);
    sva_writer_count(json, "new", view->new_count);
    sva_writer_text(json, "path", view->path);
    sva_writer_text(json, "sha256", baseline->digest.hex);
    sva_writer_count(json, "unchanged", view->unchanged_count);
    sva_writer_count(json, "updated", view->updated_count);
    sva_writer_object_end(json);
}

/** The view as a member of the report. */
static enum sva_status mark_report(struct marking *marking, struct sva_error *error)
{
    struct sva_writer json = {.depth = 0};
    put_view(&json, marking->view, marking->baseline);
    cJSON *tree = json.bytes.failed || json.failed
                      ? NULL
                      : cJSON_ParseWithLength((const char *)json.bytes.data, json.bytes.size);
    sva_bytes_done(&json.bytes);
    return tree != NULL && set_member(marking->report, "baseline", tree)
               ? SVA_OK
               : sva_fail_memory(error, "comparing with a baseline");
}

/** Was anything of the subject compared with anything? What checked nothing does not pass. */
static bool anything_compared(const cJSON *report)
{
    const cJSON *comparison = NULL;
    cJSON_ArrayForEach(comparison, sva_document_at(report, "comparisons"))
    {
        const char *answer = sva_document_text(comparison, "answer");
        if (answer[0] != '\0' && strcmp(answer, "not-comparable") != 0) {
            return true;
        }
    }
    return false;
}

/** The exit code that new results alone give, in the order in which verdicts are concluded. */
static int gate_code(const struct marking *marking, enum sva_fail_on fail_on)
{
    const cJSON *rule = NULL;
    bool in_error = false;
    int worst = 0;
    size_t index = 0;
    cJSON_ArrayForEach(rule, sva_document_at(marking->report, "rules"))
    {
        const enum sva_baseline_state state = marking->view->states[index++];
        const bool counts =
            !sva_document_bool(rule, "waived") && sva_document_bool(rule, "counted");
        in_error = in_error || (counts && strcmp(sva_document_text(rule, "verdict"), "error") == 0);
        if (counts && state == SVA_BASELINE_NEW && rank_of(rule) > worst) {
            worst = rank_of(rule);
        }
    }
    if (worst == 3) {
        return sva_exit_code(SVA_VERDICT_FAIL, fail_on);
    }
    if (in_error) {
        return sva_exit_code(SVA_VERDICT_INCOMPLETE, fail_on);
    }
    if (!anything_compared(marking->report)) {
        return sva_exit_code(SVA_VERDICT_NOT_AUDITABLE, fail_on);
    }
    return sva_exit_code(worst > 0 ? SVA_VERDICT_REVIEW : SVA_VERDICT_PASS, fail_on);
}

/** A baseline of other rules would say of everything that it is new. */
static enum sva_status check_pack(const struct marking *marking, const char *name,
                                  struct sva_error *error)
{
    const char *before =
        sva_document_text(sva_document_at(marking->baseline->report, "pack"), "id");
    const char *now = sva_document_text(sva_document_at(marking->report, "pack"), "id");
    if (sva_document_at(marking->report, "baseline") == NULL) {
        return sva_fail(error, SVA_ERR_UNSUPPORTED,
                        "%s: an earlier version wrote this report; make it again to compare it",
                        sva_esc(name).text);
    }
    return strcmp(before, now) == 0
               ? SVA_OK
               : sva_fail(error, SVA_ERR_USAGE,
                          "%s: no baseline of %s: it was judged by the rules \"%s\", not \"%s\"",
                          sva_esc(marking->baseline->path).text, sva_esc(name).text,
                          sva_esc(before).text, sva_esc(now).text);
}

static enum sva_status mark(struct marking *marking, const char *name,
                            const struct sva_baseline_gate *gate, struct sva_error *error)
{
    enum sva_status status = check_pack(marking, name, error);
    if (status == SVA_OK && !find_problems(marking->report, true, &marking->now)) {
        status = sva_fail_memory(error, "comparing with a baseline");
    }
    status = status == SVA_OK ? mark_rules(marking, error) : status;
    status = status == SVA_OK ? find_absent(marking, error) : status;
    if (status == SVA_OK && marking->failed) {
        status = sva_fail_memory(error, "comparing with a baseline");
    }
    if (status != SVA_OK) {
        return status;
    }
    struct sva_baseline_view *view = marking->view;
    view->path = marking->baseline->path;
    view->as_of = sva_document_text(marking->baseline->report, "as_of");
    view->gate = gate->new_only;
    view->exit_code = (int)sva_document_count(marking->report, "exit_code");
    if (gate->new_only) {
        view->exit_code = gate_code(marking, gate->fail_on);
        if (!set_member(marking->report, "exit_code", cJSON_CreateNumber(view->exit_code))) {
            return sva_fail_memory(error, "comparing with a baseline");
        }
    }
    return mark_report(marking, error);
}

static enum sva_status write_tree(const cJSON *report, const char *name, char **text,
                                  size_t *size_bytes, struct sva_error *error)
{
    struct sva_writer json = {.depth = 0};
    sva_tree_write(&json, report);
    if (json.failed || json.bytes.failed) {
        const bool foreign = !json.bytes.failed;
        sva_bytes_done(&json.bytes);
        return foreign ? sva_fail(error, SVA_ERR_CORRUPT,
                                  "%s: not a report as sovaudit writes them: its keys are not in "
                                  "order, or it nests too deep",
                                  sva_esc(name).text)
                       : sva_fail_memory(error, "writing a report");
    }
    *text = (char *)json.bytes.data;
    *size_bytes = json.bytes.size;
    return SVA_OK;
}

/** What a view owns, behind `internal`. */
struct view_memory {
    struct sva_arena arena;
    struct sva_baseline_view view;
};

void sva_baseline_view_free(struct sva_baseline_view *view)
{
    if (view != NULL) {
        struct view_memory *memory = view->internal;
        sva_arena_done(&memory->arena);
        sva_free(memory);
    }
}

enum sva_status sva_baseline_mark(const struct sva_baseline *baseline, const char *json,
                                  size_t json_bytes, const char *name,
                                  const struct sva_baseline_gate *gate, char **text,
                                  size_t *size_bytes, struct sva_baseline_view **view,
                                  struct sva_error *error)
{
    const struct sva_span bytes = {(const uint8_t *)json, json_bytes};
    struct view_memory *memory = sva_calloc(1, sizeof *memory);
    if (memory == NULL) {
        return sva_fail_memory(error, "comparing with a baseline");
    }
    memory->view.internal = memory;
    struct marking marking = {.baseline = baseline, .view = &memory->view, .arena = &memory->arena};
    enum sva_status status = sva_document_read(bytes, name, &marking.report, error);
    status = status == SVA_OK ? mark(&marking, name, gate, error) : status;
    status = status == SVA_OK ? write_tree(marking.report, name, text, size_bytes, error) : status;
    sva_free(marking.now.items);
    cJSON_Delete(marking.report);
    if (status != SVA_OK) {
        sva_baseline_view_free(&memory->view);
        return status;
    }
    *view = &memory->view;
    return SVA_OK;
}
