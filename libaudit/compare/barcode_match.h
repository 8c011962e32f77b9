/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Neurons found again one by one, by what they say to landmarks: frequent tokens, places in a patch
 * (fingerprint/landmarks.h). A rotation of the residual stream does not change that, nor do other
 * numbers, splitting neurons, leaving some out or dealing them to experts hide a neuron from it.
 *
 * Barcodes are whitened over both sides' neurons, so that what the landmarks have in common does
 * not count. Each layer of the subject looks for the reference's layer that holds most of its
 * neurons; the other layers, searched alike, are the null. That null is empirical, and two
 * trainings on one language may come to a few neurons in common: the result is labelled so, and
 * counts by its size.
 */
#ifndef SVA_COMPARE_BARCODE_MATCH_H
#define SVA_COMPARE_BARCODE_MATCH_H

#include "compare/evidence.h"

/**
 * Looks at eight layers at most, evenly spaced. Fills `evidence->barcodes`; adds the test
 * "barcode-match", which does not decide. False: out of memory.
 */
bool sva_barcode_match(const struct sva_pair *pair, uint32_t component, uint32_t other,
                       struct sva_component_evidence *evidence);

#endif
