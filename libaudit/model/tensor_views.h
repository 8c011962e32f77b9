/* SPDX-License-Identifier: Apache-2.0 */
/**
 * From roles to logical matrices. `sva_views_measure` learns each component's
 * residual width and stored orientation from the shapes; `sva_views_build`
 * then cuts every tensor into views that cover it exactly once.
 */
#ifndef SVA_TENSOR_VIEWS_H
#define SVA_TENSOR_VIEWS_H

#include "model/model_parts.h"
#include "model/role_map.h"

/** A tensor's shape folded to outputs, inputs and kernel positions, before any turning. */
struct sva_fold {
    uint64_t n[3];
    uint64_t stride[3];
    bool vector;
};

/** Folds a shape by its looks alone: convolution layouts, stacked heads. Never fails. */
struct sva_fold sva_fold_generic(const struct sva_tensor *tensor);
/** Folds `shape` for a row of the map; `count` is its product. Never fails. */
struct sva_fold sva_fold_for_rule(const struct sva_role_rule *rule, const uint64_t *shape,
                                  uint32_t rank, uint64_t count);
/** Exchanges outputs and inputs. */
void sva_fold_turn(struct sva_fold *fold);

/** How a matrix lies in its file, judged by the component's width. */
struct sva_orientation {
    bool turned;      /**< stored [in, out] */
    bool residual_ok; /**< the residual axis has the component's width */
};

struct sva_orientation sva_orient(const struct sva_role_rule *rule, const struct sva_fold *fold,
                                  const struct sva_component_facts *facts);

/** The row of the other one of a GGUF file's up and down projections; other rows as they are. */
const struct sva_role_rule *sva_swapped_rule(const struct sva_role_rule *rule);

/** Is the stored tensor a stack of experts by its row and rank? */
bool sva_is_expert_stack(const struct sva_role_rule *rule, const struct sva_tensor *tensor,
                         bool bias);

/** Is this tensor a bias by its row or suffix? */
bool sva_is_bias(const struct sva_role_rule *rule, const struct sva_assignment *assigned);

/** Fills component_facts. Errors: MEMORY. */
enum sva_status sva_views_measure(struct sva_parts *parts, struct sva_error *error) SVA_MUST_CHECK;

/** Fills views, and width, layers and parameters of the components. Errors: MEMORY, LIMIT. */
enum sva_status sva_views_build(struct sva_parts *parts, struct sva_error *error) SVA_MUST_CHECK;

#endif
