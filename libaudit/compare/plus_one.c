/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What converters do to values and a comparison can undo from the print alone: one added to norm
 * gains (families that store a gain as its distance from one). Found by evidence, never by
 * family: a vector that equals the other plus one, value by value, to the last bits.
 */
#include <math.h>

#include "compare/evidence.h"
#include "compare/places.h"

static const char PLUS_ONE[] = "one added to norm gains";
static const double EVIDENCE_BITS = 128.0; /* as for equal values */

/**
 * Is `larger` `smaller` plus one, as far as their types can hold it? Gives the bits by which the
 * agreement exceeds chance, 0 when it fails; `*exact`: single precision explains every difference.
 */
static double plus_one_bits(const struct sva_print_tensor *larger,
                            const struct sva_print_tensor *smaller, bool *exact)
{
    const uint32_t count = larger->vector_length;
    double bits = 0.0;
    *exact = true;
    for (uint32_t i = 0; i < count; i++) {
        const double with = (double)larger->vector[i];
        const double without = (double)smaller->vector[i];
        const double single = ldexp(fabs(with) + 1.0, -24);
        const double room = single + 0.5 * sva_float_step(larger->dtype, with) +
                            0.5 * sva_float_step(smaller->dtype, without);
        const double apart = fabs(with - 1.0 - without);
        const double varies = fabs(without - smaller->mean);
        if (!(apart <= room)) {
            return 0.0;
        }
        *exact = *exact && apart <= single;
        bits += varies > room ? log2(varies / room) : 0.0;
    }
    return bits;
}

bool sva_undo_plus_one(struct sva_pair *pair)
{
    struct sva_places places;
    bool ok = sva_places_init(&places, pair->reference);
    for (size_t i = 0; ok && i < pair->subject->tensor_count; i++) {
        const struct sva_print_tensor *s = &pair->subject->tensors[i];
        if (s->vector_length == 0 || s->bias || pair->identical[i] >= 0 || !sva_bears_evidence(s)) {
            continue;
        }
        const int32_t place = sva_place_of(&places, pair->subject, s);
        const struct sva_print_tensor *r = place < 0 ? NULL : &pair->reference->tensors[place];
        if (r == NULL || r->vector_length != s->vector_length || !sva_bears_evidence(r)) {
            continue;
        }
        bool exact;
        if (plus_one_bits(s, r, &exact) >= EVIDENCE_BITS ||
            plus_one_bits(r, s, &exact) >= EVIDENCE_BITS) {
            pair->identical[i] = place;
            pair->rounded[i] = !exact;
            pair->undone[i] = PLUS_ONE;
        }
    }
    sva_places_done(&places);
    return ok;
}
