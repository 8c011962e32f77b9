/* SPDX-License-Identifier: Apache-2.0 */
/* Input: a report of somebody else, to be attested. What can be signed verifies. */
#include <sovaudit/sign.h>

#include "input_folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct sva_key *key;
    const struct sva_manifest_options options = {.threads = 1};
    struct sva_verification *verification = NULL;
    struct sva_error error = {0};
    if (key == NULL) {
        require(sva_key_generate(SVA_KEY_ED25519, &key, NULL) == SVA_OK);
    }
    (void)scratch_directory();
    scratch_write("report.json", data, size);
    const char *const report = scratch_path("report.json");
    const char *const signature = scratch_path("report.sig");
    enum sva_status status = sva_sign_report(report, key, signature, &error);
    require(status == error.status && (status == SVA_OK || error.text[0] != '\0'));
    if (status == SVA_OK) {
        status = sva_verify_report(report, signature, NULL, key, &options, &verification, &error);
        require(status == SVA_OK && verification->verified);
        sva_verification_free(verification);
    }
    return 0;
}
