/* SPDX-License-Identifier: Apache-2.0 */
#include "sign/keys.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/text.h"

static const struct {
    const char *name, *algorithm, *group; /* ours, OpenSSL's */
} TYPES[SVA_KEY_TYPE_COUNT] = {
    [SVA_KEY_ED25519] = {"ed25519", "ED25519", NULL},
    [SVA_KEY_EC_P256] = {"ec-p256", "EC", "prime256v1"},
    [SVA_KEY_EC_P384] = {"ec-p384", "EC", "secp384r1"},
    [SVA_KEY_EC_P521] = {"ec-p521", "EC", "secp521r1"},
};

const char *sva_key_type_name(enum sva_key_type type)
{
    return (unsigned)type < SVA_KEY_TYPE_COUNT ? TYPES[type].name : "unknown";
}

bool sva_key_public_pem(const EVP_PKEY *pkey, struct sva_bytes *pem)
{
    BIO *const bio = BIO_new(BIO_s_mem());
    char *text = NULL;
    const bool written = bio != NULL && PEM_write_bio_PUBKEY(bio, pkey) == 1;
    const long size = written ? BIO_get_mem_data(bio, &text) : 0;
    if (size > 0) {
        sva_bytes_append(pem, text, (size_t)size);
    }
    BIO_free(bio);
    return size > 0 && !pem->failed;
}

/** SVA_KEY_TYPE_COUNT: none of ours. */
static enum sva_key_type type_of(const EVP_PKEY *pkey)
{
    char group[64] = "";
    size_t length = 0;
    if (EVP_PKEY_is_a(pkey, "ED25519") == 1) {
        return SVA_KEY_ED25519;
    }
    if (EVP_PKEY_is_a(pkey, "EC") != 1 ||
        EVP_PKEY_get_group_name(pkey, group, sizeof group, &length) != 1) {
        return SVA_KEY_TYPE_COUNT;
    }
    for (unsigned i = SVA_KEY_EC_P256; i < SVA_KEY_TYPE_COUNT; i++) {
        if (strcmp(group, TYPES[i].group) == 0) {
            return (enum sva_key_type)i;
        }
    }
    return SVA_KEY_TYPE_COUNT;
}

enum sva_status sva_key_adopt(EVP_PKEY *pkey, bool is_private, const char *name,
                              struct sva_key **key, struct sva_error *error)
{
    const enum sva_key_type type = type_of(pkey);
    if (type == SVA_KEY_TYPE_COUNT) {
        EVP_PKEY_free(pkey);
        return sva_fail(error, SVA_ERR_UNSUPPORTED,
                        "%s: the key is neither Ed25519 nor EC on P-256, P-384 or P-521",
                        sva_esc(name).text);
    }
    struct sva_key *const made = sva_calloc(1, sizeof *made);
    struct sva_bytes pem = {.data = NULL};
    const bool good = made != NULL && sva_key_public_pem(pkey, &pem) &&
                      sva_sha256(pem.data, pem.size, made->fingerprint);
    sva_bytes_done(&pem);
    if (!good) {
        sva_free(made);
        EVP_PKEY_free(pkey);
        return sva_fail_memory(error, "reading a key");
    }
    made->pkey = pkey;
    made->type = type;
    made->is_private = is_private;
    *key = made;
    return SVA_OK;
}

enum sva_status sva_key_generate(enum sva_key_type type, struct sva_key **key,
                                 struct sva_error *error)
{
    if ((unsigned)type >= SVA_KEY_TYPE_COUNT) {
        return sva_fail(error, SVA_ERR_USAGE, "there is no such type of key");
    }
    ERR_clear_error();
    EVP_PKEY *const pkey = TYPES[type].group == NULL
                               ? EVP_PKEY_Q_keygen(NULL, NULL, TYPES[type].algorithm)
                               : EVP_PKEY_Q_keygen(NULL, NULL, "EC", TYPES[type].group);
    if (pkey == NULL && sva_openssl_no_memory()) {
        return sva_fail_memory(error, "making a key");
    }
    if (pkey == NULL) {
        return sva_fail(error, SVA_ERR_INTERNAL, "OpenSSL could not make a key of type %s",
                        TYPES[type].name);
    }
    return sva_key_adopt(pkey, true, "the new key", key, error);
}

int sva_no_passphrase(char *text, int size, int writing, void *context)
{
    (void)text;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

bool sva_openssl_no_memory(void)
{
    bool no_memory = false;
    for (unsigned long code = ERR_get_error(); code != 0; code = ERR_get_error()) {
        no_memory = no_memory || ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE;
    }
    return no_memory;
}

void sva_key_free(struct sva_key *key)
{
    if (key != NULL) {
        EVP_PKEY_free(key->pkey);
        sva_free(key);
    }
}

enum sva_key_type sva_key_get_type(const struct sva_key *key)
{
    return key->type;
}

void sva_key_fingerprint(const struct sva_key *key, uint8_t digest[SVA_FINGERPRINT_BYTES])
{
    memcpy(digest, key->fingerprint, SVA_FINGERPRINT_BYTES);
}
