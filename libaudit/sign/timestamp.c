/* SPDX-License-Identifier: Apache-2.0 */
#include "sign/timestamp.h"

#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/text.h"
#include "sign/keys.h"

enum { CA_FILE_BYTES = 1 << 22 };

/* -- request ---------------------------------------------------------------------------------- */

static TS_MSG_IMPRINT *imprint_of(const uint8_t sha256[SVA_FINGERPRINT_BYTES])
{
    TS_MSG_IMPRINT *const imprint = TS_MSG_IMPRINT_new();
    X509_ALGOR *const method = X509_ALGOR_new();
    uint8_t copy[SVA_FINGERPRINT_BYTES];
    memcpy(copy, sha256, sizeof copy);
    const bool good = imprint != NULL && method != NULL &&
                      X509_ALGOR_set0(method, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) == 1 &&
                      TS_MSG_IMPRINT_set_algo(imprint, method) == 1 &&
                      TS_MSG_IMPRINT_set_msg(imprint, copy, (int)sizeof copy) == 1;
    X509_ALGOR_free(method);
    if (!good) {
        TS_MSG_IMPRINT_free(imprint);
        return NULL;
    }
    return imprint;
}

enum sva_status sva_stamp_request(const uint8_t sha256[SVA_FINGERPRINT_BYTES],
                                  struct sva_bytes *der, struct sva_error *error)
{
    TS_REQ *const request = TS_REQ_new();
    TS_MSG_IMPRINT *const imprint = imprint_of(sha256);
    uint8_t *bytes = NULL;
    int size = -1;
    if (request != NULL && imprint != NULL && TS_REQ_set_version(request, 1) == 1 &&
        TS_REQ_set_msg_imprint(request, imprint) == 1 && TS_REQ_set_cert_req(request, 1) == 1) {
        size = i2d_TS_REQ(request, &bytes);
    }
    if (size > 0) {
        sva_bytes_append(der, bytes, (size_t)size);
    }
    OPENSSL_free(bytes);
    TS_MSG_IMPRINT_free(imprint);
    TS_REQ_free(request);
    ERR_clear_error();
    return size > 0 && !der->failed ? SVA_OK
                                    : sva_fail_memory(error, "writing a timestamp request");
}

/* -- reply ------------------------------------------------------------------------------------ */

/** NULL: the bytes are no reply, or a reply and more. */
static TS_RESP *read_reply(struct sva_span der)
{
    const uint8_t *at = der.data;
    TS_RESP *reply = der.size <= (1 << 22) ? d2i_TS_RESP(NULL, &at, (long)der.size) : NULL;
    if (reply != NULL && at != der.data + der.size) {
        TS_RESP_free(reply);
        reply = NULL;
    }
    return reply;
}

static bool is_granted(TS_RESP *reply)
{
    const ASN1_INTEGER *const code = TS_STATUS_INFO_get0_status(TS_RESP_get_status_info(reply));
    const long value = ASN1_INTEGER_get(code);
    return (value == TS_STATUS_GRANTED || value == TS_STATUS_GRANTED_WITH_MODS) &&
           TS_RESP_get_tst_info(reply) != NULL && TS_RESP_get_token(reply) != NULL;
}

static bool covers(TS_TST_INFO *info, const uint8_t sha256[SVA_FINGERPRINT_BYTES])
{
    TS_MSG_IMPRINT *const imprint = TS_TST_INFO_get_msg_imprint(info);
    const ASN1_OBJECT *method = NULL;
    X509_ALGOR_get0(&method, NULL, NULL, TS_MSG_IMPRINT_get_algo(imprint));
    const ASN1_OCTET_STRING *const value = TS_MSG_IMPRINT_get_msg(imprint);
    return OBJ_obj2nid(method) == NID_sha256 &&
           ASN1_STRING_length(value) == SVA_FINGERPRINT_BYTES &&
           memcmp(ASN1_STRING_get0_data(value), sha256, SVA_FINGERPRINT_BYTES) == 0;
}

static void put_time(TS_TST_INFO *info, char time[40])
{
    struct tm moment;
    memset(&moment, 0, sizeof moment);
    if (ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &moment) == 1) {
        (void)snprintf(time, 40, "%04d-%02d-%02dT%02d:%02d:%02dZ", moment.tm_year + 1900,
                       moment.tm_mon + 1, moment.tm_mday, moment.tm_hour, moment.tm_min,
                       moment.tm_sec);
    }
}

/** Seconds since 1970; false: the stamp has no time that can be read. */
static bool stamped_at(TS_TST_INFO *info, time_t *moment)
{
    int days = 0;
    int seconds = 0;
    ASN1_TIME *const epoch = ASN1_TIME_set(NULL, 0);
    const bool good =
        epoch != NULL && ASN1_TIME_diff(&days, &seconds, epoch, TS_TST_INFO_get_time(info)) == 1;
    ASN1_TIME_free(epoch);
    *moment = (time_t)days * 86400 + seconds;
    return good;
}

static int add_roots(X509_STORE *store, const uint8_t *pem, size_t size)
{
    BIO *const bio = BIO_new_mem_buf(pem, (int)size);
    int count = 0;
    X509 *root = bio != NULL ? PEM_read_bio_X509(bio, NULL, sva_no_passphrase, NULL) : NULL;
    for (; root != NULL; root = PEM_read_bio_X509(bio, NULL, sva_no_passphrase, NULL)) {
        count += X509_STORE_add_cert(store, root) == 1;
        X509_free(root);
    }
    BIO_free(bio);
    return count;
}

/**
 * Roots from PEM. Certificates are judged as of the stamped time: a stamp outlives the
 * certificate of its signer, and no clock of this machine takes part. NULL: none in it.
 */
static X509_STORE *roots_of(const uint8_t *pem, size_t size, TS_TST_INFO *info)
{
    X509_STORE *const store = X509_STORE_new();
    X509_VERIFY_PARAM *const parameters = X509_VERIFY_PARAM_new();
    time_t moment = 0;
    bool good = store != NULL && parameters != NULL && stamped_at(info, &moment) &&
                add_roots(store, pem, size) > 0;
    if (good) {
        X509_VERIFY_PARAM_set_time(parameters, moment);
        good = X509_STORE_set1_param(store, parameters) == 1;
    }
    X509_VERIFY_PARAM_free(parameters);
    if (!good) {
        X509_STORE_free(store);
        return NULL;
    }
    return store;
}

static void put_reason(char reason[160])
{
    const char *data = NULL;
    int flags = 0;
    const unsigned long code = ERR_peek_last_error_all(NULL, NULL, NULL, &data, &flags);
    const char *text = ERR_reason_error_string(code);
    char joined[160];
    (void)snprintf(joined, sizeof joined, "%s%s%s", text != NULL ? text : "not verified",
                   data != NULL && data[0] != '\0' ? ": " : "", data != NULL ? data : "");
    (void)sva_escape(joined, strlen(joined), reason, 160);
}

/** Verifies once; `stamp` says with what result. */
static enum sva_status try_trust(TS_RESP *reply, struct sva_span pem, const char *ca_file,
                                 const uint8_t sha256[SVA_FINGERPRINT_BYTES],
                                 struct sva_stamp *stamp, struct sva_error *error)
{
    bool given = false; /* the store and the imprint are the context's */
    enum sva_status status = SVA_OK;
    ERR_clear_error();
    X509_STORE *const store = roots_of(pem.data, pem.size, TS_RESP_get_tst_info(reply));
    const bool no_memory = sva_openssl_no_memory(); /* some of the roots may be lacking */
    TS_VERIFY_CTX *const context = TS_VERIFY_CTX_new();
    uint8_t *const imprint = OPENSSL_memdup(sha256, SVA_FINGERPRINT_BYTES);
    if (no_memory) {
        status = sva_fail_memory(error, "reading certificates");
    } else if (store == NULL) {
        status = sva_fail(error, SVA_ERR_CORRUPT, "%s: holds no certificate in PEM",
                          sva_esc(ca_file).text);
    } else if (context == NULL || imprint == NULL) {
        status = sva_fail_memory(error, "checking a timestamp");
    } else {
        (void)TS_VERIFY_CTX_add_flags(context, TS_VFY_VERSION | TS_VFY_IMPRINT | TS_VFY_SIGNATURE);
        (void)TS_VERIFY_CTX_set_imprint(context, imprint, SVA_FINGERPRINT_BYTES);
        (void)TS_VERIFY_CTX_set_store(context, store); /* both are the context's now */
        ERR_clear_error();
        stamp->trusted = TS_RESP_verify_response(context, reply) == 1;
        if (!stamp->trusted) {
            put_reason(stamp->reason);
        }
        /* Every refusal has a reason of its own; an allocation that fails does not always. */
        const bool reasonless =
            ERR_peek_error() == 0 ||
            strstr(stamp->reason, X509_verify_cert_error_string(X509_V_ERR_UNSPECIFIED)) != NULL;
        if ((sva_openssl_no_memory() || reasonless) && !stamp->trusted) {
            status = sva_fail_memory(error, "checking a timestamp");
        }
        given = true;
    }
    if (!given) {
        X509_STORE_free(store);
        OPENSSL_free(imprint);
    }
    TS_VERIFY_CTX_free(context);
    ERR_clear_error();
    return status;
}

/** A refusal counts when it comes twice: some that only lack memory name another reason. */
static enum sva_status check_trust(TS_RESP *reply, const char *ca_file,
                                   const uint8_t sha256[SVA_FINGERPRINT_BYTES],
                                   struct sva_stamp *stamp, struct sva_error *error)
{
    uint8_t *pem = NULL;
    size_t size = 0;
    char reason[sizeof stamp->reason] = "";
    enum sva_status status = sva_read_file(ca_file, CA_FILE_BYTES, &pem, &size, error);
    for (int attempt = 0; status == SVA_OK && attempt < 2 && !stamp->trusted; attempt++) {
        memcpy(reason, stamp->reason, sizeof reason);
        stamp->reason[0] = '\0';
        status = try_trust(reply, (struct sva_span){pem, size}, ca_file, sha256, stamp, error);
    }
    if (status == SVA_OK && !stamp->trusted && strcmp(reason, stamp->reason) != 0) {
        status = sva_fail_memory(error, "checking a timestamp");
    }
    sva_free(pem);
    return status;
}

enum sva_status sva_stamp_check(struct sva_span der, const char *name,
                                const uint8_t sha256[SVA_FINGERPRINT_BYTES], const char *ca_file,
                                struct sva_stamp *stamp, struct sva_error *error)
{
    enum sva_status status = SVA_OK;
    ERR_clear_error();
    TS_RESP *const reply = read_reply(der);
    *stamp = (struct sva_stamp){.covers = false};
    if (reply == NULL && sva_openssl_no_memory()) {
        status = sva_fail_memory(error, "reading a timestamp");
    } else if (reply == NULL) {
        status = sva_fail(error, SVA_ERR_CORRUPT, "%s: holds no timestamp reply of RFC 3161",
                          sva_esc(name).text);
    } else if (!is_granted(reply)) {
        status = sva_fail(error, SVA_ERR_CORRUPT, "%s: the timestamp was refused by its authority",
                          sva_esc(name).text);
    } else {
        stamp->covers = covers(TS_RESP_get_tst_info(reply), sha256);
        put_time(TS_RESP_get_tst_info(reply), stamp->time);
        if (!stamp->covers) {
            (void)snprintf(stamp->reason, sizeof stamp->reason, "it stamps something else");
        } else if (ca_file != NULL) {
            status = check_trust(reply, ca_file, sha256, stamp, error);
        }
    }
    TS_RESP_free(reply);
    ERR_clear_error();
    return status;
}
