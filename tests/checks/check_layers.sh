#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Includes go to lower layers only.
#   check_layers.sh SOURCE_DIR [BUILD_DIR]
# Exception: <sovaudit/status.h> and <sovaudit/model.h> carry types that every layer speaks
# (status codes, dtypes) and may be included from anywhere.
set -eu
cd "$1"

find libaudit cmd -name '*.[ch]' | LC_ALL=C sort | while IFS= read -r file; do
    awk -v file="$file" '
    BEGIN {
        split("base 0 kernel 1 sign 1 format 2 attest 3 model 3 fingerprint 4 refstore 5 compare 5 judge 6 trace 6 report 7 convert 8 casefile 9", w, " ")
        for (i = 1; i in w; i += 2) level[w[i]] = w[i + 1]
        split("status 0 model 0 sign 1 option_file 2 known 2 declared 6 knowledge 6 print 4 evidence 4 refstore 5 refpack 5 compare 5 judge 6 trace 6 report 7 audit 8 convert 8 casefile 9 sovaudit 9", w, " ")
        for (i = 1; i in w; i += 2) shown[w[i]] = w[i + 1]
        n = split(file, part, "/")
        if (part[1] == "cmd") mine = "cmd"
        else if (n == 2) { mine = "pipeline"; own = 8 }
        else if (part[2] == "include") { mine = "public"; name = part[4]; sub(/\.h$/, "", name); own = shown[name] }
        else { mine = part[2]; own = level[mine] }
        if (mine != "cmd" && own == "") complain("lies in no known layer")
    }
    function complain(why) { printf "%s:%d: %s\n", file, NR, why }
    !/^[ \t]*#[ \t]*include/ { next }
    match($0, /<sovaudit\/[a-z_]+\.h>/) {
        name = substr($0, RSTART + 10, RLENGTH - 13)
        if (!(name in shown)) complain("unknown public header " name)
        else if (mine != "cmd" && shown[name] > own) complain("includes <sovaudit/" name ".h> of a higher layer")
        next
    }
    match($0, /"[^"]+"/) {
        target = substr($0, RSTART + 1, RLENGTH - 2)
        if (mine == "public") { complain("a public header includes \"" target "\""); next }
        if (mine == "cmd") { if (target ~ /\//) complain("cmd/ includes \"" target "\" of the library"); next }
        if (target == "embedded_rules.h" && mine == "judge") next
        if (target == "embedded_facts.h" && mine == "refstore") next
        if (mine == "pipeline" && target !~ /\//) next
        split(target, part, "/")
        if (!(part[1] in level)) complain("\"" target "\" is not written from the root of the library")
        else if (part[1] != mine && level[part[1]] >= own) complain("includes \"" target "\" of the same or a higher layer")
    }' "$file"
done >"${TMPDIR:-/tmp}/layers.$$" || true
found=$(cat "${TMPDIR:-/tmp}/layers.$$")
rm -f "${TMPDIR:-/tmp}/layers.$$"
if [ -n "$found" ]; then
    printf '%s\n' "$found"
    exit 1
fi
echo "includes go to lower layers only"
