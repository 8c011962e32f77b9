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
#include "kernel/permutation.h"
#include "kernel/special.h"

static const char *const TEST_IDS[3] = {"rank-permutation", "rank-permutation/even-modules",
                                        "rank-permutation/odd-modules"};

static bool is_factor(const struct sva_print_tensor *tensor, uint32_t component)
{
    return tensor->component == component && sva_bears_evidence(tensor) &&
           (tensor->role == SVA_ROLE_LORA_A || tensor->role == SVA_ROLE_LORA_B);
}

static int rank_axis(const struct sva_print_tensor *tensor)
{
    return tensor->role == SVA_ROLE_LORA_A ? 0 : 1;
}

/** Bytes of the name before the last "lora_": the module. Kohya's names begin with one too. */
static size_t module_length(const char *name)
{
    const char *found = NULL;
    for (const char *at = strstr(name, "lora_"); at != NULL; at = strstr(at + 1, "lora_")) {
        found = at;
    }
    return found == NULL ? strlen(name) : (size_t)(found - name);
}

static const struct sva_print_tensor *partner_of(const struct sva_print *print,
                                                 const struct sva_print_tensor *tensor)
{
    for (size_t i = 0; i < print->tensor_count; i++) {
        if (print->tensors[i].role == tensor->role &&
            strcmp(print->tensors[i].name, tensor->name) == 0 &&
            sva_bears_evidence(&print->tensors[i])) {
            return &print->tensors[i];
        }
    }
    return NULL;
}

/** Adds the rank axis of a factor and its partner when they line up. */
static void add_factor(const struct sva_print *reference, const struct sva_print_tensor *factor,
                       struct sva_feature_pair *pairs, size_t *count, uint32_t *rank)
{
    const struct sva_print_tensor *partner =
        *count < 2 ? partner_of(reference, factor) : NULL;
    if (partner == NULL) {
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

/** Fisher over modules: all, or every second one. */
struct combined {
    double *log10_p;
    double *floors;
    size_t count;
};

static void record(struct sva_component_evidence *evidence, int half, const struct combined *list,
                   double rho)
{
    struct sva_test_record *test =
        list->count == 0 ? NULL : sva_add_test(evidence, TEST_IDS[half], SVA_P_EXACT, true);
    if (test != NULL) {
        test->test.log10_p = sva_fisher_log10(list->log10_p, list->count);
        test->test.log10_p_floor = sva_fisher_log10(list->floors, list->count);
        test->test.block_count = (uint32_t)list->count;
        test->rho = rho;
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

struct module_sums {
    double rho, b_rho;
    size_t modules, b_modules;
    uint64_t agreeing;
};

/** Tests one module, whose first factor is tensor `first`. */
static bool test_module(struct sva_pair *pair, uint32_t component, size_t first,
                        struct combined lists[3], struct module_sums *sums)
{
    const struct sva_print *print = pair->subject;
    const size_t length = module_length(print->tensors[first].name);
    struct sva_feature_pair pairs[2];
    size_t count = 0;
    uint32_t rank = 0;
    uint64_t parameters = 0;
    for (size_t i = first; i < print->tensor_count; i++) {
        const struct sva_print_tensor *factor = &print->tensors[i];
        if (!is_factor(factor, component) || module_length(factor->name) != length ||
            strncmp(factor->name, print->tensors[first].name, length) != 0) {
            continue;
        }
        const size_t before = count;
        add_factor(pair->reference, factor, pairs, &count, &rank);
        parameters += factor->element_count;
        if (count > before && factor->role == SVA_ROLE_LORA_B) {
            sums->b_rho += sva_quick_similarity(&pairs[before], rank);
            sums->b_modules++;
        }
    }
    struct sva_block_setup setup = {.units = rank, .pairs = pairs, .pair_count = count};
    struct sva_block_result result;
    if (count == 0) {
        return true;
    }
    if (!sva_test_seed(pair, TEST_IDS[0], component, first, setup.seed) ||
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

/** True when an earlier tensor belongs to the same module. */
static bool seen_before(const struct sva_print *print, uint32_t component, size_t index)
{
    const char *name = print->tensors[index].name;
    const size_t length = module_length(name);
    for (size_t i = index; i-- > 0;) {
        if (is_factor(&print->tensors[i], component) &&
            strncmp(print->tensors[i].name, name, length) == 0 &&
            module_length(print->tensors[i].name) == length) {
            return true;
        }
    }
    return false;
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
    for (size_t i = 0; ok && i < print->tensor_count; i++) {
        if (is_factor(&print->tensors[i], component) && !seen_before(print, component, i)) {
            ok = test_module(pair, component, i, lists, &sums);
        }
    }
    if (ok && sums.modules > 0) {
        evidence->rho = sums.rho / (double)sums.modules;
        evidence->agreeing_parameters += sums.agreeing;
        evidence->gain_agreement =
            sums.b_modules > 0 ? sums.b_rho / (double)sums.b_modules : NAN;
        evidence->gain_lower = evidence->gain_agreement;
        for (int half = 0; half < 3; half++) {
            record(evidence, half, &lists[half], evidence->rho);
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
