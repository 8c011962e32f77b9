# SPDX-License-Identifier: Apache-2.0
# How every C file of the project is compiled. Nothing here is visible to programs
# that use the installed library.
set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)

add_library(sovaudit_flags INTERFACE)
target_compile_definitions(sovaudit_flags INTERFACE _POSIX_C_SOURCE=200809L)
# Contracting a*b+c into one rounding would make results depend on the processor.
target_compile_options(sovaudit_flags INTERFACE
    -ffp-contract=off -fno-strict-aliasing -fstack-protector-strong
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes
    -Wvla -Wformat=2 -Wundef)
if(SVA_WERROR)
    target_compile_options(sovaudit_flags INTERFACE -Werror)
endif()
if(SVA_COVERAGE)
    # Counters are not atomic: threads lose a few counts, and tests keep their speed.
    target_compile_options(sovaudit_flags INTERFACE --coverage)
    target_link_options(sovaudit_flags INTERFACE --coverage)
endif()
if(SVA_SANITIZE)
    target_compile_options(sovaudit_flags INTERFACE
        -fsanitize=${SVA_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(sovaudit_flags INTERFACE -fsanitize=${SVA_SANITIZE})
endif()
if(SVA_FUZZ)
    if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
        message(FATAL_ERROR "SVA_FUZZ needs clang: configure with -DCMAKE_C_COMPILER=clang")
    endif()
    target_compile_options(sovaudit_flags INTERFACE -fsanitize=fuzzer-no-link)
    target_link_options(sovaudit_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# What is shipped is hardened as a distribution does it, and holds no path of the machine that built
# it: the same source gives the same bytes in any folder. Instrumented builds are not shipped, and
# want the paths.
add_library(sovaudit_shipped INTERFACE)
if(NOT SVA_SANITIZE AND NOT SVA_COVERAGE AND NOT SVA_FUZZ)
    target_compile_options(sovaudit_shipped INTERFACE
        "-ffile-prefix-map=${CMAKE_SOURCE_DIR}=." "-ffile-prefix-map=${CMAKE_BINARY_DIR}=./build")
    include(CheckCCompilerFlag)
    foreach(flag IN ITEMS -fstack-clash-protection -fcf-protection)
        string(MAKE_C_IDENTIFIER "SVA_HAS${flag}" known)
        check_c_compiler_flag(${flag} ${known})
        if(${known})
            target_compile_options(sovaudit_shipped INTERFACE ${flag})
        endif()
    endforeach()
    # Checked variants of memcpy and the like exist in optimised builds only.
    if(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
        target_compile_options(sovaudit_shipped INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
    endif()
    target_link_options(sovaudit_shipped INTERFACE "LINKER:-z,relro" "LINKER:-z,now")
endif()
