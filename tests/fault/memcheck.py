# SPDX-License-Identifier: Apache-2.0
"""Every command of the fault tests once under valgrind: memcheck.py TOOL BINARY_DIR [COMMAND...]"""
import os
import re
import subprocess
import sys

from commands import fresh, prepare
from harness import Place, read

VALGRIND = ["valgrind", "--quiet", "--error-exitcode=99", "--leak-check=full",
            "--errors-for-leak-kinds=definite,possible", "--show-leak-kinds=definite,possible",
            "--num-callers=25"]


def main():
    place = Place(sys.argv[1], sys.argv[2])
    start, found = prepare(place)
    wrong = 0
    folder = os.path.join(place.scratch, "work")
    log = os.path.join(place.scratch, "log")
    cpu = os.environ.get("SOVAUDIT_CPU", "")
    chosen = [each for each in found if not sys.argv[3:] or each.name in sys.argv[3:]]
    for command in chosen:
        env = {**place.environment(folder, **command.environment), "SOVAUDIT_CPU": cpu}
        fresh(start, folder)
        right = place.run(command.arguments, folder, env)
        fresh(start, folder)
        done = subprocess.run([*VALGRIND, f"--log-file={log}", place.tool, *command.arguments],
                              cwd=folder, env=env, check=False, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        told = read(log).decode()
        good = done.returncode == right.code and not told
        if command.same:
            good = good and done.stdout == right.out
        wrong += not good
        print("ok     " if good else "FAILED ", command.name, flush=True)
        if not good:
            print(f"exit {done.returncode}, not {right.code}")
            print(re.sub(r"==\d+== ?", "    ", told))
    place.close()
    print(f"{len(chosen) - wrong} passed, {wrong} failed")
    return 1 if wrong else 0


sys.exit(main())
