/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditioning on a step-0 checkpoint: whatever two trainings of one start have in common through
 * it is taken off by comparing what each added.
 */
#include <math.h>
#include <string.h>

#include "base/fail.h"
#include "compare/decide.h"
#include "compare/random_start.h"

bool sva_is_norm_gain(const struct sva_print_tensor *tensor)
{
    switch (tensor->role) {
    case SVA_ROLE_ATTN_NORM:
    case SVA_ROLE_ATTN_POST_NORM:
    case SVA_ROLE_FFN_NORM:
    case SVA_ROLE_FFN_POST_NORM:
    case SVA_ROLE_FINAL_NORM: return !tensor->bias && tensor->element_count > 0;
    default: return false;
    }
}

struct sva_random_start sva_random_start_of(const struct sva_print *print)
{
    struct sva_random_start start = {.gain_count = 0};
    for (size_t i = 0; i < print->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &print->tensors[i];
        if (sva_is_norm_gain(tensor)) {
            start.gain_count++;
            start.moved_count += (tensor->inert & SVA_INERT_CONSTANT) == 0 ? 1 : 0;
        }
        for (int axis = 0; axis < 2; axis++) {
            const struct sva_axis_sketch *sketch = &tensor->axis[axis];
            start.known_count += sketch->directions_known ? 1 : 0;
            start.trained_count += sketch->directions_known && sketch->leading > 0 ? 1 : 0;
        }
    }
    return start;
}

bool sva_is_random_start(const struct sva_print *print)
{
    const struct sva_random_start start = sva_random_start_of(print);
    return start.moved_count == 0 && start.known_count > 0 &&
           start.trained_count * SVA_TRAINED_ONE_IN <= start.known_count;
}

/** Does any component of `print` depend on the start? */
static enum sva_status depends(const struct sva_print *print, const struct sva_print *origin,
                               const struct sva_compare_options *options, bool *depends_on,
                               struct sva_error *error)
{
    struct sva_comparison *found = NULL;
    const enum sva_status status = sva_compare(print, origin, options, &found, error);
    *depends_on = status == SVA_OK && found->answer <= SVA_ANSWER_DEPENDENT_UNEXPLAINED;
    sva_comparison_free(found);
    return status;
}

/** Can the start be used? */
static enum sva_status check_start(const struct sva_print *subject,
                                   const struct sva_print *reference,
                                   const struct sva_start_prints *start,
                                   const struct sva_compare_options *options,
                                   enum sva_start_use *use, struct sva_error *error)
{
    bool of_subject = false;
    bool of_reference = false;
    *use = start->subject_added == NULL          ? SVA_START_NO_SUBJECT_WEIGHTS
           : start->reference_added == NULL      ? SVA_START_NO_REFERENCE_WEIGHTS
           : !sva_is_random_start(start->origin) ? SVA_START_NOT_RANDOM
                                                 : SVA_START_USED;
    if (*use != SVA_START_USED) {
        return SVA_OK;
    }
    enum sva_status status = depends(subject, start->origin, options, &of_subject, error);
    if (status == SVA_OK) {
        status = depends(reference, start->origin, options, &of_reference, error);
    }
    *use = !of_subject     ? SVA_START_NOT_THE_SUBJECTS
           : !of_reference ? SVA_START_NOT_THE_REFERENCES
                           : SVA_START_USED;
    return status;
}

/** Copies what the comparison of the additions found, component by component. */
static void take_sizes(struct sva_comparison_state *state, size_t count,
                       const struct sva_comparison *added)
{
    for (size_t i = 0; i < count && i < added->component_count; i++) {
        struct sva_start_check *start = &state->evidence[i].start;
        start->rho = added->components[i].rho;
        start->rho_se = added->components[i].rho_se;
        start->use = isnan(start->rho) ? SVA_START_NOT_COMPARABLE : SVA_START_USED;
    }
}

enum sva_status sva_compare_from_start(const struct sva_print *subject,
                                       const struct sva_print *reference,
                                       const struct sva_start_prints *start,
                                       const struct sva_compare_options *options,
                                       struct sva_comparison *comparison, struct sva_error *error)
{
    struct sva_comparison_state *state = comparison->internal;
    struct sva_comparison *added = NULL;
    enum sva_start_use use = SVA_START_NOT_GIVEN;
    enum sva_status status = check_start(subject, reference, start, options, &use, error);
    if (status == SVA_OK && use == SVA_START_USED) {
        status = sva_compare(start->subject_added, start->reference_added, options, &added, error);
    }
    if (status != SVA_OK) {
        return status;
    }
    for (size_t i = 0; i < comparison->component_count; i++) {
        state->evidence[i].start.use = use;
    }
    if (added != NULL) {
        take_sizes(state, comparison->component_count, added);
    }
    sva_comparison_free(added);
    sva_adjust(&comparison, 1, options);
    return SVA_OK;
}
