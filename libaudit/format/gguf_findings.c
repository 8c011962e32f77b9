/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "format/gguf_reader.h"

/* "<count> <subject>, first "<first>" at byte <offset>" */
static void tell(struct sva_gguf_reader *reader, const struct sva_tally *tally, const char *code,
                 const char *subject)
{
    if (tally->count > 0) {
        sva_notes_add(&reader->notes, &reader->arena, code,
                      "%" PRIu64 " %s, first \"%s\" at byte %" PRIu64, tally->count, subject,
                      tally->first.text, tally->first_offset);
    }
}

static void tell_place(struct sva_gguf_reader *reader, const struct sva_tally *tally,
                       const char *code, const char *subject)
{
    if (tally->count > 0) {
        sva_notes_add(&reader->notes, &reader->arena, code,
                      "%" PRIu64 " %s, first at byte %" PRIu64, tally->count, subject,
                      tally->first_offset);
    }
}

static void tell_versions(struct sva_gguf_reader *reader)
{
    if (reader->version == 1) {
        sva_notes_add(&reader->notes, &reader->arena, "old-gguf-version",
                      "GGUF version 1, which most loaders refuse");
    }
    if (reader->big_endian) {
        sva_notes_add(&reader->notes, &reader->arena, "big-endian",
                      "the file is big-endian, which most loaders refuse%s",
                      reader->version < 3 ? "; before version 3 there was no such form" : "");
    }
}

static void tell_unknown(struct sva_gguf_reader *reader)
{
    const struct sva_tally *const tally = &reader->unknown_types;
    if (tally->count > 0) {
        sva_notes_add(&reader->notes, &reader->arena, "unknown-tensor-type",
                      "%" PRIu64 " tensor(s) are of types that are not decoded, first \"%s\" at "
                      "byte %" PRIu64 " of %s; how many bytes they need cannot be checked, so "
                      "they were taken to reach to the next tensor",
                      tally->count, tally->first.text, tally->first_offset,
                      reader->first_unknown_type);
    }
}

void sva_gguf_tell(struct sva_gguf_reader *reader)
{
    tell_versions(reader);
    tell(reader, &reader->odd_keys, "odd-key", "key(s) hold other characters than plain ASCII");
    tell(reader, &reader->odd_bools, "odd-boolean", "truth value(s) are neither 0 nor 1");
    tell(reader, &reader->nul_texts, "nul-in-metadata",
         "value(s) hold a NUL and are shown up to it");
    tell(reader, &reader->bad_texts, "metadata-not-utf8", "value(s) are not valid UTF-8");
    tell(reader, &reader->nested, "nested-array",
         "array(s) hold arrays, which some loaders refuse");
    tell(reader, &reader->wrong_types, "wrong-key-type",
         "known key(s) hold a value of a wrong type");
    tell(reader, &reader->odd_lengths, "wrong-list-length",
         "list(s) are not as long as what they describe");
    tell(reader, &reader->odd_numbers, "odd-hyperparameter",
         "number(s) of the network that cannot be or make loaders fail");
    tell(reader, &reader->odd_splits, "odd-split", "number(s) of a split that cannot be");
    tell(reader, &reader->empty_names, "empty-tensor-name", "tensor(s) without a name");
    tell(reader, &reader->long_names, "long-tensor-name",
         "tensor name(s) are longer than the 63 bytes that llama.cpp reads");
    tell(reader, &reader->odd_names, "odd-tensor-name",
         "tensor name(s) hold characters that would steer a terminal or deceive a reader");
    tell(reader, &reader->high_ranks, "high-rank", "tensor(s) have more than 4 dimensions");
    tell_unknown(reader);
    tell(reader, &reader->unstored_types, "unstored-tensor-type",
         "tensor(s) are of a type that exists during computations only");
    tell_place(reader, &reader->holes, "hole-between-tensors",
               "hole(s) between tensors, which belong to none and some loaders refuse");
    tell_place(reader, &reader->padding, "nonzero-padding",
               "stretch(es) of padding hold something else than zeros");
    tell_place(reader, &reader->unread_padding, "padding-not-checked",
               "stretch(es) of padding too long to be looked at");
}
