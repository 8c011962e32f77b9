/* SPDX-License-Identifier: Apache-2.0 */
/* From pairs of values to a component: is everything the reference's, but for rounding? */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "compare/evidence.h"
#include "compare/value_pairs.h"

bool sva_is_compensated(const struct sva_print_tensor *tensor)
{
    return tensor->form != NULL && strncmp(tensor->form, "gptq", 4) == 0;
}

double sva_ratio_most(const struct sva_print_tensor *tensor)
{
    const bool cuts = tensor->dtype == SVA_DTYPE_MXFP4 ||
                      (tensor->form != NULL && strncmp(tensor->form, "mxfp4", 5) == 0);
    return sva_is_compensated(tensor) ? SVA_COMPENSATED_RATIO_MOST
           : cuts                     ? SVA_CUTTING_RATIO_MOST
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

/** A vocabulary may be cut or extended by a converter: its matrix then has no partner of its shape. */
static bool may_lack_partner(const struct sva_print_tensor *tensor)
{
    return tensor->role == SVA_ROLE_EMBED_TOKENS || tensor->role == SVA_ROLE_OUTPUT_HEAD;
}

/** Running sums over a component. */
struct summary {
    const struct sva_print *subject;
    struct sva_value_fit fit;     /* of pairs that are not equal */
    uint64_t rounded;             /* parameters of matrices that are the reference's but for rounding */
    uint64_t settled, open;       /* of matrices that were compared or are equal; that were not */
    size_t contradicting;         /* tensors further away than rounding explains */
};

static void add_matrix(struct summary *summary, const struct sva_value_pair *pair,
                       struct sva_component_evidence *evidence)
{
    const struct sva_print_tensor *tensor = &summary->subject->tensors[pair->subject];
    const bool settled = pair->same || pair->rounded || pair->compared;
    summary->settled += settled ? tensor->element_count : 0;
    /* of very many experts a print samples some: the others neither confirm nor contradict */
    summary->open += settled || tensor->expert >= 0 ? 0 : tensor->element_count;
    summary->rounded +=
        !pair->same && sva_pair_explained(pair) ? tensor->element_count : 0;
    const bool alone = !settled && tensor->samples.rows > 0 && !may_lack_partner(tensor);
    summary->contradicting += alone || (settled && !sva_pair_explained(pair)) ? 1 : 0;
    if (pair->exact_format != NULL) {
        const bool trained = tensor->axis[0].leading > 0 || tensor->axis[1].leading > 0;
        evidence->exact_parameters += tensor->element_count;
        evidence->exact_tensors++;
        evidence->exact_trained_tensors += trained ? 1 : 0;
        evidence->by_way_of_f16 = evidence->by_way_of_f16 || pair->by_way_of_f16;
    }
}

static void add_pair(struct summary *summary, const struct sva_value_pair *pair,
                     struct sva_component_evidence *evidence)
{
    const struct sva_print_tensor *tensor = &summary->subject->tensors[pair->subject];
    if (pair->vector) {
        summary->contradicting += pair->compared && !sva_pair_explained(pair) ? 1 : 0;
    } else {
        add_matrix(summary, pair, evidence);
        evidence->side_quantised = evidence->side_quantised || pair->quantised;
    }
    if (pair->compared && !pair->vector && pair->fit.count > 0) {
        const double weight = (double)tensor->element_count / (double)pair->fit.count;
        sva_value_fit_join(&summary->fit, &pair->fit, weight);
    }
}

/** The format when every matrix that is not equal is exactly requantised; "several" formats make none. */
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

void sva_summarise_values(const struct sva_print *subject, const char *basis,
                          struct sva_component_evidence *evidence)
{
    struct summary summary = {.subject = subject};
    evidence->exact_parameters = 0;
    evidence->exact_tensors = 0;
    evidence->exact_trained_tensors = 0;
    evidence->by_way_of_f16 = false;
    evidence->side_quantised = false;
    for (size_t i = 0; i < evidence->value_pair_count; i++) {
        add_pair(&summary, &evidence->value_pairs[i], evidence);
    }
    const struct sva_value_fit *fit = &summary.fit;
    evidence->value_copy =
        summary.rounded > 0 && summary.settled / 64 >= summary.open &&
        summary.contradicting == 0;
    evidence->contradicting_tensors = summary.contradicting;
    evidence->quantisation = (struct sva_quantisation){
        .basis = fit->count > 0 ? basis : "",
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
