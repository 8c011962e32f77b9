/* SPDX-License-Identifier: Apache-2.0 */
#include "model/weight_formats.h"

#include <string.h>

#include "format/npz.h"
#include "format/safetensors.h"
#include "format/torch_file.h"
#include "model/gguf_files.h"

static enum sva_status read_safetensors(struct sva_parts *parts, size_t index,
                                        const struct sva_input *input,
                                        struct sva_container *container, struct sva_error *error)
{
    (void)index;
    return sva_safetensors_read(input, &parts->limits, container, error);
}

static enum sva_status read_torch(struct sva_parts *parts, size_t index,
                                  const struct sva_input *input, struct sva_container *container,
                                  struct sva_error *error)
{
    (void)index;
    return sva_torch_read(input, &parts->limits, container, error);
}

static enum sva_status read_numpy(struct sva_parts *parts, size_t index,
                                  const struct sva_input *input, struct sva_container *container,
                                  struct sva_error *error)
{
    (void)index;
    return sva_npz_read(input, &parts->limits, container, error);
}

bool sva_is_training_state(const char *base)
{
    static const char *const starts[] = {"optimizer",     "scheduler",     "rng_state",
                                         "training_args", "random_states", "scaler"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        if (sva_starts_with(base, starts[i])) {
            return true;
        }
    }
    return strstr(base, "optim_states") != NULL; /* DeepSpeed: zero_pp_rank_0_..._optim_states.pt */
}

/** The names that libraries give a model's own weights. */
static bool is_model_name(const char *base)
{
    return sva_starts_with(base, "pytorch_model") || sva_starts_with(base, "adapter_model") ||
           sva_starts_with(base, "consolidated") ||
           sva_starts_with(base, "diffusion_pytorch_model");
}

/** Checkpoints named as models are; without one, every checkpoint but a training run's state. */
static enum sva_status choose_torch(struct sva_parts *parts, uint16_t group,
                                    struct sva_error *error)
{
    (void)error;
    struct sva_scanned *const files = parts->scanned.items;
    const char *const directory = ((const struct sva_group *)parts->groups.items)[group].directory;
    bool named = false;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < parts->scanned.count; i++) {
            struct sva_scanned *const file = &files[i];
            if (file->kind != SVA_FILE_TORCH || strcmp(file->directory, directory) != 0) {
                continue;
            }
            named = named || is_model_name(file->base);
            if (pass == 1 && (parts->single || (named ? is_model_name(file->base)
                                                      : !sva_is_training_state(file->base)))) {
                file->audited = true;
                file->group = group;
            }
        }
    }
    return SVA_OK;
}

static const struct sva_weight_format formats[] = {
    {SVA_FILE_SAFETENSORS, ".safetensors", read_safetensors, NULL},
    {SVA_FILE_GGUF, NULL, sva_gguf_read_weights, sva_gguf_choose},
    {SVA_FILE_TORCH, ".bin", read_torch, choose_torch},
    {SVA_FILE_NUMPY, NULL, read_numpy, NULL},
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
