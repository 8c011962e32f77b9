/* SPDX-License-Identifier: Apache-2.0 */
#include "casefile/case_beside.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "convert/document.h"

/** Members are told by name so that each figure is compared in its own form. */
static bool same_member(const cJSON *a, const cJSON *b, const char *key)
{
    const cJSON *const left = sva_document_at(a, key);
    const cJSON *const right = sva_document_at(b, key);
    if (cJSON_IsNumber(left) && cJSON_IsNumber(right)) {
        const double x = cJSON_GetNumberValue(left);
        const double y = cJSON_GetNumberValue(right);
        return !(x < y) && !(x > y);
    }
    if (cJSON_IsString(left) && cJSON_IsString(right)) {
        return strcmp(cJSON_GetStringValue(left), cJSON_GetStringValue(right)) == 0;
    }
    return (left == NULL && right == NULL) ||
           (left != NULL && right != NULL && (left->type & 0xff) == (right->type & 0xff) &&
            !cJSON_IsNumber(left) && !cJSON_IsString(left));
}

/** The first of the `keys` (NULL ends) in which two objects differ, or NULL. */
static const char *first_difference(const cJSON *a, const cJSON *b, const char *const *keys)
{
    for (size_t i = 0; keys[i] != NULL; i++) {
        if (!same_member(a, b, keys[i])) {
            return keys[i];
        }
    }
    return NULL;
}

/* ---- the model ---- */

static const cJSON *find_file(const cJSON *subject, const char *path)
{
    const cJSON *file = NULL;
    cJSON_ArrayForEach(file, sva_document_at(subject, "files"))
    {
        if (strcmp(sva_document_text(file, "path"), path) == 0) {
            return file;
        }
    }
    return NULL;
}

bool sva_case_beside_model(struct sva_unpacked *work, const cJSON *report, const cJSON *derived)
{
    const cJSON *const told = sva_document_at(report, "subject");
    const cJSON *const seen = sva_document_at(derived, "subject");
    const bool same = same_member(told, seen, "digest");
    const cJSON *file = NULL;
    uint64_t good = 0;
    sva_case_judge(work, SVA_CHECK_CASE_MODEL, same, sva_document_text(seen, "digest"));
    cJSON_ArrayForEach(file, sva_document_at(told, "files"))
    {
        const char *const path = sva_document_text(file, "path");
        const cJSON *const here = find_file(seen, path);
        if (here == NULL) {
            sva_case_tell(work, SVA_CHECK_FILE_MISSING, SVA_CHECK_FAILED, path);
        } else if (!same_member(file, here, "sha256")) {
            sva_case_tell(work, SVA_CHECK_FILE_CHANGED, SVA_CHECK_FAILED, path);
        } else {
            good++;
        }
    }
    if (good > 0) {
        sva_findings_add(work->findings, SVA_CHECK_CASE_MODEL_FILES, SVA_CHECK_PASSED, good, NULL);
    }
    return same;
}

/* ---- what the report says of the model ---- */

/** A number of one or both, else texts; a text that is none is "". */
static bool same_value(const cJSON *a, const cJSON *b, const char *key)
{
    return cJSON_IsNumber(sva_document_at(a, key)) || cJSON_IsNumber(sva_document_at(b, key))
               ? same_member(a, b, key)
               : strcmp(sva_document_text(a, key), sva_document_text(b, key)) == 0;
}

static bool same_values(const cJSON *a, const cJSON *b, const char *const *keys)
{
    bool same = true;
    for (size_t i = 0; same && keys[i] != NULL; i++) {
        same = same_value(a, b, keys[i]);
    }
    return same;
}

/** Are these two lists of objects of the same members? */
static bool same_lists(const cJSON *a, const cJSON *b, const char *key, const char *const *members)
{
    bool same = sva_document_length(a, key) == sva_document_length(b, key);
    a = sva_document_at(a, key);
    b = sva_document_at(b, key);
    a = a != NULL ? a->child : NULL;
    b = b != NULL ? b->child : NULL;
    for (; same && a != NULL && b != NULL; a = a->next, b = b->next) {
        same = same_values(a, b, members);
    }
    return same;
}

/** Texts under names of their own, in the order of a report. */
static bool same_facts(const cJSON *told, const cJSON *seen)
{
    bool same = sva_document_length(told, "facts") == sva_document_length(seen, "facts");
    const cJSON *a = sva_document_at(told, "facts");
    const cJSON *b = sva_document_at(seen, "facts");
    a = a != NULL ? a->child : NULL;
    b = b != NULL ? b->child : NULL;
    for (; same && a != NULL && b != NULL; a = a->next, b = b->next) {
        same = a->string != NULL && b->string != NULL && strcmp(a->string, b->string) == 0 &&
               cJSON_IsString(a) && cJSON_IsString(b) &&
               strcmp(a->valuestring, b->valuestring) == 0;
    }
    return same;
}

/** What of the subject differs, or NULL. Its path is not compared: a print has none. */
static const char *subject_difference(const cJSON *told, const cJSON *seen)
{
    static const char *const PLAIN[] = {"digest",     "model_digest", "name",
                                        "parameters", "tensors",      "weight_bytes"};
    static const char *const READING[] = {"bytes_read", "bytes_total", "mode", NULL};
    static const char *const LEFT_OUT[] = {"component", "parameters", "tensor", "why", NULL};
    static const struct {
        const char *list;
        const char *members[8];
    } LISTS[] = {
        {"files", {"kind", "path", "sha256", "size"}},
        {"components",
         {"component_kind", "layers", "name", "parameters", "residual_labelled", "width"}},
        {"findings", {"code", "file", "text"}},
    };
    const cJSON *const left_out[2] = {sva_document_at(told, "left_out"),
                                      sva_document_at(seen, "left_out")};
    for (size_t i = 0; i < sizeof PLAIN / sizeof *PLAIN; i++) {
        if (!same_value(told, seen, PLAIN[i])) {
            return PLAIN[i];
        }
    }
    for (size_t i = 0; i < sizeof LISTS / sizeof *LISTS; i++) {
        if (!same_lists(told, seen, LISTS[i].list, LISTS[i].members)) {
            return LISTS[i].list;
        }
    }
    return !same_facts(told, seen) ? "facts"
           : !same_values(sva_document_at(told, "reading"), sva_document_at(seen, "reading"),
                          READING)
               ? "reading"
           : !same_value(left_out[0], left_out[1], "tensors") ||
                   !same_lists(left_out[0], left_out[1], "first", LEFT_OUT)
               ? "left_out"
               : NULL;
}

void sva_case_beside_subject(struct sva_unpacked *work, const cJSON *report, const cJSON *derived,
                             const struct sva_case_terms *terms)
{
    const cJSON *const told = sva_document_at(report, "subject");
    const char *const differs = subject_difference(told, sva_document_at(derived, "subject"));
    sva_case_tell(work, SVA_CHECK_CASE_SUBJECT,
                  differs == NULL        ? SVA_CHECK_PASSED
                  : terms->other_program ? SVA_CHECK_NOT_CHECKED
                                         : SVA_CHECK_FAILED,
                  differs != NULL ? differs : sva_document_text(told, "name"));
}

/* ---- comparisons ---- */

/** What two reports say of one reference. */
struct pair {
    const cJSON *told, *seen;
    const struct sva_case_terms *terms;
    bool from_weights;   /* elements were compared, which prints do not have */
    const char *differs; /* a key, or NULL */
    const char *component;
};

/** Do two reports picture the same draws? Each pictures its strongest results: one may have none.
 */
static bool same_histograms(const cJSON *a, const cJSON *b)
{
    static const char *const MEMBERS[] = {"bin_width", "first_bin", "draws", "series", "scale",
                                          "mean",      "deviation", "least", "most",   NULL};
    static const char *const OBSERVED[] = {"least", "mean", "most", NULL};
    const cJSON *const left = sva_document_at(a, "histogram");
    const cJSON *const right = sva_document_at(b, "histogram");
    if (!cJSON_IsObject(left) || !cJSON_IsObject(right)) {
        return true;
    }
    return first_difference(left, right, MEMBERS) == NULL &&
           first_difference(sva_document_at(left, "observed"), sva_document_at(right, "observed"),
                            OBSERVED) == NULL &&
           cJSON_Compare(sva_document_at(left, "counts"), sva_document_at(right, "counts"), true);
}

static bool compare_tests(struct pair *pair, const cJSON *told, const cJSON *seen)
{
    static const char *const RAW[] = {"id", "label", "blocks",  "draws",   "family",
                                      "z",  "p",     "log10_p", "decides", NULL};
    static const char *const ADJUSTED[] = {"log10_p_adjusted", NULL};
    const cJSON *a = sva_document_at(told, "tests");
    const cJSON *b = sva_document_at(seen, "tests");
    if (sva_document_length(told, "tests") != sva_document_length(seen, "tests")) {
        pair->differs = "tests";
        return false;
    }
    a = a != NULL ? a->child : NULL;
    b = b != NULL ? b->child : NULL;
    for (; a != NULL && b != NULL && pair->differs == NULL; a = a->next, b = b->next) {
        pair->differs = first_difference(a, b, RAW);
        if (pair->differs == NULL && !same_histograms(a, b)) {
            pair->differs = "histogram";
        }
        if (pair->differs == NULL && pair->terms->complete) {
            pair->differs = first_difference(a, b, ADJUSTED);
        }
    }
    return pair->differs == NULL;
}

static void compare_component(struct pair *pair, const cJSON *told, const cJSON *seen)
{
    static const char *const PLAIN[] = {
        "name", "reference_component", "parameters", "rho", "rho_se", NULL};
    static const char *const ANSWER[] = {"answer", "detectable_rho", "log10_p_adjusted", NULL};
    static const char *const KIND[] = {"kind", "coverage", "identical_share", NULL};
    const char *const basis = sva_document_text(sva_document_at(told, "quantisation"), "basis");
    pair->from_weights = pair->from_weights || strcmp(basis, "weights") == 0;
    pair->component = sva_document_text(told, "name");
    pair->differs = first_difference(told, seen, PLAIN);
    if (pair->differs != NULL || !compare_tests(pair, told, seen)) {
        return;
    }
    if (pair->terms->complete) {
        pair->differs = first_difference(told, seen, ANSWER);
        if (pair->differs == NULL && strcmp(basis, "weights") != 0) {
            pair->differs = first_difference(told, seen, KIND);
        }
    }
}

/** Was the reference left out as one that no test could apply to? Then only that must agree. */
static bool is_untested(const cJSON *comparison)
{
    return strcmp(sva_document_text(comparison, "answer"), "not-comparable") == 0;
}

static void compare_pair(struct pair *pair)
{
    static const char *const ANSWER[] = {"answer", NULL};
    if (is_untested(pair->told) && is_untested(pair->seen)) {
        return;
    }
    if (pair->terms->complete || is_untested(pair->told) || is_untested(pair->seen)) {
        pair->differs = first_difference(pair->told, pair->seen, ANSWER);
    }
    if (pair->differs == NULL && sva_document_length(pair->told, "components") !=
                                     sva_document_length(pair->seen, "components")) {
        pair->differs = "components";
    }
    const cJSON *a = sva_document_at(pair->told, "components");
    const cJSON *b = sva_document_at(pair->seen, "components");
    a = a != NULL ? a->child : NULL;
    b = b != NULL ? b->child : NULL;
    for (; a != NULL && b != NULL && pair->differs == NULL; a = a->next, b = b->next) {
        compare_component(pair, a, b);
    }
}

/** The comparison with the same name, version and print. */
static const cJSON *find_comparison(const cJSON *derived, const cJSON *reference)
{
    static const char *const KEYS[] = {"name", "version", "print_digest", NULL};
    const cJSON *comparison = NULL;
    cJSON_ArrayForEach(comparison, sva_document_at(derived, "comparisons"))
    {
        if (first_difference(reference, sva_document_at(comparison, "reference"), KEYS) == NULL) {
            return comparison;
        }
    }
    return NULL;
}

/** A step-0 checkpoint that answered with: it is not in the bundle. */
static bool used_start(const cJSON *comparison)
{
    const cJSON *component = NULL;
    cJSON_ArrayForEach(component, sva_document_at(comparison, "components"))
    {
        if (sva_document_text(sva_document_at(component, "start"), "checkpoint")[0] != '\0') {
            return true;
        }
    }
    return false;
}

static void tell_pair(struct sva_unpacked *work, const struct pair *pair, const char *name)
{
    char text[512];
    (void)snprintf(text, sizeof text, "%.200s, %.200s: %s", name,
                   pair->component != NULL ? pair->component : "-", pair->differs);
    sva_case_tell(work, SVA_CHECK_CASE_COMPARISON,
                  pair->terms->other_program ? SVA_CHECK_NOT_CHECKED : SVA_CHECK_FAILED, text);
}

void sva_case_beside_comparisons(struct sva_unpacked *work, const cJSON *report,
                                 const cJSON *derived, const struct sva_case_terms *terms)
{
    const cJSON *told = NULL;
    uint64_t good = 0;
    cJSON_ArrayForEach(told, sva_document_at(report, "comparisons"))
    {
        const cJSON *const reference = sva_document_at(told, "reference");
        const char *const name = sva_document_text(reference, "name");
        struct pair pair = {
            .told = told, .seen = find_comparison(derived, reference), .terms = terms};
        if (pair.seen == NULL || used_start(told)) {
            sva_case_tell(work, SVA_CHECK_CASE_COMPARISON, SVA_CHECK_NOT_CHECKED, name);
            continue;
        }
        compare_pair(&pair);
        good += pair.differs == NULL;
        if (pair.differs != NULL) {
            tell_pair(work, &pair, name);
        } else if (pair.from_weights) {
            sva_case_tell(work, SVA_CHECK_CASE_WEIGHTS, SVA_CHECK_NOT_CHECKED, name);
        }
    }
    if (good > 0) {
        sva_findings_add(work->findings, SVA_CHECK_CASE_COMPARED, SVA_CHECK_PASSED, good, NULL);
    }
}

/* ---- the verdict ---- */

static void tell_rule(struct sva_unpacked *work, const cJSON *told, const char *key, bool excused)
{
    char text[512];
    (void)snprintf(text, sizeof text, "%.100s %.200s: %s", sva_document_text(told, "id"),
                   sva_document_text(told, "component"), key);
    sva_case_tell(work, SVA_CHECK_CASE_RULE, excused ? SVA_CHECK_NOT_CHECKED : SVA_CHECK_FAILED,
                  text);
}

void sva_case_beside_verdict(struct sva_unpacked *work, const cJSON *report, const cJSON *derived,
                             const struct sva_case_terms *terms)
{
    static const char *const KEYS[] = {"id",      "component", "reference", "verdict",
                                       "counted", "waived",    NULL};
    const bool excused = terms->excuse != NULL || terms->other_program;
    const cJSON *a = sva_document_at(report, "rules");
    const cJSON *b = sva_document_at(derived, "rules");
    bool same = sva_document_length(report, "rules") == sva_document_length(derived, "rules");
    a = a != NULL ? a->child : NULL;
    b = b != NULL ? b->child : NULL;
    for (; same && a != NULL && b != NULL; a = a->next, b = b->next) {
        const char *const key = first_difference(a, b, KEYS);
        if (key != NULL) {
            tell_rule(work, a, key, excused);
        }
    }
    same = same && same_member(report, derived, "verdict");
    if (same) {
        sva_case_tell(work, SVA_CHECK_CASE_VERDICT, SVA_CHECK_PASSED,
                      sva_document_text(report, "verdict"));
    } else {
        sva_case_tell(work, SVA_CHECK_CASE_VERDICT,
                      excused ? SVA_CHECK_NOT_CHECKED : SVA_CHECK_FAILED,
                      excused && terms->excuse != NULL ? terms->excuse
                                                       : sva_document_text(report, "verdict"));
    }
}
