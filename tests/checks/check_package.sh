#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The Debian packages of a build tree: made by cpack, they hold what package_contents.txt lists and
# nothing else, depend on each other as they should, have sound checksums, hold no path of the
# build and no search path for libraries, and lintian, when it is installed, has nothing against them.
#   check_package.sh SOURCE_DIR BUILD_DIR
# A tree that was not configured for /usr is skipped: its library looks for rules elsewhere.
set -eu
source=$(cd "$1" && pwd)
build=$(cd "$2" && pwd)
if ! grep -q '^CMAKE_INSTALL_PREFIX:PATH=/usr$' "$build/CMakeCache.txt" ||
    grep -q '^SVA_SANITIZE:STRING=..*' "$build/CMakeCache.txt" ||
    grep -q '^SVA_COVERAGE:BOOL=ON' "$build/CMakeCache.txt"; then
    echo "not a tree for packages: cmake --preset deb makes one"
    exit 77
fi
for program in cpack dpkg-deb dpkg-shlibdeps; do
    if ! command -v "$program" >/dev/null 2>&1; then
        echo "no $program: skipped"
        exit 77
    fi
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if ! (cd "$build" && cpack -B "$work/made") >"$work/log" 2>&1; then
    cat "$work/log"
    exit 1
fi
rm -rf "$work/made/_CPack_Packages"
version=$(sed -n 's/^project(sovaudit VERSION \([0-9.]*\).*/\1/p' "$source/CMakeLists.txt")
triplet=$(sed -n 's/^CMAKE_INSTALL_LIBDIR:PATH=lib\///p' "$build/CMakeCache.txt")
failed=0

# Contents. Lists of the source tree stand in package_contents.txt as "each PATTERN".
for package in "$work"/made/*.deb; do
    name=$(dpkg-deb -f "$package" Package)
    dpkg-deb -c "$package" | awk -v name="$name" '
        $1 !~ /^d/ { sub(/^\.\//, "", $6); print name, $1, $2, $6, $7, $8 }'
done | sed "s:/$triplet/:/TRIPLET/:; s:\\.so\\.$version:.so.VERSION:g; s/ *\$//" |
    sed "s:sovaudit-targets-[a-z]*\\.cmake:sovaudit-targets-CONFIG.cmake:" | LC_ALL=C sort >"$work/seen"
grep -v '^#' "$source/tests/checks/package_contents.txt" | while read -r name mode owner path rest; do
    case $rest in
    "each "*)
        for file in "$source"/${rest#each }; do
            echo "$name $mode $owner $path$(basename "$file")"
        done
        ;;
    *) echo "$name $mode $owner $path${rest:+ $rest}" ;;
    esac
done | LC_ALL=C sort >"$work/expected"
if ! diff -u "$work/expected" "$work/seen" | sed 1,2d >"$work/difference" || [ -s "$work/difference" ]; then
    echo "contents differ from tests/checks/package_contents.txt (- expected, + seen):"
    cat "$work/difference"
    failed=1
fi

# wants PACKAGE FIELD PATTERN
wants() {
    value=$(dpkg-deb -f "$work/made/$1"_*.deb "$2")
    case $value in
    $3) ;;
    *)
        echo "$1: $2 is \"$value\", expected $3"
        failed=1
        ;;
    esac
}
wants sovaudit Depends "*libsovaudit0 (= $version)*"
wants sovaudit Section science
wants libsovaudit0 Depends "*libssl3*"
wants libsovaudit0 Section libs
wants libsovaudit-dev Depends "libsovaudit0 (= $version)"
wants libsovaudit-dev Section libdevel
maintainer=$(sed -n 's/^SVA_PACKAGE_MAINTAINER:STRING=//p' "$build/CMakeCache.txt")
wants sovaudit Maintainer "$maintainer"

for package in "$work"/made/*.deb; do
    name=$(dpkg-deb -f "$package" Package)
    dpkg-deb -R "$package" "$work/$name"
    (cd "$work/$name" && md5sum --quiet -c DEBIAN/md5sums) || failed=1
    if grep -rlF -e "$source" -e "$build" "$work/$name"; then
        echo "$name: the files above name the folder of their build"
        failed=1
    fi
done
case $(cat "$work/libsovaudit0/DEBIAN/shlibs") in
"libsovaudit 0 libsovaudit0 (= $version)") ;;
*)
    echo "libsovaudit0: shlibs says something else"
    failed=1
    ;;
esac
for file in "$work/sovaudit/usr/bin/sovaudit" "$work/libsovaudit0/usr/lib/$triplet/libsovaudit.so.$version"; do
    readelf -W -d -S "$file" >"$work/elf"
    if grep -E 'RUNPATH|RPATH|\.debug_info|\.symtab' "$work/elf"; then
        echo "$(basename "$file"): has a search path or is not stripped"
        failed=1
    fi
    if ! grep -q 'BIND_NOW\|NOW' "$work/elf"; then
        echo "$(basename "$file"): is not linked with -z now"
        failed=1
    fi
done

if command -v lintian >/dev/null 2>&1; then
    lintian --allow-root --fail-on error,warning --display-level '>=warning' "$work"/made/*.deb || failed=1
    lint=", lintian has nothing against them"
fi
[ "$failed" -eq 0 ] || exit 1
echo "$(wc -l <"$work/seen") files in three packages${lint:-, lintian is not installed}"
