#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fault injection into the command: failing calls, kills, unkind surroundings. README.md has the rest.
#   run.sh TOOL BINARY_DIR            the short form, which runs with the other tests
#   run.sh TOOL BINARY_DIR --all      every case, and the fault table
# Without python3 or where nothing can be preloaded it is skipped.
set -u
here=$(cd "$(dirname "$0")" && pwd)
if ! command -v python3 >/dev/null 2>&1; then
    echo "no python3: fault injection skipped"
    exit 77
fi
if [ ! -f "$2/lib/fault_shim.so" ]; then
    echo "no fault_shim.so: fault injection skipped"
    exit 77
fi
PYTHONDONTWRITEBYTECODE=1 exec python3 "$here/run.py" "$@"
