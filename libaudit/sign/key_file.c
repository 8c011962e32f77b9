/* SPDX-License-Identifier: Apache-2.0 */
/* Keys on disk: PKCS#8 and SubjectPublicKeyInfo in PEM; keys behind a PKCS#11 URI. */
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <openssl/x509.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/look.h"
#include "base/output.h"
#include "base/text.h"
#include "sign/keys.h"

enum { KEY_FILE_BYTES = 1 << 16 };

/* -- writing ---------------------------------------------------------------------------------- */

/* PBES2 with scrypt N=16384, r=8, p=1: the most that `openssl pkey` accepts without being asked. */
static X509_SIG *encrypted(const EVP_PKEY *pkey, const char *passphrase)
{
    X509_SIG *sealed = NULL;
    PKCS8_PRIV_KEY_INFO *const plain = EVP_PKEY2PKCS8(pkey);
    X509_ALGOR *const method =
        PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), NULL, 16, NULL, UINT64_C(1) << 14, 8, 1);
    if (plain != NULL && method != NULL) {
        sealed = PKCS8_set0_pbe(passphrase, (int)strlen(passphrase), plain, method);
    }
    if (sealed == NULL) {
        X509_ALGOR_free(method);
    }
    PKCS8_PRIV_KEY_INFO_free(plain);
    return sealed;
}

static bool write_private(BIO *bio, const EVP_PKEY *pkey, const char *passphrase)
{
    if (passphrase == NULL) {
        return PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL) == 1;
    }
    X509_SIG *const sealed = encrypted(pkey, passphrase);
    const bool good = sealed != NULL && PEM_write_bio_PKCS8(bio, sealed) == 1;
    X509_SIG_free(sealed);
    return good;
}

enum sva_status sva_key_save(const struct sva_key *key, const char *path, const char *passphrase,
                             struct sva_error *error)
{
    BIO *const bio = BIO_new(BIO_s_secmem());
    char *text = NULL;
    const bool good = bio != NULL && write_private(bio, key->pkey, passphrase);
    const long size = good ? BIO_get_mem_data(bio, &text) : 0;
    const enum sva_status status = size > 0 ? sva_create_file(path, text, (size_t)size, 0600, error)
                                            : sva_fail_memory(error, "writing a private key");
    ERR_clear_error();
    BIO_free(bio); /* wipes */
    return status;
}

enum sva_status sva_key_save_public(const struct sva_key *key, const char *path,
                                    struct sva_error *error)
{
    struct sva_bytes pem = {.data = NULL};
    const enum sva_status status = sva_key_public_pem(key->pkey, &pem)
                                       ? sva_create_file(path, pem.data, pem.size, 0644, error)
                                       : sva_fail_memory(error, "writing a public key");
    sva_bytes_done(&pem);
    return status;
}

/* -- reading ---------------------------------------------------------------------------------- */

struct asking {
    sva_ask_passphrase ask;
    void *context;
    bool asked, given;
};

/* pem_password_cb: length of the pass phrase, -1 without one. */
static int ask_pem(char *text, int size, int writing, void *context)
{
    struct asking *const asking = context;
    (void)writing;
    if (asking->asked && !asking->given) {
        return -1; /* one refusal is enough */
    }
    asking->asked = true;
    asking->given =
        asking->ask != NULL && size > 1 && asking->ask(asking->context, text, (size_t)size);
    return asking->given ? (int)strlen(text) : -1;
}

static enum sva_status no_key(const char *path, const struct asking *asking,
                              struct sva_error *error)
{
    const bool no_memory = sva_openssl_no_memory();
    if (asking->asked && !asking->given) {
        return sva_fail(error, SVA_ERR_USAGE, "%s: the key is encrypted and wants a pass phrase",
                        sva_esc(path).text);
    }
    if (no_memory) {
        return sva_fail_memory(error, "reading a private key");
    }
    if (asking->asked) {
        return sva_fail(error, SVA_ERR_USAGE, "%s: the pass phrase does not open the key",
                        sva_esc(path).text);
    }
    return sva_fail(error, SVA_ERR_CORRUPT, "%s: holds no private key in PEM", sva_esc(path).text);
}

/* UI method of OSSL_STORE over the same callback. */
static EVP_PKEY *load_from_store(const char *uri, struct asking *asking)
{
    EVP_PKEY *pkey = NULL;
    UI_METHOD *const method = UI_UTIL_wrap_read_pem_callback(ask_pem, 0);
    OSSL_STORE_CTX *const store =
        method != NULL ? OSSL_STORE_open(uri, method, asking, NULL, NULL) : NULL;
    if (store != NULL) {
        (void)OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY);
    }
    while (store != NULL && pkey == NULL && OSSL_STORE_eof(store) == 0) {
        OSSL_STORE_INFO *const info = OSSL_STORE_load(store);
        if (info == NULL && OSSL_STORE_error(store) != 0) {
            break;
        }
        if (info != NULL && OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY) {
            pkey = OSSL_STORE_INFO_get1_PKEY(info);
        }
        OSSL_STORE_INFO_free(info);
    }
    (void)OSSL_STORE_close(store);
    UI_destroy_method(method);
    return pkey;
}

static enum sva_status load_from_file(const char *path, struct asking *asking, EVP_PKEY **pkey,
                                      struct sva_error *error)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    const enum sva_status status = sva_read_file(path, KEY_FILE_BYTES, &bytes, &size, error);
    if (status != SVA_OK) {
        return status;
    }
    BIO *const bio = BIO_new_mem_buf(bytes, (int)size);
    *pkey = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, ask_pem, asking) : NULL;
    BIO_free(bio);
    OPENSSL_cleanse(bytes, size);
    sva_free(bytes);
    return SVA_OK;
}

enum sva_status sva_key_load(const char *path, sva_ask_passphrase ask, void *context,
                             struct sva_key **key, struct sva_error *error)
{
    struct asking asking = {.ask = ask, .context = context};
    EVP_PKEY *pkey = NULL;
    ERR_clear_error();
    if (strncmp(path, "pkcs11:", 7) == 0) {
        /* OpenSSL looks for a file of that name before it asks a module. */
        enum sva_place place = SVA_PLACE_NONE;
        const enum sva_status status = sva_look(path, false, &place, error);
        if (status != SVA_OK) {
            return status;
        }
        if (place != SVA_PLACE_NONE) {
            return sva_fail(error, SVA_ERR_USAGE,
                            "%s: names a key in a device, and something here has that name; "
                            "write ./%s for the file",
                            sva_esc(path).text, sva_esc(path).text);
        }
        pkey = load_from_store(path, &asking);
    } else {
        const enum sva_status status = load_from_file(path, &asking, &pkey, error);
        if (status != SVA_OK) {
            return status;
        }
    }
    return pkey != NULL ? sva_key_adopt(pkey, true, path, key, error)
                        : no_key(path, &asking, error);
}

enum sva_status sva_key_read_public(struct sva_span pem, const char *name, struct sva_key **key,
                                    struct sva_error *error)
{
    /* Without a callback OpenSSL asks the terminal about an encrypted file. */
    struct asking nobody = {.ask = NULL};
    ERR_clear_error();
    BIO *const bio = pem.size <= KEY_FILE_BYTES ? BIO_new_mem_buf(pem.data, (int)pem.size) : NULL;
    EVP_PKEY *const pkey = bio != NULL ? PEM_read_bio_PUBKEY(bio, NULL, ask_pem, &nobody) : NULL;
    BIO_free(bio);
    if (sva_openssl_no_memory() && pkey == NULL) {
        return sva_fail_memory(error, "reading a public key");
    }
    return pkey != NULL ? sva_key_adopt(pkey, false, name, key, error)
                        : sva_fail(error, SVA_ERR_CORRUPT, "%s: holds no public key in PEM",
                                   sva_esc(name).text);
}

enum sva_status sva_key_load_public(const char *path, struct sva_key **key, struct sva_error *error)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum sva_status status = sva_read_file(path, KEY_FILE_BYTES, &bytes, &size, error);
    if (status == SVA_OK) {
        status = sva_key_read_public((struct sva_span){bytes, size}, path, key, error);
        sva_free(bytes);
    }
    return status;
}
