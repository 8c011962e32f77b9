# SPDX-License-Identifier: Apache-2.0
# What is installed, in three components: `library`, `development` (headers and what finds them)
# and `command` (the command, its manual, completions, rules). "cmake --install" takes all of them.
include(CMakePackageConfigHelpers)

install(TARGETS libsovaudit EXPORT sovaudit_targets
        LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT library
        NAMELINK_COMPONENT development)

# --- command
if(TARGET sovaudit_tool)
    install(TARGETS sovaudit_tool RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT command)
    install(PROGRAMS ci/sovaudit-gate.sh RENAME sovaudit-gate
            DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT command)
endif()
install(FILES ${SVA_RULE_FILES} DESTINATION "${CMAKE_INSTALL_DATADIR}/sovaudit/rules"
        COMPONENT command)
install(FILES "${SVA_FACTS_FILE}" DESTINATION "${CMAKE_INSTALL_DATADIR}/sovaudit/facts"
        COMPONENT command)
install(DIRECTORY rules/schema DESTINATION "${CMAKE_INSTALL_DATADIR}/sovaudit" COMPONENT command
        FILES_MATCHING PATTERN "*.schema.json")
file(GLOB schemas CONFIGURE_DEPENDS docs/*.schema.json)
install(FILES ${schemas} DESTINATION "${CMAKE_INSTALL_DATADIR}/sovaudit/schema" COMPONENT command)
file(GLOB manuals CONFIGURE_DEPENDS cmd/*.1)
install(FILES ${manuals} DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT command)
foreach(pair IN ITEMS "bash|bash-completion/completions|sovaudit"
                      "zsh|zsh/site-functions|_sovaudit"
                      "fish|fish/vendor_completions.d|sovaudit.fish")
    string(REPLACE "|" ";" part "${pair}")
    list(GET part 0 shell)
    list(GET part 1 folder)
    list(GET part 2 name)
    install(FILES "cmd/completions/sovaudit.${shell}" RENAME "${name}"
            DESTINATION "${CMAKE_INSTALL_DATADIR}/${folder}" COMPONENT command)
endforeach()
# Links of the documents stay good: README.md points into docs/.
install(FILES README.md CHANGELOG.md LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}"
        COMPONENT command)
file(GLOB documents CONFIGURE_DEPENDS docs/*.md)
install(FILES ${documents} DESTINATION "${CMAKE_INSTALL_DOCDIR}/docs" COMPONENT command)

# --- development
install(DIRECTORY libaudit/include/sovaudit DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
        COMPONENT development FILES_MATCHING PATTERN "*.h")
set(config_dir "${CMAKE_INSTALL_LIBDIR}/cmake/sovaudit")
install(EXPORT sovaudit_targets NAMESPACE sovaudit:: FILE sovaudit-targets.cmake
        DESTINATION "${config_dir}" COMPONENT development)
configure_package_config_file(cmake/sovaudit-config.cmake.in
    "${CMAKE_BINARY_DIR}/sovaudit-config.cmake" INSTALL_DESTINATION "${config_dir}")
write_basic_package_version_file("${CMAKE_BINARY_DIR}/sovaudit-config-version.cmake"
    COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_BINARY_DIR}/sovaudit-config.cmake"
              "${CMAKE_BINARY_DIR}/sovaudit-config-version.cmake"
        DESTINATION "${config_dir}" COMPONENT development)

# The file finds its prefix from where it lies, so that an installed tree may be moved.
file(RELATIVE_PATH SVA_PC_PREFIX "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
file(RELATIVE_PATH SVA_PC_LIBDIR "${CMAKE_INSTALL_PREFIX}" "${CMAKE_INSTALL_FULL_LIBDIR}")
file(RELATIVE_PATH SVA_PC_INCLUDEDIR "${CMAKE_INSTALL_PREFIX}" "${CMAKE_INSTALL_FULL_INCLUDEDIR}")
configure_file(cmake/sovaudit.pc.in "${CMAKE_BINARY_DIR}/sovaudit.pc" @ONLY)
install(FILES "${CMAKE_BINARY_DIR}/sovaudit.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig"
        COMPONENT development)
install(DIRECTORY docs/examples DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT development)
