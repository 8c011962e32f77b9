#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The committed source, built twice, gives the same bytes: library, command and packages. The two
# builds differ in what should not matter: folder, time of day, time zone, language, number of jobs, who
# the machine says it is. The file mode mask is 022 in both: cpack writes it into the packages' outer
# archive.
#   sh tests/checks/reproducible.sh [SOURCE_DIR [FOLDER_TO_KEEP]]
# Compiles everything twice, without a cache. Not part of the ordinary run.
set -eu
source=$(cd "${1:-$(dirname "$0")/../..}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset SOURCE_DATE_EPOCH CMAKE_C_COMPILER_LAUNCHER CMAKE_INSTALL_PREFIX CFLAGS LDFLAGS
CCACHE_DISABLE=1
export CCACHE_DISABLE

# build NAME FOLDER JOBS: unpacks the commit, builds it, leaves results in $work/NAME
build() {
    mkdir -p "$2" "$work/$1"
    git -C "$source" archive --format=tar HEAD | tar -x -C "$2"
    if ! (umask 022 && cd "$2" && cmake --preset deb && cmake --build build/deb -j "$3" &&
        cd build/deb && cpack -B "$work/$1/made") >"$work/$1/log" 2>&1; then
        tail -n 20 "$work/$1/log"
        exit 2
    fi
    mv "$work/$1"/made/*.deb "$work/$1"
    for package in "$work/$1"/*.deb; do
        dpkg-deb -x "$package" "$work/$1/files"
    done
    cp "$work/$1"/files/usr/bin/sovaudit "$work/$1/sovaudit"
    find "$work/$1/files" -type f -name 'libsovaudit.so.*' -exec cp {} "$work/$1/libsovaudit.so" \;
    rm -rf "$work/$1/files" "$work/$1/made"
}

echo "first build  $(date -u +%H:%M:%S)"
(export TZ=Asia/Seoul LC_ALL=C USER=first HOME="$work" && build first "$work/a" 1)
sleep 2
echo "second build $(date -u +%H:%M:%S)"
(export TZ=America/Los_Angeles LC_ALL=C.UTF-8 USER=second HOME="$work/second" &&
    build second "$work/another folder/with a much longer name" 2)

failed=0
for file in "$work"/first/*; do
    name=$(basename "$file")
    [ "$name" != log ] || continue
    digest=$(sha256sum <"$file" | cut -c 1-64)
    if cmp -s "$file" "$work/second/$name"; then
        echo "same       $digest  $name"
    else
        echo "DIFFERENT  $name"
        failed=1
    fi
done
if [ -n "${2:-}" ]; then
    mkdir -p "$2"
    cp -R "$work/first" "$work/second" "$2"
fi
exit "$failed"
