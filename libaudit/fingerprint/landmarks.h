/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Landmarks: what stands for the same thing in two models of one kind, as the residual stream sees
 * it - embeddings of frequent tokens, columns of a patch kernel. Read ahead of the matrices.
 *
 *   e[i]  landmark i in the residual stream, mean over i taken away, unit length
 *   w[u]  row of a hidden neuron behind its norm's gain, unit length (gram.h)
 *   barcode[u][i] = w[u] . e[i], times 32767 over the row's largest, rounded
 *
 * Some residual dimensions of a model may be hundreds of times larger than the others, which must
 * not drown in the rounding.
 *
 * A rotation Q of the stream turns both, and (w Q) . (e Q) = w . e: barcodes do not see it, and
 * each neuron has its own, so that it can be found again among others (METHOD section 4).
 */
#ifndef SVA_FINGERPRINT_LANDMARKS_H
#define SVA_FINGERPRINT_LANDMARKS_H

#include <sovaudit/model.h>
#include <sovaudit/print.h>

/** Those of one component. */
struct sva_landmarks {
    uint32_t component, count;
    uint64_t width;
    uint64_t keys[SVA_LANDMARKS_MOST]; /**< ascending */
    float *rows;                       /**< [count * width] while they are read, then NULL */
    float *turned; /**< [width * SVA_LANDMARKS_MOST], those of one place side by side */
};

struct sva_landmark_list {
    struct sva_landmarks *list; /**< at most one a component */
    size_t count;
};

/** Reads all; what cannot be read is left out. Errors: those of sva_model_read, MEMORY. */
SVA_MUST_CHECK enum sva_status sva_landmarks_init(struct sva_landmark_list *list,
                                                  const struct sva_model *model,
                                                  struct sva_error *error);
void sva_landmarks_done(struct sva_landmark_list *list);

/** Those of a component that are as long as its neurons' rows, or NULL. */
const struct sva_landmarks *sva_landmarks_of(const struct sva_landmark_list *list,
                                             uint32_t component, uint64_t width);

/** Fills `turned` from `rows`. False: out of memory. */
bool sva_landmarks_turn(struct sva_landmarks *marks);

/** Barcodes of `units` prepared rows: [units * landmarks->count]. */
void sva_barcodes(const struct sva_landmarks *landmarks, const float *rows, uint32_t units,
                  int16_t *out);

#endif
