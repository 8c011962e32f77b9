/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Foreign evidence registers. One that is sound stays sound when a document is added, and has one
 * document more.
 */
#include "base/file.h"
#include "input_folder.h"
#include "judge/evidence_register.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** How many documents the register holds; false: it is not sound. */
static bool parse(struct sva_span bytes, size_t *count)
{
    struct sva_arena arena = {.blocks = NULL};
    struct sva_problems problems = {.arena = &arena};
    struct sva_document *documents = NULL;
    const bool sound = sva_register_parse(bytes, &problems, &documents, count, NULL) == SVA_OK &&
                       problems.count == 0;
    for (size_t i = 0; sound && i < *count; i++) {
        (void)sva_document_path_is_plain(documents[i].path);
    }
    sva_arena_done(&arena);
    return sound;
}

static void add_document(struct sva_span bytes, size_t count)
{
    const struct sva_document_note note = {.kind = "loss-log", .date = "2026-01-02"};
    struct sva_error error = {0};
    (void)scratch_directory();
    scratch_write("evidence.json", bytes.data, bytes.size);
    scratch_write("loss.csv", "step,loss", 9);
    const char *const path = scratch_path("evidence.json");
    const enum sva_status status = sva_evidence_add(path, scratch_path("loss.csv"), &note, &error);
    require(status == error.status && (status == SVA_OK || error.text[0] != '\0'));
    if (status == SVA_OK) {
        uint8_t *text = NULL;
        size_t size = 0;
        size_t now = 0;
        require(sva_read_file(path, 1 << 24, &text, &size, NULL) == SVA_OK);
        require(parse((struct sva_span){text, size}, &now) && now == count + 1);
        sva_free(text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct sva_span bytes = {data, size};
    size_t count = 0;
    if (parse(bytes, &count)) {
        add_document(bytes, count);
    }
    return 0;
}
