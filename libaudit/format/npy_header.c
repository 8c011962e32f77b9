/* SPDX-License-Identifier: Apache-2.0 */
/* {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), } and nothing else. */
#include <string.h>

#include "base/fail.h"
#include "base/text.h"
#include "format/npz.h"
#include "kernel/dtype.h"

enum { RANK_MOST = 32 };

/** The dictionary on its way. */
struct scanner {
    const char *at, *end;
    struct sva_npy_header *header;
    bool has_descr, has_order, has_shape;
    const char *complaint;
};

static bool fail_scan(struct scanner *scan, const char *complaint)
{
    scan->complaint = scan->complaint == NULL ? complaint : scan->complaint;
    return false;
}

static void skip_blanks(struct scanner *scan)
{
    while (scan->at < scan->end && (*scan->at == ' ' || *scan->at == '\n' || *scan->at == '\t')) {
        scan->at++;
    }
}

static bool take(struct scanner *scan, char wanted)
{
    skip_blanks(scan);
    if (scan->at < scan->end && *scan->at == wanted) {
        scan->at++;
        return true;
    }
    return false;
}

/** A text in quotes without escapes. */
static bool take_text(struct scanner *scan, const char **text, size_t *size)
{
    skip_blanks(scan);
    if (scan->at == scan->end || (*scan->at != '\'' && *scan->at != '"')) {
        return false;
    }
    const char quote = *scan->at++;
    *text = scan->at;
    while (scan->at < scan->end && *scan->at != quote && *scan->at != '\\') {
        scan->at++;
    }
    *size = (size_t)(scan->at - *text);
    return take(scan, quote);
}

static bool is_word(const char *text, size_t size, const char *word)
{
    return strlen(word) == size && memcmp(text, word, size) == 0;
}

static bool take_word(struct scanner *scan, const char *word)
{
    const size_t size = strlen(word);
    skip_blanks(scan);
    if ((size_t)(scan->end - scan->at) < size || memcmp(scan->at, word, size) != 0) {
        return false;
    }
    scan->at += size;
    return true;
}

/** '<' and '>' say it; '|' is for single bytes; '=' is another on every machine. */
static bool order_is_known(char order, enum sva_dtype dtype)
{
    return order == '<' || order == '>' || (order == '|' && sva_dtype_get(dtype)->bits == 8);
}

/** "<f4": byte order, kind, bytes. */
static bool take_descr(struct scanner *scan)
{
    static const struct {
        const char *code;
        enum sva_dtype dtype;
    } codes[] = {
        {"f2", SVA_DTYPE_F16}, {"f4", SVA_DTYPE_F32}, {"f8", SVA_DTYPE_F64}, {"i1", SVA_DTYPE_I8},
        {"i2", SVA_DTYPE_I16}, {"i4", SVA_DTYPE_I32}, {"i8", SVA_DTYPE_I64}, {"u1", SVA_DTYPE_U8},
        {"u2", SVA_DTYPE_U16}, {"u4", SVA_DTYPE_U32}, {"u8", SVA_DTYPE_U64}, {"b1", SVA_DTYPE_BOOL},
        {"c8", SVA_DTYPE_C64},
    };
    const char *text = NULL;
    size_t size = 0;
    if (!take_text(scan, &text, &size)) {
        return fail_scan(scan, "holds records, which are no weights");
    }
    if (size > 1 && text[1] == 'O') {
        return fail_scan(scan, "holds Python objects, which are never loaded");
    }
    for (size_t i = 0; size > 1 && i < sizeof codes / sizeof *codes; i++) {
        if (is_word(text + 1, size - 1, codes[i].code)) {
            if (!order_is_known(text[0], codes[i].dtype)) {
                return fail_scan(scan, "has elements whose byte order it does not say");
            }
            scan->header->dtype = codes[i].dtype;
            scan->header->big_endian = text[0] == '>';
            return true;
        }
    }
    return fail_scan(scan, "holds elements of a type that is not read");
}

static bool take_number(struct scanner *scan, uint64_t *number)
{
    skip_blanks(scan);
    const char *const start = scan->at;
    *number = 0;
    while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9') {
        if (*number > UINT64_MAX / 10 - 1) {
            return false;
        }
        *number = *number * 10 + (uint64_t)(*scan->at++ - '0');
    }
    return scan->at > start;
}

static bool take_shape(struct scanner *scan)
{
    struct sva_npy_header *const header = scan->header;
    header->rank = 0;
    if (!take(scan, '(')) {
        return fail_scan(scan, "has no shape");
    }
    while (!take(scan, ')')) {
        if (header->rank == RANK_MOST || !take_number(scan, &header->shape[header->rank])) {
            return fail_scan(scan, "has a shape that cannot be");
        }
        header->rank++;
        if (!take(scan, ',')) {
            /* "(2)" is a number in Python, and no shape */
            return (take(scan, ')') && header->rank > 1) ||
                   fail_scan(scan, "has a shape that does not end");
        }
    }
    return true;
}

static bool take_entry(struct scanner *scan)
{
    const char *key = NULL;
    size_t size = 0;
    if (!take_text(scan, &key, &size) || !take(scan, ':')) {
        return fail_scan(scan, "has a header that is no dictionary");
    }
    if (is_word(key, size, "descr") && !scan->has_descr) {
        scan->has_descr = true;
        return take_descr(scan);
    }
    if (is_word(key, size, "fortran_order") && !scan->has_order) {
        scan->has_order = true;
        scan->header->column_order = take_word(scan, "True");
        return scan->header->column_order || take_word(scan, "False") ||
               fail_scan(scan, "has no order of elements");
    }
    if (is_word(key, size, "shape") && !scan->has_shape) {
        scan->has_shape = true;
        return take_shape(scan);
    }
    return fail_scan(scan, "has an unknown or repeated key in its header");
}

static bool take_dictionary(struct scanner *scan)
{
    if (!take(scan, '{')) {
        return fail_scan(scan, "has a header that is no dictionary");
    }
    while (!take(scan, '}')) {
        if (!take_entry(scan)) {
            return false;
        }
        if (!take(scan, ',') && (scan->at == scan->end || *scan->at != '}')) {
            return fail_scan(scan, "has a header that does not end");
        }
    }
    skip_blanks(scan);
    if (scan->at != scan->end) {
        return fail_scan(scan, "has more than a dictionary in its header");
    }
    return (scan->has_descr && scan->has_order && scan->has_shape) ||
           fail_scan(scan, "lacks its type, order or shape");
}

enum sva_status sva_npy_parse(struct sva_span bytes, const char *what,
                              struct sva_npy_header *header, struct sva_error *error)
{
    static const uint8_t magic[] = {0x93, 'N', 'U', 'M', 'P', 'Y'};
    struct sva_cursor cursor = {.span = bytes};
    const uint8_t *const start = sva_cursor_take(&cursor, sizeof magic);
    if (start == NULL || memcmp(start, magic, sizeof magic) != 0) {
        return sva_fail(error, SVA_ERR_CORRUPT, "%s: is no NumPy array", what);
    }
    const uint8_t major = sva_cursor_u8(&cursor);
    const uint8_t minor = sva_cursor_u8(&cursor);
    const uint64_t length = major == 1 ? sva_cursor_u16le(&cursor) : sva_cursor_u32le(&cursor);
    const uint8_t *const text = sva_cursor_take(&cursor, length);
    if (text == NULL || major < 1 || major > 3 || minor != 0) {
        return sva_fail(error, SVA_ERR_CORRUPT,
                        "%s: its header of %llu bytes (version %u.%u) is not there, too long or "
                        "unknown",
                        what, (unsigned long long)length, major, minor);
    }
    *header = (struct sva_npy_header){.data_offset = cursor.position};
    struct scanner scan = {
        .at = (const char *)text, .end = (const char *)text + length, .header = header};
    return take_dictionary(&scan)
               ? SVA_OK
               : sva_fail_at(error, SVA_ERR_CORRUPT, (uint64_t)(scan.at - (const char *)bytes.data),
                             "%s: %s", what, scan.complaint);
}
