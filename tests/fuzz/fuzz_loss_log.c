/* SPDX-License-Identifier: Apache-2.0 */
/* Input: a loss log of any kind. Every reader sees it; records stay within bounds. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "trace/loss_log.h"
#include "trace/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

typedef enum sva_status reader(struct sva_loss_log *log, struct sva_span bytes, const char *what,
                               struct sva_error *error);

static void read_with(reader *read, struct sva_span bytes)
{
    struct sva_loss_log log = {.format = NULL};
    struct sva_error error = {.status = SVA_OK};
    const enum sva_status status = read(&log, bytes, "fuzz", &error);
    require(status == error.status);
    require(status == SVA_OK || error.text[0] != '\0');
    require(log.count <= bytes.size && log.count <= log.capacity);
    for (size_t i = 0; i < log.count; i++) {
        require(isfinite(log.records[i].step));
    }
    sva_log_done(&log);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct sva_span bytes = {data, size};
    struct sva_wire wire;
    struct sva_wire_field field;
    sva_wire_init(&wire, bytes);
    while (sva_wire_next(&wire, &field)) {
        require(field.number > 0);
        require(field.kind != SVA_WIRE_BYTES || field.bytes.size <= size);
    }
    read_with(sva_log_read, bytes);
    read_with(sva_log_read_csv, bytes);
    read_with(sva_log_read_json, bytes);
    read_with(sva_log_read_events, bytes);
    return 0;
}
