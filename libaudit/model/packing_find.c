/* SPDX-License-Identifier: Apache-2.0 */
/* Replaces the stored tensors of quantised matrices by logical ones. What a set looks like is in
   the table; whether it fits together is the families' business. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/fail.h"
#include "base/text.h"
#include "kernel/dtype.h"
#include "model/config_reader.h"
#include "model/packing_families.h"
#include "model/tensor_values.h"
#include "model/weight_files.h"

/* A row is decoded at once, so its length is bounded; beyond that many, findings are counted. */
enum { COLUMNS_MAX = 1 << 22, TURNED_COLUMNS_MAX = 1 << 18, BAD_NAMED_MAX = 16 };

static const char weight[] = ".weight";

/** How the tensor with the codes is called and typed, and what the logical one is called. */
struct anchor_row {
    const char *ending;
    const char *logical_ending;
    enum sva_dtype dtypes[5]; /**< ends at the first repetition of dtypes[0] */
    sva_recogniser recognise;
};

#define ONLY(dtype)                                                                                \
    {                                                                                              \
        dtype, dtype                                                                               \
    }

static const struct anchor_row anchors[] = {
    {".qweight", ".weight", ONLY(SVA_DTYPE_I32), sva_fit_awq},
    {".qweight", ".weight", ONLY(SVA_DTYPE_I32), sva_fit_gptq},
    {".weight_packed", ".weight", ONLY(SVA_DTYPE_I32), sva_fit_int_packed},
    {".weight_packed", ".weight", ONLY(SVA_DTYPE_U8), sva_fit_float4_packed},
    {"_blocks", "", ONLY(SVA_DTYPE_U8), sva_fit_gpt_oss},
    {".blocks", "", ONLY(SVA_DTYPE_U8), sva_fit_gpt_oss},
    {".weight", ".weight", ONLY(SVA_DTYPE_NVFP4), sva_fit_gguf_scaled},
    {".weight", ".weight", ONLY(SVA_DTYPE_U32), sva_fit_mlx},
    {".weight", ".weight", ONLY(SVA_DTYPE_U8), sva_fit_bnb4},
    {".weight", ".weight", ONLY(SVA_DTYPE_I8), sva_fit_bnb8},
    {"", "", {SVA_DTYPE_U8, SVA_DTYPE_I8, SVA_DTYPE_U8}, sva_fit_float4_bytes},
    {"",
     "",
     {SVA_DTYPE_F8_E4M3, SVA_DTYPE_F8_E5M2, SVA_DTYPE_I8, SVA_DTYPE_F8_E4M3FNUZ, SVA_DTYPE_F8_E4M3},
     sva_fit_scaled_bytes},
};

/** Where a scale is looked for: behind the matrix's own name, or behind its module's. */
struct scale_row {
    const char *ending;
    bool of_module; /**< the name without ".weight" */
};

/** Every ending that some scheme gives to scales of a matrix, or to what says how to use them. */
static const struct scale_row scale_rows[] = {
    {"_scale_inv", false},
    {"_scale", false},
    {"_scales", false},
    {".scales", false},
    {"_scale_2", false},
    {"_global_scale", false},
    {".absmax", false},
    {".nested_absmax", false},
    {".quant_state.bitsandbytes__nf4", false},
    {".quant_state.bitsandbytes__fp4", false},
    {".scale", true},
    {".scales", true},
    {".scale_weight", true},
    {".qscale_weight", true},
    {".SCB", true},
};

/** A set that fits together, until all are known. */
struct candidate {
    struct sva_tensor tensor; /**< the logical one */
    size_t index[SVA_PACKED_PARTS_MAX];
};

static const struct sva_tensor *tensor_at(const struct sva_parts *parts, size_t index)
{
    return (const struct sva_tensor *)parts->tensors.items + index;
}

static uint16_t group_of(const struct sva_parts *parts, size_t tensor)
{
    const struct sva_scanned *const files = parts->scanned.items;
    return files[tensor_at(parts, tensor)->file].group;
}

/** First tensor whose name is not below; the list's length if none. */
static size_t lower_bound(const struct sva_parts *parts, const char *name, size_t name_bytes)
{
    size_t low = 0;
    size_t high = parts->tensors.count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const struct sva_tensor *const tensor = tensor_at(parts, middle);
        if (sva_name_compare(tensor->name, tensor->name_bytes, name, name_bytes) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

ptrdiff_t sva_set_find(const struct sva_packed_set *set, size_t base_bytes, const char *ending)
{
    const struct sva_parts *const parts = set->finder->parts;
    const size_t ending_bytes = strlen(ending);
    char name[SVA_SET_NAME_MAX];
    if (base_bytes > sizeof name - ending_bytes) {
        return -1;
    }
    memcpy(name, set->codes->name, base_bytes);
    memcpy(name + base_bytes, ending, ending_bytes);
    const size_t size = base_bytes + ending_bytes;
    for (size_t i = lower_bound(parts, name, size); i < parts->tensors.count; i++) {
        const struct sva_tensor *const tensor = tensor_at(parts, i);
        if (sva_name_compare(tensor->name, tensor->name_bytes, name, size) != 0) {
            return -1;
        }
        if (group_of(parts, i) == group_of(parts, set->anchor)) {
            return (ptrdiff_t)i;
        }
    }
    return -1;
}

static int add_part(struct sva_packed_set *set, size_t index, const char *role)
{
    struct sva_packing *const packing = &set->packing;
    const int part = (int)packing->part_count++;
    set->index[part] = index;
    packing->parts[part] =
        (struct sva_packed_part){.role = role, .stored = *tensor_at(set->finder->parts, index)};
    return part;
}

int sva_set_take(struct sva_packed_set *set, size_t base_bytes, const char *ending,
                 const char *role)
{
    const ptrdiff_t found = sva_set_find(set, base_bytes, ending);
    if (found < 0 || set->packing.part_count == SVA_PACKED_PARTS_MAX) {
        return SVA_PACKED_NONE;
    }
    return add_part(set, (size_t)found, role);
}

enum sva_fit sva_set_bad(struct sva_packed_set *set, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(set->why, sizeof set->why, format, arguments);
    va_end(arguments);
    return SVA_FIT_BAD;
}

bool sva_set_read(struct sva_packed_set *set, int part, size_t count_bytes, uint8_t *bytes)
{
    const struct sva_tensor *const stored = sva_set_part(set, part);
    set->status = sva_model_read(&set->finder->parts->model, stored->file, stored->offset_bytes,
                                 bytes, count_bytes, set->finder->error);
    if (set->status == SVA_OK && stored->big_endian) {
        sva_swap_scalars(bytes, count_bytes, sva_dtype_get(stored->dtype)->bits / 8);
    }
    return set->status == SVA_OK;
}

static bool ends_in(const char *name, size_t name_bytes, const char *ending)
{
    const size_t ending_bytes = strlen(ending);
    return name_bytes >= ending_bytes &&
           memcmp(name + name_bytes - ending_bytes, ending, ending_bytes) == 0;
}

static bool row_takes(const struct anchor_row *row, const struct sva_tensor *tensor)
{
    if (!ends_in(tensor->name, tensor->name_bytes, row->ending)) {
        return false;
    }
    bool takes = tensor->dtype == row->dtypes[0];
    for (size_t i = 1; !takes && i < 5 && row->dtypes[i] != row->dtypes[0]; i++) {
        takes = tensor->dtype == row->dtypes[i];
    }
    return takes;
}

static void start_set(struct sva_packing_finder *finder, size_t anchor,
                      const struct anchor_row *row, struct sva_packed_set *set)
{
    const struct sva_group *const groups = finder->parts->groups.items;
    const struct sva_group *const group = &groups[group_of(finder->parts, anchor)];
    *set = (struct sva_packed_set){.finder = finder,
                                   .anchor = anchor,
                                   .codes = tensor_at(finder->parts, anchor),
                                   .config = group->has_config ? &group->config : NULL,
                                   .logical_ending = row->logical_ending,
                                   .rank = 2};
    set->stem_bytes = set->codes->name_bytes - strlen(row->ending);
    set->packing = (struct sva_packing){.experts = 1,
                                        .quant_map = SVA_PACKED_NONE,
                                        .scales = SVA_PACKED_NONE,
                                        .scale_divisor = 1,
                                        .global_scale = SVA_PACKED_NONE,
                                        .zeros = SVA_PACKED_NONE,
                                        .biases = SVA_PACKED_NONE,
                                        .order = SVA_PACKED_NONE,
                                        .nested_scales = SVA_PACKED_NONE,
                                        .nested_map = SVA_PACKED_NONE};
    (void)add_part(set, anchor, "codes");
}

/** Bytes of the logical name before ".weight"; -1: it does not end so. */
static ptrdiff_t module_bytes(const struct sva_packed_set *set)
{
    if (set->logical_ending[0] != '\0') {
        return (ptrdiff_t)set->stem_bytes;
    }
    return ends_in(set->codes->name, set->stem_bytes, weight)
               ? (ptrdiff_t)(set->stem_bytes - strlen(weight))
               : -1;
}

/** The tensor named like the matrix, or like its module, and this ending; -1: none. */
static ptrdiff_t find_beside(const struct sva_packed_set *set, bool of_module, const char *ending)
{
    const ptrdiff_t module = module_bytes(set);
    char behind[64];
    if (module < 0) {
        return of_module ? -1 : sva_set_find(set, set->stem_bytes, ending);
    }
    snprintf(behind, sizeof behind, "%s%s", of_module ? "" : weight, ending);
    return sva_set_find(set, (size_t)module, behind);
}

/** The same matrix under another name: loaders would differ about which one counts. */
static bool stored_twice(struct sva_packed_set *set)
{
    ptrdiff_t other = find_beside(set, false, ""); /* not quantised, perhaps */
    for (size_t i = 0;
         i < sizeof anchors / sizeof *anchors && (other < 0 || (size_t)other == set->anchor); i++) {
        other = find_beside(set, anchors[i].logical_ending[0] != '\0', anchors[i].ending);
    }
    if (other < 0 || (size_t)other == set->anchor) {
        return false;
    }
    const struct sva_tensor *const twin = tensor_at(set->finder->parts, (size_t)other);
    (void)sva_set_bad(set, "the same matrix is stored under another name too, %s",
                      sva_escn(twin->name, twin->name_bytes).text);
    return true;
}

static bool is_part(const struct sva_packed_set *set, size_t tensor)
{
    bool found = false;
    for (size_t i = 0; i < set->packing.part_count; i++) {
        found = found || set->index[i] == tensor;
    }
    return found;
}

/** Scales that the scheme has no use for: under another scheme they would make other weights. */
static bool scaled_twice(struct sva_packed_set *set)
{
    for (size_t i = 0; i < sizeof scale_rows / sizeof *scale_rows; i++) {
        const ptrdiff_t found = find_beside(set, scale_rows[i].of_module, scale_rows[i].ending);
        if (found >= 0 && !is_part(set, (size_t)found)) {
            const struct sva_tensor *const scale = tensor_at(set->finder->parts, (size_t)found);
            (void)sva_set_bad(set, "it has scales of two schemes, and %s would not be used",
                              sva_escn(scale->name, scale->name_bytes).text);
            return true;
        }
    }
    return false;
}

/** What holds for every family before a set may become one tensor. */
static enum sva_fit check_set(struct sva_packed_set *set, uint64_t *element_count,
                              uint64_t *size_bytes)
{
    const struct sva_packing *const packing = &set->packing;
    const bool turned = packing->store == SVA_CODES_DOWN || packing->store == SVA_CODES_AWQ;
    if (packing->columns > (turned ? TURNED_COLUMNS_MAX : COLUMNS_MAX)) {
        return sva_set_bad(set, "its rows of %llu values are too long",
                           (unsigned long long)packing->columns);
    }
    if (!sva_mul_u64(packing->rows, packing->columns, element_count) ||
        !sva_mul_u64(*element_count, packing->experts, element_count) ||
        *element_count > UINT64_MAX / 8) {
        return sva_set_bad(set, "it would have more elements than can be counted");
    }
    if (*element_count == 0) {
        return sva_set_bad(set, "it has no elements");
    }
    if (stored_twice(set) || scaled_twice(set)) {
        return SVA_FIT_BAD;
    }
    *size_bytes = 0;
    for (size_t i = 0; i < packing->part_count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (set->index[i] == set->index[k]) {
                return sva_set_bad(set, "one tensor would have two parts in it");
            }
        }
        *size_bytes += packing->parts[i].stored.size_bytes; /* of files: fits */
    }
    return SVA_FIT_YES;
}

/** The logical tensor, which stands aside until all are known. */
static enum sva_status add_candidate(struct sva_packed_set *set, uint64_t element_count,
                                     uint64_t size_bytes, struct sva_list *candidates)
{
    struct sva_arena *const arena = &set->finder->parts->arena;
    struct sva_error *const error = set->finder->error;
    const size_t ending_bytes = strlen(set->logical_ending);
    struct sva_packing *const packing = sva_arena_alloc(arena, 1, sizeof *packing);
    uint64_t *const shape = sva_arena_alloc(arena, 3, sizeof *shape);
    char *const name = sva_arena_alloc(arena, set->stem_bytes + ending_bytes + 1, 1);
    const char *const form = sva_arena_strdup(arena, set->form);
    struct candidate *const candidate = sva_list_add(candidates);
    if (packing == NULL || shape == NULL || name == NULL || form == NULL || candidate == NULL) {
        return sva_fail_memory(error, "putting quantised tensors together");
    }
    memcpy(name, set->codes->name, set->stem_bytes);
    memcpy(name + set->stem_bytes, set->logical_ending, ending_bytes);
    *packing = set->packing;
    packing->name = sva_arena_strdup(arena, sva_escn(name, set->stem_bytes + ending_bytes).text);
    if (packing->name == NULL) {
        return sva_fail_memory(error, "putting quantised tensors together");
    }
    const uint64_t dims[3] = {packing->experts, packing->rows, packing->columns};
    memcpy(shape, dims + 3 - set->rank, set->rank * sizeof *shape);
    candidate->tensor = (struct sva_tensor){.name = name,
                                            .name_bytes = set->stem_bytes + ending_bytes,
                                            .dtype = SVA_DTYPE_PACKED,
                                            .rank = set->rank,
                                            .shape = shape,
                                            .element_count = element_count,
                                            .size_bytes = size_bytes,
                                            .file = set->codes->file,
                                            .form = form,
                                            .packing = packing};
    memcpy(candidate->index, set->index, sizeof candidate->index);
    for (size_t i = 0; i < packing->part_count; i++) {
        uint8_t *const uses = &set->finder->uses[set->index[i]];
        *uses = (uint8_t)(*uses < 2 ? *uses + 1 : 2);
    }
    return SVA_OK;
}

static enum sva_status note_bad(struct sva_packing_finder *finder, const struct sva_tensor *codes,
                                const char *why)
{
    const struct sva_scanned *const files = finder->parts->scanned.items;
    if (++finder->bad_count > BAD_NAMED_MAX) {
        return SVA_OK;
    }
    return sva_parts_finding(finder->parts, finder->error, "quantised-set-incomplete",
                             files[codes->file].path,
                             "The tensor %s looks quantised and is not decoded: %s.",
                             sva_escn(codes->name, codes->name_bytes).text, why);
}

/** Tries the families on one tensor. */
static enum sva_status try_anchor(struct sva_packing_finder *finder, size_t anchor,
                                  struct sva_packed_set *set, struct sva_list *candidates)
{
    for (size_t i = 0; i < sizeof anchors / sizeof *anchors; i++) {
        if (!row_takes(&anchors[i], tensor_at(finder->parts, anchor))) {
            continue;
        }
        start_set(finder, anchor, &anchors[i], set);
        uint64_t element_count = 0;
        uint64_t size_bytes = 0;
        enum sva_fit fit = anchors[i].recognise(set);
        if (fit == SVA_FIT_YES) {
            fit = check_set(set, &element_count, &size_bytes);
        }
        switch (fit) {
        case SVA_FIT_NO: break;
        case SVA_FIT_YES: return add_candidate(set, element_count, size_bytes, candidates);
        case SVA_FIT_BAD: return note_bad(finder, set->codes, set->why);
        case SVA_FIT_FAILED: return set->status;
        }
    }
    return SVA_OK;
}

/** The part of a candidate that another one uses too, or NULL. */
static const struct sva_tensor *shared_part(const struct sva_packing_finder *finder,
                                            const struct candidate *candidate)
{
    for (size_t i = 0; i < candidate->tensor.packing->part_count; i++) {
        if (finder->uses[candidate->index[i]] > 1) {
            return tensor_at(finder->parts, candidate->index[i]);
        }
    }
    return NULL;
}

/** Candidates that share nothing become logical tensors, the others are noted. */
static enum sva_status settle(struct sva_packing_finder *finder, const struct sva_list *candidates,
                              struct sva_list *logical)
{
    const struct candidate *const items = candidates->items;
    for (size_t c = 0; c < candidates->count; c++) {
        const struct sva_tensor *const shared = shared_part(finder, &items[c]);
        if (shared != NULL) {
            char why[SVA_SET_WHY_MAX];
            snprintf(why, sizeof why, "%s would be a part of another matrix too",
                     sva_escn(shared->name, shared->name_bytes).text);
            const enum sva_status status =
                note_bad(finder, tensor_at(finder->parts, items[c].index[0]), why);
            if (status != SVA_OK) {
                return status;
            }
            continue;
        }
        struct sva_tensor *const tensor = sva_list_add(logical);
        if (tensor == NULL) {
            return sva_fail_memory(finder->error, "putting quantised tensors together");
        }
        *tensor = items[c].tensor;
        for (size_t i = 0; i < tensor->packing->part_count; i++) {
            finder->used[items[c].index[i]] = true;
        }
    }
    return SVA_OK;
}

/** Parts without the tensor that they belong to. */
static const struct {
    const char *ending, *codes[3];
} leftovers[] = {
    {".qzeros", {".qweight"}},
    {".SCB", {".weight", ".qweight", ".weight_packed"}},
    {".weight.absmax", {".weight", ".qweight", ".weight_packed"}},
    {".weight_scale_inv", {".weight", ".qweight", ".weight_packed"}},
    {".weight_scale", {".weight", ".qweight", ".weight_packed"}},
};

static enum sva_status note_leftover(struct sva_packing_finder *finder, size_t index,
                                     struct sva_packed_set *set)
{
    const struct sva_tensor *const tensor = tensor_at(finder->parts, index);
    for (size_t i = 0; i < sizeof leftovers / sizeof *leftovers; i++) {
        if (!ends_in(tensor->name, tensor->name_bytes, leftovers[i].ending)) {
            continue;
        }
        start_set(finder, index, &anchors[0], set);
        set->stem_bytes = tensor->name_bytes - strlen(leftovers[i].ending);
        bool found = false;
        for (size_t k = 0; k < 3 && leftovers[i].codes[k] != NULL; k++) {
            found = found || sva_set_find(set, set->stem_bytes, leftovers[i].codes[k]) >= 0;
        }
        return found ? SVA_OK
                     : note_bad(finder, tensor, "the codes that it belongs to are not there");
    }
    return SVA_OK;
}

/** Methods whose tensors are listed as they are stored. */
static enum sva_status note_methods(struct sva_parts *parts, struct sva_error *error)
{
    static const char *const methods[] = {
        "aqlm", "bitnet", "eetq",  "exl2", "exl3",    "higgs",
        "hqq",  "quanto", "quark", "spqr", "torchao", "vptq",
    };
    const struct sva_group *const groups = parts->groups.items;
    for (size_t g = 0; g < parts->groups.count; g++) {
        const char *const method =
            groups[g].has_config
                ? sva_config_text(&groups[g].config, "quantization_config.quant_method")
                : NULL;
        for (size_t i = 0; method != NULL && i < sizeof methods / sizeof *methods; i++) {
            if (strcmp(method, methods[i]) == 0) {
                const enum sva_status status = sva_parts_finding(
                    parts, error, "quantised-not-decoded", NULL,
                    "The configuration says that weights are quantised by %s; such tensors are "
                    "listed as they are stored, and not decoded.",
                    method);
                if (status != SVA_OK) {
                    return status;
                }
            }
        }
    }
    return SVA_OK;
}

static int compare_tensors(const void *left, const void *right)
{
    const struct sva_tensor *const a = left;
    const struct sva_tensor *const b = right;
    const int order = sva_name_compare(a->name, a->name_bytes, b->name, b->name_bytes);
    return order != 0 ? order : (a->file > b->file) - (a->file < b->file);
}

/** Stored parts go, logical tensors come; never more than before. */
static void replace_tensors(struct sva_packing_finder *finder, const struct sva_list *logical)
{
    struct sva_parts *const parts = finder->parts;
    struct sva_tensor *const tensors = parts->tensors.items;
    size_t kept = 0;
    for (size_t i = 0; i < parts->tensors.count; i++) {
        if (!finder->used[i]) {
            tensors[kept++] = tensors[i];
        }
    }
    memcpy(tensors + kept, logical->items, logical->count * sizeof *tensors);
    parts->tensors.count = kept + logical->count;
    qsort(tensors, parts->tensors.count, sizeof *tensors, compare_tensors);

    struct sva_assignment *const assigned = parts->assignments.items;
    parts->assignments.count = parts->assignments.count < parts->tensors.count
                                   ? parts->assignments.count
                                   : parts->tensors.count;
    for (size_t i = 0; i < parts->assignments.count; i++) {
        assigned[i] = (struct sva_assignment){.group = group_of(parts, i)};
    }
}

/** Looks at every tensor: sets, then parts without a set, then methods. */
static enum sva_status find_all(struct sva_packing_finder *finder, struct sva_packed_set *set,
                                struct sva_list *candidates, struct sva_list *logical)
{
    const size_t count = finder->parts->tensors.count;
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < count; i++) {
        status = try_anchor(finder, i, set, candidates);
    }
    if (status == SVA_OK) {
        status = settle(finder, candidates, logical);
    }
    for (size_t i = 0; status == SVA_OK && i < count; i++) {
        if (!finder->used[i]) {
            status = note_leftover(finder, i, set);
        }
    }
    if (status == SVA_OK) {
        status = note_methods(finder->parts, finder->error);
    }
    if (status == SVA_OK && finder->bad_count > BAD_NAMED_MAX) {
        status = sva_parts_finding(finder->parts, finder->error, "quantised-set-incomplete", NULL,
                                   "%llu more tensors look quantised and are not decoded.",
                                   (unsigned long long)(finder->bad_count - BAD_NAMED_MAX));
    }
    return status;
}

enum sva_status sva_packing_find(struct sva_parts *parts, struct sva_error *error)
{
    struct sva_packing_finder finder = {.parts = parts, .error = error};
    struct sva_list candidates = {.item_size = sizeof(struct candidate)};
    struct sva_list logical = {.item_size = sizeof(struct sva_tensor)};
    struct sva_packed_set *const set = sva_calloc(1, sizeof *set);
    finder.used = sva_calloc(parts->tensors.count, sizeof *finder.used);
    finder.uses = sva_calloc(parts->tensors.count, sizeof *finder.uses);
    enum sva_status status = SVA_OK;
    if (set == NULL || finder.used == NULL || finder.uses == NULL) {
        status = sva_fail_memory(error, "putting quantised tensors together");
    } else {
        status = find_all(&finder, set, &candidates, &logical);
    }
    if (status == SVA_OK && logical.count > 0) {
        replace_tensors(&finder, &logical);
    }
    sva_list_done(&candidates);
    sva_list_done(&logical);
    sva_free(finder.uses);
    sva_free(finder.used);
    sva_free(set);
    return status;
}

const struct sva_packed_part *sva_packing_parts(const struct sva_packing *packing, size_t *count)
{
    *count = packing->part_count;
    return packing->parts;
}
