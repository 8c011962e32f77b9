# SPDX-License-Identifier: Apache-2.0
"""Fault injection into the command: run.py TOOL BINARY_DIR [--all] [--minutes N] [--only TEXT]
                                                      [--part calls|tests] [--messages]

Without --all a short form, which tries every fault on every command once. With --all every call is
tried where there are few, else the first and an even spread, and the fault table is printed. --only
keeps commands and tests whose name holds TEXT; --messages lists every sentence that was seen.
"""
import argparse
import collections
import os
import re
import shutil
import sys
import time

import commands
import kills
import places
from harness import Place, Skip
from sweep import FAULTS, Sweep

OUTPUTS = ["r.json", "r.html", "r.xml"]
CHECK = ("check a.svp --refs refs.db --as-of 2026-01-01 -q -o json=r.json -o html=r.html "
         "-o junit=r.xml")
ADD = "refs add c.svp --name third --refs refs.db -q"
IMPORT = "refs import c.pack --refs refs.db --public-key lab.pub.pem -q"


def killed_tests(place, start, rounds, rows):
    """Tests that kill; what they count goes to `rows` of the table."""
    def test(name, function):
        def run(*_):
            rows.append((name, function()))
        run.__name__ = name
        return run

    return [
        test("killed_while_adding_to_the_store",
             lambda: kills.kill_store(place, start, rounds, ADD, "third")),
        test("killed_while_importing_a_pack",
             lambda: kills.kill_store(place, start, rounds, IMPORT, "third")),
        test("killed_while_writing_reports",
             lambda: kills.kill_outputs(place, start, rounds, CHECK, OUTPUTS)),
        test("killed_while_making_a_key", lambda: kills.kill_key(place, start, rounds)),
    ]


def together_tests(place, start):
    def two_processes_add_to_one_store(*_):
        kills.add_together(place, start, 2, 3)

    def eight_processes_add_to_one_store_while_others_read(*_):
        kills.add_together(place, start, 8, 6)

    def what_killed_processes_left_goes_with_the_next_output(*_):
        kills.leftovers_go(place, start)

    return [two_processes_add_to_one_store, eight_processes_add_to_one_store_while_others_read,
            what_killed_processes_left_goes_with_the_next_output]


def run_tests(tests, place, start):
    """Prints one line per test; returns how many passed and failed."""
    passed = failed = 0
    for test in tests:
        try:
            test(place, start)
            passed += 1
            print(f"ok      {test.__name__}", flush=True)
        except Skip as why:
            print(f"skipped {test.__name__}: {why}", flush=True)
        except Exception as problem:  # the next test must run
            failed += 1
            print(f"FAILED  {test.__name__}: {type(problem).__name__}: {problem}", flush=True)
    return passed, failed


def print_table(sweep):
    """Markdown: per fault how many commands and cases, and how they ended."""
    print("\n| fault | commands | cases | unharmed | refused | wrong |")
    print("|---|---|---|---|---|---|")
    sums = {fault.says: collections.Counter() for fault in FAULTS}
    for (says, _), row in sweep.table.items():
        sums[says].update(row)
        sums[says]["commands"] += 1
    for says, total in sums.items():
        print(f"| {says} | {total['commands']} | {total['tried']} | {total['unharmed']} | "
              f"{total['refused']} | {total['wrong']} |")


def print_messages(sweep, place):
    seen = collections.Counter()
    for (fault, text), count in sweep.messages.items():
        seen[fault, re.sub(r"\d+", "N", text.replace(place.scratch, ""))] += count
    for (fault, text), count in sorted(seen.items()):
        print(f"{count:6} {fault}: {text}")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("tool")
    arguments.add_argument("binary")
    arguments.add_argument("--all", action="store_true")
    arguments.add_argument("--minutes", type=float, help="no new cases of failing calls after this")
    arguments.add_argument("--only", default="")
    arguments.add_argument("--part", choices=("calls", "tests"), help="only this part")
    arguments.add_argument("--messages", action="store_true")
    given = arguments.parse_args()
    place = Place(given.tool, given.binary)
    try:
        return run(place, given)
    finally:
        place.close()


def run(place, given):
    began = time.monotonic()
    start, found = commands.prepare(place)
    shutil.copy(os.path.join(start, "other", "model.safetensors"),
                os.path.join(start, "replacement.data"))
    rows = []
    tests = (places.TESTS + together_tests(place, start)
             + killed_tests(place, start, 100 if given.all else 6, rows))
    passed, failed = run_tests([test for test in tests if given.only in test.__name__
                                and given.part != "calls"], place, start)
    sweep = Sweep(place, start, [each for each in found if given.only in each.name
                                 and given.part != "tests"], given.all)
    if sweep.commands:
        cases = sweep.run(os.cpu_count() or 2, given.minutes and 60 * given.minutes)
        passed += len(sweep.commands) - len(sweep.bad)
        failed += len(sweep.bad)
        print(f"{cases} cases of failing calls in {len(sweep.commands)} commands, "
              f"{len(sweep.problems)} wrong, {sweep.left_out} left out")
    if given.all:
        print_table(sweep)
        for name, seen in rows:
            print(f"| {name.replace('_', ' ')} | 1 | {seen['tried']} | " + ", ".join(
                f"{count} {what}" for what, count in seen.items() if what != "tried") + " |")
    if given.messages:
        print_messages(sweep, place)
    print(f"{time.monotonic() - began:.0f} s")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
