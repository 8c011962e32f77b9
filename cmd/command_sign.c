/* SPDX-License-Identifier: Apache-2.0 */
/** sovaudit sign|verify: models by OMS, reports by an attestation. */
#include <stdio.h>
#include <string.h>

#include "audit_output.h"
#include "casefile_output.h"
#include "passphrase.h"
#include "verify_output.h"

/** --shard-size: decimal bytes. False after a message. */
static bool read_shard_size(const char *text, uint64_t *bytes)
{
    uint64_t value = 0;
    for (const char *at = text; *at != '\0'; at++) {
        if (*at < '0' || *at > '9' || value > UINT64_MAX / 100) {
            value = 0;
            break;
        }
        value = value * 10 + (uint64_t)(*at - '0');
    }
    if (value == 0) {
        (void)complain_usage("--shard-size wants a number of bytes, such as 1000000000, not \"%s\"",
                             text);
    }
    *bytes = value;
    return value > 0;
}

static struct sva_manifest_options options_of(const struct settings *settings,
                                              const struct sva_progress *progress)
{
    return (struct sva_manifest_options){.ignore = settings->ignore.texts,
                                         .ignore_count = settings->ignore.count,
                                         .allow_symlinks = settings->allow_symlinks,
                                         .allow_unsigned = settings->ignore_unsigned,
                                         .threads = settings->threads,
                                         .ca_file = settings->ca_file,
                                         .certificate = settings->certificate,
                                         .signer_roots = settings->certificate_chain,
                                         .progress = progress,
                                         .hints = settings->hints};
}

/** Are files of a model hashed, which hints are for? EXIT_DONE, or EXIT_USAGE and a message. */
static int hints_check(const struct settings *settings, bool of_model)
{
    return settings->hints == NULL || of_model
               ? EXIT_DONE
               : complain_usage("--hints goes with the files of a model, and none are hashed here");
}

/** Signs with a key that was read. */
static int sign_with(const struct settings *settings, const struct sva_key *key)
{
    const char *subject = settings->operands[0];
    const char *output = settings->outputs.texts[0];
    struct sva_error error = {.status = SVA_OK};
    struct bar bar;
    bar_start(&bar, settings);
    const struct sva_progress progress = bar_progress(&bar);
    struct sva_manifest_options options = options_of(settings, &progress);
    if (settings->shard_size != NULL &&
        !read_shard_size(settings->shard_size, &options.shard_bytes)) {
        bar_end(&bar);
        return EXIT_USAGE;
    }
    bool is_report = false;
    enum sva_status status = sva_is_report(subject, &is_report, &error);
    if (status == SVA_OK) {
        status = is_report ? sva_sign_report(subject, key, output, &error)
                           : sva_sign_model(subject, key, &options, output, &error);
    }
    bar_end(&bar);
    return status == SVA_OK ? settings->quiet ? EXIT_DONE : print_line("%s\n", show(output).text)
                            : complain_error(&error);
}

int run_sign(const struct settings *settings)
{
    struct sva_key *key = NULL;
    if (settings->key == NULL || settings->outputs.count != 1) {
        return complain_usage("sign wants --key KEY and -o FILE, once");
    }
    bool is_report = false;
    struct sva_error error = {.status = SVA_OK};
    if (sva_is_report(settings->operands[0], &is_report, &error) != SVA_OK) {
        return complain_error(&error);
    }
    if (hints_check(settings, !is_report) != EXIT_DONE) {
        return EXIT_USAGE;
    }
    int code = audit_paths_check(settings->operands, 1);
    if (code < 0 && settings->certificate != NULL && is_report) {
        return complain_usage("--certificate is for models; a report is signed with a key alone");
    }
    code = code < 0 ? signing_key_load(settings, &key) : code;
    if (code < 0) {
        code = sign_with(settings, key);
    }
    sva_key_free(key);
    return code;
}

enum subject { OF_MODEL = 1, OF_REPORT = 2, OF_CASE = 4 };

/** Options that ask for something that this verification does not do. EXIT_DONE: none. */
static int unused_check(const struct settings *settings, enum subject subject)
{
    const struct {
        bool given;
        unsigned fits;
        const char *option, *goes_with;
    } USES[] = {
        {settings->certificate_chain != NULL, OF_MODEL, "certificate-chain", "a model"},
        {settings->ignore.count > 0, OF_MODEL, "ignore", "a model"},
        {settings->ignore_unsigned, OF_MODEL, "ignore-unsigned", "a model"},
        {settings->model != NULL, OF_REPORT | OF_CASE, "model", "a report or an evidence bundle"},
        {settings->model_key != NULL, OF_CASE, "model-key", "an evidence bundle"},
    };
    static const char *const WHAT[] = {
        [OF_MODEL] = "a model", [OF_REPORT] = "a report", [OF_CASE] = "an evidence bundle"};
    for (size_t i = 0; i < sizeof USES / sizeof *USES; i++) {
        if (USES[i].given && (USES[i].fits & subject) == 0) {
            return complain_usage("--%s goes with %s, and this is %s", USES[i].option,
                                  USES[i].goes_with, WHAT[subject]);
        }
    }
    return EXIT_DONE;
}

int run_verify(const struct settings *settings)
{
    const char *subject = settings->operands[0];
    struct sva_error error = {.status = SVA_OK};
    struct sva_key *key = NULL;
    struct sva_verification *verification = NULL;
    bool is_casefile = false;
    bool is_report = false;
    enum sva_status status =
        settings->signature == NULL ? sva_is_casefile(subject, &is_casefile, &error) : SVA_OK;
    if (status == SVA_OK && !is_casefile) {
        status = sva_is_report(subject, &is_report, &error);
    }
    if (status != SVA_OK) {
        return complain_unreadable(&error);
    }
    const bool of_model = !is_casefile && (settings->model != NULL || !is_report);
    if (hints_check(settings, of_model) != EXIT_DONE ||
        unused_check(settings, is_casefile ? OF_CASE
                               : is_report ? OF_REPORT
                                           : OF_MODEL) != EXIT_DONE) {
        return EXIT_USAGE;
    }
    if (is_casefile) {
        return verify_casefile(settings);
    }
    if (settings->signature == NULL ||
        (settings->public_key == NULL) == (settings->certificate_chain == NULL)) {
        return complain_usage("verify wants --signature FILE, and --public-key FILE or "
                              "--certificate-chain FILE");
    }
    int code = audit_paths_check(settings->operands, 1);
    if (code >= 0) {
        return code;
    }
    struct bar bar;
    bar_start(&bar, settings);
    const struct sva_progress progress = bar_progress(&bar);
    const struct sva_manifest_options options = options_of(settings, &progress);
    if (settings->public_key != NULL) {
        status = sva_key_load_public(settings->public_key, &key, &error);
    }
    if (status == SVA_OK) {
        status = is_report ? sva_verify_report(subject, settings->signature, settings->model, key,
                                               &options, &verification, &error)
                           : sva_verify_model(subject, settings->signature, key, &options,
                                              &verification, &error);
    }
    bar_end(&bar);
    code =
        finish_verification(settings, is_report ? "report" : "model", status, verification, &error);
    sva_verification_free(verification);
    sva_key_free(key);
    return code;
}
