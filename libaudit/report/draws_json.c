/* SPDX-License-Identifier: Apache-2.0 */
#include "report/draws_json.h"

#include "report/summary.h"

/** The same order as the pages of a report have, which see the numbers only as they are printed. */
static bool is_stronger(const struct sva_component_result *result,
                        const struct sva_component_result *than)
{
    return than == NULL || result->answer < than->answer ||
           (result->answer == than->answer && result->answer == SVA_ANSWER_NO_EVIDENCE &&
            result->log10_p_adjusted < than->log10_p_adjusted);
}

bool sva_draws_shown(const struct sva_audit *audit, const struct sva_compared *compared,
                     size_t index)
{
    const struct sva_component_result *strongest = NULL;
    for (size_t i = 0; index < SVA_DRAWS_COMPONENTS && i < audit->compared_count; i++) {
        const struct sva_component_result *result = sva_summary_result(&audit->compared[i], index);
        if (result != NULL && is_stronger(result, strongest)) {
            strongest = result;
        }
    }
    return strongest != NULL && strongest == sva_summary_result(compared, index);
}

static void put_counts(struct sva_writer *json, const struct sva_test_draws *draws, size_t first)
{
    size_t end = SVA_DRAW_BINS;
    while (end > first + 1 && draws->counts[end - 1] == 0) {
        end--;
    }
    sva_writer_array(json, "counts");
    for (size_t i = first; i < end; i++) {
        sva_writer_count(json, NULL, draws->counts[i]);
    }
    sva_writer_array_end(json);
}

void sva_draws_json(struct sva_writer *json, const struct sva_test_draws *draws)
{
    size_t first = 0;
    if (draws == NULL || draws->count == 0) {
        sva_writer_null(json, "histogram");
        return;
    }
    while (first < SVA_DRAW_BINS - 1 && draws->counts[first] == 0) {
        first++;
    }
    sva_writer_object(json, "histogram");
    sva_writer_number(json, "bin_width", SVA_DRAW_BIN_WIDTH / 1000.0);
    put_counts(json, draws, first);
    sva_writer_number(json, "deviation", draws->deviation);
    sva_writer_count(json, "draws", draws->count);
    sva_writer_number(json, "first_bin",
                      (SVA_DRAW_BIN_FIRST + SVA_DRAW_BIN_WIDTH * (double)first) / 1000.0);
    sva_writer_number(json, "least", draws->least);
    sva_writer_number(json, "mean", draws->mean);
    sva_writer_number(json, "most", draws->most);
    sva_writer_object(json, "observed");
    sva_writer_number(json, "least", draws->observed_least);
    sva_writer_number(json, "mean", draws->observed_mean);
    sva_writer_number(json, "most", draws->observed_most);
    sva_writer_object_end(json);
    sva_writer_text(json, "scale", draws->own_scale ? "draws" : "all-renumberings");
    sva_writer_count(json, "series", draws->series);
    sva_writer_object_end(json);
}
