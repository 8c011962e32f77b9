/* SPDX-License-Identifier: Apache-2.0 */
/**
 * The print of a model: everything that a comparison needs of it, without its
 * weights. METHOD names: value hashes and row hashes (A0), integer sketches of
 * every exchangeable axis (A1 and the generic tests), vectors (gains, biases),
 * leading directions (shared start against derivation).
 *
 * Prints are deterministic: same model, same bytes, for any thread count, CPU,
 * locale and day. A print is immutable once made or loaded.
 */
#ifndef SOVAUDIT_PRINT_H
#define SOVAUDIT_PRINT_H

#include <sovaudit/model.h>

/** Prints of different method versions cannot be compared. */
#define SVA_METHOD_VERSION 1

enum {
    SVA_DIGEST_BYTES = 32,       /**< SHA-256 */
    SVA_LEADING_DIRECTIONS = 4,  /**< singular directions kept per axis */
    SVA_TOKEN_FEATURES = 32      /**< numbers kept of a frequent token's row */
};

/**
 * Integer features of one axis of a matrix. `values[j * features + k]` is
 * feature k of the j-th kept index; |value| <= 2047. Kept indices follow from
 * (length, kept) alone, see fingerprint/sketch.h.
 */
struct sva_axis_sketch {
    uint64_t length;       /**< size of the axis; 0 = no sketch */
    uint32_t kept;         /**< indices kept, <= length */
    uint32_t features;     /**< K */
    const int16_t *values; /**< [kept * features] */
    uint32_t leading;      /**< directions that rise above the random bulk, 0..SVA_LEADING_DIRECTIONS */
    /** [leading * kept] leading singular directions, each scaled to +-127; NULL when none were computed */
    const int8_t *directions;
    bool directions_known; /**< false: not computed for this tensor (budget), `leading` says nothing */
};

/**
 * Experts of a layer of which all is kept. Of the others a print has no values, no directions and
 * no sketch of the residual axis, which is the longer one: a layer may have hundreds of them.
 */
enum { SVA_EXPERTS_IN_FULL = 8 };

enum {
    SVA_SAMPLE_ROWS = 16,
    SVA_SAMPLE_COLUMNS = 32,
    SVA_ROW_DIGEST_BYTES = 16,
    SVA_REQUANTISED = 12 /**< six block formats, from the values and from the values rounded to F16 */
};

/** Values at SVA_SAMPLE_ROWS x SVA_SAMPLE_COLUMNS places that follow from the shape alone. */
struct sva_value_samples {
    uint32_t rows, columns; /**< 0: none (vectors, tensors that cannot be read, experts beyond the budget) */
    const float *values;    /**< [rows * columns] */
    /** [rows * columns] distance between the codes next to each value, 0: unknown; NULL: not quantised. */
    const float *steps;
};

/**
 * Digests of the whole sampled rows: as stored (block formats that can be computed again), and
 * as they would be stored in each of these formats (tensors that hold plain floats).
 */
struct sva_row_digests {
    bool stored_known, requantised_known;
    uint8_t stored[SVA_ROW_DIGEST_BYTES];
    uint8_t requantised[SVA_REQUANTISED][SVA_ROW_DIGEST_BYTES];
};

/**
 * Rows of frequent tokens in an embedding or an output head, each projected to SVA_TOKEN_FEATURES
 * numbers: fingerprint/token_rows.h.
 */
struct sva_token_rows {
    uint32_t count;        /**< 0: none, or a print from before they were kept */
    const uint64_t *keys;  /**< [count] ascending; as in sva_model.token_keys, or the row's index */
    const int16_t *values; /**< [count * SVA_TOKEN_FEATURES] */
};

/** One tensor read with its rows in another order: a second hypothesis about a converter. */
struct sva_print_alternative {
    const char *name; /**< what is undone: "rotary halves interleaved" */
    uint8_t value_hash[SVA_DIGEST_BYTES];
    bool rounded_known;
    uint8_t rounded_hash[2][SVA_DIGEST_BYTES];
    struct sva_axis_sketch axis; /**< of axis 1, whose features sum over rows */
    struct sva_value_samples samples;
    struct sva_row_digests rows;
};

enum {
    SVA_GRAM_UNITS = 32,                                        /**< neurons of a block */
    SVA_GRAM_PAIRS = SVA_GRAM_UNITS * (SVA_GRAM_UNITS - 1) / 2  /**< of neurons inside a block */
};

/**
 * Cosines between hidden neurons, which no renumbering, sign flip or rotation of the residual stream
 * changes. Pairs (i, j), i < j, row by row, times 256 sqrt(width), within +-2047; see fingerprint/gram.h.
 */
struct sva_gram {
    uint32_t blocks;           /**< 0: not a matrix of neurons, or too small */
    const int16_t *cosines;    /**< [blocks * SVA_GRAM_PAIRS] */
    uint32_t leading;          /**< directions that rise above the random bulk */
    const int8_t *directions;  /**< [leading * sva_gram_direction_units()] over the first neurons, +-127 */
};

enum {
    SVA_STRONG_NEURONS = 128,
    SVA_STRONG_ONE = 32767, /**< a cosine of one */
    SVA_STRONG_PAIRS = SVA_STRONG_NEURONS * (SVA_STRONG_NEURONS - 1) / 2
};

/** Cosines between the neurons with the longest rows, longest first; see fingerprint/strong_neurons.h. */
struct sva_strong_neurons {
    uint32_t count;           /**< SVA_STRONG_NEURONS, or 0: none */
    const int16_t *cosines;   /**< [SVA_STRONG_PAIRS] in the order of struct sva_gram, times SVA_STRONG_ONE */
    uint32_t leading;
    const int8_t *directions; /**< [leading * SVA_STRONG_NEURONS] */
};

enum {
    SVA_LANDMARKS_MOST = 64,
    SVA_LANDMARKS_LEAST = 32,
    SVA_EXPERT_NEURONS = 8 /**< of an expert, whose barcodes are kept */
};

/** What the neurons with the longest rows say to landmarks, longest first; see fingerprint/landmarks.h. */
struct sva_barcodes {
    uint32_t units;       /**< at most SVA_STRONG_NEURONS; 0: none */
    const int16_t *values; /**< [units * the component's landmark_count], +-32767 */
};

/** Why a tensor carries no evidence. Bits. */
enum sva_inert {
    SVA_INERT_NONE = 0,
    SVA_INERT_CONSTANT = 1,    /**< all values equal */
    SVA_INERT_LOW_ENTROPY = 2, /**< fewer than 128 bits of empirical entropy */
    SVA_INERT_FORMULA = 4,     /**< reproduced by a formula: sinusoids, identity, ramps, one-hot */
    SVA_INERT_EMPTY = 8,
    SVA_INERT_UNREADABLE = 16  /**< dtype whose values we do not decode */
};

/** One logical tensor of a print. */
struct sva_print_tensor {
    const char *name;       /**< stored name, then "[part]" where it is a part */
    uint32_t component;     /**< index into components */
    enum sva_role role;
    bool bias;
    int32_t layer;
    int32_t expert;
    enum sva_dtype dtype;
    uint64_t n[3];          /**< outputs, inputs, kernel positions */
    uint32_t stored_rank;
    enum sva_axis_kind axis_kind[2];
    uint64_t element_count;
    uint8_t value_hash[SVA_DIGEST_BYTES]; /**< value hash v1, METHOD section 3 */
    bool rounded_known;   /**< stored wider than 16 bits: the two hashes below are meaningful */
    uint8_t rounded_hash[2][SVA_DIGEST_BYTES]; /**< of the values rounded to BF16, to F16 */
    uint32_t inert;                       /**< bits of enum sva_inert */
    uint64_t nonfinite_count;
    double mean, deviation, minimum, maximum, kurtosis;
    struct sva_axis_sketch axis[2];
    uint32_t vector_length; /**< values kept of a vector (1 x n), else 0 */
    const float *vector;
    const char *form;      /**< stored form where dtype does not tell it, or NULL */
    const char *transform; /**< what the reader undid: "experts stacked"; or NULL */
    struct sva_value_samples samples;
    struct sva_row_digests rows;
    const struct sva_print_alternative *alternative; /**< or NULL */
    struct sva_gram gram;
    struct sva_strong_neurons strong;
    struct sva_barcodes barcodes;
    uint32_t row_hash_count; /**< bottom-k sorted 64-bit hashes of distinct non-constant rows */
    const uint64_t *row_hashes;
    struct sva_token_rows token_rows; /**< none for a head that holds the embedding's values */
    /**
     * Read in part (sva_print_options.quick). Then value_hash is no value hash and equal to none;
     * mean and deviation are estimates over what was read, NAN where nothing was; minimum, maximum
     * and kurtosis are NAN; nonfinite_count is not known; there are no row hashes, no hashes of
     * rounded values, no `strong`, no `barcodes` and no `alternative`; `inert` is judged by what
     * was read. All else is what a full reading gives, or absent.
     */
    bool sampled;
};

struct sva_print_component {
    const char *name;
    enum sva_component_kind kind;
    uint64_t width;
    uint32_t layer_count;
    uint64_t parameter_count;
    bool residual_labelled;
    const char *labelled_why; /**< or NULL */
    uint32_t head_count, kv_head_count, head_width; /**< 0: not known */
    uint32_t landmark_count;
    const uint64_t *landmark_keys; /**< [landmark_count] ascending */
};

struct sva_print_file {
    const char *path;
    enum sva_file_kind kind;
    uint64_t size_bytes;
    bool hashed; /**< sha256 is meaningful */
    uint8_t sha256[SVA_DIGEST_BYTES];
};

/** How much of the weights a print was made from. */
struct sva_print_reading {
    bool quick;          /**< sva_print_options.quick: weight files are not hashed */
    uint64_t bytes_read; /**< of the weight files' tensors */
    uint64_t bytes_total; /**< of the weight files' tensors */
};

struct sva_print {
    uint32_t method_version;
    uint8_t digest[SVA_DIGEST_BYTES]; /**< SHA-256 of the canonical, uncompressed encoding */
    const char *name;
    uint64_t parameter_count;
    uint64_t weight_bytes;
    bool tokens_keyed; /**< embedding rows keyed by token bytes (else by id) */
    size_t component_count;
    const struct sva_print_component *components;
    size_t tensor_count;
    const struct sva_print_tensor *tensors;
    size_t file_count;
    const struct sva_print_file *files;
    size_t fact_count;
    const struct sva_fact *facts; /**< sorted by key */
    size_t finding_count;
    const struct sva_finding *findings;
    void *internal;
    const struct sva_token_sample *token_sample; /**< NULL: no vocabulary, or an older print */
    const struct sva_code *code; /**< at most SVA_CODE_SAMPLE of each; NULL: none, or an older print */
    struct sva_print_reading reading; /**< zeros unless it was quick */
};

struct sva_print_options {
    uint32_t threads;     /**< 0 = number of processors */
    bool skip_file_hashes;
    bool read_again; /**< the weights will be wanted once more: go through the page cache */
    /**
     * A step-0 checkpoint, or NULL. The print is then of what training added: every value less the
     * origin's value in the tensor of the same name and shape. Tensors without one carry no
     * evidence. Such prints compare with prints taken off the same origin only.
     */
    const struct sva_model *origin;
    struct sva_progress progress;
    /**
     * Read only what the tests need: about 2 % of a large model's bytes (fingerprint/quick_plan.h).
     * Weight files are not hashed. Not together with `origin`.
     */
    bool quick;
    uint64_t quick_bytes; /**< what a quick reading may take; 0: 2 % of the weights, at least 64 MiB */
    const char *name; /**< that the print bears, its digest covers it; NULL: the model's */
};

/** Reads every tensor once and makes its print. Errors: those of sva_model_read, NOTHING, CANCELLED,
 * USAGE (quick and an origin). */
SVA_MUST_CHECK SVA_API enum sva_status sva_print_make(const struct sva_model *model,
                                                      const struct sva_print_options *options,
                                                      struct sva_print **print,
                                                      struct sva_error *error);

SVA_API void sva_print_free(struct sva_print *print);

/** Encodes into a new buffer (free()). The same print gives the same bytes. */
SVA_MUST_CHECK SVA_API enum sva_status sva_print_encode(const struct sva_print *print,
                                                        uint8_t **bytes, size_t *size_bytes,
                                                        struct sva_error *error);

/** Decodes foreign bytes within fixed limits. `what` names the source in error texts. */
SVA_MUST_CHECK SVA_API enum sva_status sva_print_decode(const uint8_t *bytes, size_t size_bytes,
                                                        const char *what, struct sva_print **print,
                                                        struct sva_error *error);

/** Writes to a temporary name, then renames. */
SVA_MUST_CHECK SVA_API enum sva_status sva_print_save(const struct sva_print *print,
                                                      const char *path, struct sva_error *error);

SVA_MUST_CHECK SVA_API enum sva_status sva_print_load(const char *path, struct sva_print **print,
                                                      struct sva_error *error);

/**
 * Whether `path` is a file that starts with a print's magic; a folder, or a path at which nothing
 * is, is none. Errors: IO, CONFLICT (it became shorter), MEMORY.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_print_sniff(const char *path, bool *is_print,
                                                       struct sva_error *error);

/** Value of a fact or NULL. */
SVA_API const char *sva_print_fact(const struct sva_print *print, const char *key);

#endif
