/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: a folder (input_folder.h) that is a model with its evidence register and waivers, audited
 * against a fixed model, with its facts.tsv as the facts database if it has one, by a rule pack of
 * this program. The report is one that is read again, in
 * every format and both languages, and its texts hold no control characters.
 */
#include <sovaudit/convert.h>

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "convert/document.h"
#include "input_folder.h"
#include "sealed_facts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text, size_t size)
{
    require(sva_utf8_valid_prefix((const uint8_t *)text, size) == size);
    for (size_t i = 0; i < size; i++) {
        require((unsigned char)text[i] >= 0x20 || text[i] == '\n');
        require(text[i] != 0x7F);
    }
}

static void check_formats(const char *json, size_t size)
{
    const char *const *const formats = sva_convert_formats();
    cJSON *tree = NULL;
    require(sva_document_read((struct sva_span){(const uint8_t *)json, size}, "r", &tree, NULL) ==
            SVA_OK);
    cJSON_Delete(tree);
    for (size_t i = 0; formats[i] != NULL; i++) {
        char *text = NULL;
        size_t length = 0;
        const enum sva_lang lang = i % 2 == 0 ? SVA_LANG_EN : SVA_LANG_KO;
        require(sva_convert(json, size, "r", formats[i], lang, &text, &length, NULL) == SVA_OK);
        require(sva_utf8_valid_prefix((const uint8_t *)text, length) == length);
        free(text);
    }
}

static void check_report(const struct sva_audit *audit)
{
    char *text = NULL;
    size_t size = 0;
    for (int lang = SVA_LANG_EN; lang <= SVA_LANG_KO; lang++) {
        require(sva_report_text(audit, (enum sva_lang)lang, false, 0, &text, &size, NULL) ==
                SVA_OK);
        check_text(text, size);
        free(text);
    }
    require(sva_report_json(audit, &text, &size, NULL) == SVA_OK);
    check_formats(text, size);
    free(text);
}

/** The built-in database is large, and as good as any. */
static void write_facts(const struct input_file *given)
{
    static const char none[] = "#sovaudit-facts\t1\t2026-01-01\n";
    struct sva_bytes text = given != NULL ? sealed_facts(given->bytes, given->size)
                                          : sealed_facts((const uint8_t *)none, sizeof none - 1);
    scratch_write("facts.tsv", text.data, text.size);
    require(setenv("SOVAUDIT_FACTS", scratch_path("facts.tsv"), 1) == 0);
    sva_bytes_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input_folder folder;
    struct sva_audit_result *result = NULL;
    struct sva_error error = {0};
    input_folder_parse(&folder, data, size);
    const char *const path = scratch_directory();
    input_folder_write(&folder);
    write_facts(input_folder_find(&folder, "facts.tsv"));
    scratch_weights("model.safetensors");
    const bool alone = input_folder_find(&folder, "alone") != NULL;
    const char *const reference = scratch_path("model.safetensors");
    const struct sva_check_options options = {
        .ref_paths = &reference,
        .ref_path_count = !alone,
        .subject_date = "2026-01-02",
        .rules = "kr-independent-ai",
        .as_of = "2026-02-03",
        .threads = 1,
        .compare = sva_compare_options_default(),
        .waivers = input_folder_find(&folder, "waivers.json") != NULL ? scratch_path("waivers.json")
                                                                      : NULL};
    const enum sva_status status = sva_check(path, &options, &result, &error);
    require(status == error.status && (status == SVA_OK || error.text[0] != '\0'));
    if (status == SVA_OK) {
        check_report(sva_audit_of(result));
        sva_audit_free(result);
    }
    return 0;
}
