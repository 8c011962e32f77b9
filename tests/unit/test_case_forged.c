/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence bundles made anew, each part fitting the other: what is seen all the same, and bounds.
 */
#include "case_folder.h"

#include <cjson/cJSON.h>

#include "casefile/case_read.h"

/* ---- bundles made anew from what somebody wrote into a report ---- */

static cJSON *report_tree(void)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_int_equal(sva_read_file(at("report.json"), 1 << 24, &bytes, &size, NULL), SVA_OK);
    cJSON *const tree = cJSON_ParseWithLength((const char *)bytes, size);
    assert_non_null(tree);
    sva_free(bytes);
    return tree;
}

static cJSON *member(cJSON *object, const char *key)
{
    cJSON *const found = cJSON_GetObjectItemCaseSensitive(object, key);
    assert_non_null(found);
    return found;
}

/** Bundles the report as it now is and frees it. */
static void bundle_forged(cJSON *tree, const char *model_signature)
{
    const char *const prints[] = {at("subject.svp"), at("ref.svp")};
    const struct sva_casefile_options options = {.report = at("forged.json"),
                                                 .prints = prints,
                                                 .print_count = 2,
                                                 .evidence = at("evidence.json"),
                                                 .model_signature = model_signature};
    struct sva_casefile made;
    struct sva_error error = {.status = SVA_OK};
    char *const text = cJSON_Print(tree);
    assert_non_null(text);
    put("forged.json", text);
    cJSON_free(text);
    cJSON_Delete(tree);
    if (sva_casefile_write(at("forged"), &options, &made, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
    sva_casefile_done(&made);
}

/** What a bundle's verification says. */
static struct sva_verification *lines_of(const char *name, const struct sva_key *key,
                                         const struct sva_key *model_key)
{
    const struct sva_casefile_checks checks = {.key = key, .model_key = model_key, .threads = 1};
    struct sva_verification *lines = NULL;
    struct sva_error error = {.status = SVA_OK};
    if (sva_casefile_verify(at(name), &checks, &lines, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
    return lines;
}

static bool says(const struct sva_verification *lines, enum sva_check_code code,
                 enum sva_check_state state, const char *text)
{
    for (size_t i = 0; i < lines->check_count; i++) {
        const struct sva_check *const line = &lines->checks[i];
        if (line->code == code && line->state == state && strstr(line->text, text) != NULL) {
            return true;
        }
    }
    return false;
}

/** Does the bundle "forged" have this line, and is it not verified or only in part? */
static void is_told(enum sva_check_code code, enum sva_check_state state, const char *text)
{
    struct sva_verification *const lines = lines_of("forged", NULL, NULL);
    if (!says(lines, code, state, text)) {
        fail_msg("not told: %d %s", (int)code, text);
    }
    assert_true(lines->verified == (state != SVA_CHECK_FAILED));
    assert_true(!lines->verified || sva_verification_is_partial(lines));
    sva_verification_free(lines);
}

static void a_verdict_without_a_rule_pack_is_seen(void **state)
{
    (void)state;
    for (int round = 0; round < 3; round++) {
        cJSON *const tree = report_tree();
        cJSON *rule = NULL;
        cJSON_ArrayForEach(rule, member(tree, "rules"))
        {
            cJSON_ReplaceItemInObjectCaseSensitive(rule, "verdict", cJSON_CreateString("pass"));
        }
        cJSON_ReplaceItemInObjectCaseSensitive(tree, "pack", cJSON_CreateNull());
        if (round != 0) {
            cJSON_ReplaceItemInObjectCaseSensitive(tree, "rules", cJSON_CreateArray());
        }
        cJSON_ReplaceItemInObjectCaseSensitive(
            tree, "verdict", round == 1 ? cJSON_CreateString("pass") : cJSON_CreateNull());
        bundle_forged(tree, NULL);
        if (round < 2) {
            is_told(SVA_CHECK_CASE_VERDICT, SVA_CHECK_FAILED, "without a rule pack");
        } else { /* a comparison, which judges nothing */
            struct sva_error error;
            assert_int_equal(verify("forged", NULL, &error), 0);
        }
    }
}

static void another_model_in_the_report_than_in_its_print_is_seen(void **state)
{
    (void)state;
    static const struct {
        const char *key, *json, *differs;
    } CASES[] = {
        {"name", "\"of-a-vendor\"", "name"},
        {"files", "[]", "files"},
        {"model_digest", "null", "model_digest"},
        {"components", "[]", "components"},
        {"facts", "{\"licence\": \"mit\"}", "facts"},
        {"findings", "[{\"code\": \"x\", \"file\": null, \"text\": \"y\"}]", "findings"},
        {"left_out", "{\"first\": [], \"tensors\": 0}", "left_out"},
        {"parameters", "25", "parameters"},
        {"weight_bytes", "\"96\"", "weight_bytes"},
        {"tensors", "null", "tensors"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        cJSON *const tree = report_tree();
        assert_true(cJSON_ReplaceItemInObjectCaseSensitive(member(tree, "subject"), CASES[i].key,
                                                           cJSON_Parse(CASES[i].json)));
        bundle_forged(tree, NULL);
        is_told(SVA_CHECK_CASE_SUBJECT, SVA_CHECK_FAILED, CASES[i].differs);
    }
    cJSON *const tree = report_tree();
    cJSON *const files = member(member(tree, "subject"), "files");
    cJSON_ReplaceItemInObjectCaseSensitive(cJSON_GetArrayItem(files, 2), "sha256",
                                           cJSON_CreateString("00000000000000000000000000000000"
                                                              "00000000000000000000000000000000"));
    bundle_forged(tree, NULL);
    is_told(SVA_CHECK_CASE_SUBJECT, SVA_CHECK_FAILED, "files");
}

/** Who chooses the levels chooses the outcome. */
static void other_levels_of_significance_leave_the_verdict_open(void **state)
{
    (void)state;
    static const char *const LEVELS[] = {"{\"derived\": 0.01, \"reject\": 0.5}", "null",
                                         "{\"derived\": 1e-300, \"reject\": 1e-299}"};
    for (size_t i = 0; i < sizeof LEVELS / sizeof *LEVELS; i++) {
        cJSON *const tree = report_tree();
        cJSON_ReplaceItemInObjectCaseSensitive(tree, "alpha", cJSON_Parse(LEVELS[i]));
        bundle_forged(tree, NULL);
        struct sva_verification *const lines = lines_of("forged", NULL, NULL);
        assert_true(says(lines, SVA_CHECK_CASE_VERDICT, SVA_CHECK_NOT_CHECKED, "other levels"));
        assert_true(sva_verification_is_partial(lines));
        sva_verification_free(lines);
    }
}

/** The version that a report tells excuses a page, and the outcome then is not a whole one. */
static void a_page_that_was_not_checked_makes_the_outcome_partial(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"report.en.html", "README.ko.md"};
    static const enum sva_check_code CODES[] = {SVA_CHECK_CASE_HTML, SVA_CHECK_CASE_README};
    for (size_t i = 0; i < 2; i++) {
        struct parts parts;
        cJSON *const tree = report_tree();
        cJSON_ReplaceItemInObjectCaseSensitive(member(tree, "tool"), "version",
                                               cJSON_CreateString("0.0.9"));
        bundle_forged(tree, NULL);
        take_apart("forged", &parts);
        parts.entries[parts.count++] = (struct entry){.name = "SHA256SUMS.sig"};
        struct entry *const page = &parts.entries[find(&parts, NAMES[i])];
        page->bytes[page->size / 2] ^= 1;
        free(parts.entries[0].bytes);
        list_again(&parts);
        put_together("forged", &parts);
        is_told(CODES[i], SVA_CHECK_NOT_CHECKED, NAMES[i]);
        for (size_t part = 1; part < parts.count; part++) {
            free(parts.entries[part].bytes);
        }
    }
}

/* ---- the vendor's signature ---- */

static struct sva_key *vendor;

/** Signs a folder with some of the files that the print knows, as their digests have it. */
static void sign_files(size_t count, uint64_t shard_bytes)
{
    static const char *const FILES[][2] = {{"README.md", "same card 0"},
                                           {"config.json", "same config 0"},
                                           {"model.safetensors", "weights 1"}};
    const struct sva_manifest_options options = {.threads = 1, .shard_bytes = shard_bytes};
    struct sva_error error = {.status = SVA_OK};
    char path[64];
    (void)mkdir(at("vendor"), 0700);
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "vendor/%s", FILES[i][0]);
        (void)unlink(at(path));
        if (i < count) {
            put(path, FILES[i][1]);
        }
    }
    (void)unlink(at("model.sig"));
    if (sva_sign_model(at("vendor"), vendor, &options, at("model.sig"), &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
    bundle_forged(report_tree(), at("model.sig"));
}

static void weights_that_the_vendor_did_not_sign_are_seen(void **state)
{
    (void)state;
    assert_int_equal(sva_key_generate(SVA_KEY_EC_P256, &vendor, NULL), SVA_OK);
    sign_files(3, 0);
    struct sva_verification *lines = lines_of("forged", NULL, vendor);
    assert_true(lines->verified);
    assert_true(says(lines, SVA_CHECK_CASE_SIGNED_FILES, SVA_CHECK_PASSED, ""));
    assert_false(says(lines, SVA_CHECK_CASE_SIGNED_FILES, SVA_CHECK_NOT_CHECKED, ""));
    sva_verification_free(lines);
    sign_files(2, 0); /* card and configuration alone */
    lines = lines_of("forged", NULL, vendor);
    assert_false(lines->verified);
    assert_true(says(lines, SVA_CHECK_FILE_UNSIGNED, SVA_CHECK_FAILED, "model.safetensors"));
    assert_false(says(lines, SVA_CHECK_FILE_UNSIGNED, SVA_CHECK_FAILED, "README.md"));
    sva_verification_free(lines);
    sign_files(3, 4); /* pieces: there is nothing to compare them with */
    lines = lines_of("forged", NULL, vendor);
    assert_true(lines->verified);
    assert_false(says(lines, SVA_CHECK_CASE_SIGNED_FILES, SVA_CHECK_PASSED, ""));
    assert_true(says(lines, SVA_CHECK_CASE_SIGNED_FILES, SVA_CHECK_NOT_CHECKED, ""));
    sva_verification_free(lines);
    sva_key_free(vendor);
}

/** The auditor's key says nothing about a signature that names none. */
static void a_model_signature_that_names_no_key_is_left_open(void **state)
{
    (void)state;
    uint8_t *bytes = NULL;
    size_t size = 0;
    char hint[80];
    assert_int_equal(sva_key_generate(SVA_KEY_EC_P256, &vendor, NULL), SVA_OK);
    sign_files(3, 0);
    assert_int_equal(sva_read_file(at("model.sig"), 1 << 20, &bytes, &size, NULL), SVA_OK);
    uint8_t fingerprint[SVA_FINGERPRINT_BYTES];
    char hex[2 * SVA_FINGERPRINT_BYTES + 1];
    sva_key_fingerprint(vendor, fingerprint);
    sva_hex(fingerprint, sizeof fingerprint, hex);
    (void)snprintf(hint, sizeof hint, "\"%s\"", hex);
    char *const place = strstr((char *)bytes, hint);
    assert_non_null(place);
    memmove(place + 1, place + 1 + strlen(hex), strlen(place + 1 + strlen(hex)) + 1);
    put("model.sig", (const char *)bytes);
    sva_free(bytes);
    bundle_forged(report_tree(), at("model.sig"));
    struct sva_verification *lines = lines_of("forged", lab, NULL);
    assert_true(says(lines, SVA_CHECK_CASE_KEY, SVA_CHECK_NOT_CHECKED, "-"));
    assert_false(says(lines, SVA_CHECK_SIGNATURE, SVA_CHECK_FAILED, ""));
    sva_verification_free(lines);
    lines = lines_of("forged", NULL, vendor);
    assert_true(says(lines, SVA_CHECK_SIGNATURE, SVA_CHECK_PASSED, ""));
    sva_verification_free(lines);
    sva_key_free(vendor);
}

/* ---- bounds ---- */

static void a_report_that_no_command_reads_is_not_read(void **state)
{
    (void)state;
    struct sva_error error = {.status = SVA_OK};
    const struct sva_casefile_checks checks = {.threads = 1};
    struct sva_unpacked work = {.checks = &checks, .what = "case", .error = &error};
    struct sva_bytes bytes;
    int fd = -1;
    assert_int_equal(sva_case_folder_make(&work.folder, &error), SVA_OK);
    assert_int_equal(sva_case_folder_create(&work.folder, "report.json", &fd, &error), SVA_OK);
    assert_int_equal(ftruncate(fd, (256 << 20) + 1), 0);
    (void)close(fd);
    assert_int_equal(sva_case_load(&work, "report.json", &bytes), SVA_ERR_LIMIT);
    assert_null(bytes.data);
    sva_case_close(&work);
}

struct patience {
    int left;
};

static bool is_out_of_patience(void *context)
{
    struct patience *const patience = context;
    return patience->left-- <= 0;
}

static void verifying_stops_wherever_it_is_asked_to(void **state)
{
    (void)state;
    enum sva_status status = SVA_ERR_CANCELLED;
    int asked = 0;
    for (; status == SVA_ERR_CANCELLED; asked++) {
        struct patience patience = {asked};
        const struct sva_progress progress = {.cancelled = is_out_of_patience,
                                              .context = &patience};
        const struct sva_casefile_checks checks = {.threads = 1, .progress = &progress};
        struct sva_verification *lines = NULL;
        status = sva_casefile_verify(at("case"), &checks, &lines, NULL);
        sva_verification_free(lines);
        assert_true(asked < 10000);
    }
    assert_int_equal(status, SVA_OK);
    assert_true(asked > (int)whole.count); /* for each file, and more */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_verdict_without_a_rule_pack_is_seen),
        cmocka_unit_test(another_model_in_the_report_than_in_its_print_is_seen),
        cmocka_unit_test(other_levels_of_significance_leave_the_verdict_open),
        cmocka_unit_test(a_page_that_was_not_checked_makes_the_outcome_partial),
        cmocka_unit_test(weights_that_the_vendor_did_not_sign_are_seen),
        cmocka_unit_test(a_model_signature_that_names_no_key_is_left_open),
        cmocka_unit_test(a_report_that_no_command_reads_is_not_read),
        cmocka_unit_test(verifying_stops_wherever_it_is_asked_to),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
