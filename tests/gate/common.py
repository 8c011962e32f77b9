# SPDX-License-Identifier: Apache-2.0
"""A scratch folder, a clean environment, models, and counting."""
import os
import subprocess
import sys
import tempfile

try:
    import yaml  # noqa: F401
except ImportError:
    print("no python3-yaml: skipped")
    sys.exit(77)

SOURCE = os.path.abspath(sys.argv[1])
BINARY = os.path.abspath(sys.argv[2])
TOOL = os.path.join(BINARY, "bin", "sovaudit")
FIXTURE_TOOL = os.path.join(BINARY, "bin", "fixture_tool")
_scratch = tempfile.TemporaryDirectory()
SCRATCH = _scratch.name


def environment(**more):
    """PATH and HOME alone, and what a test adds: nothing of the person who runs it."""
    kept = {"PATH": os.environ["PATH"], "HOME": SCRATCH, "LC_ALL": "C", "TERM": "dumb"}
    return {**kept, **more}


def run(script, folder, env):
    """`script` under sh as runners start it: exit code and everything printed."""
    done = subprocess.run(["sh", "-e", "-c", script], cwd=folder, env=env, text=True, timeout=600,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout


def fixture(name):
    """Folder of a family of models with known lineage."""
    folder = os.path.join(SCRATCH, "models", name)
    if not os.path.isdir(folder):
        os.makedirs(os.path.dirname(folder), exist_ok=True)
        subprocess.run([FIXTURE_TOOL, "make", name, folder], check=True, stdout=subprocess.DEVNULL)
    return folder


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def expect(good, *what):
    if not good:
        raise AssertionError(" ".join(str(part) for part in what))


def main(tests):
    failed = 0
    for test in tests:
        name = test.__name__
        try:
            test()
            print("ok     ", name)
        except Exception as problem:  # the next test must run
            failed += 1
            print(f"FAILED  {name}: {type(problem).__name__}: {problem}")
    print(f"{len(tests) - failed} passed, {failed} failed")
    return 1 if failed else 0
