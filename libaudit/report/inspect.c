/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is inside a model, as JSON and as text: files, components, dtypes, facts, findings, tensors.
 * A pure function of the model; one line per item, so that two outputs can be compared with diff.
 */
#include <sovaudit/report.h>

#include <string.h>

#include "base/fail.h"
#include "base/memory.h"
#include "base/text.h"
#include "model/packing.h"
#include "report/census.h"
#include "report/columns.h"
#include "report/finding_sentence.h"
#include "report/inspect_declared.h"
#include "report/inspect_known.h"
#include "report/labels.h"

/* -- shared ----------------------------------------------------------------------------------- */

static enum sva_status hand_over(struct sva_bytes *out, char **text, size_t *size_bytes,
                                 struct sva_error *error)
{
    if (out->failed || out->data == NULL) {
        sva_bytes_done(out);
        return sva_fail_memory(error, "writing what a model holds");
    }
    *text = (char *)out->data;
    *size_bytes = out->size;
    return SVA_OK;
}

static void shape_text(const struct sva_tensor *tensor, struct sva_bytes *out,
                       const char *separator)
{
    sva_bytes_text(out, "[");
    for (uint32_t d = 0; d < tensor->rank; d++) {
        sva_bytes_printf(out, "%s%llu", d == 0 ? "" : separator,
                         (unsigned long long)tensor->shape[d]);
    }
    sva_bytes_text(out, "]");
}

/** Views [first, end) of the tensor; they follow each other in tensor order. */
static size_t views_end(const struct sva_model *model, size_t first, size_t tensor)
{
    while (first < model->view_count && model->views[first].tensor == tensor) {
        first++;
    }
    return first;
}

/* -- JSON ------------------------------------------------------------------------------------- */

static void json_text(struct sva_bytes *out, const char *key, const char *value)
{
    sva_bytes_printf(out, "\"%s\": ", key);
    if (value == NULL) {
        sva_bytes_text(out, "null");
    } else {
        sva_bytes_json_string(out, value, strlen(value));
    }
}

static void json_files(const struct sva_model *model, struct sva_bytes *out)
{
    sva_bytes_text(out, "  \"files\": [");
    for (size_t i = 0; i < model->file_count; i++) {
        const struct sva_file *const file = &model->files[i];
        sva_bytes_text(out, i == 0 ? "\n    {" : ",\n    {");
        json_text(out, "blob_digest", file->blob_digest);
        sva_bytes_printf(out, ", \"bytes\": %llu, ", (unsigned long long)file->size_bytes);
        json_text(out, "kind", sva_file_kind_name(file->kind));
        sva_bytes_text(out, ", ");
        json_text(out, "path", file->path);
        sva_bytes_text(out, "}");
    }
    sva_bytes_text(out, "\n  ],\n");
}

static void json_findings(const struct sva_model *model, struct sva_bytes *out)
{
    sva_bytes_text(out, "  \"findings\": [");
    for (size_t i = 0; i < model->finding_count; i++) {
        sva_bytes_text(out, i == 0 ? "\n    {" : ",\n    {");
        json_text(out, "code", model->findings[i].code);
        sva_bytes_text(out, ", ");
        json_text(out, "file", model->findings[i].file);
        sva_bytes_text(out, ", ");
        json_text(out, "text", model->findings[i].text);
        sva_bytes_text(out, "}");
    }
    sva_bytes_text(out, model->finding_count == 0 ? "],\n" : "\n  ],\n");
}

static void json_facts(const struct sva_model *model, struct sva_bytes *out)
{
    sva_bytes_text(out, "  \"facts\": {");
    for (size_t i = 0; i < model->fact_count; i++) {
        sva_bytes_text(out, i == 0 ? "\n    " : ",\n    ");
        sva_bytes_json_string(out, model->facts[i].key, strlen(model->facts[i].key));
        sva_bytes_text(out, ": ");
        sva_bytes_json_string(out, model->facts[i].value, strlen(model->facts[i].value));
    }
    sva_bytes_text(out, model->fact_count == 0 ? "},\n" : "\n  },\n");
}

static void json_components(const struct sva_model *model, struct sva_bytes *out)
{
    sva_bytes_text(out, "  \"components\": [");
    for (size_t i = 0; i < model->component_count; i++) {
        const struct sva_component *const component = &model->components[i];
        sva_bytes_text(out, i == 0 ? "\n    {" : ",\n    {");
        json_text(out, "kind", sva_component_kind_name(component->kind));
        sva_bytes_text(out, ", ");
        json_text(out, "labelled_why", component->labelled_why);
        sva_bytes_printf(out, ", \"layers\": %u, ", component->layer_count);
        json_text(out, "name", component->name);
        sva_bytes_printf(out, ", \"parameters\": %llu, \"residual_labelled\": %s, \"width\": %llu}",
                         (unsigned long long)component->parameter_count,
                         component->residual_labelled ? "true" : "false",
                         (unsigned long long)component->width);
    }
    sva_bytes_text(out, "\n  ],\n");
}

static void json_dtypes(const struct sva_model *model, struct sva_bytes *out)
{
    struct sva_census census;
    sva_census_take(model, &census);
    sva_bytes_text(out, "  \"dtypes\": [");
    for (size_t i = 0; i < census.count; i++) {
        const struct sva_census_row *const row = &census.rows[i];
        sva_bytes_printf(out, "%s\n    {\"bytes\": %llu, ", i == 0 ? "" : ",",
                         (unsigned long long)row->bytes);
        json_text(out, "dtype", sva_dtype_name(row->dtype));
        sva_bytes_text(out, ", ");
        json_text(out, "form", row->form);
        sva_bytes_printf(out, ", \"parameters\": %llu, \"tensors\": %llu}",
                         (unsigned long long)row->parameters, (unsigned long long)row->tensors);
    }
    sva_bytes_text(out, "\n  ],\n");
}

static void json_sizes(const struct sva_model *model, struct sva_bytes *out)
{
    struct sva_census census;
    sva_census_take(model, &census);
    const char *const unclaimed = sva_model_fact(model, "weights.unclaimed_bytes");
    sva_bytes_printf(out,
                     "  \"sizes\": {\"as_bf16_bytes\": %llu, \"parameters\": %llu, "
                     "\"stored_bytes\": %llu, \"unclaimed_bytes\": %s},\n",
                     (unsigned long long)census.parameters * 2,
                     (unsigned long long)census.parameters, (unsigned long long)census.bytes,
                     unclaimed != NULL ? unclaimed : "0");
}

/** The stored tensors behind a packed one. */
static void json_packed(const struct sva_model *model, const struct sva_tensor *tensor,
                        struct sva_bytes *out)
{
    size_t count = 0;
    const struct sva_packed_part *const parts =
        tensor->packing == NULL ? NULL : sva_packing_parts(tensor->packing, &count);
    if (count == 0) {
        return;
    }
    sva_bytes_text(out, ", \"stored_as\": [");
    for (size_t i = 0; i < count; i++) {
        const struct sva_tensor *const stored = &parts[i].stored;
        sva_bytes_text(out, i == 0 ? "{" : ", {");
        json_text(out, "dtype", sva_dtype_name(stored->dtype));
        sva_bytes_text(out, ", ");
        json_text(out, "file", model->files[stored->file].path);
        sva_bytes_text(out, ", \"name\": ");
        sva_bytes_json_string(out, stored->name, stored->name_bytes);
        sva_bytes_text(out, ", ");
        json_text(out, "role", parts[i].role);
        sva_bytes_text(out, ", \"shape\": ");
        shape_text(stored, out, ", ");
        sva_bytes_text(out, "}");
    }
    sva_bytes_text(out, "]");
}

static void json_view(const struct sva_model *model, const struct sva_view *view,
                      struct sva_bytes *out)
{
    sva_bytes_printf(out, "{\"bias\": %s, ", view->bias ? "true" : "false");
    json_text(out, "component", model->components[view->component].name);
    sva_bytes_printf(out, ", \"expert\": %d, \"layer\": %d, \"n\": [%llu, %llu, %llu], ",
                     view->expert, view->layer, (unsigned long long)view->n[0],
                     (unsigned long long)view->n[1], (unsigned long long)view->n[2]);
    json_text(out, "part", view->part);
    sva_bytes_text(out, ", ");
    json_text(out, "role", sva_role_name(view->role));
    sva_bytes_text(out, "}");
}

static void json_tensors(const struct sva_model *model, struct sva_bytes *out)
{
    size_t view = 0;
    sva_bytes_text(out, "  \"tensors\": [");
    for (size_t i = 0; i < model->tensor_count; i++) {
        const struct sva_tensor *const tensor = &model->tensors[i];
        sva_bytes_text(out, i == 0 ? "\n    {" : ",\n    {");
        json_text(out, "dtype", sva_dtype_name(tensor->dtype));
        sva_bytes_text(out, ", ");
        json_text(out, "file", model->files[tensor->file].path);
        sva_bytes_text(out, ", ");
        json_text(out, "form", tensor->form);
        sva_bytes_text(out, ", \"name\": ");
        sva_bytes_json_string(out, tensor->name, tensor->name_bytes);
        sva_bytes_text(out, ", \"shape\": ");
        shape_text(tensor, out, ", ");
        json_packed(model, tensor, out);
        sva_bytes_text(out, ", \"views\": [");
        const size_t end = views_end(model, view, i);
        for (size_t v = view; v < end; v++) {
            sva_bytes_text(out, v == view ? "" : ", ");
            json_view(model, &model->views[v], out);
        }
        sva_bytes_text(out, "]}");
        view = end;
    }
    sva_bytes_text(out, "\n  ]\n}\n");
}

enum sva_status sva_inspect_json(const struct sva_model *model,
                                 const struct sva_knowledge *knowledge, char **text,
                                 size_t *size_bytes, struct sva_error *error)
{
    struct sva_bytes out = {0};
    sva_bytes_text(&out, "{\n");
    json_components(model, &out);
    sva_inspect_declared_json(knowledge, &out);
    json_dtypes(model, &out);
    json_facts(model, &out);
    json_files(model, &out);
    json_findings(model, &out);
    sva_inspect_known_json(knowledge, &out);
    sva_bytes_text(&out, "  ");
    json_text(&out, "name", model->name);
    sva_bytes_text(&out, ",\n  \"schema\": \"sovaudit-inspect-1\",\n");
    json_sizes(model, &out);
    json_tensors(model, &out);
    return hand_over(&out, text, size_bytes, error);
}

/* -- text ------------------------------------------------------------------------------------- */

enum label {
    LABEL_MODEL,
    LABEL_COMPONENTS,
    LABEL_DTYPES,
    LABEL_FACTS,
    LABEL_FILES,
    LABEL_FINDINGS,
    LABEL_TENSORS,
    LABEL_COMPONENT_LINE, /**< {0} parameters, {1} layers, {2} width */
    LABEL_DTYPE_LINE,     /**< {0} tensors, {1} parameters, {2} bytes, {3} bits for each */
    LABEL_LABELLED,
    LABEL_NONE,
    LABEL_LAYER,
    LABEL_EXPERT,
    LABEL_BIAS,
    LABEL_TOTAL,
    LABEL_COUNT
};

static const char *const labels[2][LABEL_COUNT] = {
    [SVA_LANG_EN] = {"Model", "Components", "Data types", "Facts", "Files", "Findings", "Tensors",
                     "{0} parameters, layers {1}, width {2}",
                     "{0} tensors, {1} parameters, {2} bytes, {3} bits each",
                     "residual axis labelled", "none", "layer", "expert", "bias", "all"},
    [SVA_LANG_KO] = {"모델", "구성요소", "자료형", "사실", "파일", "확인 사항", "텐서",
                     "매개변수 {0}개, 계층 {1}개, 폭 {2}",
                     "텐서 {0}개, 매개변수 {1}개, {2}바이트, 매개변수당 {3}비트",
                     "잔차 축에 표지가 있음", "없음", "계층", "전문가", "편향", "전체"},
};

struct page {
    struct sva_bytes out;
    const char *const *labels;
    enum sva_lang lang;
    bool colour;
};

/** Any length, escaped in pieces that end between UTF-8 characters. */
static void put_escaped(struct page *page, const char *text, size_t size)
{
    enum { PIECE = 64 };
    char shown[PIECE * 8];
    while (size > 0) {
        size_t piece = size < PIECE ? size : PIECE;
        while (piece < size && piece > 1 && ((unsigned char)text[piece] & 0xc0) == 0x80) {
            piece--;
        }
        sva_bytes_text(&page->out, sva_escape(text, piece, shown, sizeof shown));
        text += piece;
        size -= piece;
    }
}

/** A line of figures; `hundredths` is shown with two decimals. */
static void put_counts(struct page *page, enum label line, uint64_t first, uint64_t second,
                       uint64_t third, uint64_t hundredths)
{
    struct sva_arena arena = {.blocks = NULL};
    const char *const values[] = {sva_arena_printf(&arena, "%llu", (unsigned long long)first),
                                  sva_arena_printf(&arena, "%llu", (unsigned long long)second),
                                  sva_arena_printf(&arena, "%llu", (unsigned long long)third),
                                  sva_arena_printf(&arena, "%llu.%02llu",
                                                   (unsigned long long)hundredths / 100,
                                                   (unsigned long long)hundredths % 100)};
    bool made = true;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        made = made && values[i] != NULL;
    }
    const char *text = made ? sva_label_fill(&arena, page->labels[line], values, 4) : NULL;
    page->out.failed = page->out.failed || text == NULL;
    sva_bytes_text(&page->out, text != NULL ? text : "");
    page->out.failed = page->out.failed || arena.failed;
    sva_arena_done(&arena);
}

static void heading(struct page *page, enum label label, uint64_t count)
{
    sva_bytes_printf(&page->out, "\n%s%s (%llu)%s\n", page->colour ? "\033[1m" : "",
                     page->labels[label], (unsigned long long)count, page->colour ? "\033[0m" : "");
}

static void text_components(struct page *page, const struct sva_model *model)
{
    heading(page, LABEL_COMPONENTS, model->component_count);
    for (size_t i = 0; i < model->component_count; i++) {
        const struct sva_component *const component = &model->components[i];
        sva_bytes_text(&page->out, "  ");
        put_escaped(page, component->name, strlen(component->name));
        sva_bytes_text(&page->out, "  ");
        put_counts(page, LABEL_COMPONENT_LINE, component->parameter_count, component->layer_count,
                   component->width, 0);
        if (component->residual_labelled) {
            sva_bytes_printf(&page->out, " (%s: %s)", page->labels[LABEL_LABELLED],
                             component->labelled_why);
        }
        sva_bytes_text(&page->out, "\n");
    }
}

/** One line for each dtype or stored form; then the whole, when there is more than one. */
static void text_dtypes(struct page *page, const struct sva_model *model)
{
    struct sva_census census;
    sva_census_take(model, &census);
    heading(page, LABEL_DTYPES, census.count);
    size_t width = 12;
    for (size_t i = 0; i < census.count; i++) {
        const char *const form = census.rows[i].form;
        const size_t columns = form == NULL ? 0 : sva_columns_width(form, strlen(form));
        width = columns > width ? columns : width;
    }
    for (size_t i = 0; i <= census.count; i++) {
        const bool whole = i == census.count;
        if (whole && census.count < 2) {
            break;
        }
        const struct sva_census_row all = {
            .tensors = model->tensor_count, .parameters = census.parameters, .bytes = census.bytes};
        const struct sva_census_row *const row = whole ? &all : &census.rows[i];
        const char *const name = whole               ? page->labels[LABEL_TOTAL]
                                 : row->form != NULL ? row->form
                                                     : sva_dtype_name(row->dtype);
        const uint64_t bits = sva_census_bits(row->bytes, row->parameters);
        sva_bytes_text(&page->out, "  ");
        put_escaped(page, name, strlen(name));
        const size_t taken = sva_columns_width(name, strlen(name));
        sva_bytes_printf(&page->out, "%*s ", taken < width ? (int)(width - taken) : 0, "");
        put_counts(page, LABEL_DTYPE_LINE, row->tensors, row->parameters, row->bytes, bits);
        sva_bytes_text(&page->out, "\n");
    }
}

static void text_facts(struct page *page, const struct sva_model *model)
{
    heading(page, LABEL_FACTS, model->fact_count);
    for (size_t i = 0; i < model->fact_count; i++) {
        sva_bytes_text(&page->out, "  ");
        put_escaped(page, model->facts[i].key, strlen(model->facts[i].key));
        sva_bytes_text(&page->out, " = ");
        put_escaped(page, model->facts[i].value, strlen(model->facts[i].value));
        sva_bytes_text(&page->out, "\n");
    }
}

static void text_files(struct page *page, const struct sva_model *model)
{
    heading(page, LABEL_FILES, model->file_count);
    for (size_t i = 0; i < model->file_count; i++) {
        const struct sva_file *const file = &model->files[i];
        sva_bytes_printf(&page->out, "  %-11s %llu  ", sva_file_kind_name(file->kind),
                         (unsigned long long)file->size_bytes);
        put_escaped(page, file->path, strlen(file->path));
        if (file->blob_digest != NULL) {
            sva_bytes_printf(&page->out, "  %s", file->blob_digest);
        }
        sva_bytes_text(&page->out, "\n");
    }
}

static void text_findings(struct page *page, const struct sva_model *model)
{
    struct sva_arena arena = {.blocks = NULL};
    heading(page, LABEL_FINDINGS, model->finding_count);
    for (size_t i = 0; i < model->finding_count; i++) {
        const char *text = sva_finding_sentence(&arena, page->lang, &model->findings[i]);
        page->out.failed = page->out.failed || text == NULL;
        sva_bytes_printf(&page->out, "  %s%s%s: %s\n", page->colour ? "\033[33m" : "",
                         model->findings[i].code, page->colour ? "\033[0m" : "",
                         text != NULL ? text : "");
    }
    page->out.failed = page->out.failed || arena.failed;
    sva_arena_done(&arena);
    if (model->finding_count == 0) {
        sva_bytes_printf(&page->out, "  %s\n", page->labels[LABEL_NONE]);
    }
}

static void text_view(struct page *page, const struct sva_model *model, const struct sva_view *view)
{
    sva_bytes_printf(&page->out, "%s%s", sva_role_name(view->role), view->bias ? " " : "");
    if (view->bias) {
        sva_bytes_text(&page->out, page->labels[LABEL_BIAS]);
    }
    if (view->layer >= 0) {
        sva_bytes_printf(&page->out, ", %s %d", page->labels[LABEL_LAYER], view->layer);
    }
    if (view->expert >= 0) {
        sva_bytes_printf(&page->out, ", %s %d", page->labels[LABEL_EXPERT], view->expert);
    }
    sva_bytes_text(&page->out, ", ");
    put_escaped(page, model->components[view->component].name,
                strlen(model->components[view->component].name));
}

static void text_tensors(struct page *page, const struct sva_model *model)
{
    size_t view = 0;
    heading(page, LABEL_TENSORS, model->tensor_count);
    for (size_t i = 0; i < model->tensor_count; i++) {
        const struct sva_tensor *const tensor = &model->tensors[i];
        const size_t end = views_end(model, view, i);
        sva_bytes_text(&page->out, "  ");
        put_escaped(page, tensor->name, tensor->name_bytes);
        sva_bytes_printf(&page->out, "  %s ", sva_dtype_name(tensor->dtype));
        shape_text(tensor, &page->out, "x");
        if (tensor->form != NULL) {
            sva_bytes_text(&page->out, " (");
            put_escaped(page, tensor->form, strlen(tensor->form));
            sva_bytes_text(&page->out, ")");
        }
        if (end - view == 1) {
            sva_bytes_text(&page->out, "  ");
            text_view(page, model, &model->views[view]);
        }
        sva_bytes_text(&page->out, "\n");
        for (size_t v = view; end - view > 1 && v < end; v++) {
            sva_bytes_printf(&page->out, "    %s: ", model->views[v].part);
            text_view(page, model, &model->views[v]);
            sva_bytes_text(&page->out, "\n");
        }
        view = end;
    }
}

enum sva_status sva_inspect_text(const struct sva_model *model,
                                 const struct sva_knowledge *knowledge, enum sva_lang lang,
                                 bool colour, char **text, size_t *size_bytes,
                                 struct sva_error *error)
{
    struct page page = {.lang = lang,
                        .colour = colour,
                        .labels = labels[lang == SVA_LANG_KO ? SVA_LANG_KO : SVA_LANG_EN]};
    sva_bytes_printf(&page.out, "%s: ", page.labels[LABEL_MODEL]);
    put_escaped(&page, model->name, strlen(model->name));
    sva_bytes_text(&page.out, "\n");
    text_components(&page, model);
    text_dtypes(&page, model);
    sva_inspect_known_text(model, knowledge, lang, colour, &page.out);
    sva_inspect_declared_text(knowledge, lang, colour, &page.out);
    text_facts(&page, model);
    text_files(&page, model);
    text_findings(&page, model);
    text_tensors(&page, model);
    return hand_over(&page.out, text, size_bytes, error);
}
