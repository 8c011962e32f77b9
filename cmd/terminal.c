/* SPDX-License-Identifier: Apache-2.0 */
#include "terminal.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted;
static enum sva_lang language = SVA_LANG_EN;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

void terminal_catch_signals(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    (void)sigemptyset(&action.sa_mask);
    action.sa_handler = on_signal;
    action.sa_flags = (int)SA_RESETHAND; /* a second Ctrl-C ends the program at once */
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    action.sa_handler = SIG_IGN;
    action.sa_flags = 0;
    (void)sigaction(SIGPIPE, &action, NULL);
#ifdef SIGXFSZ
    (void)sigaction(SIGXFSZ, &action, NULL); /* writing beyond `ulimit -f` is an error like others */
#endif
}

bool terminal_interrupted(void)
{
    return interrupted != 0;
}

/** Columns of the terminal behind a descriptor, 0 when it is none. */
static unsigned columns_of(int descriptor)
{
    struct winsize size;
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

unsigned terminal_width(void)
{
    const unsigned columns = columns_of(STDOUT_FILENO);
    const char *text = getenv("COLUMNS");
    if (columns > 0 || text == NULL) {
        return columns > 0 ? columns : 80;
    }
    const unsigned long given = strtoul(text, NULL, 10);
    return given >= 20 && given <= 1000 ? (unsigned)given : 80;
}

bool terminal_colour(const struct settings *settings)
{
    if (settings->colour != COLOUR_AUTO) {
        return settings->colour == COLOUR_ALWAYS;
    }
    const char *plain = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    return isatty(STDOUT_FILENO) == 1 && (plain == NULL || plain[0] == '\0') && terminal != NULL &&
           strcmp(terminal, "dumb") != 0;
}

static double seconds(void)
{
    struct timespec now = {0, 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/** Stages that the library names, in words. What is not listed is shown as it is. */
static const char *stage_word(const char *stage, enum sva_lang lang)
{
    static const struct {
        const char *stage, *word[2];
    } WORDS[] = {
        {"fingerprint", {"reading weights", "가중치 읽는 중"}},
        {"unpack", {"unpacking", "압축 푸는 중"}},
        {"hash", {"hashing files", "파일 해시 계산 중"}},
        {"compare", {"comparing", "비교 중"}},
    };
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        if (strcmp(WORDS[i].stage, stage) == 0) {
            return WORDS[i].word[lang];
        }
    }
    return stage;
}

/** "1.2 GB" into `text`. */
static void format_bytes(double bytes, char text[32])
{
    static const char *const UNIT[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    size_t step = 0;
    while (bytes >= 999.5 && step + 1 < sizeof UNIT / sizeof *UNIT) {
        bytes /= 1000.0;
        step++;
    }
    const uint64_t tenths = (uint64_t)(bytes * 10.0 + 0.5);
    if (step == 0 || tenths >= 1000) {
        (void)snprintf(text, 32, "%" PRIu64 " %s", tenths / 10, UNIT[step]);
    } else {
        (void)snprintf(text, 32, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10,
                       UNIT[step]);
    }
}

/** "1:05" or "2:01:05" left, "" while it cannot be told. */
static void format_left(double left, char text[16])
{
    text[0] = '\0';
    if (left >= 0.0 && left < 360000.0) {
        const unsigned whole = (unsigned)(left + 0.5);
        if (whole >= 3600) {
            (void)snprintf(text, 16, "%u:%02u:%02u", whole / 3600, whole / 60 % 60, whole % 60);
        } else {
            (void)snprintf(text, 16, "%u:%02u", whole / 60, whole % 60);
        }
    }
}

static void draw(const struct bar *bar, uint64_t done, uint64_t total, double elapsed)
{
    enum { CELLS = 20, SMALL = 100000 };
    char cells[CELLS + 1];
    char right[128] = "";
    const double share = total > 0 ? (double)done / (double)total : 0.0;
    for (int i = 0; i < CELLS; i++) {
        cells[i] = (double)i < share * CELLS ? '#' : '.';
    }
    cells[CELLS] = '\0';
    if (total < SMALL) { /* things, not bytes */
        (void)snprintf(right, sizeof right, "%" PRIu64 " / %" PRIu64, done, total);
    } else {
        char amount[32], whole[32], rate[32], left[16];
        format_bytes((double)done, amount);
        format_bytes((double)total, whole);
        format_bytes(elapsed > 0.0 ? (double)done / elapsed : 0.0, rate);
        format_left(done > 0 && elapsed > 1.0 ? elapsed / share - elapsed : -1.0, left);
        (void)snprintf(right, sizeof right, "%s / %s  %s/s  %s", amount, whole, rate, left);
    }
    const unsigned columns = columns_of(STDERR_FILENO);
    const char *word = stage_word(bar->stage, bar->lang);
    if (columns == 0 || columns >= 72) {
        (void)fprintf(stderr, "\r\x1b[K%s [%s] %3u%%  %s", word, cells, (unsigned)(share * 100.0),
                      right);
    } else {
        (void)fprintf(stderr, "\r\x1b[K%s %3u%%", word, (unsigned)(share * 100.0));
    }
    (void)fflush(stderr);
}

static void update(void *context, const char *stage, uint64_t done_bytes, uint64_t total_bytes)
{
    enum { REDRAWS_PER_SECOND = 10 };
    struct bar *bar = context;
    if (!bar->enabled) {
        return;
    }
    const double now = seconds();
    if (strncmp(bar->stage, stage, sizeof bar->stage - 1) != 0) {
        (void)snprintf(bar->stage, sizeof bar->stage, "%s", stage);
        bar->stage_start = now;
        bar->last_drawn = now; /* work that is over at once needs no bar */
        return;
    }
    if (now - bar->last_drawn >= 1.0 / REDRAWS_PER_SECOND) {
        bar->last_drawn = now;
        bar->shown = true;
        draw(bar, done_bytes, total_bytes, now - bar->stage_start);
    }
}

static bool cancelled(void *context)
{
    (void)context;
    return interrupted != 0;
}

void bar_start(struct bar *bar, const struct settings *settings)
{
    *bar = (struct bar){
        .enabled = !settings->no_progress && !settings->quiet && isatty(STDERR_FILENO) == 1,
        .lang = (enum sva_lang)settings->lang,
    };
}

struct sva_progress bar_progress(struct bar *bar)
{
    return (struct sva_progress){.update = update, .cancelled = cancelled, .context = bar};
}

void bar_end(struct bar *bar)
{
    if (bar->shown) {
        (void)fputs("\r\x1b[K", stderr);
        (void)fflush(stderr);
        bar->shown = false;
    }
}

/**
 * Bytes of the UTF-8 character at `at` that may be shown; 0 when it is not well formed or steers a
 * terminal or reorders what people read.
 */
static size_t showable(const char *at)
{
    static const uint32_t LEAST[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char first = (unsigned char)at[0];
    const size_t length = first < 0x80               ? 1
                          : (first & 0xE0U) == 0xC0U ? 2
                          : (first & 0xF0U) == 0xE0U ? 3
                          : (first & 0xF8U) == 0xF0U ? 4
                                                     : 0;
    if (length <= 1) {
        return length == 1 && first >= 0x20 && first != 0x7F ? 1 : 0;
    }
    uint32_t point = first & (0x7FU >> length);
    for (size_t i = 1; i < length; i++) {
        if (((unsigned char)at[i] & 0xC0U) != 0x80U) {
            return 0;
        }
        point = point << 6 | ((unsigned char)at[i] & 0x3FU);
    }
    const bool well_formed = point >= LEAST[length] && point <= 0x10FFFF && point >> 11 != 0x1B;
    const bool steers = point < 0xA0 || point == 0x61C || (point >= 0x200B && point <= 0x200F) ||
                        (point >= 0x2028 && point <= 0x202E) ||
                        (point >= 0x2060 && point <= 0x206F) || point == 0xFEFF;
    return well_formed && !steers ? length : 0;
}

/** Copies what may be shown, a '?' for each other byte; never ends inside a character. */
static void copy_shown(const char *text, char *shown, size_t size)
{
    size_t used = 0;
    while (*text != '\0') {
        const size_t length = showable(text);
        if (used + (length > 0 ? length : 1) >= size) {
            break;
        }
        if (length > 0) {
            memcpy(shown + used, text, length);
        } else {
            shown[used] = '?';
        }
        used += length > 0 ? length : 1;
        text += length > 0 ? length : 1;
    }
    shown[used] = '\0';
}

SVA_PRINTF(1, 0) static void complain_list(const char *format, va_list arguments)
{
    char text[1024];
    char shown[1024];
    (void)vsnprintf(text, sizeof text, format, arguments);
    copy_shown(text, shown, sizeof shown);
    (void)fprintf(stderr, "sovaudit: %s\n", shown);
}

void complain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    complain_list(format, arguments);
    va_end(arguments);
}

void terminal_language(enum sva_lang lang)
{
    language = lang;
}

/** What kind of error it is, in Korean: the sentence itself names file and place in English. */
static const char *korean_heading(enum sva_status status)
{
    static const char *const headings[] = {[SVA_OK] = "",
                                           [SVA_ERR_IO] = "읽기·쓰기 오류: ",
                                           [SVA_ERR_CORRUPT] = "손상된 입력: ",
                                           [SVA_ERR_LIMIT] = "허용 한도 초과: ",
                                           [SVA_ERR_UNSUPPORTED] = "지원하지 않는 형식: ",
                                           [SVA_ERR_MEMORY] = "메모리 부족: ",
                                           [SVA_ERR_USAGE] = "사용법 오류: ",
                                           [SVA_ERR_NOT_FOUND] = "찾을 수 없음: ",
                                           [SVA_ERR_CONFLICT] = "기존 내용과 충돌: ",
                                           [SVA_ERR_CANCELLED] = "",
                                           [SVA_ERR_NOTHING] = "감사할 대상 없음: ",
                                           [SVA_ERR_INTERNAL] = "내부 오류: "};
    return language == SVA_LANG_KO ? headings[status] : "";
}

int complain_usage(const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    complain("%s%s", korean_heading(SVA_ERR_USAGE), text);
    return EXIT_USAGE;
}

int complain_error(const struct sva_error *error)
{
    static const char *const stopped[] = {"stopped on request; nothing was written",
                                          "요청에 따라 중단하였습니다. 저장한 것은 없습니다."};
    complain("%s%s", korean_heading(error->status),
             error->status == SVA_ERR_CANCELLED ? stopped[language == SVA_LANG_KO] : error->text);
    switch (error->status) {
    case SVA_ERR_USAGE:
    case SVA_ERR_NOT_FOUND: return EXIT_USAGE;
    case SVA_ERR_NOTHING: return EXIT_NOTHING;
    case SVA_ERR_CANCELLED: return EXIT_INTERRUPTED;
    default: return EXIT_INCOMPLETE;
    }
}

int print_result(const char *text, size_t size)
{
    errno = 0;
    const bool written = fwrite(text, 1, size, stdout) == size && fflush(stdout) == 0;
    if (!written && errno != EPIPE) {
        complain("cannot write the result to standard output: %s", strerror(errno));
        return EXIT_INCOMPLETE;
    }
    return EXIT_DONE;
}

int print_line(const char *format, ...)
{
    char text[4096];
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    const size_t size = length < 0 ? 0 : (size_t)length;
    return print_result(text, size < sizeof text ? size : sizeof text - 1);
}

struct hex hex_of(const uint8_t digest[SVA_DIGEST_BYTES])
{
    static const char DIGITS[] = "0123456789abcdef";
    struct hex hex;
    for (size_t i = 0; i < SVA_DIGEST_BYTES; i++) {
        hex.text[2 * i] = DIGITS[digest[i] >> 4];
        hex.text[2 * i + 1] = DIGITS[digest[i] & 15];
    }
    hex.text[2 * SVA_DIGEST_BYTES] = '\0';
    return hex;
}

struct shown show(const char *text)
{
    struct shown shown;
    copy_shown(text != NULL ? text : "", shown.text, sizeof shown.text);
    return shown;
}

const char *severity_word(const char *severity, enum sva_lang lang)
{
    if (lang != SVA_LANG_KO) {
        return severity;
    }
    return strcmp(severity, "fail") == 0     ? "미충족 시 부적합"
           : strcmp(severity, "review") == 0 ? "미충족 시 검토 필요"
                                             : "참고 정보";
}
