/* SPDX-License-Identifier: Apache-2.0 */
/** sovaudit check MODEL: the main job. */
#include <stdlib.h>

#include <sovaudit/sign.h>

#include "audit_output.h"

static const char DEFAULT_RULES[] = "kr-independent-ai";

static int check_inputs(const struct settings *settings)
{
    int code = audit_outputs_check(settings);
    code = code < 0 ? audit_paths_check(settings->operands, settings->operand_count) : code;
    code = code < 0 ? audit_paths_check(settings->refs.texts, settings->refs.count) : code;
    code =
        code < 0 && settings->evidence != NULL ? audit_paths_check(&settings->evidence, 1) : code;
    return code < 0 && settings->waivers != NULL ? audit_paths_check(&settings->waivers, 1) : code;
}

static void note_missing_references(const struct settings *settings, const struct sva_audit *audit)
{
    if (audit->compared_count == 0 && !settings->quiet) {
        complain(audit->excluded_count > 0
                     ? "every reference was excluded, so nothing could be compared"
                     : "there are no references to compare with; add some with \"sovaudit refs "
                       "add\" or give --ref");
    }
}

/** The key by which the vendor's signature must verify; none is asked for without --model-key. */
static int model_key_load(const struct settings *settings, struct sva_key **key)
{
    struct sva_error error = {.status = SVA_OK};
    return settings->model_key == NULL ||
                   sva_key_load_public(settings->model_key, key, &error) == SVA_OK
               ? -1
               : complain_error(&error);
}

int run_check(const struct settings *settings)
{
    struct sva_baseline *baseline = NULL;
    struct sva_key *model_key = NULL;
    int code = check_inputs(settings);
    char *store = NULL;
    code = code < 0 ? model_key_load(settings, &model_key) : code;
    code = code < 0 ? audit_store_path(settings, &store) : code;
    code = code < 0 ? baseline_open(settings, &baseline) : code;
    if (code >= 0) {
        sva_key_free(model_key);
        free(store);
        return code;
    }
    struct bar bar;
    bar_start(&bar, settings);
    struct sva_check_options options = audit_options(settings, &bar);
    options.store_path = store;
    options.rules = settings->rules != NULL ? settings->rules : DEFAULT_RULES;
    options.evidence = settings->evidence;
    options.waivers = settings->waivers;
    options.model_key = model_key;
    struct sva_audit_result *result = NULL;
    struct sva_error error = {.status = SVA_OK};
    const enum sva_status status = sva_check(settings->operands[0], &options, &result, &error);
    bar_end(&bar);
    if (status == SVA_OK && !terminal_interrupted()) {
        struct sva_audit *audit = sva_audit_of(result);
        audit->exit_code = sva_exit_code(audit->verdict->kind, (enum sva_fail_on)settings->fail_on);
        note_missing_references(settings, audit);
        code = audit_write(settings, audit, baseline);
        code = code == EXIT_DONE ? audit->exit_code : code;
    } else {
        error.status = status == SVA_OK ? SVA_ERR_CANCELLED : error.status;
        code = complain_error(&error);
    }
    sva_audit_free(result);
    sva_baseline_free(baseline);
    sva_key_free(model_key);
    free(store);
    return code;
}
