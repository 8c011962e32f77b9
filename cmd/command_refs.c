/* SPDX-License-Identifier: Apache-2.0 */
/** sovaudit refs add|list|show|remove|info|verify */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit_output.h"

static const char *or_empty(const char *text)
{
    return text != NULL ? text : "";
}

/** Opens --refs or the default store; a missing one is made when `create`. -1 or an exit code. */
static int open_store(const struct settings *settings, bool create, struct sva_refstore **store)
{
    struct sva_error error = {.status = SVA_OK};
    char *path = NULL;
    const char *chosen = settings->store;
    if (chosen == NULL) {
        path = sva_refstore_default_path();
        chosen = path;
    }
    if (chosen == NULL) {
        return complain_usage("there is no home directory to keep references in; give --refs");
    }
    const enum sva_status status = sva_refstore_open(chosen, create, store, &error);
    free(path);
    return status == SVA_OK ? -1 : complain_error(&error);
}

static int add_print(const struct settings *settings, const struct sva_print *print)
{
    const struct sva_reference reference = {
        .name = settings->name != NULL ? settings->name : print->name,
        .version = or_empty(settings->version),
        .publisher = or_empty(settings->publisher),
        .licence = or_empty(settings->licence),
        .released = or_empty(settings->released),
        .derived_from = or_empty(settings->derived_from),
        .source = or_empty(settings->source),
        .added = settings->today,
    };
    struct sva_refstore *store = NULL;
    int code = open_store(settings, true, &store);
    if (code >= 0) {
        return code;
    }
    struct sva_error error = {.status = SVA_OK};
    const enum sva_status status = sva_refstore_add(store, &reference, print, &error);
    code = status == SVA_OK ? EXIT_DONE : complain_error(&error);
    code = status == SVA_ERR_CONFLICT ? EXIT_USAGE : code; /* the name is taken */
    sva_refstore_close(store);
    if (code == EXIT_DONE && !settings->quiet) {
        code = print_line("%s%s%s  sha256:%s\n", show(reference.name).text,
                          reference.version[0] != '\0' ? " " : "", show(reference.version).text,
                          hex_of(print->digest).text);
    }
    return code;
}

int run_refs_add(const struct settings *settings)
{
    int code = audit_paths_check(settings->operands, settings->operand_count);
    if (code >= 0) {
        return code;
    }
    struct bar bar;
    bar_start(&bar, settings);
    const struct sva_check_options options = audit_options(settings, &bar);
    struct sva_print *print = NULL;
    struct sva_error error = {.status = SVA_OK};
    enum sva_status status = sva_print_of_path(settings->operands[0], &options, &print, &error);
    bar_end(&bar);
    if (status == SVA_OK && terminal_interrupted()) {
        error.status = status = SVA_ERR_CANCELLED;
    }
    code = status == SVA_OK ? add_print(settings, print) : complain_error(&error);
    sva_print_free(print);
    return code;
}

/** All references, or an exit code. */
static int load_list(const struct settings *settings, struct sva_reference **references,
                     size_t *count)
{
    struct sva_refstore *store = NULL;
    const int code = open_store(settings, false, &store);
    if (code >= 0) {
        return code;
    }
    struct sva_error error = {.status = SVA_OK};
    const enum sva_status status = sva_refstore_list(store, references, count, &error);
    sva_refstore_close(store);
    return status == SVA_OK ? -1 : complain_error(&error);
}

int run_refs_list(const struct settings *settings)
{
    struct sva_reference *references = NULL;
    size_t count = 0;
    int code = load_list(settings, &references, &count);
    if (code >= 0) {
        return code;
    }
    code = EXIT_DONE;
    for (size_t i = 0; i < count && code == EXIT_DONE; i++) {
        const struct sva_reference *reference = &references[i];
        const char *released = or_empty(reference->released);
        const char *version = or_empty(reference->version);
        const char *publisher = or_empty(reference->publisher);
        code = print_line("%-10s  %s%s%s%s%s\n", released[0] != '\0' ? released : "-",
                          show(reference->name).text, version[0] != '\0' ? " " : "",
                          show(version).text, publisher[0] != '\0' ? "  " : "",
                          show(publisher).text);
    }
    sva_references_free(references, count);
    return code;
}

static int show_reference(const struct sva_reference *reference)
{
    const struct {
        const char *name, *value;
    } rows[] = {
        {"name", reference->name},
        {"version", reference->version},
        {"publisher", reference->publisher},
        {"licence", reference->licence},
        {"released", reference->released},
        {"derived from", reference->derived_from},
        {"source", reference->source},
        {"added", reference->added},
    };
    int code = EXIT_DONE;
    for (size_t i = 0; i < sizeof rows / sizeof *rows && code == EXIT_DONE; i++) {
        const char *value = or_empty(rows[i].value);
        code = print_line("%-13s %s\n", rows[i].name, value[0] != '\0' ? show(value).text : "-");
    }
    return code == EXIT_DONE
               ? print_line("%-13s %" PRIu64 "\n%-13s sha256:%s, %" PRIu64 " bytes\n",
                            "parameters", reference->parameter_count, "print",
                            hex_of(reference->print_digest).text, reference->print_bytes)
               : code;
}

int run_refs_show(const struct settings *settings)
{
    struct sva_reference *references = NULL;
    size_t count = 0;
    int code = load_list(settings, &references, &count);
    if (code >= 0) {
        return code;
    }
    code = EXIT_DONE;
    size_t found = 0;
    for (size_t i = 0; i < count && code == EXIT_DONE; i++) {
        if (strcmp(references[i].name, settings->operands[0]) == 0 &&
            (settings->version == NULL ||
             strcmp(or_empty(references[i].version), settings->version) == 0)) {
            code = found > 0 ? print_line("\n") : EXIT_DONE;
            code = code == EXIT_DONE ? show_reference(&references[i]) : code;
            found++;
        }
    }
    if (found == 0) {
        code = complain_usage("%s: not in the store", show(settings->operands[0]).text);
    }
    sva_references_free(references, count);
    return code;
}

int run_refs_remove(const struct settings *settings)
{
    struct sva_refstore *store = NULL;
    int code = open_store(settings, false, &store);
    if (code >= 0) {
        return code;
    }
    struct sva_error error = {.status = SVA_OK};
    const enum sva_status status =
        sva_refstore_remove(store, settings->operands[0], settings->version, &error);
    code = status == SVA_OK ? EXIT_DONE : complain_error(&error);
    sva_refstore_close(store);
    if (code == EXIT_DONE && !settings->quiet) {
        code = print_line("%s removed\n", show(settings->operands[0]).text);
    }
    return code;
}

int run_refs_info(const struct settings *settings)
{
    struct sva_refstore *store = NULL;
    int code = open_store(settings, false, &store);
    if (code >= 0) {
        return code;
    }
    struct sva_refstore_info info;
    struct sva_error error = {.status = SVA_OK};
    const enum sva_status status = sva_refstore_get_info(store, &info, &error);
    sva_refstore_close(store);
    if (status != SVA_OK) {
        return complain_error(&error);
    }
    return print_line("references      %" PRIu64 "\nnewest release  %s\ntensor hashes   %" PRIu64
                      "\nfile hashes     %" PRIu64 "\nsize            %" PRIu64
                      " bytes\nschema version  %u\ndigest          sha256:%s\n",
                      info.reference_count,
                      info.newest_release[0] != '\0' ? info.newest_release : "-",
                      info.tensor_hash_count, info.file_hash_count, info.size_bytes,
                      (unsigned)info.schema_version, hex_of(info.digest).text);
}

int run_refs_verify(const struct settings *settings)
{
    struct sva_refstore *store = NULL;
    int code = open_store(settings, false, &store);
    if (code >= 0) {
        return code;
    }
    struct sva_refstore_info info = {.reference_count = 0};
    struct sva_error error = {.status = SVA_OK};
    enum sva_status status = sva_refstore_verify(store, &error);
    if (status == SVA_OK) {
        status = sva_refstore_get_info(store, &info, &error);
    }
    code = status == SVA_OK ? EXIT_DONE : complain_error(&error);
    sva_refstore_close(store);
    if (code == EXIT_DONE && !settings->quiet) {
        code = print_line("%" PRIu64 " references are sound\n", info.reference_count);
    }
    return code;
}
