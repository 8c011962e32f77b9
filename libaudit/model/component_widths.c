/* SPDX-License-Identifier: Apache-2.0 */
/* What the shapes say about each component: residual width, orientation, inner widths. */
#include <string.h>

#include "base/fail.h"
#include "model/tensor_views.h"

enum { LENGTHS_MAX = 64 };

/** How often a length occurs; norms weigh more than all matrices. */
struct length_votes {
    uint64_t length[LENGTHS_MAX];
    uint64_t weight[LENGTHS_MAX];
    size_t count;
};

static void vote(struct length_votes *votes, uint64_t length, uint64_t weight)
{
    for (size_t i = 0; i < votes->count; i++) {
        if (votes->length[i] == length) {
            votes->weight[i] += weight;
            return;
        }
    }
    if (votes->count < LENGTHS_MAX && length > 1) {
        votes->length[votes->count] = length;
        votes->weight[votes->count++] = weight;
    }
}

static uint64_t winner(const struct length_votes *votes)
{
    uint64_t best = 0;
    uint64_t best_weight = 0;
    for (size_t i = 0; i < votes->count; i++) {
        if (votes->weight[i] > best_weight ||
            (votes->weight[i] == best_weight && votes->length[i] < best)) {
            best = votes->length[i];
            best_weight = votes->weight[i];
        }
    }
    return best;
}

/** The row of a tensor that takes part in measuring, or NULL. */
static const struct sva_role_rule *measured_rule(const struct sva_parts *parts, size_t tensor)
{
    const struct sva_assignment *const assigned =
        (const struct sva_assignment *)parts->assignments.items + tensor;
    return assigned->rule >= 0 && assigned->stack >= 0 && assigned->suffix <= SVA_SUFFIX_BIAS
               ? sva_role_rule_at((size_t)assigned->rule)
               : NULL;
}

/** Fold of the tensor, or of its first expert. */
static struct sva_fold fold_of(const struct sva_role_rule *rule, const struct sva_tensor *tensor,
                               bool bias)
{
    if (sva_is_expert_stack(rule, tensor, bias)) {
        return sva_fold_for_rule(rule, tensor->shape + 1, tensor->rank - 1,
                                 tensor->element_count / tensor->shape[0]);
    }
    return sva_fold_for_rule(rule, tensor->shape, tensor->rank, tensor->element_count);
}

static void vote_width(struct length_votes *votes, const struct sva_role_rule *rule,
                       const struct sva_fold *fold, bool bias)
{
    const bool residual = rule->out == SVA_AXIS_RESIDUAL || rule->in == SVA_AXIS_RESIDUAL;
    if (fold->vector) {
        if (rule->out == SVA_AXIS_RESIDUAL) {
            vote(votes, fold->n[1], rule->in == SVA_AXIS_UNIT && !bias ? 1000 : 10);
        }
    } else if (residual && rule->role != SVA_ROLE_EMBED_PATCH && rule->role != SVA_ROLE_CONV) {
        vote(votes, fold->n[0], 1);
        vote(votes, fold->n[1], 1);
    }
}

/** Rows that are stored alike: those marked TURNED, stacks of experts, all others. */
static unsigned storage_class(const struct sva_role_rule *rule)
{
    return (rule->flags & SVA_RULE_TURNED) != 0 ? 0 : (rule->flags & SVA_RULE_EXPERTS) != 0 ? 1 : 2;
}

struct sva_orientation sva_orient(const struct sva_role_rule *rule, const struct sva_fold *fold,
                                  const struct sva_component_facts *facts)
{
    const bool marked = (rule->flags & SVA_RULE_TURNED) != 0;
    if ((rule->out == SVA_AXIS_RESIDUAL) == (rule->in == SVA_AXIS_RESIDUAL) || fold->vector) {
        return (struct sva_orientation){.turned = marked && !fold->vector, .residual_ok = true};
    }
    const unsigned axis = rule->in == SVA_AXIS_RESIDUAL ? 1 : 0;
    const bool plain = fold->n[axis] == facts->width;
    const bool turned = fold->n[1 - axis] == facts->width;
    if (fold->n[2] != 1 || (plain && !turned)) {
        return (struct sva_orientation){.turned = false, .residual_ok = plain};
    }
    if (turned && !plain) {
        return (struct sva_orientation){.turned = true, .residual_ok = true};
    }
    const int32_t votes = facts->turned_votes[storage_class(rule)];
    return (struct sva_orientation){.turned = votes > 0 || (votes == 0 && marked),
                                    .residual_ok = plain};
}

/** Matrices with one side of residual width tell how their kind of row is stored. */
static void vote_orientation(struct sva_component_facts *facts, const struct sva_role_rule *rule,
                             const struct sva_fold *fold)
{
    if (fold->vector || fold->n[0] == fold->n[1] || fold->n[2] != 1 ||
        (rule->out == SVA_AXIS_RESIDUAL) == (rule->in == SVA_AXIS_RESIDUAL)) {
        return;
    }
    const struct sva_orientation found = sva_orient(rule, fold, facts);
    if (found.residual_ok) {
        facts->turned_votes[storage_class(rule)] += found.turned ? 1 : -1;
    }
}

/**
 * Older converters of vision encoders wrote up and down projections under each other's name.
 * GGUF files never hold turned matrices, so their shapes tell.
 */
static void vote_swap(struct sva_component_facts *facts, const struct sva_role_rule *rule,
                      const struct sva_fold *fold, bool gguf)
{
    const bool up = rule->role == SVA_ROLE_FFN_UP;
    if (!gguf || fold->vector || fold->n[0] == fold->n[1] || fold->n[2] != 1 ||
        (!up && rule->role != SVA_ROLE_FFN_DOWN) || (rule->flags & SVA_RULE_EXPERTS) != 0) {
        return;
    }
    if (fold->n[0] == facts->width || fold->n[1] == facts->width) {
        facts->swapped_votes += (fold->n[up ? 0 : 1] == facts->width) ? 1 : -1;
    }
}

const struct sva_role_rule *sva_swapped_rule(const struct sva_role_rule *rule)
{
    if (rule->role != SVA_ROLE_FFN_UP && rule->role != SVA_ROLE_FFN_DOWN) {
        return rule;
    }
    for (size_t row = 0; row < sva_role_rule_count(); row++) {
        const struct sva_role_rule *const other = sva_role_rule_at(row);
        const bool opposite =
            other->role == (rule->role == SVA_ROLE_FFN_UP ? SVA_ROLE_FFN_DOWN : SVA_ROLE_FFN_UP);
        if (opposite && strncmp(other->pattern, "blk.{L}.ffn_", 12) == 0 && other->flags == 0) {
            return other;
        }
    }
    return rule;
}

static bool is_gguf(const struct sva_parts *parts, const struct sva_tensor *tensor)
{
    return ((const struct sva_scanned *)parts->scanned.items)[tensor->file].kind == SVA_FILE_GGUF;
}

static void note_inner_width(struct sva_component_facts *facts, const struct sva_role_rule *rule,
                             struct sva_fold fold)
{
    if (fold.vector) {
        return;
    }
    if (sva_orient(rule, &fold, facts).turned) {
        sva_fold_turn(&fold);
    }
    if (rule->role == SVA_ROLE_ATTN_OUT && facts->attention_width == 0) {
        facts->attention_width = fold.n[1];
    } else if (rule->role == SVA_ROLE_FFN_DOWN && facts->neuron_count == 0) {
        facts->neuron_count = fold.n[1];
    }
}

/** What is measured, in this order: each leans on those before it. */
enum pass { WIDTHS, SWAPS, ORIENTATIONS, INNER_WIDTHS, PASSES };

static void measure_tensor(const struct sva_parts *parts, size_t index, enum pass pass,
                           struct length_votes *votes)
{
    const struct sva_tensor *const tensor = (const struct sva_tensor *)parts->tensors.items + index;
    const struct sva_assignment *const assigned =
        (const struct sva_assignment *)parts->assignments.items + index;
    struct sva_component_facts *const facts =
        (struct sva_component_facts *)parts->component_facts.items + assigned->component;
    const struct sva_role_rule *const named = measured_rule(parts, index);
    if (named == NULL) {
        return;
    }
    const struct sva_role_rule *const rule =
        facts->swapped_votes > 0 ? sva_swapped_rule(named) : named;
    const bool bias = sva_is_bias(named, assigned);
    const struct sva_fold fold = fold_of(named, tensor, bias);
    switch (pass) {
    case WIDTHS: vote_width(&votes[assigned->component], named, &fold, bias); break;
    case SWAPS: vote_swap(facts, named, &fold, is_gguf(parts, tensor)); break;
    case ORIENTATIONS: vote_orientation(facts, rule, &fold); break;
    default: note_inner_width(facts, rule, fold); break;
    }
}

enum sva_status sva_views_measure(struct sva_parts *parts, struct sva_error *error)
{
    struct sva_component_facts *const facts = parts->component_facts.items;
    struct length_votes *const votes = sva_calloc(parts->components.count + 1, sizeof *votes);
    if (votes == NULL) {
        return sva_fail_memory(error, "measuring components");
    }
    for (int pass = WIDTHS; pass < PASSES; pass++) {
        for (size_t i = 0; i < parts->tensors.count; i++) {
            measure_tensor(parts, i, (enum pass)pass, votes);
        }
        for (size_t c = 0; pass == WIDTHS && c < parts->components.count; c++) {
            facts[c].width = winner(&votes[c]);
        }
    }
    sva_free(votes);
    return SVA_OK;
}
