/* SPDX-License-Identifier: Apache-2.0 */
/** What is read before the matrices, because they are looked at through it. */
#ifndef SVA_FINGERPRINT_READ_AHEAD_H
#define SVA_FINGERPRINT_READ_AHEAD_H

#include "fingerprint/landmarks.h"
#include "fingerprint/norm_gains.h"

struct sva_read_ahead {
    struct sva_norm_gains gains;
    struct sva_landmark_list landmarks;
};

#endif
