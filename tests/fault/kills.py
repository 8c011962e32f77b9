# SPDX-License-Identifier: Apache-2.0
"""SIGKILL at moments spread over the time that a command takes, and several processes at once."""
import fcntl
import os
import random
import shutil
import subprocess
import time

from harness import listing, read, store_names

# Made beside the output while it is written, named after the process: never taken for a result.
TEMPORARY = ".sovaudit-"


class Kills:
    """Rounds of one command, each killed once; what stays must be old or whole."""

    def __init__(self, place, start, rounds, seed=20260115):
        self.place, self.start, self.rounds = place, start, rounds
        self.draw = random.Random(seed)

    def _begin(self, arguments, folder):
        return subprocess.Popen([self.place.tool, *arguments.split()], cwd=folder,
                                env=self.place.environment(folder), stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _duration(self, arguments, folder):
        """Seconds that the command takes undisturbed: the middle one of five."""
        times = []
        for _ in range(5):
            self._reset(folder)
            began = time.monotonic()
            if self._begin(arguments, folder).wait() not in (0, 1, 5):
                raise AssertionError(f"{arguments} does not work")
            times.append(time.monotonic() - began)
        return sorted(times)[2]

    def _reset(self, folder):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.start, folder, symlinks=True)

    def run(self, name, arguments, check):
        """`check(folder, whole)` raises when something is half; it returns whether the work was
        done although the process was killed. Returns counts for the table."""
        folder = self.place.folder("killed")
        duration = self._duration(arguments, folder)
        seen = {"tried": 0, "killed": 0, "done": 0, "old": 0, "leftovers": 0}
        for number in range(self.rounds):
            self._reset(folder)
            before = listing(folder)
            # One moment in each equal part of the duration and a little beyond it.
            delay = duration * 1.1 * (number + self.draw.random()) / self.rounds
            process = self._begin(arguments, folder)
            time.sleep(delay)
            process.kill()
            killed = process.wait() == -9
            done = check(folder)
            left = [path for path in listing(folder) - before if TEMPORARY in path]
            seen["tried"] += 1
            seen["killed"] += killed
            seen["done" if done else "old"] += 1
            seen["leftovers"] += bool(left)
        return seen


def kill_store(place, start, rounds, arguments, added):
    """`refs add` or `refs import`, killed; the store opens, holds old or old and new, and takes
    the same addition afterwards."""
    old = store_names(os.path.join(start, "refs.db"))
    new = sorted(old + [added])

    def check(folder):
        place.must(["refs", "verify", "--refs", "refs.db"], folder)
        names = store_names(os.path.join(folder, "refs.db"))
        if names not in (old, new):
            raise AssertionError(f"the store holds {names}")
        if names == old:
            place.must(arguments.split(), folder)
        # SQLite's own files, a journal that was emptied for instance, go with the next change.
        place.must("refs add c.svp --name next --refs refs.db -q".split(), folder)
        if store_names(os.path.join(folder, "refs.db")) != sorted(new + ["next"]):
            raise AssertionError("the next addition is lost")
        beside = [path for path in listing(folder) if path.startswith("refs.db-")]
        if beside:
            raise AssertionError(f"{beside} stay beside the store")
        return names == new

    return Kills(place, start, rounds).run(arguments, arguments, check)


def kill_outputs(place, start, rounds, arguments, outputs):
    """`check -o`, killed: every output is the old one or whole; the next run removes what the
    killed one left behind."""
    folder = place.folder("undisturbed")
    shutil.rmtree(folder)
    shutil.copytree(start, folder, symlinks=True)
    place.must(arguments.split(), folder, (0, 1, 5))
    whole = {name: read(os.path.join(folder, name)) for name in outputs}

    def check(folder):
        states = []
        for name in outputs:
            seen = read(os.path.join(folder, name))
            if seen not in (None, whole[name]):
                raise AssertionError(f"{name} is neither absent nor whole")
            states.append(seen is not None)
        place.must(arguments.split(), folder, (0, 1, 5))
        for name in outputs:
            if read(os.path.join(folder, name)) != whole[name]:
                raise AssertionError(f"the next run does not write {name}")
        return all(states)

    return Kills(place, start, rounds).run(arguments, arguments, check)


def kill_key(place, start, rounds):
    """`keygen`, killed: the private key is absent or whole, and never readable by others."""
    arguments = "keygen --type ed25519 --no-passphrase -q -o new.pem"

    def check(folder):
        path = os.path.join(folder, "new.pem")
        key = read(path)
        if key is not None and not key.endswith(b"-----END PRIVATE KEY-----\n"):
            raise AssertionError("half a private key")
        for name in listing(folder):
            mode = os.stat(os.path.join(folder, name)).st_mode
            if (name == "new.pem" or TEMPORARY in name) and mode & 0o077 and b"PRIVATE" in (
                    read(os.path.join(folder, name)) or b""):
                raise AssertionError(f"others may read {name}")
        return key is not None

    return Kills(place, start, rounds).run(arguments, arguments, check)


def leftovers_go(place, start):
    """Old temporary files of processes that are gone are removed; others stay."""
    folder = place.folder("leftovers")
    goes = [TEMPORARY + "99999991-0.tmp", TEMPORARY + "99999992-17.tmp"]
    stays = [TEMPORARY + "99999993-0.tmp", TEMPORARY + "x-0.tmp", TEMPORARY + "1-0.tmp.txt",
             "a.sovaudit-99999991-0.tmp"]
    held = TEMPORARY + "99999994-0.tmp"
    for name in goes + stays + [held]:
        with open(os.path.join(folder, name), "wb") as file:
            file.write(b"half")
        if name != stays[0]:
            os.utime(os.path.join(folder, name), (1, 1))
    with open(os.path.join(folder, held), "r+b") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
        place.must(["convert", os.path.join(start, "old.json"), "-o", "json=new.json"], folder)
    left = {name for name in listing(folder) if "sovaudit-" in name}
    if left != set(stays + [held]):
        raise AssertionError(f"what is left: {sorted(left)}")


# -- several at once ------------------------------------------------------------------------------

def add_together(place, start, writers, readers):
    """Processes that add to one store at once while others read it: all entries are there."""
    folder = place.folder("together")
    shutil.rmtree(folder)
    shutil.copytree(start, folder, symlinks=True)
    old = store_names(os.path.join(folder, "refs.db"))
    env = place.environment(folder)

    def begin(arguments):
        return subprocess.Popen([place.tool, *arguments, "--refs", "refs.db"], cwd=folder, env=env,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)

    adding = [begin(["refs", "add", "c.svp", "--name", f"n{number}", "-q"])
              for number in range(writers)]
    reading = [begin(["refs", kind]) for kind in ("list", "verify", "info") * (readers // 3)]
    for process in adding + reading:
        out, err = process.communicate(timeout=120)
        if process.returncode != 0:
            raise AssertionError(f"exit {process.returncode}: {(out + err).decode()}")
    names = store_names(os.path.join(folder, "refs.db"))
    if names != sorted(old + [f"n{number}" for number in range(writers)]):
        raise AssertionError(f"of {writers} additions the store holds {names}")
