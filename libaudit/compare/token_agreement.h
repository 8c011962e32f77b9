/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The rows of frequent tokens, a third witness of training beside constant starts and directions.
 * While training is short their start is much of what they hold, so that agreement proves little;
 * disagreement does. Tokens pair by key, hence across vocabularies.
 */
#ifndef SVA_COMPARE_TOKEN_AGREEMENT_H
#define SVA_COMPARE_TOKEN_AGREEMENT_H

#include "compare/evidence.h"

/** Fewer tokens in common tell nothing. */
enum { SVA_TOKENS_IN_COMMON_LEAST = 32 };

struct sva_token_agreement {
    uint32_t rows;      /**< in common; 0: agreement and error mean nothing */
    double agreement;   /**< correlation, each side's mean row over the common tokens removed */
    double error;       /**< standard error, by the delta method over tokens */
};

/** Of one table with another; pure. */
struct sva_token_agreement sva_tokens_agree(const struct sva_token_rows *subject,
                                            const struct sva_token_rows *reference);

/**
 * Fills token_agreement and token_lower of the evidence from embeddings and heads of the component
 * and of its counterpart, averaged by rows; leaves them NAN where nothing can be compared.
 */
void sva_agree_on_tokens(const struct sva_pair *pair, uint32_t component,
                         struct sva_component_evidence *evidence);

#endif
