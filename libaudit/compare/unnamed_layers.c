/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hidden layers of a model whose names tell nothing. Shapes point to matrices that may be one; what
 * they are is a guess, so that no test may rest on it. It need not: the reference's roles are
 * known, its neurons are renumbered, and that is exact whatever the subject is. So each of the
 * reference's layers looks for its partner among all of the subject's matrices, and pays for all it
 * looked at.
 */
#include "compare/hidden_layers.h"
#include "compare/neuron_match.h"

/** Hidden layers of the reference that have a matrix as long among the subject's. */
static size_t count_alike(const struct sva_hidden_layer *known, size_t known_count,
                          const struct sva_hidden_layer *unnamed, size_t unnamed_count)
{
    size_t alike = 0;
    for (size_t i = 0; i < known_count; i++) {
        bool found = false;
        for (size_t k = 0; !found && k < unnamed_count; k++) {
            found = known[i].neurons == unnamed[k].neurons;
        }
        alike += found ? 1 : 0;
    }
    return alike;
}

/** The layers of the reference's component that fits best. */
struct counterpart {
    int32_t component;
    struct sva_hidden_layer *layers;
    size_t count, alike;
};

/** A component with hidden layers, of equal length if possible. False: out of memory. */
static bool find_counterpart(const struct sva_print *reference,
                             const struct sva_hidden_layer *unnamed, size_t unnamed_count,
                             struct counterpart *found)
{
    *found = (struct counterpart){.component = SVA_NO_COMPONENT};
    for (uint32_t c = 0; c < reference->component_count; c++) {
        size_t count = 0;
        struct sva_hidden_layer *layers = sva_list_hidden(reference, c, &count);
        if (layers == NULL) {
            sva_free(found->layers);
            return false;
        }
        const size_t alike = count_alike(layers, count, unnamed, unnamed_count);
        if (count > 0 && (found->component == SVA_NO_COMPONENT || alike > found->alike)) {
            sva_free(found->layers);
            *found = (struct counterpart){(int32_t)c, layers, count, alike};
        } else {
            sva_free(layers);
        }
    }
    return true;
}

static bool test_counterpart(const struct sva_pair *pair, uint32_t component,
                             const struct sva_hidden_layer *unnamed, size_t unnamed_count,
                             const struct counterpart *other,
                             struct sva_component_evidence *evidence)
{
    bool ok = other->alike == 0 || sva_gram_search(pair, component, other->layers, other->count,
                                                   unnamed, unnamed_count, evidence);
    if (ok && evidence->gram_log10_p <= SVA_CLEAR_REJECTION) {
        return sva_take_disguise(evidence, other->component);
    }
    ok = ok && sva_neuron_match_unnamed(pair, component, (uint32_t)other->component, evidence);
    if (evidence->wholly_disguised) {
        evidence->reference_component = other->component;
    }
    return ok;
}

/** Do single tensors show already where most of the component comes from? */
static bool is_explained(const struct sva_component_evidence *evidence)
{
    enum { SHARE = 10 };
    return evidence->identical_tensors > 0 ||
           SHARE * evidence->agreeing_parameters >= evidence->evidence_parameters;
}

bool sva_unnamed_tests(const struct sva_pair *pair, uint32_t component,
                       struct sva_component_evidence *evidence)
{
    size_t unnamed_count = 0;
    struct counterpart other = {.component = SVA_NO_COMPONENT};
    if (pair->subject->components[component].kind != SVA_COMPONENT_GENERIC ||
        is_explained(evidence)) {
        return true;
    }
    struct sva_hidden_layer *unnamed = sva_list_unnamed(pair->subject, component, &unnamed_count);
    bool ok = unnamed != NULL && (unnamed_count == 0 || find_counterpart(pair->reference, unnamed,
                                                                         unnamed_count, &other));
    if (ok && other.component != SVA_NO_COMPONENT) {
        ok = test_counterpart(pair, component, unnamed, unnamed_count, &other, evidence);
    }
    sva_free(other.layers);
    sva_free(unnamed);
    return ok;
}
