/* SPDX-License-Identifier: Apache-2.0 */
/** The parts of a pack's parser. Internal to rulepack_parse.c and rule_parse.c. */
#ifndef SVA_JUDGE_RULEPACK_PARSE_H
#define SVA_JUDGE_RULEPACK_PARSE_H

#include "judge/pack_reader.h"
#include "judge/rulepack.h"

/** State of one parse. */
struct sva_pack_parse {
    struct sva_problems *problems;
    struct sva_param *params;
    size_t param_count;
    const char **source_ids;
    size_t source_count;
};

/** A verdict by its name; SVA_RULE_ERROR and a problem when there is none of that name. */
enum sva_rule_verdict sva_pack_verdict(struct sva_problems *problems, const cJSON *item,
                                       const char *path);

/** Parses one rule into both forms: what is applied and what is shown. */
void sva_pack_rule(struct sva_pack_parse *parse, const cJSON *json, const char *path,
                   struct sva_rule *rule, struct sva_rule_info *info);

#endif
