/* SPDX-License-Identifier: Apache-2.0 */
/** sovaudit version: what a report was made with, by digest. */
#include <inttypes.h>
#include <stdlib.h>

#include "audit_output.h"

static int print_tool(void)
{
    uint8_t digest[SVA_DIGEST_BYTES];
    struct sva_error error = {.status = SVA_OK};
    const enum sva_status status = sva_file_digest("/proc/self/exe", digest, &error);
    const bool known = status == SVA_OK;
    if (!known && status != SVA_ERR_NOT_FOUND) { /* a system may have no such file */
        return complain_error(&error);
    }
    return print_line("sovaudit %s\nmethod  %d\ntool    sha256:%s\n", sva_version(),
                      SVA_METHOD_VERSION, known ? hex_of(digest).text : "unknown");
}

static int print_pack(const struct settings *settings)
{
    struct sva_rulepack *pack = NULL;
    struct sva_error error = {.status = SVA_OK};
    const char *name = settings->rules != NULL ? settings->rules : "kr-independent-ai";
    if (sva_rulepack_load(name, &pack, &error) != SVA_OK) {
        return complain_error(&error);
    }
    const struct sva_rulepack_info *info = sva_rulepack_get_info(pack);
    const int code = print_line("rules   sha256:%s  %s %s\n", hex_of(info->digest).text,
                                show(info->id).text, show(info->version).text);
    sva_rulepack_free(pack);
    return code;
}

/** The facts database in use; `store` may be NULL. */
static int print_facts(struct sva_refstore *store)
{
    struct sva_known *known = NULL;
    struct sva_error error = {.status = SVA_OK};
    if (sva_known_load(store, &known, &error) != SVA_OK) {
        return complain_error(&error);
    }
    const struct sva_known_info *info = sva_known_get_info(known);
    const int code = print_line("facts   sha256:%s  %s\n", hex_of(info->digest).text, info->date);
    sva_known_free(known);
    return code;
}

static int print_store(const struct settings *settings)
{
    char *path = NULL;
    int code = audit_store_path(settings, &path);
    if (code >= 0) {
        return code;
    }
    if (path == NULL) {
        code = print_line("refs    none\n");
        return code == EXIT_DONE ? print_facts(NULL) : code;
    }
    struct sva_refstore *store = NULL;
    struct sva_refstore_info info;
    struct sva_error error = {.status = SVA_OK};
    enum sva_status status = sva_refstore_open(path, false, &store, &error);
    if (status == SVA_OK) {
        status = sva_refstore_get_info(store, &info, &error);
    }
    code = status == SVA_OK ? print_line("refs    sha256:%s  %" PRIu64 " references\n",
                                             hex_of(info.digest).text, info.reference_count)
                                : complain_error(&error);
    code = code == EXIT_DONE ? print_facts(store) : code;
    sva_refstore_close(store);
    free(path);
    return code;
}

int run_version(const struct settings *settings)
{
    int code = print_tool();
    code = code == EXIT_DONE ? print_pack(settings) : code;
    return code == EXIT_DONE ? print_store(settings) : code;
}
