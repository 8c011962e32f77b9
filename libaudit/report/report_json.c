/* SPDX-License-Identifier: Apache-2.0 */
/** The report as JSON, keys ascending at every level. Contract: docs/report.schema.json. */
#include <math.h>
#include <string.h>

#include <sovaudit/report.h>

#include "base/fail.h"
#include "report/code_json.h"
#include "report/declared_report.h"
#include "report/draws_json.h"
#include "report/evidence_json.h"
#include "report/json_writer.h"
#include "report/known_sentence.h"
#include "report/labels.h"
#include "report/layer_map_json.h"
#include "report/left_out.h"
#include "report/pack_json.h"
#include "report/summary.h"

#define REPORT_SCHEMA "https://sovaudit.org/schema/report-1.json"

/** p as a plain number: 0 where it is smaller than doubles go, log10_p stands beside it. */
static double p_of_log10(double log10_p)
{
    return isfinite(log10_p) ? pow(10.0, log10_p < 0.0 ? log10_p : 0.0) : (double)NAN;
}

static void put_test(struct sva_writer *json, const struct sva_test *test, bool shown)
{
    sva_writer_object(json, NULL);
    sva_writer_count(json, "blocks", test->block_count);
    sva_writer_bool(json, "decides", test->decides);
    sva_writer_count(json, "draws", test->draw_count);
    sva_writer_count(json, "family", test->family);
    sva_draws_json(json, shown ? &test->draws : NULL);
    sva_writer_text(json, "id", test->id);
    sva_writer_text(json, "label", sva_p_label_name(test->label));
    sva_writer_number(json, "log10_p", test->log10_p);
    sva_writer_number(json, "log10_p_adjusted", test->log10_p_adjusted);
    sva_writer_number(json, "log10_p_floor", test->log10_p_floor);
    sva_writer_number(json, "p", p_of_log10(test->log10_p));
    sva_writer_number(json, "z", test->z);
    sva_writer_object_end(json);
}

static void put_match(struct sva_writer *json, const struct sva_print *subject,
                      const struct sva_tensor_match *match)
{
    sva_writer_object(json, NULL);
    sva_writer_number(json, "distance", match->distance);
    sva_writer_text(json, "exact_format", match->exact_format);
    sva_writer_number(json, "expected_distance", match->expected);
    sva_writer_number(json, "largest_difference", match->largest_difference);
    sva_writer_number(json, "log10_p", match->log10_p);
    sva_writer_text(json, "reference_tensor", match->reference_name);
    sva_writer_number(json, "rho", match->rho);
    sva_writer_bool(json, "same_values", match->same_values);
    sva_writer_number(json, "shared_row_share", match->shared_row_share);
    sva_writer_text(json, "subject_tensor", subject->tensors[match->subject_tensor].name);
    sva_writer_text(json, "transform", match->transform);
    sva_writer_number(json, "within_half_step", match->within_half_step);
    sva_writer_number(json, "z", match->z);
    sva_writer_object_end(json);
}

/** null where no dependence is seen, or no values were laid side by side. */
static void put_quantisation(struct sva_writer *json, const struct sva_component_result *result)
{
    const struct sva_quantisation *const found = &result->quantisation;
    if (found->basis == NULL || found->basis[0] == '\0' ||
        result->answer > SVA_ANSWER_DEPENDENT_UNEXPLAINED) {
        sva_writer_null(json, "quantisation");
        return;
    }
    sva_writer_object(json, "quantisation");
    sva_writer_text(json, "basis", found->basis);
    sva_writer_number(json, "distance", found->distance);
    sva_writer_text(json, "exact_format", found->exact_format);
    sva_writer_number(json, "expected", found->expected);
    sva_writer_number(json, "hidden_change",
                      found->expected > 0.0 ? found->hidden_change : (double)NAN);
    sva_writer_number(json, "ratio", found->ratio);
    sva_writer_number(json, "within_half_step", found->within_half_step);
    sva_writer_object_end(json);
}

static void put_transforms(struct sva_writer *json, const struct sva_component_result *result)
{
    sva_writer_array(json, "transforms");
    for (size_t i = 0; i < result->transform_count; i++) {
        sva_writer_object(json, NULL);
        sva_writer_text(json, "name", result->transforms[i].name);
        sva_writer_count(json, "tensors", result->transforms[i].tensor_count);
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
}

/** Null where layers follow the reference's in order, or nothing depends on it. */
static void put_layer_order(struct sva_writer *json, const struct sva_component_result *result)
{
    const struct sva_layer_order *const order = &result->layer_order;
    if (order->layer_count == 0 || result->answer > SVA_ANSWER_DEPENDENT_UNEXPLAINED) {
        sva_writer_null(json, "layer_order");
        return;
    }
    sva_writer_object(json, "layer_order");
    sva_writer_text(json, "absent", order->absent);
    sva_writer_text(json, "kind", order->kind);
    sva_writer_array(json, "layers");
    for (size_t i = 0; i < order->layer_count; i++) {
        sva_writer_integer(json, NULL, order->layers[i]);
    }
    sva_writer_array_end(json);
    sva_writer_text(json, "repeated", order->repeated);
    sva_writer_count(json, "unmatched", order->unmatched_count);
    sva_writer_object_end(json);
}

/** `shown`: with the histograms of its tests. */
static void put_component(struct sva_writer *json, const struct sva_print *subject,
                          const struct sva_component_result *result, bool shown)
{
    sva_writer_object(json, NULL);
    if (result->adapter_rank > 0 && result->answer == SVA_ANSWER_DERIVED) {
        sva_writer_count(json, "adapter_rank", result->adapter_rank);
    } else {
        sva_writer_null(json, "adapter_rank");
    }
    sva_writer_text(json, "answer", sva_answer_name(result->answer));
    sva_writer_text(json, "component_kind", sva_component_kind_name(result->kind));
    sva_writer_number(json, "coverage", result->coverage);
    sva_writer_number(json, "detectable_rho", result->detectable_rho);
    const bool disguised = result->disguise != NULL && result->disguise[0] != '\0';
    sva_writer_text(json, "disguise", disguised ? result->disguise : NULL);
    sva_writer_number(json, "identical_share", result->identical_share);
    sva_writer_count(json, "inert_parameters", result->inert_parameter_count);
    sva_writer_text(json, "kind", result->derivation != NULL ? result->derivation : "");
    sva_layer_map_json(json, subject, result);
    put_layer_order(json, result);
    sva_writer_number(json, "log10_p_adjusted", result->log10_p_adjusted);
    sva_writer_object(json, "matches");
    sva_writer_count(json, "count", result->match_count);
    sva_writer_array(json, "first");
    for (size_t i = 0; i < result->match_count && i < SVA_SUMMARY_MATCHES; i++) {
        put_match(json, subject, &result->matches[i]);
    }
    sva_writer_array_end(json);
    sva_writer_object_end(json);
    sva_writer_text(json, "name", result->name);
    sva_writer_count(json, "parameters", result->parameter_count);
    put_quantisation(json, result);
    sva_writer_text(json, "reason", result->reason);
    sva_writer_text(json, "reference_component", result->reference_name);
    sva_writer_number(json, "rho", result->rho);
    sva_writer_number(json, "rho_se", result->rho_se);
    sva_writer_object(json, "start");
    sva_writer_number(json, "added_rho", result->start.rho);
    sva_writer_number(json, "added_rho_se", result->start.rho_se);
    sva_writer_text(json, "checkpoint", sva_start_use_name(result->start.use));
    sva_writer_number(json, "gain_agreement", result->start_gain_agreement);
    sva_writer_number(json, "neuron_direction_agreement", result->neuron_direction_agreement);
    sva_writer_number(json, "subspace_agreement", result->start_subspace_agreement);
    sva_writer_number(json, "token_agreement", result->start_token_agreement);
    sva_writer_number(json, "token_lower", result->start_token_lower);
    sva_writer_object_end(json);
    sva_writer_array(json, "tests");
    for (size_t i = 0; i < result->test_count; i++) {
        put_test(json, &result->tests[i], shown);
    }
    sva_writer_array_end(json);
    put_transforms(json, result);
    sva_writer_object_end(json);
}

static void put_reference(struct sva_writer *json, const struct sva_reference *reference,
                          bool quick)
{
    sva_writer_object(json, "reference");
    sva_writer_text(json, "derived_from", reference->derived_from);
    sva_writer_text(json, "licence", reference->licence);
    sva_writer_text(json, "name", reference->name);
    sva_writer_count(json, "parameters", reference->parameter_count);
    sva_writer_digest(json, "print_digest", reference->print_digest);
    sva_writer_text(json, "publisher", reference->publisher);
    if (quick) {
        sva_writer_text(json, "reading", "quick");
    }
    sva_writer_text(json, "released", reference->released);
    sva_writer_text(json, "removed", reference->removed != NULL ? reference->removed : "");
    sva_writer_text(json, "source", reference->source);
    sva_writer_text(json, "version", reference->version);
    sva_writer_object_end(json);
}

/** null where a side has no vocabulary, or was not compared. */
static void put_tokenizer(struct sva_writer *json, const struct sva_tokenizer_lineage *lineage)
{
    if (lineage->answer == SVA_LINEAGE_NOT_COMPARABLE) {
        sva_writer_null(json, "tokenizer");
        return;
    }
    sva_writer_object(json, "tokenizer");
    sva_writer_text(json, "answer", sva_lineage_name(lineage->answer));
    sva_writer_count(json, "common", lineage->common);
    sva_writer_count(json, "compared", lineage->compared);
    sva_writer_integer(json, "id_shift", lineage->id_shift);
    sva_writer_number(json, "jaccard", lineage->jaccard);
    sva_writer_number(json, "neighbour_share", lineage->neighbour_share);
    sva_writer_number(json, "order_tau", lineage->order_tau);
    sva_writer_count(json, "ordered", lineage->ordered);
    sva_writer_sides(json, "population", lineage->population);
    sva_writer_count(json, "prefix", lineage->prefix);
    sva_writer_number(json, "same_id_share", lineage->same_id_share);
    sva_writer_number(json, "same_shift_share", lineage->same_shift_share);
    sva_writer_number(json, "smaller_share", lineage->smaller_share);
    sva_writer_sides(json, "specials", lineage->specials);
    sva_writer_count(json, "specials_common", lineage->specials_common);
    sva_writer_array(json, "specials_first");
    for (uint32_t i = 0; i < lineage->specials_common && i < SVA_LINEAGE_SPECIALS_SHOWN; i++) {
        sva_writer_text(json, NULL, lineage->special_texts[i]);
    }
    sva_writer_array_end(json);
    sva_writer_object_end(json);
}

static void put_comparison(struct sva_writer *json, const struct sva_audit *audit,
                           const struct sva_compared *compared)
{
    const struct sva_comparison *comparison = compared->comparison;
    sva_writer_object(json, NULL);
    sva_writer_text(json, "answer", sva_answer_name(comparison->answer));
    sva_code_json(json, &comparison->code);
    sva_writer_array(json, "components");
    for (size_t i = 0; i < comparison->component_count; i++) {
        put_component(json, audit->subject, &comparison->components[i],
                      sva_draws_shown(audit, compared, i));
    }
    sva_writer_array_end(json);
    sva_writer_array(json, "controls");
    for (size_t i = 0; i < sizeof comparison->controls / sizeof *comparison->controls; i++) {
        const struct sva_control *control = &comparison->controls[i];
        if (control->id == NULL) {
            continue;
        }
        sva_writer_object(json, NULL);
        sva_writer_text(json, "id", control->id);
        sva_writer_bool(json, "passed", control->passed);
        sva_writer_number(json, "value", control->value);
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
    sva_writer_count(json, "hypotheses", comparison->hypothesis_count);
    sva_writer_text(json, "kind", comparison->derivation != NULL ? comparison->derivation : "");
    put_reference(json, &compared->reference, comparison->quick[1]);
    put_tokenizer(json, &comparison->tokenizer);
    sva_writer_object_end(json);
}

static void put_strings(struct sva_writer *json, const char *key, const char *const *texts,
                        size_t count)
{
    sva_writer_array(json, key);
    for (size_t i = 0; i < count; i++) {
        sva_writer_text(json, NULL, texts[i]);
    }
    sva_writer_array_end(json);
}

static void put_hits(struct sva_writer *json, const struct sva_audit *audit)
{
    sva_writer_array(json, "exact_matches");
    for (size_t i = 0; i < audit->hit_count; i++) {
        const struct sva_exact_hit *hit = &audit->hits[i];
        const struct sva_print *subject = audit->subject;
        sva_writer_object(json, NULL);
        sva_writer_text(json, "item", hit->is_file ? "file" : "tensor");
        sva_writer_text(json, "reference", hit->reference_name);
        sva_writer_text(json, "reference_item", hit->reference_item);
        sva_writer_text(json, "reference_version", hit->reference_version);
        sva_writer_text(json, "subject_item",
                        hit->is_file ? subject->files[hit->subject_index].path
                                     : subject->tensors[hit->subject_index].name);
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
}

static void put_limitations(struct sva_writer *json, const struct sva_audit *audit,
                            struct sva_arena *arena)
{
    const char *limits[SVA_SUMMARY_LIMITS];
    sva_writer_object(json, "limitations");
    size_t count = sva_summary_limits(audit, SVA_LANG_EN, arena, limits);
    put_strings(json, "en", limits, count);
    count = sva_summary_limits(audit, SVA_LANG_KO, arena, limits);
    put_strings(json, "ko", limits, count);
    sva_writer_object_end(json);
}

static void put_parents(struct sva_writer *json, const struct sva_audit *audit,
                        const struct sva_audit_mixture *found)
{
    sva_writer_array(json, "parents");
    for (size_t k = 0; k < found->mixture->parent_count; k++) {
        const struct sva_mixture_parent *parent = &found->mixture->parents[k];
        const struct sva_reference *reference = &audit->compared[found->compared[k]].reference;
        const char *alike = parent->alike < 0
                                ? NULL
                                : audit->compared[found->compared[parent->alike]].reference.name;
        sva_writer_object(json, NULL);
        sva_writer_text(json, "alike", alike);
        sva_writer_number(json, "coefficient", parent->coefficient);
        sva_writer_text(json, "reference", reference->name);
        sva_writer_number(json, "se", parent->se);
        sva_writer_text(json, "state", sva_parent_state_name(parent->state));
        sva_writer_number(json, "vector_coefficient", parent->vector_coefficient);
        sva_writer_number(json, "vector_se", parent->vector_se);
        sva_writer_text(json, "version", reference->version);
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
}

static void put_ranges(struct sva_writer *json, const struct sva_audit *audit,
                       const struct sva_audit_mixture *found)
{
    sva_writer_array(json, "ranges");
    for (size_t i = 0; i < found->mixture->range_count; i++) {
        const struct sva_layer_range *range = &found->mixture->ranges[i];
        const struct sva_reference *reference =
            &audit->compared[found->compared[range->parent]].reference;
        sva_writer_object(json, NULL);
        sva_writer_integer(json, "first", range->first);
        sva_writer_integer(json, "last", range->last);
        sva_writer_text(json, "reference", reference->name);
        sva_writer_integer(json, "reference_first", range->parent_first);
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
}

static void put_mixtures(struct sva_writer *json, const struct sva_audit *audit)
{
    sva_writer_array(json, "mixtures");
    for (size_t i = 0; i < audit->mixture_count; i++) {
        const struct sva_mixture *mixture = audit->mixtures[i].mixture;
        sva_writer_object(json, NULL);
        sva_writer_count(json, "candidates", audit->mixtures[i].candidate_count);
        sva_writer_text(json, "component", audit->subject->components[mixture->component].name);
        sva_writer_text(json, "kind", sva_mixture_kind_name(mixture->kind));
        sva_writer_text(json, "label", "estimate");
        sva_writer_number(json, "nearest", mixture->nearest);
        put_parents(json, audit, &audit->mixtures[i]);
        put_ranges(json, audit, &audit->mixtures[i]);
        sva_writer_number(json, "rounding", mixture->rounding);
        sva_writer_count(json, "tensors", mixture->tensor_count);
        sva_writer_number(json, "unexplained", mixture->unexplained);
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
}

static void put_power(struct sva_writer *json, const struct sva_audit *audit,
                      struct sva_arena *arena)
{
    sva_writer_array(json, "power");
    for (size_t i = 0; i < audit->subject->component_count; i++) {
        const struct sva_summary_component line = sva_summary_component(audit, i);
        const bool known = line.tested_count > 0 && line.detectable_everywhere;
        sva_writer_object(json, NULL);
        sva_writer_text(json, "component", line.component->name);
        sva_writer_number(json, "detectable_rho", known ? line.detectable_rho : (double)NAN);
        sva_writer_number(json, "probability", 0.999);
        sva_writer_count(json, "references_not_comparable", line.untested_count);
        sva_writer_count(json, "references_tested", line.tested_count);
        sva_writer_languages(json, "statement", sva_summary_power(&line, SVA_LANG_EN, arena),
                             sva_summary_power(&line, SVA_LANG_KO, arena));
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
}

static void put_rules(struct sva_writer *json, const struct sva_audit *audit)
{
    const size_t count = audit->verdict != NULL ? audit->verdict->result_count : 0;
    sva_writer_array(json, "rules");
    for (size_t i = 0; i < count; i++) {
        const struct sva_rule_result *result = &audit->verdict->results[i];
        sva_writer_object(json, NULL);
        sva_writer_null(json, "baseline"); /* sva_baseline_mark() fills it in */
        sva_writer_text(json, "component", result->component);
        sva_writer_bool(json, "counted", result->counted);
        sva_writer_languages(json, "detail", result->detail_en, result->detail_ko);
        sva_result_documents_json(json, result);
        sva_writer_text(json, "id", result->rule);
        put_strings(json, "missing", result->missing, result->missing_count);
        sva_writer_text(json, "reference", result->reference);
        sva_writer_languages(json, "title",
                             sva_summary_rule_title(audit, result->rule, SVA_LANG_EN),
                             sva_summary_rule_title(audit, result->rule, SVA_LANG_KO));
        sva_writer_text(json, "verdict", sva_rule_verdict_name(result->verdict));
        sva_writer_bool(json, "waived", result->waived);
        sva_result_waiver_json(json, result);
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
}

static void put_store(struct sva_writer *json, const struct sva_audit *audit)
{
    if (!audit->has_store) {
        sva_writer_null(json, "store");
        return;
    }
    sva_writer_object(json, "store");
    sva_writer_digest(json, "digest", audit->store.digest);
    sva_writer_text(json, "newest_release", audit->store.newest_release);
    sva_writer_count(json, "references", audit->store.reference_count);
    sva_writer_count(json, "schema_version", audit->store.schema_version);
    sva_writer_object_end(json);
}

static void put_subject_parts(struct sva_writer *json, const struct sva_print *subject)
{
    sva_writer_array(json, "components");
    for (size_t i = 0; i < subject->component_count; i++) {
        const struct sva_print_component *component = &subject->components[i];
        sva_writer_object(json, NULL);
        sva_writer_text(json, "component_kind", sva_component_kind_name(component->kind));
        sva_writer_count(json, "layers", component->layer_count);
        sva_writer_text(json, "name", component->name);
        sva_writer_count(json, "parameters", component->parameter_count);
        sva_writer_text(json, "residual_labelled",
                        component->residual_labelled && component->labelled_why != NULL
                            ? component->labelled_why
                            : "");
        sva_writer_count(json, "width", component->width);
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
    sva_writer_digest(json, "digest", subject->digest);
    sva_writer_object(json, "facts");
    for (size_t i = 0; i < subject->fact_count; i++) {
        const struct sva_fact *fact = &subject->facts[i];
        if (i == 0 || strcmp(fact->key, subject->facts[i - 1].key) != 0) {
            sva_writer_text(json, fact->key, fact->value);
        }
    }
    sva_writer_object_end(json);
}

static void put_subject_files(struct sva_writer *json, const struct sva_print *subject)
{
    sva_writer_array(json, "files");
    for (size_t i = 0; i < subject->file_count; i++) {
        const struct sva_print_file *file = &subject->files[i];
        sva_writer_object(json, NULL);
        sva_writer_text(json, "kind", sva_file_kind_name(file->kind));
        sva_writer_text(json, "path", file->path);
        if (file->hashed) {
            sva_writer_digest(json, "sha256", file->sha256);
        } else {
            sva_writer_null(json, "sha256");
        }
        sva_writer_count(json, "size", file->size_bytes);
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
    sva_writer_array(json, "findings");
    for (size_t i = 0; i < subject->finding_count; i++) {
        sva_writer_object(json, NULL);
        sva_writer_text(json, "code", subject->findings[i].code);
        sva_writer_text(json, "file", subject->findings[i].file);
        sva_writer_text(json, "text", subject->findings[i].text);
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
}

/** Tensors that carry no evidence: how many, and the first of them. */
static void put_left_out(struct sva_writer *json, const struct sva_print *subject)
{
    size_t count = 0;
    sva_writer_object(json, "left_out");
    sva_writer_array(json, "first");
    for (size_t i = 0; i < subject->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &subject->tensors[i];
        const char *why = sva_left_out_why(tensor);
        count += why != NULL ? 1 : 0;
        if (why != NULL && count <= SVA_LEFT_OUT_SHOWN) {
            sva_writer_object(json, NULL);
            sva_writer_text(json, "component", subject->components[tensor->component].name);
            sva_writer_count(json, "parameters", tensor->element_count);
            sva_writer_text(json, "tensor", tensor->name);
            sva_writer_text(json, "why", why);
            sva_writer_object_end(json);
        }
    }
    sva_writer_array_end(json);
    sva_writer_count(json, "tensors", count);
    sva_writer_object_end(json);
}

static void put_subject(struct sva_writer *json, const struct sva_audit *audit)
{
    const struct sva_print *subject = audit->subject;
    sva_writer_object(json, "subject");
    put_subject_parts(json, subject);
    put_subject_files(json, subject);
    put_left_out(json, subject);
    uint8_t digest[SVA_DIGEST_BYTES];
    if (sva_model_digest(subject, digest)) {
        sva_writer_digest(json, "model_digest", digest);
    } else {
        sva_writer_null(json, "model_digest");
    }
    sva_writer_text(json, "name", subject->name);
    sva_writer_count(json, "parameters", subject->parameter_count);
    sva_writer_text(json, "path", audit->subject_path);
    if (subject->reading.quick) {
        sva_writer_object(json, "reading");
        sva_writer_count(json, "bytes_read", subject->reading.bytes_read);
        sva_writer_count(json, "bytes_total", subject->reading.bytes_total);
        sva_writer_text(json, "mode", "quick");
        sva_writer_object_end(json);
    }
    sva_writer_count(json, "tensors", subject->tensor_count);
    sva_writer_count(json, "weight_bytes", subject->weight_bytes);
    sva_writer_object_end(json);
}

static void put_report(struct sva_writer *json, const struct sva_audit *audit,
                       struct sva_arena *arena)
{
    sva_writer_object(json, NULL);
    sva_writer_object(json, "alpha");
    sva_writer_number(json, "derived", audit->options.alpha_derived);
    sva_writer_number(json, "reject", audit->options.alpha_reject);
    sva_writer_object_end(json);
    sva_writer_text(json, "as_of", audit->as_of);
    sva_writer_null(json, "baseline");
    sva_writer_array(json, "comparisons");
    for (size_t i = 0; i < audit->compared_count; i++) {
        put_comparison(json, audit, &audit->compared[i]);
    }
    sva_writer_array_end(json);
    sva_declared_json(json, audit);
    sva_evidence_json(json, audit);
    put_hits(json, audit);
    put_strings(json, "excluded", audit->excluded, audit->excluded_count);
    sva_writer_integer(json, "exit_code", audit->exit_code);
    sva_known_json(json, audit);
    put_limitations(json, audit, arena);
    put_mixtures(json, audit);
    put_strings(json, "own", audit->own, audit->own_count);
    sva_pack_json(json, audit);
    put_power(json, audit, arena);
    sva_writer_object(json, "references");
    sva_writer_text(json, "newest_release", sva_summary_newest(audit));
    sva_writer_count(json, "tested", audit->compared_count);
    sva_writer_object_end(json);
    put_rules(json, audit);
    sva_writer_text(json, "schema", REPORT_SCHEMA);
    put_store(json, audit);
    put_subject(json, audit);
    sva_writer_text(json, "subject_date", audit->subject_date);
    sva_writer_object(json, "tool");
    sva_writer_count(json, "method_version", SVA_METHOD_VERSION);
    sva_writer_text(json, "name", "sovaudit");
    sva_writer_text(json, "version", sva_version());
    sva_writer_object_end(json);
    sva_writer_text(json, "verdict",
                    audit->verdict != NULL ? sva_verdict_name(audit->verdict->kind) : NULL);
    sva_waivers_json(json, audit);
    sva_writer_object_end(json);
}

enum sva_status sva_report_json(const struct sva_audit *audit, char **text, size_t *size_bytes,
                                struct sva_error *error)
{
    struct sva_writer json = {.depth = 0};
    struct sva_arena arena = {.blocks = NULL};
    put_report(&json, audit, &arena);
    json.bytes.failed = json.bytes.failed || arena.failed;
    sva_arena_done(&arena);
    if (json.failed || json.bytes.failed || json.bytes.data == NULL) {
        const bool misuse = json.failed && !json.bytes.failed;
        sva_bytes_done(&json.bytes);
        return misuse ? sva_fail(error, SVA_ERR_INTERNAL, "the report's keys are out of order")
                      : sva_fail_memory(error, "writing the report");
    }
    *text = (char *)json.bytes.data;
    *size_bytes = json.bytes.size;
    return SVA_OK;
}
