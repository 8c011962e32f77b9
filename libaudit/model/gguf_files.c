/* SPDX-License-Identifier: Apache-2.0 */
#include "model/gguf_files.h"

#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "base/fail.h"
#include "base/hash.h"
#include "base/text.h"
#include "format/gguf.h"
#include "model/gguf_facts.h"

/* A few values of each tensor are looked at on opening; the print looks at all. */
#define SAMPLE_TENSOR_BYTES UINT64_C(4096)
#define SAMPLE_TOTAL_BYTES  (UINT64_C(1) << 20)

enum { TOLD_MOST = 64 };

enum part_kind { WEIGHTS, ENCODER, ADAPTER, IMATRIX, VOCABULARY };

/** What one file says about its place. */
struct part {
    size_t file; /**< of the scan */
    const char *base;
    size_t prefix_bytes;    /**< of the name, without numbers */
    uint32_t number, total; /**< by name, from 1; 0: the name has none */
    bool split;             /**< has split.count above 1 */
    uint64_t split_no, split_count, split_tensors;
    bool has_split_tensors;
    uint64_t tensors, elements, data_bytes;
    uint64_t network; /**< hash of what tells networks apart: architecture, depth, width */
    enum part_kind kind;
};

/** Parts that stand one after the other in the sorted list. */
struct set {
    const struct part *parts;
    size_t count;
    uint64_t elements, data_bytes;
    const char *problem; /**< why it is no complete model, or NULL */
};

static struct sva_scanned *file_at(const struct sva_parts *parts, size_t index)
{
    return (struct sva_scanned *)parts->scanned.items + index;
}

/* -- one file ---------------------------------------------------------------------------------- */

static bool five_digits(const char *text, uint32_t *number)
{
    *number = 0;
    for (size_t i = 0; i < 5; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        *number = *number * 10 + (uint32_t)(text[i] - '0');
    }
    return true;
}

/* "<prefix>-00001-of-00003.gguf" */
static void read_name(struct part *part)
{
    static const char form[] = "-00000-of-00000.gguf";
    const size_t size = strlen(part->base);
    part->prefix_bytes = size;
    if (size < sizeof form) {
        return;
    }
    const char *const end = part->base + size - (sizeof form - 1);
    uint32_t number = 0;
    uint32_t total = 0;
    if (end[0] == '-' && five_digits(end + 1, &number) && memcmp(end + 6, "-of-", 4) == 0 &&
        five_digits(end + 10, &total) && strcmp(end + 15, ".gguf") == 0 && number > 0 &&
        number <= total) {
        part->prefix_bytes = size - (sizeof form - 1);
        part->number = number;
        part->total = total;
    }
}

/* Pieces as "split" and HTTP limits make them: only joined they are a file. */
static bool is_raw_piece(const char *base)
{
    return strstr(base, ".gguf-split-") != NULL || strstr(base, ".gguf.part") != NULL;
}

static enum part_kind kind_of(const struct sva_gguf *gguf)
{
    const char *const type = sva_gguf_text(gguf, "general.type");
    const char *const architecture = sva_gguf_text(gguf, "general.architecture");
    if ((type != NULL && strcmp(type, "mmproj") == 0) ||
        (architecture != NULL && strcmp(architecture, "clip") == 0)) {
        return ENCODER;
    }
    if (sva_gguf_is_adapter(gguf)) {
        return ADAPTER;
    }
    if (type != NULL && strcmp(type, "imatrix") == 0) {
        return IMATRIX;
    }
    return gguf->container.tensor_count > 0 ? WEIGHTS : VOCABULARY;
}

static bool network_of(const struct sva_gguf *gguf, uint64_t *hash)
{
    const char *const architecture = sva_gguf_text(gguf, "general.architecture");
    static const char *const keys[] = {"block_count", "embedding_length"};
    struct sva_bytes text = {0};
    sva_bytes_text(&text, architecture == NULL ? "" : architecture);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct sva_bytes key = {0};
        uint64_t number = 0;
        sva_bytes_printf(&key, "%s.%s", architecture == NULL ? "" : architecture, keys[i]);
        if (!key.failed && sva_gguf_u64(gguf, (const char *)key.data, &number)) {
            sva_bytes_printf(&text, " %llu", (unsigned long long)number);
        }
        text.failed = text.failed || key.failed;
        sva_bytes_done(&key);
    }
    const bool made = !text.failed;
    *hash = made ? sva_xxh3(text.data == NULL ? (const uint8_t *)"" : text.data, text.size, 0) : 0;
    sva_bytes_done(&text);
    return made;
}

static bool summarise(const struct sva_gguf *gguf, struct part *part)
{
    part->kind = kind_of(gguf);
    part->split = sva_gguf_u64(gguf, "split.count", &part->split_count) && part->split_count > 1;
    (void)sva_gguf_u64(gguf, "split.no", &part->split_no);
    part->has_split_tensors = sva_gguf_u64(gguf, "split.tensors.count", &part->split_tensors);
    part->tensors = gguf->container.tensor_count;
    for (size_t i = 0; i < gguf->container.tensor_count; i++) {
        const struct sva_tensor *const tensor = &gguf->container.tensors[i];
        /* sizes of one file's tensors cannot wrap; their elements can, and then stay at the top */
        part->data_bytes += tensor->size_bytes;
        if (!sva_add_u64(part->elements, tensor->element_count, &part->elements)) {
            part->elements = UINT64_MAX;
        }
    }
    return network_of(gguf, &part->network);
}

static enum sva_status read_part(const struct sva_parts *parts, struct part *part,
                                 struct sva_error *error)
{
    const struct sva_scanned *const file = file_at(parts, part->file);
    if (is_raw_piece(part->base)) {
        return sva_fail(error, SVA_ERR_UNSUPPORTED,
                        "%s is named like a piece of a file that was cut; only the pieces joined "
                        "in order are a GGUF file",
                        sva_esc(file->path).text);
    }
    struct sva_input input = {0};
    struct sva_gguf gguf = {0};
    enum sva_status status = sva_parts_open(parts, file, &input, error);
    if (status == SVA_OK) {
        status = sva_gguf_read(&input, &parts->limits, &gguf, error);
        sva_input_close(&input);
    }
    if (status == SVA_OK && !summarise(&gguf, part)) {
        status = sva_fail_memory(error, "choosing GGUF files");
    }
    sva_gguf_done(&gguf);
    return status;
}

/* -- sets -------------------------------------------------------------------------------------- */

static bool in_parts(const struct part *part)
{
    return part->split || part->total > 1;
}

static bool same_set(const struct part *a, const struct part *b)
{
    return in_parts(a) && in_parts(b) && a->total == b->total &&
           a->prefix_bytes == b->prefix_bytes && memcmp(a->base, b->base, a->prefix_bytes) == 0;
}

static int compare_parts(const void *left, const void *right)
{
    const struct part *const a = left;
    const struct part *const b = right;
    const size_t common = a->prefix_bytes < b->prefix_bytes ? a->prefix_bytes : b->prefix_bytes;
    const int order = memcmp(a->base, b->base, common);
    if (order != 0 || a->prefix_bytes != b->prefix_bytes) {
        return order != 0 ? order : a->prefix_bytes < b->prefix_bytes ? -1 : 1;
    }
    if (a->total != b->total) {
        return a->total < b->total ? -1 : 1;
    }
    if (a->number != b->number) {
        return a->number < b->number ? -1 : 1;
    }
    return (a->file > b->file) - (a->file < b->file);
}

/* What llama.cpp checks before it loads parts; names of tensors are compared later. */
static const char *problem_of(const struct set *set)
{
    uint64_t tensors = 0;
    for (size_t i = 0; i < set->count; i++) {
        const struct part *const part = &set->parts[i];
        tensors += part->tensors;
        if (part->total == 0) {
            return "it is one part of several, but not named <prefix>-00001-of-00003.gguf";
        }
        if (part->split && part->split_count != part->total) {
            return "its name and its split.count disagree on how many parts there are";
        }
        if (part->split && part->split_no != (uint64_t)part->number - 1) {
            return "its name and its split.no disagree on which part it is";
        }
        if (part->number != i + 1) {
            return "a part of the set is missing";
        }
    }
    if (set->count != set->parts[0].total) {
        return "a part of the set is missing";
    }
    for (size_t i = 0; i < set->count; i++) {
        if (set->parts[i].has_split_tensors && set->parts[i].split_tensors != tensors) {
            return "split.tensors.count is not the number of tensors in its parts";
        }
    }
    return NULL;
}

static size_t make_sets(const struct part *files, size_t count, struct set *sets)
{
    size_t made = 0;
    for (size_t i = 0; i < count; i++) {
        if (made == 0 || !same_set(&sets[made - 1].parts[0], &files[i])) {
            sets[made++] = (struct set){.parts = &files[i]};
        }
        struct set *const set = &sets[made - 1];
        set->count++;
        set->elements = set->elements > UINT64_MAX - files[i].elements
                            ? UINT64_MAX
                            : set->elements + files[i].elements;
        set->data_bytes += files[i].data_bytes; /* of files on one disk */
    }
    for (size_t i = 0; i < made; i++) {
        sets[i].problem = in_parts(&sets[i].parts[0]) ? problem_of(&sets[i]) : NULL;
    }
    return made;
}

/* A whole set before one that is not; then the one with more of what is asked for. */
static bool is_better(const struct set *a, const struct set *b, bool by_bytes)
{
    if ((a->problem == NULL) != (b->problem == NULL)) {
        return a->problem == NULL;
    }
    return by_bytes ? a->data_bytes > b->data_bytes : a->elements > b->elements;
}

/* The network with most elements, and of its quantisations the one with most bytes. */
static const struct set *best_of(const struct set *sets, size_t count, enum part_kind kind)
{
    const struct set *largest = NULL;
    for (size_t i = 0; i < count; i++) {
        if (sets[i].parts[0].kind == kind &&
            (largest == NULL || is_better(&sets[i], largest, false))) {
            largest = &sets[i];
        }
    }
    const struct set *best = largest;
    for (size_t i = 0; largest != NULL && i < count; i++) {
        if (sets[i].parts[0].kind == kind &&
            sets[i].parts[0].network == largest->parts[0].network &&
            is_better(&sets[i], best, true)) {
            best = &sets[i];
        }
    }
    return best;
}

/* -- the choice -------------------------------------------------------------------------------- */

static enum sva_status note_numbers(struct sva_parts *parts, const struct set *set,
                                    struct sva_error *error)
{
    const struct part *const first = &set->parts[0];
    const char *const path = file_at(parts, first->file)->path;
    if (parts->single && in_parts(first)) {
        return sva_parts_finding(
            parts, error, "lone-shard", path,
            "%s is one of %llu parts of a model; the others were not looked at.",
            sva_esc(path).text,
            (unsigned long long)(first->split ? first->split_count : first->total));
    }
    if (first->total > 1 && !first->split) {
        return sva_parts_finding(parts, error, "odd-split", path,
                                 "%s is named like part %u of %u, but nothing inside says so.",
                                 sva_esc(path).text, first->number, first->total);
    }
    return SVA_OK;
}

static enum sva_status take_set(struct sva_parts *parts, uint16_t group, const struct set *set,
                                struct sva_error *error)
{
    if (set->problem != NULL && !parts->single) {
        return sva_fail(error, SVA_ERR_CORRUPT, "%s cannot be read as a model: %s",
                        sva_esc(file_at(parts, set->parts[0].file)->path).text, set->problem);
    }
    for (size_t i = 0; i < set->count; i++) {
        file_at(parts, set->parts[i].file)->audited = true;
        file_at(parts, set->parts[i].file)->group = group;
    }
    return note_numbers(parts, set, error);
}

static enum sva_status leave_set(struct sva_parts *parts, const struct set *set,
                                 const struct set *chosen, struct sva_error *error)
{
    static const char *const reasons[] = {
        [WEIGHTS] = "it holds another network, of fewer parameters",
        [ENCODER] = "it holds another encoder",
        [ADAPTER] = "it holds an adapter beside a model",
        [IMATRIX] = "it holds importances of weights, not weights",
        [VOCABULARY] = "it holds a vocabulary without weights",
    };
    const struct part *const first = &set->parts[0];
    const bool again = chosen != NULL && first->kind == chosen->parts[0].kind &&
                       first->network == chosen->parts[0].network && set->problem == NULL;
    const char *const path = file_at(parts, first->file)->path;
    for (size_t i = 0; i < set->count; i++) {
        file_at(parts, set->parts[i].file)->explained = true;
    }
    return sva_parts_finding(parts, error, again ? "duplicate-weights" : "not-audited", path,
                             "%s, GGUF in %llu part(s), is not audited: %s.", sva_esc(path).text,
                             (unsigned long long)set->count,
                             again ? "it seems to hold the model's weights a second time"
                             : set->problem != NULL ? set->problem
                                                    : reasons[first->kind]);
}

static enum sva_status choose_sets(struct sva_parts *parts, uint16_t group, const struct set *sets,
                                   size_t count, struct sva_error *error)
{
    static const enum part_kind order[] = {WEIGHTS, ENCODER, ADAPTER, VOCABULARY, IMATRIX};
    const struct set *main_set = NULL;
    for (size_t i = 0; main_set == NULL && i < sizeof order / sizeof *order; i++) {
        main_set = best_of(sets, count, order[i]);
    }
    const struct set *const encoder = best_of(sets, count, ENCODER);
    enum sva_status status = SVA_OK;
    unsigned told = 0; /* the rest is counted with what else is not audited */
    for (size_t i = 0; status == SVA_OK && i < count; i++) {
        const bool encodes = encoder != NULL && sets[i].parts[0].kind == ENCODER;
        if (&sets[i] == main_set || &sets[i] == encoder) {
            status = take_set(parts, group, &sets[i], error);
        } else if (told++ < TOLD_MOST) {
            status = leave_set(parts, &sets[i], encodes ? encoder : main_set, error);
        }
    }
    return status;
}

/* Parts after the first say nothing about the network themselves. */
static void inherit(struct part *files, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (same_set(&files[i - 1], &files[i])) {
            files[i].kind = files[i - 1].kind;
            files[i].network = files[i - 1].network;
        }
    }
}

static enum sva_status collect(const struct sva_parts *parts, const char *directory,
                               struct part *files, size_t *count, struct sva_error *error)
{
    enum sva_status status = SVA_OK;
    for (size_t i = 0; status == SVA_OK && i < parts->scanned.count; i++) {
        const struct sva_scanned *const file = file_at(parts, i);
        if (file->kind != SVA_FILE_GGUF || file->refused != NULL ||
            strcmp(file->directory, directory) != 0) {
            continue;
        }
        struct part *const part = &files[(*count)++];
        *part = (struct part){.file = i, .base = file->base};
        read_name(part);
        status = read_part(parts, part, error);
    }
    return status;
}

enum sva_status sva_gguf_choose(struct sva_parts *parts, uint16_t group, struct sva_error *error)
{
    const char *const directory = ((const struct sva_group *)parts->groups.items)[group].directory;
    struct part *const files = sva_calloc(parts->scanned.count, sizeof *files);
    struct set *const sets = sva_calloc(parts->scanned.count, sizeof *sets);
    size_t count = 0;
    enum sva_status status = files == NULL || sets == NULL
                                 ? sva_fail_memory(error, "choosing GGUF files")
                                 : collect(parts, directory, files, &count, error);
    if (status == SVA_OK && count > 0) {
        qsort(files, count, sizeof *files, compare_parts);
        inherit(files, count);
        status = choose_sets(parts, group, sets, make_sets(files, count, sets), error);
    }
    sva_free(files);
    sva_free(sets);
    return status;
}

/* -- reading ----------------------------------------------------------------------------------- */

enum sva_status sva_gguf_read_weights(struct sva_parts *parts, size_t index,
                                      const struct sva_input *input,
                                      struct sva_container *container, struct sva_error *error)
{
    const struct sva_source source = sva_source_of_input(input);
    struct sva_gguf gguf = {0};
    enum sva_status status = sva_gguf_parse(&source, &parts->limits, &gguf, error);
    if (status == SVA_OK) {
        status =
            sva_gguf_check_values(&source, SAMPLE_TENSOR_BYTES, SAMPLE_TOTAL_BYTES, &gguf, error);
    }
    if (status == SVA_OK) {
        status = sva_gguf_facts(parts, index, &gguf, &source, error);
    }
    if (status != SVA_OK) {
        sva_gguf_done(&gguf);
        return status;
    }
    *container = gguf.container;
    container->metadata_count = 0; /* its texts have become facts */
    return SVA_OK;
}
