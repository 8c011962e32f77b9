#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A small program builds and runs against an installed copy, found by CMake and by pkg-config.
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
example=$source/tests/checks/example

# 1. find_package(sovaudit)
cmake -G Ninja -S "$example" -B "$work/by-cmake" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER="$cc" >"$work/log" 2>&1 &&
    cmake --build "$work/by-cmake" >>"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
first=$("$work/by-cmake/example")

# 2. pkg-config
PKG_CONFIG_PATH=$library/pkgconfig
export PKG_CONFIG_PATH
# shellcheck disable=SC2046 # flags are words
"$cc" -std=c17 -o "$work/by-pkg-config" "$example/example.c" $(pkg-config --cflags --libs sovaudit)
second=$(LD_LIBRARY_PATH=$library "$work/by-pkg-config")

# 3. the installed command answers from where it lies
third=$("$prefix/bin/sovaudit" version | head -n 1)
version=$(pkg-config --modversion sovaudit)
echo "by CMake: $first; by pkg-config: $second; command: $third; sovaudit.pc: $version"
case $third in *"$version"*) ;; *) exit 1 ;; esac
[ "$first" = "sovaudit $version" ] && [ "$second" = "sovaudit $version" ]
