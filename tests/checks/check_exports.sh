#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The shared library shows exactly the functions that a public header declares with SVA_API.
#   check_exports.sh SOURCE_DIR BUILD_DIR
set -eu
source=$1
library=$2/lib/libsovaudit.so
if [ ! -e "$library" ]; then
    echo "no shared library at $library"
    exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Comments out, lines joined, one declaration per line; then the name before the first "(".
for header in "$source"/libaudit/include/sovaudit/*.h; do
    sed -e '/^[ \t]*#/d' -e 's://.*$::' "$header" | tr '\n' ' ' |
        sed -e 's:/\*[^*]*\*\**\([^/*][^*]*\*\**\)*/: :g' | tr ';{}' '\n\n\n' |
        awk -v header="$(basename "$header")" '
            match($0, /[^a-z0-9_]sva_[a-z0-9_]+ *\(/) {
                name = substr($0, RSTART + 1, RLENGTH - 1); sub(/ *\($/, "", name)
                if ($0 !~ /SVA_API/) { print header ": " name " lacks SVA_API" > "/dev/stderr"; bad = 1 }
                print name
            }
            END { exit bad }' >>"$work/declared.raw"
done
LC_ALL=C sort -u "$work/declared.raw" >"$work/declared"
nm -D --defined-only "$library" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' |
    LC_ALL=C sort -u >"$work/exported"
# Instrumented builds add symbols of their own.
grep -v -e '^__' -e '^_init$' -e '^_fini$' "$work/exported" >"$work/ours" || true
if ! diff "$work/declared" "$work/ours" >"$work/diff"; then
    echo "declared but not exported (<), exported but not declared (>):"
    grep '^[<>]' "$work/diff"
    exit 1
fi
echo "$(wc -l <"$work/declared") functions declared and exported, nothing else"
