# SPDX-License-Identifier: Apache-2.0
include(CMakePackageConfigHelpers)

install(TARGETS libsovaudit EXPORT sovaudit_targets
        LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
if(TARGET sovaudit_tool)
    install(TARGETS sovaudit_tool RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
    install(PROGRAMS ci/sovaudit-gate.sh RENAME sovaudit-gate DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()
install(DIRECTORY libaudit/include/sovaudit DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
        FILES_MATCHING PATTERN "*.h")
install(FILES ${SVA_RULE_FILES} DESTINATION "${CMAKE_INSTALL_DATADIR}/sovaudit/rules")
install(FILES "${SVA_FACTS_FILE}" DESTINATION "${CMAKE_INSTALL_DATADIR}/sovaudit/facts")
install(DIRECTORY rules/schema DESTINATION "${CMAKE_INSTALL_DATADIR}/sovaudit"
        FILES_MATCHING PATTERN "*.schema.json")
if(EXISTS "${CMAKE_SOURCE_DIR}/docs/report.schema.json")
    install(FILES docs/report.schema.json DESTINATION "${CMAKE_INSTALL_DATADIR}/sovaudit/schema")
endif()

set(config_dir "${CMAKE_INSTALL_LIBDIR}/cmake/sovaudit")
install(EXPORT sovaudit_targets NAMESPACE sovaudit:: FILE sovaudit-targets.cmake
        DESTINATION "${config_dir}")
configure_package_config_file(cmake/sovaudit-config.cmake.in
    "${CMAKE_BINARY_DIR}/sovaudit-config.cmake" INSTALL_DESTINATION "${config_dir}")
write_basic_package_version_file("${CMAKE_BINARY_DIR}/sovaudit-config-version.cmake"
    COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_BINARY_DIR}/sovaudit-config.cmake"
              "${CMAKE_BINARY_DIR}/sovaudit-config-version.cmake" DESTINATION "${config_dir}")

# The file finds its prefix from where it lies, so that an installed tree may be moved.
file(RELATIVE_PATH SVA_PC_PREFIX "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
file(RELATIVE_PATH SVA_PC_LIBDIR "${CMAKE_INSTALL_PREFIX}" "${CMAKE_INSTALL_FULL_LIBDIR}")
file(RELATIVE_PATH SVA_PC_INCLUDEDIR "${CMAKE_INSTALL_PREFIX}" "${CMAKE_INSTALL_FULL_INCLUDEDIR}")
configure_file(cmake/sovaudit.pc.in "${CMAKE_BINARY_DIR}/sovaudit.pc" @ONLY)
install(FILES "${CMAKE_BINARY_DIR}/sovaudit.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

if(EXISTS "${CMAKE_SOURCE_DIR}/cmd/sovaudit.1")
    install(FILES cmd/sovaudit.1 DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
endif()
foreach(pair IN ITEMS "bash|bash-completion/completions|sovaudit"
                      "zsh|zsh/site-functions|_sovaudit"
                      "fish|fish/vendor_completions.d|sovaudit.fish")
    string(REPLACE "|" ";" part "${pair}")
    list(GET part 0 shell)
    list(GET part 1 folder)
    list(GET part 2 name)
    if(EXISTS "${CMAKE_SOURCE_DIR}/cmd/completions/sovaudit.${shell}")
        install(FILES "cmd/completions/sovaudit.${shell}" RENAME "${name}"
                DESTINATION "${CMAKE_INSTALL_DATADIR}/${folder}")
    endif()
endforeach()
foreach(document IN ITEMS README.md CHANGELOG.md LICENSE)
    if(EXISTS "${CMAKE_SOURCE_DIR}/${document}")
        install(FILES "${document}" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
    endif()
endforeach()
