#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds, runs every test.
#   sh tests/run.sh
# The last line is "N passed, N failed"; the exit status is 0 only when nothing failed.
# Everything is built under build/. SVA_JOBS sets the number of jobs (default: processors).
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
sh tests/packages.sh test

jobs=${SVA_JOBS:-$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)}
build=$root/build
logs=$build/logs
mkdir -p "$logs"
: >"$logs/tally"
: >"$logs/all"
started=$(date +%s)

say() { printf '\n== %s (%ss)\n' "$*" "$(($(date +%s) - started))"; }

# count PASSED FAILED
count() { echo "$1 $2" >>"$logs/tally"; }

# configure_and_build NAME CMAKE_ARGUMENTS...: 0 when everything was built
configure_and_build() {
    name=$1
    shift
    say "build $name"
    if cmake -G Ninja -S "$root" -B "$build/$name" -DSVA_WERROR=ON "$@" >"$logs/$name.configure" 2>&1 &&
        cmake --build "$build/$name" -j "$jobs" -- -k 0 >"$logs/$name.build" 2>&1; then
        count 1 0
        echo "built"
    else
        count 0 1
        tail -n 5 "$logs/$name.configure"
        grep -E 'error|FAILED:' "$logs/$name.build" 2>/dev/null | cut -c 1-200 | head -n 40 || true
        echo "BUILD FAILED, whole log in $logs/$name.build"
        return 1
    fi
}

# run_tests NAME CTEST_ARGUMENTS...: runs, prints a summary and failures, counts cases
run_tests() {
    name=$1
    shift
    say "test $name $*"
    ctest --test-dir "$build/$name" -j "$jobs" -V --no-tests=error "$@" >"$logs/$name.test" 2>&1 || true
    awk -v tally="$logs/tally" -f "$root/tests/summary.awk" "$logs/$name.test"
    cat "$logs/$name.test" >>"$logs/all"
}

# What could be built is tested even when something else could not.
# For /usr, so that packages can be made of it.
configure_and_build test -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_INSTALL_PREFIX=/usr || true
run_tests test -LE bench
run_tests test -L bench
sed -n 's/^[0-9]*: \(Test command\|Working Directory\|Test timeout\).*//; s/^[0-9]*: /  /p' "$logs/test.test"

ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1
UBSAN_OPTIONS=print_stacktrace=1
export ASAN_OPTIONS UBSAN_OPTIONS
configure_and_build asan -DCMAKE_BUILD_TYPE=RelWithDebInfo -DSVA_SANITIZE=address,undefined || true
# Not what simulates or trains for minutes; the readers and tests of the library behind it run here
# all the same. Nor what is preloaded into the command, where the sanitisers' own allocator stands.
run_tests asan -L 'unit|cli|fault|fuzz' \
    -E 'fault/run$|unit/test_(compare_values|derivations|disguise|fixture_formats|mixture|search|tiny_lineage|tiny_training|trace)$'

configure_and_build coverage -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG=-O1 -DSVA_COVERAGE=ON || true
find "$build/coverage" -name '*.gcda' -exec rm -f {} +
# Without simulations that take minutes and reach no line that the others leave out.
run_tests coverage -L 'unit|cli|fault|fuzz' \
    -E 'fault/run$|unit/test_(compare_values|derivations|disguise|fixture_formats|mixture|search|tiny_training|trace)$'
say "coverage"
sh tests/coverage.sh "$build/coverage" || count 0 1

say "done"
set -- $(awk '{ passed += $1; failed += $2 } END { print passed + 0, failed + 0 }' "$logs/tally")
echo "$1 passed, $2 failed"
[ "$2" -eq 0 ]
