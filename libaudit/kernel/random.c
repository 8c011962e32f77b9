/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/random.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/memory.h"

void sva_random_seed(struct sva_random *random, const uint8_t digest[32])
{
    uint64_t any = 0;
    random->has_spare = 0;
    for (size_t i = 0; i < 4; i++) {
        uint64_t word = 0;
        for (size_t byte = 0; byte < 8; byte++) {
            word |= (uint64_t)digest[8 * i + byte] << (8 * byte);
        }
        random->state[i] = word;
        any |= word;
    }
    if (any == 0) {
        random->state[0] = 0x9e3779b97f4a7c15u;
    }
}

void sva_random_permutation(struct sva_random *random, uint32_t *order, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        order[i] = i;
    }
    for (uint32_t i = count; i > 1; i--) {
        const uint32_t j = sva_random_below(random, i);
        const uint32_t swapped = order[i - 1];
        order[i - 1] = order[j];
        order[j] = swapped;
    }
}

struct keyed_unit {
    uint64_t key;
    uint32_t unit;
};

static int by_key(const void *a, const void *b)
{
    const struct keyed_unit *left = a;
    const struct keyed_unit *right = b;
    if (left->key != right->key) {
        return left->key < right->key ? -1 : 1;
    }
    return (left->unit > right->unit) - (left->unit < right->unit);
}

bool sva_deal_units(uint32_t units, uint32_t count, uint64_t domain, uint32_t *dealt)
{
    struct keyed_unit *keyed = sva_calloc(units, sizeof *keyed);
    if (keyed == NULL) {
        return false;
    }
    for (uint32_t u = 0; u < units; u++) {
        keyed[u] = (struct keyed_unit){sva_mix64(u ^ domain), u};
    }
    qsort(keyed, units, sizeof *keyed, by_key);
    for (uint32_t u = 0; u < count; u++) {
        dealt[u] = keyed[u].unit;
    }
    sva_free(keyed);
    return true;
}
