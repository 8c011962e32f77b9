#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Sums gcov's line counts per folder of the library and for the command.
#   sh tests/coverage.sh BUILD_DIR
set -eu
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Objects that never ran have notes (.gcno) but no data: gcov counts them as 0 %.
find "$build/libaudit" "$build/cmd" -name '*.gcno' | LC_ALL=C sort >"$work/notes"
cd "$work"
while IFS= read -r note; do
    gcov -n "$note" 2>/dev/null || true
done <notes >report
awk '
    /^File / {
        name = $0
        sub(/^File ./, "", name)
        sub(/.$/, "", name)
        part = ""
        if (name ~ /\.c$/ && match(name, /\/(libaudit|cmd)\//)) {
            part = substr(name, RSTART + 1)
            sub(/\/[^\/]*$/, "", part)
        }
        next
    }
    /^Lines executed:/ && part != "" {
        share = $0
        sub(/^Lines executed:/, "", share)
        sub(/%.*/, "", share)
        lines[part] += $NF
        run[part] += share * $NF / 100
        part = ""
    }
    END {
        for (part in lines) {
            printf "  %-24s %5.1f %% of %5d lines\n", part, 100 * run[part] / lines[part], lines[part] | "LC_ALL=C sort"
            all += lines[part]
            hit += run[part]
        }
        close("LC_ALL=C sort")
        if (all == 0) { print "no coverage data"; exit 1 }
        printf "  %-24s %5.1f %% of %5d lines\n", "all", 100 * hit / all, all
    }' report
