/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/ruling.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static size_t strong_pieces(const struct sva_ruling *ruling)
{
    size_t strong = 0;
    for (size_t i = 0; i < ruling->evidence->piece_count; i++) {
        strong += ruling->evidence->pieces[i].log10_p + ruling->log10_family < ruling->log10_derived
                      ? 1
                      : 0;
    }
    return strong;
}

static void answer(const struct sva_ruling *ruling, enum sva_answer given, const char *derivation,
                   const char *reason)
{
    ruling->result->answer = given;
    ruling->result->derivation = derivation;
    (void)snprintf(ruling->result->reason, sizeof ruling->result->reason, "%s", reason);
}

/** Short of full agreement by no more than `times` what the bulk is short of it. */
static bool keeps_pace(double trained, double rho, double times)
{
    return 1.0 - trained <= times * (1.0 - rho) + 0.02;
}

/**
 * Agreement of a trained part that no shared start comes near, so that no pace is asked where two
 * parts have it. Gains of trained decoders of one start agreed by .51 at most, their directions by
 * .67, their directions over hidden neurons by .49, on two halves of one language
 * (tests/bench/bench_trained). The bound on gains has the margin: another trainer's models reached
 * .54 and .79, in one pair.
 */
static const double FULL_AGREEMENT = 0.75;
static const double FULL_NEURON_AGREEMENT = 0.9;

static bool neuron_directions_agree(const struct sva_component_evidence *evidence)
{
    return evidence->neuron_direction_tensors >= 2 &&
           evidence->neuron_directions >= FULL_NEURON_AGREEMENT;
}

/** Two of three: who folds gains into matrices takes one away. */
static bool agrees_fully(const struct sva_component_evidence *evidence)
{
    const int parts = (evidence->gain_lower >= FULL_AGREEMENT ? 1 : 0) +
                      (evidence->subspace_agreement >= FULL_AGREEMENT ? 1 : 0) +
                      (neuron_directions_agree(evidence) ? 1 : 0);
    return parts >= 2;
}

/**
 * Rows of frequent tokens that contradict. They only ever speak against: two trainings of one start
 * on one language agree in them by up to .90 where training was short, since the start is a large
 * part of the rows then, and derivatives trained on at full rate by .70 (bench_trained). Where
 * training was long they are its own: .12 for a shared start, .90 for an early checkpoint.
 */
static bool tokens_contradict(const struct sva_component_evidence *evidence)
{
    return evidence->token_lower < SVA_TRAINED_AGREEMENT; /* false when unknown */
}

/**
 * Does the trained part agree too? A derivative agrees everywhere about equally
 * well; two trainings from one start agree in the bulk, and less in what training
 * wrote. So parameters that start constant and trained directions must both be
 * mostly shared, and must keep pace with the bulk, and frequent tokens must not
 * contradict. Adapters: B starts at zero, so
 * B's agreement is training's.
 */
static bool training_agrees(const struct sva_component_evidence *evidence, double rho)
{
    if (evidence->adapter) {
        return evidence->gain_lower >= SVA_TRAINED_AGREEMENT;
    }
    if (agrees_fully(evidence)) {
        return true;
    }
    return evidence->gain_lower >= SVA_TRAINED_AGREEMENT &&
           evidence->subspace_agreement >= SVA_TRAINED_AGREEMENT && !tokens_contradict(evidence) &&
           keeps_pace(evidence->gain_agreement, rho, 1.5) &&
           keeps_pace(evidence->subspace_agreement, rho, 3.0);
}

/** Hundredths as text, free of the locale's decimal sign: "53", or "unknown". */
static void hundredths(double value, char text[16])
{
    if (isnan(value)) {
        (void)snprintf(text, 16, "unknown");
    } else {
        (void)snprintf(text, 16, "%d", (int)floor(100.0 * value + 0.5));
    }
}

/** The sentence that names the quantity that was too small. */
static void say_what_training_lacks(const struct sva_component_evidence *evidence, char *text,
                                    size_t size)
{
    char gains[16];
    char lower[16];
    char directions[16];
    char tokens[16];
    hundredths(evidence->gain_agreement, gains);
    hundredths(evidence->gain_lower, lower);
    hundredths(evidence->subspace_agreement, directions);
    hundredths(evidence->token_lower, tokens);
    if (evidence->adapter) {
        (void)snprintf(text, size,
                       "a shared random start is not excluded: factors that start at zero agree by "
                       "%s hundredths along their ranks; 50 are needed",
                       gains);
    } else if (isnan(evidence->gain_agreement)) {
        (void)snprintf(text, size,
                       "a shared random start is not excluded: no parameter that starts constant "
                       "could be compared; trained directions agree by %s hundredths",
                       directions);
    } else if (tokens_contradict(evidence) && evidence->gain_lower >= SVA_TRAINED_AGREEMENT &&
               evidence->subspace_agreement >= SVA_TRAINED_AGREEMENT) {
        (void)snprintf(text, size,
                       "a shared random start is not excluded: in hundredths, gains and biases "
                       "agree by at least %s, trained directions by %s, rows of frequent tokens by at "
                       "least %s; 50 of each are needed, or 75 of the first two",
                       lower, directions, tokens);
    } else {
        (void)snprintf(
            text, size,
            "a shared random start is not excluded: in hundredths, gains and biases "
            "agree by %s (at least %s), trained directions by %s; 50 of each are needed, and "
            "about as much as the bulk",
            gains, lower, directions);
    }
}

/**
 * Do the values settle that training is shared? Two trainings from one start end as far apart as
 * both have moved; lie they within rounding of each other, then so does the start of both, and
 * neither was trained beyond that. So: every tensor is the reference's but for rounding, rounding
 * hides only a small change, and something that training wrote is there and agrees - parameters
 * that start constant do, or, where none can be compared, trained directions are seen on both
 * sides.
 */
static bool values_settle(const struct sva_component_evidence *evidence)
{
    if (!evidence->value_copy || !(evidence->quantisation.hidden_change <= SVA_HIDDEN_MOST)) {
        return false;
    }
    if (!isnan(evidence->gain_agreement)) {
        return evidence->gain_lower >= SVA_TRAINED_AGREEMENT &&
               keeps_pace(evidence->gain_agreement, 1.0, 1.0);
    }
    return evidence->trained_tensors >= 2 && evidence->subspace_agreement >= SVA_TRAINED_AGREEMENT;
}

/** Correlation from which a derivative is called fine-tuned: a convention, no finding. */
static const double FINE_TUNED_LEAST = 0.95;

bool sva_is_merged_adapter(const struct sva_component_evidence *evidence)
{
    return evidence->low_rank_tensors >= 2 && evidence->otherwise_changed == 0;
}

/** Share of the parameters in tensors that are equal, by all values or by what was read of them. */
static double equal_share(const struct sva_component_evidence *evidence)
{
    const double all = (double)evidence->evidence_parameters;
    const double equal =
        (double)evidence->identical_parameters + (double)evidence->part_equal_parameters;
    return all > 0.0 ? equal / all : 0.0;
}

/** What was done to plain floats, none of which is a copy throughout. */
static const char *how_modified(const struct sva_ruling *ruling)
{
    const struct sva_component_evidence *evidence = ruling->evidence;
    return sva_is_merged_adapter(evidence)                   ? "merged-adapter"
           : evidence->vocabulary == SVA_VOCABULARY_EXTENDED ? "vocabulary-extended"
           : evidence->vocabulary == SVA_VOCABULARY_REBUILT  ? "vocabulary-rebuilt"
           : equal_share(evidence) > 0.02                    ? "partial-copy"
           : isnan(ruling->result->rho)                      ? "modified"
           : ruling->result->rho >= FINE_TUNED_LEAST         ? "fine-tuned"
                                                             : "continued-pretraining";
}

static const char SAMPLED_COPY[] = "sampled-copy";
static const char EQUAL_WHERE_READ[] =
    "every value that was looked at is the reference's; a quick reading looked at a part of them, "
    "so that equality of all is not shown";

/** How the component came from the reference, as far as values tell. */
static const char *how_derived(const struct sva_ruling *ruling)
{
    const struct sva_component_evidence *evidence = ruling->evidence;
    return evidence->equal_where_read                    ? SAMPLED_COPY
           : evidence->value_copy                        ? "quantised-copy"
           : ruling->result->layer_order.kind[0] != '\0' ? ruling->result->layer_order.kind
           : evidence->side_quantised                    ? "quantised-derivative"
                                                         : how_modified(ruling);
}

/** Thousandths of the weights' size as a percentage with one digit, free of the locale's decimal
 * sign. */
static void percentage(double share, char text[16])
{
    const double tenths = floor(1000.0 * share + 0.5);
    if (isnan(share) || tenths > 99999.0) {
        (void)snprintf(text, 16, "an unknown part");
    } else {
        (void)snprintf(text, 16, "%d.%d%%", (int)tenths / 10, (int)tenths % 10);
    }
}

/** The sentence for an answer derived, by how it was derived. */
static void say_derived(const struct sva_ruling *ruling)
{
    const struct sva_component_evidence *evidence = ruling->evidence;
    const struct sva_quantisation *found = &evidence->quantisation;
    const char *how = how_derived(ruling);
    char apart[16];
    char expected[16];
    char hidden[16];
    percentage(found->distance, apart);
    percentage(found->expected, expected);
    percentage(found->hidden_change, hidden);
    answer(ruling, SVA_ANSWER_DERIVED, how,
           "dependence in at least two disjoint sets of tensors, and in what training writes");
    if (evidence->equal_where_read) {
        answer(ruling, SVA_ANSWER_DERIVED, how, EQUAL_WHERE_READ);
    } else if (evidence->value_copy && found->basis[0] != '\0') {
        (void)snprintf(ruling->result->reason, sizeof ruling->result->reason,
                       "the values are the reference's, rounded: they lie %s of its weights' size "
                       "apart, rounding explains %s; a change of up to %s could hide in it",
                       apart, expected, hidden);
    } else if (evidence->side_quantised && isnan(found->expected)) {
        (void)snprintf(ruling->result->reason, sizeof ruling->result->reason,
                       "dependence in at least two disjoint sets of tensors; values lie %s apart, "
                       "and how much of that rounding explains is not known for this format",
                       apart);
    } else if (evidence->side_quantised && found->basis[0] != '\0') {
        (void)snprintf(ruling->result->reason, sizeof ruling->result->reason,
                       "dependence in at least two disjoint sets of tensors; in %zu tensors values "
                       "lie further apart than rounding explains; in all they lie %s of the "
                       "reference's size apart, rounding explains %s",
                       evidence->contradicting_tensors, apart, expected);
    }
}

/** Agreement of what training added, and of what it wrote, up to which a shared start explains it
 * all. */
static const double SHARED_START_MOST = 0.25;

static bool is_small(double agreement)
{
    return isnan(agreement) || agreement <= SHARED_START_MOST;
}

/**
 * Both sides come from a known random start. Two trainings of one start are not quite independent
 * given it: they begin down the same slope. So no p-value decides, but size: what the sides have in
 * common beyond the start must be small wherever it can be seen.
 */
static bool shares_start_only(const struct sva_component_evidence *evidence)
{
    const double margin = isnan(evidence->start.rho_se) ? 0.0 : 2.0 * evidence->start.rho_se;
    return evidence->start.use == SVA_START_USED &&
           evidence->start.rho + margin <= SHARED_START_MOST &&
           is_small(evidence->gain_agreement) && is_small(evidence->subspace_agreement);
}

static void say_shared_start(const struct sva_ruling *ruling)
{
    char added[16];
    char gains[16];
    char directions[16];
    hundredths(ruling->evidence->start.rho, added);
    hundredths(ruling->evidence->gain_agreement, gains);
    hundredths(ruling->evidence->subspace_agreement, directions);
    answer(ruling, SVA_ANSWER_SHARED_INITIALISATION, "", "");
    (void)snprintf(
        ruling->result->reason, sizeof ruling->result->reason,
        "both were trained from the step-0 checkpoint given; in hundredths, what training "
        "added agrees by %s, gains and biases by %s, trained directions by %s: 25 at most",
        added, gains, directions);
}

/** Correlation of cosines from which nothing but rounding lies between the two. */
static const double DISGUISED_COPY_LEAST = 0.995;

static const char *how_disguised(const struct sva_ruling *ruling)
{
    return ruling->result->rho >= DISGUISED_COPY_LEAST ? "disguised-copy" : "disguised-derivative";
}

static void say_disguised(const struct sva_ruling *ruling)
{
    char directions[16];
    hundredths(ruling->evidence->neuron_directions, directions);
    answer(ruling, SVA_ANSWER_DERIVED, how_disguised(ruling), "");
    (void)snprintf(
        ruling->result->reason, sizeof ruling->result->reason,
        "hidden neurons of even and of odd layers stand to each other as the reference's do, though "
        "the residual stream was renumbered, sign-flipped or rotated; trained directions "
        "over them agree by %s hundredths",
        directions);
}

static void say_what_disguise_hides(const struct sva_ruling *ruling)
{
    char directions[16];
    hundredths(ruling->evidence->neuron_directions, directions);
    answer(ruling, SVA_ANSWER_DEPENDENT_UNEXPLAINED, "", "");
    (void)snprintf(
        ruling->result->reason, sizeof ruling->result->reason,
        "hidden neurons stand to each other as the reference's do, though the residual "
        "stream does not agree; a shared random start is not excluded: trained directions "
        "over neurons agree by %s hundredths, 90 are needed",
        directions);
}

/** H0 is rejected: derived, or dependent without an explanation. */
static void explain_dependence(const struct sva_ruling *ruling)
{
    const struct sva_component_evidence *evidence = ruling->evidence;
    if (shares_start_only(evidence)) {
        say_shared_start(ruling);
    } else if (strong_pieces(ruling) < 2) {
        answer(ruling, SVA_ANSWER_DEPENDENT_UNEXPLAINED, "",
               "dependence is shown by fewer than two pieces of evidence that pass on their own");
    } else if (!(ruling->result->rho > 0.01)) {
        answer(ruling, SVA_ANSWER_DEPENDENT_UNEXPLAINED, "",
               "dependence is shown, but its size rho is not above .01");
    } else if (evidence->stream_disguised && neuron_directions_agree(evidence)) {
        /* the stream's gains and directions cannot be laid side by side */
        say_disguised(ruling);
    } else if (evidence->stream_disguised) {
        say_what_disguise_hides(ruling);
    } else if (evidence->bulk_unread && !values_settle(evidence)) {
        answer(ruling, SVA_ANSWER_DEPENDENT_UNEXPLAINED, "",
               "dependence is shown; a quick reading left out tensors whose roles are not known, "
               "and a shared random start is excluded by what training wrote into all of them");
    } else if (training_agrees(evidence, ruling->result->rho) || values_settle(evidence)) {
        say_derived(ruling);
    } else {
        answer(ruling, SVA_ANSWER_DEPENDENT_UNEXPLAINED, "", "");
        say_what_training_lacks(evidence, ruling->result->reason, sizeof ruling->result->reason);
    }
}

/** No exact test is left; the caller says why. */
static void answer_disguised(const struct sva_ruling *ruling, bool derived)
{
    answer(ruling, derived ? SVA_ANSWER_DERIVED : SVA_ANSWER_DEPENDENT_UNEXPLAINED,
           derived ? how_disguised(ruling) : "", "");
}

/** Correlation of matched cosines, in every layer, that derivation needs. */
static const double MATCHED_FOR_DERIVED = 0.7;

/**
 * Only the matching of neurons shows agreement. Its null is empirical - other layers of the same
 * two models, searched alike -, so that size decides, far from what any search over unrelated
 * layers reached.
 */
static void explain_matching(const struct sva_ruling *ruling)
{
    const struct sva_match_evidence *match = &ruling->evidence->match;
    const bool derived = match->least_rho >= MATCHED_FOR_DERIVED && match->direction_layers >= 2 &&
                         match->directions >= FULL_AGREEMENT;
    char least[16];
    char control[16];
    char directions[16];
    hundredths(match->least_rho, least);
    hundredths(match->control_rho, control);
    hundredths(match->directions, directions);
    answer_disguised(ruling, derived);
    (void)snprintf(
        ruling->result->reason, sizeof ruling->result->reason,
        "empirical: once renumbered neurons are matched, their cosines agree by at least %s hundredths in "
        "each layer looked at, against %s between different layers, and trained directions by "
        "%s; no exact test is left",
        least, control, directions);
}

/** Share of neurons found, in the layers that agree, that derivation needs. */
static const double FOUND_FOR_DERIVED = 0.5;

/** Only looking neurons up by their barcodes shows agreement: empirical, so that size decides. */
static void explain_barcodes(const struct sva_ruling *ruling)
{
    const struct sva_barcode_evidence *found = &ruling->evidence->barcodes;
    const bool derived = found->share >= FOUND_FOR_DERIVED && found->direction_layers >= 2 &&
                         found->directions >= FULL_AGREEMENT;
    char share[16];
    char elsewhere[16];
    char cosine[16];
    char directions[16];
    hundredths(found->share, share);
    hundredths(found->control_share, elsewhere);
    hundredths(found->cosine, cosine);
    hundredths(found->directions, directions);
    answer_disguised(ruling, derived);
    (void)snprintf(
        ruling->result->reason, sizeof ruling->result->reason,
        "empirical: %s hundredths of the neurons are found again by what they say to the same "
        "inputs, %s in other layers, cosines %s; trained directions agree by %s; no exact test is "
        "left",
        share, elsewhere, cosine,
        directions);
}

/** Equal values, or sampled rows that are byte for byte the other side's, quantised again. */
static uint64_t copied_parameters(const struct sva_component_evidence *evidence)
{
    return evidence->identical_parameters + evidence->exact_parameters;
}

/** Most of the component holds the reference's values. */
static bool mostly_copied(const struct sva_component_evidence *evidence)
{
    return evidence->identical_tensors + evidence->exact_tensors >= 2 &&
           (evidence->identical_trained || evidence->exact_trained_tensors >= 2) &&
           2 * copied_parameters(evidence) >= evidence->evidence_parameters;
}

/**
 * A few values written to the places where formulas and few values are looked for make any matrix
 * inert: of a component that is so to more than a fifth nothing is said.
 */
static bool mostly_poor(const struct sva_component_evidence *evidence)
{
    return 4 * evidence->poor_parameters > evidence->evidence_parameters;
}

/** The same by all values of some tensors and by what was read of others. */
static bool mostly_equal_where_read(const struct sva_component_evidence *evidence)
{
    return evidence->part_equal_tensors > 0 &&
           evidence->identical_tensors + evidence->part_equal_tensors >= 2 &&
           (evidence->identical_trained || evidence->part_equal_trained_tensors >= 2) &&
           2 * (evidence->identical_parameters + evidence->part_equal_parameters) >=
               evidence->evidence_parameters;
}

static void say_equal_where_read(const struct sva_ruling *ruling)
{
    const bool all = ruling->evidence->equal_where_read;
    answer(ruling, SVA_ANSWER_DERIVED, all ? SAMPLED_COPY : how_derived(ruling),
           all ? EQUAL_WHERE_READ
               : "most parameters, in at least two trained tensors, are the reference's at every "
                 "place that was looked at; a quick reading looked at a part of them");
}

/** Everything is the reference's, values or quantised rows. */
static bool wholly_requantised(const struct sva_component_evidence *evidence)
{
    return evidence->exact_tensors > 0 &&
           copied_parameters(evidence) == evidence->evidence_parameters;
}

static void say_requantised(const struct sva_ruling *ruling)
{
    const struct sva_component_evidence *evidence = ruling->evidence;
    const char *format = evidence->quantisation.exact_format;
    const bool whole = strcmp(evidence->quantisation.basis, "weights") == 0;
    answer(ruling, SVA_ANSWER_DERIVED, "quantised-copy", "");
    (void)snprintf(ruling->result->reason, sizeof ruling->result->reason,
                   "every tensor that can carry evidence holds the reference's values, or its "
                   "%s are byte for byte those, quantised as %s%s",
                   whole ? "rows" : "sampled rows", format != NULL ? format : "several formats",
                   evidence->by_way_of_f16 ? " by way of F16" : "");
}

static bool wholly_identical(const struct sva_component_evidence *evidence)
{
    return evidence->evidence_parameters > 0 && evidence->identical_tensors > 0 &&
           evidence->identical_parameters == evidence->evidence_parameters;
}

/** Whose word a start is known by. */
static const char *who_declares(const struct sva_component_evidence *evidence)
{
    const bool both = evidence->start_declared[0] && evidence->start_declared[1];
    return both                          ? "both sides declare"
           : evidence->start_declared[0] ? "the subject declares"
                                         : "the reference declares";
}

/**
 * Factors that start from the base's weights agree in two adapters of one base, B too, and no
 * bound on training's part tells that from derivation. Copies bit for bit stay identical.
 */
static void cap_start_from_base(const struct sva_ruling *ruling)
{
    const struct sva_component_evidence *evidence = ruling->evidence;
    char *const reason = ruling->result->reason;
    const size_t size = sizeof ruling->result->reason;
    if (ruling->result->answer != SVA_ANSWER_DERIVED) {
        return;
    }
    if (evidence->start_from_base != NULL) {
        answer(ruling, SVA_ANSWER_DEPENDENT_UNEXPLAINED, "", "");
        (void)snprintf(
            reason, size,
            "dependence is shown, but %s a start from the base's weights "
            "(init_lora_weights \"%s\"): two adapters of one base then agree without one "
            "being made from the other",
            who_declares(evidence), evidence->start_from_base);
    } else if (evidence->start_subtracted) {
        answer(
            ruling, SVA_ANSWER_DEPENDENT_UNEXPLAINED, "",
            "dependence is shown, but half of one side's ranks repeat the other half with the "
            "sign of B turned, as subtracting a start made of the base's weights leaves them: two "
            "adapters of one base share that start");
    }
}

static void give_answer(const struct sva_ruling *ruling)
{
    const struct sva_component_evidence *evidence = ruling->evidence;
    const bool rejected = ruling->result->log10_p_adjusted < ruling->log10_reject;
    if (wholly_identical(evidence) && evidence->rounded_parameters > 0) {
        answer(ruling, SVA_ANSWER_DERIVED, "quantised-copy", "");
        (void)snprintf(ruling->result->reason, sizeof ruling->result->reason,
                       "every tensor that can carry evidence equals the reference's once rounded "
                       "to %s",
                       sva_dtype_name(evidence->rounded_dtype));
    } else if (wholly_identical(evidence)) {
        answer(ruling, SVA_ANSWER_IDENTICAL, evidence->retyped ? "re-typed-copy" : "copy",
               "every tensor that can carry evidence holds the reference's values");
    } else if (evidence->equal_where_read && mostly_equal_where_read(evidence)) {
        say_equal_where_read(ruling);
    } else if (wholly_requantised(evidence)) {
        say_requantised(ruling);
    } else if (mostly_copied(evidence)) {
        answer(ruling, SVA_ANSWER_DERIVED,
               evidence->value_copy                              ? "quantised-copy"
               : evidence->side_quantised                        ? "partial-copy"
               : sva_is_merged_adapter(evidence)                 ? "merged-adapter"
               : evidence->vocabulary == SVA_VOCABULARY_EXTENDED ? "vocabulary-extended"
               : evidence->vocabulary == SVA_VOCABULARY_REBUILT  ? "vocabulary-rebuilt"
                                                                 : "partial-copy",
               "most parameters, in at least two trained tensors, are exactly the reference's");
    } else if (mostly_equal_where_read(evidence)) {
        say_equal_where_read(ruling);
    } else if (rejected) {
        explain_dependence(ruling);
    } else if (evidence->wholly_disguised) {
        explain_matching(ruling);
    } else if (evidence->barcodes.disguised) {
        explain_barcodes(ruling);
    } else if (evidence->identical_tensors > 0) {
        answer(ruling, SVA_ANSWER_DEPENDENT_UNEXPLAINED, "",
               "some tensors hold exactly the reference's values, the rest shows no dependence: "
               "copied, or computed alike by both");
    } else if (evidence->part_equal_tensors > 0) {
        answer(ruling, SVA_ANSWER_DEPENDENT_UNEXPLAINED, "",
               "some tensors hold the reference's values at every place that was looked at, the "
               "rest shows no dependence: copied, or computed alike by both");
    } else if (evidence->test_count == 0) {
        answer(ruling, SVA_ANSWER_NOT_COMPARABLE, "",
               evidence->untestable != NULL ? evidence->untestable
                                            : "no tensor of the reference has a comparable shape");
    } else if (!(ruling->best_floor < ruling->log10_reject)) {
        answer(ruling, SVA_ANSWER_NOT_COMPARABLE, "",
               "too few exchangeable units: no test could have rejected at this level");
    } else if (mostly_poor(evidence)) {
        answer(ruling, SVA_ANSWER_NOT_COMPARABLE, "",
               "more than a fifth of the parameters are constant, computed by a formula or of few "
               "values, where no dependence could show");
    } else {
        answer(ruling, SVA_ANSWER_NO_EVIDENCE, "",
               "no test rejects; smaller dependence than the detectable one is not excluded");
    }
}

void sva_rule(const struct sva_ruling *ruling)
{
    give_answer(ruling);
    cap_start_from_base(ruling);
}
