/* SPDX-License-Identifier: Apache-2.0 */
#include "report/values_sentence.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "report/columns.h"

/** The text in the making. */
struct draft {
    struct sva_arena *arena;
    enum sva_lang lang;
    struct sva_bytes out;
};

static const char *kept(struct draft *draft, const char *text)
{
    draft->out.failed = draft->out.failed || text == NULL;
    return text != NULL ? text : "";
}

static void say(struct draft *draft, enum sva_label id, const char *const *values, size_t count)
{
    const char *pattern = sva_label(draft->lang, id);
    sva_bytes_printf(&draft->out, " %s",
                     kept(draft, sva_label_fill(draft->arena, pattern, values, count)));
}

/** A share as a percentage with two digits behind the point; "-" when unknown. */
static const char *percent(struct draft *draft, double share)
{
    return kept(draft, sva_columns_percent(draft->arena, share, 2));
}

static void say_values(struct draft *draft, const struct sva_component_result *result)
{
    const struct sva_quantisation *found = &result->quantisation;
    const bool disguised = result->disguise != NULL && result->disguise[0] != '\0';
    if (found->basis == NULL || found->basis[0] == '\0' || result->answer != SVA_ANSWER_DERIVED ||
        disguised) {
        return; /* values that do not come from one another, or stand elsewhere, lie anyhow */
    }
    const char *basis =
        sva_label(draft->lang, strcmp(found->basis, "weights") == 0 ? SVA_LABEL_BASIS_WEIGHTS
                                                                    : SVA_LABEL_BASIS_SAMPLES);
    if (strcmp(result->derivation, "quantised-copy") == 0) {
        say(draft, SVA_LABEL_SAY_QUANTISED_COPY, NULL, 0);
    } else if (strcmp(result->derivation, "quantised-derivative") == 0) {
        say(draft, SVA_LABEL_SAY_QUANTISED_DERIVATIVE, NULL, 0);
    }
    const char *exact[] = {found->exact_format, basis};
    if (found->exact_format != NULL) {
        say(draft, SVA_LABEL_SAY_REQUANTISED, exact, 2);
        return;
    }
    const char *distance = percent(draft, found->distance);
    const char *apart[] = {distance, basis};
    const char *rounded[] = {distance, percent(draft, found->expected), basis};
    if (found->expected > 0.0) {
        say(draft, SVA_LABEL_SAY_ROUNDED, rounded, 3);
    } else {
        say(draft, SVA_LABEL_SAY_APART, apart, 2);
    }
    if (strcmp(result->derivation, "quantised-copy") == 0) {
        const char *hidden = percent(draft, found->hidden_change);
        say(draft, SVA_LABEL_SAY_HIDDEN, &hidden, 1);
    }
}

static void say_undone(struct draft *draft, const struct sva_component_result *result)
{
    const char *list = "";
    for (size_t i = 0; i < result->transform_count; i++) {
        const char *count = sva_arena_printf(draft->arena, "%" PRIu64,
                                             (uint64_t)result->transforms[i].tensor_count);
        const char *name = sva_arena_strdup(draft->arena, sva_esc(result->transforms[i].name).text);
        const char *values[] = {kept(draft, name), kept(draft, count)};
        const char *one = kept(
            draft, sva_label_fill(draft->arena, sva_label(draft->lang, SVA_LABEL_SAY_UNDONE_ONE),
                                  values, 2));
        list = kept(draft, sva_arena_printf(draft->arena, "%s%s%s", list, i > 0 ? ", " : "", one));
    }
    if (result->transform_count > 0) {
        say(draft, SVA_LABEL_SAY_UNDONE, &list, 1);
    }
}

static void say_layers(struct draft *draft, const struct sva_component_result *result)
{
    const struct sva_layer_order *order = &result->layer_order;
    if (order->layer_count == 0 || result->answer > SVA_ANSWER_DEPENDENT_UNEXPLAINED) {
        return;
    }
    if (order->repeated[0] != '\0') {
        say(draft, SVA_LABEL_SAY_LAYERS_REPEATED, &order->repeated, 1);
    }
    if (order->absent[0] != '\0') {
        say(draft, SVA_LABEL_SAY_LAYERS_ABSENT, &order->absent, 1);
    }
    if (order->unmatched_count > 0) {
        const char *count = kept(draft, sva_arena_printf(draft->arena, "%" PRIu64,
                                                         (uint64_t)order->unmatched_count));
        say(draft, SVA_LABEL_SAY_LAYERS_UNMATCHED, &count, 1);
    }
    if (strcmp(order->kind, "rearranged") == 0) {
        say(draft, SVA_LABEL_SAY_LAYERS_MOVED, NULL, 0);
    }
}

static void say_disguise(struct draft *draft, const struct sva_component_result *result)
{
    const char *disguise = result->disguise != NULL ? result->disguise : "";
    if (disguise[0] != '\0' && result->answer <= SVA_ANSWER_DEPENDENT_UNEXPLAINED) {
        say(draft,
            strcmp(disguise, "residual-stream") == 0 ? SVA_LABEL_SAY_DISGUISED_STREAM
                                                     : SVA_LABEL_SAY_DISGUISED_WHOLLY,
            NULL, 0);
    }
}

static void say_start(struct draft *draft, const struct sva_component_result *result)
{
    static const enum sva_label WHY[SVA_START_USE_COUNT] = {
        [SVA_START_NO_SUBJECT_WEIGHTS] = SVA_LABEL_START_NO_SUBJECT_WEIGHTS,
        [SVA_START_NO_REFERENCE_WEIGHTS] = SVA_LABEL_START_NO_REFERENCE_WEIGHTS,
        [SVA_START_NOT_RANDOM] = SVA_LABEL_START_NOT_RANDOM,
        [SVA_START_NOT_THE_SUBJECTS] = SVA_LABEL_START_NOT_THE_SUBJECTS,
        [SVA_START_NOT_THE_REFERENCES] = SVA_LABEL_START_NOT_THE_REFERENCES,
        [SVA_START_NOT_COMPARABLE] = SVA_LABEL_START_NOT_COMPARABLE};
    if (result->start.use == SVA_START_USED) {
        const char *agreement = percent(draft, result->start.rho);
        say(draft, SVA_LABEL_SAY_START_USED, &agreement, 1);
    } else if (result->start.use != SVA_START_NOT_GIVEN) {
        const char *why = sva_label(draft->lang, WHY[result->start.use]);
        say(draft, SVA_LABEL_SAY_START_UNUSED, &why, 1);
    }
}

const char *sva_values_sentence(struct sva_arena *arena, enum sva_lang lang,
                                const struct sva_component_result *result)
{
    struct draft draft = {.arena = arena, .lang = lang};
    say_start(&draft, result);
    say_layers(&draft, result);
    say_disguise(&draft, result);
    say_values(&draft, result);
    say_undone(&draft, result);
    return sva_bytes_keep(&draft.out, arena);
}
