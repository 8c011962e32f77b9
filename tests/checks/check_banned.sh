#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Functions that must not be called, and why:
#   anywhere   overflow by design, shell, stack of unknown size
#   shipped    (libaudit, cmd) silent on bad numbers, or governed by the locale
#   library    it never prints, exits, asserts or allocates around base/memory.c, and the same
#              input gives the same bytes on any day
# base/text.c may read back with strtod what it has just printed itself: it looks for the shortest
# text of a number.
#   check_banned.sh SOURCE_DIR [BUILD_DIR]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
anywhere='strcpy|stpcpy|strcat|sprintf|vsprintf|gets|alloca|strtok|mktemp|tmpnam|tempnam'
shipped='system|popen|atoi|atol|atoll|atof|strtod|strtof|strtold|scanf|sscanf|fscanf|isalpha|isalnum|isspace|isupper|islower|toupper|tolower|strcasecmp|strncasecmp|strcoll|setjmp|longjmp|rand|srand'
library='printf|fprintf|vfprintf|puts|fputs|perror|exit|_exit|abort|assert|malloc|calloc|realloc|strdup|strndup|setlocale|localtime|random|srandom|drand48|syslog|signal|sigaction'

# scan ALTERNATIVES FILES...: prints "file:line: calls name"
scan() {
    names=$1
    shift
    for file in "$@"; do
        awk -f "$here/strip.awk" "$file" | awk -v file="$file" -v names="$names" '
            /^[ \t]*#/ { next }
            {
                text = " " $0
                while (match(text, "[^A-Za-z0-9_>.](" names ")[ \t]*\\(")) {
                    name = substr(text, RSTART + 1, RLENGTH - 1); sub(/[ \t]*\($/, "", name)
                    printf "%s:%d: calls %s\n", file, NR, name
                    text = " " substr(text, RSTART + RLENGTH)
                }
            }'
    done
}

found=$(
    scan "$anywhere" $(find libaudit cmd fixtures tests -name '*.[ch]' | LC_ALL=C sort)
    scan "$shipped" $(find libaudit cmd -name '*.[ch]' | LC_ALL=C sort) |
        grep -v '^libaudit/base/text\.c:[0-9]*: calls strtod$'  || true
    scan "$library" $(find libaudit -name '*.[ch]' ! -path libaudit/base/memory.c | LC_ALL=C sort)
)
if [ -n "$found" ]; then
    printf '%s\n' "$found"
    exit 1
fi
echo "no banned function is called"
