/* SPDX-License-Identifier: Apache-2.0 */
/** The order in which the sums of eight lanes become one: the same wherever lanes are folded. */
#ifndef SVA_KERNEL_FOLD_LANES_H
#define SVA_KERNEL_FOLD_LANES_H

static inline double sva_fold_lanes(const double sums[8])
{
    return ((sums[0] + sums[4]) + (sums[2] + sums[6])) +
           ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

#endif
