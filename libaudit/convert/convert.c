/* SPDX-License-Identifier: Apache-2.0 */
#include <sovaudit/convert.h>

#include <string.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "convert/formats.h"
#include "convert/html_back.h"
#include "convert/render.h"

enum { REPORT_BYTES_MAX = 256 << 20, RENDERING_BYTES_MAX = 1 << 30 };

struct converter {
    const char *name;
    sva_render *render;
    sva_render *trace; /**< of a training run; NULL: there is none */
};

static enum sva_status render_json(const cJSON *report, const struct sva_render_options *options,
                                   struct sva_bytes *out, struct sva_error *error)
{
    (void)report;
    (void)error;
    sva_bytes_append(out, options->json.data, options->json.size);
    return SVA_OK;
}

static const struct converter CONVERTERS[] = {
    {"json", render_json, render_json},
    {"html", sva_render_html, sva_render_trace},
    {"html-both", sva_render_html_both, sva_render_trace_both},
    {"sarif", sva_render_sarif, NULL},
    {"junit", sva_render_junit, NULL},
    {"cyclonedx", sva_render_cyclonedx, NULL},
    {"oscal", sva_render_oscal, NULL},
    {"markdown", sva_render_markdown, NULL},
    {"csv", sva_render_csv, NULL},
};

enum { CONVERTER_COUNT = sizeof CONVERTERS / sizeof *CONVERTERS };

const char *const *sva_convert_formats(void)
{
    static const char *const names[CONVERTER_COUNT + 1] = {
        "json", "html", "html-both", "sarif", "junit", "cyclonedx", "oscal", "markdown", "csv"};
    return names;
}

enum sva_status sva_report_load(const char *path, char **text, size_t *size_bytes,
                                struct sva_error *error)
{
    uint8_t *bytes = NULL;
    enum sva_status status = sva_read_file(path, REPORT_BYTES_MAX, &bytes, size_bytes, error);
    const struct sva_span page = {bytes, *size_bytes};
    if (status == SVA_OK && sva_is_html(page)) {
        uint8_t *json = NULL;
        status = sva_html_back(page, path, &json, size_bytes, error);
        sva_free(bytes);
        bytes = json;
    }
    *text = (char *)bytes;
    return status;
}

static const struct converter *find(const char *format)
{
    for (size_t i = 0; i < CONVERTER_COUNT; i++) {
        if (strcmp(CONVERTERS[i].name, format) == 0) {
            return &CONVERTERS[i];
        }
    }
    return NULL;
}

static enum sva_status render(const struct converter *converter, const cJSON *report,
                              const struct sva_render_options *options, struct sva_bytes *out,
                              struct sva_error *error)
{
    if (!sva_document_is_trace(report)) {
        return converter->render(report, options, out, error);
    }
    return converter->trace != NULL
               ? converter->trace(report, options, out, error)
               : sva_fail(error, SVA_ERR_USAGE,
                          "a report of trace is not written as %s, only as json, html or html-both",
                          converter->name);
}

enum sva_status sva_convert(const char *json, size_t json_bytes, const char *name,
                            const char *format, enum sva_lang lang, char **text, size_t *size_bytes,
                            struct sva_error *error)
{
    const struct converter *converter = find(format);
    cJSON *report = NULL;
    struct sva_bytes out = {.limit = RENDERING_BYTES_MAX};
    const struct sva_render_options options = {.lang = lang,
                                               .json = {(const uint8_t *)json, json_bytes}};
    if (converter == NULL) {
        return sva_fail(error, SVA_ERR_USAGE, "no report format is named \"%s\"",
                        sva_esc(format).text);
    }
    enum sva_status status = sva_document_read_any(options.json, name, &report, error);
    if (status == SVA_OK) {
        status = render(converter, report, &options, &out, error);
    }
    sva_bytes_append(&out, "", 1); /* a NUL that is not counted */
    if (status == SVA_OK && out.failed) {
        status = sva_render_failed(&out, error);
    }
    cJSON_Delete(report);
    if (status != SVA_OK) {
        sva_bytes_done(&out);
        return status;
    }
    *text = (char *)out.data;
    *size_bytes = out.size - 1;
    return SVA_OK;
}
