/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/source.h"

static void integers_are_read_in_both_byte_orders(void **state)
{
    (void)state;
    static const uint8_t bytes[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    static const struct {
        unsigned size;
        uint64_t little, big;
    } cases[] = {{1, 0x01, 0x01},
                 {2, 0x0201, 0x0102},
                 {4, 0x04030201, 0x01020304},
                 {8, UINT64_C(0x0807060504030201), UINT64_C(0x0102030405060708)}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sva_cursor cursor = {.span = {bytes, sizeof bytes}};
        assert_true(sva_cursor_unsigned(&cursor, cases[i].size, false) == cases[i].little);
        assert_int_equal(cursor.position, cases[i].size);
        cursor.position = 0;
        assert_true(sva_cursor_unsigned(&cursor, cases[i].size, true) == cases[i].big);
        cursor.position = sizeof bytes - cases[i].size + 1;
        assert_int_equal(sva_cursor_unsigned(&cursor, cases[i].size, true), 0);
        assert_true(cursor.failed);
    }
}

enum { BYTES = 3 * SVA_WINDOW_BYTES + 17 };

static void a_window_shows_every_byte_wherever_it_is_set(void **state)
{
    (void)state;
    uint8_t *const bytes = malloc(BYTES);
    assert_non_null(bytes);
    for (size_t i = 0; i < BYTES; i++) {
        bytes[i] = (uint8_t)(i * 31 + (i >> 8));
    }
    const struct sva_span span = {bytes, BYTES};
    const struct sva_source source = sva_source_of_span(&span, "bytes");
    struct sva_window window;
    assert_int_equal(sva_window_init(&window, &source, NULL), SVA_OK);
    static const size_t places[] = {0, SVA_WINDOW_BYTES - 3, 5, BYTES - 9, SVA_WINDOW_BYTES, BYTES};
    static const size_t sizes[] = {0, 1, 9, SVA_WINDOW_BYTES};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
            const uint8_t *seen = NULL;
            struct sva_error error = {0};
            window.position = places[i];
            assert_int_equal(sva_window_left(&window), BYTES - places[i]);
            const enum sva_status status = sva_window_take(&window, sizes[k], &seen, &error);
            if (sizes[k] <= BYTES - places[i]) {
                assert_int_equal(status, SVA_OK);
                assert_memory_equal(seen, bytes + places[i], sizes[k]);
                assert_int_equal(window.position, places[i] + sizes[k]);
            } else {
                assert_int_equal(status, SVA_ERR_CORRUPT);
                assert_true(error.has_offset && error.offset == places[i]);
                assert_int_equal(window.position, places[i]);
            }
        }
    }
    const uint8_t *seen = NULL;
    window.position = 0;
    assert_int_equal(sva_window_take(&window, SVA_WINDOW_BYTES + 1, &seen, NULL), SVA_ERR_INTERNAL);
    window.position = UINT64_MAX;
    assert_int_equal(sva_window_left(&window), 0);
    assert_int_equal(sva_window_take(&window, 1, &seen, NULL), SVA_ERR_CORRUPT);
    sva_window_done(&window);
    free(bytes);
}

static enum sva_status fail_to_read(const void *context, uint64_t offset, void *bytes, size_t size,
                                    struct sva_error *error)
{
    (void)context, (void)offset, (void)bytes, (void)size;
    if (error != NULL) {
        error->status = SVA_ERR_IO;
    }
    return SVA_ERR_IO;
}

static void what_goes_wrong_beneath_is_handed_on(void **state)
{
    (void)state;
    const struct sva_source source = {.read = fail_to_read, .size_bytes = 100, .name = "broken"};
    struct sva_window window;
    const uint8_t *seen = NULL;
    uint8_t byte;
    assert_int_equal(sva_window_init(&window, &source, NULL), SVA_OK);
    assert_int_equal(sva_window_take(&window, 4, &seen, NULL), SVA_ERR_IO);
    assert_null(seen);
    assert_int_equal(sva_source_read(&source, 0, &byte, 1, NULL), SVA_ERR_IO);
    assert_int_equal(sva_source_read(&source, 100, &byte, 1, NULL), SVA_ERR_CORRUPT);
    assert_int_equal(sva_source_read(&source, UINT64_MAX, &byte, 1, NULL), SVA_ERR_CORRUPT);
    assert_int_equal(sva_source_read(&source, 100, &byte, 0, NULL), SVA_OK);
    sva_window_done(&window);
    sva_memory_fail_after(1);
    assert_int_equal(sva_window_init(&window, &source, NULL), SVA_ERR_MEMORY);
    sva_memory_fail_after(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_read_in_both_byte_orders),
        cmocka_unit_test(a_window_shows_every_byte_wherever_it_is_set),
        cmocka_unit_test(what_goes_wrong_beneath_is_handed_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
