/* SPDX-License-Identifier: Apache-2.0 */
/** sovaudit timestamp query|attach|verify: RFC 3161 without a network. */
#include "terminal.h"
#include "verify_output.h"

int run_timestamp_query(const struct settings *settings)
{
    static const char *const WORDS[2][2] = {
        {"SHA-256 of the file", "파일의 SHA-256"},
        {"SHA-256 of the signature in it", "파일에 든 서명의 SHA-256"},
    };
    struct sva_stamp_subject subject;
    struct sva_error error = {.status = SVA_OK};
    if (settings->outputs.count != 1) {
        return complain_usage("timestamp query wants -o FILE, once");
    }
    if (sva_timestamp_query(settings->operands[0], settings->outputs.texts[0], &subject, &error) !=
        SVA_OK) {
        return complain_error(&error);
    }
    return settings->quiet ? EXIT_DONE
                           : print_line("%s: %s\n", WORDS[subject.is_signature][settings->lang],
                                        hex_of(subject.sha256).text);
}

int run_timestamp_attach(const struct settings *settings)
{
    struct sva_error error = {.status = SVA_OK};
    if (settings->reply == NULL) {
        return complain_usage("timestamp attach wants --reply FILE");
    }
    return sva_timestamp_attach(settings->operands[0], settings->reply, &error) == SVA_OK
               ? EXIT_DONE
               : complain_error(&error);
}

int run_timestamp_verify(const struct settings *settings)
{
    struct sva_verification *verification = NULL;
    struct sva_error error = {.status = SVA_OK};
    if (settings->ca_file == NULL) {
        return complain_usage("timestamp verify wants --ca-file FILE: the roots that you trust");
    }
    const enum sva_status status = sva_timestamp_verify(settings->operands[0], settings->reply,
                                                        settings->ca_file, &verification, &error);
    const int code = finish_verification(settings, "timestamp", status, verification, &error);
    sva_verification_free(verification);
    return code;
}
