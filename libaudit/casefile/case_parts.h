/* SPDX-License-Identifier: Apache-2.0 */
/** The names that an evidence bundle may hold. Anything else in one is an error. */
#ifndef SVA_CASEFILE_CASE_PARTS_H
#define SVA_CASEFILE_CASE_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#define SVA_CASE_SUMS      "SHA256SUMS"
#define SVA_CASE_SUMS_SIG  "SHA256SUMS.sig"
#define SVA_CASE_DOCUMENTS "evidence/" /* what the register names, by its paths */
#define SVA_CASE_PRINTS    "prints/"   /* and the print's digest and ".svp" */

enum { SVA_CASE_REPORT_BYTES_MAX = 256 << 20 }; /* of report.json */

enum sva_case_part {
    SVA_CASE_README_EN,
    SVA_CASE_README_KO,
    SVA_CASE_REGISTER,
    SVA_CASE_MODEL_SIG,
    SVA_CASE_HTML_EN,
    SVA_CASE_HTML_KO,
    SVA_CASE_REPORT,
    SVA_CASE_REPORT_SIG,
    SVA_CASE_RULES,
    SVA_CASE_REPLY,
    SVA_CASE_WAIVERS,
    SVA_CASE_NAMED, /**< how many have a fixed name */
    SVA_CASE_DOCUMENT = SVA_CASE_NAMED,
    SVA_CASE_PRINT,
    SVA_CASE_UNKNOWN
};

/** The name of a part below SVA_CASE_NAMED. */
const char *sva_case_name(enum sva_case_part part);

enum sva_case_part sva_case_part_of(const char *name);

/** The digest in a print's name; false: not such a name. */
bool sva_case_print_digest(const char *name, uint8_t digest[32]);

struct sva_case_print_name {
    char text[80];
};
struct sva_case_print_name sva_case_print_name(const uint8_t digest[32]);

#endif
