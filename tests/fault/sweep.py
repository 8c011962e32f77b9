# SPDX-License-Identifier: Apache-2.0
"""Every kind of fault at every call of every command: what comes out is whole, old or absent."""
import collections
import concurrent.futures
import os
import random
import threading
import time
import zlib

from commands import fresh
from harness import listing, read, store_names, write

# Fault of fault_shim.c, the call that it counts, what it stands for. "always": at every call.
Fault = collections.namedtuple("Fault", "name call says always whole after")


def _fault(name, call, says, always=False, whole=False, after=False):
    return Fault(name, call, says, always, whole, after)


FAULTS = [
    _fault("allocation", "allocate", "n-th allocation fails"),
    _fault("allocation", "allocate", "n-th allocation and all later ones fail", after=True),
    _fault("read", "read", "n-th read fails: input/output error"),
    _fault("read", "read", "n-th read and all later ones fail", after=True),
    _fault("read-interrupted", "read", "n-th read is interrupted by a signal"),
    _fault("read-one-byte", "read", "n-th read gives one byte"),
    _fault("read-half", "read", "every read gives half of what was asked for", always=True),
    _fault("shrink", "read", "file shrinks to half before the n-th read", whole=True),
    _fault("replace", "read", "file is replaced before the n-th read", whole=True),
    _fault("open", "open", "n-th opening fails: too many open files"),
    _fault("stat", "stat", "n-th look at a file fails"),
    _fault("list", "list", "n-th entry of a folder cannot be read"),
    _fault("create", "create", "n-th new file or folder: no space"),
    _fault("write", "write", "n-th write: no space"),
    _fault("write", "write", "n-th write and all later ones: no space", after=True),
    _fault("write-interrupted", "write", "n-th write is interrupted by a signal"),
    _fault("write-one-byte", "write", "n-th write takes one byte"),
    _fault("write-half", "write", "every write takes half", always=True),
    _fault("sync", "sync", "n-th sync fails: input/output error"),
    _fault("close", "close", "n-th close reports an error"),
    _fault("rename", "rename", "n-th renaming fails"),
    _fault("truncate", "truncate", "n-th truncation or mode change fails"),
    _fault("remove", "remove", "n-th removal fails"),
    _fault("thread", "thread", "n-th thread cannot be started"),
    _fault("thread", "thread", "no thread can be started", always=True),
    _fault("clock-backwards", "clock", "the clock goes back an hour at every look", always=True),
]

# Changed under the reader: an answer about the old or the new file, or a refusal, is right.
MOVING = ("shrink", "replace")
# libarchive ends the process itself in a few places where it has no memory for a string.
LIBARCHIVE_ENDS = b"Fatal Internal Error in libarchive: "
# What SQLite cannot remove or truncate stays beside the store, and the next opening takes it in.
STORE_SIDE_FILES = ("-wal", "-shm", "-journal")


class Sweep:
    """Runs cases and keeps what was seen: per fault and command how many ended how."""

    def __init__(self, place, start, all_commands, thorough):
        self.place, self.start, self.commands, self.thorough = place, start, all_commands, thorough
        self.local, self.lock, self.workers = threading.local(), threading.Lock(), 0
        self.reference, self.problems, self.messages = {}, [], collections.Counter()
        self.table = collections.OrderedDict()
        self.names, self.bad, self.left_out = {}, set(), 0

    def _work(self):
        """A folder of this thread."""
        if not hasattr(self.local, "folder"):
            with self.lock:
                self.workers += 1
                self.local.folder = os.path.join(self.place.scratch, f"work{self.workers}")
        return self.local.folder

    def _run(self, command, folder, **more):
        env = self.place.environment(folder, LD_PRELOAD=self.place.shim, **command.environment,
                                     **more)
        return self.place.run(command.arguments, folder, env)

    def learn(self, command):
        """Runs undisturbed: what is right, and how many calls there are to fail."""
        folder, counts_path = self._work(), os.path.join(self.place.scratch, "counts")
        counts_path += str(threading.get_ident())
        fresh(self.start, folder)
        before = listing(folder)
        done = self._run(command, folder, FAULT_COUNTS=counts_path)
        if done.code not in (0, 1, 4, 5) or done.err:
            raise AssertionError(f"{command.name} does not work: {done}")
        counts = dict(line.split() for line in read(counts_path).decode().splitlines())
        files = {name: read(os.path.join(folder, name)) for name in command.outputs}
        if None in files.values():
            raise AssertionError(f"{command.name} does not write {files}")
        extra = listing(folder) - before - set(command.outputs)
        if extra - ({command.store} if command.store else set()):
            raise AssertionError(f"{command.name} leaves {extra}")
        names = self._names(command, folder)
        return done, {call: int(count) for call, count in counts.items()}, files, names

    def _names(self, command, folder):
        path = os.path.join(folder, command.store) if command.store else None
        return store_names(path) if path and os.path.exists(path) else None

    def numbers(self, command, fault, count):
        """Which calls fail. Short form: one of each, drawn from the names. Else all where there are
        few, else the first ones and an even spread over the rest."""
        if not self.thorough:
            drawn = zlib.crc32((command.name + fault.says).encode())
            return sorted({1 + (drawn + part * count // 3) % count
                           for part in range(3 if fault.call == "allocate" else 1)} if count else ())
        first, spread = (200, 60) if fault.call == "allocate" and not fault.after else (8, 8)
        if count <= first + spread:
            return list(range(1, count + 1))
        return list(range(1, first + 1)) + [
            first + 1 + (count - first - 1) * part // (spread - 1) for part in range(spread)]

    def cases(self):
        for command in self.commands:
            counts = self.reference[command.name][1]
            for fault in FAULTS:
                count = counts[fault.call]
                if fault.always:
                    yield from [(command, fault, 0)] if count else []
                else:
                    for nth in self.numbers(command, fault, count):
                        yield command, fault, nth

    # -- one case ---------------------------------------------------------------------------------

    def case(self, command, fault, nth):
        """Returns how it ended: unharmed, refused, or a sentence about what is wrong."""
        folder = self._work()
        fresh(self.start, folder, whole=fault.whole)
        old = nth % 2 == 0 and not command.new_only
        for name in command.outputs if old else ():
            if name not in self.before:
                write("what was there before\n", folder, name)
        kept = {name: read(os.path.join(folder, name)) for name in command.outputs}
        before = listing(folder)
        more = {"FAULT": fault.name, "FAULT_NTH": str(nth), "FAULT_AFTER": "1" * fault.after}
        if fault.name in MOVING:
            more["FAULT_PATH"] = folder
            more["FAULT_SKIP"] = ".db"
        if fault.name == "replace":
            more["FAULT_SOURCE"] = os.path.join(folder, "replacement")
            os.rename(os.path.join(folder, "replacement.data"), more["FAULT_SOURCE"])
            before -= {"replacement.data"}
        done = self._run(command, folder, **more)
        problem = self._judge(command, fault, done, folder, kept, before)
        if problem:
            return problem
        return "unharmed" if done.code == self.reference[command.name][0].code else "refused"

    def _judge(self, command, fault, done, folder, kept, before):
        right = self.reference[command.name][0]
        moving = fault.name in MOVING
        if done.code == right.code and not moving:
            problem = self._judge_success(command, done, folder)
        elif fault.name == "allocation" and self._is_foreign(command, done):
            problem = None
        elif done.code in (2, right.code) or (moving and done.code in (0, 1, 3, 4, 5)):
            problem = self._judge_refusal(command, fault, done, folder, kept)
        else:
            problem = f"exit code {done.code}"
        return problem or self._judge_folder(command, fault, folder, before)

    def _is_foreign(self, command, done):
        """libarchive and OpenSSL end or crash in a few places where they have no memory. Nothing may
        be left half-written by that either, which is judged all the same."""
        return done.err.startswith(LIBARCHIVE_ENDS) or (done.code == -11 and command.foreign)

    def _judge_success(self, command, done, folder):
        right, _, files, names = self.reference[command.name]
        if done.out != right.out and command.same:
            return f"exit code {done.code}, but standard output differs"
        if done.err != right.err:
            return "success with a message"
        for name, bytes_ in files.items():
            seen = read(os.path.join(folder, name))
            if seen is None or (command.same and seen != bytes_):
                return f"success, but {name} is {'absent' if seen is None else 'different'}"
        if command.store and self._names(command, folder) != names:
            return f"success, but the store holds {self._names(command, folder)}"
        return None

    def _judge_refusal(self, command, fault, done, folder, kept):
        moving = fault.name in MOVING
        right, _, files, names = self.reference[command.name]
        lines = done.err.decode(errors="replace").splitlines()
        told = done.code in (2, 3) or (done.code == 4 and not done.out)
        if told and (len(lines) != 1 or not lines[0].startswith("sovaudit: ")):
            return f"{len(lines)} lines on standard error"
        if not moving and done.out and not right.out.startswith(done.out):
            return "a refusal with another result on standard output"
        for name in files:
            seen = read(os.path.join(folder, name))
            whole = seen == files[name] if command.same and not moving else bool(seen)
            if seen != kept[name] and not whole:
                return f"{name} is neither old nor whole"
        now = self._names(command, folder)
        if command.store and now is not None and now not in (names, self.before_names(command)):
            return f"the store holds {now}"
        with self.lock:
            self.messages.update((fault.name, line) for line in lines)
        return None

    def before_names(self, command):
        if command.store not in self.names:
            path = os.path.join(self.start, command.store)
            self.names[command.store] = store_names(path) if os.path.exists(path) else []
        return self.names[command.store]

    def _judge_folder(self, command, fault, folder, before):
        left = listing(folder) - before - set(command.outputs) - {"replacement"}
        if command.store:
            beside = STORE_SIDE_FILES if fault.name != "shrink" else ()
            left -= {command.store} | {command.store + end for end in beside}
        if left and fault.name != "remove":
            return f"leaves {sorted(left)}"
        lost = before - listing(folder)
        return f"loses {sorted(lost)}" if lost else None

    # -- all of them ------------------------------------------------------------------------------

    def run(self, jobs, seconds=None):
        """All cases, or those that begin within `seconds`, in an order that mixes them."""
        self.before = listing(self.start)
        last = time.monotonic() + seconds if seconds else None

        def attempt(case):
            return "left out" if last and time.monotonic() > last else self.case(*case)

        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            for command, learnt in zip(self.commands, pool.map(self.learn, self.commands)):
                self.reference[command.name] = learnt
            cases = list(self.cases())
            random.Random(1).shuffle(cases)
            for (command, fault, nth), end in zip(cases, pool.map(attempt, cases)):
                if end == "left out":
                    self.left_out += 1
                    continue
                row = self.table.setdefault((fault.says, command.name), collections.Counter())
                row["tried"] += 1
                row[end if end in ("unharmed", "refused") else "wrong"] += 1
                if end not in ("unharmed", "refused"):
                    self.bad.add(command.name)
                    self.problems.append(f"{command.name}: {fault.says}, n = {nth}: {end}")
                    print(self.problems[-1], flush=True)
        return len(cases) - self.left_out
