/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/finding_sentence.h"
#include "report/labels.h"

/* clang-format off: it would pad lines of Hangul */
static const struct {
    const char *code, *english, *korean;
} CASES[] = {
    {"duplicate-config-key", "config.json gives hidden_size more than once; the last value counts.",
     "config.json: 키 hidden_size가 두 번 이상 있어 마지막 값을 적용하였습니다."},
    {"not-audited", "x/y.bin is a zip archive of 12 bytes; weights in it were not audited.",
     "x/y.bin: zip 압축 파일(12바이트)이며, 이 파일의 가중치는 감사하지 않았습니다."},
    {"not-audited", "3 files are of no kind that is audited: a, b, c.",
     "감사하지 않는 종류의 파일 3개: a, b, c"},
    {"duplicate-weights", "a.gguf, GGUF in 2 part(s), is not audited: it seems to hold the model's "
     "weights a second time.",
     "a.gguf: 감사하지 않은 GGUF 파일입니다(부분 2개, 같은 가중치의 중복으로 보임)."},
    {"case-collision", "A and a differ in the case of letters only; where case is not told apart "
     "one replaces the other.",
     "A와 a는 대소문자만 다릅니다. 대소문자를 구별하지 않는 환경에서는 한쪽이 다른 쪽을 "
     "대체합니다."},
    {"trailing-bytes", "7 bytes at byte 90 lie behind the last tensor and belong to none",
     "마지막 텐서 뒤에 어느 텐서에도 속하지 않는 데이터가 7바이트 있습니다(위치 90바이트)."},
    {"config-mismatch", "config.json states text_config.hidden_size = 4096, but the tensors of "
     "text-decoder show 64.",
     "config.json에는 text_config.hidden_size = 4096으로 적혀 있으나 text-decoder의 텐서에서 "
     "확인되는 값은 64입니다."},
    {"null-metadata", "\"__metadata__\" is null", "\"__metadata__\"의 값이 null입니다."},
    {"leading-whitespace", "the header begins with a blank instead of {",
     "헤더가 여는 중괄호가 아니라 공백으로 시작합니다."},
    {"evidence-missing", "a.txt: cannot be opened", "등록된 문서를 열 수 없습니다(원인: a.txt: cannot be opened)."},
    /* what is named may look like the words around it, or like a placeholder */
    {"duplicate-config-key", "{0} gives {1} gives more than once; the last value counts.",
     "{0}: 키 {1} gives가 두 번 이상 있어 마지막 값을 적용하였습니다."},
    /* no row fits: the English stays */
    {"duplicate-config-key", "in other words", "in other words"},
    {"duplicate-config-key", "", ""},
    {"of-another-version", "a.bin is odd", "a.bin is odd"},
};
/* clang-format on */

static void findings_are_told_in_korean(void **state)
{
    (void)state;
    struct sva_arena arena = {.blocks = NULL};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        const struct sva_finding finding = {.code = CASES[i].code, .text = CASES[i].english};
        assert_string_equal(sva_finding_sentence(&arena, SVA_LANG_KO, &finding), CASES[i].korean);
        assert_string_equal(sva_finding_sentence(&arena, SVA_LANG_EN, &finding), CASES[i].english);
    }
    const struct sva_finding bare = {.code = "odd-key", .text = NULL};
    assert_string_equal(sva_finding_sentence(&arena, SVA_LANG_KO, &bare), "odd-key");
    sva_arena_done(&arena);
}

static void long_sentences_are_cut_between_characters(void **state)
{
    (void)state;
    char out[16];
    const struct sva_finding finding = {.code = "null-metadata",
                                        .text = "\"__metadata__\" is null"};
    assert_string_equal(sva_finding_words(SVA_LANG_EN, &finding, out, sizeof out),
                        "\"__metadata__\" ");
    for (size_t room = 1; room <= sizeof out; room++) {
        const char *said = sva_finding_words(SVA_LANG_KO, &finding, out, room);
        assert_true(strlen(said) < room);
        assert_true(strncmp("\"__metadata__\"의", said, strlen(said)) == 0);
        assert_true(strlen(said) < 15);
    }
}

static void words_of_closed_lists_have_korean(void **state)
{
    (void)state;
    assert_string_equal(sva_word(SVA_LANG_KO, "derived"), "파생");
    assert_string_equal(sva_word(SVA_LANG_EN, "derived"), "derived");
    assert_string_equal(sva_word(SVA_LANG_KO, "not in any list"), "not in any list");
    for (int i = 0; i < SVA_ANSWER_COUNT; i++) {
        const char *name = sva_answer_name((enum sva_answer)i);
        assert_string_equal(sva_word(SVA_LANG_KO, name),
                            sva_label_answer(SVA_LANG_KO, (enum sva_answer)i));
    }
    for (int i = SVA_RULE_PASS; i <= SVA_RULE_INFORMATIONAL; i++) {
        const char *name = sva_rule_verdict_name((enum sva_rule_verdict)i);
        assert_string_equal(sva_word(SVA_LANG_KO, name),
                            sva_label_rule(SVA_LANG_KO, (enum sva_rule_verdict)i));
    }
    for (int i = 0; i < SVA_DISTRIBUTION_COUNT; i++) {
        const char *name = sva_distribution_name((enum sva_distribution)i);
        assert_string_not_equal(sva_word(SVA_LANG_KO, name), name);
    }
    for (int i = SVA_DOCUMENT_SOUND; i <= SVA_DOCUMENT_MALFORMED; i++) {
        const char *name = sva_document_state_name((enum sva_document_state)i);
        assert_string_not_equal(sva_word(SVA_LANG_KO, name), name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(findings_are_told_in_korean),
        cmocka_unit_test(long_sentences_are_cut_between_characters),
        cmocka_unit_test(words_of_closed_lists_have_korean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
