/* SPDX-License-Identifier: Apache-2.0 */
/* From pairs of values to a component: is everything the reference's, but for rounding? */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "compare/evidence.h"
#include "compare/noise_floor.h"
#include "compare/value_pairs.h"

bool sva_is_compensated(const struct sva_print_tensor *tensor)
{
    return tensor->form != NULL && strncmp(tensor->form, "gptq", 4) == 0;
}

double sva_ratio_most(const struct sva_print_tensor *tensor)
{
    const bool cuts = tensor->dtype == SVA_DTYPE_MXFP4 ||
                      (tensor->form != NULL && strncmp(tensor->form, "mxfp4", 5) == 0);
    return sva_is_compensated(tensor)     ? SVA_COMPENSATED_RATIO_MOST
           : cuts                         ? SVA_CUTTING_RATIO_MOST
           : sva_has_floor(tensor->dtype) ? SVA_FLOOR_RATIO_MOST
                                          : SVA_ROUNDING_RATIO_MOST;
}

bool sva_pair_explained(const struct sva_value_pair *pair)
{
    if (pair->same || pair->rounded || pair->exact_format != NULL) {
        return true;
    }
    if (!pair->compared || !sva_fit_explained(&pair->fit, pair->ratio_most)) {
        return false;
    }
    if (pair->compensated || pair->fit.half_steps == 0) {
        return true;
    }
    /* a share of .9 scatters like a binomial's */
    const double n = (double)pair->fit.half_steps;
    const double error = sqrt(SVA_WITHIN_LEAST * (1.0 - SVA_WITHIN_LEAST) / n);
    return sva_fit_within(&pair->fit) >= SVA_WITHIN_LEAST - 4.0 * error;
}

/** Running sums over a component. */
struct summary {
    struct sva_value_fit fit; /* of pairs that are not equal */
    uint64_t rounded;         /* parameters of matrices that are the reference's but for rounding */
    uint64_t settled, open;   /* of matrices that were compared or are equal; that were not */
    size_t contradicting;     /* tensors further away than rounding explains */
    size_t sampled;           /* matrices compared by samples only */
};

static void add_matrix(struct summary *summary, const struct sva_value_pair *pair,
                       struct sva_component_evidence *evidence)
{
    const bool settled = pair->same || pair->rounded || pair->compared;
    const bool explained = sva_pair_explained(pair);
    /* a converter may cut or extend a vocabulary: its matrix then has no partner of its shape */
    const bool alone = !settled && pair->sampled && !pair->vocabulary;
    summary->settled += settled ? pair->elements : 0;
    /* of very many experts a print samples some: the others neither confirm nor contradict */
    summary->open += settled || pair->expert ? 0 : pair->elements;
    summary->rounded += !pair->same && explained ? pair->elements : 0;
    summary->contradicting += alone || (settled && !explained) ? 1 : 0;
    summary->sampled += pair->compared && !pair->whole ? 1 : 0;
    evidence->side_quantised = evidence->side_quantised || pair->quantised;
    if (pair->exact_format != NULL) {
        evidence->exact_parameters += pair->elements;
        evidence->exact_tensors++;
        evidence->exact_trained_tensors += pair->trained ? 1 : 0;
        evidence->by_way_of_f16 = evidence->by_way_of_f16 || pair->by_way_of_f16;
    }
    if (pair->equal_parts) {
        evidence->part_equal_tensors++;
        evidence->part_equal_trained_tensors += pair->trained ? 1 : 0;
        evidence->part_equal_parameters += pair->elements;
    }
    if (pair->compared && pair->fit.count > 0) {
        const double weight = (double)pair->elements / (double)pair->fit.count;
        sva_value_fit_join(&summary->fit, &pair->fit, weight);
    }
}

/** What could not be asked neither confirms nor contradicts. */
static bool is_changed(const struct sva_value_pair *pair)
{
    const bool open = !pair->same && !pair->rounded && !pair->compared;
    return open ? !pair->vector && !pair->vocabulary && !pair->expert : !sva_pair_explained(pair);
}

bool sva_pair_changed_otherwise(const struct sva_value_pair *pair)
{
    return is_changed(pair) && pair->low_rank == 0;
}

/** Was the tensor left alone, given an adapter, or changed otherwise? */
static void add_change(const struct sva_value_pair *pair, struct sva_component_evidence *evidence)
{
    evidence->low_rank_tensors += is_changed(pair) && pair->low_rank > 0 ? 1 : 0;
    evidence->otherwise_changed += sva_pair_changed_otherwise(pair) ? 1 : 0;
    evidence->largest_rank = is_changed(pair) && pair->low_rank > evidence->largest_rank
                                 ? pair->low_rank
                                 : evidence->largest_rank;
}

/** The format when every matrix that is not equal is exactly requantised; "several" formats make
 * none. */
static const char *exact_format(const struct sva_component_evidence *evidence)
{
    const char *format = NULL;
    for (size_t i = 0; i < evidence->value_pair_count; i++) {
        const struct sva_value_pair *pair = &evidence->value_pairs[i];
        if (pair->vector || pair->same) {
            continue;
        }
        if (pair->exact_format == NULL || (format != NULL && format != pair->exact_format)) {
            return NULL;
        }
        format = pair->exact_format;
    }
    return format;
}

void sva_summarise_values(struct sva_component_evidence *evidence)
{
    struct summary summary = {0};
    bool differs = false; /* what could not be sampled neither does nor does not */
    evidence->exact_parameters = 0;
    evidence->exact_tensors = 0;
    evidence->exact_trained_tensors = 0;
    evidence->part_equal_tensors = 0;
    evidence->part_equal_trained_tensors = 0;
    evidence->part_equal_parameters = 0;
    evidence->by_way_of_f16 = false;
    evidence->side_quantised = false;
    evidence->low_rank_tensors = 0;
    evidence->otherwise_changed = 0;
    evidence->largest_rank = 0;
    for (size_t i = 0; i < evidence->value_pair_count; i++) {
        const struct sva_value_pair *pair = &evidence->value_pairs[i];
        add_change(pair, evidence);
        differs = differs || (!pair->same && !pair->equal_parts && (pair->compared || !pair->part));
        if (!pair->vector) {
            add_matrix(&summary, pair, evidence);
        } else if (pair->compared && !sva_pair_explained(pair)) {
            summary.contradicting++;
        }
    }
    evidence->equal_where_read = evidence->part_equal_tensors > 0 && !differs;
    const struct sva_value_fit *fit = &summary.fit;
    evidence->contradicting_tensors = summary.contradicting;
    evidence->value_copy =
        summary.rounded > 0 && summary.settled / 4 >= summary.open && summary.contradicting == 0;
    evidence->quantisation =
        (struct sva_quantisation){.basis = fit->count == 0        ? ""
                                           : summary.sampled == 0 ? "weights"
                                                                  : "samples",
                                  .distance = sva_fit_distance(fit),
                                  .expected = sva_fit_expected(fit),
                                  .ratio = sva_fit_ratio(fit),
                                  .within_half_step = sva_fit_within(fit),
                                  .exact_format = exact_format(evidence),
                                  .hidden_change = sva_fit_hidden(fit, SVA_ROUNDING_RATIO_LEAST)};
    if (evidence->quantisation.exact_format != NULL) {
        evidence->quantisation.hidden_change = 0.0;
    }
}
