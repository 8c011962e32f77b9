/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence bundles: every change to any file in one is seen; what is refused before it is read. */
#include "sign_folder.h"

#include <archive.h>
#include <archive_entry.h>

#include <cjson/cJSON.h>

#include <sovaudit/casefile.h>

#include "casefile/case_read.h"
#include "casefile/sums.h"
#include "refstore_prints.h"

/* 128 bytes: longer than the name field of a tar. */
#define LONG_NAME                                                                                  \
    "2025년 3분기 사전학습 손실 기록 및 체크포인트 목록(최종 제출본, 개인정보 삭제, 검토 완료).csv"

enum { ENTRIES_MOST = 32, FLIPS = 6 };

static struct sva_key *lab, *other;

/** A bundle taken apart, to be put together in another way. */
struct parts {
    size_t count;
    struct entry {
        char name[256];
        uint8_t *bytes;
        size_t size;
        int type; /* AE_IFREG, or a link */
    } entries[ENTRIES_MOST];
};

static struct parts whole;

/* ---- a small audit ---- */

static void save_print(const char *name, int seed)
{
    struct tiny_print tiny;
    tiny_make(&tiny, seed, 7);
    assert_int_equal(sva_print_save(&tiny.print, at(name), NULL), SVA_OK);
}

static void make_report(void)
{
    const char *const refs[] = {at("ref.svp")};
    const struct sva_check_options options = {.ref_paths = refs,
                                              .ref_path_count = 1,
                                              .rules = "kr-independent-ai",
                                              .as_of = "2026-01-01",
                                              .evidence = at("evidence.json"),
                                              .threads = 1,
                                              .compare = sva_compare_options_default()};
    struct sva_audit_result *result = NULL;
    struct sva_error error = {.status = SVA_OK};
    char *text = NULL;
    size_t size = 0;
    if (sva_check(at("subject.svp"), &options, &result, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(sva_report_json(sva_audit_of(result), &text, &size, NULL), SVA_OK);
    assert_int_equal(sva_write_file(at("report.json"), text, size, NULL), SVA_OK);
    free(text);
    sva_audit_free(result);
}

static void add_document(const char *name, const char *kind, const char *text, bool confidential)
{
    const struct sva_document_note note = {.kind = kind, .confidential = confidential};
    struct sva_error error = {.status = SVA_OK};
    put(name, text);
    if (sva_evidence_add(at("evidence.json"), at(name), &note, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
}

static void make_bundle(const char *name, const struct sva_key *key)
{
    const char *const prints[] = {at("subject.svp"), at("ref.svp")};
    const struct sva_casefile_options options = {.report = at("report.json"),
                                                 .prints = prints,
                                                 .print_count = 2,
                                                 .evidence = at("evidence.json"),
                                                 .report_signature = at("report.sig"),
                                                 .key = key};
    struct sva_casefile made;
    struct sva_error error = {.status = SVA_OK};
    if (sva_casefile_write(at(name), &options, &made, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
    assert_int_equal(made.absent_count, 0);
    assert_int_equal(made.print_count, 2);
    sva_casefile_done(&made);
}

static void take_apart(const char *name, struct parts *parts)
{
    struct archive *const reader = archive_read_new();
    struct archive_entry *entry = NULL;
    parts->count = 0;
    assert_int_equal(archive_read_support_format_tar(reader), ARCHIVE_OK);
    assert_int_equal(archive_read_support_filter_zstd(reader), ARCHIVE_OK);
    assert_int_equal(archive_read_open_filename(reader, at(name), 10240), ARCHIVE_OK);
    while (archive_read_next_header(reader, &entry) == ARCHIVE_OK) {
        struct entry *const slot = &parts->entries[parts->count++];
        assert_true(parts->count < ENTRIES_MOST);
        (void)snprintf(slot->name, sizeof slot->name, "%s", archive_entry_pathname(entry));
        slot->size = (size_t)archive_entry_size(entry);
        slot->bytes = calloc(slot->size + 1, 1);
        slot->type = AE_IFREG;
        assert_int_equal(archive_read_data(reader, slot->bytes, slot->size), slot->size);
    }
    archive_read_free(reader);
}

static void put_together(const char *name, const struct parts *parts)
{
    struct archive *const writer = archive_write_new();
    assert_int_equal(archive_write_set_format_gnutar(writer), ARCHIVE_OK);
    assert_int_equal(archive_write_add_filter_zstd(writer), ARCHIVE_OK);
    assert_int_equal(archive_write_set_filter_option(writer, "zstd", "compression-level", "1"),
                     ARCHIVE_OK);
    assert_int_equal(archive_write_open_filename(writer, at(name)), ARCHIVE_OK);
    for (size_t i = 0; i < parts->count; i++) {
        const struct entry *const part = &parts->entries[i];
        struct archive_entry *const entry = archive_entry_new();
        const bool plain = part->type == AE_IFREG;
        archive_entry_set_pathname(entry, part->name);
        archive_entry_set_filetype(entry, (unsigned)part->type);
        if (!plain) {
            archive_entry_set_symlink(entry, "/etc/passwd");
        }
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_size(entry, plain ? (la_int64_t)part->size : 0);
        assert_int_equal(archive_write_header(writer, entry), ARCHIVE_OK);
        if (plain && part->size > 0) {
            assert_int_equal(archive_write_data(writer, part->bytes, part->size), part->size);
        }
        archive_entry_free(entry);
    }
    assert_int_equal(archive_write_free(writer), ARCHIVE_OK);
}

static int setup(void **state)
{
    if (make_folder(state) != 0 || sva_key_generate(SVA_KEY_ED25519, &lab, NULL) != SVA_OK ||
        sva_key_generate(SVA_KEY_ED25519, &other, NULL) != SVA_OK) {
        return -1;
    }
    struct sva_rulepack *pack = NULL;
    if (sva_rulepack_load("kr-independent-ai", &pack, NULL) != SVA_OK ||
        sva_evidence_init(at("evidence.json"), pack, NULL) != SVA_OK) {
        return -1;
    }
    sva_rulepack_free(pack);
    add_document("loss.csv", "loss-log", "step,loss\n0,11.5\n1,10.9\n", false);
    add_document("loss.csv", "data-sheet", "step,loss\n0,11.5\n1,10.9\n", false);
    add_document(LONG_NAME, "loss-log", "step,loss\n2,9.1\n", false);
    add_document("secret.csv", "loss-log", "step,loss\n3,8.0\n", true);
    save_print("subject.svp", 1);
    save_print("ref.svp", 2);
    make_report();
    assert_int_equal(sva_sign_report(at("report.json"), lab, at("report.sig"), NULL), SVA_OK);
    make_bundle("case", lab);
    take_apart("case", &whole);
    return 0;
}

static int teardown(void **state)
{
    for (size_t i = 0; i < whole.count; i++) {
        free(whole.entries[i].bytes);
    }
    sva_key_free(lab);
    sva_key_free(other);
    return drop_folder(state);
}

/* ---- asking ---- */

/** 0 verified, 1 not, 2 unreadable. */
static int verify(const char *name, const struct sva_key *key, struct sva_error *error)
{
    const struct sva_casefile_checks checks = {.key = key, .threads = 1};
    struct sva_verification *lines = NULL;
    *error = (struct sva_error){.status = SVA_OK};
    if (sva_casefile_verify(at(name), &checks, &lines, error) != SVA_OK) {
        assert_true(error->text[0] != '\0');
        assert_non_null(strstr(error->text, at(name))); /* not the folder it was unpacked into */
        return 2;
    }
    const int code = lines->verified ? 0 : 1;
    sva_verification_free(lines);
    return code;
}

/** Is this bundle refused - without the key, unless the signature alone changed? */
static void is_seen(const struct parts *parts, const char *what, bool without_key)
{
    struct sva_error error;
    put_together("bad", parts);
    if (verify("bad", without_key ? NULL : lab, &error) == 0) {
        fail_msg("not seen: %s", what);
    }
}

static size_t find(const struct parts *parts, const char *name)
{
    for (size_t i = 0; i < parts->count; i++) {
        if (strcmp(parts->entries[i].name, name) == 0) {
            return i;
        }
    }
    fail_msg("no entry %s", name);
    return 0;
}

/* ---- tests ---- */

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

/** SHA256SUMS written anew over what the parts hold now, without a signature. */
static void list_again(struct parts *parts)
{
    struct sva_sum items[ENTRIES_MOST];
    struct sva_sums sums = {.items = items};
    static struct sva_bytes text;
    const size_t signature = find(parts, "SHA256SUMS.sig");
    parts->count--;
    memmove(&parts->entries[signature], &parts->entries[signature + 1],
            (parts->count - signature) * sizeof *parts->entries);
    for (size_t i = 1; i < parts->count; i++) {
        items[sums.count].name = parts->entries[i].name;
        assert_true(sva_sha256(parts->entries[i].bytes, parts->entries[i].size,
                               items[sums.count++].sha256));
    }
    sva_bytes_done(&text);
    text = (struct sva_bytes){.data = NULL};
    sva_sums_put(&sums, &text);
    parts->entries[0].bytes = text.data;
    parts->entries[0].size = text.size;
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
