/* SPDX-License-Identifier: Apache-2.0 */
/* https://docs.oasis-open.org/sarif/sarif/v2.1.0/ */
#include "convert/sarif.h"

#include <string.h>

#define INFORMATION "https://sovaudit.org/"

static void put_artifacts(struct sva_sarif *sarif)
{
    struct sva_writer *json = &sarif->json;
    const cJSON *file = NULL;
    sva_writer_array(json, "artifacts");
    cJSON_ArrayForEach(file, sva_document_at(sva_document_at(sarif->report, "subject"), "files"))
    {
        const char *digest = sva_document_text(file, "sha256");
        sva_writer_object(json, NULL);
        if (digest[0] != '\0') {
            sva_writer_object(json, "hashes");
            sva_writer_text(json, "sha-256", digest);
            sva_writer_object_end(json);
        }
        sva_writer_count(json, "length", sva_document_count(file, "size"));
        sva_writer_object(json, "location");
        sva_writer_text(
            json, "uri",
            sva_sarif_made(sarif, sva_render_uri(&sarif->arena, sva_document_text(file, "path"))));
        sva_writer_text(json, "uriBaseId", SVA_SARIF_BASE);
        sva_writer_object_end(json);
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
}

/** The tool's own account of itself: day, exit code, verdict. */
static void put_invocation(struct sva_sarif *sarif)
{
    struct sva_writer *json = &sarif->json;
    const char *verdict = sva_document_text(sarif->report, "verdict");
    char moment[SVA_MOMENT_TEXT];
    sva_render_moment(sva_document_text(sarif->report, "as_of"), moment);
    sva_writer_array(json, "invocations");
    sva_writer_object(json, NULL);
    sva_writer_text(json, "endTimeUtc", moment);
    sva_writer_bool(json, "executionSuccessful", strcmp(verdict, "incomplete") != 0);
    sva_writer_count(json, "exitCode", sva_document_count(sarif->report, "exit_code"));
    sva_writer_object_end(json);
    sva_writer_array_end(json);
}

static void put_properties(struct sva_sarif *sarif)
{
    struct sva_writer *json = &sarif->json;
    const cJSON *const pack = sva_document_at(sarif->report, "pack");
    const cJSON *const subject = sva_document_at(sarif->report, "subject");
    char text[SVA_DOCUMENT_READING_BYTES];
    const char *const reading = sva_document_reading(subject, text);
    sva_writer_object(json, "properties");
    sva_writer_text(json, "modelDigest", sva_document_text(subject, "model_digest"));
    sva_writer_text(json, "modelName", sva_document_text(subject, "name"));
    sva_writer_text(json, "pack", sva_document_text(pack, "id"));
    sva_writer_text(json, "packSha256", sva_document_text(pack, "sha256"));
    sva_writer_text(json, "packVersion", sva_document_text(pack, "version"));
    if (reading[0] != '\0') {
        sva_writer_text(json, "reading", reading);
    }
    sva_writer_text(json, "verdict", sva_document_text(sarif->report, "verdict"));
    sva_writer_object_end(json);
}

static void put_tool(struct sva_sarif *sarif)
{
    struct sva_writer *json = &sarif->json;
    const char *version = sva_document_text(sva_document_at(sarif->report, "tool"), "version");
    sva_writer_object(json, "tool");
    sva_writer_object(json, "driver");
    sva_writer_text(json, "informationUri", INFORMATION);
    sva_writer_text(json, "name", "sovaudit");
    sva_sarif_rules(sarif);
    sva_writer_text(json, "semanticVersion", version);
    sva_writer_text(json, "version", version);
    sva_writer_object_end(json);
    sva_writer_object_end(json);
}

static void put_run(struct sva_sarif *sarif)
{
    struct sva_writer *json = &sarif->json;
    const char *pack = sva_document_text(sva_document_at(sarif->report, "pack"), "id");
    const char *id = sva_arena_printf(&sarif->arena, "sovaudit/%s/", pack);
    sva_writer_object(json, NULL);
    put_artifacts(sarif);
    sva_writer_object(json, "automationDetails");
    sva_writer_text(json, "id", sva_sarif_made(sarif, id));
    sva_writer_object_end(json);
    sva_writer_text(json, "columnKind", "unicodeCodePoints");
    put_invocation(sarif);
    sva_writer_text(json, "language", sarif->lang == SVA_LANG_KO ? "ko" : "en");
    sva_writer_object(json, "originalUriBaseIds");
    sva_writer_object(json, SVA_SARIF_BASE);
    sva_sarif_message(json, "description",
                      sarif->lang == SVA_LANG_KO ? "감사한 모델의 디렉터리"
                                                 : "The directory of the model that was audited");
    sva_writer_object_end(json);
    sva_writer_object_end(json);
    put_properties(sarif);
    sva_sarif_results(sarif);
    put_tool(sarif);
    sva_writer_object_end(json);
}

enum sva_status sva_render_sarif(const cJSON *report, const struct sva_render_options *options,
                                 struct sva_bytes *out, struct sva_error *error)
{
    struct sva_sarif sarif = {
        .report = report, .lang = options->lang, .json.bytes.limit = out->limit};
    sva_places_find(report, &sarif.places);
    sva_sarif_rules_find(&sarif);
    sva_writer_object(&sarif.json, NULL);
    sva_writer_text(&sarif.json, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
    sva_writer_array(&sarif.json, "runs");
    put_run(&sarif);
    sva_writer_array_end(&sarif.json);
    sva_writer_text(&sarif.json, "version", "2.1.0");
    sva_writer_object_end(&sarif.json);
    sarif.json.bytes.failed = sarif.json.bytes.failed || sarif.arena.failed;
    sva_arena_done(&sarif.arena);
    return sva_render_finish(&sarif.json, out, error);
}
