/* SPDX-License-Identifier: Apache-2.0 */
#include "model/hidden_shapes.h"

#include <stdlib.h>

#include "base/fail.h"

enum {
    NEURONS_LEAST = 64, /**< shorter axes are heads, ranks, channels */
    SHAPES_MOST = 256,  /**< a network of more shapes is no stack of equal layers */
    LAYERS_LEAST = 2
};

/** A matrix that names say nothing about. */
struct unnamed {
    uint32_t component;
    uint64_t n[2];
    size_t view;
};

/** Matrices of one shape in one component. */
struct shape_group {
    const struct unnamed *first;
    size_t count;
};

static int by_number(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int by_shape(const void *a, const void *b)
{
    const struct unnamed *left = a;
    const struct unnamed *right = b;
    const int component = by_number(left->component, right->component);
    const int rows = by_number(left->n[0], right->n[0]);
    const int columns = by_number(left->n[1], right->n[1]);
    return component != 0 ? component
           : rows != 0    ? rows
           : columns != 0 ? columns
                          : by_number(left->view, right->view);
}

static bool is_unnamed_matrix(const struct sva_parts *parts, const struct sva_view *view)
{
    const struct sva_component *components = parts->components.items;
    return components[view->component].kind == SVA_COMPONENT_GENERIC && !view->bias &&
           view->n[2] == 1 && view->n[0] > 1 && view->n[1] > 1;
}

/** The matrices of a component, shape by shape; SHAPES_MOST at most. */
static size_t group_shapes(const struct unnamed *list, size_t count,
                           struct shape_group groups[SHAPES_MOST])
{
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        const bool again =
            i > 0 && list[i].n[0] == list[i - 1].n[0] && list[i].n[1] == list[i - 1].n[1];
        if (again) {
            groups[used - 1].count++;
        } else if (used == SHAPES_MOST) {
            return 0;
        } else {
            groups[used++] = (struct shape_group){&list[i], 1};
        }
    }
    return used;
}

/** How many matrices have an axis of this length. */
static size_t with_length(const struct shape_group *groups, size_t count, uint64_t length)
{
    size_t total = 0;
    for (size_t g = 0; g < count; g++) {
        total += groups[g].first->n[0] == length || groups[g].first->n[1] == length
                     ? groups[g].count
                     : 0;
    }
    return total;
}

/** Matrices of the turned shape. */
static size_t turned_count(const struct shape_group *groups, size_t count,
                           const struct shape_group *group)
{
    for (size_t g = 0; g < count; g++) {
        if (groups[g].first->n[0] == group->first->n[1] &&
            groups[g].first->n[1] == group->first->n[0]) {
            return groups[g].count;
        }
    }
    return 0;
}

/** Which axis of this shape seems to hold hidden neurons; -1: none, or the turned shape says more.
 */
static int neuron_axis(const struct shape_group *groups, size_t count,
                       const struct shape_group *group)
{
    const uint64_t *n = group->first->n;
    const size_t turned = turned_count(groups, count, group);
    if (n[0] == n[1] || turned < LAYERS_LEAST || group->count < LAYERS_LEAST) {
        return -1;
    }
    const size_t rows = with_length(groups, count, n[0]);
    const size_t columns = with_length(groups, count, n[1]);
    const bool wider = rows == columns && n[0] > n[1];
    const int axis = rows < columns || wider ? 0 : 1;
    /* as many both ways: rows, which are read in one piece */
    const bool preferred = group->count > turned || (group->count == turned && axis == 0);
    return preferred && n[axis] >= NEURONS_LEAST ? axis : -1;
}

static void mark(struct sva_view *views, const struct shape_group *group, int axis)
{
    const size_t most = group->count < SVA_GUESSED_MOST ? group->count : SVA_GUESSED_MOST;
    for (size_t i = 0; i < most; i++) {
        views[group->first[i * group->count / most].view].guessed_neurons =
            axis == 0 ? SVA_GUESSED_ROWS : SVA_GUESSED_COLUMNS;
    }
}

static void guess_component(struct sva_view *views, const struct unnamed *list, size_t count)
{
    struct shape_group groups[SHAPES_MOST];
    const size_t used = group_shapes(list, count, groups);
    for (size_t g = 0; g < used; g++) {
        const int axis = neuron_axis(groups, used, &groups[g]);
        if (axis >= 0) {
            mark(views, &groups[g], axis);
        }
    }
}

enum sva_status sva_guess_hidden(struct sva_parts *parts, struct sva_error *error)
{
    struct sva_view *views = parts->views.items;
    struct unnamed *list = sva_calloc(parts->views.count + 1, sizeof *list);
    size_t count = 0;
    if (list == NULL) {
        return sva_fail_memory(error, "looking for hidden layers");
    }
    for (size_t i = 0; i < parts->views.count; i++) {
        if (is_unnamed_matrix(parts, &views[i])) {
            list[count++] = (struct unnamed){views[i].component, {views[i].n[0], views[i].n[1]}, i};
        }
    }
    qsort(list, count, sizeof *list, by_shape);
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && list[to].component == list[from].component; to++) {
        }
        guess_component(views, list + from, to - from);
    }
    sva_free(list);
    return SVA_OK;
}
