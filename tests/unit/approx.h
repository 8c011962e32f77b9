/* SPDX-License-Identifier: Apache-2.0 */
/** cmocka has no assert for doubles: these state their tolerance. Include after cmocka.h. */
#ifndef SVA_TESTS_APPROX_H
#define SVA_TESTS_APPROX_H

#include <math.h>
#include <stdio.h>

/** |actual - expected| <= tolerance, all finite. */
#define assert_near(actual, expected, tolerance)                                                  \
    do {                                                                                           \
        const double near_actual = (actual);                                                       \
        const double near_expected = (expected);                                                   \
        if (!(fabs(near_actual - near_expected) <= (tolerance))) {                                 \
            fail_msg("%s is %.17g, expected %.17g within %.3g", #actual, near_actual,              \
                     near_expected, (double)(tolerance));                                          \
        }                                                                                          \
    } while (0)

#endif
