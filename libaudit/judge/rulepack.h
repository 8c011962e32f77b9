/* SPDX-License-Identifier: Apache-2.0 */
/** A rule pack in memory, as parsed and checked. Immutable after loading. */
#ifndef SVA_JUDGE_RULEPACK_H
#define SVA_JUDGE_RULEPACK_H

#include "base/cursor.h"
#include "judge/condition.h"
#include "judge/evidence_kinds.h"

enum {
    SVA_PACK_BYTES_MAX = 4 * 1024 * 1024,
    SVA_PACK_DEPTH_MAX = 40,
    SVA_PACK_CASES_MAX = 16 /**< verdicts that one rule chooses between */
};

/** "If the condition holds, this verdict"; the last case of a rule has no condition. */
struct sva_rule_case {
    enum sva_rule_verdict verdict;
    bool missing; /**< "on-missing": whatever the rule's on_missing says */
    bool conditional;
    struct sva_condition condition;
};

/** A kind of evidence that a rule rests on. */
struct sva_rule_evidence {
    enum sva_evidence_kind kind;
    bool required;
    size_t instead_count;
    const enum sva_evidence_kind *instead; /**< any of these serves as well */
};

struct sva_rule {
    const char *id;
    enum sva_fact_id fact; /**< what the rule is about: chooses the wording */
    unsigned scopes;       /**< each component, the whole model, or both */
    unsigned kinds;        /**< bits 1 << enum sva_component_kind that it applies to */
    size_t name_count;           /**< patterns of component names that it applies to; 0: all */
    const char *const *names;
    size_t evidence_count;
    const struct sva_rule_evidence *evidence;
    enum sva_rule_verdict on_missing;
    size_t case_count;
    struct sva_rule_case cases[SVA_PACK_CASES_MAX];
};

/** Rules that are applied, and the worst verdict that they may give. */
struct sva_profile {
    const char *name;
    enum sva_rule_verdict cap; /**< FAIL, REVIEW or INFORMATIONAL */
    bool *applies;             /**< of each rule */
    bool *informs;             /**< of each rule: here it gives information at most */
    bool documents_when_given; /**< missing documents count only where a register was handed in */
};

struct sva_rulepack {
    struct sva_arena arena;
    struct sva_rulepack_info info;
    const struct sva_rule *rules; /**< in the order of info.rules */
    size_t profile_count;
    const struct sva_profile *profiles;
    const struct sva_profile *profile; /**< the one in force */
    const char *origin;                /**< path, or "built-in <file>" */
    bool built_in;
};

/** Does the rule rest on documents or on a person's judgement? */
bool sva_rule_wants_documents(const struct sva_rule *rule);

/**
 * Parses a pack's bytes. Everything wrong is listed in `problems` (whose arena
 * is the pack's); without problems *pack is sound and the caller frees it. The
 * profile in force is "gate". Errors: MEMORY only.
 */
enum sva_status sva_rulepack_parse(struct sva_span bytes, struct sva_rulepack *pack,
                                   struct sva_problems *problems,
                                   struct sva_error *error) SVA_MUST_CHECK;

/** A rule pack file found by its name or path: where it came from, and its bytes. */
struct sva_pack_file {
    char *origin; /**< path, or "built-in <file>"; for messages */
    const uint8_t *bytes;
    size_t size;
    uint8_t *owned; /**< NULL when built in */
};

void sva_pack_file_done(struct sva_pack_file *file);

/** Every pack file that names are looked up in: $SOVAUDIT_RULES, then installed, then built in. */
struct sva_pack_files {
    struct sva_pack_file *items;
    size_t count, capacity;
};

/** Errors: IO, LIMIT, MEMORY. A directory that does not exist holds no packs, unless the variable
 * names it. */
enum sva_status sva_pack_files_read(struct sva_pack_files *files,
                                    struct sva_error *error) SVA_MUST_CHECK;
void sva_pack_files_done(struct sva_pack_files *files);

/** The cases that the library was built with, to try rules on. */
struct sva_span sva_shipped_cases(void);

/** Reads one pack file. Errors: NOT_FOUND, IO, LIMIT, MEMORY. */
enum sva_status sva_pack_file_read(const char *path, struct sva_pack_file *file,
                                   struct sva_error *error) SVA_MUST_CHECK;

#endif
