/* SPDX-License-Identifier: Apache-2.0 */
/** Where results and messages go: streams, width, colour, the progress bar, Ctrl-C. */
#ifndef SOVAUDIT_CMD_TERMINAL_H
#define SOVAUDIT_CMD_TERMINAL_H

#include "settings.h"

/** Ctrl-C and SIGTERM only set a flag that long work polls; a reader that left is no error. */
void terminal_catch_signals(void);
bool terminal_interrupted(void);

/** Columns of stdout's terminal, $COLUMNS, else 80. */
unsigned terminal_width(void);
/** --colour, $NO_COLOR, $TERM, and whether stdout is a terminal. */
bool terminal_colour(const struct settings *settings);

/** A progress bar on stderr. It stays silent unless stderr is a terminal. */
struct bar {
    bool shown;            /**< something stands on the line now */
    bool enabled;
    enum sva_lang lang;
    char stage[24];
    double stage_start, last_drawn; /**< seconds, monotonic */
};

void bar_start(struct bar *bar, const struct settings *settings);
struct sva_progress bar_progress(struct bar *bar);
/** Erases the bar. */
void bar_end(struct bar *bar);

/** Language of the headings that stand before errors; their sentences are English. */
void terminal_language(enum sva_lang lang);
/** "sovaudit: <sentence>" on stderr, control characters made visible. */
void complain(const char *format, ...) SVA_PRINTF(1, 2);
/** The same, returning EXIT_USAGE. */
int complain_usage(const char *format, ...) SVA_PRINTF(1, 2);
/** Prints an error of the library and returns its exit code. */
int complain_error(const struct sva_error *error);

/** Writes to stdout. EXIT_DONE, also for a closed pipe; EXIT_INCOMPLETE after a message. */
int print_result(const char *text, size_t size);
/** The same with a format; for short results. */
int print_line(const char *format, ...) SVA_PRINTF(1, 2);

/** 2*SVA_DIGEST_BYTES hex digits and NUL. */
struct hex {
    char text[2 * SVA_DIGEST_BYTES + 1];
};
struct hex hex_of(const uint8_t digest[SVA_DIGEST_BYTES]);

/** Text from a file or store with control characters replaced by '?'; the rest as it is. */
struct shown {
    char text[2048];
};
struct shown show(const char *text);

/** What a rule's severity means, for people. Borrowed. */
const char *severity_word(const char *severity, enum sva_lang lang);

#endif
