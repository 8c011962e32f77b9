/* SPDX-License-Identifier: Apache-2.0 */
/** Reads the command line over the tables. */
#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "terminal.h"

enum { WORD_MOST = 64 };

/** Edit distance of short words; a large number for long ones. */
static size_t distance(const char *a, const char *b)
{
    size_t row[WORD_MOST + 1];
    const size_t length_a = strlen(a);
    const size_t length_b = strlen(b);
    if (length_a > WORD_MOST || length_b > WORD_MOST) {
        return WORD_MOST;
    }
    for (size_t j = 0; j <= length_b; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= length_a; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= length_b; j++) {
            const size_t above = row[j];
            size_t best = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            best = above + 1 < best ? above + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            diagonal = above;
            row[j] = best;
        }
    }
    return row[length_b];
}

const char *nearest_word(const char *word, const char *const *words, size_t count)
{
    const char *nearest = NULL;
    size_t least = strlen(word) / 3 + 2; /* more than this is another word */
    for (size_t i = 0; i < count; i++) {
        const size_t far = distance(word, words[i]);
        if (far < least) {
            least = far;
            nearest = words[i];
        }
    }
    return nearest;
}

bool is_date(const char *text, bool whole_day)
{
    static const char PATTERN[] = "dddd-dd-dd";
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const size_t length = strlen(text);
    if (length != 10 && (whole_day || length != 7)) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (PATTERN[i] == 'd' ? !digit : text[i] != '-') {
            return false;
        }
    }
    const int month = (text[5] - '0') * 10 + text[6] - '0';
    const int day = length == 10 ? (text[8] - '0') * 10 + text[9] - '0' : 1;
    const int year = (int)strtol(text, NULL, 10);
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return year >= 1900 && month >= 1 && month <= 12 && day >= 1 &&
           day <= DAYS[month - 1] + (month == 2 && leap ? 1 : 0);
}

enum sva_lang default_language(void)
{
    static const char *const VARIABLES[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof VARIABLES / sizeof *VARIABLES; i++) {
        const char *value = getenv(VARIABLES[i]);
        if (value != NULL && value[0] != '\0') {
            return strncmp(value, "ko", 2) == 0 ? SVA_LANG_KO : SVA_LANG_EN;
        }
    }
    return SVA_LANG_EN;
}

static bool read_unsigned(const char *text, uint64_t most, uint64_t *value)
{
    uint64_t number = 0;
    for (const char *at = text; *at != '\0'; at++) {
        if (*at < '0' || *at > '9' || number > (most - (uint64_t)(*at - '0')) / 10) {
            return false;
        }
        number = number * 10 + (uint64_t)(*at - '0');
    }
    *value = number;
    return text[0] != '\0';
}

/** --as-of, else $SOURCE_DATE_EPOCH, else the clock: one day in UTC. -1 or an exit code. */
static int resolve_today(struct settings *settings)
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    const bool given = epoch != NULL && epoch[0] != '\0';
    uint64_t seconds = 0;
    if (settings->as_of != NULL) {
        if (!is_date(settings->as_of, true)) {
            return complain_usage("--as-of wants a date YYYY-MM-DD, not \"%s\"", settings->as_of);
        }
        (void)snprintf(settings->today, sizeof settings->today, "%s", settings->as_of);
        return -1;
    }
    if (given && !read_unsigned(epoch, 253402300799U, &seconds)) { /* the year 9999 */
        return complain_usage("SOURCE_DATE_EPOCH wants seconds since 1970, not \"%s\"", epoch);
    }
    const time_t moment = given ? (time_t)seconds : time(NULL);
    struct tm day;
    if (gmtime_r(&moment, &day) == NULL ||
        strftime(settings->today, sizeof settings->today, "%Y-%m-%d", &day) == 0) {
        return complain_usage("today's date is not known; give --as-of");
    }
    return -1;
}

static const struct command *find_command(const char *word, const char *subword)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        const struct command *command = &COMMANDS[i];
        if (strcmp(command->word, word) == 0 &&
            (command->subword == NULL ||
             (subword != NULL && strcmp(command->subword, subword) == 0))) {
            return command;
        }
    }
    return NULL;
}

/** The sentence for a word that starts no command. */
static int complain_command(const char *word, const char *subword)
{
    const char *words[COMMAND_COUNT];
    const char *subwords[COMMAND_COUNT];
    size_t subword_count = 0;
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        words[i] = COMMANDS[i].word;
        if (strcmp(COMMANDS[i].word, word) == 0 && COMMANDS[i].subword != NULL) {
            subwords[subword_count++] = COMMANDS[i].subword;
        }
    }
    if (subword_count > 0) {
        char list[256] = "";
        size_t used = 0;
        for (size_t i = 0; i < subword_count; i++) {
            const int more = snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "",
                                      subwords[i]);
            used += more > 0 ? (size_t)more : 0;
        }
        const char *near = subword != NULL ? nearest_word(subword, subwords, subword_count) : NULL;
        return near != NULL
                   ? complain_usage("there is no command \"%s %s\"; did you mean \"%s %s\"?", word,
                                    subword, word, near)
                   : complain_usage("\"%s\" wants one of: %s", word, list);
    }
    const char *near = nearest_word(word, words, COMMAND_COUNT);
    return near != NULL
               ? complain_usage("there is no command \"%s\"; did you mean \"%s\"?", word, near)
               : complain_usage("there is no command \"%s\"; see \"sovaudit help\"", word);
}

static bool is_for(const struct option *option, const struct command *command)
{
    return (option->commands & COMMAND_BIT(command->id)) != 0;
}

/** By long name (`length` bytes of it) or, when `letter` is not 0, by letter. */
static const struct option *find_option(const struct command *command, const char *name,
                                        size_t length, char letter)
{
    for (size_t i = 0; i < OPTION_TABLE_SIZE; i++) {
        const struct option *option = &OPTIONS[i];
        const bool matches = letter != 0 ? option->letter == letter
                                         : strlen(option->name) == length &&
                                               memcmp(option->name, name, length) == 0;
        if (matches && is_for(option, command)) {
            return option;
        }
    }
    return NULL;
}

static int complain_option(const struct command *command, const char *argument, size_t length)
{
    const char *names[64];
    char given[WORD_MOST];
    size_t count = 0;
    for (size_t i = 0; i < OPTION_TABLE_SIZE && count < sizeof names / sizeof *names; i++) {
        if (is_for(&OPTIONS[i], command)) {
            names[count++] = OPTIONS[i].name;
        }
    }
    const bool has_subword = command->subword != NULL;
    (void)snprintf(given, sizeof given, "%.*s", (int)(length < WORD_MOST ? length : WORD_MOST - 1),
                   argument);
    const char *near = given[1] == '-' ? nearest_word(given + 2, names, count) : NULL;
    return near != NULL
               ? complain_usage("there is no option %s; did you mean --%s?", given, near)
               : complain_usage("there is no option %s; see \"sovaudit help %s%s%s\"", given,
                                command->word, has_subword ? " " : "",
                                has_subword ? command->subword : "");
}

static int choice_index(const char *choices, const char *value)
{
    int index = 0;
    for (const char *at = choices;; at++) {
        const size_t length = strcspn(at, "|");
        if (strlen(value) == length && memcmp(at, value, length) == 0) {
            return index;
        }
        at += length;
        index++;
        if (*at == '\0') {
            return -1;
        }
    }
}

const struct option *settings_option(const struct command *command, const char *name)
{
    return find_option(command, name, strlen(name), 0);
}

int settings_store(struct settings *settings, const struct option *option, const char *value)
{
    enum { THREADS_MOST = 1024 };
    void *member = (char *)settings + option->offset;
    uint64_t number = 0;
    int choice = 0;
    switch (option->kind) {
    case OPTION_FLAG:
        *(bool *)member = true;
        break;
    case OPTION_DATE:
        if (!is_date(value, false)) {
            return complain_usage("%s%s wants a date YYYY-MM-DD or YYYY-MM, not \"%s\"",
                                  settings->place, option->name, value);
        }
        *(const char **)member = value;
        break;
    case OPTION_TEXT:
        if (value[0] == '\0') {
            return complain_usage("%s%s wants a value", settings->place, option->name);
        }
        *(const char **)member = value;
        break;
    case OPTION_LIST: {
        struct text_list *list = member;
        list->texts[list->count++] = value; /* room for every argument: settings_read */
        break;
    }
    case OPTION_CHOICE:
        choice = choice_index(option->choices, value);
        if (choice < 0) {
            return complain_usage("%s%s wants one of %s, not \"%s\"", settings->place, option->name,
                                  option->choices, value);
        }
        *(int *)member = choice;
        break;
    case OPTION_COUNT:
        if (!read_unsigned(value, THREADS_MOST, &number) || number == 0) {
            return complain_usage("%s%s wants a number from 1 to %d, not \"%s\"", settings->place,
                                  option->name, THREADS_MOST, value);
        }
        *(uint32_t *)member = (uint32_t)number;
        break;
    }
    return -1;
}

/** One option at argv[*at], with its value here or in the next argument. -1 or an exit code. */
static int read_option(int argc, char **argv, int *at, struct settings *settings)
{
    const char *argument = argv[*at];
    const bool is_long = argument[1] == '-';
    const char *name = argument + (is_long ? 2 : 1);
    const size_t length = is_long ? strcspn(name, "=") : 1;
    const struct option *option =
        find_option(settings->command, name, length, is_long ? (char)0 : name[0]);
    if (option == NULL) {
        return complain_option(settings->command, argument, length + (is_long ? 2 : 1));
    }
    settings->given[option - OPTIONS] = true;
    const char *value = NULL;
    if (name[length] != '\0') {
        value = name + length + (is_long ? 1 : 0);
    }
    if (option->kind == OPTION_FLAG) {
        return value == NULL ? settings_store(settings, option, "")
                             : complain_usage("--%s takes no value", option->name);
    }
    if (value == NULL && *at + 1 < argc) {
        value = argv[++*at];
    }
    return value != NULL ? settings_store(settings, option, value)
                         : complain_usage("--%s wants a value (%s)", option->name, option->value);
}

static int check_operands(const struct settings *settings)
{
    const struct command *command = settings->command;
    const char *gap = command->subword != NULL ? " " : "";
    const char *subword = command->subword != NULL ? command->subword : "";
    if (settings->help || (settings->operand_count >= command->operands_least &&
                           settings->operand_count <= command->operands_most)) {
        return -1;
    }
    if (settings->operand_count < command->operands_least) {
        return complain_usage("%s%s%s wants %s; see \"sovaudit help %s%s%s\"", command->word, gap,
                              subword, command->operands, command->word, gap, subword);
    }
    return complain_usage("%s%s%s does not know what to do with \"%s\"", command->word, gap,
                          subword, settings->operands[command->operands_most]);
}

/** The command, from the first one or two arguments; `first` is where the rest starts. */
static int read_command(int argc, char **argv, struct settings *settings, int *first)
{
    static const struct {
        const char *argument, *word;
    } SHORTHANDS[] = {
        {"--version", "version"}, {"-V", "version"}, {"--help", "help"}, {"-h", "help"}};
    if (argc < 2) {
        return complain_usage("what is to be done? See \"sovaudit help\"");
    }
    const char *word = argv[1];
    for (size_t i = 0; i < sizeof SHORTHANDS / sizeof *SHORTHANDS; i++) {
        word = strcmp(word, SHORTHANDS[i].argument) == 0 ? SHORTHANDS[i].word : word;
    }
    if (word[0] == '-') {
        return complain_usage("the command comes first, then its options; see \"sovaudit help\"");
    }
    const char *subword = argc > 2 ? argv[2] : NULL;
    const bool asks_help = subword != NULL && (strcmp(subword, "--help") == 0 ||
                                               strcmp(subword, "-h") == 0);
    settings->command = find_command(word, subword);
    if (settings->command == NULL && asks_help) { /* "refs --help" = "help refs" */
        settings->command = &COMMANDS[COMMAND_HELP];
        argv[2] = argv[1];
        *first = 2;
        return -1;
    }
    if (settings->command == NULL) {
        return complain_command(word, subword);
    }
    *first = settings->command->subword != NULL ? 3 : 2;
    return -1;
}

static bool reserve(struct settings *settings, size_t count)
{
    struct text_list *lists[] = {&settings->outputs, &settings->refs, &settings->ref_weights,
                                 &settings->exclude, &settings->own,  &settings->logs,
                                 &settings->ignore, &settings->prints};
    bool reserved = true;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        lists[i]->texts = calloc(count + 1, sizeof *lists[i]->texts);
        reserved = reserved && lists[i]->texts != NULL;
    }
    settings->operands = calloc(count + 1, sizeof *settings->operands);
    return reserved && settings->operands != NULL;
}

int settings_read(int argc, char **argv, struct settings *settings)
{
    *settings = (struct settings){.lang = (int)default_language(), .place = "--"};
    terminal_language((enum sva_lang)settings->lang);
    int at = 0;
    int code = read_command(argc, argv, settings, &at);
    if (code < 0 && !reserve(settings, (size_t)argc)) {
        complain("out of memory while reading the command line");
        return EXIT_INCOMPLETE;
    }
    bool options_end = false;
    for (; code < 0 && at < argc; at++) {
        const char *argument = argv[at];
        if (!options_end && strcmp(argument, "--") == 0) {
            options_end = true;
        } else if (!options_end && argument[0] == '-' && argument[1] != '\0') {
            code = read_option(argc, argv, &at, settings);
            terminal_language((enum sva_lang)settings->lang);
        } else {
            settings->operands[settings->operand_count++] = argument;
        }
    }
    code = code < 0 ? check_operands(settings) : code;
    if (code < 0 && settings->config != NULL && !settings->help) {
        code = settings_from_file(settings);
    }
    return code < 0 ? resolve_today(settings) : code;
}

void settings_done(struct settings *settings)
{
    free(settings->outputs.texts);
    free(settings->refs.texts);
    free(settings->ref_weights.texts);
    free(settings->exclude.texts);
    free(settings->own.texts);
    free(settings->logs.texts);
    free(settings->ignore.texts);
    free(settings->prints.texts);
    free(settings->operands);
    sva_option_file_free(settings->file);
    for (size_t i = 0; i < settings->made.count; i++) {
        free(settings->made.texts[i]);
    }
    free(settings->made.texts);
}
