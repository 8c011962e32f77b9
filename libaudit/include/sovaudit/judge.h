/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Judging: rule packs (strict JSON), facts, verdicts. A pack holds closed
 * conditions over typed facts; nothing in it is executed. Weights alone can
 * fail a reuse rule: names, architecture and tokenizer are information.
 */
#ifndef SOVAUDIT_JUDGE_H
#define SOVAUDIT_JUDGE_H

#include <sovaudit/compare.h>
#include <sovaudit/refstore.h>

/** Verdict of one rule (XCCDF words). */
enum sva_rule_verdict {
    SVA_RULE_PASS,
    SVA_RULE_FAIL,
    SVA_RULE_REVIEW,
    SVA_RULE_NOT_APPLICABLE,
    SVA_RULE_NOT_CHECKED,
    SVA_RULE_ERROR,
    SVA_RULE_INFORMATIONAL
};

SVA_API const char *sva_rule_verdict_name(enum sva_rule_verdict verdict);

/** Verdict of a whole audit. */
enum sva_verdict_kind {
    SVA_VERDICT_PASS,
    SVA_VERDICT_FAIL,
    SVA_VERDICT_REVIEW,
    SVA_VERDICT_INCOMPLETE,
    SVA_VERDICT_NOT_AUDITABLE
};

SVA_API const char *sva_verdict_name(enum sva_verdict_kind verdict);

/** One comparison of the subject with one reference, as handed to the judge. */
struct sva_compared {
    struct sva_reference reference;
    struct sva_comparison *comparison;
    size_t fact_count;            /**< of the reference's print; 0 when not kept */
    const struct sva_fact *facts; /**< by key; architecture and tokenizer are compared by them */
};

/** Everything the rules may look at. All borrowed. */
struct sva_case {
    const struct sva_print *subject;
    const struct sva_compared *compared;
    size_t compared_count;
    const struct sva_exact_hit *hits; /**< file and tensor look-ups */
    size_t hit_count;
    uint64_t reference_count;         /**< in the store and given by path, before exclusions */
    const char *const *own;           /**< publishers that are the subject's own */
    size_t own_count;
    const char *subject_date;         /**< ISO date or "" */
};

/** One rule applied to one component (or to the whole model: component ""). */
struct sva_rule_result {
    const char *rule;      /**< "T1.1" */
    enum sva_rule_verdict verdict;
    const char *component; /**< "" = whole model */
    const char *reference; /**< matched reference's name, "" none */
    const char *detail_en; /**< what was observed, one or two sentences */
    const char *detail_ko;
    bool waived;
};

struct sva_rulepack;

struct sva_verdict {
    enum sva_verdict_kind kind;
    size_t result_count;
    const struct sva_rule_result *results; /**< in the pack's order, then component order */
    void *internal;
};

/**
 * Loads a pack: a path (it holds '/' or ends in ".json"), or a name looked up in the directory
 * $SOVAUDIT_RULES, the install directory, then the built-in copies. "id" is the newest version of
 * that id, "id@version" one version; "#profile" behind either picks a profile other than "gate".
 * Errors: NOT_FOUND, IO, CORRUPT (not a sound pack; the text names the JSON path), LIMIT, MEMORY.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_rulepack_load(const char *name_or_path,
                                                         struct sva_rulepack **pack,
                                                         struct sva_error *error);
SVA_API void sva_rulepack_free(struct sva_rulepack *pack);

/** Names ("id@version") of all packs found, sorted; free each and the array. */
SVA_MUST_CHECK SVA_API enum sva_status sva_rulepack_list(char ***names, size_t *count,
                                                         struct sva_error *error);

/**
 * Every problem of a pack (path or name as for loading), in file order; none makes it a sound one.
 * Free each and the array. Errors: NOT_FOUND, IO, LIMIT, MEMORY; a malformed pack is a problem,
 * not an error.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_rulepack_lint(const char *path, char ***problems,
                                                         size_t *count, struct sva_error *error);

struct sva_rule_text {
    const char *title, *requirement, *rationale, *remedy;
};

struct sva_rule_info {
    const char *id;
    const char *severity; /**< "fail", "review", "info" */
    struct sva_rule_text ko, en;
    const char *condition; /**< the condition as JSON text */
};

struct sva_source {
    const char *title, *url, *date;
};

struct sva_rulepack_info {
    const char *id, *version, *status, *jurisdiction, *effective_from;
    const char *title_ko, *title_en, *note_ko, *note_en;
    uint8_t digest[SVA_DIGEST_BYTES]; /**< SHA-256 of the pack's bytes */
    size_t rule_count;
    const struct sva_rule_info *rules;
    size_t source_count;
    const struct sva_source *sources;
};

/** Borrowed from the pack. */
SVA_API const struct sva_rulepack_info *sva_rulepack_get_info(const struct sva_rulepack *pack);

/** Judges. Never fails on facts; missing facts follow each rule's on_missing. */
SVA_MUST_CHECK SVA_API enum sva_status sva_judge(const struct sva_rulepack *pack,
                                                 const struct sva_case *facts,
                                                 struct sva_verdict **verdict,
                                                 struct sva_error *error);
SVA_API void sva_verdict_free(struct sva_verdict *verdict);

#endif
