/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The annex: one row per result, per figure of a component, per test, per matched tensor, per equal
 * tensor or file and per file of the subject, RFC 4180. Spreadsheets run what looks like a formula,
 * so a text that begins like one gets an apostrophe before it; numbers are our own.
 */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "convert/formats.h"
#include "convert/render.h"

enum { DIGITS = 6 };

/** Where a row belongs: the first columns of every row. */
struct row {
    const char *section, *reference, *version, *component, *item, *name;
};

/** Some spreadsheets read the full-width signs as the plain ones. */
static bool begins_formula(const char *text)
{
    static const char *const WIDE[] = {"\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D",
                                       "\xEF\xBC\xA0"};
    bool begins = text[0] != '\0' && strchr("=+-@\t\r\n", text[0]) != NULL;
    for (size_t i = 0; i < sizeof WIDE / sizeof *WIDE; i++) {
        begins = begins || strncmp(text, WIDE[i], 3) == 0;
    }
    return begins;
}

static void put_text(struct sva_bytes *out, const char *text)
{
    const bool formula = begins_formula(text);
    const size_t size = strlen(text);
    sva_bytes_text(out, formula ? "\"'" : "\"");
    for (size_t at = 0, step = 1; at < size; at += step) {
        uint32_t point = 0;
        const size_t length = sva_utf8_sequence((const uint8_t *)text + at, size - at, &point);
        step = length > 0 ? length : 1;
        if (length > 0 && sva_is_deceptive(point) && strchr("\t\r\n", text[at]) == NULL) {
            sva_bytes_printf(out, "\\u{%X}", (unsigned)point); /* as other outputs show it */
            continue;
        }
        sva_bytes_append(out, text + at, step);
        if (text[at] == '"') {
            sva_bytes_text(out, "\"");
        }
    }
    sva_bytes_text(out, "\"");
}

static void put_row(struct sva_bytes *out, const struct row *row)
{
    const char *const texts[] = {row->section,   row->reference, row->version,
                                 row->component, row->item,      row->name};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        put_text(out, texts[i] != NULL ? texts[i] : "");
        sva_bytes_text(out, ",");
    }
}

/** A row that ends with a number, nothing where there is none, and an empty text. */
static void put_number(struct sva_bytes *out, struct row row, const char *name, double value)
{
    row.name = name;
    put_row(out, &row);
    if (isfinite(value)) {
        sva_bytes_json_number(out, value,
                              value == floor(value) && fabs(value) < 1e15 ? 15 : DIGITS);
    }
    sva_bytes_text(out, ",\"\"\r\n");
}

static void put_word(struct sva_bytes *out, struct row row, const char *name, const char *text)
{
    row.name = name;
    put_row(out, &row);
    sva_bytes_text(out, ",");
    put_text(out, text);
    sva_bytes_text(out, "\r\n");
}

/** Every number, word and truth value of an object is a row; lists and objects are left out. */
static void put_members(struct sva_bytes *out, const struct row *row, const cJSON *object)
{
    const cJSON *member = NULL;
    if (!cJSON_IsObject(object)) {
        return;
    }
    cJSON_ArrayForEach(member, object)
    {
        if (out->failed) {
            return;
        }
        if (cJSON_IsNumber(member)) {
            put_number(out, *row, member->string, member->valuedouble);
        } else if (cJSON_IsString(member)) {
            put_word(out, *row, member->string, member->valuestring);
        } else if (cJSON_IsBool(member)) {
            put_word(out, *row, member->string, cJSON_IsTrue(member) ? "true" : "false");
        }
    }
}

static void put_rules(struct sva_bytes *out, const cJSON *report, enum sva_lang lang)
{
    const cJSON *rule = NULL;
    cJSON_ArrayForEach(rule, sva_document_at(report, "rules"))
    {
        const struct row row = {.section = "rule",
                                .reference = sva_document_text(rule, "reference"),
                                .component = sva_document_text(rule, "component"),
                                .item = sva_document_text(rule, "id")};
        put_word(out, row, "verdict", sva_document_text(rule, "verdict"));
        put_word(out, row, "waived", sva_document_bool(rule, "waived") ? "true" : "false");
        put_word(out, row, "detail", sva_render_words(rule, "detail", lang));
    }
}

static void put_component(struct sva_bytes *out, const struct row *place, const cJSON *component)
{
    const cJSON *item = NULL;
    struct row row = *place;
    row.section = "component";
    row.component = sva_document_text(component, "name");
    put_members(out, &row, component);
    row.item = "start";
    put_members(out, &row, sva_document_at(component, "start"));
    row.item = "quantisation";
    put_members(out, &row, sva_document_at(component, "quantisation"));
    row.section = "test";
    cJSON_ArrayForEach(item, sva_document_at(component, "tests"))
    {
        row.item = sva_document_text(item, "id");
        put_members(out, &row, item);
    }
    row.section = "tensor";
    cJSON_ArrayForEach(item, sva_document_at(sva_document_at(component, "matches"), "first"))
    {
        row.item = sva_document_text(item, "subject_tensor");
        put_members(out, &row, item);
    }
}

static void put_comparisons(struct sva_bytes *out, const cJSON *report)
{
    const cJSON *comparison = NULL;
    cJSON_ArrayForEach(comparison, sva_document_at(report, "comparisons"))
    {
        const cJSON *const reference = sva_document_at(comparison, "reference");
        const cJSON *item = NULL;
        struct row row = {.section = "comparison",
                          .reference = sva_document_text(reference, "name"),
                          .version = sva_document_text(reference, "version")};
        put_members(out, &row, comparison);
        row.item = "reference";
        put_members(out, &row, reference);
        row.item = "tokenizer";
        put_members(out, &row, sva_document_at(comparison, "tokenizer"));
        row.section = "control";
        cJSON_ArrayForEach(item, sva_document_at(comparison, "controls"))
        {
            row.item = sva_document_text(item, "id");
            put_members(out, &row, item);
        }
        cJSON_ArrayForEach(item, sva_document_at(comparison, "components"))
        {
            put_component(out, &row, item);
        }
    }
}

/** Lists of objects that are rows of their own: named by `item`. */
static void put_list(struct sva_bytes *out, const cJSON *list, struct row row, const char *item,
                     const char *reference)
{
    const cJSON *entry = NULL;
    cJSON_ArrayForEach(entry, list)
    {
        row.item = sva_document_text(entry, item);
        row.reference = reference != NULL ? sva_document_text(entry, reference) : "";
        put_members(out, &row, entry);
    }
}

enum sva_status sva_render_csv(const cJSON *report, const struct sva_render_options *options,
                               struct sva_bytes *out, struct sva_error *error)
{
    const cJSON *const subject = sva_document_at(report, "subject");
    (void)error;
    sva_bytes_text(out, "section,reference,reference_version,component,item,name,number,text\r\n");
    put_rules(out, report, options->lang);
    put_comparisons(out, report);
    put_list(out, sva_document_at(report, "exact_matches"), (struct row){.section = "equal"},
             "subject_item", "reference");
    put_list(out, sva_document_at(subject, "files"), (struct row){.section = "file"}, "path", NULL);
    put_list(out, sva_document_at(subject, "components"), (struct row){.section = "subject"},
             "name", NULL);
    put_list(out, sva_document_at(subject, "findings"), (struct row){.section = "finding"}, "code",
             NULL);
    return SVA_OK;
}
