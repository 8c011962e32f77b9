/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Recognising one packed tensor: a set of stored tensors that begins with the one holding the
 * codes. Shared by packing_find.c and the files of the families, and by nobody else.
 */
#ifndef SVA_PACKING_FAMILIES_H
#define SVA_PACKING_FAMILIES_H

#include "model/packing_layout.h"

struct sva_packing_finder {
    struct sva_parts *parts;
    struct sva_error *error;
    uint8_t *uses; /**< [tensors] sets that would use it; 2: or more */
    bool *used;    /**< [tensors] belongs to a set that became a tensor */
    size_t bad_count;
};

enum { SVA_SET_NAME_MAX = 4096 + 64, SVA_SET_FORM_MAX = 96, SVA_SET_WHY_MAX = 256 };

enum sva_fit {
    SVA_FIT_NO, /**< not of this family */
    SVA_FIT_YES,
    SVA_FIT_BAD,   /**< of this family, but its tensors do not fit; `why` says how */
    SVA_FIT_FAILED /**< memory or I/O; the finder's error says */
};

/** A set under examination. */
struct sva_packed_set {
    struct sva_packing_finder *finder;
    size_t anchor; /**< index of the tensor with the codes */
    const struct sva_tensor *codes;
    const struct sva_config *config;    /**< NULL: none */
    size_t stem_bytes;                  /**< of its name, what all parts share */
    const char *logical_ending;         /**< the logical name is the stem and this */
    size_t index[SVA_PACKED_PARTS_MAX]; /**< of the parts in the list of tensors */
    struct sva_packing packing;
    uint32_t rank; /**< of the logical tensor: 2, or 3 with experts */
    char form[SVA_SET_FORM_MAX];
    char why[SVA_SET_WHY_MAX];
    enum sva_status status; /**< with FAILED */
};

/** What a recogniser does; it adds parts with sva_set_take() and fills packing, rank, form. */
typedef enum sva_fit (*sva_recogniser)(struct sva_packed_set *set);

/** Index of the tensor named like `base_bytes` bytes of the codes' name and `ending`, or -1. */
ptrdiff_t sva_set_find(const struct sva_packed_set *set, size_t base_bytes, const char *ending);
/** The same; what is found becomes a part. Its number, or SVA_PACKED_NONE. */
int sva_set_take(struct sva_packed_set *set, size_t base_bytes, const char *ending,
                 const char *role);
/** The stored tensor behind a part. */
static inline const struct sva_tensor *sva_set_part(const struct sva_packed_set *set, int part)
{
    return &set->packing.parts[part].stored;
}

/** FIT_BAD with a clause that continues "... is not decoded: ". */
enum sva_fit sva_set_bad(struct sva_packed_set *set, const char *format, ...) SVA_PRINTF(2, 3);

/** A value of the configuration's section on quantisation, or NULL. */
const char *sva_set_config(const struct sva_packed_set *set, const char *key);
/** The same as a number above 0; `otherwise` if there is none. */
uint64_t sva_set_config_u64(const struct sva_packed_set *set, const char *key, uint64_t otherwise);

/** Small reads while recognising (shapes and states kept as tensors), low byte first. False:
 * FAILED. */
bool sva_set_read(struct sva_packed_set *set, int part, size_t count_bytes, uint8_t *bytes);

/**
 * Size of the groups that cut `length` into `count`, the last one possibly partial: `hint` if it
 * does, then the only power of two that does, then length / count. 0: none does.
 */
uint64_t sva_group_size(uint64_t length, uint64_t count, uint64_t hint);

/** Shape as experts, rows, columns; rank 2 and 3 only. */
bool sva_shape3(const struct sva_tensor *tensor, uint64_t dims[3]);
static inline uint64_t sva_ceil_div(uint64_t a, uint64_t b)
{
    return a / b + (a % b != 0 ? 1 : 0);
}

/** Elements of types that scales are stored in. */
bool sva_is_scale_dtype(enum sva_dtype dtype);

/**
 * Lays scales of any customary shape over the packing's rows and columns: one number, one for each
 * row, expert, group or rectangle. `row_hint`, `column_hint`: sizes to prefer. False: no way.
 */
bool sva_fit_grid(struct sva_packed_set *set, int part, uint64_t row_hint, uint64_t column_hint);
/** True when the scales are [experts, rows, columns / group], each row with its own. */
bool sva_fit_groups(struct sva_packed_set *set, int part, uint64_t group);
/** One number, or one for each expert. */
bool sva_fit_global(const struct sva_packed_set *set, int part);
/** "blocks of 128 x 128", "groups of 32", "one scale", "a scale for each row" */
void sva_grid_text(const struct sva_packed_set *set, char *text, size_t size);

/* packing_floats.c: codes that are small floats. */
enum sva_fit sva_fit_gpt_oss(struct sva_packed_set *set);
enum sva_fit sva_fit_gguf_scaled(struct sva_packed_set *set);
enum sva_fit sva_fit_float4_packed(struct sva_packed_set *set);
enum sva_fit sva_fit_float4_bytes(struct sva_packed_set *set);
enum sva_fit sva_fit_scaled_bytes(struct sva_packed_set *set);
/* packing_integers.c */
enum sva_fit sva_fit_awq(struct sva_packed_set *set);
enum sva_fit sva_fit_gptq(struct sva_packed_set *set);
enum sva_fit sva_fit_int_packed(struct sva_packed_set *set);
enum sva_fit sva_fit_mlx(struct sva_packed_set *set);
/* packing_bitsandbytes.c */
enum sva_fit sva_fit_bnb4(struct sva_packed_set *set);
enum sva_fit sva_fit_bnb8(struct sva_packed_set *set);

#endif
