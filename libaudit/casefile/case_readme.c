/* SPDX-License-Identifier: Apache-2.0 */
#include "casefile/case_readme.h"

#include <string.h>

#include "base/text.h"
#include "casefile/case_parts.h"
#include "convert/document.h"

/* What each named part is, en and ko. */
static const char *const PARTS[SVA_CASE_NAMED][2] = {
    [SVA_CASE_REGISTER] = {"the evidence register; its documents lie beside it",
                           "증빙 목록(문서는 같은 폴더에 있습니다)"},
    [SVA_CASE_MODEL_SIG] = {"the vendor's signature over the model's files (OpenSSF Model Signing)",
                            "모델 파일에 대한 제출 기관의 전자서명(OpenSSF Model Signing)"},
    [SVA_CASE_HTML_EN] = {"the report to read and print, in English", "보고서(영문, 열람·인쇄용)"},
    [SVA_CASE_HTML_KO] = {"the report to read and print, in Korean", "보고서(국문, 열람·인쇄용)"},
    [SVA_CASE_REPORT] = {"the report itself; every other form is made from it",
                         "보고서 원본(다른 형식은 모두 이 파일에서 만듭니다)"},
    [SVA_CASE_REPORT_SIG] = {"the auditor's signature over the report",
                             "보고서에 대한 감사 기관의 전자서명"},
    [SVA_CASE_RULES] = {"the rule pack that judged", "판정에 사용한 기준 묶음"},
    [SVA_CASE_REPLY] = {"a timestamp (RFC 3161)", "타임스탬프(RFC 3161)"},
    [SVA_CASE_WAIVERS] = {"waivers that a person took responsibility for",
                          "책임자가 승인한 면제 목록"},
};

static const char *const COMMANDS[2] = {
    "\n## Check it without our tool\n\n"
    "```sh\n"
    "tar --zstd -xf CASE.tar.zst && sha256sum -c SHA256SUMS\n"
    "```\n\n"
    "Every file but `SHA256SUMS` and `SHA256SUMS.sig` must be listed; `ls -R` shows what else is\n"
    "there. The digests find changes to single files. They do not say who made the bundle: whoever\n"
    "changes a file can write a new list. Where `SHA256SUMS.sig` is there, it is a signature over\n"
    "the list. Get the public key from the auditor by another way, and compare:\n\n"
    "```sh\n"
    "part() { sed -n 's/.*\"'\"$1\"'\":\"\\([^\"]*\\)\".*/\\1/p' SHA256SUMS.sig | base64 -d; }\n"
    "part payload >payload && part sig >signature\n"
    "{ printf 'DSSEv1 28 application/vnd.in-toto+json %s ' \"$(wc -c <payload | tr -d ' ')\"\n"
    "  cat payload; } >signed\n"
    "# one of the two, by the kind of key; the other one fails\n"
    "# EC (P-384: -sha384, P-521: -sha512)\n"
    "openssl dgst -sha256 -verify KEY.pub.pem -signature signature signed\n"
    "# Ed25519\n"
    "openssl pkeyutl -verify -pubin -inkey KEY.pub.pem -rawin -in signed -sigfile signature\n"
    "# the signed text names this list\n"
    "grep -c \"$(sha256sum SHA256SUMS | cut -d ' ' -f 1)\" payload\n"
    "```\n\n"
    "The same commands check `report.sig` and `model.sig`; the last one then reads\n"
    "`sha256sum report.json`. A timestamp of the report's signature: `part sig >signature` of\n"
    "`report.sig`, then\n\n"
    "```sh\n"
    "openssl ts -verify -data signature -in timestamp.tsr -CAfile ROOTS.pem\n"
    "```\n\n"
    "## Derive it again\n\n"
    "```sh\n"
    "sovaudit verify CASE.tar.zst --public-key KEY.pub.pem --ca-file ROOTS.pem --model MODEL\n"
    "```\n\n"
    "This needs no network. It compares the prints once more, judges once more by the enclosed rule\n"
    "pack, and says line by line what was checked and what was not.\n",
    "\n## 별도 도구 없이 확인하는 방법\n\n"
    "```sh\n"
    "tar --zstd -xf CASE.tar.zst && sha256sum -c SHA256SUMS\n"
    "```\n\n"
    "`SHA256SUMS`와 `SHA256SUMS.sig`를 제외한 모든 파일이 목록에 있어야 하며, 그 밖의 파일은\n"
    "`ls -R`로 확인할 수 있습니다. 해시는 개별 파일의 변경을 찾아내지만 작성자를 증명하지는\n"
    "않습니다. 파일을 바꾼 사람은 목록도 다시 만들 수 있습니다. `SHA256SUMS.sig`가 있으면 목록에\n"
    "대한 전자서명입니다. 공개 키는 감사 기관에서 다른 경로로 직접 받아 대조하십시오.\n\n"
    "```sh\n"
    "part() { sed -n 's/.*\"'\"$1\"'\":\"\\([^\"]*\\)\".*/\\1/p' SHA256SUMS.sig | base64 -d; }\n"
    "part payload >payload && part sig >signature\n"
    "{ printf 'DSSEv1 28 application/vnd.in-toto+json %s ' \"$(wc -c <payload | tr -d ' ')\"\n"
    "  cat payload; } >signed\n"
    "# 키의 종류에 따라 둘 중 하나만 사용(다른 하나는 실패합니다)\n"
    "# EC(P-384는 -sha384, P-521은 -sha512)\n"
    "openssl dgst -sha256 -verify KEY.pub.pem -signature signature signed\n"
    "# Ed25519\n"
    "openssl pkeyutl -verify -pubin -inkey KEY.pub.pem -rawin -in signed -sigfile signature\n"
    "# 서명된 내용에 이 목록의 해시가 있는지 확인\n"
    "grep -c \"$(sha256sum SHA256SUMS | cut -d ' ' -f 1)\" payload\n"
    "```\n\n"
    "`report.sig`와 `model.sig`도 같은 방법으로 확인합니다. 이때 마지막 줄에는\n"
    "`sha256sum report.json`을 사용합니다. 보고서 서명에 대한 타임스탬프는 `report.sig`에서\n"
    "`part sig >signature`로 꺼낸 뒤 다음과 같이 확인합니다.\n\n"
    "```sh\n"
    "openssl ts -verify -data signature -in timestamp.tsr -CAfile ROOTS.pem\n"
    "```\n\n"
    "## 결과를 다시 도출하는 방법\n\n"
    "```sh\n"
    "sovaudit verify CASE.tar.zst --public-key KEY.pub.pem --ca-file ROOTS.pem --model MODEL\n"
    "```\n\n"
    "네트워크가 필요하지 않습니다. 지문을 다시 비교하고 동봉된 기준 묶음으로 다시 판정한 뒤, 확인한\n"
    "항목과 확인하지 못한 항목을 한 줄씩 알려 줍니다.\n",
};

/** Text of the report between backquotes, which it cannot leave. */
static void put_code(struct sva_bytes *out, const char *text)
{
    char shown[512];
    (void)sva_escape(text, strlen(text), shown, sizeof shown);
    for (char *at = strchr(shown, '`'); at != NULL; at = strchr(at, '`')) {
        *at = '\'';
    }
    sva_bytes_printf(out, "`%s`", shown[0] != '\0' ? shown : "-");
}

static void put_row(struct sva_bytes *out, const char *label, const char *value)
{
    sva_bytes_printf(out, "- %s: ", label);
    put_code(out, value);
    sva_bytes_text(out, "\n");
}

static void put_head(const struct sva_case_report *report, int lang, struct sva_bytes *out)
{
    const cJSON *const subject = sva_document_at(report->tree, "subject");
    const char *const verdict = sva_document_text(report->tree, "verdict");
    const enum sva_lang language = lang == 1 ? SVA_LANG_KO : SVA_LANG_EN;
    sva_bytes_text(out, lang == 1 ? "# 감사 증빙 꾸러미\n\n" : "# Evidence bundle of an audit\n\n");
    put_row(out, lang == 1 ? "감사 대상" : "subject", sva_document_text(subject, "name"));
    put_row(out, lang == 1 ? "기준일" : "date", sva_document_text(report->tree, "as_of"));
    put_row(out, lang == 1 ? "판정" : "verdict",
            verdict[0] == '\0' ? "-" : sva_word(language, verdict));
    put_row(out, lang == 1 ? "대상 지문" : "print of the subject",
            sva_document_text(subject, "digest"));
}

static void put_files(const struct sva_sums *names, int lang, struct sva_bytes *out)
{
    sva_bytes_text(out, lang == 1 ? "\n## 들어 있는 파일\n\n" : "\n## What is in it\n\n");
    for (unsigned i = 0; i < SVA_CASE_NAMED; i++) {
        const char *const name = sva_case_name((enum sva_case_part)i);
        if (PARTS[i][lang] != NULL && sva_sums_find(names, name) != NULL) {
            sva_bytes_printf(out, "- `%s`: %s\n", name, PARTS[i][lang]);
        }
    }
}

/** A print and whose it is, or that it is absent. */
static void put_prints(const struct sva_case_report *report, const struct sva_sums *names, int lang,
                       struct sva_bytes *out)
{
    sva_bytes_text(out, lang == 1 ? "\n## 비교에 사용한 지문\n\n" : "\n## Prints compared\n\n");
    for (size_t i = 0; i < report->wanted_count; i++) {
        const struct sva_case_wanted *const wanted = &report->wanted[i];
        const struct sva_case_print_name name = sva_case_print_name(wanted->digest);
        const bool there = sva_sums_find(names, name.text) != NULL;
        sva_bytes_printf(out, "- `%s`: ", name.text);
        put_code(out, wanted->whose);
        sva_bytes_text(out, there       ? "\n"
                            : lang == 1 ? " - 이 꾸러미에 없습니다\n"
                                        : " - not in this bundle\n");
    }
}

void sva_case_readme(const struct sva_case_report *report, const struct sva_sums *names,
                     enum sva_lang lang, struct sva_bytes *out)
{
    const int column = lang == SVA_LANG_KO ? 1 : 0;
    put_head(report, column, out);
    put_files(names, column, out);
    put_prints(report, names, column, out);
    sva_bytes_text(out, COMMANDS[column]);
}
