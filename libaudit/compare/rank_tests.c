/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LoRA adapters. Two adapters of one base share the base's numberings, so those
 * prove nothing; but each module numbers its own rank. Rows of A and columns of
 * B are renumbered together, module by module; modules are independent, so
 * Fisher's combination over them is exact.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/evidence.h"
#include "compare/factors.h"
#include "kernel/permutation.h"
#include "kernel/special.h"

static const char *const TEST_IDS[3] = {"rank-permutation", "rank-permutation/even-modules",
                                        "rank-permutation/odd-modules"};

static bool is_tested(const struct sva_print_tensor *tensor, uint32_t component)
{
    return tensor->component == component && sva_bears_evidence(tensor) && sva_is_factor(tensor);
}

static int rank_axis(const struct sva_print_tensor *tensor)
{
    return tensor->role == SVA_ROLE_LORA_A ? 0 : 1;
}

/** Adds the rank axis of a factor and its partner when they line up. */
static void add_factor(const struct sva_pair *pair, uint32_t index, struct sva_feature_pair *pairs,
                       size_t *count, uint32_t *rank)
{
    const struct sva_print_tensor *factor = &pair->subject->tensors[index];
    const int32_t place = *count < 2 ? pair->factor[index] : -1;
    const struct sva_print_tensor *partner = place < 0 ? NULL : &pair->reference->tensors[place];
    if (partner == NULL || !sva_bears_evidence(partner) || sva_rows_may_differ(factor, partner)) {
        return;
    }
    const struct sva_axis_sketch *s = &factor->axis[rank_axis(factor)];
    const struct sva_axis_sketch *r = &partner->axis[rank_axis(partner)];
    if (s->kept == 0 || s->kept != s->length || s->kept != r->kept || s->length != r->length ||
        s->features != r->features || (*rank != 0 && *rank != s->kept)) {
        return;
    }
    *rank = s->kept;
    pairs[(*count)++] = (struct sva_feature_pair){s->values, r->values, s->features, NULL, NULL};
}

/** `b_`: of the factors that start at zero. */
struct module_sums {
    double rho, b_rho;
    struct sva_draw_tally tally;
    size_t modules, b_modules;
    uint64_t agreeing;
};

/** Fisher over modules: all, or every second one. */
struct combined {
    double *log10_p;
    double *floors;
    size_t count;
};

static void record(struct sva_component_evidence *evidence, int half, const struct combined *list,
                   const struct module_sums *sums)
{
    struct sva_test_record *test =
        list->count == 0 ? NULL : sva_add_test(evidence, TEST_IDS[half], SVA_P_EXACT, true);
    if (test != NULL) {
        test->test.log10_p = sva_fisher_log10(list->log10_p, list->count);
        test->test.log10_p_floor = sva_fisher_log10(list->floors, list->count);
        test->test.block_count = (uint32_t)list->count;
        test->rho = evidence->rho;
        if (half == SVA_HALF_ALL) {
            sva_note_draws(test, &sums->tally);
        }
    }
}

static bool combined_new(struct combined *list, size_t capacity)
{
    list->log10_p = sva_calloc(capacity, sizeof *list->log10_p);
    list->floors = sva_calloc(capacity, sizeof *list->floors);
    list->count = 0;
    return list->log10_p != NULL && list->floors != NULL;
}

static void combined_add(struct combined *list, const struct sva_block_result *result)
{
    list->log10_p[list->count] = result->log10_p;
    list->floors[list->count] = result->log10_floor;
    list->count++;
}

/** A factor and the part of its name that is its module's. */
struct member {
    const char *name;
    size_t bytes;
    uint32_t index;
};

static bool same_module(const struct member *a, const struct member *b)
{
    return a->bytes == b->bytes && memcmp(a->name, b->name, a->bytes) == 0;
}

static int by_module(const void *a, const void *b)
{
    const struct member *left = a;
    const struct member *right = b;
    const size_t shorter = left->bytes < right->bytes ? left->bytes : right->bytes;
    const int order = memcmp(left->name, right->name, shorter);
    if (order != 0) {
        return order;
    }
    if (left->bytes != right->bytes) {
        return left->bytes < right->bytes ? -1 : 1;
    }
    return (left->index > right->index) - (left->index < right->index);
}

/** Tests one module, whose factors are `members`. */
static bool test_module(struct sva_pair *pair, uint32_t component, const struct member *members,
                        size_t member_count, struct combined lists[3], struct module_sums *sums)
{
    struct sva_feature_pair pairs[2];
    size_t count = 0;
    uint32_t rank = 0;
    uint64_t parameters = 0;
    for (size_t i = 0; i < member_count; i++) {
        const struct sva_print_tensor *factor = &pair->subject->tensors[members[i].index];
        const size_t before = count;
        add_factor(pair, members[i].index, pairs, &count, &rank);
        parameters += pair->identical[members[i].index] < 0 ? factor->element_count : 0;
        if (count > before && sva_starts_at_zero(factor)) {
            sums->b_rho += sva_quick_similarity(&pairs[before], rank);
            sums->b_modules++;
        }
    }
    struct sva_block_setup setup = {
        .units = rank, .pairs = pairs, .pair_count = count, .tally = &sums->tally, .threads = 1};
    struct sva_block_result result;
    if (count == 0) {
        return true;
    }
    if (!sva_test_seed(pair, TEST_IDS[0], component, members[0].index, setup.seed) ||
        !sva_block_test(&setup, &result)) {
        return false;
    }
    if (result.tested) {
        combined_add(&lists[0], &result);
        combined_add(&lists[1 + sums->modules % 2], &result);
        sums->rho += isfinite(result.rho) ? result.rho : 0.0;
        sums->modules++;
        sums->agreeing += result.log10_p <= result.log10_floor + 0.5 ? parameters : 0;
    }
    return true;
}

/** The factors to test, module by module. False: out of memory. */
static bool list_members(const struct sva_print *print, uint32_t component,
                         struct member **members, size_t *count)
{
    *count = 0;
    *members = sva_calloc(print->tensor_count, sizeof **members);
    for (uint32_t i = 0; *members != NULL && i < print->tensor_count; i++) {
        const char *const name = print->tensors[i].name;
        if (is_tested(&print->tensors[i], component)) {
            (*members)[(*count)++] = (struct member){name, sva_module_bytes(name), i};
        }
    }
    if (*members != NULL) {
        qsort(*members, *count, sizeof **members, by_module);
    }
    return *members != NULL;
}

/** Tests every module, in order of names. */
static bool test_modules(struct sva_pair *pair, uint32_t component, struct combined lists[3],
                         struct module_sums *sums)
{
    struct member *members;
    size_t count;
    bool ok = list_members(pair->subject, component, &members, &count);
    for (size_t first = 0; ok && first < count;) {
        size_t size = 1;
        while (first + size < count && same_module(&members[first], &members[first + size])) {
            size++;
        }
        ok = test_module(pair, component, members + first, size, lists, sums);
        first += size;
    }
    sva_free(members);
    return ok;
}

bool sva_rank_tests(struct sva_pair *pair, uint32_t component,
                    struct sva_component_evidence *evidence)
{
    const struct sva_print *print = pair->subject;
    struct combined lists[3] = {{0}};
    struct module_sums sums = {0};
    bool ok = true;
    if (print->components[component].kind != SVA_COMPONENT_ADAPTER) {
        return true;
    }
    evidence->adapter = true;
    for (int half = 0; half < 3; half++) {
        ok = combined_new(&lists[half], print->tensor_count) && ok;
    }
    ok = ok && test_modules(pair, component, lists, &sums);
    if (ok && sums.modules > 0) {
        evidence->rho = sums.rho / (double)sums.modules;
        evidence->agreeing_parameters += sums.agreeing;
        evidence->gain_agreement =
            sums.b_modules > 0 ? sums.b_rho / (double)sums.b_modules : NAN;
        evidence->gain_lower = evidence->gain_agreement;
        for (int half = 0; half < 3; half++) {
            record(evidence, half, &lists[half], &sums);
            if (half > 0 && lists[half].count > 0) {
                ok = ok && sva_add_piece(evidence, sva_fisher_log10(lists[half].log10_p, lists[half].count));
            }
        }
    }
    for (int half = 0; half < 3; half++) {
        sva_free(lists[half].log10_p);
        sva_free(lists[half].floors);
    }
    return ok;
}
