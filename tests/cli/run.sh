#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Command-line cases. A case is a folder with `cmd` (shell) and what it must give: `stdout`,
# `stderr` (a missing file stands for nothing) and `exit` (missing: 0).
#   run.sh [TOOL [BINARY_DIR]]     all cases, or those named in CASES
#   UPDATE=1 run.sh ...            writes what was seen instead of comparing
#   CASE_SECONDS=N run.sh ...      stops a case after N seconds, not 120
# TOOL and the generator may also come from $SOVAUDIT and $FIXTURE_TOOL. A case runs in an empty
# folder $WORK, with $SOVAUDIT, `fixture NAME` (makes $FIXTURES/NAME once) and a fixed date. Files
# that it leaves in $WORK/golden are compared with fixtures/golden. Digests, the folders' names and
# the version are replaced before comparing.
set -u
here=$(cd "$(dirname "$0")" && pwd)
golden=$(cd "$here/../../fixtures" && pwd)/golden
SOVAUDIT=${1:-${SOVAUDIT:-sovaudit}}
FIXTURE_TOOL=${FIXTURE_TOOL:-${2:+$2/bin/}fixture_tool}
version=$(sed -n 's/^project(sovaudit VERSION \([0-9.]*\).*/\1/p' "$here/../../CMakeLists.txt")

if ! command -v "$FIXTURE_TOOL" >/dev/null 2>&1; then
    echo "no fixture_tool: command-line cases skipped"
    exit 77
fi
base=$(mktemp -d)
trap 'rm -rf "$base"' EXIT
trap 'exit 130' INT TERM
FIXTURES=$base/fixtures
mkdir "$FIXTURES"
export SOVAUDIT FIXTURE_TOOL FIXTURES
# A fixed environment: nothing of the person who runs this may show.
unset SOVAUDIT_REFS SOVAUDIT_RULES SOVAUDIT_FACTS XDG_DATA_HOME NO_COLOR LC_MESSAGES LANG COLUMNS
SOURCE_DATE_EPOCH=1767225600 LC_ALL=C TERM=dumb
export SOURCE_DATE_EPOCH LC_ALL TERM
SOURCE=$(cd "$here/../.." && pwd)
export SOURCE

cat >"$base/prelude" <<'EOF'
fixture() {
    [ -d "$FIXTURES/$1" ] && return 0
    "$FIXTURE_TOOL" make "$1" "$FIXTURES/$1.part" && mv "$FIXTURES/$1.part" "$FIXTURES/$1"
}
EOF

# The facts database grows without changing what the tool does with it: its size and date go too.
normalise() {
    sed -e 's/[0-9]* rows of [-0-9]* (built-in)/ROWS rows of DATE (built-in)/' \
        -e 's/[-0-9]* 기준 [0-9]*건(내장)/DATE 기준 ROWS건(내장)/' \
        -e 's/^    "rows": [0-9]*/    "rows": 0/' -e 's/^    "date": "[-0-9]*"/    "date": "DATE"/' \
        -e 's/^\(facts   .*  \)[-0-9]*$/\1DATE/' \
        -e "s:$WORK:WORK:g" -e "s:$FIXTURES:FIXTURES:g" -e 's/[0-9a-f]\{64\}/DIGEST/g' \
        -e "s/sovaudit $version/sovaudit VERSION/g" -e "s/\"version\": \"$version\"/\"version\": \"VERSION\"/"
}

# same WHAT EXPECTED SEEN: compares, or stores when UPDATE is set
same() {
    if [ "${UPDATE:-0}" = 1 ]; then
        mkdir -p "$(dirname "$2")"
        if [ -s "$3" ]; then cp "$3" "$2"; else rm -f "$2"; fi
        return 0
    fi
    expected=$2
    [ -f "$expected" ] || expected=/dev/null
    cmp -s "$expected" "$3" && return 0
    echo "  $1 differs (- expected, + seen):"
    diff -u "$expected" "$3" | sed -e 1,2d -e 's/^/    /' | head -n 40
    return 1
}

run_case() {
    name=$1
    seen=$base/seen/$name
    WORK=$base/home/$name
    export WORK
    mkdir -p "$seen" "$WORK"
    status=0
    (cd "$WORK" && HOME=$WORK timeout "${CASE_SECONDS:-120}" sh -c '. "$1"; . "$2"' "$name" "$base/prelude" \
        "$here/$name/cmd") >"$seen/stdout.raw" 2>"$seen/stderr.raw" </dev/null || status=$?
    normalise <"$seen/stdout.raw" >"$seen/stdout"
    normalise <"$seen/stderr.raw" >"$seen/stderr"
    if [ "$status" -eq 0 ]; then : >"$seen/exit"; else echo "$status" >"$seen/exit"; fi
    good=0
    for what in exit stdout stderr; do
        same "$what" "$here/$name/$what" "$seen/$what" || good=1
    done
    for file in "$WORK"/golden/*; do
        [ -f "$file" ] || continue
        normalise <"$file" >"$seen/golden"
        same "golden/${file##*/}" "$golden/${file##*/}" "$seen/golden" || good=1
    done
    return "$good"
}

passed=0
failed=0
for folder in "$here"/*/; do
    name=$(basename "$folder")
    case " ${CASES:-$name} " in *" $name "*) ;; *) continue ;; esac
    if out=$(run_case "$name"); then
        passed=$((passed + 1))
        echo "ok      $name"
    else
        failed=$((failed + 1))
        printf 'FAILED  %s\n%s\n' "$name" "$out"
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
