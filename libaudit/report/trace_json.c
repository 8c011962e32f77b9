/* SPDX-License-Identifier: Apache-2.0 */
/* The trace's own JSON, docs/trace.schema.json. Keys ascend, as the writer demands. */
#include <math.h>

#include "base/fail.h"
#include "base/hash.h"
#include "report/json_writer.h"

#include <sovaudit/evidence.h>
#include <sovaudit/report.h>

static const char SCHEMA[] = "sovaudit-trace-1";

enum { TENSORS_MOST = 20000 };

static void put_checkpoint(struct sva_writer *json, const struct sva_run_trace *trace, size_t at)
{
    const struct sva_trace_checkpoint *checkpoint = &trace->checkpoints[at];
    const struct sva_print *print = checkpoint->print;
    sva_writer_object(json, NULL);
    sva_writer_array(json, "files");
    for (size_t i = 0; i < print->file_count; i++) {
        if (print->files[i].hashed) {
            sva_writer_object(json, NULL);
            sva_writer_text(json, "path", print->files[i].path);
            sva_writer_digest(json, "sha256", print->files[i].sha256);
            sva_writer_count(json, "size_bytes", print->files[i].size_bytes);
            sva_writer_object_end(json);
        }
    }
    sva_writer_array_end(json);
    sva_writer_number(json, "moved", trace->moved[at]);
    sva_writer_count(json, "parameters", print->parameter_count);
    sva_writer_text(json, "path", checkpoint->path);
    sva_writer_digest(json, "print_digest", print->digest);
    sva_writer_array(json, "similarity");
    for (size_t b = 0; b < trace->checkpoint_count; b++) {
        sva_writer_number(json, NULL, trace->similarity[at * trace->checkpoint_count + b]);
    }
    sva_writer_array_end(json);
    sva_writer_number(json, "step", checkpoint->step < 0 ? NAN : (double)checkpoint->step);
    sva_writer_bool(json, "step_from_name", checkpoint->step_from_name);
    sva_writer_bool(json, "weights", checkpoint->has_weights);
    sva_writer_object_end(json);
}

static void put_link(struct sva_writer *json, const struct sva_trace_link *link, size_t from)
{
    sva_writer_object(json, NULL);
    sva_writer_number(json, "added_rho", link->added_rho);
    sva_writer_text(json, "answer", sva_answer_name(link->answer));
    sva_writer_number(json, "direction", link->direction);
    sva_writer_count(json, "from", from + 1);
    sva_writer_number(json, "log10_p_adjusted", link->log10_p);
    sva_writer_number(json, "lost", link->lost);
    sva_writer_number(json, "lost_se", link->lost_se);
    sva_writer_number(json, "rho", link->rho);
    sva_writer_number(json, "rho_least", link->rho_least);
    sva_writer_number(json, "rho_median", link->rho_median);
    sva_writer_number(json, "rho_most", link->rho_most);
    sva_writer_number(json, "rho_se", link->rho_se);
    sva_writer_text(json, "state", sva_link_state_name(link->state));
    sva_writer_array(json, "tensors");
    for (size_t i = 0; i < link->tensor_count && i < TENSORS_MOST; i++) {
        sva_writer_object(json, NULL);
        sva_writer_text(json, "name", link->tensors[i].name);
        sva_writer_number(json, "rho", link->tensors[i].rho);
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
    sva_writer_count(json, "to", from + 2);
    sva_writer_object_end(json);
}

static void put_numbers(struct sva_writer *json, const char *key, const double *numbers,
                        size_t count)
{
    sva_writer_array(json, key);
    for (size_t i = 0; i < count; i++) {
        sva_writer_number(json, NULL, numbers[i]);
    }
    sva_writer_array_end(json);
}

static void put_role(struct sva_writer *json, const struct sva_trace_role *role)
{
    sva_writer_object(json, NULL);
    sva_writer_text(json, "declared_distribution",
                    role->declared && role->declared_distribution != SVA_DISTRIBUTION_NONE
                        ? sva_distribution_name(role->declared_distribution)
                        : NULL);
    sva_writer_number(json, "declared_std", role->declared_deviation);
    sva_writer_number(json, "distance", role->distance);
    sva_writer_text(json, "distribution", sva_distribution_name(role->distribution));
    sva_writer_number(json, "extreme", role->extreme);
    sva_writer_number(json, "kurtosis", role->kurtosis);
    sva_writer_number(json, "log10_p", role->log10_p);
    sva_writer_number(json, "mean", role->mean);
    sva_writer_text(json, "name", role->name);
    put_numbers(json, "quantiles", role->quantiles, SVA_TRACE_QUANTILES);
    put_numbers(json, "quantiles_expected", role->expected, SVA_TRACE_QUANTILES);
    sva_writer_count(json, "samples", role->sample_count);
    sva_writer_text(json, "scheme", role->scheme);
    sva_writer_number(json, "std", role->deviation);
    sva_writer_number(json, "std_least", role->deviation_least);
    sva_writer_number(json, "std_most", role->deviation_most);
    sva_writer_count(json, "tensors", role->tensor_count);
    sva_writer_count(json, "values", role->element_count);
    sva_writer_object_end(json);
}

static void put_base(struct sva_writer *json, const struct sva_trace_start *start)
{
    sva_writer_object(json, "base");
    sva_writer_text(json, "answer",
                    start->reference_count > 0 ? sva_answer_name(start->base_answer) : NULL);
    sva_writer_number(json, "detectable_rho", start->base_detectable_rho);
    sva_writer_text(json, "reference", start->base_name);
    sva_writer_count(json, "references", start->reference_count);
    sva_writer_count(json, "untested", start->untested_count);
    sva_writer_object_end(json);
}

static void put_start(struct sva_writer *json, const struct sva_run_trace *trace)
{
    const struct sva_trace_start *start = &trace->start;
    if (!start->checked) {
        sva_writer_null(json, "start");
        return;
    }
    sva_writer_object(json, "start");
    put_base(json, start);
    sva_writer_object(json, "correlation");
    sva_writer_number(json, "largest", start->largest_correlation);
    sva_writer_number(json, "log10_p", start->log10_p);
    sva_writer_count(json, "pairs", start->pair_count);
    sva_writer_object_end(json);
    sva_writer_count(json, "equal_rows", start->equal_row_count);
    sva_writer_count(json, "equal_tensors", start->equal_tensor_count);
    sva_writer_count(json, "gains", start->gain_count);
    sva_writer_count(json, "gains_moved", start->moved_gain_count);
    sva_writer_array(json, "roles");
    for (size_t i = 0; i < start->role_count; i++) {
        put_role(json, &start->roles[i]);
    }
    sva_writer_array_end(json);
    sva_writer_text(json, "seed", trace->seed);
    sva_writer_count(json, "sides", start->matrix_count);
    sva_writer_count(json, "sides_trained", start->trained_count);
    sva_writer_object_end(json);
}

static void put_optimisers(struct sva_writer *json, const struct sva_run_trace *trace)
{
    sva_writer_array(json, "optimiser");
    for (size_t i = 0; i < trace->checkpoint_count; i++) {
        const struct sva_trace_optimiser *state = &trace->optimisers[i];
        if (state->file == NULL) {
            continue;
        }
        sva_writer_object(json, NULL);
        sva_writer_count(json, "checkpoint", i + 1);
        sva_writer_text(json, "file", state->file);
        sva_writer_count(json, "first_moments", state->first_count);
        sva_writer_count(json, "negative", state->negative_count);
        sva_writer_count(json, "second_moments", state->second_count);
        sva_writer_number(json, "step_least", state->step_least);
        sva_writer_number(json, "step_most", state->step_most);
        sva_writer_count(json, "unmatched", state->unmatched_count);
        sva_writer_count(json, "unpaired", state->unpaired_count);
        sva_writer_text(json, "unread", state->unread);
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
}

static void put_gaps(struct sva_writer *json, const struct sva_trace_log *log)
{
    sva_writer_array(json, "gaps");
    for (size_t i = 0; i < log->gap_count; i++) {
        sva_writer_object(json, NULL);
        sva_writer_bool(json, "declared", log->gaps[i].declared);
        sva_writer_number(json, "from", log->gaps[i].from);
        sva_writer_number(json, "missing_records", log->gaps[i].missing);
        sva_writer_number(json, "to", log->gaps[i].to);
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
}

static void put_rewinds(struct sva_writer *json, const struct sva_trace_log *log)
{
    sva_writer_array(json, "resumptions");
    for (size_t i = 0; i < log->rewind_count; i++) {
        sva_writer_object(json, NULL);
        sva_writer_number(json, "difference", log->rewinds[i].difference);
        sva_writer_number(json, "from", log->rewinds[i].from);
        sva_writer_number(json, "to", log->rewinds[i].to);
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
}

static void put_files(struct sva_writer *json, const struct sva_trace_log *log)
{
    sva_writer_array(json, "files");
    for (size_t i = 0; i < log->file_count; i++) {
        sva_writer_object(json, NULL);
        sva_writer_text(json, "path", log->files[i]);
        sva_writer_digest(json, "sha256", log->digests[i]);
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
}

static void put_log(struct sva_writer *json, const struct sva_trace_log *log)
{
    if (log->file_count == 0) {
        sva_writer_null(json, "log");
        return;
    }
    sva_writer_object(json, "log");
    sva_writer_count(json, "cut_off_files", log->truncated_count);
    sva_writer_number(json, "drop", log->drop);
    sva_writer_number(json, "drop_step", isnan(log->drop) ? NAN : log->drop_step);
    sva_writer_count(json, "duplicates", log->duplicate_count);
    sva_writer_number(json, "expected_start", log->expected_start);
    put_files(json, log);
    sva_writer_number(json, "first_loss", log->first_loss);
    sva_writer_number(json, "first_step", log->first_step);
    sva_writer_text(json, "format", log->format);
    put_gaps(json, log);
    sva_writer_number(json, "last_loss", log->last_loss);
    sva_writer_number(json, "last_step", log->last_step);
    sva_writer_number(json, "least_loss", log->least_loss);
    sva_writer_text(json, "loss_key", log->loss_key);
    sva_writer_number(json, "missing_share", log->missing_share);
    sva_writer_count(json, "nonfinite", log->nonfinite_count);
    sva_writer_array(json, "points");
    for (size_t i = 0; i < log->point_count; i++) {
        sva_writer_array(json, NULL);
        sva_writer_number(json, NULL, log->points[i].step);
        sva_writer_number(json, NULL, log->points[i].loss);
        sva_writer_array_end(json);
    }
    sva_writer_array_end(json);
    sva_writer_count(json, "records", log->record_count);
    sva_writer_count(json, "repeated", log->repeated_count);
    put_rewinds(json, log);
    sva_writer_number(json, "spacing", log->spacing);
    sva_writer_number(json, "tokens", log->tokens);
    sva_writer_count(json, "vocabulary", log->vocabulary);
    sva_writer_object_end(json);
}

static void put_compute(struct sva_writer *json, const struct sva_trace_compute *compute)
{
    sva_writer_object(json, "compute");
    sva_writer_number(json, "declared_flops", compute->declared_flops);
    sva_writer_number(json, "flops_6nd", compute->flops_6nd);
    sva_writer_text(json, "hardware", compute->hardware);
    sva_writer_number(json, "hardware_flops", compute->hardware_flops);
    sva_writer_number(json, "logged_tokens", compute->logged_tokens);
    sva_writer_number(json, "parameters", compute->parameters);
    sva_writer_number(json, "ratio", compute->ratio);
    sva_writer_number(json, "tokens", compute->tokens);
    sva_writer_number(json, "utilisation", compute->utilisation);
    sva_writer_object_end(json);
}

/** One rule's part: what `check --evidence` binds to. */
static void put_fact(struct sva_writer *json, const struct sva_run_trace *trace,
                     enum sva_trace_rule rule)
{
    sva_writer_object(json, rule == SVA_TRACE_WEIGHTS ? "T1.3" : "T1.4");
    sva_writer_array(json, "reasons");
    for (size_t i = 0; i < trace->finding_count; i++) {
        if (trace->findings[i].rule == rule && trace->findings[i].level != SVA_TRACE_NOTE) {
            sva_writer_text(json, NULL, trace->findings[i].code);
        }
    }
    sva_writer_array_end(json);
    sva_writer_text(json, "verdict",
                    sva_trace_verdict_name(rule == SVA_TRACE_WEIGHTS ? trace->weights_verdict
                                                                     : trace->log_verdict));
    sva_writer_object_end(json);
}

/**
 * Typed facts for the rules, and what they speak of: the weight files of the last checkpoint, which
 * must be the audited model's.
 */
static void put_facts(struct sva_writer *json, const struct sva_run_trace *trace)
{
    const struct sva_trace_checkpoint *last = &trace->checkpoints[trace->checkpoint_count - 1];
    uint8_t digest[SVA_DIGEST_BYTES];
    size_t sound = 0;
    for (size_t i = 0; i + 1 < trace->checkpoint_count; i++) {
        sound += trace->links[i].state <= SVA_LINK_FROM_START ? 1 : 0;
    }
    sva_writer_object(json, "facts");
    put_fact(json, trace, SVA_TRACE_WEIGHTS);
    put_fact(json, trace, SVA_TRACE_LOG);
    sva_writer_count(json, "trace.checkpoints", trace->checkpoint_count);
    sva_writer_bool(json, "trace.has_log", trace->log.file_count > 0);
    sva_writer_bool(json, "trace.has_start", trace->start.checked);
    sva_writer_count(json, "trace.links_sound", sound);
    sva_writer_number(json, "trace.log.expected_start", trace->log.expected_start);
    sva_writer_number(json, "trace.log.first_loss",
                      trace->log.point_count > 0 ? trace->log.points[0].loss : NAN);
    sva_writer_number(json, "trace.log.missing_share",
                      trace->log.file_count > 0 ? trace->log.missing_share : NAN);
    if (sva_model_digest(last->print, digest)) {
        sva_writer_digest(json, "trace.model.digest", digest);
    } else {
        sva_writer_null(json, "trace.model.digest");
    }
    sva_writer_number(json, "trace.tokens", trace->compute.tokens);
    sva_writer_object_end(json);
}

static void put_findings(struct sva_writer *json, const struct sva_run_trace *trace)
{
    sva_writer_array(json, "findings");
    for (size_t i = 0; i < trace->finding_count; i++) {
        const struct sva_trace_finding *finding = &trace->findings[i];
        sva_writer_object(json, NULL);
        sva_writer_text(json, "code", finding->code);
        sva_writer_text(json, "level", sva_trace_level_name(finding->level));
        sva_writer_text(json, "rule", finding->rule == SVA_TRACE_WEIGHTS ? "T1.3" : "T1.4");
        sva_writer_text(json, "text", finding->text[0]);
        sva_writer_text(json, "text_ko", finding->text[1]);
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
}

static void put_declaration(struct sva_writer *json, const struct sva_run_trace *trace)
{
    if (trace->declaration == NULL) {
        sva_writer_null(json, "declaration");
        return;
    }
    sva_writer_object(json, "declaration");
    sva_writer_text(json, "path", trace->declaration);
    sva_writer_digest(json, "sha256", trace->declaration_digest);
    sva_writer_object_end(json);
}

static void put_trace(struct sva_writer *json, const struct sva_run_trace *trace, int exit_code)
{
    sva_writer_object(json, NULL);
    sva_writer_text(json, "as_of", trace->as_of);
    sva_writer_array(json, "checkpoints");
    for (size_t i = 0; i < trace->checkpoint_count; i++) {
        put_checkpoint(json, trace, i);
    }
    sva_writer_array_end(json);
    put_compute(json, &trace->compute);
    put_declaration(json, trace);
    sva_writer_integer(json, "exit_code", exit_code);
    put_facts(json, trace);
    put_findings(json, trace);
    sva_writer_array(json, "links");
    for (size_t i = 0; i + 1 < trace->checkpoint_count; i++) {
        put_link(json, &trace->links[i], i);
    }
    sva_writer_array_end(json);
    put_log(json, &trace->log);
    put_optimisers(json, trace);
    sva_writer_text(json, "schema", SCHEMA);
    put_start(json, trace);
    sva_writer_object(json, "tool");
    sva_writer_count(json, "method_version", SVA_METHOD_VERSION);
    sva_writer_text(json, "name", "sovaudit");
    sva_writer_text(json, "version", sva_version());
    sva_writer_object_end(json);
    sva_writer_text(json, "verdict", sva_trace_verdict_name(trace->verdict));
    sva_writer_object_end(json);
}

enum sva_status sva_trace_json(const struct sva_run_trace *trace, int exit_code, char **text,
                               size_t *size_bytes, struct sva_error *error)
{
    struct sva_writer json = {.depth = 0};
    put_trace(&json, trace, exit_code);
    if (json.failed || json.bytes.failed || json.bytes.data == NULL) {
        const bool misuse = json.failed && !json.bytes.failed;
        sva_bytes_done(&json.bytes);
        return misuse ? sva_fail(error, SVA_ERR_INTERNAL, "the trace's keys are out of order")
                      : sva_fail_memory(error, "writing the trace");
    }
    *text = (char *)json.bytes.data;
    *size_bytes = json.bytes.size;
    return SVA_OK;
}
