/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What two prints must have in common before any test of their weights could apply: a class is a
 * 64-bit number that follows from shapes, widths, roles and names, or from the hash of a
 * tensor's values. Two prints without a common class are not comparable, whatever their sketches
 * hold; two that share one may or may not be.
 *
 *   shape      sizes of a matrix without their order, kernel positions   axis tests, values
 *   width      of a component with a residual stream                     joint tests, layer map, neurons
 *   vector     role or name, and length                                  gains, biases
 *   factor     name and rank of a LoRA factor                            rank tests
 *   hidden     number of neurons of a hidden layer                       cosines between neurons
 *   vocabulary the tokens that were made first, in order                lineage of vocabularies
 *   values     any hash under which equal values could be found          identity
 *
 * Nothing but names, shapes and hashes enters, so that choosing references by classes is free:
 * under the null hypothesis the choice says nothing about a test's outcome. A new test in
 * compare/ that pairs tensors by anything else needs a new class here.
 */
#ifndef SVA_FINGERPRINT_PRINT_CLASSES_H
#define SVA_FINGERPRINT_PRINT_CLASSES_H

#include <stdbool.h>
#include <stddef.h>

#include <sovaudit/print.h>

/** Changes whenever a print's classes change: those kept elsewhere are then stale. */
enum { SVA_CLASSES_VERSION = 3 };

/** Ascending, without repeats; caller frees. False: out of memory. */
bool sva_print_classes(const struct sva_print *print, uint64_t **classes, size_t *count);

/** Do two ascending lists have an element in common? */
bool sva_classes_meet(const uint64_t *a, size_t a_count, const uint64_t *b, size_t b_count);

#endif
