/* SPDX-License-Identifier: Apache-2.0 */
/** What a key is inside. Public functions: <sovaudit/sign.h>. */
#ifndef SVA_SIGN_KEYS_H
#define SVA_SIGN_KEYS_H

#include <openssl/evp.h>
#include <sovaudit/sign.h>

#include "base/cursor.h"
#include "base/memory.h"

struct sva_key {
    EVP_PKEY *pkey;
    enum sva_key_type type;
    bool is_private; /**< holds the half that signs */
    uint8_t fingerprint[SVA_FINGERPRINT_BYTES];
};

/**
 * Takes `pkey` over, also on failure, as a public key or one that signs. `name` is for messages,
 * unescaped. Errors: UNSUPPORTED (not Ed25519 or one of the three curves), MEMORY.
 */
enum sva_status sva_key_adopt(EVP_PKEY *pkey, bool is_private, const char *name,
                              struct sva_key **key, struct sva_error *error) SVA_MUST_CHECK;

/**
 * A public key from the bytes of a PEM file. `name` is for messages, unescaped. Errors: CORRUPT (no
 * public key in it, or too long for one), UNSUPPORTED, MEMORY.
 */
enum sva_status sva_key_read_public(struct sva_span pem, const char *name, struct sva_key **key,
                                    struct sva_error *error) SVA_MUST_CHECK;

/**
 * Whether one of the errors that OpenSSL noted since ERR_clear_error is a failed allocation: then
 * an answer of "not valid" or "not a key" says nothing about the input. Forgets the errors.
 */
bool sva_openssl_no_memory(void);

/** A pem_password_cb for what holds no key: without one OpenSSL asks the terminal. */
int sva_no_passphrase(char *text, int size, int writing, void *context);

/** The PEM text of the public half; false: out of memory. sva_bytes_done. */
bool sva_key_public_pem(const EVP_PKEY *pkey, struct sva_bytes *pem);

#endif
