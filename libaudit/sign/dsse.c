/* SPDX-License-Identifier: Apache-2.0 */
#include "sign/dsse.h"

#include <string.h>

#include <openssl/err.h>

#include "base/fail.h"

/** Digest name of the key's type; NULL where the algorithm hashes for itself. */
static const char *digest_of(const struct sva_key *key)
{
    switch (key->type) {
    case SVA_KEY_EC_P256: return "SHA256";
    case SVA_KEY_EC_P384: return "SHA384";
    case SVA_KEY_EC_P521: return "SHA512";
    default: return NULL;
    }
}

/** The bytes that are signed; false: out of memory. */
static bool encode(const char *payload_type, struct sva_span payload, struct sva_bytes *bytes)
{
    sva_bytes_printf(bytes, "DSSEv1 %zu %s %zu ", strlen(payload_type), payload_type, payload.size);
    sva_bytes_append(bytes, payload.data, payload.size);
    return !bytes->failed;
}

static bool sign_bytes(EVP_MD_CTX *context, const struct sva_key *key,
                       const struct sva_bytes *message, struct sva_bytes *signature)
{
    uint8_t value[256];
    size_t size = sizeof value;
    if (EVP_DigestSignInit_ex(context, NULL, digest_of(key), NULL, NULL, key->pkey, NULL) != 1 ||
        EVP_DigestSign(context, value, &size, message->data, message->size) != 1) {
        return false;
    }
    sva_bytes_append(signature, value, size);
    return true;
}

enum sva_status sva_dsse_sign(const struct sva_key *key, const char *payload_type,
                              struct sva_span payload, struct sva_bytes *signature,
                              struct sva_error *error)
{
    struct sva_bytes message = {.data = NULL};
    if (!key->is_private) {
        return sva_fail(error, SVA_ERR_USAGE, "the key cannot sign: it is no private key");
    }
    ERR_clear_error();
    EVP_MD_CTX *const context = EVP_MD_CTX_new();
    enum sva_status status = SVA_OK;
    if (context == NULL || !encode(payload_type, payload, &message)) {
        status = sva_fail_memory(error, "signing");
    } else if (!sign_bytes(context, key, &message, signature)) {
        status = sva_openssl_no_memory() ? sva_fail_memory(error, "signing")
                                         : sva_fail(error, SVA_ERR_INTERNAL,
                                                    "the key could not sign: its provider refuses, "
                                                    "or memory ran out");
    } else if (signature->failed) {
        status = sva_fail_memory(error, "signing");
    }
    ERR_clear_error();
    EVP_MD_CTX_free(context);
    sva_bytes_done(&message);
    return status;
}

enum sva_status sva_dsse_verify(const struct sva_key *key, const char *payload_type,
                                struct sva_span payload, struct sva_span signature, bool *valid,
                                struct sva_error *error)
{
    struct sva_bytes message = {.data = NULL};
    EVP_MD_CTX *const context = EVP_MD_CTX_new();
    ERR_clear_error();
    bool ready =
        context != NULL && encode(payload_type, payload, &message) &&
        EVP_DigestVerifyInit_ex(context, NULL, digest_of(key), NULL, NULL, key->pkey, NULL) == 1;
    if (ready) {
        *valid = EVP_DigestVerify(context, signature.data, signature.size, message.data,
                                  message.size) == 1;
        ready = !sva_openssl_no_memory() || *valid;
    }
    ERR_clear_error();
    EVP_MD_CTX_free(context);
    sva_bytes_done(&message);
    return ready ? SVA_OK : sva_fail_memory(error, "verifying a signature");
}
