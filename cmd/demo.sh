#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Shows one audit from end to end.
#   sh cmd/demo.sh
# Installs what is missing (Debian packages, as root or through sudo), builds the command under
# build/demo, makes small models in a temporary folder - references, a disguised derivative of one, a
# model with a borrowed component, and one that owes nothing to them - and audits these three. Ends
# with 0 when the tool behaved as expected.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)

say() { printf '\n--- %s\n' "$*"; }

# add CASE NAME: the case's reference goes into the store, with what the case says about it
add() {
    publisher=$(fixture_tool show "$1" | awk -F '\t' '$1 == "reference" { print $3; exit }')
    released=$(fixture_tool show "$1" | awk -F '\t' '$1 == "reference" { print $4; exit }')
    echo "\$ sovaudit refs add $1/reference --name $2 --publisher \"$publisher\" --released $released"
    sovaudit refs add "$1/reference" --name "$2" --publisher "$publisher" --released "$released" \
        --quiet --no-progress
}

# audit CASE: checks the case's subject, sets $status
audit() {
    date=$(fixture_tool show "$1" | awk -F '\t' '$1 == "subject" { print $3; exit }')
    echo "\$ sovaudit check $1/subject --subject-date $date -o json=$1.json"
    status=0
    sovaudit check "$1/subject" --subject-date "$date" --no-progress --lang en -o "json=$1.json" \
        >"$1.txt" || status=$?
}

# excerpt FILE: verdict, components and power of a report
excerpt() {
    awk '
        NR == 1 { show = 1 }
        /^[A-Z]/ && NR > 1 { show = /^(Components|What would have been seen)/ }
        show' "$1"
}

say "1. What is needed"
sh "$root/tests/packages.sh" build
echo "All packages are there."

say "2. Build"
build=$root/build/demo
mkdir -p "$build"
if ! { cmake -G Ninja -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF &&
    cmake --build "$build" --target sovaudit_tool fixture_tool; } >"$build/demo.log" 2>&1; then
    tail -n 30 "$build/demo.log"
    echo "The build failed; the whole log is in $build/demo.log"
    exit 1
fi
PATH=$build/bin:$PATH
export PATH
sovaudit version | head -n 1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cd "$work"

SOVAUDIT_REFS=$work/refs.db
export SOVAUDIT_REFS

say "3. Models: references, and subjects made from them"
for case in renamed-copy naver openllama; do
    fixture_tool make "$case" "$case" >/dev/null
    fixture_tool list | grep "^$case "
done
echo
ls -l renamed-copy/reference renamed-copy/subject
echo
echo "The first subject holds the reference's weights under names that say nothing, in another type and"
echo "in two files. Names, file hashes and hashes of stored tensors no longer agree."

say "4. The references go into a store"
add renamed-copy demo-base
add naver demo-vision
sovaudit refs list

say "5. The disguised derivative"
audit renamed-copy
derivative=$status
cat renamed-copy.txt
echo
echo "Exit code $derivative: 0 would mean that no criterion failed, 1 that one did. A pipeline stops here."

say "6. The same for machines (renamed-copy.json)"
grep -E '"(answer|exit_code|log10_p_adjusted|verdict)"' renamed-copy.json | sort | uniq -c | head -n 8

say "7. A multimodal model whose vision encoder was taken from another laboratory"
audit naver
borrowed=$status
excerpt naver.txt
echo "Exit code $borrowed. The answer is per component: one is not independent, for the others there is no"
echo "evidence of reuse."

say "8. A model of the same architecture and tokenizer as demo-base, trained alone"
audit openllama
independent=$status
excerpt openllama.txt
echo "Exit code $independent. An architecture may be reused. That no reuse of weights was found is worth as"
echo "much as the smallest reuse that would have been seen, so the report says how small that is."

say "Result"
if [ "$derivative" -eq 1 ] && [ "$borrowed" -eq 1 ] && [ "$independent" -eq 0 ]; then
    echo "As expected: derivative and borrowed component were found, the independent model was not accused."
    exit 0
fi
echo "Unexpected exit codes: $derivative for the derivative (1 expected), $borrowed for the borrowed component"
echo "(1 expected), $independent for the independent model (0 expected)."
exit 1
