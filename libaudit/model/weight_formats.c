/* SPDX-License-Identifier: Apache-2.0 */
#include "model/weight_formats.h"

#include "format/safetensors.h"
#include "model/gguf_files.h"

static enum sva_status read_safetensors(struct sva_parts *parts, size_t index,
                                        const struct sva_input *input,
                                        struct sva_container *container, struct sva_error *error)
{
    (void)index;
    return sva_safetensors_read(input, &parts->limits, container, error);
}

static const struct sva_weight_format formats[] = {
    {SVA_FILE_SAFETENSORS, ".safetensors", read_safetensors, NULL},
    {SVA_FILE_GGUF, NULL, sva_gguf_read_weights, sva_gguf_choose},
};

const struct sva_weight_format *sva_weight_formats(size_t *count)
{
    *count = sizeof formats / sizeof *formats;
    return formats;
}

const struct sva_weight_format *sva_weight_format_of(enum sva_file_kind kind)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (formats[i].kind == kind) {
            return &formats[i];
        }
    }
    return NULL;
}
