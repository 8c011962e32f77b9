/* SPDX-License-Identifier: Apache-2.0 */
/** Pieces from which the wording of verdicts is put together. Internal to judge/wording*.c. */
#ifndef SVA_JUDGE_WORDING_PARTS_H
#define SVA_JUDGE_WORDING_PARTS_H

#include "judge/wording.h"

/** The two texts as they grow. */
struct sva_sentences {
    const struct sva_case_facts *facts;
    const struct sva_scope_facts *scope;
    const struct sva_rule_documents *documents; /**< of the rule */
    enum sva_rule_verdict verdict;
    const char *reference; /**< named first, "" none yet */
    struct sva_bytes en, ko;
};

/** A number as text with up to `digits` significant digits, the same in every locale. */
struct sva_number_text {
    char text[32];
};
struct sva_number_text sva_number_words(double value, int digits);

/** Appends fixed sentences to both texts, after a blank if need be. */
void sva_say(struct sva_sentences *out, const char *en, const char *ko);
/** A blank between sentences. */
void sva_say_blank(struct sva_sentences *out);

/** Wording of the weight rules: dependence found, suspected, explained, excluded or not tested. */
void sva_word_weights(struct sva_sentences *out);
/** Wording of exact copies of tensors or files. */
void sva_word_exact(struct sva_sentences *out);
/** Wording of disclosure. */
void sva_word_disclosure(struct sva_sentences *out);

/** Wording of declarations that the weights do not bear out. */
void sva_word_declared(struct sva_sentences *out);

/** Documents of the register, a judgement and a trace report, as far as the rule has any. */
void sva_word_documents(struct sva_sentences *out);
/** The kinds of documents that are required and not there; nothing when none is. */
void sva_word_missing(struct sva_sentences *out);

#endif
