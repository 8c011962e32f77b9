/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every allocation of a read fails once: the answer is a MEMORY error with a sentence, outputs are
 * untouched, nothing leaks (run under a sanitizer) - and one attempt later it works.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/output.h"
#include "fixtures/recipe.h"
#include "format/json.h"
#include "format/safetensors.h"

static struct sva_bytes header;     /* a safetensors header that exercises every list */
static struct sva_bytes index_text; /* a shard index likewise */
static char file_path[64];

static enum sva_status try_json(struct sva_error *error)
{
    return sva_json_check((struct sva_span){header.data, header.size}, "json", 32, error);
}

static enum sva_status try_header(struct sva_error *error)
{
    const struct sva_limits limits = sva_limits_default();
    struct sva_container file = {0};
    const struct sva_span span = {header.data, header.size};
    const enum sva_status status =
        sva_safetensors_parse(span, 8 + header.size + 3000, "m", &limits, &file, error);
    assert_true(status == SVA_OK ? file.tensor_count == 3000 : file.tensors == NULL);
    assert_true(status != SVA_OK || file.finding_count == 4);
    sva_container_done(&file);
    return status;
}

static enum sva_status try_index(struct sva_error *error)
{
    const struct sva_limits limits = sva_limits_default();
    struct sva_shard_index index = {0};
    const enum sva_status status = sva_shard_index_parse(
        (struct sva_span){index_text.data, index_text.size}, "i", &limits, &index, error);
    assert_true(status == SVA_OK ? index.entry_count == 2000 : index.entries == NULL);
    sva_shard_index_done(&index);
    return status;
}

static enum sva_status try_file(struct sva_error *error)
{
    const struct sva_limits limits = sva_limits_default();
    struct sva_input input = {.fd = -1};
    struct sva_container file = {0};
    enum sva_status status = sva_input_open(-1, file_path, true, &input, error);
    if (status == SVA_OK) {
        status = sva_safetensors_read(&input, &limits, &file, error);
    }
    sva_container_done(&file);
    sva_input_close(&input);
    return status;
}

static enum sva_status try_read_and_write(struct sva_error *error)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum sva_status status = sva_read_file(file_path, 1 << 24, &bytes, &size, error);
    if (status == SVA_OK) {
        status = sva_write_file(file_path, bytes, size, error);
    }
    sva_free(bytes);
    return status;
}

static enum sva_status try_recipe(struct sva_error *error)
{
    static const char text[] = "note x\nlength{ 100*'abc' \"\\n\" } 00ff u32:7";
    struct sva_recipe recipe = {0};
    const enum sva_status status =
        sva_recipe_parse(text, sizeof text - 1, "recipe", &recipe, error);
    assert_true(status != SVA_OK || recipe.size == 8 + 301 + 6);
    sva_recipe_done(&recipe);
    return status;
}

/* Returns how many allocations had to be let through until it worked. */
static uint64_t walk(enum sva_status (*attempt)(struct sva_error *))
{
    for (uint64_t nth = 1; nth < 100000; nth++) {
        struct sva_error error = {0};
        sva_memory_fail_after(nth);
        const enum sva_status status = attempt(&error);
        sva_memory_fail_after(0);
        if (status == SVA_OK) {
            return nth - 1;
        }
        if (status != SVA_ERR_MEMORY || error.status != SVA_ERR_MEMORY ||
            strstr(error.text, "out of memory while") == NULL) {
            fail_msg("allocation %llu: %s, %s", (unsigned long long)nth, sva_status_name(status),
                     error.text);
        }
    }
    fail_msg("never worked");
    return 0;
}

static void every_failed_allocation_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum sva_status (*attempt)(struct sva_error *);
        uint64_t least;
    } cases[] = {
        {"json", try_json, 1},
        {"safetensors header", try_header, 20},
        {"shard index", try_index, 10},
        {"safetensors file", try_file, 20},
        {"whole file", try_read_and_write, 3},
        {"recipe", try_recipe, 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const uint64_t allocations = walk(cases[i].attempt);
        print_message("%s: %llu allocations failed one by one\n", cases[i].name,
                      (unsigned long long)allocations);
        assert_true(allocations >= cases[i].least);
    }
}

static void hashing_says_when_it_cannot(void **state)
{
    (void)state;
    sva_memory_fail_after(1);
    assert_null(sva_sha256_new());
    sva_memory_fail_after(0);
}

static int build(void **state)
{
    (void)state;
    sva_bytes_text(&header, "  {\"__metadata__\":{\"k\":\"1\",\"k\":\"2\",\"n\":\"\\u0000\"}");
    for (unsigned i = 0; i < 3000; i++) {
        sva_bytes_printf(&header,
                         ",\"layers.%u.w\":{\"dtype\":\"U8\",\"shape\":[1,1],"
                         "\"data_offsets\":[%u,%u],\"x\":[{\"y\":\"%0100u\"}]}",
                         i, i, i + 1, i);
    }
    sva_bytes_text(&header, "}");
    sva_bytes_text(&index_text, "{\"metadata\":{\"total_size\":1.5},\"weight_map\":{");
    for (unsigned i = 0; i < 2000; i++) {
        sva_bytes_printf(&index_text, "%s\"t%u\":\"d/m-%u.safetensors\"", i == 0 ? "" : ",", i,
                         i % 7);
    }
    sva_bytes_text(&index_text, "}}");
    (void)snprintf(file_path, sizeof file_path, "/tmp/sovaudit-test-XXXXXX");
    const int fd = mkstemp(file_path);
    if (fd < 0 || header.failed || index_text.failed) {
        return -1;
    }
    struct sva_bytes file = {0};
    for (size_t i = 0; i < 8; i++) {
        const uint8_t byte = (uint8_t)((uint64_t)header.size >> 8 * i);
        sva_bytes_append(&file, &byte, 1);
    }
    sva_bytes_append(&file, header.data, header.size);
    for (unsigned i = 0; i < 3000; i++) {
        sva_bytes_append(&file, "", 1);
    }
    const ssize_t put = write(fd, file.data, file.size);
    const bool done = put == (ssize_t)file.size && close(fd) == 0;
    sva_bytes_done(&file);
    return done ? 0 : -1;
}

static int drop(void **state)
{
    (void)state;
    sva_bytes_done(&header);
    sva_bytes_done(&index_text);
    return unlink(file_path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failed_allocation_is_told),
        cmocka_unit_test(hashing_says_when_it_cannot),
    };
    return cmocka_run_group_tests(tests, build, drop);
}
