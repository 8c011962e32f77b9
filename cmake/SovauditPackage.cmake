# SPDX-License-Identifier: Apache-2.0
# Debian packages by CPack: "cpack" in a build tree whose prefix is /usr (preset `deb`). One package
# per component of SovauditInstall.cmake. SovauditPackageFiles.cmake finishes what they hold.
set(SVA_PACKAGE_MAINTAINER "sovaudit maintainers <maintainers@sovaudit.example>" CACHE STRING
    "Maintainer of the Debian packages: NAME <ADDRESS>")
set(SVA_PACKAGE_HOMEPAGE "" CACHE STRING "Home page of the Debian packages, may be empty")
set(SVA_PACKAGE_DISTRIBUTION "unstable" CACHE STRING "Distribution that their changelog names")

# All dates inside are this one: the commit's, else that of the changelog as it was unpacked.
set(SVA_PACKAGE_EPOCH "$ENV{SOURCE_DATE_EPOCH}")
if(SVA_PACKAGE_EPOCH STREQUAL "")
    find_package(Git QUIET)
    if(GIT_FOUND AND EXISTS "${CMAKE_SOURCE_DIR}/.git")
        execute_process(COMMAND "${GIT_EXECUTABLE}" -C "${CMAKE_SOURCE_DIR}" log -1 --format=%ct
            OUTPUT_VARIABLE SVA_PACKAGE_EPOCH OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    endif()
endif()
if(NOT SVA_PACKAGE_EPOCH MATCHES "^[0-9]+$")
    file(TIMESTAMP "${CMAKE_SOURCE_DIR}/CHANGELOG.md" SVA_PACKAGE_EPOCH "%s" UTC)
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME sovaudit)
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each package has its own
set(CPACK_PACKAGE_CONTACT "${SVA_PACKAGE_MAINTAINER}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_COMPONENTS_ALL command library development)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "${SVA_PACKAGE_MAINTAINER}")
set(CPACK_DEBIAN_PACKAGE_HOMEPAGE "${SVA_PACKAGE_HOMEPAGE}")
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(CPACK_DEBIAN_COMMAND_PACKAGE_NAME sovaudit)
set(CPACK_DEBIAN_COMMAND_PACKAGE_SECTION science)
set(CPACK_DEBIAN_COMMAND_PACKAGE_SUGGESTS "chromium | weasyprint")
set(CPACK_COMPONENT_COMMAND_DESCRIPTION
    "audit where the weights of an AI model come from
Makes a fingerprint of a model, compares it with the fingerprints of known
models by exact permutation tests, judges the outcome by written criteria
and writes a report. It runs offline, reads weights as data only, and never
executes anything that a model brings along.
.
This package holds the command, a gate for release pipelines, rule packs,
shell completions and the documentation.")

set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libsovaudit0)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA "${CMAKE_BINARY_DIR}/package/shlibs"
    "${CMAKE_SOURCE_DIR}/cmake/debian/triggers")
set(CPACK_COMPONENT_LIBRARY_DESCRIPTION
    "library that audits where the weights of an AI model come from
Opens models in safetensors, GGUF and other formats, makes their prints,
compares prints and weights, judges by rule packs and renders reports.
.
This package holds the shared library.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libsovaudit-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libsovaudit0 (= ${PROJECT_VERSION})")
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION
    "library that audits AI models (development files)
Opens models in safetensors, GGUF and other formats, makes their prints,
compares prints and weights, judges by rule packs and renders reports.
.
This package holds the headers, files for pkg-config and CMake, and an
example program.")

# The shell that finishes the packages is told what it cannot know.
set(CPACK_SVA_SOURCE_DIR "${CMAKE_SOURCE_DIR}")
set(CPACK_SVA_WORK_DIR "${CMAKE_BINARY_DIR}/package")
set(CPACK_SVA_LIBDIR "${CMAKE_INSTALL_LIBDIR}")
set(CPACK_SVA_PREFIX "${CMAKE_INSTALL_PREFIX}")
set(CPACK_SVA_EPOCH "${SVA_PACKAGE_EPOCH}")
set(CPACK_SVA_DISTRIBUTION "${SVA_PACKAGE_DISTRIBUTION}")
set(CPACK_SVA_STRIP "${CMAKE_STRIP}")
set(CPACK_PROJECT_CONFIG_FILE "${CMAKE_SOURCE_DIR}/cmake/SovauditPackageCheck.cmake")
set(CPACK_PRE_BUILD_SCRIPTS "${CMAKE_SOURCE_DIR}/cmake/SovauditPackageFiles.cmake")
include(CPack)
