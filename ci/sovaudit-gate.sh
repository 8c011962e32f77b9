#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A model gate for release pipelines: one audit, its reports, a job summary, an exit code.
#   sovaudit-gate.sh [MODEL [OPTION of "sovaudit check"]...]
# Without arguments it is told by the environment:
#   SOVAUDIT_MODEL     the model
#   SOVAUDIT_CONFIG    a file for --config
#   SOVAUDIT_OPTIONS   more options of "sovaudit check", separated by blanks
# and always by:
#   SOVAUDIT           the command (default: sovaudit)
#   SOVAUDIT_REFS      the reference store
#   SOVAUDIT_REPORTS   the folder to write reports to (default: sovaudit-reports)
# Reports: report.json, .md, .sarif and .junit.xml, as far as this version of the command writes
# them, report.txt, and messages.txt where there were any. Those of an earlier run are removed
# first. A summary goes to the file $GITHUB_STEP_SUMMARY, outputs to $GITHUB_OUTPUT, when set.
# It installs nothing and connects nowhere. The exit code is that of "sovaudit check"; 2 also when
# a report cannot be written, 3 also when there is no such command.
set -u

say() { printf 'sovaudit-gate: %s\n' "$*"; }

# stop CODE SENTENCE
stop() {
    code=$1
    shift
    say "$*" >&2
    exit "$code"
}

SOVAUDIT=${SOVAUDIT:-sovaudit}
reports=${SOVAUDIT_REPORTS:-sovaudit-reports}

if [ $# -eq 0 ]; then
    [ -n "${SOVAUDIT_MODEL:-}" ] || stop 3 "no model: give it as an argument or in SOVAUDIT_MODEL"
    set -f # options are split at blanks and nothing else happens to them
    # shellcheck disable=SC2086
    set -- ${SOVAUDIT_OPTIONS:-}
    set +f
    [ -z "${SOVAUDIT_CONFIG:-}" ] || set -- --config "$SOVAUDIT_CONFIG" "$@"
    set -- "$SOVAUDIT_MODEL" "$@"
fi
command -v "$SOVAUDIT" >/dev/null 2>&1 || stop 3 "there is no command \"$SOVAUDIT\""
mkdir -p "$reports" || stop 2 "$reports: cannot be made"
for name in report.json report.txt report.md report.sarif report.junit.xml messages.txt; do
    rm -f "$reports/$name" || stop 2 "$reports/$name: an older report cannot be removed"
done

# convert FORMAT NAME: one more report, unless this version does not know the format
convert() {
    problem=$("$SOVAUDIT" convert "$reports/report.json" -o "$1=$reports/$2" 2>&1)
    case $? in
    0) written="$written $2" ;;
    3) ;;
    *) printf '%s\n' "$problem" | tee -a "$reports/messages.txt" >&2; failed=2 ;;
    esac
}

# summarise: the report in Markdown, or why there is none
summarise() {
    if [ -f "$reports/report.md" ]; then
        cat "$reports/report.md"
    else
        printf '## sovaudit: %s\n\n' "$verdict"
    fi
    if [ -f "$reports/messages.txt" ]; then
        printf '\n'
        sed 's/^/    /' "$reports/messages.txt" # as it stands: no markup of others
    fi
    printf '\n'
}

status=0
"$SOVAUDIT" check --brief -o "json=$reports/report.json" -o "text=$reports/report.txt" "$@" \
    2>"$reports/messages.txt" || status=$?
cat "$reports/messages.txt" >&2
[ -s "$reports/messages.txt" ] || rm -f "$reports/messages.txt"

failed=0
written=
verdict=
if [ -f "$reports/report.json" ]; then
    written=' report.json report.txt'
    verdict=$(sed -n 's/^  "verdict": "\([a-z-]*\)".*/\1/p' "$reports/report.json" | head -n 1)
    convert markdown report.md
    convert sarif report.sarif
    convert junit report.junit.xml
fi
[ "$status" -ne 0 ] || status=$failed
if [ -z "$verdict" ]; then
    [ "$status" -ne 0 ] || status=2 # nothing was judged: never a pass
    verdict='could not complete'
    [ "$status" -ne 3 ] || verdict='wrong usage or configuration'
    [ "$status" -ne 130 ] || verdict='stopped'
fi

if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
    summarise >>"$GITHUB_STEP_SUMMARY" || status=2
fi
if [ -n "${GITHUB_OUTPUT:-}" ]; then
    printf 'verdict=%s\nexit-code=%s\nreports=%s\n' "$verdict" "$status" \
        "$(printf '%s' "$reports" | tr -d '\r\n')" >>"$GITHUB_OUTPUT" || status=2
fi
if [ "$status" -ne 0 ] && [ "${GITHUB_ACTIONS:-}" = true ]; then
    echo "::error title=sovaudit::$verdict, exit code $status; see the summary of the job"
fi
say "$verdict, exit code $status;${written:+ reports in $reports:}${written:- no report}"
exit "$status"
