/* SPDX-License-Identifier: Apache-2.0 */
#include "mutate.h"

#include <string.h>

enum { STEPS_MAX = 4, GROWTH = 512 };

/** splitmix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014. */
struct random {
    uint64_t state;
};

static uint64_t draw(struct random *random)
{
    random->state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = random->state;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/** Below `bound`; 0 for 0. */
static size_t below(struct random *random, size_t bound)
{
    return bound == 0 ? 0 : (size_t)(draw(random) % bound);
}

/** The input in the making. */
struct made {
    uint8_t *data;
    size_t size, room;
};

static void remove_piece(struct made *made, size_t at, size_t length)
{
    memmove(made->data + at, made->data + at + length, made->size - at - length);
    made->size -= length;
}

static void insert_piece(struct made *made, size_t at, const uint8_t *piece, size_t length)
{
    length = length < made->room - made->size ? length : made->room - made->size;
    memmove(made->data + at + length, made->data + at, made->size - at);
    memcpy(made->data + at, piece, length);
    made->size += length;
}

static void flip_bit(struct made *made, struct random *random)
{
    const size_t bit = below(random, made->size * 8);
    made->data[bit / 8] ^= (uint8_t)(1U << bit % 8);
}

static void change_byte(struct made *made, struct random *random)
{
    static const uint8_t telling[] = {0,   1,   '\t', '\n', '\r', ' ',  '"',  '\'', ',',  '-',
                                      '.', '/', '0',  '9',  ':',  '<',  '[',  '\\', ']',  '{',
                                      '}', 'e', 0x7F, 0x80, 0xC0, 0xE2, 0xED, 0xF4, 0xFE, 0xFF};
    const size_t at = below(random, made->size);
    made->data[at] =
        draw(random) % 2 == 0 ? telling[below(random, sizeof telling)] : (uint8_t)draw(random);
}

/** A length or a count at one of its borders, in 1, 2, 4 or 8 bytes of either order. */
static void extreme_number(struct made *made, struct random *random)
{
    static const uint64_t borders[] = {0,
                                       1,
                                       0x7F,
                                       0x80,
                                       0xFF,
                                       0x7FFF,
                                       0x8000,
                                       0xFFFF,
                                       0x7FFFFFFF,
                                       0x80000000,
                                       0xFFFFFFFF,
                                       UINT64_C(0x100000000),
                                       UINT64_C(0x7FFFFFFFFFFFFFFF),
                                       UINT64_C(0x8000000000000000),
                                       UINT64_C(0xFFFFFFFFFFFFFFF8),
                                       UINT64_C(0xFFFFFFFFFFFFFFFF)};
    const size_t width = (size_t)1 << below(random, 4);
    if (made->size < width) {
        return;
    }
    uint64_t value = borders[below(random, sizeof borders / sizeof *borders)];
    const size_t at = below(random, made->size - width + 1);
    const int swapped = draw(random) % 4 == 0;
    for (size_t i = 0; i < width; i++) {
        made->data[swapped ? at + width - 1 - i : at + i] = (uint8_t)(value >> 8 * i);
    }
}

/** A number in text becomes another one. */
static void extreme_digits(struct made *made, struct random *random)
{
    static const char *const numbers[] = {"0",
                                          "-1",
                                          "1e999",
                                          "-1e-999",
                                          "4294967296",
                                          "9007199254740993",
                                          "9223372036854775808",
                                          "18446744073709551615",
                                          "18446744073709551616",
                                          "0.1",
                                          "NaN",
                                          "null",
                                          "\"\"",
                                          "[]",
                                          "{}"};
    const size_t from = below(random, made->size);
    for (size_t i = 0; i < made->size; i++) {
        const size_t at = (from + i) % made->size;
        if (made->data[at] >= '0' && made->data[at] <= '9') {
            size_t end = at;
            while (end < made->size && made->data[end] >= '0' && made->data[end] <= '9') {
                end++;
            }
            const char *const number = numbers[below(random, sizeof numbers / sizeof *numbers)];
            remove_piece(made, at, end - at);
            insert_piece(made, at, (const uint8_t *)number, strlen(number));
            return;
        }
    }
}

static void cut(struct made *made, struct random *random)
{
    made->size = below(random, made->size);
}

static void drop_piece(struct made *made, struct random *random)
{
    const size_t at = below(random, made->size);
    remove_piece(made, at, 1 + below(random, (made->size - at) / (1 + below(random, 16))));
}

static void repeat_piece(struct made *made, struct random *random)
{
    uint8_t piece[GROWTH / STEPS_MAX];
    const size_t from = below(random, made->size);
    size_t length = 1 + below(random, made->size - from);
    length = length < sizeof piece ? length : sizeof piece;
    memcpy(piece, made->data + from, length);
    insert_piece(made, below(random, made->size + 1), piece, length);
}

/** The beginning of this one, the end of the other one. */
static void splice(struct made *made, const uint8_t *other, size_t other_size,
                   struct random *random)
{
    const size_t from = below(random, other_size);
    made->size = below(random, made->size + 1);
    if (other_size > 0) {
        insert_piece(made, made->size, other + from, other_size - from);
    }
}

static void step(struct made *made, const uint8_t *other, size_t other_size, struct random *random)
{
    static void (*const steps[])(struct made *, struct random *) = {
        flip_bit,       change_byte, change_byte, extreme_number,
        extreme_digits, drop_piece,  cut,         repeat_piece};
    enum { COUNT = sizeof steps / sizeof *steps };
    const size_t which = below(random, COUNT + 1);
    if (which == COUNT) {
        splice(made, other, other_size, random);
    } else if (made->size > 0) {
        steps[which](made, random);
    }
}

size_t mutation_room(size_t size, size_t other_size)
{
    return size + other_size + GROWTH;
}

size_t mutate(const uint8_t *data, size_t size, const uint8_t *other, size_t other_size, uint64_t n,
              uint8_t *out)
{
    struct random random = {n};
    struct made made = {out, size, mutation_room(size, other_size)};
    if (size > 0) {
        memcpy(out, data, size);
    }
    for (size_t i = below(&random, STEPS_MAX) + 1; i > 0; i--) {
        step(&made, other, other_size, &random);
    }
    return made.size;
}
