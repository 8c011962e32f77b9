/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint/turned_lines.h"

#include "base/memory.h"

enum { HELD_MOST = 16 }; /* floats in a cache line */

bool sva_turned_init(struct sva_turned_lines *turned, float *out, size_t height, size_t stride)
{
    *turned = (struct sva_turned_lines){.out = out, .height = height, .stride = stride};
    turned->held = sva_calloc(HELD_MOST * height, sizeof *turned->held);
    return turned->held != NULL;
}

void sva_turned_done(struct sva_turned_lines *turned)
{
    sva_free(turned->held);
    *turned = (struct sva_turned_lines){0};
}

void sva_turned_flush(struct sva_turned_lines *turned)
{
    for (size_t i = 0; i < turned->height; i++) {
        float *const out = turned->out + i * turned->stride + turned->first;
        for (size_t c = 0; c < turned->count; c++) {
            out[c] = turned->held[c * turned->height + i];
        }
    }
    turned->first += turned->count;
    turned->count = 0;
}

float *sva_turned_column(struct sva_turned_lines *turned, size_t column, bool whole)
{
    const size_t next = turned->first + turned->count;
    if (turned->count > 0 && column == next - 1) {
        return turned->held + (turned->count - 1) * turned->height;
    }
    if (column != next || turned->count == HELD_MOST) {
        sva_turned_flush(turned);
        turned->first = column;
    }
    float *const held = turned->held + turned->count++ * turned->height;
    for (size_t i = 0; !whole && i < turned->height; i++) {
        held[i] = turned->out[i * turned->stride + column];
    }
    return held;
}
