/* SPDX-License-Identifier: Apache-2.0 */
#include "passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "terminal.h"

void passphrase_wipe(char *text, size_t size)
{
    volatile char *at = text;
    for (size_t i = 0; i < size; i++) {
        at[i] = 0;
    }
}

/** One line, without its end, byte by byte so that nothing behind it is lost. -1: error. */
static long read_line(int descriptor, char *text, size_t size)
{
    size_t used = 0;
    for (;;) {
        char byte = 0;
        const ssize_t got = read(descriptor, &byte, 1);
        if (got < 0 && errno == EINTR && !terminal_interrupted()) {
            continue;
        }
        if (got < 0 || (got == 1 && used + 1 >= size)) {
            return -1;
        }
        if (got == 0 || byte == '\n') {
            text[used] = '\0';
            return (long)used;
        }
        text[used++] = byte;
    }
}

static bool complain_once(struct passphrase_source *source, const char *sentence)
{
    complain("%s", sentence);
    source->told = true;
    return false;
}

static bool read_descriptor(struct passphrase_source *source, char *text, size_t size)
{
    int number = 0;
    const char *given = source->settings->passphrase_fd;
    for (const char *at = given; *at != '\0'; at++) {
        if (*at < '0' || *at > '9' || number > 9999) {
            return complain_once(source, "--passphrase-fd wants the number of an open file "
                                         "descriptor");
        }
        number = number * 10 + (*at - '0');
    }
    const long length = read_line(number, text, size);
    if (length < 0) {
        return complain_once(source, "no pass phrase of less than 1024 bytes could be read from "
                                     "the descriptor of --passphrase-fd");
    }
    return length > 0 || complain_once(source, "the pass phrase is empty");
}

static bool write_all(int descriptor, const char *text)
{
    const size_t size = strlen(text);
    return write(descriptor, text, size) == (ssize_t)size;
}

/** Asks once on the terminal with the echo off. */
static long ask_terminal(int terminal, const char *prompt, char *text, size_t size)
{
    struct termios before;
    if (tcgetattr(terminal, &before) != 0 || !write_all(terminal, prompt)) {
        return -1;
    }
    struct termios silent = before;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    if (tcsetattr(terminal, TCSAFLUSH, &silent) != 0) {
        return -1;
    }
    const long length = read_line(terminal, text, size);
    (void)tcsetattr(terminal, TCSAFLUSH, &before);
    (void)write_all(terminal, "\n");
    return length;
}

static bool read_terminal(struct passphrase_source *source, char *text, size_t size)
{
    static const char *const PROMPTS[][2] = {
        [SVA_LANG_EN] = {"pass phrase: ", "the same again: "},
        [SVA_LANG_KO] = {"암호를 입력하십시오: ", "다시 한번 입력하십시오: "},
    };
    const char *const *prompt = PROMPTS[source->settings->lang];
    const int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (terminal < 0) {
        return complain_once(source, "there is no terminal to ask for the pass phrase; give "
                                     "--passphrase-fd");
    }
    char again[PASSPHRASE_BYTES] = "";
    bool same = true;
    const long length = ask_terminal(terminal, prompt[0], text, size);
    if (length > 0 && source->twice) {
        same =
            ask_terminal(terminal, prompt[1], again, sizeof again) >= 0 && strcmp(text, again) == 0;
    }
    passphrase_wipe(again, sizeof again);
    (void)close(terminal);
    if (!same) {
        return complain_once(source, "the two pass phrases differ");
    }
    return length > 0 || complain_once(source, "no pass phrase was given");
}

bool passphrase_ask(void *context, char *text, size_t size)
{
    struct passphrase_source *const source = context;
    return source->settings->passphrase_fd != NULL ? read_descriptor(source, text, size)
                                                   : read_terminal(source, text, size);
}

int signing_key_load(const struct settings *settings, struct sva_key **key)
{
    struct passphrase_source source = {.settings = settings};
    struct sva_error error = {.status = SVA_OK};
    if (sva_key_load(settings->key, passphrase_ask, &source, key, &error) == SVA_OK) {
        return -1;
    }
    return source.told ? EXIT_USAGE : complain_error(&error);
}
