/* SPDX-License-Identifier: Apache-2.0 */
/** The parts of a SARIF 2.1.0 log: rules in sarif_rules.c, results in sarif_results.c. */
#ifndef SVA_CONVERT_SARIF_H
#define SVA_CONVERT_SARIF_H

#include "convert/formats.h"
#include "convert/render.h"

/** Codes of findings that become rules of their own; further ones share "finding/other". */
enum { SVA_SARIF_CODES = 64 };

struct sva_sarif {
    struct sva_writer json;
    struct sva_arena arena;
    const cJSON *report;
    enum sva_lang lang;
    struct sva_places places;
    size_t criterion_count; /**< rules [0, criterion_count) are the pack's */
    size_t code_count;      /**< rules behind them */
    const char *codes[SVA_SARIF_CODES];
    bool other_codes; /**< one rule more */
};

/** Gathers what rules there are. Before the other two. */
void sva_sarif_rules_find(struct sva_sarif *sarif);
/** The list "rules" of tool.driver. */
void sva_sarif_rules(struct sva_sarif *sarif);
/** The list "results". */
void sva_sarif_results(struct sva_sarif *sarif);

/** Index of the rule of a finding's code. */
size_t sva_sarif_code_index(const struct sva_sarif *sarif, const char *code);

/** A text of the arena; "" and a failed writer where memory was too short for it. */
const char *sva_sarif_made(struct sva_sarif *sarif, const char *text);

/** {"text": text}, "-" for none: SARIF wants a text. */
void sva_sarif_message(struct sva_writer *json, const char *key, const char *text);

#define SVA_SARIF_BASE "MODEL"

#endif
