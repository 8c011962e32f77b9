# SPDX-License-Identifier: Apache-2.0
"""Runs the commands of docs/pipeline.md in a copy of the source, as a fresh clone is one.

    page.py SOURCE_DIR BINARY_DIR

Building takes minutes, so `cmake` is a stand-in that installs BINARY_DIR, unless SVA_PAGE_BUILD is set.
It wants a build without tests: the packages that the page installs do not serve those.
"""
import os
import re
import shutil
import subprocess
import sys

import common
from common import BINARY, SCRATCH, SOURCE, environment, expect, read, run

import yaml

CLONE = os.path.join(SCRATCH, "clone")
STAND_IN = """#!/bin/sh
case $1 in
--preset) [ "$*" = "--preset release -DBUILD_TESTING=OFF" ] || exit 8 ;;
--build) ;;
--install) shift 2; exec "$REAL_CMAKE" --install "$BINARY" "$@" ;;
*) exit 9 ;;
esac
"""


def blocks(language):
    """(words behind the language, text) of each block of code."""
    found = re.findall(r"^```%s([^\n]*)\n(.*?)^```$" % language, read(SOURCE, "docs", "pipeline.md"),
                       re.S | re.M)
    return [(words.strip(), text) for words, text in found]


def clone():
    """What git would give, or everything but builds where there is no git."""
    listed = subprocess.run(["git", "-C", SOURCE, "ls-files", "-co", "--exclude-standard"], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    if listed.returncode != 0:
        shutil.copytree(SOURCE, CLONE, symlinks=True,
                        ignore=shutil.ignore_patterns("build*", ".git"))
        return
    for path in listed.stdout.splitlines():
        if os.path.exists(os.path.join(SOURCE, path)):
            os.makedirs(os.path.dirname(os.path.join(CLONE, path)), exist_ok=True)
            shutil.copy2(os.path.join(SOURCE, path), os.path.join(CLONE, path))


def page_environment():
    if os.environ.get("SVA_PAGE_BUILD"):
        return environment()
    os.makedirs(os.path.join(CLONE, "build", "release"))
    os.symlink(os.path.join(BINARY, "bin"), os.path.join(CLONE, "build", "release", "bin"))
    folder = os.path.join(SCRATCH, "stand-in")
    os.mkdir(folder)
    with open(os.path.join(folder, "cmake"), "w", encoding="utf-8") as file:
        file.write(STAND_IN)
    os.chmod(os.path.join(folder, "cmake"), 0o755)
    return environment(PATH=folder + os.pathsep + os.environ["PATH"], BINARY=BINARY,
                       REAL_CMAKE=shutil.which("cmake"))


def commands_of_the_page_do_what_it_says():
    clone()
    script, failing = "", 0
    for words, text in blocks("sh"):
        wanted = re.fullmatch(r"exit=(\d+)", words)
        expect(words == "" or wanted, "unknown word", words)
        if wanted:
            failing += 1
            script += f"code=0\n(\n{text}) || code=$?\n"
            script += f'[ "$code" -eq {wanted[1]} ] || {{ echo "exit code $code"; exit 99; }}\n'
        else:
            script += text
    expect(failing == 1)
    code, text = run(script, CLONE, page_environment())
    expect(code == 0, code, text[-3000:])
    last = [line for line in text.splitlines() if line.startswith("sovaudit-gate: ")]
    expect([line.split(";")[0] for line in last] ==
           ["sovaudit-gate: pass, exit code 0", "sovaudit-gate: fail, exit code 1"], last)
    table = read(SOURCE, "docs", "pipeline.md").split("    What keeps it from passing\n")[1]
    for line in table.split("    ...")[0].splitlines():
        expect(line[4:] in text, "not printed:", line)


def files_of_the_page_fit_what_they_call():
    snippets = {words: yaml.safe_load(text) for words, text in blocks("yaml")}
    expect(sorted(snippets) == ["github", "gitlab", "pre-commit"], sorted(snippets))
    inputs = yaml.safe_load(read(SOURCE, "ci", "github", "action.yml"))["inputs"]
    steps = snippets["github"]["jobs"]["model"]["steps"]
    used = [step["with"] for step in steps if step["uses"].endswith("/ci/github")]
    expect(len(used) == 1 and "model" in used[0] and set(used[0]) <= set(inputs), used)
    template = yaml.safe_load(read(SOURCE, "ci", "gitlab", "sovaudit.yml"))
    expect(snippets["gitlab"]["audit"]["extends"] in template)
    gate = read(SOURCE, "ci", "sovaudit-gate.sh")
    for name in snippets["gitlab"]["audit"]["variables"]:
        expect(f"${{{name}:-}}" in gate, name, "is not known to the gate")
    hooks = yaml.safe_load(read(SOURCE, ".pre-commit-hooks.yaml"))
    expect(snippets["pre-commit"]["repos"][0]["hooks"][0]["id"] in [hook["id"] for hook in hooks])


if __name__ == "__main__":
    sys.exit(common.main([commands_of_the_page_do_what_it_says,
                          files_of_the_page_fit_what_they_call]))
