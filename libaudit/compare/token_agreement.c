/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/token_agreement.h"

#include <math.h>

#include "compare/places.h"

enum { K = SVA_TOKEN_FEATURES };

/** Positions of the tokens that both sides have, in the order of their keys. */
struct common {
    uint32_t count;
    uint32_t subject[SVA_FREQUENT_TOKENS], reference[SVA_FREQUENT_TOKENS];
};

static void mean_row(const struct sva_token_rows *rows, const uint32_t *chosen, uint32_t count,
                     double mean[K])
{
    for (int k = 0; k < K; k++) {
        double sum = 0.0; /* of integers: exact */
        for (uint32_t t = 0; t < count; t++) {
            sum += (double)rows->values[(size_t)chosen[t] * K + (size_t)k];
        }
        mean[k] = sum / (double)count;
    }
}

/** What one token adds to the three sums. */
struct products {
    double ab, aa, bb;
};

static struct products of_token(const int16_t *s, const int16_t *r, const double s_mean[K],
                                const double r_mean[K])
{
    struct products sum = {0};
    for (int k = 0; k < K; k++) {
        const double a = (double)s[k] - s_mean[k];
        const double b = (double)r[k] - r_mean[k];
        sum.ab += a * b;
        sum.aa += a * a;
        sum.bb += b * b;
    }
    return sum;
}

struct sva_token_agreement sva_tokens_agree(const struct sva_token_rows *subject,
                                            const struct sva_token_rows *reference)
{
    struct sva_token_agreement found = {.rows = 0, .agreement = NAN, .error = NAN};
    struct common common;
    struct products parts[SVA_FREQUENT_TOKENS];
    struct products all = {0};
    double s_mean[K];
    double r_mean[K];
    common.count = sva_common_keys(subject->keys, subject->count, reference->keys,
                                   reference->count, common.subject, common.reference);
    if (common.count < SVA_TOKENS_IN_COMMON_LEAST) {
        return found;
    }
    mean_row(subject, common.subject, common.count, s_mean);
    mean_row(reference, common.reference, common.count, r_mean);
    for (uint32_t t = 0; t < common.count; t++) {
        parts[t] = of_token(subject->values + (size_t)common.subject[t] * K,
                            reference->values + (size_t)common.reference[t] * K, s_mean, r_mean);
        all.ab += parts[t].ab;
        all.aa += parts[t].aa;
        all.bb += parts[t].bb;
    }
    if (!(all.aa > 0.0) || !(all.bb > 0.0)) {
        return found;
    }
    const double size = sqrt(all.aa * all.bb);
    const double correlation = all.ab / size;
    double squares = 0.0;
    for (uint32_t t = 0; t < common.count; t++) {
        const double pull = parts[t].ab / size -
                            0.5 * correlation * (parts[t].aa / all.aa + parts[t].bb / all.bb);
        squares += pull * pull;
    }
    found.rows = common.count;
    found.agreement = correlation;
    found.error = sqrt(squares);
    return found;
}

/** The reference's table of the same use, in the component's counterpart, as wide. */
static const struct sva_print_tensor *same_table(const struct sva_pair *pair,
                                                 const struct sva_component_evidence *evidence,
                                                 const struct sva_print_tensor *table)
{
    for (size_t i = 0; i < pair->reference->tensor_count; i++) {
        const struct sva_print_tensor *const other = &pair->reference->tensors[i];
        if (other->token_rows.count > 0 && other->role == table->role &&
            (int32_t)other->component == evidence->reference_component &&
            other->n[1] == table->n[1]) {
            return other;
        }
    }
    return NULL;
}

void sva_agree_on_tokens(const struct sva_pair *pair, uint32_t component,
                         struct sva_component_evidence *evidence)
{
    double agreement = 0.0;
    double error = 0.0;
    double rows = 0.0;
    for (size_t i = 0; i < pair->subject->tensor_count; i++) {
        const struct sva_print_tensor *const table = &pair->subject->tensors[i];
        if (table->component != component || table->token_rows.count == 0) {
            continue;
        }
        const struct sva_print_tensor *const other = same_table(pair, evidence, table);
        if (other == NULL) {
            continue;
        }
        const struct sva_token_agreement found =
            sva_tokens_agree(&table->token_rows, &other->token_rows);
        if (found.rows > 0) {
            agreement += found.agreement * (double)found.rows;
            error += found.error * (double)found.rows; /* same tokens: errors do not average out */
            rows += (double)found.rows;
        }
    }
    if (rows > 0.0) {
        evidence->token_agreement = agreement / rows;
        evidence->token_lower = (agreement - 2.0 * error) / rows;
    }
}
