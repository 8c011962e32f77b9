#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The main commands under valgrind's memcheck, on small models: no invalid access, no use of
# uninitialised bytes, nothing lost.
#   sh tests/valgrind.sh TOOL BINARY_DIR
# valgrind 3.19 knows no AVX-512, hence SOVAUDIT_CPU=avx2. Without valgrind or python3 it is skipped.
set -u
here=$(cd "$(dirname "$0")" && pwd)
for program in valgrind python3; do
    if ! command -v $program >/dev/null 2>&1; then
        echo "no $program: skipped"
        exit 77
    fi
done
SOVAUDIT_CPU=avx2
export SOVAUDIT_CPU
PYTHONDONTWRITEBYTECODE=1 exec python3 "$here/fault/memcheck.py" "$@"
