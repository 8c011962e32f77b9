/* SPDX-License-Identifier: Apache-2.0 */
/** Facts databases end with their own digest, which no mutation can find: here it is put on. */
#ifndef FUZZ_SEALED_FACTS_H
#define FUZZ_SEALED_FACTS_H

#include "base/memory.h"

/** The same lines, and the last one if there is none. sva_bytes_done. */
struct sva_bytes sealed_facts(const uint8_t *data, size_t size);

#endif
