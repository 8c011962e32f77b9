#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs libFuzzer targets for a stated CPU time each, from a corpus that is kept between runs.
#   sh tests/fuzz/fuzz.sh [--seconds N] [--jobs N] [--keep] [--results FILE] [TARGET...]
#   sh tests/fuzz/fuzz.sh --totals [--results FILE]
# --seconds N     CPU seconds (user and system) for each target, default 60
# --jobs N        targets that run at the same time, default 1
# --keep          afterwards, small inputs that reach code which nothing in fixtures/corpus reaches
#                 are copied there
# --results FILE  where a line for each target is appended, default tests/fuzz/results.tsv
# --totals        runs nothing; prints what FILE adds up to
# Without names, all targets. Needs clang with libFuzzer. Exit status: 0 nothing found, 1 something
# was found or could not be built, 3 wrong usage. A finding stays in build/fuzz/findings/TARGET and
# is the first to be tried in the next run; the working corpus is build/fuzz/corpus/TARGET, what
# libFuzzer printed build/fuzz/logs.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
build=$root/build/fuzz
limits=$root/tests/fuzz/limits.txt
results=$root/tests/fuzz/results.tsv
seconds=60
jobs=1
keep=no
totals=no
keep_file_bytes=2048    # larger inputs are not kept
keep_target_bytes=36000 # nor more than this for one target in one run
keep_target_files=40    # nor more than so many
slow_seconds=5          # an input that takes more CPU time is a finding

usage() {
    sed -n 's/^# \{0,1\}//; 3,4p' "$0" >&2
    exit 3
}

number() { case $1 in '' | *[!0-9]* | 0) usage ;; esac }

while [ $# -gt 0 ]; do
    case $1 in
    --seconds | --jobs | --results)
        [ $# -ge 2 ] || usage
        case $1 in
        --seconds) number "$2" && seconds=$2 ;;
        --jobs) number "$2" && jobs=$2 ;;
        --results) results=$2 ;;
        esac
        shift 2
        ;;
    --keep) keep=yes && shift ;;
    --totals) totals=yes && shift ;;
    -*) usage ;;
    *) break ;;
    esac
done

# What a results file adds up to: coverage is that of the last run, not a sum.
print_totals() {
    awk -F '\t' '
        NR == 1 { next }
        {
            if (!($3 in seconds)) names[++count] = $3
            seconds[$3] += $4; executions[$3] += $5; findings[$3] += $10
            edges[$3] = $7; features[$3] = $8; inputs[$3] = $9
            all_seconds += $4; all_executions += $5; all_findings += $10
        }
        END {
            form = "%-16s %14s %9s %9s %7s %8s %7s %8s\n"
            printf form, "target", "executions", "exec/s", "CPU s", "cov", "ft", "inputs", "findings"
            for (i = 1; i <= count; i++) {
                name = names[i]
                rate = (seconds[name] > 0) ? executions[name] / seconds[name] : 0
                printf form, name, executions[name], sprintf("%.0f", rate),
                    sprintf("%.0f", seconds[name]), edges[name], features[name], inputs[name],
                    findings[name]
            }
            printf form, "all", all_executions, "", sprintf("%.0f", all_seconds), "", "", "",
                all_findings
        }' "$1"
}

if [ "$totals" = yes ]; then
    print_totals "$results"
    exit 0
fi

if [ $# -eq 0 ]; then
    for source in "$root"/tests/fuzz/fuzz_*.c; do
        name=${source##*/fuzz_}
        set -- "$@" "${name%.c}"
    done
fi
programs=
for target in "$@"; do
    if [ ! -f "$root/tests/fuzz/fuzz_$target.c" ]; then
        echo "there is no target $target: tests/fuzz/fuzz_$target.c is missing" >&2
        exit 3
    fi
    programs="$programs fuzz_$target"
done

mkdir -p "$build/logs"
if ! { [ -f "$build/build.ninja" ] || cmake -S "$root" --preset fuzz; } >"$build/logs/build" 2>&1 ||
    ! ninja -C "$build" $programs >>"$build/logs/build" 2>&1; then
    tail -n 20 "$build/logs/build" >&2
    echo "the targets could not be built; whole log in $build/logs/build" >&2
    exit 1
fi
commit=$(git -C "$root" rev-parse --short=12 HEAD 2>/dev/null || echo unknown)

# limit TARGET COLUMN: from limits.txt; the line "*" stands for targets without a line.
limit() {
    awk -v target="$1" -v column="$2" '
        /^#/ { next }
        $1 == "*" && value == "" { value = $column }
        $1 == target { value = $column }
        END { print value }' "$limits"
}

# write_dictionary TARGET FILE: the words in quotes of the sources that limits.txt names.
write_dictionary() {
    : >"$2"
    for source in $(limit "$1" 3 | tr ',' ' '); do
        [ "$source" != - ] || continue
        grep -v '^#include' "$root/$source" | grep -oE '"[A-Za-z0-9_.:/<>{}+@=|!? -]{2,28}"' >>"$2" || true
    done
    sort -u -o "$2" "$2"
}

# figure NAME FILE: the last number that libFuzzer printed behind NAME
figure() {
    sed -n "s/.*$1 *\([0-9][0-9]*\).*/\1/p" "$2" | tail -n 1 | grep . || echo 0
}

# read_cpu FILE: sets cpu to the CPU seconds of the finished children of this very shell
read_cpu() {
    times >"$1"
    cpu=$(awk 'NR == 2 {
        for (i = 1; i <= 2; i++) {
            split($i, part, "m")
            sub("s", "", part[2])
            sum += 60 * part[1] + part[2]
        }
        printf "%.1f", sum
    }' "$1")
}

# minimise TARGET LENGTH: the working corpus becomes its smallest part with the same features.
minimise() {
    rm -rf "$build/corpus/$1.less"
    mkdir -p "$build/corpus/$1.less"
    if "$build/bin/fuzz_$1" -merge=1 -max_len="$2" -rss_limit_mb=1024 "$build/corpus/$1.less" \
        "$build/corpus/$1" "$root/fixtures/corpus/$1" >"$build/logs/$1.merge" 2>&1; then
        rm -rf "$build/corpus/$1"
        mv "$build/corpus/$1.less" "$build/corpus/$1"
    fi
}

# keep_inputs TARGET: what reaches new edges, the smallest first, until the budget is used up.
keep_inputs() {
    chosen=$build/corpus/$1.keep
    small=$build/corpus/$1.small
    rm -rf "$chosen" "$small"
    mkdir -p "$chosen" "$small" "$root/fixtures/corpus/$1"
    cp "$root/fixtures/corpus/$1"/* "$chosen/" 2>/dev/null || true
    find "$build/corpus/$1" -type f -size -"$((keep_file_bytes + 1))"c -exec cp {} "$small/" \;
    "$build/bin/fuzz_$1" -merge=1 -use_counters=0 -rss_limit_mb=1024 "$chosen" "$small" \
        >"$build/logs/$1.keep" 2>&1 || true
    used=0
    kept=0
    for file in $(ls -Sr "$chosen"); do
        [ ! -e "$root/fixtures/corpus/$1/$file" ] || continue
        bytes=$(wc -c <"$chosen/$file")
        used=$((used + bytes))
        kept=$((kept + 1))
        [ "$used" -le "$keep_target_bytes" ] && [ "$kept" -le "$keep_target_files" ] || break
        cp "$chosen/$file" "$root/fixtures/corpus/$1/$(printf '%.12s' "$file")"
    done
    rm -rf "$chosen" "$small"
}

# judge_slow TARGET: libFuzzer's clock is on the wall; slow is what takes long by the processor's.
judge_slow() {
    for file in "$build/findings/$1"/timeout-* "$build/findings/$1"/slow-unit-*; do
        [ -f "$file" ] || continue
        read_cpu "$build/logs/$1.times"
        before=$cpu
        (ulimit -t 60 && "$build/bin/fuzz_$1" "$file") >"$build/logs/$1.slow" 2>&1 || true
        read_cpu "$build/logs/$1.times"
        if echo "$cpu $before $slow_seconds" | awk '{ exit !($1 - $2 <= $3) }'; then
            rm -f "$file"
        fi
    done
}

# run_target TARGET: writes its line of the results to build/fuzz/logs/TARGET.line
run_target() {
    log=$build/logs/$1.log
    dictionary=$build/logs/$1.dict
    length=$(limit "$1" 2)
    mkdir -p "$build/corpus/$1" "$build/findings/$1" "$root/fixtures/corpus/$1"
    find "$build/findings/$1" -type f -exec mv {} "$build/corpus/$1/" \;
    write_dictionary "$1" "$dictionary"
    read_cpu "$build/logs/$1.times"
    begun=$cpu
    words=
    [ ! -s "$dictionary" ] || words=-dict=$dictionary
    left=$seconds
    spent=0
    executions=0
    findings=0
    stopped=no
    : >"$log"
    # libFuzzer counts time on the wall; on a busy machine it takes several goes.
    while [ "$left" -ge 1 ] && [ "$findings" -eq 0 ] && [ "$stopped" = no ]; do
        status=0
        "$build/bin/fuzz_$1" -max_total_time="$left" -max_len="$length" -timeout=60 \
            -report_slow_units="$slow_seconds" -rss_limit_mb=512 -malloc_limit_mb=512 \
            -print_final_stats=1 ${words:+"$words"} \
            -artifact_prefix="$build/findings/$1/" \
            "$build/corpus/$1" "$root/fixtures/corpus/$1" >"$log.part" 2>&1 || status=$?
        [ "$status" -ne 72 ] || stopped=yes # SIGINT or SIGTERM; what was done counts
        judge_slow "$1"
        findings=$(find "$build/findings/$1" -type f | wc -l | tr -d ' ')
        case $status in
        0 | 70 | 72) ;; # 70: a timeout, which was judged above
        *) [ "$findings" -gt 0 ] || findings=1 ;;
        esac
        executions=$((executions + $(figure stat::number_of_executed_units: "$log.part")))
        cat "$log.part" >>"$log"
        read_cpu "$build/logs/$1.times"
        spent=$(echo "$cpu $begun" | awk '{ printf "%.1f", $1 - $2 }')
        left=$(echo "$seconds $spent" | awk '{ printf "%d", $1 - $2 }')
    done
    [ "$findings" -ne 0 ] || minimise "$1" "$length"
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$(date -u +%Y-%m-%d)" "$commit" "$1" \
        "$spent" "$executions" \
        "$(echo "$executions $spent" | awk '{ printf "%.0f", ($2 > 0) ? $1 / $2 : 0 }')" \
        "$(figure ' cov:' "$log")" "$(figure ' ft:' "$log")" \
        "$(find "$build/corpus/$1" -type f | wc -l | tr -d ' ')" "$findings" >"$build/logs/$1.line"
    [ "$keep" = no ] || [ "$findings" -ne 0 ] || keep_inputs "$1"
    rm -f "$log.part" "$build/logs/$1.times" "$build/logs/$1.slow"
}

ASAN_OPTIONS=${ASAN_OPTIONS:-}:quarantine_size_mb=16:allocator_may_return_null=1
UBSAN_OPTIONS=${UBSAN_OPTIONS:-}:print_stacktrace=1
export ASAN_OPTIONS UBSAN_OPTIONS

run="$build/logs/run.tsv"
header=$(printf 'date\tcommit\ttarget\tcpu_seconds\texecutions\texec_per_second\tcov\tft\tinputs\tfindings')
printf '%s\n' "$header" >"$run"
[ -s "$results" ] || printf '%s\n' "$header" >"$results"

# Each worker takes every jobs-th target, and appends a line as soon as one is done.
worker=0
while [ "$worker" -lt "$jobs" ]; do
    (
        place=0
        for target in "$@"; do
            if [ $((place % jobs)) -eq "$worker" ]; then
                rm -f "$build/logs/$target.line"
                (run_target "$target")
                cat "$build/logs/$target.line" >>"$run"
                cat "$build/logs/$target.line" >>"$results"
            fi
            place=$((place + 1))
        done
    ) &
    worker=$((worker + 1))
done
wait

print_totals "$run"
if awk -F '\t' 'NR > 1 && $10 > 0 { found = 1 } END { exit !found }' "$run"; then
    awk -F '\t' -v folder="$build/findings" 'NR > 1 && $10 > 0 { print "found: " folder "/" $3 }' "$run"
    exit 1
fi
