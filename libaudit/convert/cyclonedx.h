/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The parts of a CycloneDX 1.6 document. References inside it ("bom-ref") are made from positions,
 * never from texts of the report, so they are unique whatever it says.
 */
#ifndef SVA_CONVERT_CYCLONEDX_H
#define SVA_CONVERT_CYCLONEDX_H

#include "convert/formats.h"
#include "convert/render.h"

struct sva_relative;

struct sva_cyclonedx {
    struct sva_writer json;
    const cJSON *report;
    enum sva_lang lang;
    struct sva_arena arena;
    struct sva_results results;
    size_t relative_count;
    struct sva_relative *relatives; /**< of all components, in the order of the report */
    char moment[SVA_MOMENT_TEXT];
};

enum { SVA_CYCLONEDX_REF = 40 };

/** "requirement-3". */
void sva_cyclonedx_ref(char ref[SVA_CYCLONEDX_REF], const char *what, size_t index);

/** Index of a component of the subject by its name, their number for the whole model. */
size_t sva_cyclonedx_component(const struct sva_cyclonedx *bom, const char *name);

/** {"name": name, "value": value}, left out when the value is "". */
void sva_cyclonedx_property(struct sva_writer *json, const char *name, const char *value);

/** "declarations": what was claimed of the model, and what was found for and against it. */
void sva_cyclonedx_declarations(struct sva_cyclonedx *bom);

/** "definitions": the rule pack as a standard. */
void sva_cyclonedx_definitions(struct sva_cyclonedx *bom);

#endif
