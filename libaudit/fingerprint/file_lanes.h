/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Large files that are not in the page cache go by in lanes: the bytes of a file come once, in
 * order, around the page cache (base/direct.h), to its digest and to the scans of its tensors. One
 * thread works on a lane; where there are fewer files than threads, a second one hashes.
 */
#ifndef SVA_FINGERPRINT_FILE_LANES_H
#define SVA_FINGERPRINT_FILE_LANES_H

#include <sovaudit/print.h>

struct sva_file_lanes {
    struct sva_model_lanes *internal; /**< NULL: no file goes by so */
    size_t item_count;                /**< pieces of work that threads can do side by side */
    uint32_t threads;
    bool *apart;                      /**< [model->file_count] files that have a lane, or NULL */
};

/** Scans one tensor and says that it did. */
typedef enum sva_status sva_scan_tensor(void *context, size_t tensor, struct sva_error *error);

/** What lanes need of those who make a print. */
struct sva_lane_work {
    const struct sva_model *model;
    struct sva_print_file *files; /**< [model->file_count] get the digests */
    bool hashing;
    uint32_t threads; /**< 0 = number of processors */
    const struct sva_progress *progress;
    sva_scan_tensor *scan;
    void (*report)(void *context, uint64_t bytes); /**< after each piece that was hashed */
    void *context;
};

/** Which files have a lane. `work` is borrowed. Errors: MEMORY. */
enum sva_status sva_file_lanes_init(struct sva_file_lanes *lanes, const struct sva_lane_work *work,
                                    struct sva_error *error) SVA_MUST_CHECK;
void sva_file_lanes_done(struct sva_file_lanes *lanes);

/**
 * Reads all of them; afterwards only `apart` is left. Errors: those of sva_model_read and of the
 * scan, CANCELLED.
 */
enum sva_status sva_file_lanes_read(struct sva_file_lanes *lanes,
                                    struct sva_error *error) SVA_MUST_CHECK;

#endif
