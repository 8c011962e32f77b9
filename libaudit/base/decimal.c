/* SPDX-License-Identifier: Apache-2.0 */
#include "base/decimal.h"

#include <math.h>
#include <stdint.h>

enum { DIGITS_MOST = 18, EXPONENT_MOST = 100000 };

struct reading {
    const char *at, *end;
    uint64_t digits;
    int digit_count;  /* significant ones taken into `digits` */
    int64_t exponent; /* power of ten that `digits` is multiplied by */
    bool any;
};

static bool is_word(const char *text, const char *end, const char *lower)
{
    for (; *lower != '\0'; lower++, text++) {
        if (text == end || (*text | 0x20) != *lower) {
            return false;
        }
    }
    return text == end;
}

/** Digits before (`behind` 0) or behind (1) the point. */
static void take_digits(struct reading *in, int behind)
{
    for (; in->at < in->end && *in->at >= '0' && *in->at <= '9'; in->at++) {
        const unsigned digit = (unsigned)(*in->at - '0');
        in->any = true;
        if (in->digit_count < DIGITS_MOST) {
            in->digits = in->digits * 10 + digit;
            in->digit_count += in->digits != 0 ? 1 : 0;
            in->exponent -= behind;
        } else {
            in->exponent += 1 - behind;
        }
    }
}

/** "e-5" and the like; false: no exponent where there should be one. */
static bool take_exponent(struct reading *in)
{
    if (in->at == in->end || (*in->at | 0x20) != 'e') {
        return true;
    }
    in->at++;
    const bool below = in->at < in->end && *in->at == '-';
    in->at += in->at < in->end && (*in->at == '-' || *in->at == '+') ? 1 : 0;
    int64_t stated = 0;
    bool any = false;
    for (; in->at < in->end && *in->at >= '0' && *in->at <= '9'; in->at++) {
        stated = stated > EXPONENT_MOST ? stated : stated * 10 + (*in->at - '0');
        any = true;
    }
    in->exponent += below ? -stated : stated;
    return any;
}

/** digits * 10^exponent, with the power made of exact ones as far as they go. */
static double scaled(uint64_t digits, int64_t exponent)
{
    double value = (double)digits;
    if (digits == 0 || exponent < -400) {
        return 0.0;
    }
    if (exponent > 400) {
        return HUGE_VAL;
    }
    while (exponent != 0) {
        const int part = exponent > 22 ? 22 : exponent < -22 ? -22 : (int)exponent;
        double power = 1.0;
        for (int i = part < 0 ? -part : part; i > 0; i--) {
            power *= 10.0;
        }
        value = part < 0 ? value / power : value * power;
        exponent -= part;
    }
    return value;
}

bool sva_decimal(const char *text, size_t length, double *value)
{
    struct reading in = {.at = text, .end = text + length};
    const bool below = length > 0 && *text == '-';
    in.at += length > 0 && (*text == '-' || *text == '+') ? 1 : 0;
    if (is_word(in.at, in.end, "nan")) {
        *value = NAN;
        return true;
    }
    if (is_word(in.at, in.end, "inf") || is_word(in.at, in.end, "infinity")) {
        *value = below ? -HUGE_VAL : HUGE_VAL;
        return true;
    }
    take_digits(&in, 0);
    if (in.at < in.end && *in.at == '.') {
        in.at++;
        take_digits(&in, 1);
    }
    if (!in.any || !take_exponent(&in) || in.at != in.end) {
        return false;
    }
    const double size = scaled(in.digits, in.exponent);
    *value = below ? -size : size;
    return true;
}
