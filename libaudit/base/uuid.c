/* SPDX-License-Identifier: Apache-2.0 */
#include "base/uuid.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/hash.h"

enum { UUID_BYTES = 16, SHA1_BYTES = 20, DIGEST_BYTES = 32 };

/* Version 5, namespace 6ba7b811-9dad-11d1-80b4-00c04fd430c8 (URL), "https://sovaudit.org/ns". */
static const uint8_t NAMESPACE[UUID_BYTES] = {0xe6, 0x2d, 0xfa, 0x8e, 0x8c, 0x96, 0x57, 0x25,
                                              0x81, 0xea, 0xd6, 0x0d, 0xa0, 0xad, 0xb3, 0xc0};

bool sva_uuid_name(const uint8_t digest[32], const char *name, char uuid[SVA_UUID_TEXT])
{
    uint8_t sum[SHA1_BYTES] = {0};
    char hex[2 * DIGEST_BYTES + 1];
    sva_hex(digest, DIGEST_BYTES, hex);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const bool ok = context != NULL && EVP_DigestInit_ex(context, EVP_sha1(), NULL) == 1 &&
                    EVP_DigestUpdate(context, NAMESPACE, sizeof NAMESPACE) == 1 &&
                    EVP_DigestUpdate(context, hex, sizeof hex - 1) == 1 &&
                    EVP_DigestUpdate(context, "/", 1) == 1 &&
                    EVP_DigestUpdate(context, name, strlen(name)) == 1 &&
                    EVP_DigestFinal_ex(context, sum, NULL) == 1;
    EVP_MD_CTX_free(context);
    if (ok) {
        sum[6] = (uint8_t)((sum[6] & 0x0f) | 0x50);
        sum[8] = (uint8_t)((sum[8] & 0x3f) | 0x80);
    } else {
        memset(sum, 0, sizeof sum);
    }
    sva_hex(sum, UUID_BYTES, hex);
    (void)snprintf(uuid, SVA_UUID_TEXT, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
                   hex + 16, hex + 20);
    return ok;
}
