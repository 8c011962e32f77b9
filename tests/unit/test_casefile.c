/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence bundles: every change to any file in one is seen; what is refused before it is read. */
#include "case_folder.h"

enum { FLIPS = 6 };

static void a_bundle_verifies_and_has_the_same_bytes_again(void **state)
{
    (void)state;
    struct sva_error error;
    uint8_t *a = NULL;
    uint8_t *b = NULL;
    size_t sizes[2] = {0, 0};
    if (verify("case", lab, &error) != 0 || verify("case", NULL, &error) != 0) {
        fail_msg("does not verify: %s", error.text);
    }
    make_bundle("again", lab);
    assert_int_equal(sva_read_file(at("case"), 1 << 24, &a, &sizes[0], NULL), SVA_OK);
    assert_int_equal(sva_read_file(at("again"), 1 << 24, &b, &sizes[1], NULL), SVA_OK);
    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(a, b, sizes[0]);
    sva_free(a);
    sva_free(b);
    put_together("same", &whole); /* what the changes below start from */
    assert_int_equal(verify("same", lab, &error), 0);
}

static void confidential_documents_stay_outside(void **state)
{
    (void)state;
    for (size_t i = 0; i < whole.count; i++) {
        assert_null(strstr(whole.entries[i].name, "secret"));
    }
    (void)find(&whole, "evidence/loss.csv");
    (void)find(&whole, "evidence/" LONG_NAME);
}

static void a_flipped_bit_in_any_file_is_seen(void **state)
{
    (void)state;
    for (size_t i = 0; i < whole.count; i++) {
        struct entry *const entry = &whole.entries[i];
        const size_t step = entry->size > FLIPS ? entry->size / FLIPS : 1;
        const bool without = strcmp(entry->name, "SHA256SUMS.sig") != 0;
        for (size_t byte = 0; byte < entry->size; byte += step) {
            const uint8_t bit = (uint8_t)(1U << ((byte + i) % 8));
            entry->bytes[byte] ^= bit;
            is_seen(&whole, entry->name, without);
            entry->bytes[byte] ^= bit;
        }
    }
}

static void a_file_that_is_cut_or_longer_is_seen(void **state)
{
    (void)state;
    for (size_t i = 0; i < whole.count; i++) {
        struct parts parts = whole;
        const bool without = strcmp(parts.entries[i].name, "SHA256SUMS.sig") != 0;
        parts.entries[i].size = whole.entries[i].size - 1;
        is_seen(&parts, parts.entries[i].name, without);
        parts.entries[i].size = 0;
        is_seen(&parts, parts.entries[i].name, without);
        parts.entries[i].size = whole.entries[i].size + 1; /* the NUL behind */
        is_seen(&parts, parts.entries[i].name, without);
    }
}

static void a_file_that_is_missing_or_renamed_is_seen(void **state)
{
    (void)state;
    for (size_t i = 0; i < whole.count; i++) {
        struct parts parts = whole;
        const bool without = strcmp(parts.entries[i].name, "SHA256SUMS.sig") != 0;
        parts.entries[i].name[0] ^= 1;
        is_seen(&parts, parts.entries[i].name, true);
        parts = whole;
        parts.count--;
        memmove(&parts.entries[i], &parts.entries[i + 1],
                (parts.count - i) * sizeof *parts.entries);
        if (without) { /* a signature that was taken away is the next test's */
            is_seen(&parts, whole.entries[i].name, true);
        }
    }
}

static void a_signature_that_was_taken_away_leaves_an_unsigned_bundle(void **state)
{
    (void)state;
    struct sva_error error;
    struct parts parts = whole;
    const size_t i = find(&parts, "SHA256SUMS.sig");
    parts.count--;
    memmove(&parts.entries[i], &parts.entries[i + 1], (parts.count - i) * sizeof *parts.entries);
    put_together("bad", &parts);
    assert_int_equal(verify("bad", other, &error), 1); /* nothing is signed by that key */
    assert_int_equal(verify("bad", lab, &error), 0);   /* the report still is */
}

static void two_files_in_each_others_place_are_seen(void **state)
{
    (void)state;
    for (size_t i = 0; i + 1 < whole.count; i++) {
        struct parts parts = whole; /* whole entries */
        parts.entries[i] = whole.entries[i + 1];
        parts.entries[i + 1] = whole.entries[i];
        is_seen(&parts, whole.entries[i].name, true);
        parts = whole; /* contents alone */
        parts.entries[i].bytes = whole.entries[i + 1].bytes;
        parts.entries[i].size = whole.entries[i + 1].size;
        parts.entries[i + 1].bytes = whole.entries[i].bytes;
        parts.entries[i + 1].size = whole.entries[i].size;
        is_seen(&parts, whole.entries[i].name, true);
    }
}

static void what_does_not_belong_there_is_seen(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"zz.txt",         "evidence/more.csv", "/etc/zz",
                                        "../zz",          "report.json",       "evidence/../zz",
                                        "SHA256SUMS.sig", "SHA256SUMS"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        struct parts parts = whole;
        struct entry *const entry = &parts.entries[parts.count++];
        *entry = whole.entries[find(&whole, "report.json")];
        (void)snprintf(entry->name, sizeof entry->name, "%s", NAMES[i]);
        is_seen(&parts, NAMES[i], true);
    }
}

static void links_and_folders_are_refused(void **state)
{
    (void)state;
    static const int TYPES[] = {AE_IFLNK, AE_IFDIR};
    struct sva_error error;
    for (size_t i = 0; i < 2; i++) {
        struct parts parts = whole;
        parts.entries[find(&parts, "report.json")].type = TYPES[i];
        put_together("bad", &parts);
        assert_int_equal(verify("bad", NULL, &error), 2);
        assert_non_null(strstr(error.text, "is not a plain file"));
    }
}

static void another_key_verifies_nothing(void **state)
{
    (void)state;
    struct sva_error error;
    assert_int_equal(verify("case", other, &error), 1);
}

static void a_list_written_anew_does_not_hide_a_change(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"README.ko.md",   "report.ko.html",        "rules.json",
                                        "report.en.html", "evidence/loss.csv",     "README.en.md",
                                        "report.json",    "evidence/evidence.json"};
    struct sva_error error;
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        struct parts parts = whole;
        struct entry *const entry = &parts.entries[find(&parts, NAMES[i])];
        entry->bytes[entry->size / 2] ^= 1;
        list_again(&parts);
        put_together("bad", &parts);
        if (verify("bad", NULL, &error) == 0) {
            fail_msg("not seen: %s", NAMES[i]);
        }
        entry->bytes[entry->size / 2] ^= 1;
    }
}

static void parts_of_another_audit_are_not_bundled(void **state)
{
    (void)state;
    const char *const prints[] = {at("third.svp")};
    struct sva_casefile_options options = {
        .report = at("report.json"), .prints = prints, .print_count = 1};
    struct sva_casefile made;
    struct sva_error error = {.status = SVA_OK};
    save_print("third.svp", 3);
    assert_int_equal(sva_casefile_write(at("none"), &options, &made, &error), SVA_ERR_USAGE);
    error = (struct sva_error){.status = SVA_OK};
    put("other-rules.json", "{}");
    options =
        (struct sva_casefile_options){.report = at("report.json"), .rules = at("other-rules.json")};
    assert_int_equal(sva_casefile_write(at("none"), &options, &made, &error), SVA_ERR_CONFLICT);
    assert_int_not_equal(access(at("none"), F_OK), 0);
}

/** What a report says of its documents is no more trusted than what a register says. */
static void a_path_that_no_register_may_have_is_refused(void **state)
{
    (void)state;
    static const char told[] = "\"path\": \"loss.csv\"";
    enum { ROOM = 1 << 20 };
    uint8_t *bytes = NULL;
    size_t size = 0;
    char step[1081];
    char *const forged = calloc(ROOM, 1);
    assert_non_null(forged);
    assert_int_equal(sva_read_file(at("report.json"), ROOM / 2, &bytes, &size, NULL), SVA_OK);
    const char *const report = (const char *)bytes;
    const char *const place = strstr(report, told);
    assert_non_null(place);
    memset(step, 'A', sizeof step - 1);
    step[sizeof step - 1] = '\0';
    (void)snprintf(forged, ROOM, "%.*s\"path\": \"%s/x\"%s", (int)(place - report), report, step,
                   place + sizeof told - 1);
    put("forged.json", forged);
    const struct sva_casefile_options options = {.report = at("forged.json"),
                                                 .evidence = at("evidence.json")};
    struct sva_casefile made;
    struct sva_error error = {.status = SVA_OK};
    assert_int_equal(sva_casefile_write(at("none"), &options, &made, &error), SVA_ERR_UNSUPPORTED);
    assert_int_not_equal(access(at("none"), F_OK), 0);
    sva_free(bytes);
    free(forged);
}

static void what_is_absent_is_told(void **state)
{
    (void)state;
    const struct sva_casefile_options options = {.report = at("report.json")};
    struct sva_casefile made;
    struct sva_error error = {.status = SVA_OK};
    assert_int_equal(sva_casefile_write(at("few"), &options, &made, &error), SVA_OK);
    assert_int_equal(made.absent_count, 3); /* the register, two prints */
    assert_int_equal(made.print_count, 0);
    sva_casefile_done(&made);
    assert_int_equal(verify("few", NULL, &error), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bundle_verifies_and_has_the_same_bytes_again),
        cmocka_unit_test(confidential_documents_stay_outside),
        cmocka_unit_test(a_flipped_bit_in_any_file_is_seen),
        cmocka_unit_test(a_file_that_is_cut_or_longer_is_seen),
        cmocka_unit_test(a_file_that_is_missing_or_renamed_is_seen),
        cmocka_unit_test(a_signature_that_was_taken_away_leaves_an_unsigned_bundle),
        cmocka_unit_test(two_files_in_each_others_place_are_seen),
        cmocka_unit_test(what_does_not_belong_there_is_seen),
        cmocka_unit_test(links_and_folders_are_refused),
        cmocka_unit_test(another_key_verifies_nothing),
        cmocka_unit_test(a_list_written_anew_does_not_hide_a_change),
        cmocka_unit_test(parts_of_another_audit_are_not_bundled),
        cmocka_unit_test(a_path_that_no_register_may_have_is_refused),
        cmocka_unit_test(what_is_absent_is_told),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
