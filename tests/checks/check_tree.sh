#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Housekeeping of the source tree: SPDX lines, a README in every folder, unique snake_case names,
# no tabs or trailing blanks in C. Lines aim at 100 columns and fail above 120; tables that are easier
# to read wide stand between "clang-format off" and "on" and may take 160.
#   check_tree.sh SOURCE_DIR [BUILD_DIR]
set -eu
cd "$1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

folders() { find . \( -name .git -o -name build -o -path './build*' \) -prune -o -type d -print; }
sources() {
    find libaudit cmd fixtures tests cmake docs .ci ci \( -name '*.[ch]' -o -name '*.sh' -o -name '*.awk' \
        -o -name '*.cmake' -o -name CMakeLists.txt \) -print
    echo CMakeLists.txt
    echo .ci/run
}

{
    sources | while IFS= read -r file; do
        head -n 2 "$file" | grep -q 'SPDX-License-Identifier: Apache-2\.0' || echo "$file: no SPDX line"
    done

    # Single cases, corpora and recipes are data: the folder above them explains them.
    folders | LC_ALL=C sort | while IFS= read -r folder; do
        case $folder in
        ./tests/cli/?* | ./fixtures/*/?* | ./libaudit/include) continue ;;
        esac
        [ -f "$folder/README.md" ] || echo "$folder: no README.md"
    done

    find libaudit cmd fixtures tests -name '*.c' | sed 's:.*/::' | LC_ALL=C sort | uniq -d |
        sed 's/$/: two files of this name/'
    find libaudit cmd fixtures tests -name '*.[ch]' | grep -v '/[a-z0-9_]*\.[ch]$' |
        sed 's/$/: not snake_case/' || true

    find libaudit cmd fixtures tests -name '*.[ch]' | LC_ALL=C sort | while IFS= read -r file; do
        # Characters, not bytes: continuation bytes of UTF-8 do not count.
        LC_ALL=C tr -d '\200-\277' <"$file" | LC_ALL=C awk -v file="$file" '
            /\t/ { printf "%s:%d: tab\n", file, NR }
            /[ \r]$/ { printf "%s:%d: blank at the end of the line\n", file, NR }
            /clang-format off/ { table = 1 }
            /clang-format on/ { table = 0 }
            length($0) > (table ? 160 : 120) { printf "%s:%d: %d columns\n", file, NR, length($0) }
            length($0) > 100 && !table { wide++ }
            END { if (wide) printf "%s: %d lines over 100 columns\n", file, wide >"/dev/stderr" }'
    done
} >"$work/found" 2>"$work/notes"
sed 's/^/note /' "$work/notes"
if [ -s "$work/found" ]; then
    cat "$work/found"
    exit 1
fi
echo "tree is in order"
