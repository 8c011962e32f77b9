/* SPDX-License-Identifier: Apache-2.0 */
#include "sign_folder.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ui.h>

#include "base/hash.h"
#include "sign/base64.h"
#include "sign/dsse.h"
#include "sign/timestamp.h"

/* -- base64 ----------------------------------------------------------------------------------- */

static void base64_is_what_rfc_4648_lists(void **state)
{
    (void)state;
    static const char *const VECTORS[][2] = {{"", ""},
                                             {"f", "Zg=="},
                                             {"fo", "Zm8="},
                                             {"foo", "Zm9v"},
                                             {"foob", "Zm9vYg=="},
                                             {"fooba", "Zm9vYmE="},
                                             {"foobar", "Zm9vYmFy"}};
    struct sva_arena arena = {.blocks = NULL};
    for (size_t i = 0; i < sizeof VECTORS / sizeof *VECTORS; i++) {
        struct sva_bytes text = {.data = NULL};
        struct sva_span back = {NULL, 0};
        size_t bad = 0;
        sva_base64_append(&text, (const uint8_t *)VECTORS[i][0], strlen(VECTORS[i][0]));
        assert_string_equal(text.data != NULL ? (const char *)text.data : "", VECTORS[i][1]);
        assert_true(sva_base64_decode(VECTORS[i][1], strlen(VECTORS[i][1]), &arena, &back, &bad));
        assert_int_equal(back.size, strlen(VECTORS[i][0]));
        assert_memory_equal(back.data, VECTORS[i][0], back.size);
        sva_bytes_done(&text);
    }
    sva_arena_done(&arena);
}

static void base64_has_one_text_for_each_value(void **state)
{
    (void)state;
    static const char *const WRONG[] = {"Z",      "Zg",   "Zg=",  "Zh==",     "Zm9=", "Zm 9v",
                                        "Zm9v\n", "Zm-_", "====", "Zg==Zg==", "Z=g=", "=Zg="};
    struct sva_arena arena = {.blocks = NULL};
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        struct sva_span back;
        size_t bad = 0;
        assert_false(sva_base64_decode(WRONG[i], strlen(WRONG[i]), &arena, &back, &bad));
        assert_true(bad <= strlen(WRONG[i]));
    }
    sva_arena_done(&arena);
}

/* -- keys ------------------------------------------------------------------------------------- */

static bool say(void *context, char *text, size_t size)
{
    if (context == NULL) {
        return false;
    }
    (void)snprintf(text, size, "%s", (const char *)context);
    return true;
}

static void keys_of_every_type_come_back_from_their_files(void **state)
{
    (void)state;
    static char word[] = "open sesame";
    for (unsigned type = 0; type < SVA_KEY_TYPE_COUNT; type++) {
        const bool locked = type % 2 == 0;
        struct sva_key *key = NULL;
        struct sva_key *back = NULL;
        struct sva_key *half = NULL;
        uint8_t prints[3][SVA_FINGERPRINT_BYTES];
        struct stat info;
        assert_int_equal(sva_key_generate((enum sva_key_type)type, &key, NULL), SVA_OK);
        assert_int_equal(sva_key_save(key, at("k"), locked ? word : NULL, NULL), SVA_OK);
        assert_int_equal(sva_key_save_public(key, at("k.pub"), NULL), SVA_OK);
        assert_int_equal(stat(at("k"), &info), 0);
        assert_int_equal(info.st_mode & 0777, 0600);
        assert_int_equal(sva_key_load(at("k"), say, word, &back, NULL), SVA_OK);
        assert_int_equal(sva_key_load_public(at("k.pub"), &half, NULL), SVA_OK);
        assert_int_equal(sva_key_get_type(back), type);
        sva_key_fingerprint(key, prints[0]);
        sva_key_fingerprint(back, prints[1]);
        sva_key_fingerprint(half, prints[2]);
        assert_memory_equal(prints[0], prints[1], sizeof prints[0]);
        assert_memory_equal(prints[0], prints[2], sizeof prints[0]);
        sva_key_free(key);
        sva_key_free(back);
        sva_key_free(half);
        (void)unlink(at("k"));
        (void)unlink(at("k.pub"));
    }
}

static void a_key_never_replaces_a_file(void **state)
{
    (void)state;
    struct sva_key *key = NULL;
    struct sva_error error = {.status = SVA_OK};
    put("taken", "mine");
    assert_int_equal(sva_key_generate(SVA_KEY_ED25519, &key, NULL), SVA_OK);
    assert_int_equal(sva_key_save(key, at("taken"), NULL, &error), SVA_ERR_CONFLICT);
    assert_int_equal(sva_key_save_public(key, at("taken"), NULL), SVA_ERR_CONFLICT);
    assert_int_equal(symlink("nowhere", at("link")), 0);
    assert_int_equal(sva_key_save(key, at("link"), NULL, NULL), SVA_ERR_CONFLICT);
    sva_key_free(key);
}

static void a_wrong_or_absent_pass_phrase_is_named(void **state)
{
    (void)state;
    static char wrong[] = "wrong";
    struct sva_key *key = NULL;
    struct sva_key *back = NULL;
    struct sva_error error = {.status = SVA_OK};
    struct sva_error other = {.status = SVA_OK};
    assert_int_equal(sva_key_generate(SVA_KEY_EC_P256, &key, NULL), SVA_OK);
    assert_int_equal(sva_key_save(key, at("locked"), "right", NULL), SVA_OK);
    assert_int_equal(sva_key_load(at("locked"), say, wrong, &back, &error), SVA_ERR_USAGE);
    assert_non_null(strstr(error.text, "does not open"));
    assert_int_equal(sva_key_load(at("locked"), NULL, NULL, &back, &other), SVA_ERR_USAGE);
    assert_non_null(strstr(other.text, "wants a pass phrase"));
    assert_null(back);
    sva_key_free(key);
}

static void what_is_no_key_of_ours_is_refused(void **state)
{
    (void)state;
    struct sva_key *key = NULL;
    EVP_PKEY *const other = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
    EVP_PKEY *const curve = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "secp256k1");
    assert_int_equal(sva_key_adopt(other, true, "other", &key, NULL), SVA_ERR_UNSUPPORTED);
    assert_int_equal(sva_key_adopt(curve, true, "curve", &key, NULL), SVA_ERR_UNSUPPORTED);
    put("text", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n");
    assert_int_equal(sva_key_load_public(at("text"), &key, NULL), SVA_ERR_CORRUPT);
    assert_int_equal(sva_key_load(at("text"), NULL, NULL, &key, NULL), SVA_ERR_CORRUPT);
    assert_int_equal(sva_key_load(at("absent"), NULL, NULL, &key, NULL), SVA_ERR_NOT_FOUND);
    assert_null(key);
}

static bool asked;

/** Called by OpenSSL instead of opening the terminal. */
static int open_terminal(UI *ui)
{
    (void)ui;
    asked = true;
    return 0;
}

/** A private key in PEM's old encrypted form, "Proc-Type: 4,ENCRYPTED". */
static void put_encrypted(const char *name)
{
    EVP_PKEY *const pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    BIO *const file = BIO_new_file(at(name), "wb");
    unsigned char secret[] = "secret";
    assert_true(pkey != NULL && file != NULL);
    assert_int_equal(
        PEM_write_bio_PrivateKey_traditional(file, pkey, EVP_aes_128_cbc(), secret, 6, NULL, NULL),
        1);
    assert_int_equal(BIO_free(file), 1);
    EVP_PKEY_free(pkey);
}

static void nobody_is_asked_about_an_encrypted_file_that_should_hold_a_public_key(void **state)
{
    (void)state;
    UI_METHOD *const terminal = UI_create_method("terminal");
    const UI_METHOD *const before = UI_get_default_method();
    struct sva_key *key = NULL;
    assert_int_equal(UI_method_set_opener(terminal, open_terminal), 0);
    UI_set_default_method(terminal);
    asked = false;
    put_encrypted("locked.pem");
    assert_int_equal(sva_key_load_public(at("locked.pem"), &key, NULL), SVA_ERR_CORRUPT);
    assert_int_equal(sva_key_load(at("locked.pem"), NULL, NULL, &key, NULL), SVA_ERR_USAGE);
    assert_false(asked);
    UI_set_default_method(before);
    UI_destroy_method(terminal);
}

/* -- dsse ------------------------------------------------------------------------------------- */

static void every_changed_byte_of_a_signature_or_payload_is_noticed(void **state)
{
    (void)state;
    static uint8_t payload[] = "{\"signed\": true}";
    const struct sva_span span = {payload, sizeof payload - 1};
    for (unsigned type = 0; type < SVA_KEY_TYPE_COUNT; type++) {
        struct sva_key *key = NULL;
        struct sva_bytes value = {.data = NULL};
        bool valid = false;
        assert_int_equal(sva_key_generate((enum sva_key_type)type, &key, NULL), SVA_OK);
        assert_int_equal(sva_dsse_sign(key, "type", span, &value, NULL), SVA_OK);
        const struct sva_span signature = {value.data, value.size};
        assert_int_equal(sva_dsse_verify(key, "type", span, signature, &valid, NULL), SVA_OK);
        assert_true(valid);
        assert_int_equal(sva_dsse_verify(key, "Type", span, signature, &valid, NULL), SVA_OK);
        assert_false(valid);
        const size_t step = type == SVA_KEY_EC_P256 || type == SVA_KEY_ED25519 ? 1 : 11;
        for (size_t i = 0; i < value.size; i += step) {
            value.data[i] ^= (uint8_t)(1U << i % 8);
            assert_int_equal(sva_dsse_verify(key, "type", span, signature, &valid, NULL), SVA_OK);
            assert_false(valid);
            value.data[i] ^= (uint8_t)(1U << i % 8);
        }
        for (size_t i = 0; i < span.size; i += step) {
            payload[i] ^= 1;
            assert_int_equal(sva_dsse_verify(key, "type", span, signature, &valid, NULL), SVA_OK);
            assert_false(valid);
            payload[i] ^= 1;
        }
        const struct sva_span shorter = {value.data, value.size - 1};
        assert_int_equal(sva_dsse_verify(key, "type", span, shorter, &valid, NULL), SVA_OK);
        assert_false(valid);
        sva_bytes_done(&value);
        sva_key_free(key);
    }
}

static void a_public_key_cannot_sign(void **state)
{
    (void)state;
    struct sva_key *key = NULL;
    struct sva_key *half = NULL;
    struct sva_bytes value = {.data = NULL};
    struct sva_error error = {.status = SVA_OK};
    assert_int_equal(sva_key_generate(SVA_KEY_EC_P384, &key, NULL), SVA_OK);
    assert_int_equal(sva_key_save_public(key, at("half"), NULL), SVA_OK);
    assert_int_equal(sva_key_load_public(at("half"), &half, NULL), SVA_OK);
    assert_int_equal(sva_dsse_sign(half, "t", (struct sva_span){NULL, 0}, &value, &error),
                     SVA_ERR_USAGE);
    sva_bytes_done(&value);
    sva_key_free(key);
    sva_key_free(half);
}

/* -- timestamps ------------------------------------------------------------------------------- */

static void a_request_has_the_bytes_of_rfc_3161(void **state)
{
    (void)state;
    /* SEQUENCE { 1, { { sha256, NULL }, digest }, TRUE } */
    static const uint8_t HEAD[] = {0x30, 0x39, 0x02, 0x01, 0x01, 0x30, 0x31, 0x30,
                                   0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65,
                                   0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
    static const uint8_t TAIL[] = {0x01, 0x01, 0xFF};
    uint8_t digest[SVA_FINGERPRINT_BYTES];
    struct sva_bytes der = {.data = NULL};
    for (size_t i = 0; i < sizeof digest; i++) {
        digest[i] = (uint8_t)i;
    }
    assert_int_equal(sva_stamp_request(digest, &der, NULL), SVA_OK);
    assert_int_equal(der.size, sizeof HEAD + sizeof digest + sizeof TAIL);
    assert_memory_equal(der.data, HEAD, sizeof HEAD);
    assert_memory_equal(der.data + sizeof HEAD, digest, sizeof digest);
    assert_memory_equal(der.data + sizeof HEAD + sizeof digest, TAIL, sizeof TAIL);
    sva_bytes_done(&der);
}

static void bytes_that_are_no_reply_are_refused(void **state)
{
    (void)state;
    static const uint8_t REFUSED[] = {0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x02}; /* rejection */
    static const uint8_t DIGEST[SVA_FINGERPRINT_BYTES] = {0};
    struct sva_stamp stamp;
    struct sva_error error = {.status = SVA_OK};
    assert_int_equal(sva_stamp_check((struct sva_span){REFUSED, sizeof REFUSED}, "r", DIGEST, NULL,
                                     &stamp, &error),
                     SVA_ERR_CORRUPT);
    assert_non_null(strstr(error.text, "refused by its authority"));
    for (size_t size = 0; size < sizeof REFUSED; size++) {
        assert_int_equal(
            sva_stamp_check((struct sva_span){REFUSED, size}, "r", DIGEST, NULL, &stamp, NULL),
            SVA_ERR_CORRUPT);
    }
}

/* Root of the authority that stamped "hello\n" in fixtures/corpus/timestamp/granted.tsr. */
static const char ROOT[] = "-----BEGIN CERTIFICATE-----\n"
                           "MIIBYjCCAQigAwIBAgIUIt3UHjPNRNgoyTt3KngsBDRFgfcwCgYIKoZIzj0EAwIw\n"
                           "DzENMAsGA1UEAwwEcm9vdDAeFw0yNjExMjcwMjQ4MDhaFw0yNjEyMjcwMjQ4MDha\n"
                           "MA8xDTALBgNVBAMMBHJvb3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARRj8k2\n"
                           "RK8B1m9Vn0qwVXw1IgU6k9rLGQMP2jw3CYqiO2Iw97/dFpyEgybKDUrSmW2HIqR0\n"
                           "4AY3shjPXgdCKUKOo0IwQDAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQEAwIC\n"
                           "BDAdBgNVHQ4EFgQUNprmlb+RaRM5y+nGJV3qOtj6k0UwCgYIKoZIzj0EAwIDSAAw\n"
                           "RQIgT7H/mo1/6ZQNGMO2q/aXfyXH61ps5F4AuSGx6Z3mjQ0CIQDoTxEnNeq7WFqj\n"
                           "8h+IA7RmdsxqM26SYQeGK8IVRNvSgA==\n"
                           "-----END CERTIFICATE-----\n";

static void every_changed_byte_of_a_reply_is_noticed_or_changes_nothing(void **state)
{
    (void)state;
    uint8_t *bytes = NULL;
    size_t size = 0;
    size_t harmless = 0;
    uint8_t digest[SVA_FINGERPRINT_BYTES];
    struct sva_stamp stamp;
    char time[sizeof stamp.time];
    put("root.pem", ROOT);
    assert_true(sva_sha256("hello\n", 6, digest));
    assert_int_equal(sva_read_file(SVA_SOURCE_DIR "/fixtures/corpus/timestamp/granted.tsr", 1 << 16,
                                   &bytes, &size, NULL),
                     SVA_OK);
    const struct sva_span span = {bytes, size};
    assert_int_equal(sva_stamp_check(span, "r", digest, at("root.pem"), &stamp, NULL), SVA_OK);
    assert_true(stamp.trusted);
    memcpy(time, stamp.time, sizeof time);
    for (size_t i = 0; i < size; i++) {
        bytes[i] ^= (uint8_t)(1U << i % 8);
        if (sva_stamp_check(span, "r", digest, at("root.pem"), &stamp, NULL) == SVA_OK &&
            stamp.trusted) {
            assert_string_equal(stamp.time, time); /* outside what is signed */
            harmless++;
        }
        bytes[i] ^= (uint8_t)(1U << i % 8);
    }
    assert_true(harmless < size / 20);
    digest[0] ^= 1;
    assert_int_equal(sva_stamp_check(span, "r", digest, at("root.pem"), &stamp, NULL), SVA_OK);
    assert_false(stamp.covers || stamp.trusted);
    sva_free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_is_what_rfc_4648_lists),
        cmocka_unit_test(base64_has_one_text_for_each_value),
        cmocka_unit_test(keys_of_every_type_come_back_from_their_files),
        cmocka_unit_test(a_key_never_replaces_a_file),
        cmocka_unit_test(a_wrong_or_absent_pass_phrase_is_named),
        cmocka_unit_test(what_is_no_key_of_ours_is_refused),
        cmocka_unit_test(nobody_is_asked_about_an_encrypted_file_that_should_hold_a_public_key),
        cmocka_unit_test(every_changed_byte_of_a_signature_or_payload_is_noticed),
        cmocka_unit_test(a_public_key_cannot_sign),
        cmocka_unit_test(a_request_has_the_bytes_of_rfc_3161),
        cmocka_unit_test(bytes_that_are_no_reply_are_refused),
        cmocka_unit_test(every_changed_byte_of_a_reply_is_noticed_or_changes_nothing),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
