# SPDX-License-Identifier: Apache-2.0
# cmake -DOUT=<dir> -DFILE=<facts.tsv> -P EmbedFacts.cmake
# Writes embedded_facts.h and embedded_facts.c: the facts database as an array of bytes.
file(READ "${FILE}" hex HEX)
string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," hex "${hex}")
file(MAKE_DIRECTORY "${OUT}")
file(WRITE "${OUT}/embedded_facts.c"
     "/* SPDX-License-Identifier: Apache-2.0 */\n/* Generated from the facts database. */\n"
     "#include \"embedded_facts.h\"\n\n"
     "const unsigned char sva_embedded_facts[] = {\n${hex}\n};\n\n"
     "const size_t sva_embedded_facts_size = sizeof sva_embedded_facts;\n")
file(WRITE "${OUT}/embedded_facts.h" [[
/* SPDX-License-Identifier: Apache-2.0 */
/* Generated: rules/facts/facts.tsv as found when the library was built. */
#ifndef SVA_EMBEDDED_FACTS_H
#define SVA_EMBEDDED_FACTS_H

#include <stddef.h>

extern const unsigned char sva_embedded_facts[];
extern const size_t sva_embedded_facts_size;

#endif
]])
