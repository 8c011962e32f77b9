#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The other checks can fail: each is shown one violation and has to name it.
#   check_selftest.sh SOURCE_DIR [BUILD_DIR]
set -eu
checks=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
status=0

fresh() {
    rm -rf "$work/tree"
    for folder in libaudit/base libaudit/kernel libaudit/judge libaudit/include/sovaudit cmd fixtures \
        tests/checks cmake .ci; do
        mkdir -p "$work/tree/$folder"
    done
    find "$work/tree" -type d -exec touch '{}/README.md' \;
    echo '# SPDX-License-Identifier: Apache-2.0' | tee "$work/tree/CMakeLists.txt" >"$work/tree/.ci/run"
    printf '/* SPDX-License-Identifier: Apache-2.0 */\nint sva_fine(void);\n' >"$work/tree/libaudit/base/fine.h"
}

# expect CHECK "words in its output": the check fails on the tree and says why
expect() {
    if output=$(sh "$checks/check_$1.sh" "$work/tree" "$work" 2>&1); then
        echo "check_$1 accepts: $2"
        status=1
    elif ! printf '%s' "$output" | grep -q -e "$2"; then
        echo "check_$1 fails without saying: $2"
        printf '%s\n' "$output"
        status=1
    fi
}

plant() {
    fresh
    { echo '/* SPDX-License-Identifier: Apache-2.0 */'; cat; } >"$work/tree/$1"
}

fresh
for name in layers banned tree functions; do
    sh "$checks/check_$name.sh" "$work/tree" "$work" >"$work/log" 2>&1 || {
        echo "check_$name refuses a sound tree:"
        cat "$work/log"
        status=1
    }
done

echo '#include "judge/rules.h"' | plant libaudit/kernel/bad.c
expect layers 'judge/rules.h'
echo '#include "sign/keys.h"' | plant libaudit/kernel/bad.c
expect layers 'same or a higher layer'
echo '#include <sovaudit/judge.h>' | plant libaudit/base/bad.c
expect layers 'higher layer'
echo '#include "base/fine.h"' | plant cmd/bad.c
expect layers 'of the library'
echo '#include "fine.h"' | plant libaudit/base/bad.c
expect layers 'root of the library'

fresh
mkdir -p "$work/tree/libaudit/report"
printf '#define W(X) \\\n    X("old-thing", "{0}", "{0}")\n' >"$work/tree/libaudit/report/finding_words.h"
printf 'sva_notes_add(&notes, &arena, "new-thing", "text");\n' >"$work/tree/libaudit/base/bad.c"
expect findings 'no sentence for "new-thing"'
expect findings 'no reader makes, "old-thing"'

printf 'void f(char *a) {\n    strcpy (a, "x");\n}\n' | plant fixtures/bad.c
expect banned 'bad.c:3: calls strcpy'
printf 'int f(void)\n{\n    return atoi("1") + printf("x");\n}\n' | plant libaudit/base/bad.c
expect banned 'calls atoi'
expect banned 'calls printf'
printf 'void f(void)\n{\n    /* strcpy(a, b) */ g("strcpy(a, b)"); s.printf(1);\n}\n' | plant libaudit/base/good.c
sh "$checks/check_banned.sh" "$work/tree" >"$work/log" || { cat "$work/log"; status=1; }

fresh
echo 'int x;' >"$work/tree/cmd/bad.c"
expect tree 'no SPDX line'
fresh
rm "$work/tree/libaudit/judge/README.md"
expect tree 'judge: no README.md'
echo 'int x;' | plant libaudit/base/Bad.c
expect tree 'not snake_case'
printf 'int\tx;\n' | plant cmd/bad.c
expect tree 'tab'

{ printf 'int f(void)\n{\n'; yes '    g();' | head -n 81; echo '}'; } | plant cmd/bad.c
expect functions 'f() lines 81'
{ printf 'int f(int a)\n{\n'; yes '    if (a && a) g();' | head -n 20; echo '}'; } | plant cmd/bad.c
expect functions 'f() complexity 41'

[ "$status" -eq 0 ] && echo "every check names the violation that it was shown"
exit "$status"
