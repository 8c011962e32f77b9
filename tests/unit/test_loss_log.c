/* SPDX-License-Identifier: Apache-2.0 */
/* Loss logs of every kind, sound and not. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "approx.h"
#include "base/decimal.h"
#include "base/memory.h"
#include "trace/crc32c.h"
#include "trace/declaration.h"
#include "trace/loss_log.h"
#include "trace/wire.h"

static enum sva_status read_text(struct sva_loss_log *log, const char *text,
                                 struct sva_error *error)
{
    const struct sva_span bytes = {(const uint8_t *)text, strlen(text)};
    return sva_log_read(log, bytes, "log", error);
}

/** Two records: step 1 loss 7.5, step 2 loss 7.25. */
static void expect_two(const char *text, const char *format, const char *key)
{
    struct sva_loss_log log = {.format = NULL};
    struct sva_error error = {.status = SVA_OK};
    if (read_text(&log, text, &error) != SVA_OK) {
        fail_msg("%s", error.text);
    }
    assert_string_equal(log.format, format);
    assert_string_equal(log.loss_key, key);
    assert_int_equal(log.count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_true(log.records[i].step == (double)i + 1.0);
        assert_true(log.records[i].loss == 7.5 - .25 * (double)i);
    }
    sva_log_done(&log);
}

static void expect_refused(const char *text, enum sva_status status, const char *part)
{
    struct sva_loss_log log = {.format = NULL};
    struct sva_error error = {.status = SVA_OK};
    assert_int_equal(read_text(&log, text, &error), status);
    if (strstr(error.text, part) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", error.text, part);
    }
    sva_log_done(&log);
}

static void csv_is_read_in_its_dialects(void **state)
{
    (void)state;
    expect_two("step,loss\n1,7.5\n2,7.25\n", "csv", "loss");
    expect_two("\xEF\xBB\xBFiteration;lm loss\r\n1;7.5\r\n2;7.25\r\n", "csv", "lm loss");
    expect_two("loss\tepoch\tglobal_step\n7.5\t0\t1\n7.25\t0\t2", "csv", "loss");
    expect_two("\"Step\",\"a - train/loss\",\"a - train/loss__MIN\"\n\"1\",\"7.5\",\"7\"\n"
               "\"2\",\"7.25\",\"7\"\n",
               "csv", "a - train/loss");
    expect_two("step,eval_loss,train_loss\n1,3,7.5\n1,3,\n\n2,3,7.25\n", "csv", "train_loss");
}

static void json_is_read_in_its_dialects(void **state)
{
    (void)state;
    expect_two("{\"step\": 1, \"loss\": 7.5}\n{\"step\": 2, \"loss\": 7.25}\n", "jsonl", "loss");
    expect_two("[{\"_step\": 1, \"train/loss\": 7.5}, {\"_step\": 2, \"train/loss\": 7.25}]",
               "json", "train/loss");
    expect_two("{\"log_history\": [{\"step\": 1, \"loss\": 7.5}, {\"step\": 2, \"loss\": 7.25}, "
               "{\"step\": 2, \"eval_loss\": 1}], \"max_steps\": 2}",
               "json", "loss");
}

static void what_is_no_number_is_counted_and_not_hidden(void **state)
{
    (void)state;
    struct sva_loss_log log = {.format = NULL};
    assert_int_equal(
        read_text(&log,
                  "{\"step\": 1, \"loss\": NaN, \"note\": \"a NaN \\\" here\"}\n"
                  "{\"step\": 2, \"loss\": -Infinity}\n{\"step\": 3, \"loss\": \"NaN\"}\n",
                  NULL),
        SVA_OK);
    assert_int_equal(log.count, 3);
    assert_true(isnan(log.records[0].loss) && isinf(log.records[1].loss) &&
                isnan(log.records[2].loss));
    sva_log_done(&log);
}

static void a_line_that_was_cut_off_ends_the_log(void **state)
{
    (void)state;
    struct sva_loss_log log = {.format = NULL};
    assert_int_equal(read_text(&log, "{\"step\": 1, \"loss\": 7.5}\n{\"step\": 2, \"lo", NULL),
                     SVA_OK);
    assert_int_equal(log.count, 1);
    assert_int_equal(log.truncated_count, 1);
    sva_log_done(&log);
}

static void what_is_no_log_is_refused(void **state)
{
    (void)state;
    expect_refused("", SVA_ERR_CORRUPT, "empty");
    expect_refused(" \n", SVA_ERR_CORRUPT, "empty");
    expect_refused("hello\n", SVA_ERR_CORRUPT, "names no column that is a step");
    expect_refused("step,val_loss\n1,2\n", SVA_ERR_CORRUPT, "names no column that is a training");
    expect_refused("step,loss\n1,x\n", SVA_ERR_CORRUPT, "byte 10 has text");
    expect_refused("step,loss\n1,2,3\n", SVA_ERR_CORRUPT, "another number of columns");
    expect_refused("step,loss\n1,\"2\n", SVA_ERR_CORRUPT, "byte 10");
    expect_refused("{\"step\": 1}", SVA_ERR_CORRUPT, "no record");
    expect_refused("[1, 2", SVA_ERR_CORRUPT, "log");
    expect_refused("{\"step\": 1, \"loss\": 2}\nx\n{}\n", SVA_ERR_CORRUPT, "log");
    expect_refused("\xFF\xFE\x01", SVA_ERR_UNSUPPORTED, "neither text nor an event file");
}

static void put_varint(struct sva_bytes *out, uint64_t value)
{
    for (; value >= 0x80; value >>= 7) {
        const uint8_t byte = (uint8_t)(value | 0x80);
        sva_bytes_append(out, &byte, 1);
    }
    const uint8_t byte = (uint8_t)value;
    sva_bytes_append(out, &byte, 1);
}

static void put_field(struct sva_bytes *out, unsigned number, const void *data, size_t size)
{
    put_varint(out, number << 3 | 2);
    put_varint(out, size);
    sva_bytes_append(out, data, size);
}

/** A Summary.Value: a tag and a number, simple or in a tensor. */
static void put_value(struct sva_bytes *out, const char *tag, float loss, bool tensor)
{
    struct sva_bytes value = {.data = NULL};
    put_field(&value, 1, tag, strlen(tag));
    if (tensor) {
        struct sva_bytes proto = {.data = NULL};
        put_varint(&proto, 1 << 3);
        put_varint(&proto, 1);
        put_field(&proto, 4, &loss, sizeof loss);
        put_field(&value, 8, proto.data, proto.size);
        sva_bytes_done(&proto);
    } else {
        put_varint(&value, 2 << 3 | 5);
        sva_bytes_append(&value, &loss, sizeof loss);
    }
    put_field(out, 1, value.data, value.size);
    sva_bytes_done(&value);
}

static void put_record(struct sva_bytes *out, const struct sva_bytes *event)
{
    const uint64_t size = event->size;
    uint32_t crc = sva_crc32c_masked(&size, 8);
    sva_bytes_append(out, &size, 8);
    sva_bytes_append(out, &crc, 4);
    crc = sva_crc32c_masked(event->data, event->size);
    sva_bytes_append(out, event->data, event->size);
    sva_bytes_append(out, &crc, 4);
}

static void put_event(struct sva_bytes *out, uint64_t step, float loss, bool tensor)
{
    struct sva_bytes summary = {.data = NULL};
    struct sva_bytes event = {.data = NULL};
    put_value(&summary, "val/loss", 1.0F, false);
    put_value(&summary, "train/loss", loss, tensor);
    put_varint(&event, 2 << 3);
    put_varint(&event, step);
    put_field(&event, 5, summary.data, summary.size);
    put_record(out, &event);
    sva_bytes_done(&summary);
    sva_bytes_done(&event);
}

static struct sva_bytes made_events(void)
{
    struct sva_bytes file = {.data = NULL};
    struct sva_bytes version = {.data = NULL};
    put_field(&version, 3, "brain.Event:2", 13);
    put_record(&file, &version);
    sva_bytes_done(&version);
    put_event(&file, 1, 7.5F, false);
    put_event(&file, 2, 7.25F, true);
    return file;
}

static void event_files_are_read(void **state)
{
    (void)state;
    struct sva_bytes file = made_events();
    struct sva_loss_log log = {.format = NULL};
    assert_int_equal(sva_log_read(&log, (struct sva_span){file.data, file.size}, "e", NULL),
                     SVA_OK);
    assert_string_equal(log.format, "tensorboard");
    assert_string_equal(log.loss_key, "train/loss");
    assert_int_equal(log.count, 2);
    assert_true(log.records[0].step == 1.0 && log.records[0].loss == 7.5);
    assert_true(log.records[1].step == 2.0 && log.records[1].loss == 7.25);
    sva_log_done(&log);
    sva_bytes_done(&file);
}

static void an_event_file_may_end_anywhere(void **state)
{
    (void)state;
    struct sva_bytes file = made_events();
    for (size_t size = 12; size < file.size; size++) {
        struct sva_loss_log log = {.format = NULL};
        const enum sva_status status =
            sva_log_read_events(&log, (struct sva_span){file.data, size}, "e", NULL);
        assert_int_equal(status, SVA_OK);
        assert_true(log.count < 2);
        sva_log_done(&log);
    }
    sva_bytes_done(&file);
}

static void a_changed_event_is_refused(void **state)
{
    (void)state;
    struct sva_bytes file = made_events();
    for (size_t at = 0; at < file.size; at++) {
        struct sva_loss_log log = {.format = NULL};
        struct sva_error error = {.status = SVA_OK};
        file.data[at] ^= 4;
        assert_int_equal(
            sva_log_read_events(&log, (struct sva_span){file.data, file.size}, "e", &error),
            SVA_ERR_CORRUPT);
        assert_non_null(strstr(error.text, "checksum"));
        file.data[at] ^= 4;
        sva_log_done(&log);
    }
    sva_bytes_done(&file);
}

static void crc32c_is_castagnolis(void **state)
{
    (void)state;
    assert_int_equal(sva_crc32c("123456789", 9), 0xE3069283);
    assert_int_equal(sva_crc32c("", 0), 0);
}

static void a_broken_message_ends_the_reading(void **state)
{
    (void)state;
    static const uint8_t LONG[] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1};
    static const uint8_t GROUP[] = {0x0B, 0x0C};
    static const uint8_t BEYOND[] = {0x0A, 0x05, 0x01};
    const struct sva_span messages[] = {
        {LONG, sizeof LONG}, {GROUP, sizeof GROUP}, {BEYOND, sizeof BEYOND}};
    for (size_t i = 0; i < 3; i++) {
        struct sva_wire wire;
        struct sva_wire_field field;
        sva_wire_init(&wire, messages[i]);
        assert_false(sva_wire_next(&wire, &field));
        assert_true(wire.broken);
    }
}

static void decimals_are_read_whatever_the_locale(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } GOOD[] = {{"0", 0},
                {"-1.5", -1.5},
                {"1e3", 1000},
                {"1E-3", .001},
                {".5", .5},
                {"7.", 7},
                {"+2", 2},
                {"1e400", HUGE_VAL},
                {"1e-999999999", 0},
                {"inf", HUGE_VAL},
                {"-Infinity", -HUGE_VAL},
                {"00012.25", 12.25},
                {"123456789012345678901", 123456789012345678901.0}};
    static const char *const BAD[] = {"", "-", "e5", "1e", "1.2.3", "0x10", "1 ", "na", ",5", "."};
    double value = 0;
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
        assert_true(sva_decimal(GOOD[i].text, strlen(GOOD[i].text), &value));
        assert_true(value == GOOD[i].value ||
                    fabs(value - GOOD[i].value) <= 1e-15 * fabs(GOOD[i].value));
    }
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        assert_false(sva_decimal(BAD[i], strlen(BAD[i]), &value));
    }
    assert_true(sva_decimal("NaN", 3, &value) && isnan(value));
}

static void a_declaration_with_an_unknown_key_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *part;
    } BAD[] = {
        {"[]", "object"},
        {"{\"token\": 1}", "token"},
        {"{\"tokens\": -1}", "above 0"},
        {"{\"tokens\": \"1\"}", "above 0"},
        {"{\"initialisation\": {\"distribution\": \"zipf\"}}", "distribution"},
        {"{\"initialisation\": {\"roles\": {\"nose\": {}}}}", "nose"},
        {"{\"gaps\": [{\"from\": 2, \"to\": 1, \"reason\": \"x\"}]}", "gaps"},
        {"{\"hardware\": {\"colour\": \"red\"}}", "colour"},
        {"{\"loss_unit\": \"apples\"}", "loss_unit"},
        {"{\"gaps\": [{\"from\": -1e999, \"to\": 1e999, \"reason\": \"x\"}]}", "gaps"},
        {"{\"initialisation\": {\"seed\": 1e999}}", "seed"},
        {"{\"initialisation\": {\"std\": 1, \"std\": 2}}", "std"},
        {"{\"initialisation\": {\"roles\": {\"attn-out\": {\"std\": 1, \"std\": 2}}}}", "std"},
        {"{\"hardware\": {\"count\": 1, \"count\": 2}}", "count"},
        {"{\"hours\": 1, \"hours\": 2}", "hours"}};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        struct sva_arena arena = {.blocks = NULL};
        struct sva_declaration declaration;
        struct sva_error error = {.status = SVA_OK};
        assert_int_equal(sva_declaration_parse((const uint8_t *)BAD[i].text, strlen(BAD[i].text),
                                               "d", &arena, &declaration, &error),
                         SVA_ERR_USAGE);
        assert_non_null(strstr(error.text, BAD[i].part));
        sva_arena_done(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_is_read_in_its_dialects),
        cmocka_unit_test(json_is_read_in_its_dialects),
        cmocka_unit_test(what_is_no_number_is_counted_and_not_hidden),
        cmocka_unit_test(a_line_that_was_cut_off_ends_the_log),
        cmocka_unit_test(what_is_no_log_is_refused),
        cmocka_unit_test(event_files_are_read),
        cmocka_unit_test(an_event_file_may_end_anywhere),
        cmocka_unit_test(a_changed_event_is_refused),
        cmocka_unit_test(crc32c_is_castagnolis),
        cmocka_unit_test(a_broken_message_ends_the_reading),
        cmocka_unit_test(decimals_are_read_whatever_the_locale),
        cmocka_unit_test(a_declaration_with_an_unknown_key_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
