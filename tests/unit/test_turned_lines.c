/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fingerprint/turned_lines.h"

enum { HEIGHT = 37, STRIDE = 61 };

/** Columns in the order of `step`, each value of them as its place says. */
static void write_columns(size_t step, bool whole, float out[HEIGHT][STRIDE])
{
    struct sva_turned_lines turned;
    assert_true(sva_turned_init(&turned, &out[0][0], HEIGHT, STRIDE));
    for (size_t i = 0; i < STRIDE; i++) {
        const size_t column = i * step % STRIDE;
        for (size_t part = 0; part < 2; part++) { /* the second call finds the same column */
            float *const values = sva_turned_column(&turned, column, whole);
            for (size_t k = part; k < HEIGHT; k += 2) {
                values[k] = (float)(column * HEIGHT + k);
            }
        }
    }
    sva_turned_flush(&turned);
    sva_turned_done(&turned);
}

static void columns_arrive_in_any_order(void **state)
{
    static const size_t steps[] = {1, STRIDE - 1, 7, 30};
    (void)state;
    for (size_t i = 0; i < 2 * sizeof steps / sizeof *steps; i++) {
        float out[HEIGHT][STRIDE] = {{0.0F}};
        write_columns(steps[i / 2], i % 2 == 0, out);
        for (size_t k = 0; k < HEIGHT; k++) {
            for (size_t column = 0; column < STRIDE; column++) {
                assert_true((size_t)out[k][column] == column * HEIGHT + k);
            }
        }
    }
}

/** A column that comes back later brings a part of itself; the rest must not be lost. */
static void parts_of_columns_do_not_forget_each_other(void **state)
{
    float out[HEIGHT][STRIDE] = {{0.0F}};
    struct sva_turned_lines turned;
    (void)state;
    assert_true(sva_turned_init(&turned, &out[0][0], HEIGHT, STRIDE));
    for (size_t part = 0; part < 3; part++) {
        for (size_t column = 0; column < STRIDE; column++) {
            float *const values = sva_turned_column(&turned, column, false);
            for (size_t k = part; k < HEIGHT; k += 3) {
                values[k] = (float)(column * HEIGHT + k);
            }
        }
    }
    sva_turned_flush(&turned);
    for (size_t k = 0; k < HEIGHT; k++) {
        for (size_t column = 0; column < STRIDE; column++) {
            assert_true((size_t)out[k][column] == column * HEIGHT + k);
        }
    }
    sva_turned_done(&turned);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_arrive_in_any_order),
        cmocka_unit_test(parts_of_columns_do_not_forget_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
