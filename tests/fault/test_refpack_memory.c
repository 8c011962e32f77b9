/* SPDX-License-Identifier: Apache-2.0 */
/* Packs, and files of options, while each allocation fails once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "format/option_file.h"
#include "refstore_prints.h"
#include <sovaudit/refpack.h>

enum { ALLOCATIONS_MOST = 20000 };

static const struct sva_refpack_options OPTIONS = {.as_of = "2026-01-01"};
static char directory[64];
static char pack_path[96];

static int make_directory(void **state)
{
    (void)state;
    tiny_directory(directory);
    (void)snprintf(pack_path, sizeof pack_path, "%s/a.pack", directory);
    return 0;
}

static int remove_directory(void **state)
{
    (void)state;
    (void)unlink(pack_path);
    return rmdir(directory);
}

static struct sva_refstore *new_store(void)
{
    struct sva_refstore *store = NULL;
    assert_int_equal(sva_refstore_open(":memory:", true, &store, NULL), SVA_OK);
    return store;
}

static uint64_t count_of(struct sva_refstore *store)
{
    struct sva_refstore_info info;
    assert_int_equal(sva_refstore_get_info(store, &info, NULL), SVA_OK);
    return info.reference_count;
}

static void an_export_is_whole_or_not_there(void **state)
{
    (void)state;
    struct sva_refstore *store = new_store();
    enum sva_status status = SVA_ERR_MEMORY;
    for (int i = 0; i < 2; i++) {
        struct tiny_print tiny;
        char name[16];
        tiny_make(&tiny, i, i);
        const struct sva_reference reference = tiny_reference(name, i);
        assert_int_equal(sva_refstore_add(store, &reference, &tiny.print, NULL), SVA_OK);
    }
    for (uint64_t n = 1; status != SVA_OK && n < ALLOCATIONS_MOST; n++) {
        struct sva_refpack pack = {.tool = NULL};
        struct sva_error error = {.status = SVA_OK};
        (void)unlink(pack_path);
        sva_memory_fail_after(n);
        status = sva_refpack_export(store, pack_path, &OPTIONS, &pack, &error);
        sva_memory_fail_after(0);
        sva_refpack_done(&pack);
        assert_int_equal(error.status, status);
    }
    assert_int_equal(status, SVA_OK);
    sva_refstore_close(store);
}

static void an_import_takes_all_or_nothing(void **state)
{
    (void)state;
    struct sva_refstore *store = new_store();
    enum sva_status status = SVA_ERR_MEMORY;
    for (uint64_t n = 1; status != SVA_OK && n < ALLOCATIONS_MOST; n++) {
        struct sva_refpack pack = {.tool = NULL};
        struct sva_error error = {.status = SVA_OK};
        sva_memory_fail_after(n);
        status = sva_refpack_import(store, pack_path, &OPTIONS, &pack, &error);
        sva_memory_fail_after(0);
        sva_refpack_done(&pack);
        assert_int_equal(error.status, status);
        assert_int_equal(count_of(store), status == SVA_OK ? 2 : 0);
    }
    assert_int_equal(status, SVA_OK);
    sva_refstore_close(store);
}

static void options_are_read_or_refused(void **state)
{
    (void)state;
    static const char TEXT[] = "{\"refs\": \"r\", \"output\": [\"a\", \"b\"], \"quiet\": true}";
    enum sva_status status = SVA_ERR_MEMORY;
    for (uint64_t n = 1; status != SVA_OK && n < ALLOCATIONS_MOST; n++) {
        struct sva_arena arena = {.blocks = NULL};
        struct sva_option_file file = {.entry_count = 0};
        const struct sva_span bytes = {(const uint8_t *)TEXT, strlen(TEXT)};
        sva_memory_fail_after(n);
        status = sva_option_file_parse(bytes, "f", &arena, &file, NULL);
        sva_memory_fail_after(0);
        sva_arena_done(&arena);
    }
    assert_int_equal(status, SVA_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_export_is_whole_or_not_there),
        cmocka_unit_test(an_import_takes_all_or_nothing),
        cmocka_unit_test(options_are_read_or_refused),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
