#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every header compiles alone: public ones as C17 and as C++17, internal ones as C17.
#   check_headers.sh SOURCE_DIR BUILD_DIR
set -eu
source=$1
cc=${CC:-cc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
strict='-Wall -Wextra -Wpedantic -Werror -fsyntax-only'
status=0
cxx=
for candidate in ${CXX:-} c++ g++ clang++; do
    if command -v "$candidate" >/dev/null 2>&1; then
        cxx=$candidate
        break
    fi
done
count=0
for header in "$source"/libaudit/include/sovaudit/*.h; do
    name=sovaudit/$(basename "$header")
    printf '#include <%s>\nint main(void) { return 0; }\n' "$name" >"$work/alone.c"
    cp "$work/alone.c" "$work/alone.cpp"
    "$cc" -std=c17 $strict -I"$source/libaudit/include" "$work/alone.c" || status=1
    if [ -n "$cxx" ]; then
        "$cxx" -std=c++17 $strict -I"$source/libaudit/include" "$work/alone.cpp" || status=1
    fi
    count=$((count + 1))
done
cd "$source/libaudit"
for header in */*.h; do
    printf '#include "%s"\nint main(void) { return 0; }\n' "$header" >"$work/alone.c"
    "$cc" -std=c17 $strict -Wno-unused-function -D_POSIX_C_SOURCE=200809L -I. -Iinclude -I"$2/generated" \
        -I/usr/include/cjson "$work/alone.c" || status=1
    count=$((count + 1))
done
[ -n "$cxx" ] || { echo "no C++ compiler at hand: C++17 not checked"; status=1; }
[ "$status" -eq 0 ] && echo "$count headers compile alone"
exit "$status"
