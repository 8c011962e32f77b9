#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every finding that a reader can make has a Korean sentence in report/finding_words.h, and nothing
# else has one.
#   check_findings.sh SOURCE_DIR [BUILD_DIR]
set -eu
cd "$1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
words=libaudit/report/finding_words.h

# Calls that make findings, one a line, up to their first semicolon; of each every "word-word".
find libaudit -name '*.c' | LC_ALL=C sort | xargs cat | tr '\n' ' ' |
    grep -oE '(sva_notes_add|sva_parts_finding|tell|tell_place|report_stray|note_kind|add_finding|sva_register_note)\([^;]*;|\.code = "[^"]*"' |
    grep -oE '"[a-z0-9]+(-[a-z0-9]+)+"' | LC_ALL=C sort -u >"$work/made"
grep -oE '^ *X\("[a-z0-9-]+"' "$words" | grep -oE '"[^"]*"' | LC_ALL=C sort -u >"$work/said"

if ! cmp -s "$work/made" "$work/said"; then
    LC_ALL=C comm -23 "$work/made" "$work/said" | sed "s:^:$words has no sentence for :"
    LC_ALL=C comm -13 "$work/made" "$work/said" | sed "s:^:$words has a sentence that no reader makes, :"
    exit 1
fi
