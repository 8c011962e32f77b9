/* SPDX-License-Identifier: Apache-2.0 */
#include "sign_folder.h"

#include "attest/bundle.h"
#include "attest/statement.h"

static struct sva_key *key;

static int setup(void **state)
{
    return make_folder(state) == 0 && sva_key_generate(SVA_KEY_EC_P256, &key, NULL) == SVA_OK ? 0
                                                                                              : -1;
}

static int teardown(void **state)
{
    sva_key_free(key);
    return drop_folder(state);
}

static const struct sva_check *line_of(const struct sva_verification *seen,
                                       enum sva_check_code code)
{
    for (size_t i = 0; i < seen->check_count; i++) {
        if (seen->checks[i].code == code) {
            return &seen->checks[i];
        }
    }
    return NULL;
}

/** Signs m, does `change`, and expects the verification to fail with a line about `path`. */
static void expect_line(void (*change)(void), void (*undo)(void), enum sva_check_code code,
                        const char *path)
{
    const struct sva_manifest_options options = {.threads = 1};
    struct sva_verification *seen = NULL;
    assert_int_equal(sva_sign_model(at("m"), key, &options, at("s.sig"), NULL), SVA_OK);
    change();
    assert_int_equal(sva_verify_model(at("m"), at("s.sig"), key, &options, &seen, NULL), SVA_OK);
    undo();
    const struct sva_check *const line = line_of(seen, code);
    assert_false(seen->verified);
    assert_non_null(line);
    assert_int_equal(line->state, SVA_CHECK_FAILED);
    assert_string_equal(line->text, path);
    sva_verification_free(seen);
}

static void change_byte(void)
{
    put("m/a", "alphb");
}
static void longer(void)
{
    put("m/a", "alpha ");
}
static void emptied(void)
{
    put("m/a", "");
}
static void restore(void)
{
    put("m/a", "alpha");
}
static void fill(void)
{
    put("m/empty", "\n");
}
static void drain(void)
{
    put("m/empty", "");
}
static void take_away(void)
{
    (void)unlink(at("m/b/c"));
}
static void bring_back(void)
{
    put("m/b/c", "gamma");
}
static void add(void)
{
    put("m/b/new", "x");
}
static void add_hidden(void)
{
    put("m/b/.git", "x");
}
static void clear(void)
{
    (void)unlink(at("m/b/new"));
    (void)unlink(at("m/b/.git"));
    (void)unlink(at("m/link"));
}
static void rename_file(void)
{
    (void)rename(at("m/b/c"), at("m/b/C"));
}
static void rename_back(void)
{
    (void)rename(at("m/b/C"), at("m/b/c"));
}
static void add_link(void)
{
    (void)!symlink("a", at("m/link"));
}

static void every_kind_of_change_to_a_model_is_named(void **state)
{
    (void)state;
    expect_line(change_byte, restore, SVA_CHECK_FILE_CHANGED, "a");
    expect_line(longer, restore, SVA_CHECK_FILE_CHANGED, "a");
    expect_line(emptied, restore, SVA_CHECK_FILE_CHANGED, "a");
    expect_line(fill, drain, SVA_CHECK_FILE_CHANGED, "empty");
    expect_line(take_away, bring_back, SVA_CHECK_FILE_MISSING, "b/c");
    expect_line(rename_file, rename_back, SVA_CHECK_FILE_MISSING, "b/c");
    expect_line(rename_file, rename_back, SVA_CHECK_FILE_UNSIGNED, "b/C");
    expect_line(add, clear, SVA_CHECK_FILE_UNSIGNED, "b/new");
    expect_line(add_hidden, clear, SVA_CHECK_FILE_UNSIGNED, "b/.git");
    expect_line(add_link, clear, SVA_CHECK_FILE_UNSIGNED, "link");
}

static void a_model_as_it_was_signed_verifies(void **state)
{
    (void)state;
    const struct sva_manifest_options whole = {.threads = 2};
    const char *const without[] = {"empty"}; /* which has no piece */
    const struct sva_manifest_options pieces = {
        .threads = 2, .shard_bytes = 2, .ignore = without, .ignore_count = 1};
    const struct sva_manifest_options *const ways[] = {&whole, &pieces};
    static const uint64_t COUNTS[] = {3, 6};
    for (size_t i = 0; i < 2; i++) {
        struct sva_verification *seen = NULL;
        assert_int_equal(sva_sign_model(at("m"), key, ways[i], at("m/in.sig"), NULL), SVA_OK);
        assert_int_equal(sva_verify_model(at("m"), at("m/in.sig"), key, &whole, &seen, NULL),
                         SVA_OK);
        assert_true(seen->verified);
        assert_int_equal(line_of(seen, SVA_CHECK_FILES)->count, COUNTS[i]);
        assert_non_null(line_of(seen, SVA_CHECK_IDENTITY_UNKNOWN));
        assert_non_null(line_of(seen, SVA_CHECK_TIME_UNKNOWN));
        sva_verification_free(seen);
        (void)unlink(at("m/in.sig"));
    }
}

/** Signs m in pieces of 5 bytes, without m/empty. */
static void sign_pieces(void)
{
    const char *const without[] = {"empty"};
    const struct sva_manifest_options options = {
        .threads = 1, .shard_bytes = 5, .ignore = without, .ignore_count = 1};
    assert_int_equal(sva_sign_model(at("m"), key, &options, at("s.sig"), NULL), SVA_OK);
}

/** Verifies m as --ignore-unsigned has it and not, and expects a line of these states. */
static void expect_pieces(enum sva_check_code code, const char *path, enum sva_check_state allowed)
{
    for (int round = 0; round < 2; round++) {
        const struct sva_manifest_options options = {.threads = 1, .allow_unsigned = round == 1};
        struct sva_verification *seen = NULL;
        assert_int_equal(sva_verify_model(at("m"), at("s.sig"), key, &options, &seen, NULL),
                         SVA_OK);
        const struct sva_check *const line = line_of(seen, code);
        assert_non_null(line);
        assert_string_equal(line->text, path);
        assert_int_equal(line->state, round == 1 ? allowed : SVA_CHECK_FAILED);
        assert_int_equal(seen->verified, round == 1 && allowed != SVA_CHECK_FAILED);
        assert_true(&seen->checks[seen->check_count] == line + 1 || line[1].code != code);
        sva_verification_free(seen);
    }
}

static void a_piece_more_of_a_signed_file_is_a_change(void **state)
{
    (void)state;
    sign_pieces();
    put("m/a", "alphaalpha"); /* of the size of two pieces */
    expect_pieces(SVA_CHECK_FILE_CHANGED, "a", SVA_CHECK_FAILED);
    put("m/a", "alpha, and more"); /* of three */
    expect_pieces(SVA_CHECK_FILE_CHANGED, "a", SVA_CHECK_FAILED);
    put("m/a", "alp");
    expect_pieces(SVA_CHECK_FILE_CHANGED, "a", SVA_CHECK_FAILED);
    emptied();
    expect_pieces(SVA_CHECK_FILE_CHANGED, "a", SVA_CHECK_FAILED);
    restore();
}

static void an_empty_file_beside_pieces_is_seen(void **state)
{
    (void)state;
    const struct sva_manifest_options options = {.threads = 1, .shard_bytes = 5};
    struct sva_error error = {.status = SVA_OK};
    sign_pieces();
    put("m/b/new", "");
    expect_pieces(SVA_CHECK_FILE_UNSIGNED, "b/new", SVA_CHECK_NOT_CHECKED);
    clear();
    assert_int_equal(sva_sign_model(at("m"), key, &options, at("t.sig"), &error),
                     SVA_ERR_UNSUPPORTED);
    assert_non_null(strstr(error.text, "empty: is empty"));
    assert_int_not_equal(access(at("t.sig"), F_OK), 0);
}

static void unsigned_files_are_told_when_they_are_allowed(void **state)
{
    (void)state;
    const struct sva_manifest_options options = {.threads = 1, .allow_unsigned = true};
    struct sva_verification *seen = NULL;
    assert_int_equal(sva_sign_model(at("m"), key, &options, at("s.sig"), NULL), SVA_OK);
    add();
    assert_int_equal(sva_verify_model(at("m"), at("s.sig"), key, &options, &seen, NULL), SVA_OK);
    clear();
    assert_true(seen->verified);
    assert_string_equal(line_of(seen, SVA_CHECK_FILE_UNSIGNED)->text, "b/new");
    sva_verification_free(seen);
}

/** True when the file does not pass as the signature of m any more. */
static bool is_refused(const char *signature)
{
    const struct sva_manifest_options options = {.threads = 1};
    struct sva_verification *seen = NULL;
    const enum sva_status status = sva_verify_model(at("m"), signature, key, &options, &seen, NULL);
    const bool refused = status != SVA_OK || !seen->verified;
    if (status == SVA_OK) {
        sva_verification_free(seen);
    }
    return refused;
}

static void what_cannot_be_signed_is_refused(void **state)
{
    (void)state;
    static const char *const OUT[] = {"../x"};
    static const char *const ALL[] = {"a", "b", "empty"};
    struct sva_key *edwards = NULL;
    const struct sva_manifest_options plain = {.threads = 1};
    const struct sva_manifest_options outside = {.ignore = OUT, .ignore_count = 1};
    const struct sva_manifest_options nothing = {.ignore = ALL, .ignore_count = 3};
    assert_int_equal(sva_key_generate(SVA_KEY_ED25519, &edwards, NULL), SVA_OK);
    assert_int_equal(sva_sign_model(at("m"), edwards, &plain, at("n.sig"), NULL), SVA_ERR_USAGE);
    assert_int_equal(sva_sign_model(at("m"), key, &outside, at("n.sig"), NULL), SVA_ERR_USAGE);
    assert_int_equal(sva_sign_model(at("m"), key, &nothing, at("n.sig"), NULL), SVA_ERR_NOTHING);
    assert_int_equal(sva_sign_model(at("absent"), key, &plain, at("n.sig"), NULL),
                     SVA_ERR_NOT_FOUND);
    static const char *many[5000];
    static char names[5000][8];
    const struct sva_manifest_options ignoring = {.ignore = many, .ignore_count = 4092};
    const struct sva_manifest_options beyond = {.ignore = many, .ignore_count = 4093};
    for (size_t i = 0; i < 5000; i++) {
        (void)snprintf(names[i], sizeof names[i], "x%zu", i);
        many[i] = names[i];
    }
    assert_int_equal(sva_sign_model(at("m"), key, &beyond, at("n.sig"), NULL), SVA_ERR_LIMIT);
    assert_int_equal(access(at("n.sig"), F_OK), -1);
    assert_int_equal(sva_sign_model(at("m"), key, &ignoring, at("n.sig"), NULL), SVA_OK);
    assert_false(is_refused(at("n.sig"))); /* what is written is read */
    (void)unlink(at("n.sig"));
    const struct sva_manifest_options hinting = {.hints = at("m/../n.sig")};
    assert_int_equal(sva_sign_model(at("m"), key, &hinting, at("n.sig"), NULL), SVA_ERR_USAGE);
    assert_int_equal(access(at("n.sig"), F_OK), -1);
    add_link();
    assert_int_equal(sva_sign_model(at("m"), key, &plain, at("n.sig"), NULL), SVA_ERR_UNSUPPORTED);
    clear();
    put("m/\xFFname", "");
    assert_int_equal(sva_sign_model(at("m"), key, &plain, at("n.sig"), NULL), SVA_ERR_UNSUPPORTED);
    (void)unlink(at("m/\xFFname"));
    assert_int_equal(access(at("n.sig"), F_OK), -1);
    sva_key_free(edwards);
}

static void every_changed_byte_of_a_bundle_is_noticed(void **state)
{
    (void)state;
    static const uint8_t MASKS[] = {0x01, 0x02, 0x20, 0x80};
    const struct sva_manifest_options options = {.threads = 1};
    uint8_t *bytes = NULL;
    size_t size = 0;
    assert_int_equal(sva_sign_model(at("m"), key, &options, at("s.sig"), NULL), SVA_OK);
    assert_int_equal(sva_read_file(at("s.sig"), 1 << 20, &bytes, &size, NULL), SVA_OK);
    put("t.sig", "");
    FILE *const file = fopen(at("t.sig"), "r+b");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fflush(file), 0);
    assert_false(is_refused(at("t.sig")));
    for (size_t i = 0; i < size; i++) {
        const uint8_t changed = bytes[i] ^ MASKS[i % sizeof MASKS];
        assert_int_equal(pwrite(fileno(file), &changed, 1, (off_t)i), 1);
        if (!is_refused(at("t.sig"))) {
            fail_msg("byte %zu '%c' -> '%c' passes", i, bytes[i], changed);
        }
        assert_int_equal(pwrite(fileno(file), &bytes[i], 1, (off_t)i), 1);
    }
    assert_false(is_refused(at("t.sig")));
    assert_int_equal(ftruncate(fileno(file), (off_t)size - 1), 0);
    assert_true(is_refused(at("t.sig")));
    (void)fclose(file);
    sva_free(bytes);
}

static void a_bundle_of_another_key_does_not_verify(void **state)
{
    (void)state;
    struct sva_key *other = NULL;
    struct sva_verification *seen = NULL;
    const struct sva_manifest_options options = {.threads = 1};
    assert_int_equal(sva_key_generate(SVA_KEY_EC_P256, &other, NULL), SVA_OK);
    assert_int_equal(sva_sign_model(at("m"), key, &options, at("s.sig"), NULL), SVA_OK);
    assert_int_equal(sva_verify_model(at("m"), at("s.sig"), other, &options, &seen, NULL), SVA_OK);
    assert_false(seen->verified);
    assert_int_equal(seen->check_count, 2); /* nothing under the signature was read */
    assert_int_equal(line_of(seen, SVA_CHECK_SIGNATURE)->state, SVA_CHECK_FAILED);
    assert_int_equal(line_of(seen, SVA_CHECK_KEY)->state, SVA_CHECK_FAILED);
    sva_verification_free(seen);
    sva_key_free(other);
}

static void every_kind_of_line_has_a_code_for_programs(void **state)
{
    (void)state;
    const struct sva_verification_note note = {.kind = "model", .path = "m"};
    for (int code = 0; code < SVA_CHECK_CODE_COUNT; code++) {
        if (code == SVA_CHECK_ABOUT) {
            continue; /* no line: it names the file of those that follow */
        }
        const struct sva_check check = {.code = (enum sva_check_code)code, .text = ""};
        const struct sva_verification seen = {.check_count = 1, .checks = &check};
        char *text;
        size_t size;
        assert_int_equal(sva_verification_json(&seen, &note, &text, &size, NULL), SVA_OK);
        if (strstr(text, "\"code\": \"") == NULL && strstr(text, "\"code\":\"") == NULL) {
            fail_msg("check code %d has no text: %s", code, text);
        }
        free(text);
    }
}

static void failing_allocations_are_errors(void **state)
{
    (void)state;
    const char *const without[] = {"empty"};
    const struct sva_manifest_options options = {
        .threads = 1, .shard_bytes = 3, .ignore = without, .ignore_count = 1};
    enum sva_status status = SVA_ERR_MEMORY;
    uint64_t count = 0;
    for (; status == SVA_ERR_MEMORY; count++) {
        sva_memory_fail_after(count + 1);
        status = sva_sign_model(at("m"), key, &options, at("s.sig"), NULL);
    }
    sva_memory_fail_after(0);
    assert_int_equal(status, SVA_OK);
    assert_true(count > 10);
    status = SVA_ERR_MEMORY;
    for (count = 0; status == SVA_ERR_MEMORY; count++) {
        struct sva_verification *seen = NULL;
        sva_memory_fail_after(count + 1);
        status = sva_verify_model(at("m"), at("s.sig"), key, &options, &seen, NULL);
        sva_verification_free(seen);
    }
    sva_memory_fail_after(0);
    assert_int_equal(status, SVA_OK);
}

/* -- statements ------------------------------------------------------------------------------- */

#define HEAD                                                                                       \
    "{\"_type\":\"https://in-toto.io/Statement/v1\","                                              \
    "\"predicateType\":\"https://model_signing/signature/v1.0\",\"subject\":[{\"name\":\"m\","     \
    "\"digest\":{\"sha256\":\"" ROOT "\"}}],\"predicate\":{\"serialization\":{"
#define ROOT                                                                                       \
    "5df6e0e2761359d30a8275058e299fcc0381534545f55cf43e41983f5d4c9456" /* over EMPTY alone */
#define EMPTY     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define FILES     "\"method\":\"files\",\"hash_type\":\"sha256\",\"allow_symlinks\":false"
#define ONE(name) "{\"name\":\"" name "\",\"digest\":\"" EMPTY "\",\"algorithm\":\"sha256\"}"

static void unsound_statements_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *complaint;
        enum sva_status status;
    } CASES[] = {
        {HEAD FILES "},\"resources\":[" ONE("a") "]}}", NULL, SVA_OK},
        {HEAD FILES "},\"resources\":[" ONE("../a") "]}}", "leaves the model", SVA_ERR_CORRUPT},
        {HEAD FILES "},\"resources\":[" ONE("/a") "]}}", "leaves the model", SVA_ERR_CORRUPT},
        {HEAD FILES "},\"resources\":[" ONE("a//b") "]}}", "leaves the model", SVA_ERR_CORRUPT},
        {HEAD FILES "},\"resources\":[]}}", "no resources", SVA_ERR_CORRUPT},
        {HEAD FILES "},\"resources\":[" ONE("a") "," ONE("a") "]}}", "digest is not that",
         SVA_ERR_CORRUPT},
        {HEAD FILES ",\"shard_size\":5},\"resources\":[" ONE("a") "]}}", "does not go with",
         SVA_ERR_CORRUPT},
        {HEAD FILES ",\"method\":\"files\"},\"resources\":[" ONE("a") "]}}", "repeats the key",
         SVA_ERR_CORRUPT},
        {HEAD FILES ",\"ignore_paths\":[\"..\"]},\"resources\":[" ONE("a") "]}}",
         "leaves the model", SVA_ERR_CORRUPT},
        {HEAD "\"method\":\"shards\",\"hash_type\":\"sha256\",\"allow_symlinks\":false,"
              "\"shard_size\":4},\"resources\":[" ONE("a:4:4") "]}}",
         "not path:start:end", SVA_ERR_CORRUPT},
        {HEAD "\"method\":\"shards\",\"hash_type\":\"sha256\",\"allow_symlinks\":false,"
              "\"shard_size\":4.0},\"resources\":[" ONE("a:b:0:4") "]}}",
         NULL, SVA_OK},
        {HEAD "\"method\":\"files\",\"hash_type\":\"blake3\",\"allow_symlinks\":false},"
              "\"resources\":[" ONE("a") "]}}",
         "blake3", SVA_ERR_UNSUPPORTED},
        {HEAD "\"method\":\"tensors\",\"hash_type\":\"sha256\",\"allow_symlinks\":false},"
              "\"resources\":[" ONE("a") "]}}",
         "tensors", SVA_ERR_UNSUPPORTED},
        {"{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicateType\":\"x\","
         "\"subject\":[],\"predicate\":{}}",
         "predicateType", SVA_ERR_UNSUPPORTED},
        {"{\"_type\":\"x\",\"predicateType\":\"x\",\"subject\":[],\"predicate\":{}}", "_type",
         SVA_ERR_UNSUPPORTED},
        {"{\"_type\":\"x\",\"predicateType\":\"x\",\"subject\":[]}", "lacks the key",
         SVA_ERR_CORRUPT},
        {"[]", "an object", SVA_ERR_CORRUPT},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct sva_arena arena = {.blocks = NULL};
        struct sva_manifest manifest;
        struct sva_error error = {.status = SVA_OK};
        const struct sva_span bytes = {(const uint8_t *)CASES[i].text, strlen(CASES[i].text)};
        assert_int_equal(sva_manifest_parse(bytes, "s", &arena, &manifest, &error),
                         CASES[i].status);
        if (CASES[i].complaint != NULL && strstr(error.text, CASES[i].complaint) == NULL) {
            fail_msg("case %zu: %s", i, error.text);
        }
        sva_arena_done(&arena);
    }
}

/* -- published vectors ------------------------------------------------------------------------ */

#define VECTORS SVA_SHARED_DIR "/schemas/oms-v1.0/test-vectors/v1.0/"

/* The public key with which the vectors are signed. */
static const char VECTOR_KEY[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEsu6rZGBTjxtvRWPMixT+3HyndV0J0Ybt\n"
    "aHZUcO4DEK+OJHO/4e32bb/fbJKSpRgcBsIpKLcVijUomyFOERbd7u+BTPSUjGZD\n"
    "Qq6J7lTvp/EAXQGOKxW9RP0MGX3qAkvi\n"
    "-----END PUBLIC KEY-----\n";

static void the_published_vectors_give_what_they_should(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        enum sva_status status;
        bool verified;
    } CASES[] = {
        {VECTORS "valid/key.bundle.json", SVA_OK, true},
        {VECTORS "valid/certificate.bundle.json", SVA_ERR_UNSUPPORTED, false},
        {VECTORS "valid/sigstore.bundle.json", SVA_ERR_UNSUPPORTED, false},
        {VECTORS "invalid/empty.bundle.json", SVA_ERR_CORRUPT, false},
        {VECTORS "invalid/missing-envelope.bundle.json", SVA_ERR_CORRUPT, false},
        {VECTORS "invalid/missing-verification-material.bundle.json", SVA_ERR_CORRUPT, false},
        {VECTORS "invalid/missing-tlog-entries.bundle.json", SVA_ERR_UNSUPPORTED, false},
        {VECTORS "invalid-payload/wrong-predicate.bundle.json", SVA_OK, false},
    };
    const struct sva_manifest_options options = {.threads = 1};
    struct sva_key *theirs = NULL;
    if (access(VECTORS "valid/key.bundle.json", R_OK) != 0) {
        skip();
    }
    put("theirs.pem", VECTOR_KEY);
    assert_int_equal(mkdir(at("vector"), 0755), 0);
    put("vector/signme-1", "signme-1\n");
    put("vector/signme-2", "signme-2");
    put("vector/ignore-me", "whatever");
    assert_int_equal(sva_key_load_public(at("theirs.pem"), &theirs, NULL), SVA_OK);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct sva_verification *seen = NULL;
        assert_int_equal(
            sva_verify_model(at("vector"), CASES[i].file, theirs, &options, &seen, NULL),
            CASES[i].status);
        if (CASES[i].status == SVA_OK) {
            assert_int_equal(seen->verified, CASES[i].verified);
            sva_verification_free(seen);
        }
    }
    sva_key_free(theirs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_as_it_was_signed_verifies),
        cmocka_unit_test(every_kind_of_change_to_a_model_is_named),
        cmocka_unit_test(a_piece_more_of_a_signed_file_is_a_change),
        cmocka_unit_test(an_empty_file_beside_pieces_is_seen),
        cmocka_unit_test(unsigned_files_are_told_when_they_are_allowed),
        cmocka_unit_test(what_cannot_be_signed_is_refused),
        cmocka_unit_test(every_changed_byte_of_a_bundle_is_noticed),
        cmocka_unit_test(a_bundle_of_another_key_does_not_verify),
        cmocka_unit_test(every_kind_of_line_has_a_code_for_programs),
        cmocka_unit_test(failing_allocations_are_errors),
        cmocka_unit_test(unsound_statements_are_refused),
        cmocka_unit_test(the_published_vectors_give_what_they_should),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
