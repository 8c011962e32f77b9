/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_inputs.h"
#include "audit_weights.h"

#include <string.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/text.h"
#include "refstore/store_change.h"

static enum sva_status open_side(const char *path, const struct sva_check_options *options,
                                 bool again, const char *name, struct sva_opened *opened,
                                 struct sva_error *error)
{
    *opened = (struct sva_opened){0};
    bool is_print = false;
    enum sva_status status = sva_print_sniff(path, &is_print, error);
    if (status != SVA_OK || is_print) {
        return status == SVA_OK ? sva_print_load(path, &opened->print, error) : status;
    }
    struct sva_limits limits = options->limits != NULL ? *options->limits : sva_limits_default();
    limits.progress = limits.progress != NULL ? limits.progress : &options->progress;
    status = sva_model_open(path, &limits, &opened->model, error);
    if (status == SVA_OK) {
        const struct sva_print_options making = {.threads = options->threads,
                                                 .read_again = again,
                                                 .progress = options->progress,
                                                 .quick = options->quick,
                                                 .name = name};
        status = sva_print_make(opened->model, &making, &opened->print, error);
    }
    if (status != SVA_OK) {
        sva_close_side(opened);
    }
    return status;
}

enum sva_status sva_open_side(const char *path, const struct sva_check_options *options, bool again,
                              struct sva_opened *opened, struct sva_error *error)
{
    return open_side(path, options, again, NULL, opened, error);
}

enum sva_status sva_open_subject(const char *path, const struct sva_check_options *options,
                                 bool again, struct sva_opened *opened, struct sva_error *error)
{
    return open_side(path, options, again, options->subject_name, opened, error);
}

void sva_close_side(struct sva_opened *opened)
{
    sva_print_free(opened->print);
    sva_model_close(opened->model);
    *opened = (struct sva_opened){0};
}

enum sva_status sva_print_of_path(const char *path, const struct sva_check_options *options,
                                  struct sva_print **print, struct sva_error *error)
{
    struct sva_opened opened;
    const enum sva_status status = sva_open_side(path, options, false, &opened, error);
    if (status == SVA_OK) {
        *print = opened.print;
        opened.print = NULL;
    }
    sva_close_side(&opened);
    return status;
}

enum sva_status sva_file_digest(const char *path, uint8_t digest[SVA_DIGEST_BYTES],
                                struct sva_error *error)
{
    return sva_digest_file(path, digest, error);
}

struct sva_compare_options sva_comparing_options(const struct sva_check_options *options)
{
    struct sva_compare_options out = options->compare;
    out.threads = options->threads;
    out.progress = (struct sva_progress){.cancelled = options->progress.cancelled,
                                         .context = options->progress.context};
    return out;
}

enum sva_status sva_print_added(const struct sva_model *model, const struct sva_model *origin,
                                const struct sva_check_options *options, struct sva_print **added,
                                struct sva_error *error)
{
    const struct sva_print_options making = {.threads = options->threads,
                                             .skip_file_hashes = true,
                                             .origin = origin,
                                             .progress = options->progress};
    return model != NULL ? sva_print_make(model, &making, added, error) : SVA_OK;
}

static bool is_excluded(const struct sva_inputs *inputs, const char *name)
{
    for (size_t i = 0; i < inputs->excluded_count; i++) {
        if (strcmp(inputs->excluded[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static enum sva_status list_references(struct sva_inputs *inputs,
                                       const struct sva_check_options *options,
                                       struct sva_error *error)
{
    const size_t offered = inputs->listed_count + options->ref_path_count;
    inputs->offered_count = offered;
    inputs->references = sva_calloc(offered, sizeof *inputs->references);
    if (inputs->references == NULL) {
        return sva_fail_memory(error, "listing the references");
    }
    for (size_t i = 0; i < inputs->listed_count; i++) {
        if (!is_excluded(inputs, inputs->listed[i].name)) {
            inputs->references[inputs->count++] =
                (struct sva_input_reference){.stored = true, .reference = inputs->listed[i]};
        }
    }
    for (size_t i = 0; i < options->ref_path_count; i++) {
        const char *name = sva_name_of_path(&inputs->arena, options->ref_paths[i]);
        if (name == NULL) {
            return sva_fail_memory(error, "listing the references");
        }
        if (!is_excluded(inputs, name)) {
            inputs->references[inputs->count++] = (struct sva_input_reference){
                .path = options->ref_paths[i],
                .reference = {.name = name,
                              .version = "",
                              .publisher = "",
                              .licence = "",
                              .released = "",
                              .derived_from = "",
                              .source = "",
                              .added = ""},
            };
        }
    }
    return SVA_OK;
}

/** A name that excludes nothing is a slip of the pen that must not pass unseen. */
static enum sva_status check_exclusions(const struct sva_inputs *inputs,
                                        const struct sva_check_options *options,
                                        struct sva_error *error)
{
    for (size_t e = 0; e < inputs->excluded_count; e++) {
        bool found = false;
        for (size_t i = 0; i < inputs->listed_count && !found; i++) {
            found = strcmp(inputs->listed[i].name, inputs->excluded[e]) == 0;
        }
        for (size_t i = 0; i < options->ref_path_count && !found; i++) {
            struct sva_arena arena = {.blocks = NULL};
            const char *name = sva_name_of_path(&arena, options->ref_paths[i]);
            found = name != NULL && strcmp(name, inputs->excluded[e]) == 0;
            sva_arena_done(&arena);
        }
        if (!found) {
            return sva_fail(error, SVA_ERR_NOT_FOUND,
                            "no reference is named \"%s\", so it cannot be excluded",
                            sva_esc(inputs->excluded[e]).text);
        }
    }
    return SVA_OK;
}

enum sva_status sva_inputs_open(struct sva_inputs *inputs, const struct sva_check_options *options,
                                struct sva_error *error)
{
    inputs->excluded = sva_calloc(options->exclude_count, sizeof *inputs->excluded);
    if (inputs->excluded == NULL) {
        return sva_fail_memory(error, "listing the references");
    }
    for (size_t i = 0; i < options->exclude_count; i++) {
        if (!is_excluded(inputs, options->exclude[i])) {
            inputs->excluded[inputs->excluded_count++] = options->exclude[i];
        }
    }
    enum sva_status status = SVA_OK;
    if (options->store_path != NULL) {
        status = sva_refstore_open(options->store_path, false, &inputs->store, error);
        if (status == SVA_OK) {
            status =
                sva_refstore_list(inputs->store, &inputs->listed, &inputs->listed_count, error);
        }
    }
    if (status == SVA_OK) {
        status = list_references(inputs, options, error);
    }
    if (status == SVA_OK) {
        status = check_exclusions(inputs, options, error);
    }
    return status == SVA_OK ? sva_place_weights(inputs, options, error) : status;
}

enum sva_status sva_inputs_load(struct sva_inputs *inputs, size_t index,
                                const struct sva_check_options *options, struct sva_opened *opened,
                                struct sva_error *error)
{
    struct sva_input_reference *input = &inputs->references[index];
    *opened = (struct sva_opened){0};
    if (input->path == NULL) {
        struct sva_packed_print packed = {0};
        enum sva_status read =
            sva_refstore_listed_print(inputs->store, &input->reference, &packed, error);
        read = read == SVA_OK ? sva_packed_print_decode(&packed, &opened->print, error) : read;
        sva_packed_print_done(&packed);
        return read;
    }
    enum sva_status status = sva_open_side(input->path, options, true, opened, error);
    if (status == SVA_OK && input->stored) {
        return sva_check_weights(inputs, input, opened, error);
    }
    if (status == SVA_OK) {
        input->reference.parameter_count = opened->print->parameter_count;
        memcpy(input->reference.print_digest, opened->print->digest, SVA_DIGEST_BYTES);
    }
    return status;
}

static bool same_text(const char *a, const char *b)
{
    return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

static bool copy_hit(struct sva_inputs *inputs, const struct sva_exact_hit *hit)
{
    struct sva_exact_hit *copy = &inputs->hits[inputs->hit_count];
    *copy = *hit;
    copy->reference_name = sva_arena_strdup(&inputs->arena, hit->reference_name);
    copy->reference_version = sva_arena_strdup(
        &inputs->arena, hit->reference_version != NULL ? hit->reference_version : "");
    copy->reference_item =
        sva_arena_strdup(&inputs->arena, hit->reference_item != NULL ? hit->reference_item : "");
    inputs->hit_count++;
    return copy->reference_name != NULL && copy->reference_version != NULL &&
           copy->reference_item != NULL;
}

/** Looks up in `store` and keeps copies of the hits that are not excluded. */
static enum sva_status collect_hits(struct sva_inputs *inputs, struct sva_refstore *store,
                                    const struct sva_print *subject, struct sva_error *error)
{
    struct sva_exact_hit *found = NULL;
    size_t count = 0;
    enum sva_status status = sva_refstore_lookup(store, subject, &found, &count, error);
    if (status != SVA_OK || count == 0) {
        sva_exact_hits_free(found, count);
        return status;
    }
    struct sva_exact_hit *hits =
        sva_realloc_array(inputs->hits, inputs->hit_count + count, sizeof *hits);
    bool stored = hits != NULL;
    inputs->hits = stored ? hits : inputs->hits;
    for (size_t i = 0; i < count && stored; i++) {
        if (!is_excluded(inputs, found[i].reference_name)) {
            stored = copy_hit(inputs, &found[i]);
        }
    }
    sva_exact_hits_free(found, count);
    return stored ? SVA_OK : sva_fail_memory(error, "looking up digests");
}

enum sva_status sva_inputs_look_up(struct sva_inputs *inputs, const struct sva_print *subject,
                                   struct sva_error *error)
{
    return inputs->store != NULL ? collect_hits(inputs, inputs->store, subject, error) : SVA_OK;
}

enum sva_status sva_inputs_look_up_in(struct sva_inputs *inputs, size_t index,
                                      const struct sva_print *print,
                                      const struct sva_print *subject, struct sva_error *error)
{
    const struct sva_input_reference *input = &inputs->references[index];
    for (size_t i = 0; i < index; i++) { /* the same path twice: one set of hits */
        if (inputs->references[i].path != NULL && input->path != NULL &&
            same_text(inputs->references[i].path, input->path)) {
            return SVA_OK;
        }
    }
    if (input->path == NULL || input->stored) {
        return SVA_OK;
    }
    struct sva_refstore *scratch = NULL;
    enum sva_status status = sva_refstore_open(":memory:", true, &scratch, error);
    if (status == SVA_OK) {
        status = sva_store_add_hashes(scratch, &input->reference, print, error);
    }
    if (status == SVA_OK) {
        status = collect_hits(inputs, scratch, subject, error);
    }
    sva_refstore_close(scratch);
    return status;
}

void sva_inputs_close(struct sva_inputs *inputs)
{
    sva_references_free(inputs->listed, inputs->listed_count);
    sva_refstore_close(inputs->store);
    sva_free(inputs->references);
    sva_free(inputs->excluded);
    sva_free(inputs->hits);
    sva_arena_done(&inputs->arena);
    *inputs = (struct sva_inputs){.store = NULL};
}
