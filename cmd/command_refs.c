/* SPDX-License-Identifier: Apache-2.0 */
/** sovaudit refs add|list|show|remove|note|info|verify; lookup and update-facts: command_facts.c */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit_output.h"
#include "store_output.h"

static const char *or_empty(const char *text)
{
    return text != NULL ? text : "";
}

int open_store(const struct settings *settings, bool create, struct sva_refstore **store)
{
    struct sva_error error = {.status = SVA_OK};
    char *path = NULL;
    enum sva_status status = SVA_OK;
    if (settings->store == NULL) {
        status = sva_refstore_default_path(&path, &error);
    }
    if (status == SVA_OK) {
        status = sva_refstore_open(path != NULL ? path : settings->store, create, store, &error);
    }
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
    enum sva_status status = sva_refstore_add(store, &reference, print, &error);
    if (status == SVA_OK && settings->removed != NULL) {
        const struct sva_reference_note note = {.noted = settings->today,
                                                .removed = settings->removed};
        status = sva_refstore_note(store, reference.name, reference.version, &note, &error);
    }
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
        code =
            print_line("%-10s  %s%s%s%s%s\n", released[0] != '\0' ? released : "-",
                       show(reference->name).text, version[0] != '\0' ? " " : "",
                       show(version).text, publisher[0] != '\0' ? "  " : "", show(publisher).text);
    }
    sva_references_free(references, count);
    return code;
}

static int show_record(const struct sva_reference *reference)
{
    const struct {
        const char *name, *value;
    } rows[] = {
        {"name", reference->name},           {"version", reference->version},
        {"publisher", reference->publisher}, {"licence", reference->licence},
        {"released", reference->released},   {"derived from", reference->derived_from},
        {"source", reference->source},       {"added", reference->added},
    };
    int code = EXIT_DONE;
    for (size_t i = 0; i < sizeof rows / sizeof *rows && code == EXIT_DONE; i++) {
        const char *value = or_empty(rows[i].value);
        code = print_line("%-13s %s\n", rows[i].name, value[0] != '\0' ? show(value).text : "-");
    }
    return code == EXIT_DONE
               ? print_line("%-13s %" PRIu64 "\n%-13s sha256:%s, %" PRIu64 " bytes\n", "parameters",
                            reference->parameter_count, "print",
                            hex_of(reference->print_digest).text, reference->print_bytes)
               : code;
}

/** What is left of a reference whose source is gone, and every note about it. */
static int show_remains(const struct sva_reference *reference, const struct sva_remains *remains)
{
    const char *removed = or_empty(reference->removed);
    int code = EXIT_DONE;
    if (removed[0] != '\0') {
        code = print_line("%-13s removed upstream, since %s\n%-13s print, %" PRIu64
                          " tensor hashes, %" PRIu64 " file hashes, %" PRIu64
                          " facts; comparisons work from the print\n",
                          "state", show(removed).text, "left", remains->tensor_hash_count,
                          remains->file_hash_count, remains->fact_count);
    }
    for (size_t i = 0; i < remains->note_count && code == EXIT_DONE; i++) {
        const struct sva_reference_note *note = &remains->notes[i];
        const bool gone = note->removed[0] != '\0';
        code = print_line("%-13s %s%s%s%s%s\n", "note", show(note->noted).text,
                          gone ? "  removed " : "", show(note->removed).text,
                          note->text[0] != '\0' ? "  " : "", show(note->text).text);
        if (code == EXIT_DONE && note->evidence[0] != '\0') {
            code = print_line("%-13s %s  sha256:%s\n", "evidence", show(note->evidence).text,
                              hex_of(note->evidence_digest).text);
        }
    }
    return code;
}

static int show_reference(struct sva_refstore *store, const struct sva_reference *reference)
{
    struct sva_remains remains = {.note_count = 0};
    struct sva_error error = {.status = SVA_OK};
    if (sva_refstore_remains(store, reference->name, reference->version, &remains, &error) !=
        SVA_OK) {
        return complain_error(&error);
    }
    int code = show_record(reference);
    code = code == EXIT_DONE ? show_remains(reference, &remains) : code;
    sva_remains_done(&remains);
    return code;
}

/** The references of the name, and the version where one is asked for. */
static int show_named(const struct settings *settings, struct sva_refstore *store,
                      const struct sva_reference *references, size_t count)
{
    int code = EXIT_DONE;
    size_t found = 0;
    for (size_t i = 0; i < count && code == EXIT_DONE; i++) {
        if (strcmp(references[i].name, settings->operands[0]) == 0 &&
            (settings->version == NULL ||
             strcmp(or_empty(references[i].version), settings->version) == 0)) {
            code = found > 0 ? print_line("\n") : EXIT_DONE;
            code = code == EXIT_DONE ? show_reference(store, &references[i]) : code;
            found++;
        }
    }
    if (found == 0) {
        code = complain_usage("%s: not in the store", show(settings->operands[0]).text);
    }
    return code;
}

int run_refs_show(const struct settings *settings)
{
    struct sva_refstore *store = NULL;
    struct sva_reference *references = NULL;
    size_t count = 0;
    int code = open_store(settings, false, &store);
    if (code >= 0) {
        return code;
    }
    struct sva_error error = {.status = SVA_OK};
    code = sva_refstore_list(store, &references, &count, &error) == SVA_OK
               ? show_named(settings, store, references, count)
               : complain_error(&error);
    sva_references_free(references, count);
    sva_refstore_close(store);
    return code;
}

int run_refs_note(const struct settings *settings)
{
    struct sva_error error = {.status = SVA_OK};
    struct sva_reference_note note = {.noted = settings->today,
                                      .removed = or_empty(settings->removed),
                                      .text = or_empty(settings->text),
                                      .evidence = or_empty(settings->document)};
    if (settings->document != NULL &&
        sva_file_digest(settings->document, note.evidence_digest, &error) != SVA_OK) {
        return complain_error(&error);
    }
    struct sva_refstore *store = NULL;
    int code = open_store(settings, false, &store);
    if (code >= 0) {
        return code;
    }
    const enum sva_status status =
        sva_refstore_note(store, settings->operands[0], settings->version, &note, &error);
    code = status == SVA_OK ? EXIT_DONE : complain_error(&error);
    sva_refstore_close(store);
    if (code == EXIT_DONE && !settings->quiet) {
        code = print_line("%s noted\n", show(settings->operands[0]).text);
    }
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

/** How many facts of which day, and of which kinds. */
static int print_facts(struct sva_refstore *store)
{
    struct sva_known *known = NULL;
    struct sva_error error = {.status = SVA_OK};
    if (sva_known_load(store, &known, &error) != SVA_OK) {
        return complain_error(&error);
    }
    const struct sva_known_info *info = sva_known_get_info(known);
    int code =
        print_line("facts           %zu of %s (%s)\nfacts digest    sha256:%s\n", info->row_count,
                   info->date, show(info->place).text, hex_of(info->digest).text);
    for (int kind = 0; kind < SVA_KNOWN_KIND_COUNT && code == EXIT_DONE; kind++) {
        code = print_line("  %-13s %zu\n", sva_known_kind_name((enum sva_known_kind)kind),
                          info->counts[kind]);
    }
    sva_known_free(known);
    return code;
}

static int print_info(const struct sva_refstore_info *info)
{
    return print_line("references      %" PRIu64 "\nnewest release  %s\ntensor hashes   %" PRIu64
                      "\nfile hashes     %" PRIu64 "\nsize            %" PRIu64
                      " bytes\nschema version  %u\ndigest          sha256:%s\n",
                      info->reference_count,
                      info->newest_release[0] != '\0' ? info->newest_release : "-",
                      info->tensor_hash_count, info->file_hash_count, info->size_bytes,
                      (unsigned)info->schema_version, hex_of(info->digest).text);
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
    code = sva_refstore_get_info(store, &info, &error) == SVA_OK ? print_info(&info)
                                                                 : complain_error(&error);
    code = code == EXIT_DONE ? print_facts(store) : code;
    sva_refstore_close(store);
    return code;
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
