#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Length and complexity of functions, length of files. Aims: 60 lines, complexity 15, 600 lines;
# over an aim is reported, over a limit (80, 25, 800) fails. Complexity = 1 + decisions.
#   check_functions.sh SOURCE_DIR [BUILD_DIR]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
status=0
for file in $(find libaudit cmd fixtures tests -name '*.[ch]' | LC_ALL=C sort); do
    awk -f "$here/strip.awk" "$file" | awk -v file="$file" '
        function over(what, value, aim, limit) {
            if (value > limit) { printf "FAIL %s: %s %d, limit %d\n", file, what, value, limit; bad = 1 }
            else if (value > aim) printf "note %s: %s %d, aim %d\n", file, what, value, aim
        }
        !inside && /^[A-Za-z_].*\(/ { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
        !inside && (/^\{/ || /^[A-Za-z_].*\) *\{$/) { inside = 1; first = NR; decisions = 1; next }
        inside && /^\}/ {
            over(name "() lines", NR - first - 1, 60, 80)
            over(name "() complexity", decisions, 15, 25)
            inside = 0; next
        }
        inside {
            text = $0
            decisions += gsub(/(^|[^A-Za-z0-9_])(if|for|while|case)[ (]/, "", text)
            decisions += gsub(/&&|\|\||\?/, "", text)
        }
        END { over("lines", NR, 600, 800); exit bad }' || status=1
done
[ "$status" -eq 0 ] && echo "functions and files are within their limits"
exit "$status"
