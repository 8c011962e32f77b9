/* SPDX-License-Identifier: Apache-2.0 */
#include "verify_output.h"

#include <inttypes.h>
#include <stdio.h>

#include "terminal.h"

/** One sentence: words before and behind a number or text; NULL `before`: never said. */
struct sentence {
    const char *before, *behind;
};

enum { STATES = SVA_CHECK_TOLD + 1 };

static const char *const STATE_WORDS[STATES][2] = {
    [SVA_CHECK_PASSED] = {"ok         ", "확인   "},
    [SVA_CHECK_FAILED] = {"FAILED     ", "불일치 "},
    [SVA_CHECK_NOT_CHECKED] = {"not checked", "미확인 "},
    [SVA_CHECK_TOLD] = {"stated     ", "기재   "},
};

#define BOTH(en_before, en_behind, ko_before, ko_behind)                                           \
    {                                                                                              \
        {en_before, en_behind},                                                                    \
        {                                                                                          \
            ko_before, ko_behind                                                                   \
        }                                                                                          \
    }

/** [code][state][language] */
static const struct sentence SENTENCES[][STATES][2] = {
    [SVA_CHECK_SIGNATURE] =
        {[SVA_CHECK_PASSED] = BOTH("the signature was made by this key (", ")",
                                   "서명은 이 키로 만든 것입니다 (", ")"),
         [SVA_CHECK_FAILED] =
             BOTH("the signature was not made by this key (",
                  ") over these bytes; nothing under it was read", "서명이 이 키(",
                  ")로 이 내용에 대해 만든 것이 아니므로 서명된 내용은 읽지 않았습니다")},
    [SVA_CHECK_KEY] = {[SVA_CHECK_PASSED] = BOTH("fingerprint of the key: ", "", "키 지문: ", ""),
                       [SVA_CHECK_FAILED] = BOTH("the bundle names another key than ", "",
                                                 "서명 파일에 적힌 키가 다음 키와 다릅니다: ", "")},
    [SVA_CHECK_SUBJECT] = {[SVA_CHECK_TOLD] =
                               BOTH("signed under the name ", "", "서명 당시 이름: ", "")},
    [SVA_CHECK_ROOT_DIGEST] = {[SVA_CHECK_PASSED] =
                                   BOTH("root digest over all signed digests: ", "",
                                        "서명된 전체 해시의 루트 다이제스트: ", "")},
    [SVA_CHECK_FILES] = {[SVA_CHECK_PASSED] = BOTH("files (or pieces) with the signed digest: ", "",
                                                   "서명된 해시와 일치하는 파일(조각) 수: ", "")},
    [SVA_CHECK_FILE_CHANGED] = {[SVA_CHECK_FAILED] =
                                    BOTH("not as it was signed: ", "", "서명 당시와 다름: ", "")},
    [SVA_CHECK_FILE_MISSING] = {[SVA_CHECK_FAILED] =
                                    BOTH("signed, and not here: ", "", "서명되었으나 없음: ", "")},
    [SVA_CHECK_FILE_UNSIGNED] = {[SVA_CHECK_FAILED] =
                                     BOTH("here, and not signed: ", "", "서명되지 않은 파일: ", ""),
                                 [SVA_CHECK_NOT_CHECKED] =
                                     BOTH("not signed, as --ignore-unsigned allows: ", "",
                                          "서명되지 않은 파일(--ignore-unsigned로 허용): ", "")},
    [SVA_CHECK_IGNORED] = {[SVA_CHECK_NOT_CHECKED] = BOTH("not covered by the signature: ", "",
                                                          "서명 범위에서 제외됨: ", "")},
    [SVA_CHECK_REPORT] = {[SVA_CHECK_PASSED] =
                              BOTH("the report is the one that was attested, SHA-256 ", "",
                                   "서명 당시의 보고서와 일치합니다. SHA-256 ", ""),
                          [SVA_CHECK_FAILED] =
                              BOTH("the report is not the one that was attested, SHA-256 ", "",
                                   "서명 당시의 보고서와 다릅니다. SHA-256 ", "")},
    [SVA_CHECK_VERDICT] = {[SVA_CHECK_TOLD] = BOTH("attested verdict: ", "", "서명된 보고서의 판정: ", "")},
    [SVA_CHECK_UNCOVERED] = {[SVA_CHECK_NOT_CHECKED] = BOTH("not covered by the report: ", "",
                                                            "보고서가 다루지 않는 파일: ", "")},
    [SVA_CHECK_MODEL_UNSEEN] = {[SVA_CHECK_NOT_CHECKED] =
                                    BOTH("files of the model that the report is about: ",
                                         " (give --model)", "보고서가 다루는 모델 파일 수: ",
                                         " (--model로 지정하면 확인합니다)")},
    [SVA_CHECK_TIMESTAMP] = {[SVA_CHECK_PASSED] = BOTH("it existed at ", ", by the timestamp",
                                                       "타임스탬프에 따르면 ", "에 존재하였습니다"),
                             [SVA_CHECK_FAILED] = BOTH("the timestamp does not verify: ", "",
                                                       "타임스탬프를 검증하지 못했습니다: ", ""),
                             [SVA_CHECK_NOT_CHECKED] = BOTH(
                                 "there is a timestamp that says ", " (give --ca-file)",
                                 "타임스탬프에 적힌 시각: ", " (--ca-file로 지정하면 확인합니다)")},
    [SVA_CHECK_TIME_UNKNOWN] = {[SVA_CHECK_NOT_CHECKED] =
                                    BOTH("when it was signed: no timestamp was verified", "",
                                         "서명 시점: 검증된 타임스탬프가 없습니다", "")},
    [SVA_CHECK_IDENTITY_UNKNOWN] =
        {[SVA_CHECK_NOT_CHECKED] =
             BOTH("who holds the key: compare its fingerprint with one from its holder", "",
                  "키 소유자: 소유자에게서 직접 받은 지문과 대조하십시오", "")},
    [SVA_CHECK_LOG_UNSEEN] = {[SVA_CHECK_NOT_CHECKED] = BOTH("entries of a transparency log", "",
                                                             "투명성 로그 기록", "")},
};

static int print_check(const struct sva_check *check, int lang)
{
    char number[32] = "";
    const struct sentence *sentence = &SENTENCES[check->code][check->state][lang];
    if (sentence->before == NULL) {
        return EXIT_DONE;
    }
    if (check->text[0] == '\0' && check->count > 0) {
        (void)snprintf(number, sizeof number, "%" PRIu64, check->count);
    }
    return print_line("%s  %s%s%s%s\n", STATE_WORDS[check->state][lang], sentence->before,
                      check->text, number, sentence->behind);
}

int print_verification(const struct settings *settings, const struct sva_verification *verification)
{
    static const char *const OUTCOMES[2][2] = {
        {"does NOT verify", "검증되지 않았습니다"},
        {"verified", "검증되었습니다"},
    };
    int code = EXIT_DONE;
    for (size_t i = 0; i < verification->check_count && code == EXIT_DONE && !settings->quiet;
         i++) {
        code = print_check(&verification->checks[i], settings->lang);
    }
    if (code == EXIT_DONE && !settings->quiet) {
        code = print_line("%s\n", OUTCOMES[verification->verified][settings->lang]);
    }
    return code != EXIT_DONE ? code : verification->verified ? EXIT_DONE : EXIT_CRITERION_FAILED;
}

int complain_unreadable(const struct sva_error *error)
{
    const int code = complain_error(error);
    return error->status == SVA_ERR_USAGE || error->status == SVA_ERR_CANCELLED ? code
                                                                                : EXIT_INCOMPLETE;
}
