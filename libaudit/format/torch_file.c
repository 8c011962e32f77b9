/* SPDX-License-Identifier: Apache-2.0 */
#include "format/torch_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/fail.h"
#include "base/text.h"
#include "format/notes.h"
#include "format/pickle.h"
#include "format/repeats.h"
#include "format/zip_directory.h"
#include "kernel/dtype.h"

/** Of some 170 bytes for each tensor: 400 000 of them, in one file. */
static const uint64_t PICKLE_MOST_BYTES = (uint64_t)64 << 20;

/**
 * Elements beyond the places that tensors have, in one file: what expand() makes of a mask. A
 * stride of 0 could make any number of parameters out of one.
 */
static const uint64_t SHARED_PLACES_MOST = (uint64_t)1 << 24;

/** A range of the file that a tensor claims. */
struct claim {
    uint64_t begin, end;
};

/** One reading of a checkpoint. */
struct checkpoint {
    const struct sva_limits *limits;
    struct sva_source source;
    struct sva_escaped what;
    struct sva_zip zip;
    struct sva_pickle pickle;
    const char *root; /* "archive/", in the arena */
    bool big_endian;
    struct sva_arena arena;
    struct sva_notes notes;
    struct sva_tally transposed, strided;
    struct sva_tensor *tensors;
    struct claim *claims;
    size_t claim_count;
    uint64_t unclaimed;
    uint64_t shared_places; /* elements beyond the places of their tensors */
    struct sva_error *error;
};

static enum sva_status out_of_memory(struct checkpoint *file)
{
    return sva_fail_memory(file->error, "reading a PyTorch checkpoint");
}

/** Capital letters in `text` are small ones: PyTorch looks entries up in this way. */
static bool ends_in(const char *text, const char *end)
{
    const size_t size = strlen(text);
    const size_t end_size = strlen(end);
    bool same = size >= end_size;
    for (size_t i = 0; same && i < end_size; i++) {
        same = sva_lower(text[size - end_size + i]) == end[i];
    }
    return same;
}

/** No two entries have one name but for capital letters. Errors: CORRUPT, MEMORY. */
static enum sva_status check_entry_names(struct checkpoint *file)
{
    const size_t count = file->zip.count;
    struct sva_named *const names = sva_calloc(count, sizeof *names);
    struct sva_named twice = {0};
    bool failed = names == NULL;
    for (size_t i = 0; !failed && i < count; i++) {
        const char *const name = file->zip.entries[i].name;
        char *const copy = sva_arena_strdup(&file->arena, name);
        failed = copy == NULL;
        for (size_t c = 0; !failed && copy[c] != '\0'; c++) {
            copy[c] = sva_lower(copy[c]);
        }
        names[i] = (struct sva_named){.text = copy, .size = strlen(name), .at = i};
    }
    const uint64_t repeated = failed ? 0 : sva_repeats_count(names, count, &twice);
    sva_free(names);
    if (failed) {
        return out_of_memory(file);
    }
    return repeated == 0
               ? SVA_OK
               : sva_fail_at(file->error, SVA_ERR_CORRUPT,
                             file->zip.entries[twice.at].header_offset,
                             "%s: the entry \"%s\" is there twice, in capitals and in "
                             "small letters, which PyTorch does not tell apart",
                             file->what.text, sva_esc(file->zip.entries[twice.at].name).text);
}

/** Arrays beside the pickle are weights that NumPy finds and PyTorch does not. */
static enum sva_status refuse_arrays(struct checkpoint *file)
{
    for (size_t i = 0; i < file->zip.count; i++) {
        const struct sva_zip_entry *const entry = &file->zip.entries[i];
        if (ends_in(entry->name, ".npy")) {
            return sva_fail_at(file->error, SVA_ERR_CORRUPT, entry->header_offset,
                               "%s: the entry \"%s\" is a NumPy array beside a checkpoint's "
                               "pickle, and loaders disagree which counts",
                               file->what.text, sva_esc(entry->name).text);
        }
    }
    return SVA_OK;
}

/** <root>/data.pkl. Which one counts where there are several depends on the loader. */
static enum sva_status find_pickle(struct checkpoint *file, const struct sva_zip_entry **pickle)
{
    const struct sva_zip_entry *found = NULL;
    for (size_t i = 0; i < file->zip.count; i++) {
        const struct sva_zip_entry *const entry = &file->zip.entries[i];
        if (!ends_in(entry->name, "/data.pkl") && strcmp(entry->name, "data.pkl") != 0) {
            continue;
        }
        if (found != NULL) {
            return sva_fail_at(file->error, SVA_ERR_CORRUPT, entry->header_offset,
                               "%s: both \"%s\" and \"%s\" could be the checkpoint's pickle",
                               file->what.text, sva_esc(found->name).text,
                               sva_esc(entry->name).text);
        }
        found = entry;
    }
    const char *const slash = found == NULL ? NULL : strchr(found->name, '/');
    if (slash == NULL || strcmp(slash, "/data.pkl") != 0) {
        return sva_fail(file->error, SVA_ERR_CORRUPT,
                        "%s: a zip archive without <name>/data.pkl: no PyTorch checkpoint",
                        file->what.text);
    }
    file->root = sva_arena_strndup(&file->arena, found->name, (size_t)(slash - found->name) + 1);
    *pickle = found;
    return file->root == NULL ? out_of_memory(file) : SVA_OK;
}

/** <root>data/<key>, or NULL when there is none. *failed: out of memory. */
static const struct sva_zip_entry *find_storage(struct checkpoint *file, const char *key,
                                                bool *failed)
{
    const char *const path = sva_arena_printf(&file->arena, "%sdata/%s", file->root, key);
    *failed = path == NULL;
    return path == NULL ? NULL : sva_zip_find(&file->zip, path);
}

/** <root>/byteorder, in small letters or capitals, or NULL. */
static const struct sva_zip_entry *find_byte_order(const struct checkpoint *file)
{
    static const char name[] = "/byteorder";
    const size_t size = strlen(file->root) - 1 + strlen(name);
    for (size_t i = 0; i < file->zip.count; i++) {
        const struct sva_zip_entry *const entry = &file->zip.entries[i];
        if (strlen(entry->name) == size && ends_in(entry->name, name) &&
            strncmp(entry->name, file->root, size - strlen(name)) == 0) {
            return entry;
        }
    }
    return NULL;
}

static enum sva_status read_byte_order(struct checkpoint *file)
{
    const struct sva_zip_entry *const entry = find_byte_order(file);
    uint8_t *bytes = NULL;
    if (entry == NULL) {
        return SVA_OK;
    }
    const enum sva_status status = sva_zip_load(&file->source, entry, 16, &bytes, file->error);
    if (status != SVA_OK) {
        return status;
    }
    file->big_endian = entry->size_bytes == 3 && memcmp(bytes, "big", 3) == 0;
    const bool known =
        file->big_endian || (entry->size_bytes == 6 && memcmp(bytes, "little", 6) == 0);
    sva_free(bytes);
    return known ? SVA_OK
                 : sva_fail_at(file->error, SVA_ERR_CORRUPT, entry->data_offset,
                               "%s: byteorder is neither \"little\" nor \"big\"", file->what.text);
}

static enum sva_status read_pickle(struct checkpoint *file)
{
    const struct sva_zip_entry *entry = NULL;
    uint8_t *bytes = NULL;
    enum sva_status status = check_entry_names(file);
    if (status == SVA_OK) {
        status = refuse_arrays(file);
    }
    if (status == SVA_OK) {
        status = find_pickle(file, &entry);
    }
    if (status == SVA_OK) {
        status = sva_zip_load(&file->source, entry, PICKLE_MOST_BYTES, &bytes, file->error);
    }
    if (status == SVA_OK) {
        const char *const what =
            sva_arena_printf(&file->arena, "%s: %s", file->what.text, sva_esc(entry->name).text);
        status = what == NULL ? out_of_memory(file)
                              : sva_pickle_read((struct sva_span){bytes, (size_t)entry->size_bytes},
                                                what, file->limits, &file->pickle, file->error);
    }
    sva_free(bytes);
    return status == SVA_OK ? read_byte_order(file) : status;
}

/* -- tensors ----------------------------------------------------------------------------------- */

static enum sva_status bad(struct checkpoint *file, const struct sva_pickle_tensor *tensor,
                           const char *complaint)
{
    return sva_fail(file->error, SVA_ERR_CORRUPT, "%s: tensor \"%s\": %s", file->what.text,
                    sva_escn(tensor->name, tensor->name_bytes).text, complaint);
}

enum layout { IN_ORDER, TRANSPOSED, STRIDED };

/** How a tensor's elements lie; dimensions of one element may have any stride. */
static enum layout layout_of(const struct sva_pickle_tensor *tensor)
{
    uint64_t expected = 1;
    bool ordered = true;
    for (uint32_t i = tensor->rank; i-- > 0;) {
        ordered = ordered && (tensor->size[i] == 1 || tensor->stride[i] == expected);
        expected *= tensor->size[i];
    }
    if (ordered) {
        return IN_ORDER;
    }
    return tensor->rank == 2 && tensor->stride[0] == 1 && tensor->stride[1] == tensor->size[0]
               ? TRANSPOSED
               : STRIDED;
}

/** Elements, and elements of storage from the tensor's offset to behind its last one. */
static bool measure(const struct sva_pickle_tensor *tensor, uint64_t *elements, uint64_t *extent)
{
    *elements = 1;
    *extent = 1;
    for (uint32_t i = 0; i < tensor->rank; i++) {
        uint64_t span = 0;
        if (!sva_mul_u64(*elements, tensor->size[i], elements) ||
            (tensor->size[i] > 0 && (!sva_mul_u64(tensor->size[i] - 1, tensor->stride[i], &span) ||
                                     !sva_add_u64(*extent, span, extent)))) {
            return false;
        }
    }
    *extent = *elements == 0 ? 0 : *extent;
    return true;
}

/** A tensor must lie in its storage. `entry` is where that lies; its elements and their extent. */
static enum sva_status check_place(struct checkpoint *file, const struct sva_pickle_tensor *tensor,
                                   const struct sva_zip_entry *entry, uint64_t *elements,
                                   uint64_t *extent)
{
    const uint64_t width = sva_dtype_get(tensor->dtype)->bits / 8;
    uint64_t end = 0;
    if (entry == NULL) {
        return bad(file, tensor, "its storage is not in the archive");
    }
    if (entry->method != SVA_ZIP_STORED) {
        return bad(file, tensor, "its storage is compressed, which PyTorch never does");
    }
    if (tensor->storage_bytes > entry->size_bytes) {
        return bad(file, tensor, "its storage has fewer bytes than the pickle says");
    }
    if (!measure(tensor, elements, extent) ||
        !sva_add_u64(tensor->offset_elements, *extent, &end) ||
        end > tensor->storage_bytes / width) {
        return bad(file, tensor, "it reaches beyond its storage");
    }
    if (*elements > *extent &&
        (!sva_add_u64(file->shared_places, *elements - *extent, &file->shared_places) ||
         file->shared_places > SHARED_PLACES_MOST)) {
        return bad(file, tensor, "too many elements lie in one place of its storage");
    }
    return SVA_OK;
}

static enum sva_status place_tensor(struct checkpoint *file, const struct sva_pickle_tensor *from,
                                    struct sva_tensor *to)
{
    bool failed = false;
    const struct sva_zip_entry *const storage = find_storage(file, from->storage, &failed);
    const uint64_t width = sva_dtype_get(from->dtype)->bits / 8;
    uint64_t elements = 0;
    uint64_t extent = 0;
    if (failed) {
        return out_of_memory(file);
    }
    const enum sva_status status = check_place(file, from, storage, &elements, &extent);
    if (status != SVA_OK) {
        return status;
    }
    uint64_t *const shape = sva_arena_alloc(&file->arena, from->rank, sizeof *shape);
    const char *const name = sva_arena_strndup(&file->arena, from->name, from->name_bytes);
    if (shape == NULL || name == NULL) {
        return out_of_memory(file);
    }
    const enum layout layout = layout_of(from);
    for (uint32_t i = 0; i < from->rank; i++) {
        shape[i] = from->size[layout == TRANSPOSED ? from->rank - 1 - i : i];
    }
    *to = (struct sva_tensor){.name = name,
                              .name_bytes = from->name_bytes,
                              .dtype = from->dtype,
                              .rank = from->rank,
                              .shape = shape,
                              .element_count = elements,
                              .offset_bytes = storage->data_offset + from->offset_elements * width,
                              .size_bytes = extent * width,
                              .big_endian = file->big_endian};
    if (layout == TRANSPOSED) {
        sva_tally_add(&file->transposed, from->name, from->name_bytes, to->offset_bytes);
    } else if (layout == STRIDED && elements > 0) {
        to->dtype = SVA_DTYPE_OPAQUE;
        to->form = "elements not in order";
        sva_tally_add(&file->strided, from->name, from->name_bytes, to->offset_bytes);
    }
    file->claims[file->claim_count++] =
        (struct claim){to->offset_bytes, to->offset_bytes + to->size_bytes};
    return SVA_OK;
}

static int by_place(const void *left, const void *right)
{
    const struct sva_tensor *const a = left;
    const struct sva_tensor *const b = right;
    if (a->offset_bytes != b->offset_bytes) {
        return a->offset_bytes < b->offset_bytes ? -1 : 1;
    }
    return strcmp(a->name, b->name);
}

static int by_begin(const void *left, const void *right)
{
    const struct claim *const a = left;
    const struct claim *const b = right;
    if (a->begin != b->begin) {
        return a->begin < b->begin ? -1 : 1;
    }
    return (a->end > b->end) - (a->end < b->end);
}

/** Bytes of [begin, end) that no claim covers; claims are sorted by begin. */
static uint64_t uncovered(const struct checkpoint *file, uint64_t begin, uint64_t end)
{
    uint64_t free_bytes = 0;
    size_t low = 0;
    size_t high = file->claim_count;
    while (low < high) { /* the first claim that begins at `begin` or behind it */
        const size_t middle = low + (high - low) / 2;
        if (file->claims[middle].begin < begin) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (size_t i = low; i < file->claim_count && file->claims[i].begin < end; i++) {
        free_bytes += file->claims[i].begin > begin ? file->claims[i].begin - begin : 0;
        begin = file->claims[i].end > begin ? file->claims[i].end : begin;
    }
    return free_bytes + (end > begin ? end - begin : 0);
}

static enum sva_status check_names(struct checkpoint *file)
{
    const size_t count = file->pickle.count;
    struct sva_named *const names = sva_calloc(count, sizeof *names);
    struct sva_named twice = {0};
    if (names == NULL) {
        return out_of_memory(file);
    }
    for (size_t i = 0; i < count; i++) {
        names[i] = (struct sva_named){.text = file->pickle.tensors[i].name,
                                      .size = file->pickle.tensors[i].name_bytes,
                                      .at = i};
    }
    const uint64_t repeated = sva_repeats_count(names, count, &twice);
    sva_free(names);
    return repeated == 0 ? SVA_OK
                         : sva_fail(file->error, SVA_ERR_CORRUPT,
                                    "%s: tensor \"%s\": the name is there twice", file->what.text,
                                    sva_escn(twice.text, twice.size).text);
}

static enum sva_status place_tensors(struct checkpoint *file)
{
    const size_t count = file->pickle.count;
    file->tensors = sva_arena_alloc(&file->arena, count, sizeof *file->tensors);
    file->claims = sva_calloc(count, sizeof *file->claims);
    if (file->tensors == NULL || file->claims == NULL) {
        return out_of_memory(file);
    }
    enum sva_status status = check_names(file);
    for (size_t i = 0; status == SVA_OK && i < count; i++) {
        status = place_tensor(file, &file->pickle.tensors[i], &file->tensors[i]);
    }
    if (status == SVA_OK && count > 1) {
        qsort(file->tensors, count, sizeof *file->tensors, by_place);
        qsort(file->claims, count, sizeof *file->claims, by_begin);
    }
    return status;
}

/* -- what is remarked upon --------------------------------------------------------------------- */

static void count_unclaimed(struct checkpoint *file)
{
    const size_t root_bytes = strlen(file->root);
    for (size_t i = 0; i < file->zip.count; i++) {
        const struct sva_zip_entry *const entry = &file->zip.entries[i];
        if (strncmp(entry->name, file->root, root_bytes) == 0 &&
            strncmp(entry->name + root_bytes, "data/", 5) == 0) {
            file->unclaimed +=
                uncovered(file, entry->data_offset, entry->data_offset + entry->packed_bytes);
        }
    }
    if (file->unclaimed > 0) {
        sva_notes_add(&file->notes, &file->arena, "unclaimed-bytes",
                      "%" PRIu64 " bytes of the storages belong to no tensor.", file->unclaimed);
    }
}

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/** Does torch.save() write an entry of this name beneath its folder? */
static bool is_written(const char *name)
{
    static const char *const known[] = {"data.pkl",      "version",         "byteorder",
                                        "constants.pkl", ".format_version", ".storage_alignment"};
    bool found = starts_with(name, "data/") || starts_with(name, ".data/");
    for (size_t i = 0; !found && i < sizeof known / sizeof *known; i++) {
        found = strcmp(name, known[i]) == 0;
    }
    return found;
}

/** Entries that no reader of weights needs: code above all. */
static void note_entries(struct checkpoint *file)
{
    uint64_t code = 0;
    struct sva_tally foreign = {0};
    const size_t root_bytes = strlen(file->root);
    for (size_t i = 0; i < file->zip.count; i++) {
        const struct sva_zip_entry *const entry = &file->zip.entries[i];
        const char *const name = entry->name;
        const bool own = starts_with(name, file->root);
        if (own && (starts_with(name + root_bytes, "code/") || ends_in(name, ".py"))) {
            code++;
        } else if (!own || !is_written(name + root_bytes)) {
            sva_tally_add(&foreign, name, strlen(name), entry->header_offset);
            file->unclaimed += entry->packed_bytes;
        }
    }
    if (code > 0) {
        sva_notes_add(&file->notes, &file->arena, "shipped-code",
                      "%" PRIu64 " entries of the archive are program text; none was run.", code);
    }
    if (foreign.count > 0) {
        sva_notes_add(&file->notes, &file->arena, "foreign-entries",
                      "%" PRIu64 " entries of the archive are no part of the checkpoint; the first "
                      "is \"%s\".",
                      foreign.count, foreign.first.text);
    }
    sva_zip_note_unclaimed(&file->zip, &file->notes, &file->arena);
    file->unclaimed += file->zip.unclaimed_bytes;
}

static void note_tensors(struct checkpoint *file)
{
    if (file->transposed.count > 0) {
        sva_notes_add(&file->notes, &file->arena, "transposed-storage",
                      "%" PRIu64 " matrices lie transposed in storage and are shown as stored; the "
                      "first is \"%s\".",
                      file->transposed.count, file->transposed.first.text);
    }
    if (file->strided.count > 0) {
        sva_notes_add(&file->notes, &file->arena, "strided-tensor",
                      "%" PRIu64 " tensors do not lie in order in storage and were not decoded; "
                      "the first is \"%s\".",
                      file->strided.count, file->strided.first.text);
    }
    if (file->pickle.other_values > 0) {
        sva_notes_add(&file->notes, &file->arena, "other-values",
                      "%" PRIu64 " values beside the tensors (numbers, texts, lists) were passed "
                      "over.",
                      file->pickle.other_values);
    }
}

static enum sva_status finish(struct checkpoint *file, struct sva_container *container)
{
    count_unclaimed(file);
    note_entries(file);
    note_tensors(file);
    struct sva_finding *const findings = sva_notes_finish(&file->notes, &file->arena);
    if (findings == NULL) {
        return out_of_memory(file);
    }
    *container = (struct sva_container){.arena = file->arena,
                                        .tensor_count = file->pickle.count,
                                        .tensors = file->tensors,
                                        .finding_count = file->notes.count,
                                        .findings = findings,
                                        .unclaimed_bytes = file->unclaimed};
    file->arena = (struct sva_arena){0};
    return SVA_OK;
}

enum sva_status sva_torch_read(const struct sva_input *input, const struct sva_limits *limits,
                               struct sva_container *container, struct sva_error *error)
{
    struct checkpoint file = {.limits = limits,
                              .source = sva_source_of_input(input),
                              .what = sva_esc(input->path),
                              .error = error};
    enum sva_status status = sva_zip_read(&file.source, limits, &file.zip, error);
    if (status == SVA_OK) {
        status = read_pickle(&file);
    }
    if (status == SVA_OK) {
        status = place_tensors(&file);
    }
    if (status == SVA_OK) {
        status = finish(&file, container);
    }
    sva_pickle_done(&file.pickle);
    sva_zip_done(&file.zip);
    sva_free(file.claims);
    sva_arena_done(&file.arena);
    return status;
}
