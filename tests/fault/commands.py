# SPDX-License-Identifier: Apache-2.0
"""The commands that are disturbed, what they start from and what they leave when nothing fails."""
import os
import shutil
import subprocess
import tarfile

from harness import SOURCE, make_model, write

FORMATS = ("json", "html", "html-both", "sarif", "junit", "cyclonedx", "oscal", "markdown", "csv")
NAMES = {"junit": "junit.xml", "html-both": "both.html", "markdown": "report.md",
         "html": "report.html", "csv": "report.csv"}
DATE = "2026-01-01"


class Command:
    """`arguments` run in a copy of the start folder. `outputs` are the files that it writes; `same`:
    they have the same bytes in every run; `store`: the store that it changes or reads; `new_only`:
    it refuses to replace a file; `foreign`: a library that it uses may crash without memory;
    `environment`: variables beside those of every run."""

    def __init__(self, name, arguments, outputs=(), same=True, store=None, new_only=False,
                 foreign=False, environment=None):
        self.name, self.arguments, self.outputs = name, arguments.split(), tuple(outputs)
        self.same, self.store, self.new_only = same, store, new_only
        self.foreign, self.environment = foreign, environment or {}


def _report_name(kind):
    return NAMES.get(kind, kind + ".json")


def _all_formats():
    return " ".join(f"-o {kind}={_report_name(kind)}" for kind in FORMATS)


def _reports(*more):
    return [_report_name(kind) for kind in FORMATS] + list(more)


def commands(with_stamps):
    check = "check a.svp --refs refs.db --as-of " + DATE + " -j 1"
    audit = "compare model other --as-of " + DATE + " -j 1"
    found = [
        Command("inspect", "inspect model"),
        Command("inspect --json", "inspect shards --json"),
        Command("inspect archive", "inspect model.tar.gz", foreign=True),
        Command("fingerprint", "fingerprint model -o new.svp -j 1", ["new.svp"]),
        Command("fingerprint shards -j 3", "fingerprint shards -o new.svp -j 3", ["new.svp"]),
        Command("fingerprint shards, direct", "fingerprint shards -o new.svp -j 2", ["new.svp"],
                environment={"SOVAUDIT_READS": "direct"}),
        Command("fingerprint archive", "fingerprint model.tar.gz -o new.svp -j 1", ["new.svp"],
                foreign=True),
        Command("compare", audit + " --json"),
        Command("compare -o", audit + " -q -o json=r.json -o text=r.txt", ["r.json", "r.txt"]),
        Command("check", "check model --ref other -j 1 --as-of " + DATE),
        Command("check -o (all)", f"{check} {_all_formats()} -o text=r.txt --evidence "
                "model/evidence.json --baseline old.json", _reports("r.txt"), store="refs.db"),
        Command("refs add", "refs add c.svp --name third --refs refs.db --as-of " + DATE,
                store="refs.db"),
        Command("refs add (new store)", "refs add c.svp --name third --refs sub/new.db --as-of "
                + DATE, store="sub/new.db"),
        Command("refs add model", "refs add shards --name third --refs refs.db -j 1 --as-of "
                + DATE, store="refs.db"),
        Command("refs list", "refs list --refs refs.db", store="refs.db"),
        Command("refs show", "refs show first --refs refs.db", store="refs.db"),
        Command("refs info", "refs info --refs refs.db", store="refs.db"),
        Command("refs verify", "refs verify --refs refs.db", store="refs.db"),
        Command("refs lookup", "refs lookup model/config.json --refs refs.db", store="refs.db"),
        Command("refs note", "refs note first --text gone --document log.csv --refs refs.db "
                "--as-of " + DATE, store="refs.db"),
        Command("refs remove", "refs remove second --refs refs.db", store="refs.db"),
        Command("refs update-facts", "refs update-facts facts.tsv --refs refs.db",
                store="refs.db"),
        Command("refs export", "refs export --refs refs.db -o new.pack --key lab.pem --as-of "
                + DATE, ["new.pack", "new.pack.sig"], store="refs.db"),
        Command("refs import", "refs import c.pack --refs refs.db --public-key lab.pub.pem "
                "--require-signature --as-of " + DATE, store="refs.db"),
        Command("trace", "trace 0=model 100=other --log log.csv --plots . -o json=t.json -j 1 "
                "--as-of " + DATE, ["t.json", "path.svg", "loss.svg"]),
        Command("evidence init", "evidence init bare", ["bare/evidence.json"], new_only=True),
        Command("evidence add", "evidence add model/loss.csv --kind loss-log --evidence "
                "model/evidence.json", ["model/evidence.json"]),
        Command("evidence check", "evidence check model"),
        Command("convert (all)", "convert old.json " + _all_formats(), _reports()),
        Command("keygen", "keygen --type ed25519 --no-passphrase -o new.pem",
                ["new.pem", "new.pub.pem"], same=False, new_only=True, foreign=True),
        Command("sign report", "sign old.json --key lab.pem -o new.sig", ["new.sig"]),
        Command("sign model", "sign model --key vendor.pem -o new.sig -j 1", ["new.sig"],
                same=False),
        Command("verify report", "verify old.json --signature report.sig --public-key "
                "lab.pub.pem --model model -j 1"),
        Command("verify model", "verify model --signature model.sig --public-key vendor.pub.pem "
                "-j 1"),
        Command("bundle", "bundle old.json --refs refs.db --print a.svp --evidence "
                "model/evidence.json --key lab.pem --report-signature report.sig "
                "--model-signature model.sig -o new.tar.zst", ["new.tar.zst"], store="refs.db"),
        Command("verify bundle", "verify case.tar.zst --public-key lab.pub.pem --model model "
                "--model-key vendor.pub.pem -j 1"),
        Command("timestamp query", "timestamp query report.sig -o new.tsq", ["new.tsq"]),
        Command("rules lint", "rules lint pack.json"),
        Command("rules list", "rules list"),
        Command("rules show", "rules show kr-independent-ai"),
        Command("rules test", "rules test kr-independent-ai"),
        Command("rules export", "rules export --oscal"),
        Command("version", "version"),
    ]
    if with_stamps:
        found += [
            Command("timestamp attach", "timestamp attach model.sig --reply model.tsr",
                    ["model.sig"]),
            Command("timestamp verify", "timestamp verify report.sig --reply report.tsr "
                    "--ca-file root.pem"),
        ]
    return found


# -- what they start from -------------------------------------------------------------------------

TSA = """[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical,CA:TRUE
[signer]
extendedKeyUsage = critical,timeStamping
[authority]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
"""
KEY = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"


def _openssl(folder, text):
    subprocess.run(["openssl", *text.split()], cwd=folder, check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _stamps(place, folder):
    """Replies of a timestamp authority made of `openssl ts`."""
    write(TSA, folder, "tsa.cnf")
    write("01\n", folder, "serial")
    _openssl(folder, f"req -x509 -config tsa.cnf -extensions root {KEY} -keyout root.key "
             "-out root.pem -subj /CN=root -days 30")
    _openssl(folder, f"req -new -config tsa.cnf {KEY} -keyout tsa.key -out tsa.csr -subj /CN=tsa")
    _openssl(folder, "x509 -req -in tsa.csr -CA root.pem -CAkey root.key -set_serial 2 "
             "-extfile tsa.cnf -extensions signer -out tsa.pem -days 30")
    for name in ("report", "model"):
        place.must(["timestamp", "query", name + ".sig", "-o", name + ".tsq"], folder)
        _openssl(folder, f"ts -reply -config tsa.cnf -section authority -queryfile {name}.tsq "
                 f"-signer tsa.pem -inkey tsa.key -out {name}.tsr")


def prepare(place):
    """Fills the start folder; returns it and the commands."""
    folder = place.folder("start")
    os.makedirs(os.path.join(folder, "tmp"))
    os.makedirs(os.path.join(folder, "sub"))
    os.makedirs(os.path.join(folder, "bare"))

    def run(line, codes=(0,)):
        place.must(line.split(), folder, codes)

    make_model(os.path.join(folder, "model"), 1)
    make_model(os.path.join(folder, "other"), 2)
    make_model(os.path.join(folder, "shards"), 3, ("model-00001-of-00002", "model-00002-of-00002"))
    write("{}", folder, "bare", "config.json")
    log = "".join(f"{step},{3 + 5 / (1 + step / 9)}\n" for step in range(100))
    for where in (folder, os.path.join(folder, "model")):
        write("step,loss\n" + log, where, "log.csv" if where == folder else "loss.csv")
    with tarfile.open(os.path.join(folder, "model.tar.gz"), "w:gz") as archive:
        archive.add(os.path.join(folder, "model"), "model")
    run("evidence init model")
    for name, path in (("a", "model"), ("b", "other"), ("c", "shards")):
        run(f"fingerprint {path} -o {name}.svp -q")
    run("refs add b.svp --name first --publisher lab --released 2025-01-01 --refs refs.db -q")
    run("refs add a.svp --name second --publisher lab --released 2025-02-01 --refs refs.db -q")
    run("keygen --type ed25519 --no-passphrase -q -o lab.pem")
    run("keygen --no-passphrase -q -o vendor.pem")
    run("refs add c.svp --name third --refs c.db -q")
    run("refs export --refs c.db -o c.pack --key lab.pem -q")
    run(f"check model --refs refs.db -q -o json=old.json --as-of {DATE} --evidence "
        "model/evidence.json", (0, 1, 5))
    run("sign old.json --key lab.pem -o report.sig -q")
    run("sign model --key vendor.pem -o model.sig -q")
    run("bundle old.json --refs refs.db --print a.svp --evidence model/evidence.json --key "
        "lab.pem --report-signature report.sig --model-signature model.sig -o case.tar.zst -q")
    shutil.copy(os.path.join(SOURCE, "rules", "facts", "facts.tsv"), folder)
    shutil.copy(os.path.join(SOURCE, "rules", "kr-independent-ai-2026-02.json"),
                os.path.join(folder, "pack.json"))
    with_stamps = shutil.which("openssl") is not None
    if with_stamps:
        _stamps(place, folder)
    return folder, commands(with_stamps)


def fresh(start, target, whole=False):
    """A folder to work in. Files are links to those of the start folder, except stores, which are
    written in place; `whole`: copies, because a fault changes the files themselves."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(start, target, symlinks=True, copy_function=shutil.copy if whole else _link)


def _link(source, target):
    if source.endswith(".db"):
        shutil.copy(source, target)
    else:
        os.link(source, target)
