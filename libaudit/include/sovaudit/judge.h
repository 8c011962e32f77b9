/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Judging: rule packs (strict JSON), facts, verdicts. A pack holds closed
 * conditions over typed facts; nothing in it is executed. Weights alone can
 * fail a reuse rule: names, architecture and tokenizer are information.
 */
#ifndef SOVAUDIT_JUDGE_H
#define SOVAUDIT_JUDGE_H

#include <sovaudit/compare.h>
#include <sovaudit/evidence.h>
#include <sovaudit/knowledge.h>
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
    const struct sva_evidence *evidence; /**< the register, NULL: none was handed in */
    const struct sva_waivers *waivers;   /**< NULL: none */
    const char *as_of;                   /**< ISO day on which waivers must hold; NULL: unknown */
    const struct sva_knowledge *knowledge; /**< of the facts database, NULL: none was asked */
    const struct sva_model *model; /**< the subject's weights, NULL: only its print is at hand */
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
    const struct sva_waiver *waiver; /**< when waived */
    bool counted; /**< false: documents that nobody handed in; the verdict does not rest on it */
    size_t missing_count;
    const char *const *missing; /**< kinds of required documents that are not there */
    size_t document_count;
    const struct sva_document *const *documents; /**< of the register, that it rests on */
};

struct sva_verdict {
    enum sva_verdict_kind kind;
    size_t result_count;
    const struct sva_rule_result *results; /**< in the pack's order, then component order */
    void *internal;
    const enum sva_waiver_state *waiver_states; /**< of each of the case's waivers */
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

/** A kind of evidence that a rule rests on. */
struct sva_evidence_want {
    const char *kind, *en, *ko;
    bool document; /**< wanted in the register; else read from the model */
    bool required;
};

struct sva_crosswalk {
    const char *framework, *id;
};

/** A named number of a pack, why it has this value. */
struct sva_param_info {
    const char *name, *unit, *reason_en, *reason_ko;
    double value;
};

struct sva_rule_info {
    const char *id;
    const char *severity; /**< "fail", "review", "info" */
    struct sva_rule_text ko, en;
    const char *condition; /**< the condition as JSON text */
    const char *on_missing;
    size_t evidence_count;
    const struct sva_evidence_want *evidence;
    size_t source_count;
    const char *const *sources; /**< ids */
    size_t crosswalk_count;
    const struct sva_crosswalk *crosswalk;
    size_t fires_count, silent_count;
    const char *const *fires_on, *const *silent_on; /**< names of cases */
};

struct sva_source {
    const char *title, *url, *date;
    const char *id, *note; /**< note "": none */
};

struct sva_rulepack_info {
    const char *id, *version, *status, *jurisdiction, *effective_from;
    const char *title_ko, *title_en, *note_ko, *note_en;
    uint8_t digest[SVA_DIGEST_BYTES]; /**< SHA-256 of the pack's bytes */
    size_t rule_count;
    const struct sva_rule_info *rules;
    size_t source_count;
    const struct sva_source *sources;
    const char *effective_until; /**< "" open */
    size_t param_count;
    const struct sva_param_info *params;
    const char *profile; /**< the one in force */
};

/** Is a pack in force on a day? */
enum sva_effect { SVA_EFFECT_IN_FORCE, SVA_EFFECT_NOT_YET, SVA_EFFECT_NO_LONGER };

/** "in-force", "not-yet", "no-longer". */
SVA_API const char *sva_effect_name(enum sva_effect effect);

/** `day` is YYYY-MM-DD. Of an imprecise date, from counts from its first and until to its last day. */
SVA_API enum sva_effect sva_rulepack_effect(const struct sva_rulepack_info *info, const char *day);

/** Borrowed from the pack. */
SVA_API const struct sva_rulepack_info *sva_rulepack_get_info(const struct sva_rulepack *pack);

/** One named case on which a rule was tried. */
struct sva_rule_trial {
    const char *rule, *name;
    bool expected; /**< the rule should fire */
    bool known;    /**< there is a case of that name */
    bool passed;
    const char *verdicts; /**< what the rule gave, by scope */
};

/**
 * Tries every rule on the cases that it names. Cases are facts, no models: those of the file
 * `cases_path`; NULL: PACK.cases.json beside a pack that was loaded by path, else those shipped.
 * Free *trials with sva_rulepack_trials_free(). Errors: NOT_FOUND, IO, CORRUPT, LIMIT, MEMORY.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_rulepack_try(const struct sva_rulepack *pack,
                                                        const char *cases_path,
                                                        struct sva_rule_trial **trials,
                                                        size_t *count, struct sva_error *error);
SVA_API void sva_rulepack_trials_free(struct sva_rule_trial *trials);

/** Judges. Never fails on facts; missing facts follow each rule's on_missing. */
SVA_MUST_CHECK SVA_API enum sva_status sva_judge(const struct sva_rulepack *pack,
                                                 const struct sva_case *facts,
                                                 struct sva_verdict **verdict,
                                                 struct sva_error *error);
SVA_API void sva_verdict_free(struct sva_verdict *verdict);

#endif
