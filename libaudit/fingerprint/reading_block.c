/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint/reading_block.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fingerprint/print_blocks.h"

void sva_reading_encode(const struct sva_print *print, struct sva_bytes *out)
{
    sva_put_u64(out, print->reading.bytes_read);
    sva_put_u64(out, print->reading.bytes_total);
    for (size_t first = 0; first < print->tensor_count; first += 8) {
        uint8_t bits = 0;
        for (size_t i = first; i < print->tensor_count && i < first + 8; i++) {
            bits |= (uint8_t)((print->tensors[i].sampled ? 1u : 0u) << (i - first));
        }
        sva_bytes_append(out, &bits, 1);
    }
}

/** True when the tensor holds nothing that takes all of its values. */
static bool may_be_sampled(const struct sva_print_tensor *tensor)
{
    return !tensor->rounded_known && tensor->row_hash_count == 0 && tensor->alternative == NULL &&
           tensor->strong.count == 0 && tensor->barcodes.units == 0;
}

void sva_reading_decode(struct sva_print *print, struct sva_cursor *in)
{
    struct sva_print_tensor *const tensors = sva_print_memory_of(print)->tensors;
    print->reading.quick = true;
    print->reading.bytes_read = sva_cursor_u64le(in);
    print->reading.bytes_total = sva_cursor_u64le(in);
    for (size_t first = 0; first < print->tensor_count && !in->failed; first += 8) {
        const uint8_t bits = sva_cursor_u8(in);
        for (size_t i = first; i < print->tensor_count && i < first + 8; i++) {
            tensors[i].sampled = (bits >> (i - first) & 1u) != 0;
            in->failed = in->failed || (tensors[i].sampled && !may_be_sampled(&tensors[i]));
        }
        const size_t left = print->tensor_count - first;
        in->failed = in->failed || (left < 8 && bits >> left != 0);
    }
}

void sva_print_share(const struct sva_print *print, char text[SVA_READING_SHARE_BYTES])
{
    const double total = (double)print->reading.bytes_total;
    const double share = total > 0.0 ? (double)print->reading.bytes_read / total : 1.0;
    const double most = 1e12; /* a print may claim anything */
    const uint64_t tenths = (uint64_t)((share < most ? 1000.0 * share : most) + 0.5);
    (void)snprintf(text, SVA_READING_SHARE_BYTES, "%" PRIu64 ".%" PRIu64, tenths / 10, tenths % 10);
}

const char *sva_reading_sentence(const struct sva_print *print, struct sva_arena *arena)
{
    char share[SVA_READING_SHARE_BYTES];
    sva_print_share(print, share);
    return sva_arena_printf(arena,
                            "A quick reading took %s%% of %" PRIu64
                            " bytes of tensors; values that were not read were not compared, and "
                            "weight files have no digest.",
                            share, print->reading.bytes_total);
}

static bool same_sketches(const struct sva_axis_sketch *a, const struct sva_axis_sketch *b)
{
    return a->length == b->length && a->kept == b->kept && a->features == b->features &&
           memcmp(a->values, b->values, (size_t)a->kept * a->features * sizeof *a->values) == 0;
}

bool sva_tensors_alike(const struct sva_print_tensor *a, const struct sva_print_tensor *b)
{
    if (!a->sampled && !b->sampled) {
        return memcmp(a->value_hash, b->value_hash, SVA_DIGEST_BYTES) == 0;
    }
    bool seen = false;
    for (int axis = 0; axis < 2; axis++) {
        if (a->axis[axis].kept > 0 && b->axis[axis].kept > 0) {
            if (!same_sketches(&a->axis[axis], &b->axis[axis])) {
                return false;
            }
            seen = true;
        }
    }
    return seen && memcmp(a->n, b->n, sizeof a->n) == 0;
}
