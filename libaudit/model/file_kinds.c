/* SPDX-License-Identifier: Apache-2.0 */
#include "model/file_kinds.h"

#include <string.h>

#include "base/cursor.h"
#include "base/text.h"

static bool same_letters(const char *text, const char *other, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (sva_lower(text[i]) != sva_lower(other[i])) {
            return false;
        }
    }
    return true;
}

bool sva_ends_with(const char *text, const char *end)
{
    const size_t text_size = strlen(text);
    const size_t end_size = strlen(end);
    return text_size >= end_size && same_letters(text + text_size - end_size, end, end_size);
}

bool sva_starts_with(const char *text, const char *start)
{
    const size_t start_size = strlen(start);
    return strlen(text) >= start_size && same_letters(text, start, start_size);
}

const char *sva_content_name(enum sva_content content)
{
    static const char *const names[] = {
        [SVA_CONTENT_UNKNOWN] = "of unknown content",
        [SVA_CONTENT_EMPTY] = "empty",
        [SVA_CONTENT_SAFETENSORS] = "a safetensors file",
        [SVA_CONTENT_PICKLE] = "a Python pickle",
        [SVA_CONTENT_TORCH_ZIP] = "a PyTorch archive with a pickle inside",
        [SVA_CONTENT_ZIP] = "a zip archive",
        [SVA_CONTENT_GGUF] = "a GGUF file",
        [SVA_CONTENT_GGML] = "an old GGML file",
        [SVA_CONTENT_HDF5] = "an HDF5 file",
        [SVA_CONTENT_NUMPY] = "a NumPy file",
        [SVA_CONTENT_TFLITE] = "a TensorFlow Lite file",
        [SVA_CONTENT_TAR] = "a tar archive",
        [SVA_CONTENT_COMPRESSED] = "a compressed file",
        [SVA_CONTENT_LFS_POINTER] = "a Git LFS pointer, not the file it stands for",
        [SVA_CONTENT_HTML] = "an HTML page",
    };
    return names[content];
}

struct magic {
    uint8_t at;
    uint8_t size;
    uint8_t content;
    const char *bytes;
};

static const struct magic magics[] = {
    {0, 4, SVA_CONTENT_GGUF, "GGUF"},
    {0, 4, SVA_CONTENT_GGUF, "FUGG"},
    {0, 4, SVA_CONTENT_GGML, "lmgg"},
    {0, 4, SVA_CONTENT_GGML, "fmgg"},
    {0, 4, SVA_CONTENT_GGML, "tjgg"},
    {0, 4, SVA_CONTENT_GGML, "algg"},
    {0, 8, SVA_CONTENT_HDF5, "\x89HDF\r\n\x1a\n"},
    {0, 6, SVA_CONTENT_NUMPY, "\x93NUMPY"},
    {4, 4, SVA_CONTENT_TFLITE, "TFL3"},
    {0, 3, SVA_CONTENT_COMPRESSED, "\x1f\x8b\x08"},
    {0, 6, SVA_CONTENT_COMPRESSED,
     "\xfd"
     "7zXZ\0"},
    {0, 4, SVA_CONTENT_COMPRESSED, "\x28\xb5\x2f\xfd"},
    {0, 3, SVA_CONTENT_COMPRESSED, "BZh"},
    {0, 6, SVA_CONTENT_COMPRESSED, "7z\xbc\xaf\x27\x1c"},
    {0, 23, SVA_CONTENT_LFS_POINTER, "version https://git-lfs"},
    {0, 5, SVA_CONTENT_HTML, "<!DOC"},
    {0, 5, SVA_CONTENT_HTML, "<!doc"},
    {0, 5, SVA_CONTENT_HTML, "<html"},
};

/** A zip's first local header: torch names its entries <name>/data.pkl, <name>/version ..., NumPy <name>.npy */
static enum sva_content sniff_zip(const uint8_t *head, size_t head_size)
{
    if (head_size < 30) {
        return SVA_CONTENT_ZIP;
    }
    size_t name_size = (size_t)head[26] | (size_t)head[27] << 8;
    if (name_size > head_size - 30) {
        name_size = head_size - 30;
    }
    const char *const name = (const char *)head + 30;
    if (name_size >= 4 && memcmp(name + name_size - 4, ".npy", 4) == 0) {
        return SVA_CONTENT_NUMPY;
    }
    static const char *const marks[] = {".pkl", "/byteorder", "/version", "/.format_version"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        const size_t mark_size = strlen(marks[i]);
        if (name_size >= mark_size &&
            memcmp(name + name_size - mark_size, marks[i], mark_size) == 0) {
            return SVA_CONTENT_TORCH_ZIP;
        }
    }
    return SVA_CONTENT_ZIP;
}

static bool plausible_safetensors(const uint8_t *head, size_t head_size, uint64_t size_bytes)
{
    struct sva_cursor cursor = {.span = {head, head_size}};
    const uint64_t length = sva_cursor_u64le(&cursor);
    const uint8_t first = sva_cursor_u8(&cursor);
    return !cursor.failed && length >= 2 && length <= size_bytes - 8 &&
           length < UINT64_C(1) << 32 &&
           (first == '{' || first == ' ' || first == '\n' || first == '\r' || first == '\t');
}

/** What a plain beginning says; a safetensors file's is a number and may say anything. */
static enum sva_content sniff_magic(const uint8_t *head, size_t head_size)
{
    for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
        const struct magic *const magic = &magics[i];
        if (head_size >= (size_t)magic->at + magic->size &&
            memcmp(head + magic->at, magic->bytes, magic->size) == 0) {
            return (enum sva_content)magic->content;
        }
    }
    if (head_size >= 4 && head[0] == 'P' && head[1] == 'K' &&
        ((head[2] == 3 && head[3] == 4) || (head[2] == 7 && head[3] == 8) ||
         (head[2] == 5 && head[3] == 6))) {
        return sniff_zip(head, head_size);
    }
    if (head_size >= 262 && memcmp(head + 257, "ustar", 5) == 0) {
        return SVA_CONTENT_TAR;
    }
    if (head_size >= 2 && head[0] == 0x80 && head[1] >= 1 && head[1] <= 5) {
        return SVA_CONTENT_PICKLE;
    }
    return SVA_CONTENT_UNKNOWN;
}

enum sva_content sva_content_sniff(const uint8_t *head, size_t head_size, uint64_t size_bytes)
{
    if (head_size == 0) {
        return SVA_CONTENT_EMPTY;
    }
    /* before the magics: a header of 640 bytes starts like a pickle, one of 559,903 like gzip */
    return plausible_safetensors(head, head_size, size_bytes) ? SVA_CONTENT_SAFETENSORS
                                                              : sniff_magic(head, head_size);
}

enum sva_content sva_content_rival(const uint8_t *head, size_t head_size, uint64_t size_bytes,
                                   const char *base)
{
    if (head_size == 0 || !plausible_safetensors(head, head_size, size_bytes)) {
        return SVA_CONTENT_UNKNOWN;
    }
    const bool zip = head[0] == 'P' && head[1] == 'K';
    return zip || !sva_ends_with(base, ".safetensors") ? sniff_magic(head, head_size)
                                                       : SVA_CONTENT_UNKNOWN;
}

struct name_row {
    const char *start, *end; /**< NULL: any */
    uint8_t kind;
};

/* First match wins. Names decide only where the content has not. */
static const struct name_row names[] = {
    {NULL, ".safetensors", SVA_FILE_SAFETENSORS},
    {NULL, ".index.json", SVA_FILE_INDEX},
    {"tokenizer", ".json", SVA_FILE_TOKENIZER},
    {"tokenizer", ".jsonl", SVA_FILE_TOKENIZER},
    {NULL, ".tiktoken", SVA_FILE_TOKENIZER},
    {"tokenizer", ".model", SVA_FILE_TOKENIZER},
    {"tekken", ".json", SVA_FILE_TOKENIZER},
    {"special_tokens_map", ".json", SVA_FILE_TOKENIZER},
    {"added_tokens", ".json", SVA_FILE_TOKENIZER},
    {"vocab", ".json", SVA_FILE_TOKENIZER},
    {"vocab", ".txt", SVA_FILE_TOKENIZER},
    {"merges", ".txt", SVA_FILE_TOKENIZER},
    {"spiece", ".model", SVA_FILE_TOKENIZER},
    {"sentencepiece", ".model", SVA_FILE_TOKENIZER},
    {"chat_template", NULL, SVA_FILE_TOKENIZER},
    {"config", ".json", SVA_FILE_CONFIG},
    {NULL, "_config.json", SVA_FILE_CONFIG},
    {"params", ".json", SVA_FILE_CONFIG},
    {"model_index", ".json", SVA_FILE_CONFIG},
    {"modules", ".json", SVA_FILE_CONFIG},
    {"readme", ".md", SVA_FILE_CARD},
    {"readme", "readme", SVA_FILE_CARD},
    {"model_card", ".md", SVA_FILE_CARD},
    {"license", NULL, SVA_FILE_LICENCE},
    {"licence", NULL, SVA_FILE_LICENCE},
    {"copying", NULL, SVA_FILE_LICENCE},
    {"notice", NULL, SVA_FILE_LICENCE},
    {"third_party_notice", NULL, SVA_FILE_LICENCE},
    {"third-party-notice", NULL, SVA_FILE_LICENCE},
    {"thirdpartynotice", NULL, SVA_FILE_LICENCE},
    {"use_policy", ".md", SVA_FILE_LICENCE},
    {NULL, ".py", SVA_FILE_CODE},
    {NULL, ".so", SVA_FILE_CODE},
    {NULL, ".sh", SVA_FILE_CODE},
    {NULL, ".js", SVA_FILE_CODE},
    {NULL, ".cu", SVA_FILE_CODE},
    {NULL, ".cpp", SVA_FILE_CODE},
    {NULL, ".pkl", SVA_FILE_PICKLE},
    {NULL, ".pickle", SVA_FILE_PICKLE},
    {NULL, ".pt", SVA_FILE_PICKLE},
    {NULL, ".pth", SVA_FILE_PICKLE},
    {NULL, ".ckpt", SVA_FILE_PICKLE},
    {NULL, ".joblib", SVA_FILE_PICKLE},
    {NULL, ".dill", SVA_FILE_PICKLE},
    {NULL, ".pdparams", SVA_FILE_PICKLE},
    {NULL, ".bin", SVA_FILE_WEIGHTS},
    {NULL, ".gguf", SVA_FILE_WEIGHTS},
    {NULL, ".ggml", SVA_FILE_WEIGHTS},
    {NULL, ".h5", SVA_FILE_WEIGHTS},
    {NULL, ".onnx", SVA_FILE_WEIGHTS},
    {NULL, ".onnx_data", SVA_FILE_WEIGHTS},
    {NULL, ".msgpack", SVA_FILE_WEIGHTS},
    {NULL, ".tflite", SVA_FILE_WEIGHTS},
    {NULL, ".pb", SVA_FILE_WEIGHTS},
    {NULL, ".npz", SVA_FILE_WEIGHTS},
    {NULL, ".npy", SVA_FILE_WEIGHTS},
    {NULL, ".keras", SVA_FILE_WEIGHTS},
    {NULL, ".nemo", SVA_FILE_WEIGHTS},
    {NULL, ".mlmodel", SVA_FILE_WEIGHTS},
    {NULL, ".engine", SVA_FILE_WEIGHTS},
    {NULL, ".distcp", SVA_FILE_WEIGHTS},
};

static enum sva_file_kind kind_by_name(const char *base)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct name_row *const row = &names[i];
        if ((row->start == NULL || sva_starts_with(base, row->start)) &&
            (row->end == NULL || sva_ends_with(base, row->end))) {
            return (enum sva_file_kind)row->kind;
        }
    }
    return SVA_FILE_OTHER;
}

enum sva_file_kind sva_file_kind_of(enum sva_content content, const char *base)
{
    const enum sva_file_kind by_name = kind_by_name(base);
    switch (content) {
    case SVA_CONTENT_SAFETENSORS: return SVA_FILE_SAFETENSORS;
    case SVA_CONTENT_PICKLE: return SVA_FILE_PICKLE;
    case SVA_CONTENT_TORCH_ZIP: return SVA_FILE_TORCH;
    case SVA_CONTENT_NUMPY: return SVA_FILE_NUMPY;
    case SVA_CONTENT_GGUF: return SVA_FILE_GGUF;
    case SVA_CONTENT_GGML:
    case SVA_CONTENT_HDF5:
    case SVA_CONTENT_TFLITE: return SVA_FILE_WEIGHTS;
    case SVA_CONTENT_ZIP:
    case SVA_CONTENT_TAR:
    case SVA_CONTENT_COMPRESSED:
        return by_name == SVA_FILE_PICKLE || by_name == SVA_FILE_WEIGHTS ? by_name
               : sva_ends_with(base, ".safetensors")                     ? SVA_FILE_WEIGHTS
                                                                         : SVA_FILE_OTHER;
    case SVA_CONTENT_LFS_POINTER:
        return by_name == SVA_FILE_SAFETENSORS ? SVA_FILE_WEIGHTS : by_name;
    case SVA_CONTENT_UNKNOWN:
    case SVA_CONTENT_EMPTY:
    case SVA_CONTENT_HTML: break;
    }
    return by_name;
}
