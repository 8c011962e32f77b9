/* SPDX-License-Identifier: Apache-2.0 */
/** sovaudit help: everything here is read from the tables. */
#include <stdio.h>
#include <string.h>

#include "terminal.h"

enum { NAME_COLUMN = 26 };

static void put_full_name(const struct command *command, char *out, size_t size)
{
    (void)snprintf(out, size, "%s%s%s", command->word, command->subword != NULL ? " " : "",
                   command->subword != NULL ? command->subword : "");
}

static int print_commands(enum sva_lang lang, const char *word)
{
    int code = EXIT_DONE;
    for (size_t i = 0; i < COMMAND_COUNT && code == EXIT_DONE; i++) {
        char name[64];
        char usage[128];
        if (word != NULL && strcmp(COMMANDS[i].word, word) != 0) {
            continue;
        }
        put_full_name(&COMMANDS[i], name, sizeof name);
        (void)snprintf(usage, sizeof usage, "%s %s", name, COMMANDS[i].operands);
        code = print_line("  %-*s %s\n", NAME_COLUMN - 3, usage, COMMANDS[i].summary[lang]);
    }
    return code;
}

static int print_overview(enum sva_lang lang)
{
    static const char *const TEXT[][3] = {
        [SVA_LANG_EN] = {"sovaudit audits where the weights of an AI model came from.\n\n"
                         "usage: sovaudit COMMAND [OPTIONS] ...\n\n",
                         "\nMODEL is a directory, a file of weights, an archive of one, or a "
                         "print.\n"
                         "Exit codes: 0 pass, 1 a criterion failed, 2 could not complete, "
                         "3 usage,\n4 nothing auditable, 5 review needed (--fail-on review).\n",
                         "See \"sovaudit help COMMAND\".\n"},
        [SVA_LANG_KO] = {"sovaudit은 AI 모델의 가중치가 어디에서 왔는지 감사합니다.\n\n"
                         "사용법: sovaudit 명령 [옵션] ...\n\n",
                         "\nMODEL은 디렉터리, 가중치 파일, 이를 담은 압축 파일 또는 "
                         "지문입니다.\n"
                         "종료 코드: 0 적합, 1 부적합, 2 미완료, 3 사용법 오류, 4 감사 불가,\n"
                         "5 검토 필요(--fail-on review).\n",
                         "자세한 내용은 \"sovaudit help 명령\"을 참고하시기 바랍니다.\n"},
    };
    int code = print_result(TEXT[lang][0], strlen(TEXT[lang][0]));
    code = code == EXIT_DONE ? print_commands(lang, NULL) : code;
    code = code == EXIT_DONE ? print_result(TEXT[lang][1], strlen(TEXT[lang][1])) : code;
    return code == EXIT_DONE ? print_result(TEXT[lang][2], strlen(TEXT[lang][2])) : code;
}

/** "  -o, --output FORMAT=PATH" padded, on a line of its own when it is long. */
static int print_option(const struct option *option, enum sva_lang lang)
{
    char name[96];
    char letter[8] = "    ";
    if (option->letter != 0) {
        (void)snprintf(letter, sizeof letter, "-%c, ", option->letter);
    }
    (void)snprintf(name, sizeof name, "%s--%s%s%s", letter, option->name,
                   option->value != NULL ? " " : "", option->value != NULL ? option->value : "");
    const bool fits = strlen(name) + 3 < NAME_COLUMN;
    return fits ? print_line("  %-*s %s\n", NAME_COLUMN - 3, name, option->help[lang])
                : print_line("  %s\n%*s%s\n", name, NAME_COLUMN, "", option->help[lang]);
}

int print_command_help(const struct command *command, enum sva_lang lang)
{
    char name[64];
    put_full_name(command, name, sizeof name);
    int code = print_line("%s: sovaudit %s%s%s [%s]\n\n%s\n\n%s:\n",
                          lang == SVA_LANG_KO ? "사용법" : "usage", name,
                          command->operands[0] != '\0' ? " " : "", command->operands,
                          lang == SVA_LANG_KO ? "옵션" : "OPTIONS", command->summary[lang],
                          lang == SVA_LANG_KO ? "옵션" : "options");
    for (size_t i = 0; i < OPTION_TABLE_SIZE && code == EXIT_DONE; i++) {
        if ((OPTIONS[i].commands & COMMAND_BIT(command->id)) != 0) {
            code = print_option(&OPTIONS[i], lang);
        }
    }
    return code;
}

/** "check --json" per line: man page and completions are tested against it. */
static int print_list(void)
{
    int code = EXIT_DONE;
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        char name[64];
        put_full_name(&COMMANDS[i], name, sizeof name);
        for (size_t j = 0; j < OPTION_TABLE_SIZE && code == EXIT_DONE; j++) {
            if ((OPTIONS[j].commands & COMMAND_BIT(COMMANDS[i].id)) != 0) {
                code = print_line("%s --%s\n", name, OPTIONS[j].name);
            }
        }
    }
    return code;
}

int run_help(const struct settings *settings)
{
    const enum sva_lang lang = (enum sva_lang)settings->lang;
    if (settings->list) {
        return print_list();
    }
    if (settings->operand_count == 0) {
        return print_overview(lang);
    }
    const char *words[COMMAND_COUNT];
    bool group = false;
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const struct command *command = &COMMANDS[i];
        words[i] = command->word;
        if (strcmp(command->word, settings->operands[0]) != 0) {
            continue;
        }
        if (command->subword == NULL || (settings->operand_count > 1 &&
                                         strcmp(command->subword, settings->operands[1]) == 0)) {
            return print_command_help(command, lang);
        }
        group = true;
    }
    if (group && settings->operand_count == 1) {
        return print_commands(lang, settings->operands[0]);
    }
    const char *near = nearest_word(settings->operands[0], words, COMMAND_COUNT);
    return complain_usage("there is no command \"%s%s%s\"%s%s%s", settings->operands[0],
                          group ? " " : "", group ? settings->operands[1] : "",
                          near != NULL && !group ? "; did you mean \"" : "",
                          near != NULL && !group ? near : "", near != NULL && !group ? "\"?" : "");
}
