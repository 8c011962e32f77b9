/* SPDX-License-Identifier: Apache-2.0 */
#include "format/npz.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/fail.h"
#include "base/text.h"
#include "format/notes.h"
#include "format/zip_directory.h"
#include "kernel/dtype.h"

enum { HEADER_MOST_BYTES = 4096 };

/** One reading of a file. */
struct arrays {
    const struct sva_limits *limits;
    struct sva_source source;
    struct sva_escaped what;
    struct sva_arena arena;
    struct sva_notes notes;
    struct sva_tally transposed;
    struct sva_tensor *tensors;
    size_t count;
    uint64_t unclaimed, zip_unclaimed;
    struct sva_error *error;
};

static enum sva_status out_of_memory(struct arrays *file)
{
    return sva_fail_memory(file->error, "reading NumPy arrays");
}

static enum sva_status fill_tensor(struct arrays *file, const struct sva_npy_header *header,
                                   const char *what, const char *name, size_t name_bytes,
                                   uint64_t offset, uint64_t size_bytes)
{
    struct sva_tensor *const tensor = &file->tensors[file->count++];
    uint64_t elements = 1;
    uint64_t bytes = 0;
    uint64_t *const shape = sva_arena_alloc(&file->arena, header->rank, sizeof *shape);
    tensor->name = sva_arena_strndup(&file->arena, name, name_bytes);
    if (shape == NULL || tensor->name == NULL) {
        return out_of_memory(file);
    }
    const bool turned = header->column_order && header->rank > 1;
    for (uint32_t i = 0; i < header->rank; i++) {
        shape[i] = header->shape[turned ? header->rank - 1 - i : i];
        if (!sva_mul_u64(elements, shape[i], &elements)) {
            return sva_fail(file->error, SVA_ERR_CORRUPT, "%s: its size overflows 64 bits", what);
        }
    }
    if (!sva_mul_u64(elements, sva_dtype_get(header->dtype)->bits / 8, &bytes) ||
        bytes > size_bytes - header->data_offset) {
        return sva_fail_at(file->error, SVA_ERR_CORRUPT, offset,
                           "%s: %" PRIu64 " elements do not fit in the %" PRIu64 " bytes it has",
                           what, elements, size_bytes - header->data_offset);
    }
    tensor->name_bytes = name_bytes;
    tensor->dtype = header->dtype;
    tensor->rank = header->rank;
    tensor->shape = shape;
    tensor->element_count = elements;
    tensor->offset_bytes = offset + header->data_offset;
    tensor->size_bytes = bytes;
    tensor->big_endian = header->big_endian;
    file->unclaimed += size_bytes - header->data_offset - bytes;
    if (turned) {
        sva_tally_add(&file->transposed, name, name_bytes, offset);
    }
    return SVA_OK;
}

/** An array that lies at [offset, offset + size_bytes) of the file. */
static enum sva_status read_array(struct arrays *file, const char *name, uint64_t offset,
                                  uint64_t size_bytes)
{
    uint8_t bytes[HEADER_MOST_BYTES];
    struct sva_npy_header header;
    size_t name_bytes = strlen(name);
    const size_t size = size_bytes < sizeof bytes ? (size_t)size_bytes : sizeof bytes;
    const char *const what =
        sva_arena_printf(&file->arena, "%s: array \"%s\"", file->what.text, sva_esc(name).text);
    if (what == NULL) {
        return out_of_memory(file);
    }
    enum sva_status status = sva_source_read(&file->source, offset, bytes, size, file->error);
    if (status == SVA_OK) {
        status = sva_npy_parse((struct sva_span){bytes, size}, what, &header, file->error);
    }
    if (status != SVA_OK) {
        return status;
    }
    if (name_bytes > 4 && strcmp(name + name_bytes - 4, ".npy") == 0) {
        name_bytes -= 4;
    }
    return fill_tensor(file, &header, what, name, name_bytes, offset, size_bytes);
}

/** PyTorch reads a zip with <name>/data.pkl, in capitals too, whatever else lies in it. */
static enum sva_status refuse_pickle(const struct arrays *file, const struct sva_zip *zip)
{
    static const char pickle[] = "data.pkl";
    const size_t pickle_bytes = sizeof pickle - 1;
    for (size_t i = 0; i < zip->count; i++) {
        const char *const name = zip->entries[i].name;
        const size_t size = strlen(name);
        bool same =
            size >= pickle_bytes && (size == pickle_bytes || name[size - pickle_bytes - 1] == '/');
        for (size_t c = 0; same && c < pickle_bytes; c++) {
            same = sva_lower(name[size - pickle_bytes + c]) == pickle[c];
        }
        if (same) {
            return sva_fail_at(file->error, SVA_ERR_CORRUPT, zip->entries[i].header_offset,
                               "%s: the entry \"%s\" makes the arrays a PyTorch checkpoint, and "
                               "loaders disagree which it is",
                               file->what.text, sva_esc(name).text);
        }
    }
    return SVA_OK;
}

static enum sva_status read_entries(struct arrays *file, const struct sva_zip *zip)
{
    uint64_t foreign = 0;
    enum sva_status status = refuse_pickle(file, zip);
    file->tensors = sva_arena_alloc(&file->arena, zip->count, sizeof *file->tensors);
    if (file->tensors == NULL) {
        return out_of_memory(file);
    }
    for (size_t i = 0; status == SVA_OK && i < zip->count; i++) {
        const struct sva_zip_entry *const entry = &zip->entries[i];
        const size_t size = strlen(entry->name);
        if (size < 5 || strcmp(entry->name + size - 4, ".npy") != 0) {
            foreign++;
        } else if (entry->method != SVA_ZIP_STORED) {
            status = sva_fail(file->error, SVA_ERR_UNSUPPORTED,
                              "%s: the entry \"%s\" is compressed (numpy.savez_compressed); arrays "
                              "are read from numpy.savez only",
                              file->what.text, sva_esc(entry->name).text);
        } else {
            status = read_array(file, entry->name, entry->data_offset, entry->size_bytes);
        }
    }
    if (status == SVA_OK && foreign > 0) {
        sva_notes_add(&file->notes, &file->arena, "foreign-entries",
                      "%" PRIu64 " entries of the archive are no arrays.", foreign);
    }
    sva_zip_note_unclaimed(zip, &file->notes, &file->arena);
    file->zip_unclaimed = zip->unclaimed_bytes;
    return status;
}

static enum sva_status read_file(struct arrays *file)
{
    uint8_t first = 0;
    struct sva_zip zip = {0};
    enum sva_status status = sva_source_read(&file->source, 0, &first, 1, file->error);
    if (status == SVA_OK && first == 0x93) {
        file->tensors = sva_arena_alloc(&file->arena, 1, sizeof *file->tensors);
        return file->tensors == NULL ? out_of_memory(file)
                                     : read_array(file, "array.npy", 0, file->source.size_bytes);
    }
    if (status == SVA_OK) {
        status = sva_zip_read(&file->source, file->limits, &zip, file->error);
    }
    if (status == SVA_OK) {
        status = read_entries(file, &zip);
    }
    sva_zip_done(&zip);
    return status;
}

static int by_place(const void *left, const void *right)
{
    const struct sva_tensor *const a = left;
    const struct sva_tensor *const b = right;
    return (a->offset_bytes > b->offset_bytes) - (a->offset_bytes < b->offset_bytes);
}

enum sva_status sva_npz_read(const struct sva_input *input, const struct sva_limits *limits,
                             struct sva_container *container, struct sva_error *error)
{
    struct arrays file = {.limits = limits,
                          .source = sva_source_of_input(input),
                          .what = sva_esc(input->path),
                          .error = error};
    enum sva_status status = read_file(&file);
    if (status == SVA_OK && file.transposed.count > 0) {
        sva_notes_add(&file.notes, &file.arena, "transposed-storage",
                      "%" PRIu64
                      " arrays lie in column order and are shown as stored; the first is "
                      "\"%s\".",
                      file.transposed.count, file.transposed.first.text);
    }
    if (status == SVA_OK && file.unclaimed > 0) {
        sva_notes_add(&file.notes, &file.arena, "unclaimed-bytes",
                      "%" PRIu64 " bytes of the arrays belong to no element.", file.unclaimed);
    }
    struct sva_finding *const findings =
        status == SVA_OK ? sva_notes_finish(&file.notes, &file.arena) : NULL;
    if (status == SVA_OK && findings == NULL) {
        status = out_of_memory(&file);
    }
    if (status != SVA_OK) {
        sva_arena_done(&file.arena);
        return status;
    }
    qsort(file.tensors, file.count, sizeof *file.tensors, by_place);
    *container = (struct sva_container){.arena = file.arena,
                                        .tensor_count = file.count,
                                        .tensors = file.tensors,
                                        .finding_count = file.notes.count,
                                        .findings = findings,
                                        .unclaimed_bytes = file.unclaimed + file.zip_unclaimed};
    return SVA_OK;
}
