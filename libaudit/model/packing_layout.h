/* SPDX-License-Identifier: Apache-2.0 */
/**
 * How a packed tensor is stored: what the recognisers (packing_find.c and the families) conclude
 * and the decoder (packing_read.c) follows. One description for all layouts:
 *
 *     value(e, o, i) = (base(code) - zero) * scale + bias        in F32, in this order
 *
 * where e is the expert, o the output (row), i the input (column), `base` the number that a code
 * stands for, and zero, scale and bias belong to a rectangle of rows and columns. What is absent
 * is not computed: without a zero nothing is subtracted, without a bias nothing is added.
 */
#ifndef SVA_PACKING_LAYOUT_H
#define SVA_PACKING_LAYOUT_H

#include "model/packing.h"

enum sva_code_store {
    SVA_CODES_ROWS,   /**< a row is one stream of bits, lowest first, and begins at a byte */
    SVA_CODES_WORDS,  /**< the same, but codes do not cross words of 32 bits */
    SVA_CODES_HALVES, /**< bitsandbytes: 4 bits, high half first; rows follow without a gap */
    SVA_CODES_DOWN,   /**< GPTQ: [words][outputs], each output's words are one stream of bits */
    SVA_CODES_AWQ,   /**< AWQ: [inputs][outputs / 8], eight outputs in a word in an order of its own
                      */
    SVA_CODES_BLOCKS /**< ggml's blocks, scales of their own inside */
};

enum sva_zero_store {
    SVA_ZEROS_NONE,
    SVA_ZEROS_GRID, /**< one integer for each scale */
    SVA_ZEROS_DOWN, /**< compressed-tensors: [words][groups], words of 32 bits run down the outputs
                     */
    SVA_ZEROS_GPTQ, /**< [groups][words], each group's words are one stream of bits */
    SVA_ZEROS_AWQ   /**< [groups][outputs / 8], AWQ's order */
};

/** Which scale belongs to an element. */
struct sva_scale_grid {
    uint64_t rows, columns;           /**< scales of one expert */
    uint64_t row_block, column_block; /**< rectangle that shares one; the last may be partial */
    bool turned;                      /**< stored [columns][rows] */
    bool shared;                      /**< all experts have the same */
    bool
        flat; /**< bitsandbytes: element number / column_block, rows not minded; `columns` in all */
};

enum { SVA_PACKED_NONE = -1 };

struct sva_packing {
    struct sva_packed_part parts[SVA_PACKED_PARTS_MAX];
    size_t part_count;
    const char *name; /**< the logical tensor's, escaped, for errors */

    uint64_t experts, rows, columns;

    enum sva_code_store store; /**< parts[0] holds the codes */
    uint32_t bits;
    uint64_t row_bytes;        /**< ROWS, WORDS, BLOCKS: stored bytes of one row */
    enum sva_dtype base_dtype; /**< I8, U8, F8_*, F4: what codes stand for */
    int32_t code_offset;       /**< U8: subtracted from a code */
    int quant_map;             /**< part with the values of codes, or NONE */

    int scales;                 /**< part, or NONE */
    enum sva_dtype scale_dtype; /**< as which its elements are read */
    struct sva_scale_grid grid;
    float scale_divisor;   /**< of every scale; 1: none */
    int global_scale;      /**< part with one number for each expert, or for all; or NONE */
    bool divide_by_global; /**< scale / global instead of scale * global */

    enum sva_zero_store zero_store;
    int zeros;           /**< part, or NONE */
    int32_t zero_add;    /**< GPTQ before v2: 1, kept within `bits` */
    int32_t zero_offset; /**< subtracted from a zero */
    int biases;          /**< part on the same grid, or NONE */

    int order;       /**< part: the group of each column; or NONE */
    bool order_void; /**< an order of -1 everywhere means that there is none */

    int nested_scales, nested_map; /**< double quantisation: parts, or NONE */
    uint64_t nested_block;
    float nested_offset;
};

#endif
