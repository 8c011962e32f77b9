# SPDX-License-Identifier: Apache-2.0
# cmake -DOUT=<dir> -DFILES=<a;b;...> -P EmbedRules.cmake
# Writes embedded_rules.h and embedded_rules.c: each file as an array of bytes.
set(text "/* SPDX-License-Identifier: Apache-2.0 */\n/* Generated from the rule packs. */\n#include \"embedded_rules.h\"\n\n")
set(entries "")
set(count 0)
foreach(file IN LISTS FILES)
    get_filename_component(name "${file}" NAME)
    file(READ "${file}" hex HEX)
    string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," hex "${hex}")
    string(APPEND text "static const unsigned char file_${count}[] = {\n${hex}\n};\n\n")
    string(APPEND entries "    {\"${name}\", file_${count}, sizeof file_${count}},\n")
    math(EXPR count "${count} + 1")
endforeach()
string(APPEND text "const struct sva_embedded_file sva_embedded_rules[] = {\n${entries}    {0, 0, 0},\n};\n\n")
string(APPEND text "const size_t sva_embedded_rules_count = ${count};\n")
file(MAKE_DIRECTORY "${OUT}")
file(WRITE "${OUT}/embedded_rules.c" "${text}")
file(WRITE "${OUT}/embedded_rules.h" [[
/* SPDX-License-Identifier: Apache-2.0 */
/* Generated: the rule packs of rules/ as found when the library was built. */
#ifndef SVA_EMBEDDED_RULES_H
#define SVA_EMBEDDED_RULES_H

#include <stddef.h>

struct sva_embedded_file {
    const char *name; /* file name, for example "kr-independent-ai.json" */
    const unsigned char *bytes;
    size_t size;
};

/* Sorted by name; one all-zero entry follows the last. */
extern const struct sva_embedded_file sva_embedded_rules[];
extern const size_t sva_embedded_rules_count;

#endif
]])
