/* SPDX-License-Identifier: Apache-2.0 */
#include "report/code_json.h"

#include "report/json_writer.h"

static void put_overlap(struct sva_writer *json, const char *key,
                        const struct sva_code_overlap *overlap)
{
    sva_writer_object(json, key);
    sva_writer_count(json, "common", overlap->common);
    sva_writer_sides(json, "compared", overlap->seen);
    sva_writer_number(json, "jaccard", overlap->jaccard);
    sva_writer_number(json, "reference_share", overlap->share[1]);
    sva_writer_number(json, "subject_share", overlap->share[0]);
    sva_writer_object_end(json);
}

static void put_lines(struct sva_writer *json, const struct sva_code_match *match)
{
    sva_writer_array(json, "lines");
    for (size_t i = 0; i < match->range_count; i++) {
        const struct sva_code_range *const range = &match->ranges[i];
        sva_writer_object(json, NULL);
        sva_writer_count(json, "fingerprints", range->marks);
        sva_writer_count(json, "reference_first", range->reference_first);
        sva_writer_count(json, "reference_last", range->reference_last);
        sva_writer_count(json, "subject_first", range->subject_first);
        sva_writer_count(json, "subject_last", range->subject_last);
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
}

void sva_code_json(struct sva_writer *json, const struct sva_code_similarity *code)
{
    if (!code->compared) {
        sva_writer_null(json, "code");
        return;
    }
    sva_writer_object(json, "code");
    sva_writer_text(json, "basis", code->whole ? "all-fingerprints" : "samples");
    sva_writer_sides(json, "files", code->file_count);
    sva_writer_text(json, "label", "observation");
    sva_writer_array(json, "matches");
    for (size_t i = 0; i < code->match_count; i++) {
        const struct sva_code_match *const match = &code->matches[i];
        sva_writer_object(json, NULL);
        put_overlap(json, "as_written", &match->overlaps[SVA_CODE_AS_WRITTEN]);
        put_lines(json, match);
        put_overlap(json, "names_alike", &match->overlaps[SVA_CODE_NAMES_ALIKE]);
        sva_writer_count(json, "ranges", match->range_total);
        sva_writer_text(json, "reference_file", match->reference_path);
        sva_writer_text(json, "subject_file", match->subject_path);
        sva_writer_object_end(json);
    }
    sva_writer_array_end(json);
    sva_writer_object_end(json);
}
