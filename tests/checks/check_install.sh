#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An installed copy can be used: docs/examples builds against it, found by CMake and by pkg-config,
# and tells a fine-tune from an independent model; the command answers from where it lies; nothing that
# is installed names the folder that it was built in.
#   check_install.sh SOURCE_DIR BUILD_DIR
set -eu
source=$1
build=$2
cc=${CC:-cc}
if grep -q '^SVA_SANITIZE:STRING=..*' "$build/CMakeCache.txt" ||
    grep -q '^SVA_COVERAGE:BOOL=ON' "$build/CMakeCache.txt"; then
    echo "instrumented build: not an installed copy that others would use"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix
if ! cmake --install "$build" --prefix "$prefix" >"$work/log" 2>&1; then
    cat "$work/log"
    exit 1
fi
library=$(dirname "$(find "$prefix" -name libsovaudit.so.0)")
cp -R "$prefix/share/doc/sovaudit/examples" "$work/example"

# 1. find_package(sovaudit)
cmake -G Ninja -S "$work/example" -B "$work/by-cmake" -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_C_COMPILER="$cc" >"$work/log" 2>&1 &&
    cmake --build "$work/by-cmake" >>"$work/log" 2>&1 || { cat "$work/log"; exit 1; }

# 2. pkg-config
PKG_CONFIG_PATH=$library/pkgconfig
export PKG_CONFIG_PATH
# shellcheck disable=SC2046 # flags are words
"$cc" -std=c17 -Wall -Wextra -Werror -o "$work/by-pkg-config" "$work/example/compare_two.c" \
    $(pkg-config --cflags --libs sovaudit)

# compare EXPECTED_CODE EXPECTED_ANSWER CASE: both programs say so of the case's two models
compare() {
    "$build/bin/fixture_tool" make "$3" "$work/$3" >/dev/null
    for program in "$work/by-cmake/compare_two" "$work/by-pkg-config"; do
        code=0
        LD_LIBRARY_PATH=$library "$program" "$work/$3/subject" "$work/$3/reference" >"$work/said" 2>&1 ||
            code=$?
        answer=$(tail -n 1 "$work/said")
        if [ "$code" -ne "$1" ] || [ "$answer" != "answer: $2" ]; then
            cat "$work/said"
            echo "$program on $3: exit code $code, expected $1 and $2"
            exit 1
        fi
    done
    echo "$3: $answer"
}
if [ -x "$build/bin/fixture_tool" ]; then
    compare 1 derived clip-fine-tune
    compare 0 no-evidence clip-independent
fi
code=0
LD_LIBRARY_PATH=$library "$work/by-pkg-config" "$work/nothing" "$work/nothing" 2>"$work/said" || code=$?
if [ "$code" -ne 2 ] || ! grep -q "^compare_two: .*nothing" "$work/said"; then
    cat "$work/said"
    echo "a model that is not there: exit code $code, expected 2 and a sentence"
    exit 1
fi

# 3. the installed command answers from where it lies
said=$("$prefix/bin/sovaudit" version | head -n 1)
version=$(pkg-config --modversion sovaudit)
echo "command: $said; sovaudit.pc: $version"
[ "$said" = "sovaudit $version" ]

# 4. no path of the build, neither of its sources nor of its folder
for path in "$(cd "$source" && pwd)" "$(cd "$build" && pwd)"; do
    if grep -rlF "$path" "$prefix" >"$work/found"; then
        sed "s:^:names $path\: :" "$work/found"
        exit 1
    fi
done
echo "nothing installed names its build"
