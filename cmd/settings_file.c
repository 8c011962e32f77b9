/* SPDX-License-Identifier: Apache-2.0 */
/**
 * --config FILE: options from a file. A file is used only when it is asked for: one that lies in
 * the folder of a model, or where a job happens to run, must not loosen a gate.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "terminal.h"

static bool fits(const struct option *option, const struct sva_option_entry *entry)
{
    switch (option->kind) {
    case OPTION_FLAG: return entry->kind == SVA_OPTION_FLAG;
    case OPTION_LIST: return entry->kind == SVA_OPTION_LIST;
    case OPTION_COUNT: return entry->kind == SVA_OPTION_NUMBER;
    default: return entry->kind == SVA_OPTION_TEXT;
    }
}

static int complain_kind(const struct settings *settings, const struct option *option)
{
    static const char *const WANTED[] = {
        [OPTION_FLAG] = "true or false", [OPTION_TEXT] = "a text",    [OPTION_LIST] = "a list",
        [OPTION_CHOICE] = "a text",      [OPTION_COUNT] = "a number", [OPTION_DATE] = "a text",
    };
    return complain_usage("%s\"%s\" wants %s", settings->place, option->name, WANTED[option->kind]);
}

static int complain_key(const struct settings *settings, const char *key)
{
    const char *names[OPTIONS_MOST];
    size_t count = 0;
    for (size_t i = 0; i < OPTION_TABLE_SIZE; i++) {
        if ((OPTIONS[i].commands & COMMAND_BIT(settings->command->id)) != 0) {
            names[count++] = OPTIONS[i].name;
        }
    }
    const char *near = nearest_word(key, names, count);
    const bool known = near != NULL && strcmp(near, key) == 0;
    return complain_usage("%s%s does not know \"%.64s\"%s%s%s", settings->place,
                          known ? "a file" : settings->command->word, key,
                          near != NULL && !known ? "; did you mean \"" : "",
                          near != NULL && !known ? near : "", near != NULL && !known ? "\"?" : "");
}

/** Keeps `text` until settings_done(); NULL when there is no memory. */
static const char *keep(struct made_texts *made, char *text)
{
    char **texts = text != NULL ? realloc(made->texts, (made->count + 1) * sizeof *texts) : NULL;
    if (texts == NULL) {
        free(text);
        return NULL;
    }
    made->texts = texts;
    made->texts[made->count++] = text;
    return text;
}

/** Length of what stands before the path in a value; all of it when the value is no path. */
static size_t before_path(const struct option *option, const char *value)
{
    static const char *const PATHS[] = {"PATH", "FILE", "STORE", "DIR", "REPORT"};
    const char *name = option->value != NULL ? option->value : "";
    const char *equals = strchr(value, '=');
    if (equals != NULL && (strcmp(name, "FORMAT=PATH") == 0 || strcmp(name, "NAME=PATH") == 0)) {
        return (size_t)(equals - value) + 1;
    }
    if (strcmp(name, "NAME=PATH") == 0) { /* the name is the path's last component */
        return 0;
    }
    if (strcmp(name, "PACK") == 0) { /* a name, unless it looks like a path: sva_rulepack_load() */
        const size_t length = strcspn(value, "#");
        const bool path = memchr(value, '/', length) != NULL ||
                          (length > 5 && memcmp(value + length - 5, ".json", 5) == 0);
        return path ? 0 : strlen(value);
    }
    for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++) {
        if (strcmp(name, PATHS[i]) == 0) {
            return 0;
        }
    }
    return strlen(value);
}

/** A value as it is used: its path made relative to the file. NULL when there is no memory. */
static const char *resolve(struct settings *settings, const struct option *option,
                           const char *value)
{
    const char *slash = strrchr(settings->config, '/');
    const size_t before = before_path(option, value);
    const char *path = value + before;
    if (slash == NULL || path[0] == '\0' || path[0] == '/' || strcmp(path, "-") == 0) {
        return value;
    }
    const size_t folder = (size_t)(slash - settings->config) + 1;
    const size_t size = before + folder + strlen(path) + 1;
    char *made = malloc(size);
    if (made != NULL) {
        (void)snprintf(made, size, "%.*s%.*s%s", (int)before, value, (int)folder, settings->config,
                       path);
    }
    return keep(&settings->made, made);
}

static int store_entry(struct settings *settings, const struct option *option,
                       const struct sva_option_entry *entry)
{
    if (option->kind == OPTION_FLAG) {
        return entry->flag ? settings_store(settings, option, "") : -1;
    }
    if (option->kind == OPTION_LIST) { /* nothing is in it: the command line did not name it */
        struct text_list *list = (struct text_list *)(void *)((char *)settings + option->offset);
        const char **texts = calloc(entry->value_count + 1, sizeof *texts);
        if (texts == NULL) {
            complain("out of memory while reading the configuration");
            return EXIT_INCOMPLETE;
        }
        free(list->texts);
        *list = (struct text_list){.texts = texts};
    }
    int code = -1;
    for (size_t i = 0; i < entry->value_count && code < 0; i++) {
        const char *value = resolve(settings, option, entry->values[i]);
        if (value == NULL) {
            complain("out of memory while reading the configuration");
            return EXIT_INCOMPLETE;
        }
        code = settings_store(settings, option, value);
    }
    return code;
}

static int apply_entry(struct settings *settings, const struct sva_option_entry *entry)
{
    const struct option *option = settings_option(settings->command, entry->key);
    if (option == NULL || strcmp(option->name, "config") == 0 ||
        strcmp(option->name, "help") == 0) {
        return complain_key(settings, entry->key);
    }
    if (!fits(option, entry)) {
        return complain_kind(settings, option);
    }
    return settings->given[option - OPTIONS] ? -1 : store_entry(settings, option, entry);
}

int settings_from_file(struct settings *settings)
{
    struct sva_error error = {.status = SVA_OK};
    if (sva_option_file_load(settings->config, &settings->file, &error) != SVA_OK) {
        (void)complain_error(&error);
        return EXIT_USAGE; /* configuration, whatever is wrong with it */
    }
    char place[512];
    (void)snprintf(place, sizeof place, "%s: ", settings->config);
    settings->place = place;
    int code = -1;
    for (size_t i = 0; i < settings->file->entry_count && code < 0; i++) {
        code = apply_entry(settings, &settings->file->entries[i]);
    }
    settings->place = "--";
    return code;
}
