# SPDX-License-Identifier: Apache-2.0
"""Runs the steps of the GitHub Action, the GitLab template and the hook of pre-commit.

    steps.py SOURCE_DIR BINARY_DIR
"""
import os
import re
import shlex
import sys

import common
from common import SCRATCH, SOURCE, TOOL, environment, expect, fixture, read, run

import yaml

STORE = os.path.join(SCRATCH, "refs.db")
DATE = ["--subject-date", "2026-03-01"]
GATE = os.path.join(SOURCE, "ci", "sovaudit-gate.sh")
OUTCOMES = {"naver": (1, "fail"), "openllama": (0, "pass")}


def store():
    if not os.path.exists(STORE):
        code, text = run(f'"{TOOL}" refs add "{fixture("naver")}/reference" --refs "{STORE}" '
                         "--name other-vl --publisher kim-lab --released 2025-01-15", SCRATCH,
                         environment())
        expect(code == 0, text)
    return STORE


def model(name):
    return os.path.join(fixture(name), "subject")


def print_of(name):
    """The model's print, which is audited in a third of the time."""
    path = os.path.join(SCRATCH, name + ".svp")
    if not os.path.exists(path):
        code, text = run(f'"{TOOL}" fingerprint "{model(name)}" -o "{path}"', SCRATCH, environment())
        expect(code == 0, text)
    return path


def job(name):
    """An empty folder for one job."""
    folder = os.path.join(SCRATCH, "job-" + name)
    os.mkdir(folder)
    return folder


def tool_path(folder):
    """PATH with sovaudit and sovaudit-gate, as an installed copy has them."""
    os.mkdir(os.path.join(folder, "bin"))
    os.symlink(TOOL, os.path.join(folder, "bin", "sovaudit"))
    os.symlink(GATE, os.path.join(folder, "bin", "sovaudit-gate"))
    return os.path.join(folder, "bin") + os.pathsep + os.environ["PATH"]


def knows(form):
    """Does this version of the command write the format?"""
    _, text = run(f'"{TOOL}" convert x -o ?=?', SCRATCH, environment())
    return form in re.findall(r"\w+", text.split("format of")[1].split(";")[0])


def github(inputs, folder):
    """What a runner does with the composite action: exit code, text, outputs, summary."""
    action = yaml.safe_load(read(SOURCE, "ci", "github", "action.yml"))
    expect(action["runs"]["using"] == "composite")
    expect(set(inputs) <= set(action["inputs"]), "unknown input in", inputs)
    values = {}
    for name, about in action["inputs"].items():
        expect(name in inputs or not about.get("required"), "input", name, "is required")
        values[name] = inputs.get(name, about.get("default", ""))
    outputs, summary = os.path.join(folder, "outputs"), os.path.join(folder, "summary")
    env = environment(GITHUB_ACTION_PATH=os.path.join(SOURCE, "ci", "github"),
                      GITHUB_ACTIONS="true", GITHUB_OUTPUT=outputs, GITHUB_STEP_SUMMARY=summary)
    code, text = 0, ""
    for step in action["runs"]["steps"]:
        expect(step["shell"] == "sh" and "uses" not in step, "a step that is not ours")
        expect("${{" not in step["run"], "an expression inside a script is a way in")
        added = {key: re.sub(r"\$\{\{ *inputs\.([a-z-]+) *\}\}", lambda m: values[m[1]], value)
                 for key, value in step["env"].items()}
        code, more = run(step["run"], folder, {**env, **added})
        text += more
    given = dict(line.split("=", 1) for line in read(outputs).splitlines())
    promised = re.findall(r"steps\.gate\.outputs\.([a-z-]+)", str(action["outputs"]))
    expect(sorted(promised) == sorted(given), "outputs", given)
    return code, text, given, read(summary)


def github_action_gives_failing_and_passing_jobs():
    for name, (wanted, verdict) in OUTCOMES.items():
        folder = job("github-" + name)
        code, text, outputs, summary = github(
            {"model": model(name), "refs": store(), "options": " ".join(DATE), "command": TOOL},
            folder)
        expect(code == wanted, name, code, text)
        expect(outputs["verdict"] == verdict and outputs["exit-code"] == str(wanted), outputs)
        title = summary.splitlines()[0]
        expect(title.startswith("## ") and verdict in title.lower(), title)
        expect(("::error " in text) == (wanted != 0), text)
        expect(text.rstrip().splitlines()[-1].startswith(
            f"sovaudit-gate: {verdict}, exit code {wanted}; reports in"), text)
        for path, form in (("report.json", "json"), ("report.md", "markdown"),
                           ("report.sarif", "sarif"), ("report.junit.xml", "junit")):
            there = os.path.exists(os.path.join(folder, outputs["reports"], path))
            expect(there == knows(form), path, "is there:", there)


def github_inputs_are_not_program_text():
    folder = job("github-hostile")
    mine = "x; touch pwned; $(touch pwned) `touch pwned`"
    code, _, _, _ = github({"model": mine, "options": mine, "command": TOOL}, folder)
    expect(code == 3 and not os.path.exists(os.path.join(folder, "pwned")), code)


def gitlab_template_gives_failing_and_passing_jobs():
    template = yaml.safe_load(read(SOURCE, "ci", "gitlab", "sovaudit.yml"))
    expect(list(template) == [".sovaudit"], list(template))
    hidden = template[".sovaudit"]
    for name, (wanted, _) in OUTCOMES.items():
        folder = job("gitlab-" + name)
        env = environment(PATH=tool_path(folder), **hidden["variables"], SOVAUDIT_REFS=store(),
                          SOVAUDIT_MODEL=print_of(name), SOVAUDIT_OPTIONS=" ".join(DATE))
        code, text = run("\n".join(hidden["script"]), folder, env)
        expect(code == wanted, name, code, text)
        for path in hidden["artifacts"]["paths"]:
            expect(os.path.isdir(os.path.join(folder, path)), path)
        junit = os.path.join(folder, hidden["artifacts"]["reports"]["junit"])
        expect(os.path.exists(junit) == knows("junit"), junit)


def pre_commit_hook_gives_failing_and_passing_commits():
    hooks = yaml.safe_load(read(SOURCE, ".pre-commit-hooks.yaml"))
    expect([hook["id"] for hook in hooks] == ["sovaudit"])
    hook = hooks[0]
    expect(hook["language"] == "script" and hook["pass_filenames"] is False)
    for path in ("models/ours/model-00001-of-00002.safetensors", "m.gguf", "models/config.json"):
        expect(re.search(hook["files"], path), path)
    expect(not re.search(hook["files"], "src/main.c"))
    for name, (wanted, _) in OUTCOMES.items():
        folder = job("pre-commit-" + name)
        with open(os.path.join(folder, "sovaudit.json"), "w", encoding="utf-8") as file:
            file.write('{"refs": "%s", "subject-date": "2026-03-01"}' % store())
        args = [print_of(name), "--config", "sovaudit.json"]
        command = shlex.join([os.path.join(SOURCE, hook["entry"]), *args])
        code, text = run(command, folder, environment(SOVAUDIT=TOOL))
        expect(code == wanted, name, code, text)


def reports_of_an_earlier_run_do_not_outlive_a_failure():
    folder = job("stale")
    reports = os.path.join(folder, "sovaudit-reports")
    os.mkdir(reports)
    for path in ("report.json", "report.md", "report.sarif", "report.junit.xml"):
        with open(os.path.join(reports, path), "w", encoding="utf-8") as file:
            file.write('{\n  "verdict": "pass"\n}\n')
    summary = os.path.join(folder, "summary")
    code, text = run(f'"{GATE}" no-such-model', folder,
                     environment(SOVAUDIT=TOOL, GITHUB_STEP_SUMMARY=summary))
    expect(code == 2, code, text)
    expect(os.listdir(reports) == ["messages.txt"], os.listdir(reports))
    expect("no such file or directory" in read(summary), read(summary))


def what_is_missing_is_said():
    folder = job("missing")
    code, text = run(f'"{GATE}"', folder, environment(SOVAUDIT=TOOL))
    expect(code == 3 and "no model" in text, code, text)
    code, text = run(f'"{GATE}" model', folder, environment(SOVAUDIT="/no/such/tool"))
    expect(code == 3 and "there is no command" in text, code, text)
    code, text = run(f'"{GATE}" model', folder, environment(SOVAUDIT=TOOL, SOVAUDIT_REPORTS=GATE))
    expect(code == 2, code, text)


if __name__ == "__main__":
    sys.exit(common.main([
        github_action_gives_failing_and_passing_jobs,
        github_inputs_are_not_program_text,
        gitlab_template_gives_failing_and_passing_jobs,
        pre_commit_hook_gives_failing_and_passing_commits,
        reports_of_an_earlier_run_do_not_outlive_a_failure,
        what_is_missing_is_said,
    ]))
