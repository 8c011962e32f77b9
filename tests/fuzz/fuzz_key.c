/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: a key in PEM, of somebody else. A public one judges a signature that cannot be right; a
 * private one signs. Encrypted keys are given a pass phrase.
 */
#include <string.h>

#include "input_folder.h"
#include "sign/dsse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct sva_span payload = {(const uint8_t *)"payload", 7};

static bool ask(void *context, char *text, size_t size)
{
    static const char phrase[] = "test";
    (void)context;
    require(size >= sizeof phrase);
    memcpy(text, phrase, sizeof phrase);
    return true;
}

static void check_key(const struct sva_key *key, struct sva_span signature)
{
    uint8_t digest[SVA_FINGERPRINT_BYTES];
    bool valid = true;
    require(sva_key_type_name(sva_key_get_type(key)) != NULL);
    sva_key_fingerprint(key, digest);
    require(sva_dsse_verify(key, "type", payload, signature, &valid, NULL) == SVA_OK && !valid);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct sva_span signature = {data, size < 140 ? size : 140};
    struct sva_key *key = NULL;
    struct sva_error error = {0};
    (void)scratch_directory();
    scratch_write("key.pem", data, size);
    const char *const path = scratch_path("key.pem");
    enum sva_status status = sva_key_load_public(path, &key, &error);
    require(status == error.status && (status == SVA_OK || error.text[0] != '\0'));
    if (status == SVA_OK) {
        check_key(key, signature);
        sva_key_free(key);
    }
    error = (struct sva_error){0};
    status = sva_key_load(path, ask, NULL, &key, &error);
    require(status == error.status && (status == SVA_OK || error.text[0] != '\0'));
    if (status == SVA_OK) {
        struct sva_bytes made = {.data = NULL};
        (void)!sva_dsse_sign(key, "type", payload, &made, NULL);
        sva_bytes_done(&made);
        sva_key_free(key);
    }
    return 0;
}
