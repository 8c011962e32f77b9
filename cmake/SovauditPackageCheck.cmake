# SPDX-License-Identifier: Apache-2.0
# Run by cpack before it installs anything: refuses trees that would give a wrong package.
cmake_policy(VERSION 3.25)
if(NOT CPACK_SVA_PREFIX STREQUAL "/usr")
    message(FATAL_ERROR "This tree was configured for the prefix ${CPACK_SVA_PREFIX}, and the library "
        "looks for its rules there. For packages: cmake --preset deb")
endif()
foreach(program IN ITEMS dpkg-shlibdeps dpkg-architecture gzip)
    find_program(found_${program} "${program}")
    if(NOT found_${program})
        message(FATAL_ERROR "Packages need ${program}, which is not there: install dpkg-dev and gzip")
    endif()
endforeach()
# Times inside archives, also those that cpack writes itself.
set(ENV{SOURCE_DATE_EPOCH} "${CPACK_SVA_EPOCH}")
