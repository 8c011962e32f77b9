/* SPDX-License-Identifier: Apache-2.0 */
/* Statements as text: keys in a fixed order, no white space. */
#include <string.h>

#include "attest/statement.h"
#include "base/hash.h"
#include "base/text.h"

static void put_string(struct sva_bytes *text, const char *string)
{
    sva_bytes_json_string(text, string, strlen(string));
}

static void put_hex(struct sva_bytes *text, const uint8_t *digest, size_t size)
{
    char hex[2 * SVA_DIGEST_MOST + 1];
    sva_hex(digest, size, hex);
    sva_bytes_text(text, "\"");
    sva_bytes_text(text, hex);
    sva_bytes_text(text, "\"");
}

static void put_subject(struct sva_bytes *text, const char *name, const uint8_t sha256[32])
{
    sva_bytes_text(text, "{\"name\":");
    put_string(text, name);
    sva_bytes_text(text, ",\"digest\":{\"sha256\":");
    put_hex(text, sha256, 32);
    sva_bytes_text(text, "}}");
}

static void put_resource(struct sva_bytes *text, const struct sva_resource *resource,
                         enum sva_digest_kind kind)
{
    sva_bytes_text(text, "{\"name\":");
    put_string(text, resource->name);
    sva_bytes_text(text, ",\"algorithm\":");
    put_string(text, sva_digest_kind_name(kind));
    sva_bytes_text(text, ",\"digest\":");
    put_hex(text, resource->digest, sva_digest_kind_bytes(kind));
    sva_bytes_text(text, "}");
}

void sva_manifest_put(const struct sva_manifest *manifest, struct sva_bytes *text)
{
    sva_bytes_text(text, "{\"_type\":\"" SVA_STATEMENT_TYPE "\",\"subject\":[");
    put_subject(text, manifest->subject, manifest->root);
    sva_bytes_text(text, "],\"predicateType\":\"" SVA_OMS_PREDICATE
                         "\",\"predicate\":{\"serialization\":{\"method\":");
    sva_bytes_text(text, manifest->shard_bytes > 0 ? "\"shards\"" : "\"files\"");
    sva_bytes_text(text, ",\"hash_type\":");
    put_string(text, sva_digest_kind_name(manifest->kind));
    if (manifest->shard_bytes > 0) {
        sva_bytes_printf(text, ",\"shard_size\":%llu", (unsigned long long)manifest->shard_bytes);
    }
    sva_bytes_text(text, ",\"allow_symlinks\":");
    sva_bytes_text(text, manifest->allow_symlinks ? "true" : "false");
    sva_bytes_text(text, ",\"ignore_paths\":[");
    for (size_t i = 0; i < manifest->ignore_count; i++) {
        sva_bytes_text(text, i > 0 ? "," : "");
        put_string(text, manifest->ignore[i]);
    }
    sva_bytes_text(text, "]},\"resources\":[");
    for (size_t i = 0; i < manifest->count; i++) {
        sva_bytes_text(text, i > 0 ? "," : "");
        put_resource(text, &manifest->resources[i], manifest->kind);
    }
    sva_bytes_text(text, "]}}");
}

void sva_report_claim_put(const struct sva_report_claim *claim, struct sva_bytes *text)
{
    sva_bytes_text(text, "{\"_type\":\"" SVA_STATEMENT_TYPE "\",\"subject\":[");
    for (size_t i = 0; i < claim->count; i++) {
        sva_bytes_text(text, i > 0 ? "," : "");
        put_subject(text, claim->files[i].name, claim->files[i].sha256);
    }
    sva_bytes_text(text, "],\"predicateType\":\"" SVA_REPORT_PREDICATE
                         "\",\"predicate\":{\"report\":{\"digest\":{\"sha256\":");
    put_hex(text, claim->sha256, 32);
    sva_bytes_text(text, "},\"schema\":");
    put_string(text, claim->schema);
    sva_bytes_text(text, ",\"verdict\":");
    put_string(text, claim->verdict);
    sva_bytes_text(text, "}}}");
}

void sva_file_claim_put(const struct sva_subject_file *claim, struct sva_bytes *text)
{
    sva_bytes_text(text, "{\"_type\":\"" SVA_STATEMENT_TYPE "\",\"subject\":[");
    put_subject(text, claim->name, claim->sha256);
    sva_bytes_text(text, "],\"predicateType\":\"" SVA_FILE_PREDICATE "\",\"predicate\":{}}");
}
