# SPDX-License-Identifier: Apache-2.0
"""Surroundings that are unkind: no room, no permission, no home, other locales, odd names, clocks."""
import csv
import html.parser
import io
import json
import os
import resource
import shutil
import subprocess
import xml.etree.ElementTree

from commands import FORMATS, NAMES, fresh
from harness import Skip, expect, listing, make_model, read, store_names, write

NOBODY = 65534
CHECK = "check a.svp --refs refs.db -j 1 --as-of 2026-01-01 -q"
EVERY_BYTE = bytes(byte for byte in range(1, 256) if byte != ord("/"))


def _work(place, start, name):
    folder = os.path.join(place.scratch, name)
    fresh(start, folder, whole=True)
    return folder


def _one_sentence(done, *words):
    text = done.err.decode()
    lines = text.splitlines()
    expect(done.code in (2, 3), f"exit {done.code}: {done.out} {text}")
    expect(len(lines) == 1 and lines[0].startswith("sovaudit: "), f"not one sentence: {text}")
    expect(any(word in text for word in words), f"does not say {words}: {text}")


def _report_arguments(folder=""):
    return [part for kind in FORMATS
            for part in ("-o", f"{kind}={folder}{NAMES.get(kind, kind + '.json')}")]


# -- no room and no permission --------------------------------------------------------------------

def a_full_device_is_told(place, start):
    folder = _work(place, start, "full")
    env = place.environment(folder)
    for kind in FORMATS:
        done = place.run(CHECK.split() + ["-o", f"{kind}=/dev/full"], folder, env)
        _one_sentence(done, "no space left on the device")
    for arguments in (["refs", "list", "--refs", "refs.db"], ["inspect", "model"], ["rules", "list"],
                      ["convert", "old.json", "-o", "html=-"], ["help"]):
        with open("/dev/full", "wb") as out:
            done = subprocess.run([place.tool, *arguments], cwd=folder, env=env, check=False,
                                  stdout=out, stderr=subprocess.PIPE, timeout=60)
        expect(done.returncode == 2 and b"No space left on device" in done.stderr, done)


def a_limit_on_file_sizes_is_an_error_like_others(place, start):
    folder = _work(place, start, "limit")
    before = listing(folder)

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    for arguments in ("fingerprint model -o new.svp", CHECK + " -o html=new.html",
                      "refs add c.svp --name third --refs refs.db",
                      "refs export --refs refs.db -o new.pack"):
        done = subprocess.run([place.tool, *arguments.split()], cwd=folder, check=False,
                              env=place.environment(folder), preexec_fn=limit, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        expect(done.returncode == 2, f"{arguments}: {done}")
        expect(done.stderr.decode().count("\n") == 1, f"{arguments}: {done.stderr}")
        expect(listing(folder) == before, f"{arguments} leaves {listing(folder) - before}")
        expect(store_names(os.path.join(folder, "refs.db")) == ["first", "second"], arguments)


def a_full_file_system_loses_nothing(place, start):
    folder = os.path.join(place.scratch, "small")
    os.makedirs(folder)
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], check=False,
                          stderr=subprocess.DEVNULL)
    if made.returncode != 0:
        raise Skip("a small file system cannot be mounted here")
    try:
        for name in ("refs.db", "a.svp", "old.json"):
            shutil.copy(os.path.join(start, name), folder)
        room = os.statvfs(folder)
        write("x" * (room.f_bavail * room.f_frsize - 8192), folder, "filler")
        shutil.copytree(os.path.join(start, "shards"), os.path.join(place.scratch, "shards"))
        os.makedirs(os.path.join(place.scratch, "tmp"), exist_ok=True)
        env = place.environment(place.scratch)
        before, old = listing(folder), read(os.path.join(folder, "old.json"))
        for arguments in (f"{CHECK} -o html=new.html", "fingerprint ../shards -o new.svp",
                          "refs add ../shards --name third --refs refs.db",
                          "convert old.json -o json=old.json -o html=old.html",
                          "refs export --refs refs.db -o new.pack"):
            done = place.run(arguments.split(), folder, env)
            _one_sentence(done, "no space", "No space", "full")
            # What SQLite cannot fold into the store stays beside it until the next opening.
            left = listing(folder) - before - {"refs.db-wal", "refs.db-shm", "refs.db-journal"}
            expect(not left, f"{arguments} leaves {left}")
            expect(read(os.path.join(folder, "old.json")) == old, f"{arguments} changes a file")
        os.remove(os.path.join(folder, "filler"))
        expect(store_names(os.path.join(folder, "refs.db")) == ["first", "second"], "lost")
        place.must("refs add ../shards --name third --refs refs.db".split(), folder)
        expect(listing(folder) == before - {"filler"}, listing(folder))
    finally:
        subprocess.run(["umount", folder], check=True)


def a_folder_that_may_not_be_written_is_told(place, start):
    folder = _work(place, start, "locked")
    more = {"user": NOBODY, "group": NOBODY} if os.getuid() == 0 else {}
    os.chmod(place.scratch, 0o755)
    for base, folders, files in os.walk(folder):
        for name in folders + files:
            os.chmod(os.path.join(base, name), 0o555)
    os.chmod(folder, 0o555)

    def run(arguments):
        done = subprocess.run([place.tool, *arguments.split()], cwd=folder, check=False,
                              env=place.environment(folder, TMPDIR="/nowhere"), timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
        done.code, done.out, done.err = done.returncode, done.stdout, done.stderr
        return done

    if run("version").code != 0:
        raise Skip("another user may not run the command where it was built")
    before = listing(folder)
    for arguments in ("fingerprint model -o new.svp", CHECK + " -o json=r.json",
                      "refs add c.svp --name third --refs refs.db", "keygen --no-passphrase -o k",
                      "refs add c.svp --name third --refs new.db", "refs add c.svp --name third",
                      "sign old.json --key lab.pem -o new.sig", "evidence init bare",
                      "refs export --refs refs.db -o new.pack",
                      "bundle old.json --refs refs.db --print a.svp -o new.tar.zst",
                      "trace 0=a.svp 100=b.svp --log log.csv --plots . -q"):
        _one_sentence(run(arguments), "ermission denied", "read-only", "may only be read",
                      "may not be written")
    for arguments in ("refs list --refs refs.db", "inspect model", "refs verify --refs refs.db"):
        expect(run(arguments).code == 0, f"{arguments}: {run(arguments).err}")
    os.chmod(os.path.join(folder, "model", "LICENSE"), 0)
    done = run("inspect model")
    expect(done.code == 0 and b"LICENSE cannot be opened and was left out" in done.out, done.out)
    os.chmod(os.path.join(folder, "model", "config.json"), 0)
    _one_sentence(run("inspect model"), "ermission denied")
    os.chmod(folder, 0o755)
    expect(listing(folder) == before, f"leaves {listing(folder) - before}")


# -- home, locale, clock --------------------------------------------------------------------------

def without_a_home_one_sentence_says_so(place, start):
    folder = _work(place, start, "home")
    blocked = os.path.join(folder, "old.json")
    for home, data in ((None, None), ("", ""), ("relative", "relative"), (None, "")):
        env = place.environment(folder)
        env.pop("HOME")
        env.update({key: value for key, value in (("HOME", home), ("XDG_DATA_HOME", data))
                    if value is not None})
        before = listing(folder)
        for arguments in ("refs list", "refs add c.svp --name third", "refs import c.pack"):
            _one_sentence(place.run(arguments.split(), folder, env), "no home directory")
        expect(listing(folder) == before, "something was made without a home")
        for arguments in ("inspect model", "compare a.svp b.svp -q", "version",
                          "refs list --refs refs.db"):
            done = place.run(arguments.split(), folder, env)
            expect(done.code == 0, f"{arguments}: {done}")
    for more in ({"HOME": blocked}, {"XDG_DATA_HOME": blocked}):
        env = {**place.environment(folder), **more}
        _one_sentence(place.run("refs add c.svp --name third".split(), folder, env),
                      "not a directory", "old.json")
        done = place.run("check a.svp -q".split(), folder, env)
        expect(done.code in (0, 4, 5), done)


def results_do_not_depend_on_the_locale(place, start):
    localedef = shutil.which("localedef")
    if localedef is None or not os.path.exists("/usr/share/i18n/locales/tr_TR"):
        raise Skip("no localedef or no sources of locales (package locales)")
    folder = _work(place, start, "locale")
    archive = os.path.join(place.scratch, "locales")
    os.makedirs(archive)
    outputs = [NAMES.get(kind, kind + ".json") for kind in FORMATS]
    runs = ([*CHECK.split()[:-1], "--lang", "en", *_report_arguments()],
            "trace 0=a.svp 100=b.svp --log log.csv --json --lang en -j 1".split(),
            "compare a.svp b.svp --lang en --as-of 2026-01-01 -j 1".split(),
            "inspect model --lang en".split(), "rules export --oscal --lang en".split())
    seen = {}
    for name in ("C", "tr_TR", "ko_KR", "de_DE"):
        locale = name if name == "C" else name + ".UTF-8"
        if name != "C":
            subprocess.run([localedef, "-i", name, "-f", "UTF-8", os.path.join(archive, locale)],
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        env = place.environment(folder, LC_ALL=locale, LOCPATH=archive, FAULT_LOCALE=locale,
                                LD_PRELOAD=place.shim)
        seen[name] = []
        for arguments in runs:
            done = place.run(arguments, folder, env)
            expect(done.code in (0, 1, 5), f"{locale}: {done}")
            seen[name].append(done.out)
        seen[name] += [read(os.path.join(folder, output)) for output in outputs]
        expect(seen[name] == seen["C"], f"{locale} gives other bytes")


def a_clock_that_goes_backwards_changes_nothing(place, start):
    folder = _work(place, start, "clock")
    env = place.environment(folder, LD_PRELOAD=place.shim, FAULT="clock-backwards", FAULT_NTH="0")
    env.pop("SOURCE_DATE_EPOCH")
    for name in ("zulu", "alpha", "mike"):
        done = place.run(["refs", "add", "c.svp", "--name", name, "--refs", "refs.db"], folder, env)
        expect(done.code == 0 and not done.err, done)
    names = place.must("refs list --refs refs.db".split(), folder).out.decode().splitlines()
    expect([line.split()[1] for line in names if line] ==
           ["alpha", "first", "mike", "second", "zulu"], names)
    done = place.run(CHECK.split()[:-1] + _report_arguments(), folder, env)
    expect(done == place.must(CHECK.split()[:-1] + _report_arguments(), folder, (0, 1, 5)), done)
    place.must("refs verify --refs refs.db".split(), folder)


# -- names ----------------------------------------------------------------------------------------

def _is_clean(data, what, allowed=b"\n\t"):
    text = data.decode("utf-8")
    bad = [c for c in text if (ord(c) < 32 and c.encode() not in allowed) or 0x7F <= ord(c) < 0xA0
           or 0x202A <= ord(c) <= 0x202E]
    expect(not bad, f"{what} holds {bad[:5]!r}")


def _are_valid(folder):
    for kind in FORMATS:
        data = read(os.path.join(folder, NAMES.get(kind, kind + ".json").encode()))
        expect(data, f"no {kind}")
        _is_clean(data, kind, b"\n\t\r")
        text = data.decode("utf-8")
        if kind == "junit":
            xml.etree.ElementTree.fromstring(text)
        elif kind in ("html", "html-both"):
            html.parser.HTMLParser().feed(text)
        elif kind == "csv":
            expect(len(list(csv.reader(io.StringIO(text), strict=True))) > 1, "an empty table")
        elif kind != "markdown":
            json.loads(text)


def paths_may_hold_every_byte(place, start):
    folder = _work(place, start, "names").encode()
    odd = os.path.join(folder, EVERY_BYTE)
    half = len(EVERY_BYTE) // 2
    parts = (EVERY_BYTE[:half], EVERY_BYTE[half:])
    os.rename(os.path.join(folder, b"model"), odd)
    for part in parts:
        for end in (b".py", b".md", b".txt"):
            shutil.copy(os.path.join(odd, b"README.md"), os.path.join(odd, part + end))
        shutil.copy(os.path.join(odd, b"model.safetensors"),
                    os.path.join(folder, part + b".safetensors"))
    env = place.environment(os.fsdecode(folder))

    def run(*arguments, codes=(0, 1, 5)):
        done = place.run([part if isinstance(part, bytes) else part.encode()
                          for part in arguments], folder, env)
        expect(done.code in codes, f"{arguments}: {done.code} {done.err}")
        _is_clean(done.out, arguments)
        _is_clean(done.err, arguments)
        return done

    store = odd + b"/" + parts[0] + b".db"
    run("inspect", EVERY_BYTE)
    run("inspect", EVERY_BYTE, "--json")
    for part in parts:
        run("inspect", part + b".safetensors")
        run("fingerprint", part + b".safetensors", "-o", part + b".svp")
        run("refs", "add", part + b".svp", "--name", b"p" + bytes([part[0]]), "--refs", store,
            codes=(0, 3))
    run("refs", "add", "b.svp", "--name", "plain", "--refs", store)
    run("refs", "list", "--refs", store)
    os.rename(store, os.path.join(folder, b"odd.db"))
    run("refs", "add", "c.svp", "--name", EVERY_BYTE, "--refs", "odd.db", codes=(0, 3))
    run("check", EVERY_BYTE, "--refs", "odd.db", "-j", "1", *_report_arguments())
    _are_valid(folder)
    run("check", EVERY_BYTE, "--ref", "b.svp", "-q", "-o", b"json=" + EVERY_BYTE + b"/"
        + parts[1] + b".json")
    json.loads(read(odd + b"/" + parts[1] + b".json"))
    run("sign", EVERY_BYTE, "--key", "vendor.pem", "-o", parts[0] + b".sig", codes=(0, 2))
    run("evidence", "check", EVERY_BYTE)
    missing = run("inspect", EVERY_BYTE[::-1], codes=(2, 3))
    expect(missing.err.count(b"\n") == 1, missing.err)
    run("nonsense" + "\x1b[31m\u009b\u202e", codes=(3,))


def tensors_may_have_any_name(place, start):
    folder = _work(place, start, "tensors")
    odd = "".join(chr(code) for code in list(range(1, 256)) + [0x202E, 0x2066, 0xFEFF, 0x1F600])
    make_model(os.path.join(folder, "odd"), 5, prefix=odd + ".")
    place.must(["check", "odd", "--ref", "b.svp", "-j", "1", *_report_arguments()], folder, (0, 5))
    _are_valid(folder.encode())
    for arguments in ("inspect odd", "compare odd model -j 1"):
        _is_clean(place.must(arguments.split(), folder).out, arguments)


TESTS = [a_full_device_is_told, a_limit_on_file_sizes_is_an_error_like_others,
         a_full_file_system_loses_nothing, a_folder_that_may_not_be_written_is_told,
         without_a_home_one_sentence_says_so, results_do_not_depend_on_the_locale,
         a_clock_that_goes_backwards_changes_nothing, paths_may_hold_every_byte,
         tensors_may_have_any_name]
