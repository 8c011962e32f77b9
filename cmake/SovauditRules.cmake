# SPDX-License-Identifier: Apache-2.0
# Rule packs travel inside the library, so that the tool works from any place.
set(SVA_GENERATED_DIR "${CMAKE_BINARY_DIR}/generated")

add_custom_command(
    OUTPUT "${SVA_GENERATED_DIR}/embedded_rules.c" "${SVA_GENERATED_DIR}/embedded_rules.h"
    COMMAND "${CMAKE_COMMAND}" "-DOUT=${SVA_GENERATED_DIR}" "-DFILES=${SVA_RULE_FILES}"
            -P "${CMAKE_SOURCE_DIR}/cmake/EmbedRules.cmake"
    DEPENDS ${SVA_RULE_FILES} "${CMAKE_SOURCE_DIR}/cmake/EmbedRules.cmake"
    COMMENT "Embedding rule packs"
    VERBATIM)

# So does the facts database.
add_custom_command(
    OUTPUT "${SVA_GENERATED_DIR}/embedded_facts.c" "${SVA_GENERATED_DIR}/embedded_facts.h"
    COMMAND "${CMAKE_COMMAND}" "-DOUT=${SVA_GENERATED_DIR}" "-DFILE=${SVA_FACTS_FILE}"
            -P "${CMAKE_SOURCE_DIR}/cmake/EmbedFacts.cmake"
    DEPENDS "${SVA_FACTS_FILE}" "${CMAKE_SOURCE_DIR}/cmake/EmbedFacts.cmake"
    COMMENT "Embedding the facts database"
    VERBATIM)
