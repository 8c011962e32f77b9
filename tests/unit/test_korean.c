/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/korean.h"

/* "word" + "pattern" as one text. */
static void assert_joined(const char *word, const char *pattern, const char *expected)
{
    struct sva_bytes out = {.data = NULL};
    sva_bytes_text(&out, word);
    const size_t taken = sva_korean_particle(&out, pattern);
    sva_bytes_text(&out, pattern + taken);
    assert_false(out.failed);
    assert_string_equal((const char *)out.data, expected);
    sva_bytes_done(&out);
}

/* clang-format off: it would pad lines of Hangul */
static void particles_follow_hangul(void **state)
{
    (void)state;
    assert_joined("가중치", "은(는) 같습니다", "가중치는 같습니다");
    assert_joined("모델", "은(는)", "모델은");
    assert_joined("모델", "(으)로", "모델로");
    assert_joined("기준", "(으)로", "기준으로");
    assert_joined("저장소", "(으)로", "저장소로");
    assert_joined("구성요소", "이(가)", "구성요소가");
    assert_joined("증빙", "을(를)", "증빙을");
    assert_joined("계층", "와(과)", "계층과");
    assert_joined("파생", "(이)라", "파생이라");
}

static void particles_follow_digits_as_they_are_read(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"0", "이(가)", "0이"},
        {"1", "을(를)", "1을"},
        {"1", "(으)로", "1로"},
        {"2", "을(를)", "2를"},
        {"3", "을(를)", "3을"},
        {"4", "을(를)", "4를"},
        {"5", "을(를)", "5를"},
        {"6", "을(를)", "6을"},
        {"7", "(으)로", "7로"},
        {"8", "을(를)", "8을"},
        {"9", "을(를)", "9를"},
        {"10", "(으)로", "10으로"},
        {"12", "을(를)", "12를"},
        {"10000", "을(를)", "10000을"},
        {"1000000000000", "을(를)", "1000000000000를"},
        {"0.50", "을(를)", "0.50을"},
        {"T1.4", "을(를)", "T1.4를"},
        {"1.07", "(으)로", "1.07로"},
        {"51%", "은(는)", "51%는"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_joined(cases[i][0], cases[i][1], cases[i][2]);
    }
}

static void particles_follow_latin_letters_as_they_are_read(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"Llama", "이(가)", "Llama가"},       {"Qwen", "이(가)", "Qwen이"},
        {"model", "(으)로", "model로"},       {"vision-encoder", "은(는)", "vision-encoder는"},
        {"Solar", "와(과)", "Solar와"},       {"LLM", "은(는)", "LLM은"},
        {"GPT", "은(는)", "GPT는"},           {"URL", "(으)로", "URL로"},
        {"chat", "을(를)", "chat을"},         {"seek", "을(를)", "seek를"},
        {"training", "을(를)", "training을"}, {"A", "을(를)", "A를"},
        {"step-b", "을(를)", "step-b를"},     {"Apple", "(으)로", "Apple로"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_joined(cases[i][0], cases[i][1], cases[i][2]);
    }
}

static void what_stands_in_brackets_is_passed_over(void **state)
{
    (void)state;
    assert_joined("Qwen(2025-01 공개)", "이(가)", "Qwen(2025-01 공개)이");
    assert_joined("Qwen2.5-VL (a (b))", "와(과)", "Qwen2.5-VL (a (b))과");
    assert_joined("\"Llama\"", "(으)로", "\"Llama\"로");
    assert_joined("x)", "이(가)", "x)가");
}

static void both_forms_stay_behind_what_cannot_be_read(void **state)
{
    (void)state;
    assert_joined("", "이(가)", "이(가)");
    assert_joined("()", "이(가)", "()이(가)");
    assert_joined("\xE6\xBC\xA2", "을(를)", "\xE6\xBC\xA2을(를)");
    assert_joined("모델", " 이(가)", "모델 이(가)"); /* not right behind: no particle */
    assert_joined("모델", "", "모델");
    assert_int_equal(sva_korean_final("\xEA\xB0", 2), SVA_SOUND_UNKNOWN);
}
/* clang-format on */

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(particles_follow_hangul),
        cmocka_unit_test(particles_follow_digits_as_they_are_read),
        cmocka_unit_test(particles_follow_latin_letters_as_they_are_read),
        cmocka_unit_test(what_stands_in_brackets_is_passed_over),
        cmocka_unit_test(both_forms_stay_behind_what_cannot_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
