/* SPDX-License-Identifier: Apache-2.0 */
/* An evidence bundle checked: what is in it against the report, then the report derived again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/look.h"
#include "base/text.h"
#include "casefile/case_derive.h"
#include "casefile/case_read.h"
#include "casefile/case_readme.h"
#include "casefile/case_signed.h"
#include "convert/document.h"

static const char doing[] = "checking an evidence bundle";

enum sva_status sva_is_casefile(const char *path, bool *is_casefile, struct sva_error *error)
{
    static const uint8_t MAGIC[] = {0x28, 0xb5, 0x2f, 0xfd};
    uint8_t head[sizeof MAGIC];
    size_t size = 0;
    uint64_t size_bytes = 0;
    const enum sva_status status =
        sva_file_head(path, head, sizeof head, &size, &size_bytes, error);
    if (status == SVA_OK) {
        *is_casefile = size == sizeof head && memcmp(head, MAGIC, sizeof MAGIC) == 0;
    }
    return status;
}

/** Does a file of the bundle have the digest that `object` names? */
static bool has_digest(const struct sva_unpacked *work, const char *name, const cJSON *object)
{
    uint8_t wanted[32];
    const struct sva_sum *const sum = sva_sums_find(&work->sums, name);
    return sum != NULL && sva_case_digest(object, "sha256", wanted) &&
           memcmp(sum->sha256, wanted, sizeof wanted) == 0;
}

/* ---- pages ---- */

/** Another version of the program may write a page in another way. */
static bool is_ours(const struct sva_case_report *report)
{
    const cJSON *const tool = sva_document_at(report->tree, "tool");
    return strcmp(sva_document_text(tool, "version"), sva_version()) == 0;
}

static void tell_page(struct sva_unpacked *work, const struct sva_case_report *report, bool same,
                      enum sva_check_code code, enum sva_case_part part)
{
    sva_case_tell(work, code,
                  same              ? SVA_CHECK_PASSED
                  : is_ours(report) ? SVA_CHECK_FAILED
                                    : SVA_CHECK_NOT_CHECKED,
                  sva_case_name(part));
}

/** A page is what the report's JSON renders to. */
static enum sva_status check_page(struct sva_unpacked *work, const struct sva_case_report *report,
                                  struct sva_span json, enum sva_lang lang)
{
    const enum sva_case_part part = lang == SVA_LANG_KO ? SVA_CASE_HTML_KO : SVA_CASE_HTML_EN;
    struct sva_bytes page;
    char *text = NULL;
    size_t size = 0;
    enum sva_status status = sva_case_load(work, sva_case_name(part), &page);
    if (status == SVA_OK) {
        status = sva_convert((const char *)json.data, json.size, sva_case_name(SVA_CASE_REPORT),
                             "html", lang, &text, &size, work->error);
    }
    if (status == SVA_OK) {
        tell_page(work, report, size == page.size && memcmp(text, page.data, size) == 0,
                  SVA_CHECK_CASE_HTML, part);
    }
    free(text);
    sva_bytes_done(&page);
    return status;
}

static enum sva_status check_readme(struct sva_unpacked *work, const struct sva_case_report *report,
                                    enum sva_lang lang)
{
    const enum sva_case_part part = lang == SVA_LANG_KO ? SVA_CASE_README_KO : SVA_CASE_README_EN;
    struct sva_bytes there;
    struct sva_bytes wanted = {.data = NULL};
    enum sva_status status = sva_case_load(work, sva_case_name(part), &there);
    if (status == SVA_OK) {
        sva_case_readme(report, &work->sums, lang, &wanted);
        status = wanted.failed ? sva_fail_memory(work->error, doing) : SVA_OK;
    }
    if (status == SVA_OK) {
        tell_page(work, report,
                  there.size == wanted.size && memcmp(there.data, wanted.data, wanted.size) == 0,
                  SVA_CHECK_CASE_README, part);
    }
    sva_bytes_done(&wanted);
    sva_bytes_done(&there);
    return status;
}

static enum sva_status check_pages(struct sva_unpacked *work, const struct sva_case_report *report,
                                   struct sva_span json)
{
    static const enum sva_lang LANGUAGES[] = {SVA_LANG_EN, SVA_LANG_KO};
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < 2; i++) {
        status = check_page(work, report, json, LANGUAGES[i]);
        status = status == SVA_OK ? check_readme(work, report, LANGUAGES[i]) : status;
    }
    return status;
}

/* ---- pack, register, waivers ---- */

/** The rule pack: what judged must be there, and without one nothing was judged. */
static void check_rules(struct sva_unpacked *work, const struct sva_case_report *report)
{
    const cJSON *const pack = sva_document_at(report->tree, "pack");
    const char *const name = sva_case_name(SVA_CASE_RULES);
    if (cJSON_IsObject(pack) || sva_case_has(work, SVA_CASE_RULES)) {
        sva_case_judge(work, SVA_CHECK_CASE_RULES, has_digest(work, name, pack),
                       sva_document_text(pack, "sha256"));
    }
    const cJSON *const verdict = sva_document_at(report->tree, "verdict");
    if (!cJSON_IsObject(pack) && ((verdict != NULL && !cJSON_IsNull(verdict)) ||
                                  sva_document_length(report->tree, "rules") > 0)) {
        sva_case_tell(work, SVA_CHECK_CASE_VERDICT, SVA_CHECK_FAILED, "none, without a rule pack");
    }
}

/** A file that the audit was given, which may be absent from the bundle. */
static void check_given(struct sva_unpacked *work, const cJSON *told, enum sva_case_part part)
{
    const char *const name = sva_case_name(part);
    if (sva_case_has(work, part)) {
        sva_case_judge(work, SVA_CHECK_CASE_REGISTER, has_digest(work, name, told), name);
    } else if (cJSON_IsObject(told)) {
        sva_case_tell(work, SVA_CHECK_CASE_REGISTER, SVA_CHECK_NOT_CHECKED, name);
    }
}

/** The document of the register that lies under a name of the bundle, or NULL. */
static const cJSON *document_of(const cJSON *evidence, const char *name)
{
    const char *const path = name + sizeof SVA_CASE_DOCUMENTS - 1;
    const cJSON *document = NULL;
    cJSON_ArrayForEach(document, sva_document_at(evidence, "documents"))
    {
        if (sva_case_carries(document) && strcmp(sva_document_text(document, "path"), path) == 0) {
            return document;
        }
    }
    return NULL;
}

/** Documents in the bundle: each must be one of the register, with its digest. */
static enum sva_status check_documents_here(struct sva_unpacked *work, const cJSON *evidence)
{
    uint64_t good = 0;
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < work->sums.count; i++) {
        const char *const name = work->sums.items[i].name;
        status = sva_case_go_on(work);
        if (sva_case_part_of(name) != SVA_CASE_DOCUMENT) {
            continue;
        }
        const cJSON *const document = document_of(evidence, name);
        if (document != NULL && has_digest(work, name, document)) {
            good++;
        } else {
            sva_case_tell(work, SVA_CHECK_CASE_DOCUMENT, SVA_CHECK_FAILED, name);
        }
    }
    if (good > 0) {
        sva_findings_add(work->findings, SVA_CHECK_CASE_DOCUMENTS, SVA_CHECK_PASSED, good, NULL);
    }
    return status;
}

/** Documents of the register that are not in the bundle. */
static enum sva_status check_documents_told(struct sva_unpacked *work, const cJSON *evidence)
{
    uint64_t withheld = 0;
    const cJSON *document = NULL;
    cJSON_ArrayForEach(document, sva_document_at(evidence, "documents"))
    {
        const char *const path = sva_document_text(document, "path");
        const char *const name = sva_arena_printf(&work->arena, SVA_CASE_DOCUMENTS "%s", path);
        if (name == NULL) {
            return sva_fail_memory(work->error, doing);
        }
        withheld += sva_document_bool(document, "confidential");
        if (sva_case_carries(document) && sva_sums_find(&work->sums, name) == NULL) {
            sva_case_tell(work, SVA_CHECK_CASE_DOCUMENT, SVA_CHECK_NOT_CHECKED, path);
        }
    }
    if (withheld > 0) {
        sva_findings_add(work->findings, SVA_CHECK_CASE_WITHHELD, SVA_CHECK_NOT_CHECKED, withheld,
                         NULL);
    }
    return SVA_OK;
}

static enum sva_status check_evidence(struct sva_unpacked *work,
                                      const struct sva_case_report *report)
{
    const cJSON *const evidence = sva_document_at(report->tree, "evidence");
    check_given(work, evidence, SVA_CASE_REGISTER);
    check_given(work, sva_document_at(report->tree, "waivers"), SVA_CASE_WAIVERS);
    const enum sva_status status = check_documents_here(work, evidence);
    return status == SVA_OK ? check_documents_told(work, evidence) : status;
}

/* ---- prints ---- */

/** *good: it is the print that its name says, and the report names it. */
static enum sva_status check_print(struct sva_unpacked *work, const struct sva_case_report *report,
                                   const char *name, bool *good)
{
    struct sva_print *print = NULL;
    uint8_t digest[32];
    const char *const path = sva_case_path(work, name);
    const enum sva_status status =
        path == NULL ? sva_fail_memory(work->error, doing)
                     : sva_case_retell(work, sva_print_load(path, &print, work->error));
    if (status == SVA_OK) {
        *good = sva_case_print_digest(name, digest) &&
                memcmp(print->digest, digest, sizeof digest) == 0 &&
                sva_case_report_wanted(report, digest) != NULL;
        if (!*good) {
            sva_case_tell(work, SVA_CHECK_CASE_PRINT, SVA_CHECK_FAILED, name);
        }
        sva_print_free(print);
    }
    return status;
}

static enum sva_status check_prints(struct sva_unpacked *work, const struct sva_case_report *report)
{
    uint64_t count = 0;
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < work->sums.count; i++) {
        bool good = false;
        status = sva_case_go_on(work);
        if (status == SVA_OK && sva_case_part_of(work->sums.items[i].name) == SVA_CASE_PRINT) {
            status = check_print(work, report, work->sums.items[i].name, &good);
            count += good;
        }
    }
    if (status == SVA_OK && count > 0) {
        sva_findings_add(work->findings, SVA_CHECK_CASE_PRINTS, SVA_CHECK_PASSED, count, NULL);
    }
    for (size_t i = 0; status == SVA_OK && i < report->wanted_count; i++) {
        const struct sva_case_print_name name = sva_case_print_name(report->wanted[i].digest);
        if (sva_sums_find(&work->sums, name.text) == NULL) {
            sva_case_tell(work, SVA_CHECK_CASE_PRINT, SVA_CHECK_NOT_CHECKED,
                          report->wanted[i].whose);
        }
    }
    return status;
}

/* ---- the order ---- */

static enum sva_status check_content(struct sva_unpacked *work,
                                     const struct sva_case_report *report, struct sva_span json)
{
    enum sva_status status = check_pages(work, report, json);
    if (status == SVA_OK) {
        check_rules(work, report);
        status = check_evidence(work, report);
    }
    if (status == SVA_OK) {
        status = check_prints(work, report);
    }
    if (status == SVA_OK) {
        status = sva_case_check_signed(work, report);
    }
    if (status != SVA_OK) {
        return status;
    }
    sva_case_tell(work, SVA_CHECK_ABOUT, SVA_CHECK_TOLD, sva_case_name(SVA_CASE_REPORT));
    return sva_case_derive(work, report, !work->findings->failed);
}

static enum sva_status check_unpacked(struct sva_unpacked *work)
{
    struct sva_case_report report = {.tree = NULL};
    struct sva_bytes bytes;
    char name[320];
    enum sva_status status = sva_case_load(work, sva_case_name(SVA_CASE_REPORT), &bytes);
    const struct sva_span json = {bytes.data, bytes.size};
    if (status == SVA_OK) {
        (void)snprintf(name, sizeof name, "%s, %s", work->what, sva_case_name(SVA_CASE_REPORT));
        status = sva_case_report_read(json, name, &report, work->error);
    }
    if (status == SVA_OK) {
        status = check_content(work, &report, json);
    }
    sva_case_report_done(&report);
    sva_bytes_done(&bytes);
    return status;
}

enum sva_status sva_casefile_verify(const char *path, const struct sva_casefile_checks *checks,
                                    struct sva_verification **verification, struct sva_error *error)
{
    struct sva_error own = {.status = SVA_OK};
    struct sva_findings findings = {.failed = false};
    const struct sva_escaped what = sva_esc(path);
    struct sva_unpacked work = {.checks = checks,
                                .what = what.text,
                                .findings = &findings,
                                .error = error != NULL ? error : &own};
    struct sva_input input = {.fd = -1};
    bool whole = false;
    enum sva_status status = sva_input_open(-1, path, true, &input, work.error);
    if (status != SVA_OK) {
        return status;
    }
    status = sva_case_unpack(&work, &input, &whole);
    if (status == SVA_OK && whole) {
        status = check_unpacked(&work);
    }
    if (status == SVA_OK) {
        status = sva_findings_finish(&findings, verification, work.error);
    }
    sva_case_close(&work);
    sva_findings_done(&findings);
    sva_input_close(&input);
    return status;
}
