/* SPDX-License-Identifier: Apache-2.0 */
/** How a model's tensors are stored: one row for each dtype and stored form. */
#ifndef SVA_CENSUS_H
#define SVA_CENSUS_H

#include <sovaudit/model.h>

struct sva_census_row {
    enum sva_dtype dtype;
    const char *form; /**< borrowed from the model, NULL: the dtype tells it */
    uint64_t tensors, parameters, bytes;
};

enum { SVA_CENSUS_ROWS = 64 };

struct sva_census {
    struct sva_census_row
        rows[SVA_CENSUS_ROWS]; /**< by dtype, then form; the last takes what is left over */
    size_t count;
    uint64_t parameters, bytes;
};

void sva_census_take(const struct sva_model *model, struct sva_census *census);

/** Stored bits for each parameter, in hundredths; 0 without parameters. */
uint64_t sva_census_bits(uint64_t bytes, uint64_t parameters);

#endif
