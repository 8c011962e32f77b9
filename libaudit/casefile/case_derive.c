/* SPDX-License-Identifier: Apache-2.0 */
#include "casefile/case_derive.h"

#include <stdlib.h>
#include <string.h>

#include <sovaudit/audit.h>

#include "base/fail.h"
#include "base/text.h"
#include "casefile/case_beside.h"
#include "convert/document.h"

static const char doing[] = "deriving an audit again";
static const char store_name[] = "refs.db";

/** The audit's second run. */
struct again {
    struct sva_unpacked *work;
    const struct sva_case_report *report;
    struct sva_check_options options;
    struct sva_grown own; /* const char * */
    struct sva_case_terms terms;
    const char *subject; /* path of its print, or of the model */
    size_t stored;
    bool other_levels; /* than every check judges by */
};

static const cJSON *tree(const struct again *again)
{
    return again->report->tree;
}

/** The print's path when it is in the bundle; NULL otherwise. *no_memory beside that. */
static const char *print_path(struct again *again, const uint8_t digest[32])
{
    const struct sva_case_print_name name = sva_case_print_name(digest);
    return sva_sums_find(&again->work->sums, name.text) != NULL
               ? sva_case_path(again->work, name.text)
               : NULL;
}

/* ---- references ---- */

/** What the report has recorded of a reference, which the rules look at. */
static struct sva_reference record_of(const struct again *again, const cJSON *reference)
{
    return (struct sva_reference){.name = sva_document_text(reference, "name"),
                                  .version = sva_document_text(reference, "version"),
                                  .publisher = sva_document_text(reference, "publisher"),
                                  .licence = sva_document_text(reference, "licence"),
                                  .released = sva_document_text(reference, "released"),
                                  .derived_from = sva_document_text(reference, "derived_from"),
                                  .source = sva_document_text(reference, "source"),
                                  .added = sva_document_text(tree(again), "as_of")};
}

static enum sva_status add_reference(struct again *again, struct sva_refstore *store,
                                     const cJSON *reference, const char *path)
{
    struct sva_print *print = NULL;
    const struct sva_reference record = record_of(again, reference);
    const char *const removed = sva_document_text(reference, "removed");
    enum sva_status status =
        sva_case_retell(again->work, sva_print_load(path, &print, again->work->error));
    if (status == SVA_OK) {
        status = sva_refstore_add(store, &record, print, again->work->error);
    }
    if (status == SVA_OK && removed[0] != '\0') {
        const struct sva_reference_note note = {
            .noted = record.added, .removed = removed, .text = "", .evidence = ""};
        status = sva_refstore_note(store, record.name, record.version, &note, again->work->error);
    }
    sva_print_free(print);
    return status;
}

static enum sva_status fill_store(struct again *again, struct sva_refstore *store)
{
    const cJSON *comparison = NULL;
    enum sva_status status = SVA_OK;
    cJSON_ArrayForEach(comparison, sva_document_at(tree(again), "comparisons"))
    {
        const cJSON *const reference = sva_document_at(comparison, "reference");
        uint8_t digest[32];
        if (status == SVA_OK) {
            status = sva_case_go_on(again->work);
        }
        const char *const path =
            sva_case_digest(reference, "print_digest", digest) ? print_path(again, digest) : NULL;
        if (status == SVA_OK && path != NULL) {
            status = add_reference(again, store, reference, path);
            again->stored += status == SVA_OK;
        } else if (path == NULL) {
            again->terms.complete = false;
        }
    }
    return status;
}

/** A store of the references whose prints are there, with what the report recorded of them. */
static enum sva_status make_store(struct again *again)
{
    static const char *const FILES[] = {"refs.db", "refs.db-wal", "refs.db-shm", "refs.db-journal"};
    struct sva_refstore *store = NULL;
    const char *const path = sva_case_path(again->work, store_name);
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
        if (!sva_case_folder_expect(&again->work->folder, FILES[i])) {
            return sva_fail_memory(again->work->error, doing);
        }
    }
    if (path == NULL) {
        return sva_fail_memory(again->work->error, doing);
    }
    enum sva_status status = sva_refstore_open(path, true, &store, again->work->error);
    if (status == SVA_OK) {
        status = fill_store(again, store);
    }
    sva_refstore_close(store);
    again->options.store_path = path;
    return status;
}

/* ---- the other inputs ---- */

static bool keep_path(struct again *again, enum sva_case_part part, const char **path)
{
    *path =
        sva_case_has(again->work, part) ? sva_case_path(again->work, sva_case_name(part)) : NULL;
    return *path != NULL || !sva_case_has(again->work, part);
}

static enum sva_status set_rules(struct again *again)
{
    const cJSON *const pack = sva_document_at(tree(again), "pack");
    const char *const path = sva_case_path(again->work, sva_case_name(SVA_CASE_RULES));
    if (!cJSON_IsObject(pack)) {
        return SVA_OK;
    }
    again->options.rules = path == NULL ? NULL
                                        : sva_arena_printf(&again->work->arena, "%s#%s", path,
                                                           sva_document_text(pack, "profile"));
    return again->options.rules != NULL ? SVA_OK : sva_fail_memory(again->work->error, doing);
}

static enum sva_status set_own(struct again *again)
{
    const cJSON *publisher = NULL;
    cJSON_ArrayForEach(publisher, sva_document_at(tree(again), "own"))
    {
        const char **const slot =
            sva_grown_add(&again->own, &again->work->arena, sizeof(const char *));
        if (slot == NULL) {
            return sva_fail_memory(again->work->error, doing);
        }
        *slot = cJSON_IsString(publisher) ? cJSON_GetStringValue(publisher) : "";
    }
    again->options.own = again->own.items;
    again->options.own_count = again->own.count;
    return SVA_OK;
}

/**
 * Family-wise levels as the report has them, where they are levels at all. No command sets others
 * than the usual ones: who could choose them could choose the outcome.
 */
static void set_levels(struct again *again)
{
    const struct sva_compare_options usual = sva_compare_options_default();
    const cJSON *const alpha = sva_document_at(tree(again), "alpha");
    const double derived = sva_document_number(alpha, "derived");
    const double reject = sva_document_number(alpha, "reject");
    again->options.compare = usual;
    again->other_levels = !(derived >= usual.alpha_derived && derived <= usual.alpha_derived &&
                            reject >= usual.alpha_reject && reject <= usual.alpha_reject);
    if (derived > 0.0 && derived <= reject && reject < 1.0) {
        again->options.compare.alpha_derived = derived;
        again->options.compare.alpha_reject = reject;
    }
}

/** Was the vendor's signature judged by a key that the auditor gave, which no bundle holds? */
static bool used_given_key(const struct again *again)
{
    const cJSON *const manifest =
        sva_document_at(sva_document_at(tree(again), "evidence"), "manifest");
    const char *const source = sva_document_text(sva_document_at(manifest, "key"), "source");
    return strcmp(source, "given") == 0;
}

static enum sva_status set_options(struct again *again)
{
    const struct sva_casefile_checks *const checks = again->work->checks;
    const cJSON *const subject = sva_document_at(tree(again), "subject");
    again->options.subject_name = sva_document_text(subject, "name");
    again->options.model_key = used_given_key(again) ? checks->model_key : NULL;
    again->options.subject_date = sva_document_text(tree(again), "subject_date");
    again->options.as_of = sva_document_text(tree(again), "as_of");
    again->options.threads = checks->threads;
    again->options.quick =
        strcmp(sva_document_text(sva_document_at(subject, "reading"), "mode"), "quick") == 0;
    if (checks->progress != NULL) {
        again->options.progress = *checks->progress;
    }
    set_levels(again);
    if (!keep_path(again, SVA_CASE_REGISTER, &again->options.evidence) ||
        !keep_path(again, SVA_CASE_WAIVERS, &again->options.waivers)) {
        return sva_fail_memory(again->work->error, doing);
    }
    const enum sva_status status = set_rules(again);
    return status == SVA_OK ? set_own(again) : status;
}

/* ---- why rules may differ ---- */

/** Does the register name documents that the bundle may not carry, or findings about a folder? */
static bool lacks_documents(const struct again *again)
{
    const cJSON *const evidence = sva_document_at(tree(again), "evidence");
    const cJSON *item = NULL;
    if (cJSON_IsObject(evidence) && !sva_case_has(again->work, SVA_CASE_REGISTER)) {
        return true;
    }
    cJSON_ArrayForEach(item, sva_document_at(evidence, "documents"))
    {
        if (!sva_case_carries(item) && strcmp(sva_document_text(item, "state"), "hash-only") != 0) {
            return true;
        }
    }
    cJSON_ArrayForEach(item, sva_document_at(evidence, "findings"))
    {
        if (strcmp(sva_document_text(item, "code"), "evidence-unlisted") == 0) {
            return true;
        }
    }
    return false;
}

/** Were tensors looked up in the facts database, for which weights are needed? */
static bool knows_tensors(const struct again *again)
{
    const cJSON *hit = NULL;
    cJSON_ArrayForEach(hit, sva_document_at(sva_document_at(tree(again), "facts"), "known"))
    {
        if (sva_document_bool(hit, "weights") && again->work->checks->model == NULL) {
            return true;
        }
    }
    return false;
}

static void set_terms(struct again *again, const cJSON *derived)
{
    const cJSON *const facts = sva_document_at(tree(again), "facts");
    const cJSON *const waivers = sva_document_at(tree(again), "waivers");
    const char *const told = sva_document_text(facts, "sha256");
    const char *const seen = sva_document_text(sva_document_at(derived, "facts"), "sha256");
    const char *const version = sva_document_text(sva_document_at(tree(again), "tool"), "version");
    again->terms.other_program = strcmp(version, sva_version()) != 0;
    again->terms.excuse =
        strcmp(told, seen) != 0  ? "another facts database was in use"
        : lacks_documents(again) ? "documents of the register are not in the bundle"
        : cJSON_IsObject(waivers) && !sva_case_has(again->work, SVA_CASE_WAIVERS)
            ? "the waivers are not in the bundle"
        : used_given_key(again) && again->work->checks->model_key == NULL
            ? "the vendor's signature was verified with a key that was given (--model-key)"
        : knows_tensors(again) ? "tensors were looked up, which needs the model (--model)"
                               : NULL;
}

/* ---- running ---- */

static enum sva_status set_beside(struct again *again, const cJSON *derived)
{
    struct sva_unpacked *const work = again->work;
    set_terms(again, derived);
    if (sva_document_length(tree(again), "comparisons") !=
        sva_document_length(derived, "comparisons")) { /* two references of one name */
        again->terms.complete = false;
    }
    if (work->checks->model != NULL && !sva_case_beside_model(work, tree(again), derived)) {
        sva_case_tell(work, SVA_CHECK_CASE_VERDICT, SVA_CHECK_NOT_CHECKED, "it is another model");
        return SVA_OK;
    }
    sva_case_beside_subject(work, tree(again), derived, &again->terms);
    sva_case_beside_comparisons(work, tree(again), derived, &again->terms);
    if (again->other_levels) {
        sva_case_tell(work, SVA_CHECK_CASE_VERDICT, SVA_CHECK_NOT_CHECKED,
                      "the report was made with other levels of significance");
    } else if (again->options.rules == NULL) {
        return SVA_OK; /* nothing was judged */
    } else if (!again->terms.complete) {
        sva_case_tell(work, SVA_CHECK_CASE_VERDICT, SVA_CHECK_NOT_CHECKED,
                      "not every comparison could be made again");
    } else {
        sva_case_beside_verdict(work, tree(again), derived, &again->terms);
    }
    return SVA_OK;
}

static enum sva_status run(struct again *again)
{
    struct sva_audit_result *result = NULL;
    char *text = NULL;
    size_t size = 0;
    cJSON *derived = NULL;
    struct sva_error *const error = again->work->error;
    enum sva_status status = sva_check(again->subject, &again->options, &result, error);
    if (status == SVA_OK) {
        status = sva_report_json(sva_audit_of(result), &text, &size, error);
    }
    sva_audit_free(result);
    if (status == SVA_OK) {
        status = sva_document_read((struct sva_span){(const uint8_t *)text, size},
                                   "the report made again", &derived, error);
    }
    free(text);
    if (status == SVA_OK) {
        status = set_beside(again, derived);
    }
    cJSON_Delete(derived);
    return sva_case_retell(again->work, status);
}

/** The subject: the model where it is given, else its print. NULL: neither. */
static const char *choose_subject(struct again *again)
{
    uint8_t digest[32];
    if (again->work->checks->model != NULL) {
        return again->work->checks->model;
    }
    return sva_case_digest(sva_document_at(tree(again), "subject"), "digest", digest)
               ? print_path(again, digest)
               : NULL;
}

/** Why nothing can be derived, or NULL. */
static const char *obstacle(const struct again *again, bool sound)
{
    const cJSON *const tool = sva_document_at(tree(again), "tool");
    return !sound                   ? "a line above failed"
           : again->subject == NULL ? "the subject's print is absent, and no --model was given"
           : sva_document_count(tool, "method_version") != SVA_METHOD_VERSION
               ? "the report was made by another version of the method"
               : NULL;
}

enum sva_status sva_case_derive(struct sva_unpacked *work, const struct sva_case_report *report,
                                bool sound)
{
    struct again again = {.work = work, .report = report, .terms = {.complete = true}};
    again.subject = choose_subject(&again);
    const char *const why = obstacle(&again, sound);
    if (why != NULL) {
        sva_case_tell(work, SVA_CHECK_CASE_VERDICT, SVA_CHECK_NOT_CHECKED, why);
        return SVA_OK;
    }
    enum sva_status status = set_options(&again);
    if (status == SVA_OK) {
        status = make_store(&again);
    }
    if (status == SVA_ERR_CONFLICT || status == SVA_ERR_USAGE) { /* records that no store takes */
        sva_case_tell(work, SVA_CHECK_CASE_VERDICT, SVA_CHECK_NOT_CHECKED, work->error->text);
        *work->error = (struct sva_error){.status = SVA_OK};
        return SVA_OK;
    }
    return status == SVA_OK ? run(&again) : status;
}
