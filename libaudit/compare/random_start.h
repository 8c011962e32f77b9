/* SPDX-License-Identifier: Apache-2.0 */
/** Is a print one of a fresh random start? */
#ifndef SVA_COMPARE_RANDOM_START_H
#define SVA_COMPARE_RANDOM_START_H

#include <sovaudit/print.h>

enum { SVA_TRAINED_ONE_IN = 20 }; /**< matrix sides of a random start above the bulk by chance */

struct sva_random_start {
    size_t gain_count, moved_count;    /**< gains of norms; those that are not constant */
    size_t known_count, trained_count; /**< matrix sides; those with directions above the bulk */
};

/** Is it a gain of a norm that reads or ends the residual stream? */
bool sva_is_norm_gain(const struct sva_print_tensor *tensor);

struct sva_random_start sva_random_start_of(const struct sva_print *print);

/** True when nothing in the print was written by training: constant gains, no trained directions.
 */
bool sva_is_random_start(const struct sva_print *print);

#endif
