/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/licence_facts.h"

#include <math.h>
#include <string.h>

/* The kinds that docs/facts.md lists. */
static const char *const kinds[] = {"derivative", "field-of-use",   "jurisdiction", "naming",
                                    "output",     "non-commercial", "revocation",   "user-count"};

static double count_words(const char *list)
{
    double count = list[0] != '\0';
    for (const char *at = list; *at != '\0'; at++) {
        count += *at == ';';
    }
    return count;
}

struct sva_licence_counts sva_licence_counts_of(const struct sva_knowledge *knowledge,
                                                uint32_t component)
{
    bool found[sizeof kinds / sizeof *kinds] = {false};
    bool all_known = knowledge != NULL;
    size_t licences = 0;
    struct sva_licence_counts counts = {0.0, 0.0};
    for (size_t i = 0; knowledge != NULL && i < knowledge->licence_count; i++) {
        const struct sva_bound_licence *one = &knowledge->licences[i];
        if (component != UINT32_MAX && one->component != UINT32_MAX &&
            one->component != component) {
            continue;
        }
        licences++;
        all_known = all_known && one->known;
        counts.unmet += count_words(one->unmet);
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
            found[k] = found[k] || sva_known_lists(one->clauses, kinds[k]);
        }
    }
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        counts.known += found[k];
    }
    const bool certain = all_known && licences > 0;
    counts.known = certain || counts.known > 0 ? counts.known : (double)NAN;
    counts.unmet = certain || counts.unmet > 0 ? counts.unmet : (double)NAN;
    return counts;
}

double sva_licence_clauses_read(const struct sva_case *source, double known)
{
    static const char prefix[] = "licence.clause.";
    const struct sva_print *subject = source->subject;
    double count = 0;
    for (size_t i = 0; i < subject->fact_count; i++) {
        const char *key = subject->facts[i].key;
        const size_t length = strlen(key);
        /* each kind has one place numbered 0 */
        count += strncmp(key, prefix, sizeof prefix - 1) == 0 && length > 2 &&
                 strcmp(key + length - 2, ".0") == 0;
    }
    return count > 0 || !isnan(known) ? count : (double)NAN;
}
