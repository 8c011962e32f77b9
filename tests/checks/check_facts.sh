#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The facts database is what rules/facts/collect.py makes of the tables it was collected from.
#   check_facts.sh SOURCE_DIR BUILD_DIR
# Skipped where ../shared or python3 is absent.
set -eu
shared=$1/../shared
[ -d "$shared" ] || shared=$1/../../shared
command -v python3 >/dev/null 2>&1 || { echo "no python3"; exit 77; }
[ -f "$shared/facts/known_files.csv" ] || { echo "no ../shared/facts"; exit 77; }
[ -x "$2/bin/sovaudit" ] || { echo "no sovaudit"; exit 77; }
size=$(wc -c <"$1/rules/facts/facts.tsv")
[ "$size" -lt 4000000 ] || { echo "facts.tsv has $size bytes"; exit 1; }
exec python3 -B "$1/rules/facts/collect.py" --from "$shared" --tool "$2/bin/sovaudit" --check
