/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint/row_places.h"

uint64_t sva_row_place(const struct sva_view *view, uint64_t row)
{
    const struct sva_row_order *const order = view->order;
    if (order == NULL) {
        return row * view->stride[0];
    }
    return row / (order->n[1] * order->n[2]) * order->stride[0] +
           row / order->n[2] % order->n[1] * order->stride[1] +
           row % order->n[2] * order->stride[2];
}

/** The level of the order that has not been used and has the widest stride; 3: none is left. */
static unsigned widest(const struct sva_row_order *order, unsigned used)
{
    unsigned best = 3;
    for (unsigned level = 0; level < 3; level++) {
        if ((used & 1u << level) == 0 && order->n[level] > 1 &&
            (best == 3 || order->stride[level] > order->stride[best])) {
            best = level;
        }
    }
    return best;
}

bool sva_row_at(const struct sva_view *view, uint64_t place, uint64_t *row)
{
    const struct sva_row_order *const order = view->order;
    if (order == NULL) {
        const uint64_t stride = view->stride[0];
        *row = view->n[0] <= 1 || stride == 0 ? 0 : place / stride;
        return *row < view->n[0] && *row * stride == place;
    }
    uint64_t index[3] = {0, 0, 0};
    unsigned used = 0;
    for (unsigned level = widest(order, used); level < 3; level = widest(order, used)) {
        used |= 1u << level;
        index[level] = order->stride[level] == 0 ? 0 : place / order->stride[level];
        if (index[level] >= order->n[level]) {
            return false;
        }
        place -= index[level] * order->stride[level];
    }
    *row = (index[0] * order->n[1] + index[1]) * order->n[2] + index[2];
    return place == 0;
}

bool sva_rows_ascend(const struct sva_view *view)
{
    const struct sva_row_order *const order = view->order;
    uint64_t narrower = UINT64_MAX;
    for (unsigned level = 0; order != NULL && level < 3; level++) {
        if (order->n[level] > 1 && order->stride[level] >= narrower) {
            return false;
        }
        narrower = order->n[level] > 1 ? order->stride[level] : narrower;
    }
    return true;
}

uint64_t sva_rows_extent(const struct sva_view *view, uint64_t length)
{
    uint64_t last = 0;
    for (unsigned level = 0; view->order != NULL && level < 3; level++) {
        last += (view->order->n[level] - 1) * view->order->stride[level];
    }
    if (view->order == NULL && view->n[0] > 0) {
        last = (view->n[0] - 1) * view->stride[0];
    }
    return last + length;
}
