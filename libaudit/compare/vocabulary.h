/* SPDX-License-Identifier: Apache-2.0 */
/** Was the vocabulary changed while the layers came from the reference? */
#ifndef SVA_COMPARE_VOCABULARY_H
#define SVA_COMPARE_VOCABULARY_H

#include <sovaudit/print.h>

/** Correlation of token rows from which most tokens are taken to be the reference's. */
#define SVA_VOCABULARY_KEPT 0.5
/** And up to which, at an equal count, the rows are taken to be others'. */
#define SVA_VOCABULARY_OTHER 0.25

enum sva_vocabulary_change {
    SVA_VOCABULARY_SAME,
    SVA_VOCABULARY_EXTENDED, /**< more tokens, and rows like the reference's */
    SVA_VOCABULARY_REBUILT   /**< fewer tokens, or rows unlike the reference's */
};

/**
 * Compares the token embedding (the output head where there is none) of one component with the
 * reference's: numbers of tokens, and the sketches along the residual axis, which sum over token
 * rows chosen by their token. SAME also when nothing could be compared. False: out of memory.
 */
bool sva_vocabulary_compare(const struct sva_print *subject, uint32_t component,
                            const struct sva_print *reference,
                            enum sva_vocabulary_change *change);

#endif
