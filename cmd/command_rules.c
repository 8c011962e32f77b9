/* SPDX-License-Identifier: Apache-2.0 */
/** sovaudit rules list|show|lint; the others are in command_rules_more.c */
#include <stdlib.h>

#include "terminal.h"

static int list_pack(const char *name, enum sva_lang lang)
{
    struct sva_rulepack *pack = NULL;
    struct sva_error error = {.status = SVA_OK};
    if (sva_rulepack_load(name, &pack, &error) != SVA_OK) {
        return complain_error(&error);
    }
    const struct sva_rulepack_info *info = sva_rulepack_get_info(pack);
    const int code = print_line("%s  %s  %s  %s\n", show(info->id).text, show(info->version).text,
                                show(sva_word(lang, info->status)).text,
                                show(lang == SVA_LANG_KO ? info->title_ko : info->title_en).text);
    sva_rulepack_free(pack);
    return code;
}

int run_rules_list(const struct settings *settings)
{
    char **names = NULL;
    size_t count = 0;
    struct sva_error error = {.status = SVA_OK};
    if (sva_rulepack_list(&names, &count, &error) != SVA_OK) {
        return complain_error(&error);
    }
    int code = EXIT_DONE;
    for (size_t i = 0; i < count; i++) {
        code = code == EXIT_DONE ? list_pack(names[i], (enum sva_lang)settings->lang) : code;
        free(names[i]);
    }
    free(names);
    return code;
}

static int show_head(const struct sva_rulepack_info *info, enum sva_lang lang)
{
    int code =
        print_line("%s %s (%s, %s, %s)\nsha256:%s\n%s\n", show(info->id).text,
                   show(info->version).text, show(sva_word(lang, info->status)).text,
                   show(sva_word(lang, info->jurisdiction)).text,
                   show(info->effective_from).text, hex_of(info->digest).text,
                   show(lang == SVA_LANG_KO ? info->title_ko : info->title_en).text);
    if (code == EXIT_DONE) {
        code = print_line("%s\n\n", show(lang == SVA_LANG_KO ? info->note_ko : info->note_en).text);
    }
    for (size_t i = 0; i < info->source_count && code == EXIT_DONE; i++) {
        code = print_line("  [%zu] %s, %s\n      %s\n", i + 1, show(info->sources[i].title).text,
                          show(info->sources[i].date).text, show(info->sources[i].url).text);
    }
    return code;
}

static int show_rule(const struct sva_rule_info *rule, enum sva_lang lang)
{
    const struct sva_rule_text *text = lang == SVA_LANG_KO ? &rule->ko : &rule->en;
    static const char *const heads[2][4] = {{"", "Why: ", "Remedy: ", "Condition: "},
                                            {"", "이유: ", "조치: ", "판정 조건: "}};
    const char *const lines[] = {text->requirement, text->rationale, text->remedy, rule->condition};
    int code = print_line("\n%s  [%s]  %s\n", show(rule->id).text,
                          severity_word(rule->severity, lang),
                          show(text->title).text);
    for (size_t i = 0; i < sizeof lines / sizeof *lines && code == EXIT_DONE; i++) {
        if (lines[i] != NULL && lines[i][0] != '\0') {
            code = print_line("      %s%s\n", heads[lang == SVA_LANG_KO][i], show(lines[i]).text);
        }
    }
    return code;
}

int run_rules_show(const struct settings *settings)
{
    const char *name = settings->operand_count > 0 ? settings->operands[0] : "kr-independent-ai";
    const enum sva_lang lang = (enum sva_lang)settings->lang;
    struct sva_rulepack *pack = NULL;
    struct sva_error error = {.status = SVA_OK};
    if (sva_rulepack_load(name, &pack, &error) != SVA_OK) {
        return complain_error(&error);
    }
    const struct sva_rulepack_info *info = sva_rulepack_get_info(pack);
    int code = show_head(info, lang);
    for (size_t i = 0; i < info->rule_count && code == EXIT_DONE; i++) {
        code = show_rule(&info->rules[i], lang);
    }
    sva_rulepack_free(pack);
    return code;
}

int run_rules_lint(const struct settings *settings)
{
    struct sva_rulepack *pack = NULL;
    struct sva_error error = {.status = SVA_OK};
    if (sva_rulepack_load(settings->operands[0], &pack, &error) != SVA_OK) {
        return complain_error(&error);
    }
    const struct sva_rulepack_info *info = sva_rulepack_get_info(pack);
    const int code = settings->quiet ? EXIT_DONE
                                     : print_line(settings->lang == SVA_LANG_KO
                                                      ? "%s %s: 기준 %zu개, 문제 없음\n"
                                                      : "%s %s: %zu rules, nothing to complain "
                                                        "about\n",
                                                  show(info->id).text, show(info->version).text,
                                                  info->rule_count);
    sva_rulepack_free(pack);
    return code;
}
