/* SPDX-License-Identifier: Apache-2.0 */
#include <sovaudit/print.h>

#include <pthread.h>
#include <string.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/pool.h"
#include "base/text.h"
#include "fingerprint/code_block.h"
#include "fingerprint/file_hashes.h"
#include "fingerprint/file_lanes.h"
#include "fingerprint/print_internal.h"
#include "fingerprint/quick_plan.h"
#include "fingerprint/quick_scan.h"
#include "fingerprint/read_order.h"
#include "fingerprint/reading_block.h"
#include "fingerprint/tensor_scan.h"
#include "fingerprint/token_sample_block.h"
#include "fingerprint/view_scan.h"
#include "model/weight_files.h"
#include "model/weight_reads.h"

struct sva_print *sva_print_new(void)
{
    struct sva_print *print = sva_calloc(1, sizeof *print);
    if (print == NULL) {
        return NULL;
    }
    print->internal = sva_calloc(1, sizeof(struct sva_print_memory));
    if (print->internal == NULL) {
        sva_free(print);
        return NULL;
    }
    print->method_version = SVA_METHOD_VERSION;
    return print;
}

void sva_print_free(struct sva_print *print)
{
    if (print == NULL) {
        return;
    }
    struct sva_print_memory *memory = sva_print_memory_of(print);
    for (size_t i = 0; memory->tensors != NULL && i < print->tensor_count; i++) {
        sva_print_tensor_done(&memory->tensors[i]);
    }
    sva_free(memory->tensors);
    sva_arena_done(&memory->arena);
    sva_free(memory);
    sva_free(print);
}

bool sva_print_reserve_tensors(struct sva_print *print, size_t count)
{
    struct sva_print_memory *memory = sva_print_memory_of(print);
    memory->tensors = sva_calloc(count, sizeof *memory->tensors);
    if (memory->tensors == NULL) {
        return false;
    }
    print->tensors = memory->tensors;
    print->tensor_count = count;
    return true;
}

const char *sva_print_fact(const struct sva_print *print, const char *key)
{
    for (size_t i = 0; i < print->fact_count; i++) {
        if (strcmp(print->facts[i].key, key) == 0) {
            return print->facts[i].value;
        }
    }
    return NULL;
}

/** Work of one run: files and the tensors in them side by side, in the order of `order`. */
struct make_job {
    const struct sva_model *model;
    const struct sva_print_options *options;
    struct sva_print *print;
    struct sva_print_file *files;
    size_t *first_view; /**< [tensor_count + 1] */
    struct sva_read_ahead ahead;
    struct sva_file_lanes lanes;
    struct sva_read_order order;
    struct sva_file_hashes hashes;
    struct sva_quick_plan plan; /**< of a quick reading */
    uint64_t total_bytes;       /**< over files and tensors: most bytes count twice */
    uint64_t passes;
    pthread_mutex_t lock; /**< guards done_bytes and the order of updates */
    uint64_t done_bytes;
};

static void report_progress(void *context, uint64_t bytes)
{
    struct make_job *const job = context;
    const struct sva_progress *progress = &job->options->progress;
    if (progress->update == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&job->lock);
    job->done_bytes += bytes;
    progress->update(progress->context, "fingerprint", job->done_bytes / job->passes,
                     job->total_bytes / job->passes);
    (void)pthread_mutex_unlock(&job->lock);
}

static enum sva_status scan_tensor(void *context, size_t tensor, struct sva_error *error)
{
    struct make_job *job = context;
    const size_t first = job->first_view[tensor];
    const size_t count = job->first_view[tensor + 1] - first;
    if (count == 0) {
        return SVA_OK;
    }
    const enum sva_status status = sva_tensor_scan(
        job->model, job->options->origin, job->options->origin == NULL ? &job->ahead : NULL,
        job->model->views + first, count, sva_print_memory_of(job->print)->tensors + first, error);
    report_progress(job, job->model->tensors[tensor].size_bytes);
    return status;
}

static enum sva_status do_step(void *context, size_t item, struct sva_error *error)
{
    struct make_job *job = context;
    const struct sva_read_step *const step = &job->order.steps[item];
    return step->tensor == SVA_STEP_HASHES
               ? sva_file_hashes_advance(&job->hashes, step->group, step->until_bytes, error)
               : scan_tensor(job, step->tensor, error);
}

/** A quick reading's step: a file beside the weights, then a tensor. */
static enum sva_status do_quick_step(void *context, size_t item, struct sva_error *error)
{
    struct make_job *job = context;
    const size_t files = job->model->file_count;
    if (item < files) {
        return job->options->skip_file_hashes
                   ? SVA_OK
                   : sva_quick_hash_file(job->model, (uint32_t)item, &job->files[item], error);
    }
    const size_t tensor = item - files;
    const size_t first = job->first_view[tensor];
    const size_t count = job->first_view[tensor + 1] - first;
    struct sva_print_tensor *out = sva_print_memory_of(job->print)->tensors + first;
    const struct sva_view *views = job->model->views + first;
    if (count == 0) {
        return SVA_OK;
    }
    const bool whole = job->plan.levels[first] == SVA_QUICK_WHOLE;
    const enum sva_status status =
        whole ? sva_tensor_scan(job->model, NULL, &job->ahead, views, count, out, error)
              : sva_quick_scan(job->model, &job->ahead, views, count, job->plan.levels + first, out,
                               error);
    report_progress(job, job->model->tensors[tensor].size_bytes);
    return status;
}

/** Copies a borrowed string into the print; NULL stays NULL. */
static const char *keep(struct sva_arena *arena, const char *text, bool *ok)
{
    if (text == NULL) {
        return NULL;
    }
    const char *copy = sva_arena_strdup(arena, text);
    *ok = *ok && copy != NULL;
    return copy;
}

static bool copy_components(struct sva_print *print, const struct sva_model *model)
{
    struct sva_arena *arena = &sva_print_memory_of(print)->arena;
    struct sva_print_component *out = sva_arena_alloc(arena, model->component_count, sizeof *out);
    bool ok = out != NULL;
    for (size_t i = 0; ok && i < model->component_count; i++) {
        const struct sva_component *in = &model->components[i];
        out[i] = (struct sva_print_component){keep(arena, in->name, &ok),
                                              in->kind,
                                              in->width,
                                              in->layer_count,
                                              in->parameter_count,
                                              in->residual_labelled,
                                              keep(arena, in->labelled_why, &ok),
                                              in->head_count,
                                              in->kv_head_count,
                                              in->head_width,
                                              0,
                                              NULL};
        print->parameter_count += in->parameter_count;
    }
    print->components = out;
    print->component_count = ok ? model->component_count : 0;
    return ok;
}

static bool copy_facts(struct sva_print *print, const struct sva_model *model)
{
    struct sva_arena *arena = &sva_print_memory_of(print)->arena;
    struct sva_fact *facts = sva_arena_alloc(arena, model->fact_count, sizeof *facts);
    struct sva_finding *findings =
        sva_arena_alloc(arena, model->finding_count + model->file_count + 2, sizeof *findings);
    bool ok = facts != NULL && findings != NULL;
    for (size_t i = 0; ok && i < model->fact_count; i++) {
        facts[i] = (struct sva_fact){keep(arena, model->facts[i].key, &ok),
                                     keep(arena, model->facts[i].value, &ok)};
    }
    for (size_t i = 0; ok && i < model->finding_count; i++) {
        const struct sva_finding *in = &model->findings[i];
        findings[i] = (struct sva_finding){keep(arena, in->code, &ok), keep(arena, in->file, &ok),
                                           keep(arena, in->text, &ok)};
    }
    print->facts = facts;
    print->fact_count = ok ? model->fact_count : 0;
    print->findings = findings;
    print->finding_count = ok ? model->finding_count : 0;
    return ok;
}

static struct sva_print_file *copy_files(struct sva_print *print, const struct sva_model *model)
{
    struct sva_arena *arena = &sva_print_memory_of(print)->arena;
    struct sva_print_file *files = sva_arena_alloc(arena, model->file_count, sizeof *files);
    bool ok = files != NULL;
    for (size_t i = 0; ok && i < model->file_count; i++) {
        files[i].path = keep(arena, model->files[i].path, &ok);
        files[i].kind = model->files[i].kind;
        files[i].size_bytes = model->files[i].size_bytes;
        print->weight_bytes += sva_file_is_audited(files[i].kind) ? files[i].size_bytes : 0;
    }
    print->files = files;
    print->file_count = ok ? model->file_count : 0;
    return ok ? files : NULL;
}

/** Everything about tensors that needs no bytes. */
static bool describe_tensors(struct sva_print *print, const struct sva_model *model)
{
    struct sva_print_memory *memory = sva_print_memory_of(print);
    if (!sva_print_reserve_tensors(print, model->view_count)) {
        return false;
    }
    for (size_t i = 0; i < model->view_count; i++) {
        const struct sva_view *view = &model->views[i];
        const struct sva_tensor *tensor = &model->tensors[view->tensor];
        struct sva_print_tensor *out = &memory->tensors[i];
        out->name = view->part[0] == '\0'
                        ? sva_arena_strndup(&memory->arena, tensor->name, tensor->name_bytes)
                        : sva_arena_printf(&memory->arena, "%s[%s]", tensor->name, view->part);
        bool ok = out->name != NULL;
        out->form = keep(&memory->arena, tensor->form, &ok);
        out->transform = view->order == NULL ? NULL : keep(&memory->arena, view->order->name, &ok);
        if (!ok) {
            return false;
        }
        out->component = view->component;
        out->role = view->role;
        out->bias = view->bias;
        out->layer = view->layer;
        out->expert = view->expert;
        out->dtype = tensor->dtype;
        out->stored_rank = tensor->rank;
        memcpy(out->n, view->n, sizeof out->n);
        out->axis_kind[0] = view->axis[0];
        out->axis_kind[1] = view->axis[1];
    }
    return true;
}

/** first_view[t] .. first_view[t+1]: the views of tensor t. */
static size_t *index_views(const struct sva_model *model)
{
    size_t *first = sva_calloc(model->tensor_count + 1, sizeof *first);
    if (first == NULL) {
        return NULL;
    }
    size_t view = 0;
    for (size_t tensor = 0; tensor < model->tensor_count; tensor++) {
        first[tensor] = view;
        while (view < model->view_count && model->views[view].tensor == tensor) {
            view++;
        }
    }
    first[model->tensor_count] = view;
    return first;
}

static bool add_finding(struct sva_print *print, const char *code, const char *file,
                        const char *text)
{
    struct sva_finding *findings = (struct sva_finding *)(uintptr_t)print->findings;
    if (text == NULL) {
        return false;
    }
    findings[print->finding_count++] = (struct sva_finding){code, file, text};
    return true;
}

/**
 * A position table computed by a formula and added to the residual stream gives
 * its dimensions labels that unrelated models share: A1 does not apply there.
 */
static void label_residual_axes(struct sva_print *print)
{
    struct sva_print_component *components =
        (struct sva_print_component *)(uintptr_t)print->components;
    for (size_t i = 0; i < print->tensor_count; i++) {
        const struct sva_print_tensor *tensor = &print->tensors[i];
        struct sva_print_component *component = &components[tensor->component];
        if (tensor->role == SVA_ROLE_EMBED_POSITIONS && (tensor->inert & SVA_INERT_FORMULA) != 0 &&
            !component->residual_labelled) {
            component->residual_labelled = true;
            component->labelled_why = "a position table computed by a formula is added to it";
        }
    }
}

/** A head stored beside the embedding it is tied to says nothing more. */
static void drop_tied_token_rows(struct sva_print *print)
{
    struct sva_print_tensor *const tensors = sva_print_memory_of(print)->tensors;
    for (size_t i = 0; i < print->tensor_count; i++) {
        struct sva_print_tensor *const head = &tensors[i];
        for (size_t k = 0; head->role == SVA_ROLE_OUTPUT_HEAD && head->token_rows.count > 0 &&
                           k < print->tensor_count;
             k++) {
            if (tensors[k].role == SVA_ROLE_EMBED_TOKENS && tensors[k].token_rows.count > 0 &&
                sva_tensors_alike(&tensors[k], head)) {
                sva_print_drop_token_rows(head);
            }
        }
    }
}

enum { GIT_ID_BYTES = 20, GIT_FILE_MOST = 64 << 20 };

/** A hub cache's small files are named by git's object id. False: out of memory. */
static bool git_id_matches(const struct sva_model *model, size_t index,
                           const uint8_t claimed[GIT_ID_BYTES], bool *matches)
{
    const uint64_t size = model->files[index].size_bytes;
    uint8_t id[GIT_ID_BYTES];
    uint8_t *bytes = size <= GIT_FILE_MOST ? sva_calloc((size_t)size + 1, 1) : NULL;
    *matches = true; /* what is too large or cannot be read any more is not accused */
    if (size > GIT_FILE_MOST) {
        return true;
    }
    bool ok = bytes != NULL;
    if (ok && sva_model_read(model, (uint32_t)index, 0, bytes, (size_t)size, NULL) == SVA_OK) {
        ok = sva_git_blob_id(bytes, (size_t)size, id);
        *matches = ok && memcmp(id, claimed, sizeof id) == 0;
    }
    sva_free(bytes);
    return ok;
}

/** Does the file have the digest that its blob's name claims? False: out of memory. */
static bool blob_matches(const struct sva_print *print, const struct sva_model *model, size_t index,
                         bool *matches)
{
    uint8_t claimed[SVA_DIGEST_BYTES];
    const char *blob = model->files[index].blob_digest;
    *matches = true;
    if (blob == NULL || !print->files[index].hashed) {
        return true;
    }
    if (sva_unhex(blob, strlen(blob), claimed, GIT_ID_BYTES)) {
        return git_id_matches(model, index, claimed, matches);
    }
    *matches = !sva_unhex(blob, strlen(blob), claimed, sizeof claimed) ||
               memcmp(claimed, print->files[index].sha256, sizeof claimed) == 0;
    return true;
}

/** What only the bytes can tell: broken blobs of a hub cache, non-finite values. */
static bool note_contents(struct sva_print *print, const struct sva_model *model)
{
    struct sva_arena *arena = &sva_print_memory_of(print)->arena;
    uint64_t nonfinite = 0;
    size_t affected = 0;
    for (size_t i = 0; i < model->file_count; i++) {
        bool matches;
        if (!blob_matches(print, model, i, &matches)) {
            return false;
        }
        if (!matches &&
            !add_finding(print, "blob-digest-mismatch", print->files[i].path,
                         sva_arena_printf(arena,
                                          "%s does not have the digest that its blob's name "
                                          "claims",
                                          sva_esc(print->files[i].path).text))) {
            return false;
        }
    }
    for (size_t i = 0; i < print->tensor_count; i++) {
        nonfinite += print->tensors[i].nonfinite_count;
        affected += print->tensors[i].nonfinite_count > 0 ? 1 : 0;
    }
    if (print->reading.quick &&
        !add_finding(print, "read-in-part", NULL, sva_reading_sentence(print, arena))) {
        return false;
    }
    return affected == 0 ||
           add_finding(print, "non-finite-values", NULL,
                       sva_arena_printf(arena, "%llu non-finite values in %zu tensors",
                                        (unsigned long long)nonfinite, affected));
}

static uint64_t tensor_bytes(const struct sva_model *model)
{
    uint64_t total = 0;
    for (size_t i = 0; i < model->tensor_count; i++) {
        total += model->tensors[i].size_bytes;
    }
    return total;
}

static uint64_t bytes_to_read(const struct make_job *job, bool hashing)
{
    uint64_t total = 0;
    for (size_t i = 0; hashing && i < job->model->file_count; i++) {
        total += job->model->files[i].size_bytes;
    }
    return total + tensor_bytes(job->model);
}

/** What the matrices are looked at through; the landmarks' keys go into the print. */
static enum sva_status read_ahead(struct make_job *job, struct sva_error *error)
{
    struct sva_arena *arena = &sva_print_memory_of(job->print)->arena;
    struct sva_print_component *components =
        (struct sva_print_component *)(uintptr_t)job->print->components;
    const struct sva_landmark_list *landmarks = &job->ahead.landmarks;
    enum sva_status status = SVA_OK;
    if (job->options->origin != NULL) {
        return SVA_OK; /* differences are not looked at so */
    }
    status = sva_norm_gains_init(&job->ahead.gains, job->model, error);
    if (status == SVA_OK) {
        status = sva_landmarks_init(&job->ahead.landmarks, job->model, error);
    }
    for (size_t i = 0; status == SVA_OK && i < landmarks->count; i++) {
        const struct sva_landmarks *marks = &landmarks->list[i];
        uint64_t *keys = sva_arena_alloc(arena, marks->count, sizeof *keys);
        if (keys == NULL) {
            return sva_fail_memory(error, "naming landmarks");
        }
        memcpy(keys, marks->keys, marks->count * sizeof *keys);
        components[marks->component].landmark_count = marks->count;
        components[marks->component].landmark_keys = keys;
    }
    return status;
}

/** Large files on the disk alone go by in lanes, unless they are wanted again; others come later.
 */
static enum sva_status read_in_lanes(struct make_job *job, bool hashing, struct sva_error *error)
{
    const struct sva_lane_work work = {.model = job->model,
                                       .files = job->files,
                                       .hashing = hashing,
                                       .threads = job->options->threads,
                                       .progress = &job->options->progress,
                                       .scan = scan_tensor,
                                       .report = report_progress,
                                       .context = job};
    if (job->options->read_again || job->options->origin != NULL) {
        return SVA_OK;
    }
    const enum sva_status status = sva_file_lanes_init(&job->lanes, &work, error);
    return status == SVA_OK ? sva_file_lanes_read(&job->lanes, error) : status;
}

/** Files are hashed beside the tensors that lie in them. */
static enum sva_status read_in_steps(struct make_job *job, bool hashing, struct sva_error *error)
{
    if (!sva_read_order_init(&job->order, job->model, job->lanes.apart, hashing,
                             job->options->threads)) {
        return sva_fail_memory(error, "ordering what is to be read");
    }
    const enum sva_status status =
        sva_file_hashes_init(&job->hashes, job->model, &job->order, job->files, error);
    job->hashes.report = report_progress;
    job->hashes.context = job;
    job->hashes.progress = &job->options->progress;
    return status == SVA_OK ? sva_parallel(job->order.step_count, job->options->threads, do_step,
                                           job, &job->options->progress, error)
                            : status;
}

static enum sva_status read_in_full(struct make_job *job, struct sva_error *error)
{
    const bool hashing = !job->options->skip_file_hashes;
    job->total_bytes = bytes_to_read(job, hashing);
    job->passes = hashing ? 2 : 1;
    enum sva_status status = read_ahead(job, error);
    if (status == SVA_OK) {
        status = read_in_lanes(job, hashing, error);
    }
    return status == SVA_OK ? read_in_steps(job, hashing, error) : status;
}

static enum sva_status read_in_part(struct make_job *job, struct sva_error *error)
{
    const struct sva_model *model = job->model;
    const uint64_t before = sva_weight_bytes_read(model);
    job->total_bytes = tensor_bytes(model);
    job->passes = 1;
    if (!sva_quick_plan_init(&job->plan, model, job->options->quick_bytes)) {
        return sva_fail_memory(error, "planning a quick reading");
    }
    enum sva_status status = read_ahead(job, error);
    if (status == SVA_OK) {
        status = sva_parallel(model->file_count + model->tensor_count, job->options->threads,
                              do_quick_step, job, &job->options->progress, error);
    }
    const uint64_t read = sva_weight_bytes_read(model) - before;
    const uint64_t total = tensor_bytes(model); /* what is looked through is read twice */
    job->print->reading = (struct sva_print_reading){true, read < total ? read : total, total};
    return status;
}

static enum sva_status run_job(struct make_job *job, struct sva_error *error)
{
    struct sva_print *print = job->print;
    const struct sva_model *model = job->model;
    job->files = copy_files(print, model);
    job->first_view = index_views(model);
    if (job->files == NULL || job->first_view == NULL || !copy_components(print, model) ||
        !copy_facts(print, model) || !describe_tensors(print, model)) {
        return sva_fail_memory(error, "describing a model");
    }
    enum sva_status status =
        job->options->quick ? read_in_part(job, error) : read_in_full(job, error);
    if (status == SVA_OK) {
        status = sva_model_unchanged(model, error);
    }
    if (status != SVA_OK) {
        return status;
    }
    label_residual_axes(print);
    drop_tied_token_rows(print);
    if (!note_contents(print, model)) {
        return sva_fail_memory(error, "listing findings");
    }
    return sva_print_seal(print, error);
}

enum sva_status sva_print_make(const struct sva_model *model,
                               const struct sva_print_options *options, struct sva_print **print,
                               struct sva_error *error)
{
    static const struct sva_print_options defaults = {0};
    struct make_job job = {0};
    if (model->tensor_count == 0) {
        return sva_fail(error, SVA_ERR_NOTHING, "the weight files of %s hold no tensor",
                        sva_esc(model->root).text);
    }
    if (options != NULL && options->quick && options->origin != NULL) {
        return sva_fail(error, SVA_ERR_USAGE,
                        "what training added to a step-0 checkpoint shows from all values only, "
                        "not from a quick reading");
    }
    job.model = model;
    job.options = options != NULL ? options : &defaults;
    job.print = sva_print_new();
    if (job.print == NULL) {
        return sva_fail_memory(error, "making a print");
    }
    if (pthread_mutex_init(&job.lock, NULL) != 0) {
        sva_print_free(job.print);
        return sva_fail(error, SVA_ERR_INTERNAL, "no mutex could be made");
    }
    job.print->name = sva_arena_strdup(&sva_print_memory_of(job.print)->arena,
                                       job.options->name != NULL ? job.options->name : model->name);
    job.print->tokens_keyed = model->token_count > 0;
    if (model->token_sample != NULL) {
        job.print->token_sample =
            sva_token_sample_copy(model->token_sample, &sva_print_memory_of(job.print)->arena);
    }
    if (model->code != NULL) {
        job.print->code = sva_code_copy(model->code, &sva_print_memory_of(job.print)->arena);
    }
    const bool copied = (model->token_sample == NULL || job.print->token_sample != NULL) &&
                        (model->code == NULL || job.print->code != NULL);
    const enum sva_status status = job.print->name == NULL || !copied
                                       ? sva_fail_memory(error, "making a print")
                                       : run_job(&job, error);
    sva_file_lanes_done(&job.lanes);
    sva_file_hashes_done(&job.hashes);
    sva_read_order_done(&job.order);
    sva_quick_plan_done(&job.plan);
    sva_free(job.first_view);
    sva_norm_gains_done(&job.ahead.gains);
    sva_landmarks_done(&job.ahead.landmarks);
    (void)pthread_mutex_destroy(&job.lock);
    if (status != SVA_OK) {
        sva_print_free(job.print);
        return status;
    }
    *print = job.print;
    return SVA_OK;
}
