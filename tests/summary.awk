# SPDX-License-Identifier: Apache-2.0
# Reads the log of "ctest -V", prints what failed, and appends "passed failed" to the file `tally`.
# A cmocka program counts by its cases; a program that says "N passed, N failed" counts by that;
# anything else is one test. A program that fails without naming a case counts as one failure.
match($0, /^[0-9]+: /) {
    id = substr($0, 1, RLENGTH - 2)
    text = substr($0, RLENGTH + 1)
    if (text ~ /^\[ +OK \]/) passed[id]++
    else if (text ~ /^\[  FAILED  \] [A-Za-z_]/ && text !~ /test\(s\)/ && !((id, text) in seen)) {
        seen[id, text] = 1
        failed[id]++
    } else if (text ~ /^\[  SKIPPED \] [A-Za-z_]/ && text !~ /test\(s\)/ && !((id, text) in seen)) {
        seen[id, text] = 1
        skipped_cases++
    } else if (text ~ /^[0-9]+ passed, [0-9]+ failed/) {
        split(text, word, " ")
        passed[id] = word[1]
        failed[id] = word[3] + 0
    }
    kept[id] = kept[id] text "\n"
    next
}
match($0, /^ *[0-9]+\/[0-9]+ +Test +#[0-9]+: /) {
    line = substr($0, RLENGTH + 1)
    id = $0
    sub(/: .*/, "", id)
    sub(/.*#/, "", id)
    name = line
    sub(/ .*/, "", name)
    if (line ~ /\*\*\*Skipped/) {
        skipped++
        printf "skipped  %s\n", name
    } else if (line ~ / Passed +[0-9.]+ sec/) {
        good += (id in passed) ? passed[id] : 1
    } else {
        good += passed[id]
        bad += (failed[id] > 0) ? failed[id] : 1
        printf "FAILED   %s\n", name
        n = split(kept[id], lines, "\n")
        shown = 0
        for (i = 1; i < n && shown < 80; i++) {
            if (lines[i] ~ /^(ok |note |\[ RUN|\[ +OK|Test command:|Working Dir|Test timeout)/) continue
            printf "    %s\n", lines[i]
            shown++
        }
    }
    seconds = line
    sub(/ sec.*/, "", seconds)
    sub(/.* /, "", seconds)
    if (seconds + 0 >= 20) printf "slow     %s %.0f s\n", name, seconds
    total++
}
END {
    if (total == 0) { bad++; print "no test ran" }
    printf "%d programs and scripts: %d passed, %d failed", total, good, bad
    if (skipped + skipped_cases > 0) printf ", %d skipped", skipped + skipped_cases
    printf "\n"
    print good + 0, bad + 0 >> tally
}
