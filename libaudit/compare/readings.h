/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Hypotheses about the order of rows. Converters store query and key rows in two orders; which
 * one a file holds is not written down. A print carries the second one as an alternative, and a
 * pair of tensors can be read in three ways. Reading both sides in their second order is the
 * first way again.
 *
 * The order of rows does not touch the other axis, so that only sketches of axis 1, value hashes,
 * samples and row digests differ between readings.
 */
#ifndef SVA_COMPARE_READINGS_H
#define SVA_COMPARE_READINGS_H

#include <sovaudit/print.h>

enum sva_reading {
    SVA_READ_AS_STORED,
    SVA_READ_SUBJECT_REORDERED,
    SVA_READ_REFERENCE_REORDERED,
    SVA_READINGS
};

/** Does the pair have this reading? The first one always. */
static inline bool sva_reading_applies(enum sva_reading reading, const struct sva_print_tensor *s,
                                       const struct sva_print_tensor *r)
{
    return reading == SVA_READ_AS_STORED ||
           (reading == SVA_READ_SUBJECT_REORDERED ? s->alternative : r->alternative) != NULL;
}

/** The alternative that a side is read by, NULL = as stored. */
static inline const struct sva_print_alternative *sva_subject_reordered(
    enum sva_reading reading, const struct sva_print_tensor *s)
{
    return reading == SVA_READ_SUBJECT_REORDERED ? s->alternative : NULL;
}

static inline const struct sva_print_alternative *sva_reference_reordered(
    enum sva_reading reading, const struct sva_print_tensor *r)
{
    return reading == SVA_READ_REFERENCE_REORDERED ? r->alternative : NULL;
}

/** A side's sketch of one axis; `alternative` as given by the two functions above. */
static inline const struct sva_axis_sketch *sva_axis_read(
    const struct sva_print_tensor *tensor, const struct sva_print_alternative *alternative,
    int axis)
{
    return alternative != NULL && axis == 1 ? &alternative->axis : &tensor->axis[axis];
}

static inline const struct sva_value_samples *sva_samples_read(
    const struct sva_print_tensor *tensor, const struct sva_print_alternative *alternative)
{
    return alternative != NULL ? &alternative->samples : &tensor->samples;
}

static inline const struct sva_row_digests *sva_rows_read(
    const struct sva_print_tensor *tensor, const struct sva_print_alternative *alternative)
{
    return alternative != NULL ? &alternative->rows : &tensor->rows;
}

#endif
