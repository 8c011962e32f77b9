/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LoRA adapters. Two adapters of one base share the base's numberings, so those
 * prove nothing; but each module numbers its own rank. Rows of A and columns of
 * B are renumbered together, module by module; modules are independent, so
 * Fisher's combination over them is exact. Modules that share A or B on both
 * sides (a fused projection that was split, one A for all layers) are numbered
 * as one: they make one test, their features side by side.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare/evidence.h"
#include "compare/factors.h"
#include "compare/numberings.h"
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

/** Resemblance (z) of two factors of one adapter from which on they count as one, as in A2. */
static const double TIED_SCORE = 8.0;

/** A module: its factors that line up with the reference's, at most A and B. */
struct module {
    struct sva_feature_pair pairs[2];
    const struct sva_print_tensor *subject[2], *reference[2];
    size_t count;
    uint32_t rank;
    uint32_t first; /* number of its first factor: names the draws */
    uint64_t parameters;
    size_t joined; /* the first module that is numbered with it: itself, or an earlier one */
};

/** Adds the rank axis of a factor and its partner when they line up. */
static void add_factor(const struct sva_pair *pair, uint32_t index, struct module *module)
{
    const struct sva_print_tensor *factor = &pair->subject->tensors[index];
    const int32_t place = module->count < 2 ? pair->factor[index] : -1;
    const struct sva_print_tensor *partner = place < 0 ? NULL : &pair->reference->tensors[place];
    if (partner == NULL || !sva_bears_evidence(partner) || sva_rows_may_differ(factor, partner)) {
        return;
    }
    const struct sva_axis_sketch *s = &factor->axis[rank_axis(factor)];
    const struct sva_axis_sketch *r = &partner->axis[rank_axis(partner)];
    if (s->kept == 0 || s->kept != s->length || s->kept != r->kept || s->length != r->length ||
        s->features != r->features || (module->rank != 0 && module->rank != s->kept)) {
        return;
    }
    module->rank = s->kept;
    module->subject[module->count] = factor;
    module->reference[module->count] = partner;
    module->pairs[module->count++] =
        (struct sva_feature_pair){s->values, r->values, s->features, NULL, NULL};
}

/** `b_`: of the factors that start at zero. */
struct module_sums {
    double rho, b_rho;
    struct sva_draw_tally tally;
    size_t modules, b_modules;
    uint64_t agreeing;
};

/** Fisher over numberings: all, or every second one. */
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

/** Takes one module in, whose factors are `members`. */
static void take_module(const struct sva_pair *pair, const struct member *members,
                        size_t member_count, struct module *module, struct module_sums *sums)
{
    *module = (struct module){.first = members[0].index};
    for (size_t i = 0; i < member_count; i++) {
        const struct sva_print_tensor *factor = &pair->subject->tensors[members[i].index];
        const size_t before = module->count;
        add_factor(pair, members[i].index, module);
        module->parameters += pair->identical[members[i].index] < 0 ? factor->element_count : 0;
        if (module->count > before && sva_starts_at_zero(factor)) {
            sums->b_rho += sva_quick_similarity(&module->pairs[before], module->rank);
            sums->b_modules++;
        }
    }
}

/** Are two factors of one adapter one, or nearly? */
static bool is_one_factor(const struct sva_print_tensor *a, const struct sva_print_tensor *b)
{
    const struct sva_axis_sketch *one = &a->axis[rank_axis(a)];
    const struct sva_axis_sketch *other = &b->axis[rank_axis(b)];
    if (a->role != b->role || one->kept != other->kept || one->features != other->features) {
        return false;
    }
    const struct sva_feature_pair both = {one->values, other->values, one->features, NULL, NULL};
    const double most = sqrt((double)one->kept * one->features);
    return memcmp(a->value_hash, b->value_hash, SVA_DIGEST_BYTES) == 0 ||
           fabs(sva_quick_similarity(&both, one->kept)) * most > TIED_SCORE;
}

/** Does one side number two modules as one? */
static bool share_factor(const struct sva_print_tensor *const *a, size_t a_count,
                         const struct sva_print_tensor *const *b, size_t b_count)
{
    for (size_t i = 0; i < a_count; i++) {
        for (size_t j = 0; j < b_count; j++) {
            if (is_one_factor(a[i], b[j])) {
                return true;
            }
        }
    }
    return false;
}

/** Joins the modules that both sides number as one. One side is not enough: the other's is free. */
static void join_modules(struct module *modules, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        modules[i].joined = i;
        for (size_t j = 0; j < i; j++) {
            const struct module *a = &modules[i];
            const struct module *b = &modules[j];
            const size_t low = a->joined < b->joined ? a->joined : b->joined;
            const size_t high = a->joined < b->joined ? b->joined : a->joined;
            if (low == high || !share_factor(a->subject, a->count, b->subject, b->count) ||
                !share_factor(a->reference, a->count, b->reference, b->count)) {
                continue;
            }
            for (size_t k = 0; k <= i; k++) {
                modules[k].joined = modules[k].joined == high ? low : modules[k].joined;
            }
        }
    }
}

/** Tests modules that share a numbering: `first` and those from there on that are joined to it. */
static bool test_group(struct sva_pair *pair, uint32_t component, const struct module *modules,
                       size_t first, size_t end, struct combined lists[3], struct module_sums *sums)
{
    const bool decides = first < SVA_NUMBERINGS_MOST;
    struct sva_feature_pair *pairs = sva_calloc(2 * (end - first), sizeof *pairs);
    struct sva_block_setup setup = {.units = modules[first].rank,
                                    .pairs = pairs,
                                    .tally = decides ? &sums->tally : NULL,
                                    .threads = 1};
    struct sva_block_result result;
    uint64_t parameters = 0;
    for (size_t i = first; pairs != NULL && i < end; i++) {
        if (modules[i].joined == first) {
            memcpy(pairs + setup.pair_count, modules[i].pairs, modules[i].count * sizeof *pairs);
            setup.pair_count += modules[i].count;
            parameters += modules[i].parameters;
        }
    }
    const bool ok = pairs != NULL &&
                    sva_test_seed(pair, TEST_IDS[0], component, modules[first].first, setup.seed) &&
                    sva_block_test(&setup, &result);
    sva_free(pairs);
    if (ok && result.tested) {
        if (decides) {
            combined_add(&lists[0], &result);
            combined_add(&lists[1 + sums->modules % 2], &result);
        }
        sums->rho += isfinite(result.rho) ? result.rho : 0.0;
        sums->modules++;
        sums->agreeing += result.log10_p <= result.log10_floor + 0.5 ? parameters : 0;
    }
    return ok;
}

/**
 * Tests every numbering. Beyond so many modules more add cost, not evidence: they are held against
 * the reference's, each alone, and do not enter the test.
 */
static bool test_groups(struct sva_pair *pair, uint32_t component, struct module *modules,
                        size_t count, struct combined lists[3], struct module_sums *sums)
{
    const size_t deciding = count < SVA_NUMBERINGS_MOST ? count : SVA_NUMBERINGS_MOST;
    bool ok = true;
    join_modules(modules, deciding);
    for (size_t i = 0; ok && i < count; i++) {
        modules[i].joined = i < deciding ? modules[i].joined : i;
        if (modules[i].joined == i) {
            ok = test_group(pair, component, modules, i, i < deciding ? deciding : i + 1, lists,
                            sums);
        }
    }
    return ok;
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
    size_t member_count;
    size_t count = 0;
    bool ok = list_members(pair->subject, component, &members, &member_count);
    struct module *modules = ok ? sva_calloc(member_count, sizeof *modules) : NULL;
    for (size_t first = 0; modules != NULL && first < member_count;) {
        size_t size = 1;
        while (first + size < member_count &&
               same_module(&members[first], &members[first + size])) {
            size++;
        }
        take_module(pair, members + first, size, &modules[count], sums);
        count += modules[count].count > 0 ? 1 : 0;
        first += size;
    }
    ok = modules != NULL && test_groups(pair, component, modules, count, lists, sums);
    sva_free(members);
    sva_free(modules);
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
