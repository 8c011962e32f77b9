/* SPDX-License-Identifier: Apache-2.0 */
#include "base/korean.h"

#include <string.h>

#include "base/text.h"

enum { LOOKED_AT_BYTES = 256, HANGUL_FIRST = 0xAC00, HANGUL_LAST = 0xD7A3, FINALS = 28, RIEUL = 8 };

/* clang-format off: it would pad lines of Hangul */
/** What a sentence writes, and the forms behind a consonant, a vowel and ㄹ. */
static const struct particle {
    const char *written, *consonant, *vowel, *rieul;
} PARTICLES[] = {
    {"은(는)", "은", "는", "은"}, {"이(가)", "이", "가", "이"},   {"을(를)", "을", "를", "을"},
    {"와(과)", "과", "와", "과"}, {"(으)로", "으로", "로", "로"}, {"(이)라", "이라", "라", "이라"},
};
/* clang-format on */

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_in(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* ---- what stands behind the word ---- */

/** Length up to before the bracket that the closing one at the end belongs to; 0: none. */
static size_t before_bracket(const char *text, size_t length)
{
    size_t depth = 0;
    for (size_t at = length; at > 0; at--) {
        depth += text[at - 1] == ')';
        if (text[at - 1] == '(' && --depth == 0) {
            return at - 1;
        }
    }
    return 0;
}

/** Length without closing signs, blanks and bracketed additions. */
static size_t word_length(const char *text, size_t length)
{
    while (length > 0) {
        const size_t open = text[length - 1] == ')' ? before_bracket(text, length) : 0;
        if (open > 0) {
            length = open;
        } else if (is_in(text[length - 1], " \"'`)]}>*_-.,:;!?/")) {
            length--;
        } else {
            break;
        }
    }
    return length;
}

/* ---- the final sound ---- */

/** A number, by its last digit and the zeros behind it. "1.50" is read digit by digit. */
static enum sva_final_sound number_sound(const char *text, size_t length)
{
    static const char sounds[] = "CRVCVVCRRV"; /* 영 일 이 삼 사 오 육 칠 팔 구 */
    size_t start = length;
    size_t zeros = 0;
    while (start > 0 && sva_is_digit(text[start - 1])) {
        start--;
    }
    while (zeros < length - start && text[length - 1 - zeros] == '0') {
        zeros++;
    }
    const bool fraction = start > 1 && text[start - 1] == '.' && sva_is_digit(text[start - 2]);
    if (zeros > 0 && (fraction || zeros == length - start)) {
        return SVA_SOUND_CONSONANT; /* 영 */
    }
    if (zeros > 0) { /* 십, 백, 천, 만, 억 and 경 end in consonants, 조 does not */
        return zeros >= 12 && zeros < 16 ? SVA_SOUND_VOWEL : SVA_SOUND_CONSONANT;
    }
    const char sound = sounds[text[length - 1] - '0'];
    return sound == 'R' ? SVA_SOUND_RIEUL : sound == 'V' ? SVA_SOUND_VOWEL : SVA_SOUND_CONSONANT;
}

/** A letter by its name: 엘 and 알 end in ㄹ, 엠 and 엔 in consonants. */
static enum sva_final_sound letter_sound(char letter)
{
    return is_in(letter, "LRlr")   ? SVA_SOUND_RIEUL
           : is_in(letter, "MNmn") ? SVA_SOUND_CONSONANT
                                   : SVA_SOUND_VOWEL;
}

/** A word of `count` small letters at the end of `text`. */
static enum sva_final_sound word_sound(const char *word, size_t count)
{
    const char last = word[count - 1];
    const char before = word[count - 2];
    const char third = count > 2 ? word[count - 3] : ' ';
    const bool short_vowel = is_in(before, "aeiouAEIOU") && !is_in(third, "aeiouAEIOU");
    if (last == 'l' || (last == 'e' && before == 'l' && !is_in(third, "aeiou "))) {
        return SVA_SOUND_RIEUL; /* model, people */
    }
    if (last == 'm' || last == 'n' || (last == 'g' && before == 'n')) {
        return SVA_SOUND_CONSONANT;
    }
    if (is_in(last, "ptk") && short_vowel) {
        return SVA_SOUND_CONSONANT; /* chat, Grok */
    }
    return SVA_SOUND_VOWEL;
}

static enum sva_final_sound latin_sound(const char *text, size_t length)
{
    size_t start = length;
    bool capitals = true;
    while (start > 0 && (is_upper(text[start - 1]) || is_lower(text[start - 1]))) {
        start--;
        capitals = capitals && is_upper(text[start]);
    }
    return capitals || length - start == 1 ? letter_sound(text[length - 1])
                                           : word_sound(text + start, length - start);
}

/** A syllable of three bytes in front of `length`; unknown for other characters. */
static enum sva_final_sound hangul_sound(const char *text, size_t length)
{
    const uint8_t *at = (const uint8_t *)text + length;
    if (length < 3 || (at[-3] & 0xF0U) != 0xE0U) {
        return SVA_SOUND_UNKNOWN;
    }
    const uint32_t code =
        (at[-3] & 0x0FU) << 12 | (at[-2] & 0x3FU) << 6 | (uint32_t)(at[-1] & 0x3FU);
    if (code < HANGUL_FIRST || code > HANGUL_LAST) {
        return SVA_SOUND_UNKNOWN;
    }
    const uint32_t final = (code - HANGUL_FIRST) % FINALS;
    return final == 0 ? SVA_SOUND_VOWEL : final == RIEUL ? SVA_SOUND_RIEUL : SVA_SOUND_CONSONANT;
}

enum sva_final_sound sva_korean_final(const char *text, size_t length)
{
    if (length > LOOKED_AT_BYTES) {
        text += length - LOOKED_AT_BYTES;
        length = LOOKED_AT_BYTES;
    }
    length = word_length(text, length);
    if (length == 0) {
        return SVA_SOUND_UNKNOWN;
    }
    const char last = text[length - 1];
    if (last == '%') { /* 퍼센트 */
        return SVA_SOUND_VOWEL;
    }
    return sva_is_digit(last)                 ? number_sound(text, length)
           : is_upper(last) || is_lower(last) ? latin_sound(text, length)
                                              : hangul_sound(text, length);
}

size_t sva_korean_particle(struct sva_bytes *out, const char *pattern)
{
    for (size_t i = 0; i < sizeof PARTICLES / sizeof *PARTICLES; i++) {
        const struct particle *particle = &PARTICLES[i];
        const size_t written = strlen(particle->written);
        if (strncmp(pattern, particle->written, written) != 0) {
            continue;
        }
        const enum sva_final_sound sound =
            out->data != NULL ? sva_korean_final((const char *)out->data, out->size)
                              : SVA_SOUND_UNKNOWN;
        sva_bytes_text(out, sound == SVA_SOUND_UNKNOWN ? particle->written
                            : sound == SVA_SOUND_VOWEL ? particle->vowel
                            : sound == SVA_SOUND_RIEUL ? particle->rieul
                                                       : particle->consonant);
        return written;
    }
    return 0;
}
