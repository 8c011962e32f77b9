/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens, 6 N D (forward and backward pass of a network of N parameters over D tokens), and what
 * the declared hardware can do. Peaks are the makers' figures for dense BF16 (FP16 where there is
 * none) matrix products.
 */
#include <math.h>
#include <string.h>

#include "trace/loss_checks.h"

static const double AGREES = .02;   /* tokens and parameters: within this no word */
static const double DIFFERS = .1;   /* beyond this refused, between review */
static const double RATIO_LOW = .6; /* declared over 6 N D: review outside, */
static const double RATIO_HIGH = 2.0;
static const double RATIO_WRONG = 3.0; /* refused beyond this factor either way */
static const double BUSY = .75;        /* of the peak: review above, refused above 1 */
static const double IDLE = .03;        /* review below */

static const struct accelerator {
    const char *name; /* lower case, without blanks and dashes */
    double peak;
} ACCELERATORS[] = {
    {"b200", 2.25e15},    {"gb200", 2.5e15},    {"h200", 9.89e14},    {"h100pcie", 7.56e14},
    {"h100", 9.89e14},    {"h800", 9.89e14},    {"h20", 1.48e14},     {"a100", 3.12e14},
    {"a800", 3.12e14},    {"v100", 1.25e14},    {"l40s", 3.62e14},    {"l4", 1.21e14},
    {"a6000", 1.55e14},   {"rtx4090", 1.65e14}, {"rtx3090", 7.1e13},  {"mi250x", 3.83e14},
    {"mi250", 3.62e14},   {"mi300x", 1.307e15}, {"mi325x", 1.307e15}, {"tpuv4", 2.75e14},
    {"tpuv5e", 1.97e14},  {"tpuv5p", 4.59e14},  {"tpuv6e", 9.18e14},  {"gaudi2", 4.32e14},
    {"gaudi3", 1.835e15},
};

/** Peak of the accelerator whose name is the longest part of what was declared; NAN: none. */
static double peak_of(const char *declared)
{
    char name[64];
    size_t size = 0;
    for (const char *at = declared; *at != '\0' && size + 1 < sizeof name; at++) {
        const char c = *at >= 'A' && *at <= 'Z' ? (char)(*at | 0x20) : *at;
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            name[size++] = c;
        }
    }
    name[size] = '\0';
    double peak = NAN;
    size_t longest = 0;
    for (size_t i = 0; i < sizeof ACCELERATORS / sizeof *ACCELERATORS; i++) {
        const size_t length = strlen(ACCELERATORS[i].name);
        if (length > longest && strstr(name, ACCELERATORS[i].name) != NULL) {
            longest = length;
            peak = ACCELERATORS[i].peak;
        }
    }
    return peak;
}

static const char *text(const struct sva_log_context *context, double value)
{
    return sva_found_number(context->arena, value, 4);
}

/** A declared amount against one that was found. */
static void compare_amounts(const struct sva_log_context *context, enum sva_trace_finding_id id,
                            double declared, double seen)
{
    const double off = fabs(seen / declared - 1.0);
    if (isnan(off) || off <= AGREES) {
        return;
    }
    sva_find(
        context->findings, id, off > DIFFERS ? SVA_TRACE_REFUSED : SVA_TRACE_REVIEW,
        (const char *const[SVA_FOUND_VALUES]){text(context, declared), text(context, seen),
                                              sva_found_percent(context->arena, seen / declared)});
}

static void check_flops(const struct sva_log_context *context, struct sva_trace_compute *out)
{
    out->ratio = out->declared_flops / out->flops_6nd;
    if (isnan(out->ratio) || (out->ratio >= RATIO_LOW && out->ratio <= RATIO_HIGH)) {
        return;
    }
    const bool wrong = out->ratio > RATIO_WRONG || out->ratio < 1.0 / RATIO_WRONG;
    sva_find(context->findings, SVA_FOUND_FLOPS_DIFFER,
             wrong ? SVA_TRACE_REFUSED : SVA_TRACE_REVIEW,
             (const char *const[SVA_FOUND_VALUES]){text(context, out->declared_flops),
                                                   text(context, out->flops_6nd),
                                                   text(context, out->ratio)});
}

/** Active parameters can be no more than there are, and no fewer than those outside of experts. */
static void check_active(const struct sva_log_context *context)
{
    const double active = context->declared->active_parameters;
    if (active > (1.0 + AGREES) * context->parameters) {
        sva_find(context->findings, SVA_FOUND_ACTIVE_MORE, SVA_TRACE_REFUSED,
                 (const char *const[SVA_FOUND_VALUES]){text(context, active),
                                                       text(context, context->parameters)});
    } else if (active < (1.0 - AGREES) * context->always_active) {
        sva_find(context->findings, SVA_FOUND_ACTIVE_FEWER, SVA_TRACE_REVIEW,
                 (const char *const[SVA_FOUND_VALUES]){text(context, active),
                                                       text(context, context->always_active)});
    }
}

/** A declared peak against the maker's figure. Twice that is the peak in 8 bits. */
static void check_peak(const struct sva_log_context *context, double known)
{
    const double share = context->declared->peak_flops / known;
    if (share > 1.0 + AGREES || share < .5) {
        sva_find(context->findings, SVA_FOUND_PEAK_DIFFERS,
                 share > 2.0 * (1.0 + AGREES) ? SVA_TRACE_REFUSED : SVA_TRACE_REVIEW,
                 (const char *const[SVA_FOUND_VALUES]){
                     sva_found_text(context->arena, context->declared->hardware),
                     text(context, context->declared->peak_flops), text(context, known)});
    }
}

static void check_hardware(const struct sva_log_context *context, struct sva_trace_compute *out)
{
    const struct sva_declaration *declared = context->declared;
    const double known = declared->hardware != NULL ? peak_of(declared->hardware) : NAN;
    const double peak = !isnan(declared->peak_flops) ? declared->peak_flops : known;
    check_peak(context, known);
    if (declared->hardware != NULL && isnan(peak)) {
        sva_find(context->findings, SVA_FOUND_HARDWARE_UNKNOWN, SVA_TRACE_NOTE,
                 (const char *const[SVA_FOUND_VALUES]){
                     sva_found_text(context->arena, declared->hardware)});
    }
    const double count = isnan(declared->hardware_count) ? 1.0 : declared->hardware_count;
    out->hardware_flops = peak * count * declared->hours * 3600.0;
    out->utilisation = out->flops_6nd / out->hardware_flops;
    const char *const values[SVA_FOUND_VALUES] = {
        text(context, out->hardware_flops), text(context, out->flops_6nd),
        sva_found_percent(context->arena, out->utilisation)};
    if (out->utilisation > BUSY) {
        sva_find(context->findings, SVA_FOUND_HARDWARE_SHORT,
                 out->utilisation > 1.0 ? SVA_TRACE_REFUSED : SVA_TRACE_REVIEW, values);
    } else if (out->utilisation < IDLE) {
        sva_find(context->findings, SVA_FOUND_HARDWARE_IDLE, SVA_TRACE_REVIEW, values);
    }
}

void sva_compute_check(const struct sva_trace_log *log, const struct sva_log_context *context,
                       struct sva_trace_compute *out)
{
    const struct sva_declaration *declared = context->declared;
    const double by_steps = log->record_count > 0 ? log->last_step * declared->batch_tokens : NAN;
    out->hardware =
        declared->hardware != NULL ? sva_found_text(context->arena, declared->hardware) : "";
    out->logged_tokens = log->record_count > 0 && !isnan(log->tokens) ? log->tokens : by_steps;
    out->tokens = !isnan(declared->tokens) ? declared->tokens : out->logged_tokens;
    out->parameters = !isnan(declared->active_parameters) ? declared->active_parameters
                      : !isnan(context->parameters)       ? context->parameters
                                                          : declared->parameters;
    out->declared_flops = declared->flops;
    out->flops_6nd = 6.0 * out->parameters * out->tokens;
    compare_amounts(context, SVA_FOUND_TOKENS_DIFFER, declared->tokens, out->logged_tokens);
    compare_amounts(context, SVA_FOUND_PARAMETERS_DIFFER, declared->parameters,
                    context->parameters);
    check_active(context);
    check_flops(context, out);
    check_hardware(context, out);
}
