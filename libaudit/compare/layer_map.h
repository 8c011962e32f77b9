/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Which layer of the reference stands behind each layer of the subject.
 *
 * A matrix of scores z(l, m) - subject layer l against reference layer m, from queries and keys,
 * along the residual axis - and the best path through it: a layer follows its predecessor's
 * successor for free, and pays for being repeated, for skipping, for jumping anywhere. So depth
 * pruning, doubling, interleaving and blocks put one behind the other are all paths.
 *
 * The path does not see the numberings of hidden neurons, value dimensions and experts, so that
 * their tests (A2) may be run along it without paying for the search. The residual test may not:
 * `sva_layer_map_test` gives the p of the best path, where every draw renumbers the residual axis
 * and searches anew.
 */
#ifndef SVA_COMPARE_LAYER_MAP_H
#define SVA_COMPARE_LAYER_MAP_H

#include "compare/evidence.h"
#include "compare/layer_scores.h"

/** Both components' layers as the search and its test see them. */
struct sva_layer_sides {
    struct sva_layer_features subject, reference;
};
void sva_layer_sides_done(struct sva_layer_sides *sides);

/**
 * Finds the path where layers are not simply the reference's in order. `sides` are for the test;
 * the caller frees them, after a failure too. False: out of memory.
 */
bool sva_layer_map_init(const struct sva_pair *pair, uint32_t component, struct sva_layer_map *map,
                        struct sva_layer_sides *sides);
void sva_layer_map_done(struct sva_layer_map *map);

/** The reference layer behind a subject layer, or SVA_NO_LAYER. */
int32_t sva_mapped_layer(const struct sva_layer_map *map, int32_t layer);

/**
 * The search's own test where layer counts differ: adds the test "layer-map". Exact:
 * permutations of the residual axis, each followed by the whole search. False: out of memory.
 */
bool sva_layer_map_test(const struct sva_pair *pair, uint32_t component,
                        const struct sva_layer_map *map, const struct sva_layer_sides *sides,
                        struct sva_component_evidence *evidence);

/** What a map says, in `arena`. False: out of memory. */
bool sva_layer_map_describe(const struct sva_layer_map *map, struct sva_arena *arena,
                            struct sva_layer_order *order);

#endif
