/* SPDX-License-Identifier: Apache-2.0 */
/** Names that other documents can refer to: UUIDs that follow from what they name. */
#ifndef SVA_BASE_UUID_H
#define SVA_BASE_UUID_H

#include <stdbool.h>
#include <stdint.h>

enum { SVA_UUID_TEXT = 37 }; /**< bytes of the text with its NUL */

/**
 * The UUID of version 5 (RFC 9562, section 5.5) of "<digest in hex>/<name>" in the namespace that
 * is itself the UUID of https://sovaudit.org/ns in the namespace of URLs. False when out of memory;
 * `uuid` is the nil UUID then.
 */
bool sva_uuid_name(const uint8_t digest[32], const char *name, char uuid[SVA_UUID_TEXT]);

#endif
