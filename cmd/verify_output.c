/* SPDX-License-Identifier: Apache-2.0 */
#include "verify_output.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

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
static const struct sentence SENTENCES[SVA_CHECK_CODE_COUNT][STATES][2] = {
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
    [SVA_CHECK_VERDICT] = {[SVA_CHECK_TOLD] =
                               BOTH("attested verdict: ", "", "서명된 보고서의 판정: ", "")},
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
    [SVA_CHECK_SIGNED_FILE] = {[SVA_CHECK_PASSED] =
                                   BOTH("the file is the one that was signed, SHA-256 ", "",
                                        "서명 당시의 파일과 일치합니다. SHA-256 ", ""),
                               [SVA_CHECK_FAILED] =
                                   BOTH("the file is not the one that was signed, SHA-256 ", "",
                                        "서명 당시의 파일과 다릅니다. SHA-256 ", "")},
    // clang-format off
    [SVA_CHECK_HINTS] = {
        [SVA_CHECK_PASSED] = BOTH("files hashed by hints, each of which was found to hold: ", "",
                                  "힌트를 모두 확인하며 해시한 파일 수: ", ""),
        [SVA_CHECK_NOT_CHECKED] = BOTH("the hints, which are not of this file as it is here; it was hashed without: ", "",
                                       "힌트가 이 파일과 맞지 않아 힌트 없이 해시한 파일: ", "")},
    [SVA_CHECK_CASE_SIGNATURE] = {
        [SVA_CHECK_NOT_CHECKED] = BOTH("the signature over the list (give --public-key): without it, whoever changes "
                                       "files can list them anew", "",
                                       "파일 목록의 서명(--public-key로 지정하면 확인합니다). 확인하지 않으면 파일을 바꾼 사람이 목록도 "
                                       "다시 만들 수 있습니다", ""),
        [SVA_CHECK_FAILED] = BOTH("nothing in the bundle was signed by this key", "",
                                  "이 키로 서명한 내용이 꾸러미에 없습니다", ""),
        [SVA_CHECK_TOLD] = BOTH("the list of files is not signed: whoever changes files can list them anew", "",
                                "파일 목록에 서명이 없습니다. 파일을 바꾼 사람이 목록도 다시 만들 수 있습니다", "")},
    [SVA_CHECK_CASE_FILES] = {
        [SVA_CHECK_PASSED] = BOTH("files with the digest that SHA256SUMS lists: ", "",
                                  "SHA256SUMS의 해시와 일치하는 파일 수: ", "")},
    [SVA_CHECK_CASE_CHANGED] = {
        [SVA_CHECK_FAILED] = BOTH("not as SHA256SUMS lists it: ", "", "SHA256SUMS의 해시와 다름: ", "")},
    [SVA_CHECK_CASE_MISSING] = {
        [SVA_CHECK_FAILED] = BOTH("not in the bundle: ", "", "꾸러미에 없음: ", "")},
    [SVA_CHECK_CASE_EXTRA] = {
        [SVA_CHECK_FAILED] = BOTH("does not belong there, or not in this place: ", "",
                                  "있어서는 안 되거나 순서가 다른 파일: ", "")},
    [SVA_CHECK_CASE_UNREAD] = {
        [SVA_CHECK_NOT_CHECKED] = BOTH("what the files say: nothing in them was read", "",
                                       "파일의 내용은 읽지 않았습니다", "")},
    [SVA_CHECK_CASE_HTML] = {
        [SVA_CHECK_PASSED] = BOTH("the page is made from report.json: ", "",
                                  "report.json으로 만든 문서가 맞습니다: ", ""),
        [SVA_CHECK_FAILED] = BOTH("the page is not made from report.json: ", "",
                                  "report.json으로 만든 문서가 아닙니다: ", ""),
        [SVA_CHECK_NOT_CHECKED] = BOTH("the page, which another version wrote: ", "",
                                       "다른 버전의 프로그램으로 만든 문서: ", "")},
    [SVA_CHECK_CASE_README] = {
        [SVA_CHECK_PASSED] = BOTH("the text goes with this bundle: ", "", "이 꾸러미의 안내문이 맞습니다: ", ""),
        [SVA_CHECK_FAILED] = BOTH("the text does not go with this bundle: ", "",
                                  "이 꾸러미의 안내문이 아닙니다: ", ""),
        [SVA_CHECK_NOT_CHECKED] = BOTH("the text, which another version wrote: ", "",
                                       "다른 버전의 프로그램으로 만든 안내문: ", "")},
    [SVA_CHECK_CASE_RULES] = {
        [SVA_CHECK_PASSED] = BOTH("the rule pack is the report's, SHA-256 ", "",
                                  "보고서에 사용한 기준 묶음이 맞습니다. SHA-256 ", ""),
        [SVA_CHECK_FAILED] = BOTH("the rule pack is absent or not the report's, SHA-256 ", "",
                                  "보고서에 사용한 기준 묶음이 없거나 다릅니다. SHA-256 ", "")},
    [SVA_CHECK_CASE_REGISTER] = {
        [SVA_CHECK_PASSED] = BOTH("as the report names it: ", "", "보고서에 적힌 파일이 맞습니다: ", ""),
        [SVA_CHECK_FAILED] = BOTH("not as the report names it: ", "", "보고서에 적힌 파일과 다릅니다: ", ""),
        [SVA_CHECK_NOT_CHECKED] = BOTH("not in the bundle: ", "", "꾸러미에 없음: ", "")},
    [SVA_CHECK_CASE_DOCUMENTS] = {
        [SVA_CHECK_PASSED] = BOTH("documents with the registered digest: ", "",
                                  "등록된 해시와 일치하는 증빙 문서 수: ", "")},
    [SVA_CHECK_CASE_DOCUMENT] = {
        [SVA_CHECK_FAILED] = BOTH("not the document that was registered: ", "",
                                  "등록된 증빙 문서가 아닙니다: ", ""),
        [SVA_CHECK_NOT_CHECKED] = BOTH("document that is not in the bundle: ", "",
                                       "꾸러미에 없는 증빙 문서: ", "")},
    [SVA_CHECK_CASE_WITHHELD] = {
        [SVA_CHECK_NOT_CHECKED] = BOTH("confidential documents, known by hash alone: ", "",
                                       "해시만 등록된 비공개 문서 수: ", "")},
    [SVA_CHECK_CASE_PRINTS] = {
        [SVA_CHECK_PASSED] = BOTH("prints with the digest that the report names: ", "",
                                  "보고서에 적힌 다이제스트와 일치하는 지문 수: ", "")},
    [SVA_CHECK_CASE_PRINT] = {
        [SVA_CHECK_FAILED] = BOTH("not a print that the report names: ", "",
                                  "보고서에 적힌 지문이 아닙니다: ", ""),
        [SVA_CHECK_NOT_CHECKED] = BOTH("print that is not in the bundle: ", "", "꾸러미에 없는 지문: ", "")},
    [SVA_CHECK_CASE_KEY] = {
        [SVA_CHECK_NOT_CHECKED] = BOTH("this signature, made by a key with the fingerprint ", "",
                                       "이 서명(서명에 적힌 키 지문: ", ")")},
    [SVA_CHECK_CASE_SIGNED_FILES] = {
        [SVA_CHECK_PASSED] = BOTH("files of the report with the digest that was signed: ", "",
                                  "서명된 해시와 일치하는 보고서의 모델 파일 수: ", ""),
        [SVA_CHECK_NOT_CHECKED] = BOTH("the weights against the signature: digests of whole files are needed on both sides "
                                       "(give --model)", "",
                                       "서명과 가중치 파일의 대조: 양쪽 모두에 파일 전체의 해시가 있어야 합니다(--model로 지정하면 확인합니다)", "")},
    [SVA_CHECK_CASE_STAMP] = {
        [SVA_CHECK_PASSED] = BOTH("the timestamp is of ", "", "타임스탬프의 대상: ", ""),
        [SVA_CHECK_FAILED] = BOTH("the timestamp is of nothing in this bundle", "",
                                  "타임스탬프의 대상이 이 꾸러미에 없습니다", "")},
    [SVA_CHECK_CASE_MODEL] = {
        [SVA_CHECK_PASSED] = BOTH("the model's print, made again, is the report's: ", "",
                                  "모델의 지문을 다시 만든 결과 보고서와 일치합니다: ", ""),
        [SVA_CHECK_FAILED] = BOTH("the model's print, made again, is not the report's: ", "",
                                  "모델의 지문을 다시 만든 결과 보고서와 다릅니다: ", "")},
    [SVA_CHECK_CASE_MODEL_FILES] = {
        [SVA_CHECK_PASSED] = BOTH("files of the model with the digest in the report: ", "",
                                  "보고서의 해시와 일치하는 모델 파일 수: ", "")},
    [SVA_CHECK_CASE_COMPARED] = {
        [SVA_CHECK_PASSED] = BOTH("comparisons made again, with the report's figures: ", "",
                                  "다시 비교하여 보고서와 수치가 일치한 참조 모델 수: ", "")},
    [SVA_CHECK_CASE_COMPARISON] = {
        [SVA_CHECK_FAILED] = BOTH("compared again, the figures differ: ", "",
                                  "다시 비교한 수치가 보고서와 다릅니다: ", ""),
        [SVA_CHECK_NOT_CHECKED] = BOTH("not compared again: ", "", "다시 비교하지 못함: ", "")},
    [SVA_CHECK_CASE_WEIGHTS] = {
        [SVA_CHECK_NOT_CHECKED] = BOTH("figures from every element, which prints lack: ", "",
                                       "지문에 없는 전체 원소의 수치: ", "")},
    [SVA_CHECK_CASE_VERDICT] = {
        [SVA_CHECK_PASSED] = BOTH("judged again, the verdict is the same: ", "",
                                  "다시 판정한 결과가 같습니다: ", ""),
        [SVA_CHECK_FAILED] = BOTH("judged again, the verdict is not the report's: ", "",
                                  "다시 판정한 결과가 보고서와 다릅니다: ", ""),
        [SVA_CHECK_NOT_CHECKED] = BOTH("the verdict was not derived again: ", "",
                                       "판정을 다시 도출하지 못했습니다: ", "")},
    [SVA_CHECK_CASE_RULE] = {
        [SVA_CHECK_FAILED] = BOTH("judged again, a rule has another outcome: ", "",
                                  "다시 판정한 결과가 다른 기준: ", ""),
        [SVA_CHECK_NOT_CHECKED] = BOTH("a rule, which lacks what it rested on: ", "",
                                       "근거가 없어 다시 판정하지 못한 기준: ", "")},
    [SVA_CHECK_CASE_SUBJECT] = {
        [SVA_CHECK_PASSED] = BOTH("the report says of the model what its print says: ", "",
                                  "모델에 관한 보고서의 내용이 지문과 일치합니다: ", ""),
        [SVA_CHECK_FAILED] = BOTH("the report says something else of the model than its print: ", "",
                                  "모델에 관한 보고서의 내용이 지문과 다릅니다: ", ""),
        [SVA_CHECK_NOT_CHECKED] = BOTH("what the report says of the model, which another version wrote: ", "",
                                       "다른 버전의 프로그램이 적은 모델 정보: ", "")},
    [SVA_CHECK_CERTIFICATE] =
        {[SVA_CHECK_PASSED] = BOTH("the signer's certificate is by a root that was given: ", "",
                                   "지정된 루트 인증서로 확인된 서명자 인증서: ", ""),
         [SVA_CHECK_FAILED] = BOTH("the signer's certificate does not verify: ",
                                   "; nothing under the signature was read",
                                   "서명자 인증서를 검증하지 못하여 서명된 내용은 읽지 않았습니다: ", "")},
    [SVA_CHECK_CERTIFICATE_TIME] =
        {[SVA_CHECK_NOT_CHECKED] =
             BOTH("whether the certificate had expired or was revoked when it was signed", "",
                  "서명 당시 인증서의 만료·폐지 여부", "")},
    // clang-format on
};

static int print_check(const struct sva_check *check, int lang)
{
    char number[32] = "";
    if (check->code == SVA_CHECK_ABOUT) {
        return print_line("-- %s\n", check->text);
    }
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

/** 0 verified, 1 not, 2 of a bundle that was not derived again in whole. */
static int code_of(const struct settings *settings, const struct sva_verification *verification)
{
    return !verification->verified                                           ? EXIT_CRITERION_FAILED
           : sva_verification_is_partial(verification) && !settings->partial ? EXIT_INCOMPLETE
                                                                             : EXIT_DONE;
}

int print_verification(const struct settings *settings, const struct sva_verification *verification)
{
    static const char *const OUTCOMES[3][2] = {
        {"does NOT verify", "검증되지 않았습니다"},
        {"verified", "검증되었습니다"},
        {"verified as far as it was checked: the outcome was not derived again in whole",
         "확인한 범위에서 검증되었습니다. 결과 전체를 다시 도출하지는 못했습니다"},
    };
    const bool partial = sva_verification_is_partial(verification);
    const int outcome = !verification->verified ? 0 : partial ? 2 : 1;
    int code = EXIT_DONE;
    for (size_t i = 0; i < verification->check_count && code == EXIT_DONE && !settings->quiet;
         i++) {
        code = print_check(&verification->checks[i], settings->lang);
    }
    if (code == EXIT_DONE && !settings->quiet) {
        code = print_line("%s\n", OUTCOMES[outcome][settings->lang]);
    }
    return code != EXIT_DONE ? code : code_of(settings, verification);
}

int complain_unreadable(const struct sva_error *error)
{
    const int code = complain_error(error);
    return error->status == SVA_ERR_USAGE || error->status == SVA_ERR_CANCELLED ? code
                                                                                : EXIT_INCOMPLETE;
}

/** The JSON, also of what could not be read; `code` is what the command exits with. */
static int print_json(const struct sva_verification *verification,
                      const struct sva_verification_note *note)
{
    char *text = NULL;
    size_t size = 0;
    struct sva_error error = {.status = SVA_OK};
    const enum sva_status status = sva_verification_json(verification, note, &text, &size, &error);
    const int code = status == SVA_OK ? print_result(text, size) : complain_error(&error);
    free(text);
    return code == EXIT_DONE ? note->exit_code : code;
}

int finish_verification(const struct settings *settings, const char *kind, enum sva_status status,
                        const struct sva_verification *verification, const struct sva_error *error)
{
    struct sva_verification_note note = {.kind = kind, .path = settings->operands[0]};
    if (status != SVA_OK) {
        note.exit_code = complain_unreadable(error);
        note.failure = error;
        return settings->json && note.exit_code == EXIT_INCOMPLETE ? print_json(NULL, &note)
                                                                   : note.exit_code;
    }
    note.exit_code = code_of(settings, verification);
    return settings->json ? print_json(verification, &note)
                          : print_verification(settings, verification);
}
