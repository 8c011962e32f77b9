/* SPDX-License-Identifier: Apache-2.0 */
#include "report/layer_map_json.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"

/** The most that values which are not equal may show as: 1 is for equal ones. */
#define NOT_EQUAL 0.9999

struct cell {
    double sum, weight; /**< agreement times parameters, parameters */
};

struct grid {
    struct cell *cells; /**< [SVA_ROLE_COUNT][columns] */
    size_t columns;
    bool cut; /**< layers beyond the last column */
};

static bool is_shown(const struct sva_print_tensor *tensor, const char *component,
                     const struct sva_print *subject)
{
    return tensor->inert == 0 && tensor->element_count > 0 && !tensor->bias &&
           tensor->component < subject->component_count &&
           strcmp(subject->components[tensor->component].name, component) == 0;
}

/** Gains and the like: too short to be tested by themselves, they count where they are equal. */
static bool is_vector(const struct sva_print_tensor *tensor)
{
    return tensor->vector_length > 0;
}

/** Column of a tensor: 0 outside of layers, else 1 + layer. */
static size_t column_of(const struct sva_print_tensor *tensor)
{
    return tensor->layer < 0 ? 0 : (size_t)tensor->layer + 1;
}

static void size_grid(struct grid *grid, const struct sva_print *subject, const char *component)
{
    grid->columns = 1;
    for (size_t i = 0; i < subject->tensor_count; i++) {
        const size_t column = column_of(&subject->tensors[i]);
        if (!is_shown(&subject->tensors[i], component, subject)) {
            continue;
        }
        grid->cut = grid->cut || column >= SVA_LAYER_MAP_COLUMNS;
        if (column < SVA_LAYER_MAP_COLUMNS && column >= grid->columns) {
            grid->columns = column + 1;
        }
    }
}

static struct cell *cell_of(const struct grid *grid, const struct sva_print_tensor *tensor)
{
    const size_t column = column_of(tensor);
    return column < grid->columns && tensor->role < SVA_ROLE_COUNT
               ? &grid->cells[(size_t)tensor->role * grid->columns + column]
               : NULL;
}

static void fill_grid(const struct grid *grid, const struct sva_print *subject,
                      const struct sva_component_result *result)
{
    for (size_t i = 0; i < subject->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &subject->tensors[i];
        struct cell *cell = is_shown(tensor, result->name, subject) ? cell_of(grid, tensor) : NULL;
        const bool unread = result->unread != NULL && result->unread[i];
        if (cell != NULL && !is_vector(tensor) && !unread) {
            cell->weight += (double)tensor->element_count;
        }
    }
    for (size_t i = 0; i < result->match_count; i++) {
        const struct sva_tensor_match *match = &result->matches[i];
        const struct sva_print_tensor *tensor = &subject->tensors[match->subject_tensor];
        struct cell *cell = is_shown(tensor, result->name, subject) ? cell_of(grid, tensor) : NULL;
        const double rows = isfinite(match->shared_row_share) ? match->shared_row_share : 0.0;
        const double rho = isfinite(match->rho) ? fabs(match->rho) : rows;
        const double agreement = match->same_values ? 1.0 : fmin(fmax(rho, 0.0), NOT_EQUAL);
        if (cell != NULL) {
            cell->sum += agreement * (double)tensor->element_count;
            cell->weight += is_vector(tensor) ? (double)tensor->element_count : 0.0;
        }
    }
}

static void put_row(struct sva_writer *json, const struct grid *grid, size_t role)
{
    const struct cell *cells = &grid->cells[role * grid->columns];
    bool any = false;
    for (size_t i = 0; i < grid->columns; i++) {
        any = any || cells[i].weight > 0.0;
    }
    if (!any) {
        return;
    }
    sva_writer_object(json, NULL);
    sva_writer_text(json, "role", sva_role_name((enum sva_role)role));
    sva_writer_array(json, "values");
    for (size_t i = 0; i < grid->columns; i++) {
        const double mean = cells[i].sum / cells[i].weight;
        sva_writer_number(json, NULL, cells[i].weight > 0.0 ? fmin(mean, 1.0) : (double)NAN);
    }
    sva_writer_array_end(json);
    sva_writer_object_end(json);
}

void sva_layer_map_json(struct sva_writer *json, const struct sva_print *subject,
                        const struct sva_component_result *result)
{
    struct grid grid = {.cells = NULL};
    if (result->answer > SVA_ANSWER_DEPENDENT_UNEXPLAINED) {
        sva_writer_null(json, "layer_map");
        return;
    }
    size_grid(&grid, subject, result->name);
    grid.cells = sva_calloc(SVA_ROLE_COUNT * grid.columns, sizeof *grid.cells);
    if (grid.cells == NULL) {
        json->bytes.failed = true;
        sva_writer_null(json, "layer_map");
        return;
    }
    fill_grid(&grid, subject, result);
    sva_writer_object(json, "layer_map");
    sva_writer_bool(json, "cut", grid.cut);
    sva_writer_array(json, "rows");
    for (size_t role = 0; role < SVA_ROLE_COUNT; role++) {
        put_row(json, &grid, role);
    }
    sva_writer_array_end(json);
    sva_writer_object_end(json);
    sva_free(grid.cells);
}
