/* SPDX-License-Identifier: Apache-2.0 */
/** sovaudit refs lookup|update-facts: the facts database. */
#include <stdlib.h>
#include <string.h>

#include "audit_output.h"
#include "store_output.h"

enum { DIGEST_DIGITS = 2 * SVA_DIGEST_BYTES, ORIGIN_BYTES = 512 };

/** Names of a row's fields behind its key, for people; NULL ends. */
static const char *const fields[SVA_KNOWN_KIND_COUNT][SVA_KNOWN_FIELDS] = {
    [SVA_KNOWN_FILE] = {"file of", "publisher", "bytes", "licence", "where"},
    [SVA_KNOWN_LICENCE_TEXT] = {"text of licence", "bytes"},
    [SVA_KNOWN_TEMPLATE] = {"chat template", "bytes"},
    [SVA_KNOWN_TENSOR] = {"tensor of", "tensor"},
    [SVA_KNOWN_TOKENIZER] = {"hash of", "tokenizer", "kind", "tokens", "merges", "first merges",
                             "special tokens"},
};

static int print_row(const struct sva_known *known, const struct sva_known_row *row)
{
    char origin[ORIGIN_BYTES];
    int code = EXIT_DONE;
    for (size_t i = 1; i + 1 < row->field_count && code == EXIT_DONE; i++) {
        const char *name = fields[row->kind][i - 1];
        if (name != NULL && row->fields[i][0] != '\0') {
            code = print_line("  %-16s %s\n", name, show(row->fields[i]).text);
        }
    }
    sva_known_origin(known, row, origin, sizeof origin);
    return code == EXIT_DONE ? print_line("  %-16s %s\n", "origin", show(origin).text) : code;
}

/** Everything under a digest, of whatever kind. */
static int print_digest(const struct sva_known *known, const char *digest, size_t *found)
{
    static const enum sva_known_kind sought[] = {SVA_KNOWN_FILE, SVA_KNOWN_LICENCE_TEXT,
                                                 SVA_KNOWN_TEMPLATE, SVA_KNOWN_TENSOR,
                                                 SVA_KNOWN_TOKENIZER};
    int code = EXIT_DONE;
    for (size_t i = 0; i < sizeof sought / sizeof *sought; i++) {
        size_t first = 0;
        const size_t count = sva_known_find(known, sought[i], digest, &first);
        for (size_t k = 0; k < count && code == EXIT_DONE; k++) {
            const struct sva_known_row row = sva_known_get(known, first + k);
            code = print_row(known, &row);
        }
        *found += count;
    }
    return code;
}

/** Tensors of a GGUF file, whose stored bytes the database may know. */
static int print_tensors(const struct sva_known *known, const struct sva_model *model,
                         size_t *found)
{
    size_t count = 0;
    int code = EXIT_DONE;
    for (size_t i = 0; i < model->tensor_count && code == EXIT_DONE; i++) {
        struct sva_known_row row;
        bool there = false;
        struct sva_error error = {.status = SVA_OK};
        if (sva_known_tensor_of(known, model, i, &row, &there, &error) != SVA_OK) {
            return complain_error(&error);
        }
        code = there && count == 0 ? print_row(known, &row) : EXIT_DONE;
        count += there;
    }
    *found += count;
    return count > 0 && code == EXIT_DONE
               ? print_line("  %-16s %zu of %zu\n", "known tensors", count, model->tensor_count)
               : code;
}

static int print_file(const struct sva_known *known, const char *path, size_t *found)
{
    uint8_t digest[SVA_DIGEST_BYTES];
    struct sva_model *model = NULL;
    struct sva_error error = {.status = SVA_OK};
    const size_t length = strlen(path);
    if (sva_file_digest(path, digest, &error) != SVA_OK) {
        return complain_error(&error);
    }
    int code = print_line("%s  sha256:%s\n", show(path).text, hex_of(digest).text);
    code = code == EXIT_DONE ? print_digest(known, hex_of(digest).text, found) : code;
    if (code == EXIT_DONE && length > 5 && strcmp(path + length - 5, ".gguf") == 0) {
        code = sva_model_open(path, NULL, &model, &error) == SVA_OK
                   ? print_tensors(known, model, found)
                   : complain_error(&error);
        sva_model_close(model);
    }
    return code;
}

/** Lower-case copy of 64 hex digits; false: the text is something else. */
static bool is_digest(const char *text, char digest[DIGEST_DIGITS + 1])
{
    static const char digits[] = "0123456789abcdefABCDEF";
    if (strlen(text) != DIGEST_DIGITS || strspn(text, digits) != DIGEST_DIGITS) {
        return false;
    }
    for (size_t i = 0; i <= DIGEST_DIGITS; i++) {
        const char c = text[i];
        digest[i] = c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;
    }
    return true;
}

static int look_up(const struct settings *settings, const struct sva_known *known)
{
    size_t all = 0;
    int code = EXIT_DONE;
    for (size_t i = 0; i < settings->operand_count && code == EXIT_DONE; i++) {
        char digest[DIGEST_DIGITS + 1];
        size_t found = 0;
        if (is_digest(settings->operands[i], digest)) {
            code = print_line("sha256:%s\n", digest);
            code = code == EXIT_DONE ? print_digest(known, digest, &found) : code;
        } else {
            code = print_file(known, settings->operands[i], &found);
        }
        code = code == EXIT_DONE && found == 0 ? print_line("  not known\n") : code;
        all += found;
    }
    return code == EXIT_DONE && all == 0 ? EXIT_NOTHING : code;
}

int run_refs_lookup(const struct settings *settings)
{
    struct sva_refstore *store = NULL;
    struct sva_known *known = NULL;
    struct sva_error error = {.status = SVA_OK};
    char *path = NULL;
    int code = audit_store_path(settings, &path);
    if (code >= 0) {
        return code;
    }
    enum sva_status status = path != NULL ? sva_refstore_open(path, false, &store, &error) : SVA_OK;
    if (status == SVA_OK) {
        status = sva_known_load(store, &known, &error);
    }
    code = status == SVA_OK ? look_up(settings, known) : complain_error(&error);
    sva_known_free(known);
    sva_refstore_close(store);
    free(path);
    return code;
}

int run_refs_update_facts(const struct settings *settings)
{
    struct sva_refstore *store = NULL;
    struct sva_known *known = NULL;
    struct sva_error error = {.status = SVA_OK};
    int code = open_store(settings, true, &store);
    if (code >= 0) {
        return code;
    }
    enum sva_status status = sva_refstore_update_known(store, settings->operands[0], &error);
    if (status == SVA_OK) {
        status = sva_known_load(store, &known, &error);
    }
    code = status == SVA_OK ? EXIT_DONE : complain_error(&error);
    if (code == EXIT_DONE && !settings->quiet) {
        const struct sva_known_info *info = sva_known_get_info(known);
        code = print_line("%zu facts of %s\n", info->row_count, info->date);
    }
    sva_known_free(known);
    sva_refstore_close(store);
    return code;
}
