/* SPDX-License-Identifier: Apache-2.0 */
#include "fingerprint/quick_plan.h"

#include <stdlib.h>

#include "base/memory.h"
#include "fingerprint/gram.h"
#include "fingerprint/sketch.h"
#include "fingerprint/view_scan.h"
#include "kernel/dtype.h"

enum {
    PAGE_BYTES = 4096, /* what a short read takes from a disk */
    ACROSS_SHARE = 8,  /* of the lines that a sketch across them may take, at most */
    VECTOR_BYTES_MOST = 1 << 20,
    EXPERTS_READ = 8,  /* as many as the tests look at */
    LAYERS_ALWAYS = 2, /* an even and an odd one */
    LAYERS_MOST = 1 << 16
};

/** A run of `order`: the views of one layer of one component. */
struct layer_views {
    uint32_t component;
    int32_t layer;
    size_t first, count;
};

struct planning {
    const struct sva_model *model;
    struct sva_quick_plan *plan;
    uint64_t budget;
    uint64_t *costs;            /* [view_count] bytes, of the level that it has */
    size_t *order;              /* [view_count] views by component and layer */
    struct layer_views *layers; /* in the order that they are read in */
    size_t layer_count;
    size_t *by_size;    /* [tensor_count] smallest first */
    size_t *first_view; /* [tensor_count + 1] */
};

static const struct sva_tensor *tensor_of(const struct planning *work, size_t view)
{
    return &work->model->tensors[work->model->views[view].tensor];
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/** Can single lines be read? What is packed or scattered is read whole or not at all. */
static bool has_readable_lines(const struct sva_tensor *tensor, const struct sva_view *view,
                               int *line_axis)
{
    const struct sva_dtype_info *const info = sva_dtype_get(tensor->dtype);
    return tensor->packing == NULL && info->decodable && info->block_elements > 0 &&
           sva_view_has_lines(view, line_axis) && view->n[*line_axis] >= 2 &&
           (view->n[0] > 1 || view->n[2] > 1);
}

static uint64_t line_bytes(const struct sva_tensor *tensor, const struct sva_view *view, int axis)
{
    const struct sva_dtype_info *const info = sva_dtype_get(tensor->dtype);
    const uint64_t length = axis == 0 ? view->n[1] * view->n[2] : view->n[0];
    return (length + info->block_elements - 1) / info->block_elements * info->block_bytes;
}

bool sva_quick_takes_across(const struct sva_view *view, int line_axis)
{
    return sva_kept_count(view->n[line_axis], view->axis[line_axis]) <=
           view->n[line_axis] / ACROSS_SHARE;
}

/** Lines that a level takes; those that two purposes share count twice. */
static uint64_t lines_of(const struct sva_view *view, int axis, enum sva_quick_level level)
{
    uint64_t lines = view->expert >= EXPERTS_READ ? 0
                     : axis == 0                  ? SVA_SAMPLE_ROWS
                                                  : SVA_SAMPLE_COLUMNS;
    if (level >= SVA_QUICK_ALONG && sva_kept_count(view->n[1 - axis], view->axis[1 - axis]) > 0) {
        lines += SVA_SLICES;
    }
    if (level >= SVA_QUICK_ALONG &&
        (view->role == SVA_ROLE_EMBED_TOKENS || view->role == SVA_ROLE_OUTPUT_HEAD)) {
        lines += SVA_FREQUENT_TOKENS;
    }
    if (level >= SVA_QUICK_BOTH && sva_quick_takes_across(view, axis)) {
        lines += sva_kept_count(view->n[axis], view->axis[axis]);
    }
    if (level >= SVA_QUICK_BOTH && view->axis[axis] == SVA_AXIS_NEURON) {
        lines += (uint64_t)SVA_GRAM_BLOCKS_MOST * SVA_GRAM_UNITS;
    }
    return smaller(lines, view->n[axis]);
}

/** Bytes of a level; `*level` becomes WHOLE where little would be left out. */
static uint64_t cost_of(const struct planning *work, size_t index, enum sva_quick_level *level)
{
    const struct sva_view *const view = &work->model->views[index];
    const struct sva_tensor *const tensor = tensor_of(work, index);
    const size_t views = work->first_view[view->tensor + 1] - work->first_view[view->tensor];
    int axis;
    if (*level == SVA_QUICK_NOTHING) {
        return 0;
    }
    if (*level == SVA_QUICK_WHOLE || !has_readable_lines(tensor, view, &axis)) {
        *level = SVA_QUICK_WHOLE;
        return tensor->size_bytes / (views == 0 ? 1 : views);
    }
    const uint64_t bytes = line_bytes(tensor, view, axis);
    const uint64_t corner = *level < SVA_QUICK_ALONG
                                ? 0
                                : smaller(bytes, PAGE_BYTES) * smaller(SVA_CORNER, view->n[axis]);
    const uint64_t cost = lines_of(view, axis, *level) * bytes + corner;
    if (views == 1 && cost >= tensor->size_bytes / 4 * 3) {
        *level = SVA_QUICK_WHOLE;
        return tensor->size_bytes;
    }
    return cost;
}

static uint64_t rise_of(const struct planning *work, size_t view, enum sva_quick_level level)
{
    const uint64_t cost = cost_of(work, view, &level);
    return level > work->plan->levels[view] && cost > work->costs[view] ? cost - work->costs[view]
                                                                        : 0;
}

static void raise_level(struct planning *work, size_t view, enum sva_quick_level level)
{
    const uint64_t cost = cost_of(work, view, &level);
    if (level > work->plan->levels[view]) {
        work->plan->bytes += cost > work->costs[view] ? cost - work->costs[view] : 0;
        work->costs[view] = cost > work->costs[view] ? cost : work->costs[view];
        work->plan->levels[view] = (uint8_t)level;
    }
}

static bool fits(const struct planning *work, uint64_t more, uint64_t budget)
{
    return work->plan->bytes <= budget && more <= budget - work->plan->bytes;
}

static void read_whole(struct planning *work, size_t tensor)
{
    for (size_t v = work->first_view[tensor]; v < work->first_view[tensor + 1]; v++) {
        raise_level(work, v, SVA_QUICK_WHOLE);
    }
}

static bool is_vector(const struct sva_view *view)
{
    return view->n[0] == 1 && view->n[2] == 1;
}

/** Vectors and small tensors, whatever the budget says. */
static void take_small(struct planning *work)
{
    for (size_t t = 0; t < work->model->tensor_count; t++) {
        const uint64_t size = work->model->tensors[t].size_bytes;
        bool vectors = size <= VECTOR_BYTES_MOST;
        bool looked_at = false; /* of very many experts the tests look at the first ones */
        for (size_t v = work->first_view[t]; v < work->first_view[t + 1]; v++) {
            vectors = vectors && is_vector(&work->model->views[v]);
            looked_at = looked_at || work->model->views[v].expert < EXPERTS_READ;
        }
        if (vectors || (looked_at && size <= smaller(SVA_QUICK_SMALL_BYTES, work->budget))) {
            read_whole(work, t);
        }
    }
}

static void take_samples(struct planning *work)
{
    for (size_t i = 0; i < work->model->view_count; i++) {
        const size_t view = work->order[i];
        int axis;
        if (work->model->views[view].expert < EXPERTS_READ &&
            has_readable_lines(tensor_of(work, view), &work->model->views[view], &axis) &&
            fits(work, rise_of(work, view, SVA_QUICK_SAMPLES), work->budget / 2)) {
            raise_level(work, view, SVA_QUICK_SAMPLES);
        }
    }
}

/** Outside layers: embeddings, heads, projectors. */
static void take_ends(struct planning *work)
{
    for (size_t view = 0; view < work->model->view_count; view++) {
        const struct sva_view *const one = &work->model->views[view];
        if (one->layer < 0 && one->role != SVA_ROLE_UNKNOWN &&
            fits(work, rise_of(work, view, SVA_QUICK_BOTH), work->budget / 4 * 3)) {
            raise_level(work, view, SVA_QUICK_BOTH);
        }
    }
}

static bool is_key(const struct sva_view *view)
{
    return view->layer >= 0 && !view->bias &&
           (view->role == SVA_ROLE_ATTN_K || view->role == SVA_ROLE_ATTN_KV_A);
}

/** A layer map that lacks layers would tell of layers that are absent: all keys or none. */
static void take_keys(struct planning *work)
{
    const struct sva_view *const views = work->model->views;
    const size_t count = work->model->view_count;
    for (size_t first = 0, end = 0; first < count; first = end) {
        const uint32_t component = views[work->order[first]].component;
        uint64_t more = 0;
        for (end = first; end < count && views[work->order[end]].component == component; end++) {
            const size_t view = work->order[end];
            more += is_key(&views[view]) ? rise_of(work, view, SVA_QUICK_ALONG) : 0;
        }
        const bool taken = fits(work, more, work->budget / 4 * 3);
        for (size_t i = first; taken && i < end; i++) {
            if (is_key(&views[work->order[i]])) {
                raise_level(work, work->order[i], SVA_QUICK_ALONG);
            }
        }
    }
}

static bool belongs_to_layer(const struct sva_view *view)
{
    return view->role != SVA_ROLE_UNKNOWN && view->expert < EXPERTS_READ;
}

/** Layers in their order of reading; a component stops at the first that does not fit. */
static void take_layers(struct planning *work, uint32_t *taken, bool *full)
{
    for (size_t l = 0; l < work->layer_count; l++) {
        const struct layer_views *const layer = &work->layers[l];
        uint64_t more = 0;
        for (size_t i = layer->first; i < layer->first + layer->count; i++) {
            const size_t view = work->order[i];
            more += belongs_to_layer(&work->model->views[view])
                        ? rise_of(work, view, SVA_QUICK_BOTH)
                        : 0;
        }
        full[layer->component] =
            full[layer->component] ||
            (taken[layer->component] >= LAYERS_ALWAYS && !fits(work, more, work->budget));
        for (size_t i = layer->first; !full[layer->component] && i < layer->first + layer->count;
             i++) {
            if (belongs_to_layer(&work->model->views[work->order[i]])) {
                raise_level(work, work->order[i], SVA_QUICK_BOTH);
            }
        }
        taken[layer->component] += 1;
    }
}

/** Whole tensors, small ones first: of unknown roles, or all. */
static void take_tensors(struct planning *work, bool unknown, uint64_t budget)
{
    for (size_t i = 0; i < work->model->tensor_count; i++) {
        const size_t tensor = work->by_size[i];
        bool wanted = !unknown;
        uint64_t more = 0;
        for (size_t v = work->first_view[tensor]; v < work->first_view[tensor + 1]; v++) {
            wanted = wanted || work->model->views[v].role == SVA_ROLE_UNKNOWN;
            more += rise_of(work, v, SVA_QUICK_WHOLE);
        }
        if (wanted && fits(work, more, budget)) {
            read_whole(work, tensor);
        }
    }
}

/** A tensor is scanned whole or by lines, never both. */
static void settle_tensors(struct planning *work)
{
    for (size_t t = 0; t < work->model->tensor_count; t++) {
        bool whole = false;
        for (size_t v = work->first_view[t]; v < work->first_view[t + 1]; v++) {
            whole = whole || work->plan->levels[v] == SVA_QUICK_WHOLE;
        }
        if (whole) {
            read_whole(work, t);
        }
    }
}

/* ---- orders ---- */

struct placed {
    uint32_t component;
    int32_t layer;
    size_t view;
};

static int by_place(const void *a, const void *b)
{
    const struct placed *left = a;
    const struct placed *right = b;
    if (left->component != right->component) {
        return left->component < right->component ? -1 : 1;
    }
    if (left->layer != right->layer) {
        return left->layer < right->layer ? -1 : 1;
    }
    return (left->view > right->view) - (left->view < right->view);
}

/** Sorts views by component and layer, and cuts them into layers. */
static bool sort_views(struct planning *work)
{
    const size_t count = work->model->view_count;
    struct placed *placed = sva_calloc(count, sizeof *placed);
    work->order = sva_calloc(count, sizeof *work->order);
    work->layers = sva_calloc(count, sizeof *work->layers);
    if (placed == NULL || work->order == NULL || work->layers == NULL) {
        sva_free(placed);
        return false;
    }
    for (size_t v = 0; v < count; v++) {
        placed[v] =
            (struct placed){work->model->views[v].component, work->model->views[v].layer, v};
    }
    qsort(placed, count, sizeof *placed, by_place);
    for (size_t i = 0; i < count; i++) {
        const struct placed *const one = &placed[i];
        struct layer_views *const last =
            work->layer_count > 0 ? &work->layers[work->layer_count - 1] : NULL;
        work->order[i] = one->view;
        if (one->layer < 0 || one->layer >= LAYERS_MOST) {
            continue;
        }
        if (last != NULL && last->component == one->component && last->layer == one->layer) {
            last->count++;
        } else {
            work->layers[work->layer_count++] =
                (struct layer_views){one->component, one->layer, i, 1};
        }
    }
    sva_free(placed);
    return true;
}

/**
 * Rank of a layer in the order of reading: 16 bits of its number reversed from the component's
 * topmost bit down, so that halves come before quarters; every second step takes the odd layer
 * beside it, because the two halves of a test are the even and the odd layers.
 */
static uint32_t reading_rank(int32_t layer, uint32_t bits)
{
    const uint32_t number = (uint32_t)layer;
    uint32_t reversed = 0;
    for (uint32_t b = 0; b < bits; b++) {
        reversed |= (number >> b & 1u) << (bits - 1 - b);
    }
    if (bits < 2) {
        return reversed;
    }
    /* an odd layer stands in the upper half; it swaps with the even one beside it at odd steps */
    const uint32_t half = 1u << (bits - 1);
    const uint32_t step = reversed & (half - 1);
    const bool early = (step & 1u) == (number & 1u);
    return early ? step : step + half;
}

struct ranked {
    uint32_t rank;
    struct layer_views layer;
};

static int by_rank(const void *a, const void *b)
{
    const struct ranked *left = a;
    const struct ranked *right = b;
    if (left->rank != right->rank) {
        return left->rank < right->rank ? -1 : 1;
    }
    if (left->layer.component != right->layer.component) {
        return left->layer.component < right->layer.component ? -1 : 1;
    }
    return left->layer.layer < right->layer.layer ? -1 : 1;
}

/** Components take turns; within one, halves come before quarters. */
static bool sort_layers(struct planning *work)
{
    struct ranked *ranked = sva_calloc(work->layer_count, sizeof *ranked);
    if (ranked == NULL) {
        return false;
    }
    for (size_t l = 0; l < work->layer_count;) {
        size_t end = l;
        uint32_t bits = 0;
        while (end < work->layer_count &&
               work->layers[end].component == work->layers[l].component) {
            end++;
        }
        while (bits < 16 && (work->layers[end - 1].layer >> bits) != 0) {
            bits++;
        }
        for (; l < end; l++) {
            ranked[l] = (struct ranked){reading_rank(work->layers[l].layer, bits), work->layers[l]};
        }
    }
    qsort(ranked, work->layer_count, sizeof *ranked, by_rank);
    for (size_t l = 0; l < work->layer_count; l++) {
        work->layers[l] = ranked[l].layer;
    }
    sva_free(ranked);
    return true;
}

struct sized {
    uint64_t size;
    size_t tensor;
};

static int by_size(const void *a, const void *b)
{
    const struct sized *left = a;
    const struct sized *right = b;
    if (left->size != right->size) {
        return left->size < right->size ? -1 : 1;
    }
    return (left->tensor > right->tensor) - (left->tensor < right->tensor);
}

static bool sort_tensors(struct planning *work)
{
    const size_t count = work->model->tensor_count;
    struct sized *sized = sva_calloc(count, sizeof *sized);
    work->by_size = sva_calloc(count, sizeof *work->by_size);
    work->first_view = sva_calloc(count + 1, sizeof *work->first_view);
    if (sized == NULL || work->by_size == NULL || work->first_view == NULL) {
        sva_free(sized);
        return false;
    }
    size_t view = 0;
    for (size_t t = 0; t < count; t++) {
        sized[t] = (struct sized){work->model->tensors[t].size_bytes, t};
        work->first_view[t] = view;
        while (view < work->model->view_count && work->model->views[view].tensor == t) {
            view++;
        }
    }
    work->first_view[count] = view;
    qsort(sized, count, sizeof *sized, by_size);
    for (size_t t = 0; t < count; t++) {
        work->by_size[t] = sized[t].tensor;
    }
    sva_free(sized);
    return true;
}

static uint64_t share_of(const struct sva_model *model)
{
    uint64_t total = 0;
    for (size_t t = 0; t < model->tensor_count; t++) {
        total += model->tensors[t].size_bytes;
    }
    const uint64_t share = total / SVA_QUICK_SHARE;
    return share < SVA_QUICK_LEAST_BYTES ? SVA_QUICK_LEAST_BYTES : share;
}

static bool make_plan(struct planning *work)
{
    const size_t components = work->model->component_count;
    uint32_t *taken = sva_calloc(components, sizeof *taken);
    bool *full = sva_calloc(components, sizeof *full);
    const bool ok = taken != NULL && full != NULL;
    if (ok) {
        take_small(work);
        take_samples(work);
        take_ends(work);
        take_keys(work);
        take_layers(work, taken, full);
        take_tensors(work, true, work->budget);
        take_tensors(work, false, smaller(work->budget, SVA_QUICK_LEAST_BYTES));
        settle_tensors(work);
    }
    sva_free(taken);
    sva_free(full);
    return ok;
}

bool sva_quick_plan_init(struct sva_quick_plan *plan, const struct sva_model *model,
                         uint64_t budget_bytes)
{
    *plan = (struct sva_quick_plan){.bytes = 0};
    struct planning work = {
        .model = model, .plan = plan, .budget = budget_bytes > 0 ? budget_bytes : share_of(model)};
    plan->levels = sva_calloc(model->view_count, sizeof *plan->levels);
    work.costs = sva_calloc(model->view_count, sizeof *work.costs);
    const bool ok = plan->levels != NULL && work.costs != NULL && sort_tensors(&work) &&
                    sort_views(&work) && sort_layers(&work) && make_plan(&work);
    sva_free(work.costs);
    sva_free(work.order);
    sva_free(work.layers);
    sva_free(work.by_size);
    sva_free(work.first_view);
    if (!ok) {
        sva_quick_plan_done(plan);
    }
    return ok;
}

void sva_quick_plan_done(struct sva_quick_plan *plan)
{
    sva_free(plan->levels);
    *plan = (struct sva_quick_plan){.bytes = 0};
}
