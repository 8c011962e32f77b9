/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Names of models as people write them - "Qwen/Qwen2.5-7B", "Qwen2.5 7B", an address on a hub, a
 * path - in one form, and how close two of them are.
 */
#ifndef SVA_JUDGE_MODEL_NAME_H
#define SVA_JUDGE_MODEL_NAME_H

#include <sovaudit/declared.h>

enum { SVA_MODEL_NAME_BYTES = 128 };

/** Lower case; space and "_" are "-". What does not fit is cut. */
struct sva_model_name {
    char organisation[SVA_MODEL_NAME_BYTES]; /**< "" not known */
    char name[SVA_MODEL_NAME_BYTES];         /**< "" nothing usable */
    bool by_publisher; /**< the organisation is a publisher's name, which may be spelt otherwise */
};

/** Addresses lose their host, paths their folders, files their ".gguf" and ".safetensors". */
struct sva_model_name sva_model_name_of(const char *text);

/** The same of a reference: the publisher stands in for an organisation. */
struct sva_model_name sva_model_name_of_reference(const char *name, const char *publisher);

/** Up to SVA_NAME_FAMILY by the names alone. Symmetric. */
enum sva_name_level sva_model_name_level(const struct sva_model_name *a,
                                         const struct sva_model_name *b);

#endif
