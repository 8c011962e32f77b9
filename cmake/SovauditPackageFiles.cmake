# SPDX-License-Identifier: Apache-2.0
# Run by cpack between installing and packing: makes of installed trees what Debian's policy wants.
# Programs lose their search path and what debuggers want, texts are packed, each package gets
# its copyright file and changelog, dependencies are what the linker asks for, dates are one.
cmake_policy(VERSION 3.25)
set(root "${CPACK_TEMPORARY_DIRECTORY}")
set(sources "${CPACK_SVA_SOURCE_DIR}/cmake/debian")
set(work "${CPACK_SVA_WORK_DIR}")
file(REMOVE_RECURSE "${work}")
file(MAKE_DIRECTORY "${work}/debian")

# run(DIRECTORY COMMAND...): stops cpack when the command fails; its output is in `output`
macro(run directory)
    execute_process(COMMAND ${ARGN} WORKING_DIRECTORY "${directory}" OUTPUT_VARIABLE output
        ERROR_VARIABLE problem RESULT_VARIABLE result OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(NOT result EQUAL 0)
        message(FATAL_ERROR "${ARGN}: ${problem}")
    endif()
endmacro()

# pack(FILE): gzip without name or time
macro(pack file)
    run("${root}" gzip -9 -n "${file}")
endmacro()

# --- programs
set(tool "${root}/command/usr/bin/sovaudit")
set(libdir "${root}/library/usr/${CPACK_SVA_LIBDIR}")
set(library "${libdir}/libsovaudit.so.${CPACK_PACKAGE_VERSION}")
file(RPATH_REMOVE FILE "${tool}")
run("${root}" "${CPACK_SVA_STRIP}" --strip-unneeded --remove-section=.comment --remove-section=.note
    "${tool}" "${library}")
file(CHMOD "${library}" PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)

# --- texts
file(GLOB manuals "${root}/command/usr/share/man/man1/*.1")
file(GLOB documents "${root}/command/usr/share/doc/sovaudit/CHANGELOG.md")
foreach(file IN LISTS manuals documents)
    pack("${file}")
endforeach()
file(REMOVE "${root}/command/usr/share/doc/sovaudit/LICENSE") # named by the copyright file
file(RENAME "${root}/command/usr/share/zsh/site-functions"    # the local administrator's
            "${root}/command/usr/share/zsh/vendor-completions")
file(MAKE_DIRECTORY "${root}/development/usr/share/doc/libsovaudit-dev")
file(RENAME "${root}/development/usr/share/doc/sovaudit/examples"
            "${root}/development/usr/share/doc/libsovaudit-dev/examples")
file(REMOVE_RECURSE "${root}/development/usr/share/doc/sovaudit")

run("${root}" "${CMAKE_COMMAND}" -E env LC_ALL=C date -u -R -d "@${CPACK_SVA_EPOCH}")
set(date "${output}")
configure_file("${sources}/changelog.in" "${work}/changelog" @ONLY)
pack("${work}/changelog")
foreach(component IN ITEMS command library development)
    string(TOUPPER "${component}" upper)
    set(folder "${root}/${component}/usr/share/doc/${CPACK_DEBIAN_${upper}_PACKAGE_NAME}")
    file(COPY "${sources}/copyright" "${work}/changelog.gz" DESTINATION "${folder}"
        FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
endforeach()

# --- dependencies. cpack's own search would also add scripts that call ldconfig, which the trigger
# replaces.
set(own "libsovaudit 0 libsovaudit0 (= ${CPACK_PACKAGE_VERSION})\n")
file(WRITE "${work}/shlibs" "${own}")
file(WRITE "${work}/debian/control" "Source: sovaudit\n\nPackage: sovaudit\nArchitecture: any\n")
foreach(component IN ITEMS command library)
    string(TOUPPER "${component}" upper)
    set(binary "${tool}")
    if(component STREQUAL "library")
        set(binary "${library}")
    endif()
    run("${work}" dpkg-shlibdeps -O "-L${work}/shlibs" "-l${libdir}" "${binary}")
    string(REGEX REPLACE "^.*shlibs:Depends=" "" CPACK_DEBIAN_${upper}_PACKAGE_DEPENDS "${output}")
endforeach()

# --- modes and dates, whatever the mask of who builds
run("${root}" find command library development -type d -exec chmod 755 {} +)
run("${root}" find command library development -exec touch -h -d "@${CPACK_SVA_EPOCH}" {} +)
