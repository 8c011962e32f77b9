/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A model as found on disk: files, stored tensors, and what they mean.
 *
 * `sva_model_open` reads headers, configuration and index files only; tensor
 * bytes stay on disk, but for copies of a tensor in two shards, which are
 * compared. All structures are filled by the library and read-only to callers;
 * every pointer inside is owned by the `struct sva_model` and valid until
 * `sva_model_close`. A model may be read from several threads.
 */
#ifndef SOVAUDIT_MODEL_H
#define SOVAUDIT_MODEL_H

#include <stddef.h>

#include <sovaudit/status.h>

/**
 * Element types of stored tensors: those of safetensors (0.8 names), then ggml's block types,
 * which only GGUF files hold, then two that stand for more than one type.
 */
enum sva_dtype {
    SVA_DTYPE_F4,
    SVA_DTYPE_F6_E2M3,
    SVA_DTYPE_F6_E3M2,
    SVA_DTYPE_F8_E5M2,
    SVA_DTYPE_F8_E4M3,
    SVA_DTYPE_F8_E8M0,
    SVA_DTYPE_F8_E4M3FNUZ,
    SVA_DTYPE_F8_E5M2FNUZ,
    SVA_DTYPE_BOOL,
    SVA_DTYPE_U8,
    SVA_DTYPE_I8,
    SVA_DTYPE_I16,
    SVA_DTYPE_U16,
    SVA_DTYPE_F16,
    SVA_DTYPE_BF16,
    SVA_DTYPE_I32,
    SVA_DTYPE_U32,
    SVA_DTYPE_F32,
    SVA_DTYPE_C64,
    SVA_DTYPE_F64,
    SVA_DTYPE_I64,
    SVA_DTYPE_U64,
    SVA_DTYPE_Q4_0, /**< first of ggml's block types */
    SVA_DTYPE_Q4_1,
    SVA_DTYPE_Q5_0,
    SVA_DTYPE_Q5_1,
    SVA_DTYPE_Q8_0,
    SVA_DTYPE_Q8_1,
    SVA_DTYPE_Q2_K,
    SVA_DTYPE_Q3_K,
    SVA_DTYPE_Q4_K,
    SVA_DTYPE_Q5_K,
    SVA_DTYPE_Q6_K,
    SVA_DTYPE_Q8_K,
    SVA_DTYPE_IQ2_XXS,
    SVA_DTYPE_IQ2_XS,
    SVA_DTYPE_IQ3_XXS,
    SVA_DTYPE_IQ1_S,
    SVA_DTYPE_IQ4_NL,
    SVA_DTYPE_IQ3_S,
    SVA_DTYPE_IQ2_S,
    SVA_DTYPE_IQ4_XS,
    SVA_DTYPE_IQ1_M,
    SVA_DTYPE_TQ1_0,
    SVA_DTYPE_TQ2_0,
    SVA_DTYPE_MXFP4,
    SVA_DTYPE_NVFP4,
    SVA_DTYPE_Q1_0,
    SVA_DTYPE_Q2_0, /**< last of ggml's block types */
    SVA_DTYPE_PACKED, /**< several stored tensors make one: codes, scales, zero points ... */
    SVA_DTYPE_OPAQUE, /**< a type that is listed by its number and not decoded */
    SVA_DTYPE_COUNT
};

/** Bounds on untrusted input. Zero-initialise, then sva_limits_default(). */
struct sva_limits {
    uint64_t header_bytes;      /**< safetensors header, 100 000 000 as the reference */
    uint64_t header_note_bytes; /**< above this a finding, 25 000 000 as the Hub */
    uint64_t json_bytes;        /**< config.json and the like, 10 MB */
    uint64_t index_bytes;       /**< *.index.json, 256 MB */
    uint64_t tokenizer_bytes;   /**< tokenizer.json, 256 MB */
    uint64_t card_bytes;        /**< README front matter, 64 KiB */
    uint64_t tensor_count;      /**< per model, 2 000 000 */
    uint64_t file_count;        /**< directory entries looked at, 100 000 */
    uint64_t unpacked_bytes;    /**< of an archive, 2 TiB */
    uint32_t unpacked_ratio;    /**< unpacked for each packed byte beyond the first 64 MiB, 200 */
    uint32_t rank;              /**< dimensions of a tensor, 64 */
    uint32_t name_bytes;        /**< tensor name, 4096 */
    uint32_t json_depth;        /**< nesting, 32 (ignored fields too) */
    uint64_t gguf_header_bytes; /**< GGUF: keys, values and tensor descriptions, 1 GiB */
    uint64_t gguf_text_bytes;   /**< GGUF: names and texts that are kept in memory, 32 MiB */
    uint64_t gguf_key_count;    /**< GGUF: keys of a file, 100 000 */
    const struct sva_progress *progress; /**< told and asked while an archive is unpacked, or NULL */
};

SVA_API struct sva_limits sva_limits_default(void);

/** How a file was treated. */
enum sva_file_kind {
    SVA_FILE_SAFETENSORS, /**< audited */
    SVA_FILE_INDEX,
    SVA_FILE_CONFIG,
    SVA_FILE_TOKENIZER,
    SVA_FILE_CARD,
    SVA_FILE_LICENCE,
    SVA_FILE_CODE,    /**< shipped program text (*.py ...) */
    SVA_FILE_PICKLE,  /**< executable container (pickle, torch zip): named, not audited */
    SVA_FILE_WEIGHTS, /**< weights in a format not read yet: named, not audited */
    SVA_FILE_OTHER,   /**< anything else: named, not audited */
    SVA_FILE_GGUF,    /**< audited */
    SVA_FILE_TORCH,   /**< executable container whose tensors a closed reader takes out: audited */
    SVA_FILE_NUMPY    /**< *.npz: audited */
};

SVA_API const char *sva_file_kind_name(enum sva_file_kind kind);

/** Are its weights part of the audit? */
SVA_API bool sva_file_is_audited(enum sva_file_kind kind);

struct sva_file {
    const char *path;        /**< relative to the model's root, as stored */
    enum sva_file_kind kind; /**< by content first, name second */
    uint64_t size_bytes;
    const char *blob_digest; /**< hub cache: digest its blob's name claims (hex), or NULL */
};

/** A finding never stops the audit; it is listed in every report. */
struct sva_finding {
    const char *code; /**< stable, lower-kebab: "duplicate-metadata-key" */
    const char *file; /**< relative path, or NULL for the whole model */
    const char *text; /**< one sentence, escaped */
};

struct sva_packing; /**< how several stored tensors make one, see model/packing.h */

/** One tensor as stored; or one made of several, which are then no tensors of the model. */
struct sva_tensor {
    const char *name;       /**< as stored, UTF-8, may hold any character: escape before printing */
    size_t name_bytes;      /**< length; names may contain NUL */
    enum sva_dtype dtype;
    uint32_t rank;
    const uint64_t *shape;  /**< [rank] */
    uint64_t element_count; /**< product of shape, checked */
    uint64_t offset_bytes;  /**< from the start of its file */
    uint64_t size_bytes;    /**< of a packed tensor: of all its parts together */
    uint32_t file;          /**< index into files */
    const char *form;       /**< where `dtype` does not tell it: "gptq, 4 bits, groups of 128"; or NULL */
    bool big_endian;        /**< scalars, also those inside blocks, have their high byte first */
    const struct sva_packing *packing; /**< with SVA_DTYPE_PACKED only; then offset_bytes is 0 */
};

/** What a tensor does. Biases carry the role of their matrix and `bias`. */
enum sva_role {
    SVA_ROLE_UNKNOWN,
    SVA_ROLE_EMBED_TOKENS,
    SVA_ROLE_EMBED_POSITIONS,
    SVA_ROLE_EMBED_TYPES,
    SVA_ROLE_EMBED_NORM,
    SVA_ROLE_EMBED_CLASS,
    SVA_ROLE_EMBED_PATCH,
    SVA_ROLE_OUTPUT_HEAD,
    SVA_ROLE_POOLER,
    SVA_ROLE_ATTN_NORM,
    SVA_ROLE_ATTN_Q,
    SVA_ROLE_ATTN_K,
    SVA_ROLE_ATTN_V,
    SVA_ROLE_ATTN_OUT,
    SVA_ROLE_ATTN_Q_NORM,
    SVA_ROLE_ATTN_K_NORM,
    SVA_ROLE_ATTN_Q_A,
    SVA_ROLE_ATTN_Q_A_NORM,
    SVA_ROLE_ATTN_Q_B,
    SVA_ROLE_ATTN_KV_A,
    SVA_ROLE_ATTN_KV_A_NORM,
    SVA_ROLE_ATTN_KV_B,
    SVA_ROLE_ATTN_SINKS,
    SVA_ROLE_ATTN_POST_NORM,
    SVA_ROLE_FFN_NORM,
    SVA_ROLE_FFN_GATE,
    SVA_ROLE_FFN_UP,
    SVA_ROLE_FFN_DOWN,
    SVA_ROLE_FFN_POST_NORM,
    SVA_ROLE_ROUTER,
    SVA_ROLE_ROUTER_CORRECTION,
    SVA_ROLE_SHARED_GATE, /**< shared-expert variants of gate/up/down */
    SVA_ROLE_SHARED_UP,
    SVA_ROLE_SHARED_DOWN,
    SVA_ROLE_SHARED_ROUTER,
    SVA_ROLE_FINAL_NORM,
    SVA_ROLE_PRE_NORM,      /**< norm before the first block (CLIP pre_layrnorm) */
    SVA_ROLE_PROJECTOR_NORM,
    SVA_ROLE_PROJECTOR_1,
    SVA_ROLE_PROJECTOR_2,
    SVA_ROLE_PROJECTOR_3,
    SVA_ROLE_CONV,          /**< audio stem convolutions, depth by `layer` */
    SVA_ROLE_LAYER_SCALE,
    SVA_ROLE_LORA_A,
    SVA_ROLE_LORA_B,
    SVA_ROLE_ROTARY_FREQUENCIES, /**< computed from the configuration: no evidence */
    SVA_ROLE_COUNT
};

SVA_API const char *sva_role_name(enum sva_role role);
SVA_API const char *sva_dtype_name(enum sva_dtype dtype);

/** What numbers an axis, hence which renumberings leave a network unchanged. */
enum sva_axis_kind {
    SVA_AXIS_UNKNOWN,  /**< nothing known: the generic test's business */
    SVA_AXIS_RESIDUAL, /**< the component's residual stream, one numbering per component */
    SVA_AXIS_NEURON,   /**< hidden neurons of one MLP (or expert) */
    SVA_AXIS_VALUE,    /**< value dimensions, head by head */
    SVA_AXIS_ROTARY,   /**< query/key dimensions under rotary position: not exchangeable */
    SVA_AXIS_HEAD,     /**< query/key dimensions without rotary */
    SVA_AXIS_LATENT,   /**< MLA or projector latents */
    SVA_AXIS_TOKEN,    /**< vocabulary: labelled */
    SVA_AXIS_EXPERT,   /**< experts of a router */
    SVA_AXIS_POSITION, /**< sequence or patch positions: labelled */
    SVA_AXIS_INPUT,    /**< pixels, mel bins: labelled */
    SVA_AXIS_RANK,     /**< LoRA rank: exchangeable per module */
    SVA_AXIS_FOREIGN,  /**< another component's residual stream (projectors) */
    SVA_AXIS_UNIT      /**< the axis of a vector stored as 1 x n */
};

/**
 * Where the rows of a matrix lie when they are not evenly spaced: row
 * (a * n[1] + b) * n[2] + c begins at a*stride[0] + b*stride[1] + c*stride[2], in elements from
 * the view's offset. Heads that take turns in a fused matrix, halves of a head interleaved.
 */
struct sva_row_order {
    uint64_t n[3];
    uint64_t stride[3];
    const char *name; /**< what was undone, for reports: "rotary halves interleaved" */
};

/** Which axis of a matrix without a name seems to hold hidden neurons, by shapes alone. */
enum sva_guessed_neurons { SVA_GUESSED_NONE, SVA_GUESSED_ROWS, SVA_GUESSED_COLUMNS };

/**
 * A logical matrix inside a stored tensor: fused QKV and gate-up are split,
 * stacked experts taken apart, Conv1D turned, convolution kernels flattened.
 * Element (o, i, k) lies at offset + o*stride[0] + i*stride[1] + k*stride[2]
 * (in elements). Axis 0 are outputs, axis 1 inputs, axis 2 kernel positions.
 * A vector has n = {1, length, 1}. Views of one tensor never overlap and
 * together cover it.
 */
struct sva_view {
    uint32_t tensor;  /**< index into tensors */
    const char *part; /**< "" or what was split off: "q", "k", "v", "gate", "up", "expert 3" */
    uint64_t offset;  /**< elements from the tensor's start */
    uint64_t n[3];
    uint64_t stride[3];
    /** Places of axis 0's indices, instead of stride[0]; NULL: evenly spaced. */
    const struct sva_row_order *order;
    const struct sva_row_order *alternative; /**< a second hypothesis about them, or NULL */
    enum sva_axis_kind axis[2];
    enum sva_role role;
    bool bias;        /**< bias of the matrix with the same role, layer, expert */
    int32_t layer;    /**< 0-based, -1 outside layers */
    int32_t expert;   /**< 0-based, -1 where not an expert */
    uint32_t component;
    enum sva_guessed_neurons guessed_neurons;
};

enum sva_component_kind {
    SVA_COMPONENT_TEXT_DECODER,
    SVA_COMPONENT_TEXT_ENCODER,
    SVA_COMPONENT_VISION_ENCODER,
    SVA_COMPONENT_AUDIO_ENCODER,
    SVA_COMPONENT_PROJECTOR,
    SVA_COMPONENT_ADAPTER, /**< LoRA factors */
    SVA_COMPONENT_GENERIC  /**< no role map knows it */
};

SVA_API const char *sva_component_kind_name(enum sva_component_kind kind);

/** A set of tensors sharing one residual numbering (METHOD: components). */
struct sva_component {
    const char *name; /**< unique in the model: "text-decoder", "vision-encoder", "generic:conv" */
    enum sva_component_kind kind;
    uint64_t width;           /**< residual width d, 0 when there is none */
    uint32_t layer_count;
    uint64_t parameter_count; /**< elements, tied tensors once */
    bool residual_labelled;   /**< the residual axis carries labels (additive sinusoids ...): A1 does not apply */
    const char *labelled_why; /**< reason, or NULL */
    /** Query heads, key and value heads, rows of one head; 0: the configuration does not say. */
    uint32_t head_count, kv_head_count, head_width;
};

/** A fact for people and rules: "config.model_type" = "qwen2". Sorted by key. */
struct sva_fact {
    const char *key;
    const char *value; /**< UTF-8, unescaped */
};

/** Tokens whose rows a print keeps: vocabularies are in order of frequency, most of them. */
enum { SVA_FREQUENT_TOKENS = 512 };

enum {
    SVA_TOKEN_DIGEST_BYTES = 32, /**< SHA-256 */
    SVA_TOKEN_SAMPLE = 8192,     /**< tokens of a vocabulary that are kept at most */
    SVA_TOKEN_FIRST = 4096,      /**< tokens kept of those that were made first, at most */
    SVA_TOKEN_SPECIALS = 256,    /**< special tokens listed at most */
    SVA_TOKEN_SPECIAL_BYTES = 64 /**< of a special token's text, at most */
};

/** What the order of a vocabulary's tokens is taken from. */
enum sva_token_order {
    SVA_TOKEN_ORDER_MERGES, /**< a token's rank is the place of the first merge that makes it */
    SVA_TOKEN_ORDER_IDS,    /**< no merges are stored: its rank is its id, as training leaves it */
    SVA_TOKEN_ORDER_COUNT
};

struct sva_special_token {
    uint64_t key;
    uint32_t id;
    const char *text; /**< unescaped; cut after SVA_TOKEN_SPECIAL_BYTES; "" if no UTF-8 */
};

/**
 * A vocabulary made small enough to keep, so that two can be compared. Tokens of two bytes or more
 * that are not special stand in the population; of these the ones with the smallest keys are
 * kept, which are the same tokens in every vocabulary that has them.
 */
struct sva_token_sample {
    const char *kind;        /**< "bpe, byte level", "unigram" ...; as the fact tokenizer.kind */
    enum sva_token_order order;
    uint32_t token_count;    /**< ids in use */
    uint32_t population;     /**< different tokens of two bytes or more, not special */
    uint32_t byte_count;     /**< tokens of one byte */
    uint32_t special_count;
    uint32_t merge_count;
    uint8_t digest[SVA_TOKEN_DIGEST_BYTES];        /**< of the tokens by id, all of them */
    uint8_t merges_digest[SVA_TOKEN_DIGEST_BYTES]; /**< zeros without merges */
    uint32_t sampled;        /**< min(population, SVA_TOKEN_SAMPLE) */
    const uint64_t *keys;    /**< [sampled] ascending */
    const uint32_t *ids;     /**< [sampled] */
    const uint32_t *ranks;   /**< [sampled] place in the order; UINT32_MAX: in none */
    uint32_t first_count;
    const uint32_t *first;   /**< [first_count] low halves of the keys of the tokens made first */
    uint32_t special_listed; /**< min(special_count, SVA_TOKEN_SPECIALS) */
    const struct sva_special_token *specials; /**< by id */
};

enum {
    SVA_CODE_FILES = 64,         /**< program files of a model that are sketched at most */
    SVA_CODE_SAMPLE = 256,       /**< fingerprints that a print keeps of a file and a reading */
    SVA_CODE_MARKS_MOST = 16384, /**< that a model keeps */
    SVA_CODE_SPAN_MOST = 65535   /**< lines of a fingerprint, in a print */
};

/** How program text was read for its fingerprints; model/code_sketch.h. */
enum sva_code_reading {
    SVA_CODE_AS_WRITTEN,
    SVA_CODE_NAMES_ALIKE, /**< all names that are no keywords are one */
    SVA_CODE_READINGS
};

/** A fingerprint of a run of tokens, and the lines where it first stands, from 1. */
struct sva_code_mark {
    uint64_t key;
    uint32_t first_line, last_line;
};

struct sva_code_marks {
    uint32_t population; /**< different fingerprints */
    uint32_t count;      /**< of these kept: the smallest, hence the same ones in every text */
    const struct sva_code_mark *marks; /**< [count] by key */
};

/** One program file (Python) by its fingerprints. */
struct sva_code_file {
    const char *path;
    uint32_t line_count, token_count;
    struct sva_code_marks readings[SVA_CODE_READINGS];
};

struct sva_code {
    uint32_t file_count;
    const struct sva_code_file *files; /**< by path, the first SVA_CODE_FILES */
};

struct sva_model {
    const char *root;        /**< path as given */
    const char *name;        /**< last path component, or hub cache's "org/name" */
    size_t file_count;
    const struct sva_file *files; /**< sorted by path */
    size_t tensor_count;
    const struct sva_tensor *tensors; /**< sorted by name (bytes), then file */
    size_t view_count;
    const struct sva_view *views; /**< in tensor order */
    size_t component_count;
    const struct sva_component *components;
    size_t fact_count;
    const struct sva_fact *facts;
    size_t finding_count;
    const struct sva_finding *findings;
    size_t token_count;         /**< size of the vocabulary read, 0 without one */
    const uint64_t *token_keys; /**< [token_count] 64-bit hash of each token's canonical bytes, 0 = unused id */
    size_t frequent_count; /**< 0 without a vocabulary */
    /**
     * [frequent_count] ids, ascending, of tokens that are likely to be used often: the first
     * SVA_FREQUENT_TOKENS of two characters or more that are not special. Keys differ.
     */
    const uint32_t *frequent_tokens;
    void *internal;
    const struct sva_token_sample *token_sample; /**< NULL without a vocabulary */
    const struct sva_code *code; /**< program files; NULL without any */
};

/**
 * Opens a directory (Hugging Face layout, hub-cache snapshot, loose files) or
 * one safetensors file. `limits` NULL means the defaults.
 * Errors: IO, CORRUPT, LIMIT, UNSUPPORTED (a known format that is not read), NOTHING
 * (no readable weights at all), CANCELLED (limits->progress), MEMORY.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_model_open(const char *path,
                                                      const struct sva_limits *limits,
                                                      struct sva_model **model,
                                                      struct sva_error *error);

/** NULL is allowed. */
SVA_API void sva_model_close(struct sva_model *model);

/** Value of a fact or NULL. Borrowed from the model. */
SVA_API const char *sva_model_fact(const struct sva_model *model, const char *key);

/**
 * Reads `size_bytes` bytes of a file of the model at `offset_bytes`. Thread-safe.
 * Errors: IO; CONFLICT when the file shrank or was replaced since it was opened.
 */
SVA_MUST_CHECK SVA_API enum sva_status sva_model_read(const struct sva_model *model, uint32_t file,
                                                      uint64_t offset_bytes, void *bytes,
                                                      size_t size_bytes, struct sva_error *error);

#endif
