/* SPDX-License-Identifier: Apache-2.0 */
#include "casefile/case_parts.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"

static const char *const NAMES[SVA_CASE_NAMED] = {
    [SVA_CASE_README_EN] = "README.en.md",
    [SVA_CASE_README_KO] = "README.ko.md",
    [SVA_CASE_REGISTER] = "evidence/evidence.json",
    [SVA_CASE_MODEL_SIG] = "model.sig",
    [SVA_CASE_HTML_EN] = "report.en.html",
    [SVA_CASE_HTML_KO] = "report.ko.html",
    [SVA_CASE_REPORT] = "report.json",
    [SVA_CASE_REPORT_SIG] = "report.sig",
    [SVA_CASE_RULES] = "rules.json",
    [SVA_CASE_REPLY] = "timestamp.tsr",
    [SVA_CASE_WAIVERS] = "waivers.json",
};

enum { HEX = 64, PREFIX = sizeof SVA_CASE_PRINTS - 1 };

const char *sva_case_name(enum sva_case_part part)
{
    return NAMES[part];
}

bool sva_case_print_digest(const char *name, uint8_t digest[32])
{
    return strncmp(name, SVA_CASE_PRINTS, PREFIX) == 0 && strlen(name) == PREFIX + HEX + 4 &&
           strcmp(name + PREFIX + HEX, ".svp") == 0 && sva_unhex(name + PREFIX, HEX, digest, 32) &&
           strcmp(sva_case_print_name(digest).text, name) == 0;
}

struct sva_case_print_name sva_case_print_name(const uint8_t digest[32])
{
    struct sva_case_print_name name;
    char hex[HEX + 1];
    sva_hex(digest, 32, hex);
    (void)snprintf(name.text, sizeof name.text, SVA_CASE_PRINTS "%s.svp", hex);
    return name;
}

enum sva_case_part sva_case_part_of(const char *name)
{
    uint8_t digest[32];
    for (unsigned i = 0; i < SVA_CASE_NAMED; i++) {
        if (strcmp(NAMES[i], name) == 0) {
            return (enum sva_case_part)i;
        }
    }
    if (strncmp(name, SVA_CASE_DOCUMENTS, sizeof SVA_CASE_DOCUMENTS - 1) == 0) {
        return SVA_CASE_DOCUMENT;
    }
    return sva_case_print_digest(name, digest) ? SVA_CASE_PRINT : SVA_CASE_UNKNOWN;
}
