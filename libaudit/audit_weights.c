/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_weights.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/text.h"

const char *sva_name_of_path(struct sva_arena *arena, const char *path)
{
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/') {
        end--;
    }
    size_t start = end;
    while (start > 0 && path[start - 1] != '/') {
        start--;
    }
    return start < end ? sva_arena_strndup(arena, path + start, end - start)
                       : sva_arena_strdup(arena, path);
}

/** "name" or "name@version", as a text of `length` bytes, means this reference. */
static bool is_named(const struct sva_reference *reference, const char *text, size_t length)
{
    const size_t name = strlen(reference->name);
    const bool begins = length >= name && memcmp(text, reference->name, name) == 0;
    return begins && (length == name ||
                      (text[name] == '@' && strlen(reference->version) == length - name - 1 &&
                       memcmp(text + name + 1, reference->version, length - name - 1) == 0));
}

/** Puts `path` to the stored reference of that name; counts how many have it. */
static size_t place(struct sva_inputs *inputs, const char *name, size_t length, const char *path)
{
    size_t found = 0;
    for (size_t i = 0; i < inputs->count; i++) {
        struct sva_input_reference *input = &inputs->references[i];
        if (input->stored && is_named(&input->reference, name, length)) {
            input->path = path;
            found++;
        }
    }
    return found;
}

static enum sva_status place_one(struct sva_inputs *inputs, const char *given,
                                 struct sva_error *error)
{
    const char *equals = strchr(given, '=');
    size_t found = 0;
    if (equals != NULL && equals[1] != '\0') {
        found = place(inputs, given, (size_t)(equals - given), equals + 1);
    }
    if (found == 0) {
        const char *name = sva_name_of_path(&inputs->arena, given);
        if (name == NULL) {
            return sva_fail_memory(error, "listing the references");
        }
        found = place(inputs, name, strlen(name), given);
    }
    if (found == 0) {
        return sva_fail(error, SVA_ERR_NOT_FOUND,
                        "\"%s\" gives weights to no reference of the store; write NAME=PATH",
                        sva_esc(given).text);
    }
    return found == 1 ? SVA_OK
                      : sva_fail(error, SVA_ERR_USAGE,
                                 "\"%s\" could be any of %zu versions; write NAME@VERSION=PATH",
                                 sva_esc(given).text, found);
}

enum sva_status sva_place_weights(struct sva_inputs *inputs,
                                  const struct sva_check_options *options, struct sva_error *error)
{
    enum sva_status status = SVA_OK;
    for (size_t i = 0; i < options->ref_weights_count && status == SVA_OK; i++) {
        status = place_one(inputs, options->ref_weights[i], error);
    }
    return status;
}

static int by_digest(const void *left, const void *right)
{
    return memcmp(left, right, SVA_DIGEST_BYTES);
}

/** Sorted value hashes of a print's tensors. sva_free() them; NULL: no memory. */
static uint8_t (*value_hashes(const struct sva_print *print))[SVA_DIGEST_BYTES]
{
    uint8_t(*hashes)[SVA_DIGEST_BYTES] = sva_calloc(print->tensor_count, sizeof *hashes);
    for (size_t i = 0; hashes != NULL && i < print->tensor_count; i++) {
        memcpy(hashes[i], print->tensors[i].value_hash, SVA_DIGEST_BYTES);
    }
    if (hashes != NULL) {
        qsort(hashes, print->tensor_count, sizeof *hashes, by_digest);
    }
    return hashes;
}

static enum sva_status check_values(const struct sva_input_reference *input,
                                    const struct sva_print *stored, const struct sva_print *given,
                                    struct sva_error *error)
{
    uint8_t(*hashes)[SVA_DIGEST_BYTES] = value_hashes(given);
    enum sva_status status =
        hashes != NULL ? SVA_OK : sva_fail_memory(error, "checking a reference's weights");
    for (size_t i = 0; i < stored->tensor_count && status == SVA_OK; i++) {
        const struct sva_print_tensor *tensor = &stored->tensors[i];
        if (tensor->sampled) {
            status = sva_fail(error, SVA_ERR_USAGE,
                              "the stored print of reference \"%s\" was made by a quick reading, so "
                              "that weights cannot be checked against it: add a full one",
                              sva_esc(input->reference.name).text);
        } else if (bsearch(tensor->value_hash, hashes, given->tensor_count, sizeof *hashes, by_digest) ==
            NULL) {
            status =
                sva_fail(error, SVA_ERR_CONFLICT,
                         "%s: does not hold the weights of reference \"%s\": no tensor has the "
                         "values of its \"%s\"",
                         sva_esc(input->path).text, sva_esc(input->reference.name).text,
                         sva_esc(tensor->name).text);
        }
    }
    sva_free(hashes);
    return status;
}

enum sva_status sva_check_weights(const struct sva_inputs *inputs,
                                  const struct sva_input_reference *input,
                                  struct sva_opened *opened, struct sva_error *error)
{
    struct sva_print *stored = NULL;
    enum sva_status status = SVA_OK;
    if (opened->model == NULL) {
        status = sva_fail(error, SVA_ERR_USAGE, "%s: a print was given where weights are wanted",
                          sva_esc(input->path).text);
    }
    if (status == SVA_OK) {
        status = sva_refstore_print(inputs->store, input->reference.name, input->reference.version,
                                    &stored, error);
    }
    if (status == SVA_OK) {
        status = check_values(input, stored, opened->print, error);
    }
    sva_print_free(stored);
    if (status != SVA_OK) {
        sva_close_side(opened);
    }
    return status;
}
