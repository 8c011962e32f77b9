/* SPDX-License-Identifier: Apache-2.0 */
/** sovaudit evidence init|add|check: the register of documents beside a model. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "audit_output.h"
#include "terminal.h"

static const char REGISTER[] = "evidence.json";

/** MODEL/evidence.json, evidence.json beside a model of one file. NULL after a message. free(). */
static char *register_of(const char *model)
{
    struct stat info;
    const char *slash = strrchr(model, '/');
    const bool there = stat(model, &info) == 0;
    if (!there && errno != ENOENT && errno != ENOTDIR) {
        complain("%s: cannot look at it: %s", show(model).text, strerror(errno));
        return NULL;
    }
    const bool folder = there && S_ISDIR(info.st_mode);
    const size_t length = folder ? strlen(model) : slash != NULL ? (size_t)(slash - model) : 0;
    char *path = malloc(length + sizeof REGISTER + 1);
    if (path == NULL) {
        complain("out of memory while looking for the register");
        return NULL;
    }
    memcpy(path, model, length);
    (void)snprintf(path + length, sizeof REGISTER + 1, "%s%s", length > 0 ? "/" : "", REGISTER);
    return path;
}

int run_evidence_init(const struct settings *settings)
{
    struct sva_rulepack *pack = NULL;
    struct sva_error error = {.status = SVA_OK};
    int code = audit_paths_check(settings->operands, 1);
    if (code >= 0) {
        return code;
    }
    char *path = register_of(settings->operands[0]);
    if (path == NULL) {
        return EXIT_INCOMPLETE;
    }
    enum sva_status status = sva_rulepack_load(
        settings->rules != NULL ? settings->rules : "kr-independent-ai", &pack, &error);
    if (status == SVA_OK) {
        status = sva_evidence_init(path, pack, &error);
    }
    code = status != SVA_OK  ? complain_error(&error)
           : settings->quiet ? EXIT_DONE
                             : print_line("%s\n", show(path).text);
    sva_rulepack_free(pack);
    free(path);
    return code;
}

int run_evidence_add(const struct settings *settings)
{
    struct sva_error error = {.status = SVA_OK};
    const struct sva_document_note note = {.kind = settings->kind,
                                           .media_type = settings->media_type,
                                           .issuer = settings->issuer,
                                           .date = settings->document_date,
                                           .language = settings->language,
                                           .confidential = settings->confidential};
    if (settings->kind == NULL) {
        return complain_usage("evidence add wants --kind; \"sovaudit rules show\" and the list in "
                              "the register name the kinds");
    }
    return sva_evidence_add(settings->evidence != NULL ? settings->evidence : REGISTER,
                            settings->operands[0], &note, &error) == SVA_OK
               ? EXIT_DONE
               : complain_error(&error);
}

/** One line per document; true when all are usable. */
static bool list_documents(const struct settings *settings, const struct sva_evidence *evidence,
                           int *code)
{
    bool good = true;
    for (size_t i = 0; i < evidence->document_count && *code == EXIT_DONE; i++) {
        const struct sva_document *document = &evidence->documents[i];
        good = good && document->state <= SVA_DOCUMENT_HASH_ONLY;
        if (!settings->quiet) {
            *code = print_line(
                "%-10s %s  %s  %s\n",
                sva_word((enum sva_lang)settings->lang, sva_document_state_name(document->state)),
                hex_of(document->sha256).text, show(document->kind).text,
                document->path[0] != '\0' ? show(document->path).text : "-");
        }
    }
    return good;
}

int run_evidence_check(const struct settings *settings)
{
    struct sva_evidence *evidence = NULL;
    struct sva_error error = {.status = SVA_OK};
    char *beside = settings->evidence == NULL
                       ? register_of(settings->operand_count > 0 ? settings->operands[0] : ".")
                       : NULL;
    const char *path = settings->evidence != NULL ? settings->evidence : beside;
    if (path == NULL) {
        return EXIT_INCOMPLETE;
    }
    if (sva_evidence_load(path, NULL, NULL, &evidence, &error) != SVA_OK) {
        free(beside);
        return complain_error(&error);
    }
    int code = EXIT_DONE;
    const bool good = list_documents(settings, evidence, &code);
    for (size_t i = 0; i < evidence->finding_count; i++) {
        char text[1024];
        complain("%s: %s: %s", evidence->findings[i].code, show(evidence->findings[i].file).text,
                 sva_finding_words((enum sva_lang)settings->lang, &evidence->findings[i], text,
                                   sizeof text));
    }
    code =
        code == EXIT_DONE && (!good || evidence->finding_count > 0) ? EXIT_CRITERION_FAILED : code;
    sva_evidence_free(evidence);
    free(beside);
    return code;
}
