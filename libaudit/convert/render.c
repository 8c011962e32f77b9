/* SPDX-License-Identifier: Apache-2.0 */
#include "convert/render.h"

#include <stdio.h>
#include <string.h>

#include "base/fail.h"

const char *sva_render_words(const cJSON *object, const char *key, enum sva_lang lang)
{
    const cJSON *both = sva_document_at(object, key);
    const char *wanted = sva_document_text(both, lang == SVA_LANG_KO ? "ko" : "en");
    return wanted[0] != '\0' ? wanted : sva_document_text(both, lang == SVA_LANG_KO ? "en" : "ko");
}

enum sva_outcome sva_render_outcome(const cJSON *rule)
{
    static const struct {
        const char *word;
        enum sva_outcome outcome;
    } OUTCOMES[] = {
        {"pass", SVA_OUTCOME_PASS},           {"fail", SVA_OUTCOME_FAIL},
        {"review", SVA_OUTCOME_REVIEW},       {"not-applicable", SVA_OUTCOME_ASIDE},
        {"informational", SVA_OUTCOME_ASIDE},
    };
    const char *verdict = sva_document_text(rule, "verdict");
    for (size_t i = 0; i < sizeof OUTCOMES / sizeof *OUTCOMES; i++) {
        if (strcmp(OUTCOMES[i].word, verdict) == 0) {
            return OUTCOMES[i].outcome;
        }
    }
    return SVA_OUTCOME_NOT_CHECKED;
}

bool sva_results_find(const cJSON *report, struct sva_arena *arena, struct sva_results *results)
{
    const cJSON *rule = NULL;
    *results = (struct sva_results){.count = 0};
    results->items =
        sva_arena_alloc(arena, sva_document_length(report, "rules"), sizeof *results->items);
    if (results->items == NULL) {
        return false;
    }
    cJSON_ArrayForEach(rule, sva_document_at(report, "rules"))
    {
        results->items[results->count++] = (struct sva_result_line){
            .rule = rule,
            .id = sva_document_text(rule, "id"),
            .outcome = sva_render_outcome(rule),
        };
    }
    return true;
}

/** Does `text` have the shape of `form`, in which 0 stands for any digit? */
static bool has_form(const char *text, const char *form)
{
    for (; *form != '\0'; text++, form++) {
        if (*form == '0' ? *text < '0' || *text > '9' : *text != *form) {
            return false;
        }
    }
    return *text == '\0';
}

void sva_render_moment(const char *date, char moment[SVA_MOMENT_TEXT])
{
    static const char DAYS[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    memcpy(moment, "1970-01-01T00:00:00Z", SVA_MOMENT_TEXT);
    const bool day = has_form(date, "0000-00-00");
    if (!day && !has_form(date, "0000-00")) {
        return;
    }
    const int months = (date[5] - '0') * 10 + date[6] - '0';
    const int days = day ? (date[8] - '0') * 10 + date[9] - '0' : 1;
    if (months >= 1 && months <= 12 && days >= 1 && days <= DAYS[months - 1]) {
        memcpy(moment, date, day ? 10 : 7);
    }
}

const cJSON *sva_render_criterion(const cJSON *report, const char *rule)
{
    const cJSON *criterion = NULL;
    cJSON_ArrayForEach(criterion, sva_document_at(sva_document_at(report, "pack"), "criteria"))
    {
        if (strcmp(sva_document_text(criterion, "id"), rule) == 0) {
            return criterion;
        }
    }
    return NULL;
}

struct sva_identity sva_render_identity(const char *const *parts, size_t count)
{
    struct sva_identity identity = {.hex = ""};
    struct sva_bytes bytes = {.data = NULL};
    for (size_t i = 0; i < count; i++) {
        sva_bytes_printf(&bytes, "%zu:", strlen(parts[i]));
        sva_bytes_text(&bytes, parts[i]);
    }
    const uint8_t *data = bytes.data != NULL ? bytes.data : (const uint8_t *)"";
    identity.failed = bytes.failed || !sva_sha256(data, bytes.size, identity.sha256);
    sva_bytes_done(&bytes);
    sva_hex(identity.sha256, SVA_DIGEST_BYTES, identity.hex);
    return identity;
}

struct sva_identity sva_render_rule_identity(const cJSON *rule)
{
    const char *parts[] = {sva_document_text(rule, "id"), sva_document_text(rule, "component"),
                           sva_document_text(rule, "reference")};
    return sva_render_identity(parts, sizeof parts / sizeof *parts);
}

struct sva_identity sva_render_report_identity(struct sva_span json)
{
    struct sva_identity identity = {.hex = ""};
    identity.failed = !sva_sha256(json.data, json.size, identity.sha256);
    sva_hex(identity.sha256, SVA_DIGEST_BYTES, identity.hex);
    return identity;
}

static const char *const FILE_KINDS[SVA_PLACE_KINDS] = {
    "index", "safetensors", "gguf",    "torch", "numpy", "config",
    "card",  "tokenizer",   "licence", "code",  "pickle"};

/** Kinds of files that hold a kind of evidence, the better first. */
static const struct {
    const char *evidence, *files[6];
} PLACES[] = {
    {"weights", {"index", "safetensors", "gguf", "torch", "numpy"}},
    {"tensor-hash", {"index", "safetensors", "gguf", "torch", "numpy"}},
    {"file-hash", {"safetensors", "gguf", "torch", "numpy"}},
    {"config", {"config"}},
    {"tokenizer", {"tokenizer"}},
    {"model-card", {"card"}},
    {"licence", {"licence", "card"}},
    {"code", {"code", "config"}},
    {"file-format", {"pickle", "torch", "safetensors", "gguf", "numpy"}},
};

void sva_places_find(const cJSON *report, struct sva_places *places)
{
    const cJSON *files = sva_document_at(sva_document_at(report, "subject"), "files");
    const cJSON *file = NULL;
    *places = (struct sva_places){.any = cJSON_IsArray(files) ? files->child : NULL};
    cJSON_ArrayForEach(file, files)
    {
        const char *kind = sva_document_text(file, "kind");
        for (size_t i = 0; i < SVA_PLACE_KINDS; i++) {
            if (places->first[i] == NULL && strcmp(FILE_KINDS[i], kind) == 0) {
                places->first[i] = file;
            }
        }
    }
}

static const cJSON *of_kind(const struct sva_places *places, const char *kind)
{
    for (size_t i = 0; i < SVA_PLACE_KINDS; i++) {
        if (strcmp(FILE_KINDS[i], kind) == 0) {
            return places->first[i];
        }
    }
    return NULL;
}

static const cJSON *of_evidence(const struct sva_places *places, const char *evidence)
{
    for (size_t i = 0; i < sizeof PLACES / sizeof *PLACES; i++) {
        const bool this = strcmp(PLACES[i].evidence, evidence) == 0;
        for (size_t k = 0; this && PLACES[i].files[k] != NULL; k++) {
            const cJSON *file = of_kind(places, PLACES[i].files[k]);
            if (file != NULL) {
                return file;
            }
        }
    }
    return NULL;
}

const cJSON *sva_render_place(const struct sva_places *places, const cJSON *criterion)
{
    enum { KINDS_READ = 16 };
    const cJSON *evidence = NULL;
    size_t read = 0;
    cJSON_ArrayForEach(evidence, sva_document_at(criterion, "evidence"))
    {
        const cJSON *file =
            read++ < KINDS_READ ? of_evidence(places, sva_document_text(evidence, "kind")) : NULL;
        if (file != NULL) {
            return file;
        }
    }
    const cJSON *config = of_kind(places, "config");
    return config != NULL ? config : places->any;
}

const char *sva_render_uri(struct sva_arena *arena, const char *path)
{
    static const char PLAIN[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789-._~/!$&'()*+,;=@";
    struct sva_bytes uri = {.data = NULL};
    for (; *path == '/'; path++) { /* relative, whatever it says */
    }
    for (; *path != '\0'; path++) {
        const bool plain = strchr(PLAIN, *path) != NULL;
        sva_bytes_printf(&uri, plain ? "%c" : "%%%02X", (unsigned char)*path);
    }
    return sva_bytes_keep(&uri, arena);
}

enum sva_status sva_render_failed(const struct sva_bytes *bytes, struct sva_error *error)
{
    return bytes->limit > 0 && bytes->size > bytes->limit / 2
               ? sva_fail(error, SVA_ERR_LIMIT, "a rendering of the report is larger than %zu MiB",
                          bytes->limit >> 20)
               : sva_fail_memory(error, "converting a report");
}

enum sva_status sva_render_finish(struct sva_writer *json, struct sva_bytes *out,
                                  struct sva_error *error)
{
    enum sva_status status = SVA_OK;
    if (json->bytes.failed) {
        status = sva_render_failed(&json->bytes, error);
    } else if (json->failed) {
        status = sva_fail(error, SVA_ERR_INTERNAL, "the keys of a rendering are out of order");
    } else {
        sva_bytes_append(out, json->bytes.data, json->bytes.size);
    }
    sva_bytes_done(&json->bytes);
    return status;
}

/**
 * Length of the character at `text`, and may it stand in XML 1.0? Not controls that a terminal may
 * act on either, which XML merely advises against. Text is valid UTF-8.
 */
static size_t xml_character(const char *text, bool *allowed)
{
    const unsigned char *byte = (const unsigned char *)text;
    const size_t length = byte[0] < 0x80 ? 1 : byte[0] < 0xe0 ? 2 : byte[0] < 0xf0 ? 3 : 4;
    const bool control =
        (length == 1 && byte[0] < 0x20 && byte[0] != '\t' && byte[0] != '\n' && byte[0] != '\r') ||
        byte[0] == 0x7f || (byte[0] == 0xc2 && byte[1] < 0xa0);
    const bool noncharacter = length == 3 && byte[0] == 0xef && byte[1] == 0xbf && byte[2] >= 0xbe;
    *allowed = !control && !noncharacter;
    return length;
}

/** Is `text` a character that turns the direction of writing, U+202A to 202E or 2066 to 2069? */
static bool turns_direction(const char *text)
{
    const unsigned char *byte = (const unsigned char *)text;
    return byte[0] == 0xe2 && ((byte[1] == 0x80 && byte[2] >= 0xaa && byte[2] <= 0xae) ||
                               (byte[1] == 0x81 && byte[2] >= 0xa6 && byte[2] <= 0xa9));
}

void sva_render_xml(struct sva_bytes *out, const char *text)
{
    static const struct {
        char byte;
        const char *entity;
    } ENTITIES[] = {{'<', "&lt;"},  {'>', "&gt;"},   {'&', "&amp;"}, {'"', "&quot;"},
                    {'\t', "&#9;"}, {'\n', "&#10;"}, {'\r', "&#13;"}};
    while (*text != '\0') {
        bool allowed = true;
        const char *entity = NULL;
        const size_t length = strnlen(text, xml_character(text, &allowed));
        for (size_t i = 0; i < sizeof ENTITIES / sizeof *ENTITIES; i++) {
            entity = ENTITIES[i].byte == *text ? ENTITIES[i].entity : entity;
        }
        allowed = allowed && !turns_direction(text);
        if (entity != NULL || !allowed) {
            sva_bytes_text(out, allowed ? entity : "\xEF\xBF\xBD");
        } else {
            sva_bytes_append(out, text, length);
        }
        text += length;
    }
}

void sva_render_markdown_part(struct sva_bytes *out, const char *text, size_t length)
{
    for (const char *end = text + length; text < end; text++) {
        const unsigned char byte = (unsigned char)*text;
        if (byte == '<' || byte == '>' || byte == '&') {
            sva_bytes_text(out, byte == '<' ? "&lt;" : byte == '>' ? "&gt;" : "&amp;");
        } else if (byte == '\n' || byte == '\r' || byte == '\t') {
            sva_bytes_append(out, " ", 1);
        } else if (byte < ' ' || byte == 0x7f) {
            sva_bytes_text(out, "\xEF\xBF\xBD");
        } else if (end - text >= 3 && turns_direction(text)) {
            sva_bytes_text(out, "\xEF\xBF\xBD");
            text += 2;
        } else {
            sva_bytes_append(out, "\\", strchr("|*_`[]~\\", byte) != NULL ? 1 : 0);
            sva_bytes_append(out, text, 1);
        }
    }
}

void sva_render_markdown_text(struct sva_bytes *out, const char *text)
{
    sva_render_markdown_part(out, text, strlen(text));
}
