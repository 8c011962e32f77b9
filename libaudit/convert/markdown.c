/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/formats.h"

/** Text of a table cell: what Markdown or HTML would read as markup is escaped, lines are joined.
 */
static void put_cell(struct sva_bytes *out, const char *text)
{
    for (; *text != '\0'; text++) {
        const char byte = *text;
        if (byte == '<' || byte == '>' || byte == '&') {
            sva_bytes_text(out, byte == '<' ? "&lt;" : byte == '>' ? "&gt;" : "&amp;");
        } else if (byte == '\n' || byte == '\r') {
            sva_bytes_append(out, " ", 1);
        } else {
            const bool mark = byte == '|' || byte == '*' || byte == '_' || byte == '`' ||
                              byte == '[' || byte == ']' || byte == '\\';
            sva_bytes_printf(out, mark ? "\\%c" : "%c", byte);
        }
    }
}

static void put_rules(struct sva_bytes *out, const cJSON *report)
{
    const cJSON *rule = NULL;
    sva_bytes_text(out, "\n| Rule | Result |\n|---|---|\n");
    cJSON_ArrayForEach(rule, sva_document_at(report, "rules"))
    {
        sva_bytes_text(out, "| ");
        put_cell(out, sva_document_text(rule, "id"));
        sva_bytes_text(out, " | ");
        put_cell(out, sva_document_text(rule, "verdict"));
        sva_bytes_text(out, " |\n");
    }
}

enum sva_status sva_render_markdown(const cJSON *report, const struct sva_render_options *options,
                                    struct sva_bytes *out, struct sva_error *error)
{
    (void)options;
    (void)error;
    sva_bytes_text(out, "## sovaudit: ");
    put_cell(out, sva_document_text(report, "verdict"));
    sva_bytes_text(out, "\n");
    put_rules(out, report);
    return SVA_OK;
}
