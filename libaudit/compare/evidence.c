/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/evidence.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "fingerprint/sketch.h"

bool sva_bears_evidence(const struct sva_print_tensor *tensor)
{
    return tensor->inert == SVA_INERT_NONE && tensor->element_count > 0;
}

static void put_u64(uint8_t *out, uint64_t value)
{
    for (int i = 0; i < 8; i++) {
        out[i] = (uint8_t)(value >> (8 * i));
    }
}

bool sva_test_seed(const struct sva_pair *pair, const char *id, uint64_t a, uint64_t b,
                   uint8_t seed[32])
{
    uint8_t message[24 + 32 + 32 + 64] = {0};
    put_u64(message, SVA_METHOD_VERSION);
    put_u64(message + 8, a);
    put_u64(message + 16, b);
    memcpy(message + 24, pair->subject->digest, 32);
    memcpy(message + 56, pair->reference->digest, 32);
    for (size_t i = 0; i < 63 && id[i] != '\0'; i++) {
        message[88 + i] = (uint8_t)id[i];
    }
    return sva_sha256(message, sizeof message, seed);
}

/**
 * Positions of the core indices in a sketch that kept the whole axis. Thousands of pairs in a row
 * ask for one length, so that each thread remembers the last answer. NULL: out of memory.
 */
static uint32_t *core_rows(uint64_t length)
{
    static _Thread_local uint64_t remembered;
    static _Thread_local uint64_t core[SVA_KEPT_CORE];
    uint32_t *rows = sva_calloc(SVA_KEPT_CORE, sizeof *rows);
    if (rows == NULL) {
        return NULL;
    }
    if (remembered != length) {
        remembered = 0;
        if (!sva_kept_indices(length, SVA_KEPT_CORE, core)) {
            sva_free(rows);
            return NULL;
        }
        remembered = length;
    }
    for (uint32_t i = 0; i < SVA_KEPT_CORE; i++) {
        rows[i] = (uint32_t)core[i];
    }
    return rows;
}

/** A sketch of the whole axis and one of its core; value dimensions are kept in another way. */
static bool is_whole_and_core(const struct sva_axis_sketch *a, const struct sva_axis_sketch *b)
{
    return a->kept == a->length && b->kept == SVA_KEPT_CORE;
}

bool sva_align(const struct sva_axis_sketch *subject, const struct sva_axis_sketch *reference,
               struct sva_alignment *alignment)
{
    *alignment = (struct sva_alignment){0};
    if (subject->kept == 0 || reference->kept == 0 || subject->length != reference->length ||
        subject->features != reference->features) {
        return true;
    }
    if (subject->kept == reference->kept) {
        alignment->units = subject->kept;
        return true;
    }
    if (!is_whole_and_core(subject, reference) && !is_whole_and_core(reference, subject)) {
        return true;
    }
    uint32_t *rows = core_rows(subject->length);
    if (rows == NULL) {
        return false;
    }
    alignment->units = SVA_KEPT_CORE;
    if (subject->kept == subject->length) {
        alignment->subject_rows = rows;
    } else {
        alignment->reference_rows = rows;
    }
    return true;
}

void sva_alignment_done(struct sva_alignment *alignment)
{
    sva_free(alignment->subject_rows);
    sva_free(alignment->reference_rows);
    *alignment = (struct sva_alignment){0};
}

struct sva_test_record *sva_add_test(struct sva_component_evidence *evidence, const char *id,
                                     enum sva_p_label label, bool decides)
{
    if (evidence->test_count == SVA_TESTS_MAX) {
        return NULL;
    }
    struct sva_test_record *record = &evidence->tests[evidence->test_count++];
    *record = (struct sva_test_record){.rho = NAN, .rho_se = NAN, .resolution = NAN, .power = 0.999};
    record->test.id = id;
    record->test.label = label;
    record->test.decides = decides;
    record->test.family = 1;
    record->test.z = NAN;
    return record;
}

const struct sva_test_record *sva_find_test(const struct sva_component_evidence *evidence,
                                            const char *id)
{
    for (size_t i = 0; i < evidence->test_count; i++) {
        if (strcmp(evidence->tests[i].test.id, id) == 0) {
            return &evidence->tests[i];
        }
    }
    return NULL;
}

struct sva_test_record *sva_add_block_test(struct sva_component_evidence *evidence, const char *id,
                                           const struct sva_block_result *result)
{
    struct sva_test_record *record = sva_add_test(evidence, id, SVA_P_EXACT, true);
    if (record != NULL) {
        record->test.log10_p = result->log10_p;
        record->test.log10_p_floor = result->log10_floor;
        record->test.z = result->z;
        record->test.block_count = result->blocks;
        record->test.draw_count = result->draws;
        record->rho = result->rho;
        record->rho_se = result->rho_se;
        record->resolution = result->resolution;
        record->blocks = result->blocks;
        record->block_floor = result->block_floor;
    }
    return record;
}

_Static_assert((int)SVA_DRAW_BINS == (int)SVA_TALLY_BINS &&
                   (int)SVA_DRAW_BIN_WIDTH == (int)SVA_TALLY_WIDTH &&
                   (int)SVA_DRAW_BIN_FIRST == (int)SVA_TALLY_FIRST,
               "the public histogram has the bins of the tally");

void sva_note_draws(struct sva_test_record *record, const struct sva_draw_tally *tally)
{
    if (record == NULL || tally->draws == 0) {
        return;
    }
    struct sva_test_draws *draws = &record->test.draws;
    draws->count = tally->draws;
    draws->series = tally->series;
    draws->mean = (double)tally->sum / (double)tally->draws / 1000.0;
    draws->deviation = sva_tally_deviation(tally);
    draws->least = tally->least / 1000.0;
    draws->most = tally->most / 1000.0;
    draws->observed_mean = tally->observed_sum / (double)tally->series;
    draws->observed_least = tally->observed_least;
    draws->observed_most = tally->observed_most;
    memcpy(draws->counts, tally->counts, sizeof draws->counts);
}

void sva_add_unrun_test(struct sva_component_evidence *evidence, const char *id)
{
    (void)sva_add_test(evidence, id, SVA_P_EXACT, true); /* p = 1, and a floor of 1 */
}

bool sva_add_piece(struct sva_component_evidence *evidence, double log10_p)
{
    enum { STEP = 16 };
    if (evidence->piece_count % STEP == 0) {
        struct sva_piece *grown = sva_realloc_array(
            evidence->pieces, evidence->piece_count + STEP, sizeof *evidence->pieces);
        if (grown == NULL) {
            return false;
        }
        evidence->pieces = grown;
    }
    evidence->pieces[evidence->piece_count++].log10_p = log10_p;
    return true;
}
