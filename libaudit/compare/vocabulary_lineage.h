/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Do two vocabularies have one source? From the samples that prints keep. Tokens in common alone
 * never say so: texts in the same languages give the same words to vocabularies that were made
 * apart. Ids and the order in which tokens were made do. docs/tokenizers.md has the background
 * of unrelated pairs from which the bounds come.
 */
#ifndef SVA_COMPARE_VOCABULARY_LINEAGE_H
#define SVA_COMPARE_VOCABULARY_LINEAGE_H

#include <sovaudit/compare.h>

/** Fewer tokens in common than this say nothing about ids or order. */
#define SVA_LINEAGE_COMMON_LEAST 100
/** Share of neighbours in the same order from which it is one order. Unrelated pairs: .48-.53. */
#define SVA_LINEAGE_NEIGHBOURS 0.75
/** Kendall's tau from which it is. Unrelated pairs reach .70: frequent words come first in all. */
#define SVA_LINEAGE_TAU 0.9
/** Share of common tokens at one distance of ids from which numbers are one. Unrelated: .003. */
#define SVA_LINEAGE_SAME_PLACES 0.5
/** Tokens made first, equal one by one, from which it is one order. Unrelated pairs: three. */
#define SVA_LINEAGE_PREFIX 64
/** Neighbours in the same order, where numbers are not, for one to be called an extension. */
#define SVA_LINEAGE_EXTENSION_NEIGHBOURS 0.95
/** Share of the smaller vocabulary that must be in the larger for it to be an extension. */
#define SVA_LINEAGE_CONTAINED 0.98
/** Jaccard index from which more is in common than unrelated pairs have, up to .61. */
#define SVA_LINEAGE_OVERLAP 0.7

/**
 * Compares two samples; either may be NULL, then the answer is NOT_COMPARABLE. Texts borrow from
 * `subject`. Time n log n, n <= SVA_TOKEN_SAMPLE. False: out of memory.
 */
bool sva_vocabulary_lineage(const struct sva_token_sample *subject,
                            const struct sva_token_sample *reference,
                            struct sva_tokenizer_lineage *lineage);

#endif
