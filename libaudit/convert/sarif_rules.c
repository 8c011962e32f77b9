/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/sarif.h"

#include <string.h>

const char *sva_sarif_made(struct sva_sarif *sarif, const char *text)
{
    sarif->json.bytes.failed = sarif->json.bytes.failed || text == NULL;
    return text != NULL ? text : "";
}

/**
 * "[text](address)" would be a link and "{0}" the place of an argument (SARIF 3.11.5 and 3.11.6);
 * brackets, and backslashes that would escape something, get a backslash, braces are doubled.
 */
static void put_plain(struct sva_writer *json, const char *key, const char *text)
{
    struct sva_bytes plain = {.data = NULL};
    for (; *text != '\0'; text++) {
        const bool escapes = *text == '\\' && text[1] != '\0' && strchr("[]\\", text[1]) != NULL;
        if (escapes || *text == '[' || *text == ']') {
            sva_bytes_append(&plain, "\\", 1);
        }
        sva_bytes_append(&plain, text, 1);
        if (*text == '{' || *text == '}') {
            sva_bytes_append(&plain, text, 1);
        }
    }
    json->bytes.failed = json->bytes.failed || plain.failed;
    sva_writer_text(json, key, plain.size > 0 && !plain.failed ? (const char *)plain.data : "-");
    sva_bytes_done(&plain);
}

void sva_sarif_message(struct sva_writer *json, const char *key, const char *text)
{
    sva_writer_object(json, key);
    put_plain(json, "text", text);
    sva_writer_object_end(json);
}

static bool known_code(const struct sva_sarif *sarif, const char *code)
{
    return sva_sarif_code_index(sarif, code) < sarif->criterion_count + sarif->code_count;
}

static void find_codes(struct sva_sarif *sarif, const cJSON *findings)
{
    const cJSON *finding = NULL;
    cJSON_ArrayForEach(finding, findings)
    {
        const char *code = sva_document_text(finding, "code");
        if (known_code(sarif, code)) {
            continue;
        }
        if (sarif->code_count < SVA_SARIF_CODES) {
            sarif->codes[sarif->code_count++] = code;
        } else {
            sarif->other_codes = true;
        }
    }
}

void sva_sarif_rules_find(struct sva_sarif *sarif)
{
    const cJSON *const report = sarif->report;
    sarif->criterion_count = sva_document_length(sva_document_at(report, "pack"), "criteria");
    find_codes(sarif, sva_document_at(sva_document_at(report, "subject"), "findings"));
    find_codes(sarif, sva_document_at(sva_document_at(report, "evidence"), "findings"));
}

size_t sva_sarif_code_index(const struct sva_sarif *sarif, const char *code)
{
    size_t i = 0;
    while (i < sarif->code_count && strcmp(sarif->codes[i], code) != 0) {
        i++;
    }
    return sarif->criterion_count + i;
}

/** Markdown of the help: requirement, rationale, remedy, sources. Texts come from the rule pack. */
static const char *help_markdown(struct sva_sarif *sarif, const cJSON *criterion)
{
    static const struct {
        const char *key, *head[2];
    } PARTS[] = {
        {"requirement", {"Requirement", "요구사항"}},
        {"rationale", {"Why", "근거"}},
        {"remedy", {"What to do", "조치 방법"}},
    };
    struct sva_bytes text = {.data = NULL};
    for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++) {
        sva_bytes_printf(&text, "**%s**\n\n", PARTS[i].head[sarif->lang == SVA_LANG_KO]);
        sva_render_markdown_text(&text, sva_render_words(criterion, PARTS[i].key, sarif->lang));
        sva_bytes_text(&text, "\n\n");
    }
    const cJSON *source = NULL;
    cJSON_ArrayForEach(source, sva_document_at(criterion, "sources"))
    {
        sva_bytes_text(&text, "- ");
        sva_render_markdown_text(&text, sva_document_text(source, "title"));
        sva_bytes_text(&text, ", ");
        sva_render_markdown_text(&text, sva_document_text(source, "date"));
        sva_bytes_text(&text, "\n");
    }
    return sva_sarif_made(sarif, sva_bytes_keep(&text, &sarif->arena));
}

static const char *help_text(struct sva_sarif *sarif, const cJSON *criterion)
{
    return sva_sarif_made(sarif,
                          sva_arena_printf(&sarif->arena, "%s\n\n%s\n\n%s",
                                           sva_render_words(criterion, "requirement", sarif->lang),
                                           sva_render_words(criterion, "rationale", sarif->lang),
                                           sva_render_words(criterion, "remedy", sarif->lang)));
}

static void put_properties(struct sva_sarif *sarif, const cJSON *criterion)
{
    struct sva_writer *json = &sarif->json;
    const char *severity = sva_document_text(criterion, "severity");
    const bool fails = strcmp(severity, "fail") == 0;
    sva_writer_object(json, "properties");
    if (fails || strcmp(severity, "review") == 0) {
        sva_writer_text(json, "security-severity", fails ? "8.0" : "5.0");
    }
    sva_writer_text(json, "severity", severity);
    sva_writer_array(json, "tags");
    sva_writer_text(json, NULL, "provenance");
    sva_writer_text(json, NULL, "security");
    sva_writer_text(json, NULL, "supply-chain");
    sva_writer_array_end(json);
    sva_writer_object_end(json);
}

static const char *level_of(const char *severity)
{
    return strcmp(severity, "fail") == 0     ? "error"
           : strcmp(severity, "review") == 0 ? "warning"
                                             : "note";
}

/** An address that SARIF takes: of the web, in ASCII, without blanks. */
static bool is_address(const char *url)
{
    return strncmp(url, "https://", 8) == 0 && strspn(url, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijkl"
                                                           "mnopqrstuvwxyz0123456789-._~:/?#@!$&'()"
                                                           "*+,;=%") == strlen(url);
}

static void put_criterion(struct sva_sarif *sarif, const cJSON *criterion)
{
    struct sva_writer *json = &sarif->json;
    const cJSON *sources = sva_document_at(criterion, "sources");
    const char *url =
        cJSON_IsArray(sources) ? sva_document_text(cJSON_GetArrayItem(sources, 0), "url") : "";
    sva_writer_object(json, NULL);
    sva_writer_object(json, "defaultConfiguration");
    sva_writer_text(json, "level", level_of(sva_document_text(criterion, "severity")));
    sva_writer_object_end(json);
    sva_sarif_message(json, "fullDescription",
                      sva_render_words(criterion, "requirement", sarif->lang));
    sva_writer_object(json, "help");
    sva_writer_text(json, "markdown", help_markdown(sarif, criterion));
    put_plain(json, "text", help_text(sarif, criterion));
    sva_writer_object_end(json);
    if (is_address(url)) {
        sva_writer_text(json, "helpUri", url);
    }
    sva_writer_text(json, "id", sva_document_text(criterion, "id"));
    put_properties(sarif, criterion);
    sva_sarif_message(json, "shortDescription", sva_render_words(criterion, "title", sarif->lang));
    sva_writer_object_end(json);
}

static void put_code(struct sva_sarif *sarif, const char *code)
{
    struct sva_writer *json = &sarif->json;
    const char *id = sva_arena_printf(&sarif->arena, "finding/%s", code);
    sva_writer_object(json, NULL);
    sva_writer_object(json, "defaultConfiguration");
    sva_writer_text(json, "level", "note");
    sva_writer_object_end(json);
    sva_sarif_message(json, "fullDescription",
                      sarif->lang == SVA_LANG_KO
                          ? "파일을 읽으면서 확인한 사항입니다. 판정은 기준에 따릅니다."
                          : "Something that was seen while files were read. Rules judge it.");
    sva_sarif_message(
        json, "help", /* GitHub's code scanning wants one for every rule */
        sarif->lang == SVA_LANG_KO
            ? "결과의 설명을 확인하십시오. 참고 정보이며, 조치가 필요한지는 기준별 판정에 나옵니다."
            : "Read what the result says. It is information; where something has to be "
              "done, a criterion says so.");
    sva_writer_text(json, "id", sva_sarif_made(sarif, id));
    sva_sarif_message(json, "shortDescription", code);
    sva_writer_object_end(json);
}

void sva_sarif_rules(struct sva_sarif *sarif)
{
    const cJSON *criterion = NULL;
    sva_writer_array(&sarif->json, "rules");
    cJSON_ArrayForEach(criterion,
                       sva_document_at(sva_document_at(sarif->report, "pack"), "criteria"))
    {
        put_criterion(sarif, criterion);
    }
    for (size_t i = 0; i < sarif->code_count; i++) {
        put_code(sarif, sarif->codes[i]);
    }
    if (sarif->other_codes) {
        put_code(sarif, "other");
    }
    sva_writer_array_end(&sarif->json);
}
