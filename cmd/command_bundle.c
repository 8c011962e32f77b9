/* SPDX-License-Identifier: Apache-2.0 */
/** sovaudit bundle, and verify of what it wrote. */
#include "audit_output.h"
#include "casefile_output.h"
#include "passphrase.h"
#include "verify_output.h"

#include <stdlib.h>

static int print_made(const struct settings *settings, const struct sva_casefile *made)
{
    const bool korean = settings->lang == SVA_LANG_KO;
    int code = print_line(korean ? "%s: 파일 %zu개, 지문 %zu개\nSHA256SUMS  sha256:%s\n"
                                 : "%s: %zu files, %zu prints\nSHA256SUMS  sha256:%s\n",
                          show(settings->outputs.texts[0]).text, made->file_count,
                          made->print_count, hex_of(made->sums).text);
    for (size_t i = 0; i < made->absent_count && code == EXIT_DONE; i++) {
        code =
            print_line(korean ? "꾸러미에 없음: %s\n" : "not in the bundle: %s\n", made->absent[i]);
    }
    return code;
}

static int write_bundle(const struct settings *settings, const struct sva_key *key)
{
    struct sva_error error = {.status = SVA_OK};
    struct sva_casefile made = {.internal = NULL};
    struct bar bar;
    char *store = NULL;
    int code = audit_store_path(settings, &store);
    if (code >= 0) {
        return code;
    }
    bar_start(&bar, settings);
    const struct sva_progress progress = bar_progress(&bar);
    const struct sva_casefile_options options = {.report = settings->operands[0],
                                                 .store = store,
                                                 .prints = settings->prints.texts,
                                                 .print_count = settings->prints.count,
                                                 .rules = settings->rules,
                                                 .evidence = settings->evidence,
                                                 .waivers = settings->waivers,
                                                 .model_signature = settings->model_signature,
                                                 .report_signature = settings->report_signature,
                                                 .reply = settings->reply,
                                                 .key = key,
                                                 .progress = &progress};
    const enum sva_status status =
        sva_casefile_write(settings->outputs.texts[0], &options, &made, &error);
    bar_end(&bar);
    code = status != SVA_OK  ? complain_error(&error)
           : settings->quiet ? EXIT_DONE
                             : print_made(settings, &made);
    sva_casefile_done(&made);
    free(store);
    return code;
}

int run_bundle(const struct settings *settings)
{
    struct sva_key *key = NULL;
    if (settings->outputs.count != 1) {
        return complain_usage("bundle wants one -o FILE to write the bundle to");
    }
    int code = audit_paths_check(settings->operands, 1);
    if (code < 0 && settings->key != NULL) {
        code = signing_key_load(settings, &key);
    }
    if (code < 0) {
        code = write_bundle(settings, key);
    }
    sva_key_free(key);
    return code;
}

/** A public key, where a path was given. */
static enum sva_status load_public(const char *path, struct sva_key **key, struct sva_error *error)
{
    return path != NULL ? sva_key_load_public(path, key, error) : SVA_OK;
}

int verify_casefile(const struct settings *settings)
{
    struct sva_error error = {.status = SVA_OK};
    struct sva_key *key = NULL;
    struct sva_key *model_key = NULL;
    struct sva_verification *lines = NULL;
    struct bar bar;
    bar_start(&bar, settings);
    const struct sva_progress progress = bar_progress(&bar);
    enum sva_status status = load_public(settings->public_key, &key, &error);
    if (status == SVA_OK) {
        status = load_public(settings->model_key, &model_key, &error);
    }
    if (status == SVA_OK) {
        const struct sva_casefile_checks checks = {.key = key,
                                                   .model_key = model_key,
                                                   .ca_file = settings->ca_file,
                                                   .model = settings->model,
                                                   .threads = settings->threads,
                                                   .progress = &progress};
        status = sva_casefile_verify(settings->operands[0], &checks, &lines, &error);
    }
    bar_end(&bar);
    const int code = finish_verification(settings, "bundle", status, lines, &error);
    sva_verification_free(lines);
    sva_key_free(key);
    sva_key_free(model_key);
    return code;
}
