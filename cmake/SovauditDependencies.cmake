# SPDX-License-Identifier: Apache-2.0
# Everything comes from the distribution; nothing is downloaded or vendored.
# Debian: libssl-dev libzstd-dev libcjson-dev libsqlite3-dev libxxhash-dev libarchive-dev libcmocka-dev
find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(ARCHIVE REQUIRED IMPORTED_TARGET libarchive)

add_library(sovaudit_dependencies INTERFACE)
target_link_libraries(sovaudit_dependencies INTERFACE
    OpenSSL::Crypto PkgConfig::ZSTD PkgConfig::CJSON PkgConfig::SQLITE PkgConfig::XXHASH
    PkgConfig::ARCHIVE
    Threads::Threads m)

# Dense algebra: asked for only when a source of the kernel uses it.
file(GLOB sva_kernel_sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/libaudit/kernel/*.c")
set(SVA_NEEDS_BLAS OFF)
foreach(source IN LISTS sva_kernel_sources)
    file(STRINGS "${source}" uses REGEX "^#include <(cblas|lapacke)\\.h>")
    if(uses)
        set(SVA_NEEDS_BLAS ON)
    endif()
endforeach()
if(SVA_NEEDS_BLAS)
    pkg_check_modules(OPENBLAS REQUIRED IMPORTED_TARGET openblas)
    pkg_check_modules(LAPACKE REQUIRED IMPORTED_TARGET lapacke)
    target_link_libraries(sovaudit_dependencies INTERFACE PkgConfig::OPENBLAS PkgConfig::LAPACKE)
endif()
