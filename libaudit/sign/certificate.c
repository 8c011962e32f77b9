/* SPDX-License-Identifier: Apache-2.0 */
#include "sign/certificate.h"

#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/text.h"

enum { PEM_BYTES = 1 << 22, DER_BYTES = 1 << 20 };

static const char doing[] = "checking a chain of certificates";

/* -- reading ---------------------------------------------------------------------------------- */

/** One certificate and nothing behind it. NULL: it is none. */
static X509 *read_der(struct sva_span der)
{
    const uint8_t *at = der.data;
    X509 *const certificate = der.size <= DER_BYTES ? d2i_X509(NULL, &at, (long)der.size) : NULL;
    if (certificate != NULL && at != der.data + der.size) {
        X509_free(certificate);
        return NULL;
    }
    return certificate;
}

/** All certificates of a PEM file, in its order. NULL: no memory. */
static STACK_OF(X509) * read_pem(struct sva_span pem)
{
    STACK_OF(X509) *const list = sk_X509_new_null();
    BIO *const bio = BIO_new_mem_buf(pem.data, (int)pem.size);
    bool good = list != NULL && bio != NULL;
    for (X509 *one = good ? PEM_read_bio_X509(bio, NULL, sva_no_passphrase, NULL) : NULL;
         one != NULL; one = good ? PEM_read_bio_X509(bio, NULL, sva_no_passphrase, NULL) : NULL) {
        good = sk_X509_push(list, one) > 0;
        if (!good) {
            X509_free(one);
        }
    }
    BIO_free(bio);
    ERR_clear_error();
    if (!good) {
        sk_X509_pop_free(list, X509_free);
        return NULL;
    }
    return list;
}

static enum sva_status load_pem(const char *path, STACK_OF(X509) * *list, struct sva_error *error)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum sva_status status = sva_read_file(path, PEM_BYTES, &bytes, &size, error);
    if (status != SVA_OK) {
        return status;
    }
    STACK_OF(X509) *const read = read_pem((struct sva_span){bytes, size});
    sva_free(bytes);
    if (read == NULL) {
        return sva_fail_memory(error, doing);
    }
    if (sk_X509_num(read) == 0) {
        sk_X509_free(read);
        return sva_fail(error, SVA_ERR_CORRUPT, "%s: holds no certificate in PEM",
                        sva_esc(path).text);
    }
    *list = read;
    return SVA_OK;
}

enum sva_status sva_chain_load(const char *path, const struct sva_key *key, struct sva_arena *arena,
                               struct sva_span chain[SVA_CHAIN_CERTIFICATES], size_t *count,
                               struct sva_error *error)
{
    STACK_OF(X509) *list = NULL;
    enum sva_status status = load_pem(path, &list, error);
    if (status != SVA_OK) {
        return status;
    }
    const int found = sk_X509_num(list);
    const EVP_PKEY *const first = X509_get0_pubkey(sk_X509_value(list, 0));
    if (found > SVA_CHAIN_CERTIFICATES) {
        status = sva_fail(error, SVA_ERR_LIMIT, "%s: more than %d certificates", sva_esc(path).text,
                          (int)SVA_CHAIN_CERTIFICATES);
    } else if (first == NULL || EVP_PKEY_eq(first, key->pkey) != 1) {
        status = sva_fail(error, SVA_ERR_USAGE, "%s: its first certificate is of another key",
                          sva_esc(path).text);
    }
    for (int i = 0; i < found && status == SVA_OK; i++) {
        uint8_t *der = NULL;
        const int size = i2d_X509(sk_X509_value(list, i), &der);
        uint8_t *const kept = size > 0 ? sva_arena_alloc(arena, (size_t)size, 1) : NULL;
        if (kept == NULL) {
            status = sva_fail_memory(error, doing);
        } else {
            memcpy(kept, der, (size_t)size);
            chain[i] = (struct sva_span){kept, (size_t)size};
        }
        OPENSSL_free(der);
    }
    sk_X509_pop_free(list, X509_free);
    ERR_clear_error();
    *count = (size_t)found;
    return status;
}

/* -- judging ---------------------------------------------------------------------------------- */

static void set_reason(struct sva_chain_outcome *outcome, const char *text)
{
    (void)sva_escape(text, strlen(text), outcome->reason, sizeof outcome->reason);
}

/** May the certificate sign code, by what it says of its uses? */
static bool may_sign(X509 *certificate)
{
    const uint32_t flags = X509_get_extension_flags(certificate);
    const bool usage = (flags & EXFLAG_KUSAGE) != 0;
    const bool extended = (flags & EXFLAG_XKUSAGE) != 0;
    return (flags & EXFLAG_INVALID) == 0 && (usage || extended) &&
           (!usage || (X509_get_key_usage(certificate) & KU_DIGITAL_SIGNATURE) != 0) &&
           (!extended ||
            (X509_get_extended_key_usage(certificate) & (XKU_CODE_SIGN | XKU_ANYEKU)) != 0);
}

static void put_subject(X509 *certificate, struct sva_chain_outcome *outcome)
{
    char raw[512] = "";
    BIO *const bio = BIO_new(BIO_s_mem());
    if (bio != NULL && X509_NAME_print_ex(bio, X509_get_subject_name(certificate), 0,
                                          XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
        const int size = BIO_read(bio, raw, (int)sizeof raw - 1);
        raw[size > 0 ? size : 0] = '\0';
    }
    BIO_free(bio);
    (void)sva_escape(raw, strlen(raw), outcome->subject, sizeof outcome->subject);
}

/** As of the moment from which the signer's certificate is valid. */
static bool set_time(X509_STORE_CTX *context, X509 *signer)
{
    int days = 0;
    int seconds = 0;
    ASN1_TIME *const epoch = ASN1_TIME_set(NULL, 0);
    const bool good =
        epoch != NULL && ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notBefore(signer)) == 1;
    ASN1_TIME_free(epoch);
    if (good) {
        X509_STORE_CTX_set_time(context, 0, (time_t)days * 86400 + seconds);
    }
    return good;
}

/** False: no memory. */
static bool judge(X509 *signer, STACK_OF(X509) * between, STACK_OF(X509) * roots,
                  struct sva_chain_outcome *outcome)
{
    X509_STORE *const store = X509_STORE_new();
    X509_STORE_CTX *const context = X509_STORE_CTX_new();
    bool good = store != NULL && context != NULL;
    for (int i = 0; good && i < sk_X509_num(roots); i++) {
        good = X509_STORE_add_cert(store, sk_X509_value(roots, i)) == 1;
    }
    good = good && X509_STORE_CTX_init(context, store, signer, between) == 1 &&
           set_time(context, signer);
    if (good) {
        outcome->trusted = X509_verify_cert(context) == 1;
        if (!outcome->trusted) {
            set_reason(outcome, X509_verify_cert_error_string(X509_STORE_CTX_get_error(context)));
        } else if (!may_sign(signer)) {
            outcome->trusted = false;
            set_reason(outcome, "the certificate is not for signing code");
        }
    }
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    ERR_clear_error();
    return good;
}

static enum sva_status take_key(X509 *signer, const char *name, struct sva_chain_outcome *outcome,
                                struct sva_error *error)
{
    EVP_PKEY *const pkey = X509_get_pubkey(signer);
    ERR_clear_error();
    return pkey != NULL ? sva_key_adopt(pkey, false, name, &outcome->key, error)
                        : sva_fail(error, SVA_ERR_CORRUPT,
                                   "%s: its certificate holds no key that can be read", name);
}

/** The chain's certificates but the first; NULL: no memory, or one that is none (*corrupt). */
static STACK_OF(X509) * read_between(const struct sva_span *chain, size_t count, bool *corrupt)
{
    STACK_OF(X509) *const list = sk_X509_new_null();
    *corrupt = false;
    for (size_t i = 1; list != NULL && i < count; i++) {
        X509 *const one = read_der(chain[i]);
        *corrupt = one == NULL;
        if (one == NULL || sk_X509_push(list, one) <= 0) {
            X509_free(one);
            sk_X509_pop_free(list, X509_free);
            return NULL;
        }
    }
    return list;
}

enum sva_status sva_chain_check(const struct sva_span *chain, size_t count, const char *ca_file,
                                const char *name, struct sva_chain_outcome *outcome,
                                struct sva_error *error)
{
    STACK_OF(X509) *roots = NULL;
    bool corrupt = false;
    enum sva_status status = load_pem(ca_file, &roots, error);
    if (status != SVA_OK) {
        return status;
    }
    *outcome = (struct sva_chain_outcome){.trusted = false};
    X509 *const signer = count > 0 ? read_der(chain[0]) : NULL;
    STACK_OF(X509) *const between = signer != NULL ? read_between(chain, count, &corrupt) : NULL;
    if (signer == NULL || corrupt) {
        status = sva_fail(error, SVA_ERR_CORRUPT, "%s: a certificate in it is none in DER", name);
    } else if (between == NULL || !judge(signer, between, roots, outcome)) {
        status = sva_fail_memory(error, doing);
    } else {
        put_subject(signer, outcome);
        status = outcome->trusted ? take_key(signer, name, outcome, error) : SVA_OK;
    }
    sk_X509_pop_free(between, X509_free);
    sk_X509_pop_free(roots, X509_free);
    X509_free(signer);
    ERR_clear_error();
    return status;
}
