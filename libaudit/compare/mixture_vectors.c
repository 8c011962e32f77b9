/* SPDX-License-Identifier: Apache-2.0 */
/* Gains and biases, kept whole, say what they are a mixture of: a check on what matrices say. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "compare/evidence.h"
#include "compare/mixture.h"
#include "compare/mixture_fit.h"

static bool is_whole_vector(const struct sva_print_tensor *tensor)
{
    return tensor->vector != NULL && tensor->vector_length > 0 &&
           tensor->vector_length == tensor->element_count && sva_bears_evidence(tensor);
}

/** The vector at the same place of reference k, of the same length; NULL: none. */
static const float *partner_of(const struct sva_mixture_case *given, size_t k,
                               const struct sva_print_tensor *s)
{
    const int32_t place = sva_place_of(&given->places[k], given->subject, s);
    const struct sva_print_tensor *found =
        place < 0 ? NULL : &given->references[k]->tensors[place];
    return found != NULL && found->vector_length == s->vector_length && is_whole_vector(found)
               ? found->vector
               : NULL;
}

/** False where a reference has no such vector, or values are not finite. */
static bool add_up(const struct sva_mixture_case *given, const struct sva_print_tensor *s,
                   struct sva_mixture_tensor *sums)
{
    const float *partners[SVA_MIXTURE_PARENTS];
    for (size_t k = 0; k < given->count; k++) {
        partners[k] = partner_of(given, k, s);
        if (partners[k] == NULL) {
            return false;
        }
    }
    *sums = (struct sva_mixture_tensor){.count = (double)s->vector_length,
                                        .elements = (double)s->vector_length};
    double finite = 0.0;
    for (uint32_t i = 0; i < s->vector_length; i++) {
        const double value = (double)s->vector[i];
        double apart[SVA_MIXTURE_PARENTS];
        sums->energy += value * value;
        for (size_t k = 0; k < given->count; k++) {
            apart[k] = (double)partners[k][i] - value;
            finite += apart[k];
        }
        for (size_t j = 0; j < given->count; j++) {
            for (size_t k = 0; k < given->count; k++) {
                sums->products[j][k] += apart[j] * apart[k];
            }
        }
    }
    return sums->energy > 0.0 && isfinite(sums->energy) && isfinite(finite);
}

/** Takes coefficients that the vectors settle. */
static void take(const struct sva_mixture_solution *solution, struct sva_mixture *mixture)
{
    for (size_t k = 0; k < mixture->parent_count; k++) {
        if (solution->active[k] && isfinite(solution->se[k])) {
            mixture->parents[k].vector_coefficient = solution->c[k];
            mixture->parents[k].vector_se = solution->se[k];
        }
    }
}

bool sva_mixture_by_vectors(const struct sva_mixture_case *given, struct sva_mixture *mixture)
{
    struct sva_mixture_sums sums = {.parents = (uint32_t)given->count};
    struct sva_mixture_solution solution = {.active = {false}};
    bool ok = true;
    sums.tensors = sva_calloc(given->subject->tensor_count, sizeof *sums.tensors);
    for (size_t i = 0; sums.tensors != NULL && i < given->subject->tensor_count; i++) {
        const struct sva_print_tensor *s = &given->subject->tensors[i];
        if (s->component == given->component && is_whole_vector(s) &&
            add_up(given, s, &sums.tensors[sums.count])) {
            sums.count++;
        }
    }
    for (size_t k = 0; k < given->count; k++) {
        solution.active[k] = mixture->parents[k].state == SVA_PARENT_NEEDED;
    }
    if (sums.count >= SVA_MIXTURE_TENSORS_LEAST) {
        ok = sva_mixture_solve_as_given(&sums, &solution);
        if (ok) {
            take(&solution, mixture);
        }
    }
    ok = ok && sums.tensors != NULL;
    sva_free(sums.tensors);
    return ok;
}
