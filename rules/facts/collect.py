#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes facts.tsv, the facts database, from collected tables and from hand/.

    collect.py --from SHARED [--tool SOVAUDIT] [--date DATE] [--check]

SHARED holds facts/*.csv and data/formats (../../../shared beside a checkout). With --check nothing
is written: exit 0 when facts.tsv is what would be made, 1 with the first difference when not.
Only facts are taken over: digests, names, sizes, dates. Every row ends with the id of its origin.
docs/facts.md explains the format.
"""
import argparse
import collections
import csv
import hashlib
import json
import os
import re
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
DATE = "2026-11-26"  # day of the collection; a newer one replaces an older in `refs update-facts`
COLUMNS = {
    "architecture": 4, "family": 9, "file": 7, "licence": 9, "licence-text": 4, "model": 10,
    "origin": 5, "template": 4, "tensor": 4, "tokenizer": 9,
}
SHA256 = re.compile(r"[0-9a-f]{64}\Z")


def clean(text):
    """One field: blanks are single spaces, control characters are shown as \\xNN."""
    out = []
    for char in str(text).strip():
        if ord(char) < 32 or ord(char) == 127 or 0x80 <= ord(char) < 0xA0 or ord(char) in (0x2028, 0x2029):
            out.append("\\x%02x" % ord(char))
        else:
            out.append(char)
    return "".join(out)


def table(path):
    with open(path, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def by_hand(name):
    """Rows of hand/<name>.tsv; lines that begin with # are headings."""
    with open(os.path.join(HERE, "hand", name + ".tsv"), encoding="utf-8") as stream:
        return [line.rstrip("\n").split("\t") for line in stream if not line.startswith("#")]


class Facts:
    def __init__(self):
        self.rows = set()
        self.origins = {row[0]: row for row in by_hand("origins")}
        self.aliases = {}

    def add(self, kind, *fields):
        fields = [clean(field) for field in fields]
        if len(fields) != COLUMNS[kind]:
            sys.exit("%s: %d fields instead of %d: %r" % (kind, len(fields), COLUMNS[kind], fields))
        self.rows.add("\t".join([kind] + fields))

    def origin(self, title, path, commit, licence):
        """Id of a collected source, made from its repository, a short path and the commit."""
        short = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
        place = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-")
        key = "-".join(part for part in (short, place[:24].strip("-"), commit[:7]) if part)
        self.origins[key] = [key, title, path, commit, licence]
        return key

    def licence_id(self, text):
        """The id that hand/licences.tsv gives a name, else the name in lower case."""
        key = clean(text).lower()
        return self.aliases.get(key, key)


LICENCES_OF = {
    "mudler/LocalAI": "MIT", "onnx/models": "Apache-2.0", "ggerganov/llama.cpp": "MIT",
    "nomic-ai/gpt4all": "MIT", "lmstudio-ai/model-catalog": "Apache-2.0", "openai/whisper": "MIT",
    "openai/CLIP": "MIT", "ggml-org/whisper.cpp": "MIT",
    "meta-llama/llama-models": "hash of the file only",
}


def hand(facts):
    for row in by_hand("licences"):
        facts.add("licence", *row)
        for alias in [row[0], row[1].lower()] + row[2].split(";"):
            if alias:
                facts.aliases[alias] = row[0]
    for row in by_hand("families"):
        facts.add("family", *row)
    for row in by_hand("licence_texts"):
        facts.add("licence-text", *row)


def files(facts, shared):
    left_out = collections.Counter()
    for row in table(os.path.join(shared, "facts", "known_files.csv")):
        if row["algo"] != "sha256" or not SHA256.match(row["hash"]):
            left_out[row["algo"]] += 1
            continue
        path = row["source_path"]
        if row["source_repo"] in ("onnx/models", "lmstudio-ai/model-catalog"):
            path = path.split("/")[0]  # one origin for a tree, not one for each of its files
        origin = facts.origin(row["source_repo"], path, row["source_commit"],
                              LICENCES_OF.get(row["source_repo"], ""))
        hub = re.match(r"https://huggingface\.co/([^/]+)/", row["url"])
        size = row["size"] if row["size"].isdigit() else ""
        name = row["model_name"] or os.path.basename(row["file"])
        facts.add("file", row["hash"], name, hub.group(1) if hub else "", size,
                  facts.licence_id(row["license"]), row["url"] or row["file"], origin)
    return left_out


def architectures(facts, shared):
    names = {row["enum"]: row["general.architecture"]
             for row in table(os.path.join(shared, "facts", "gguf_architectures.csv"))}
    families = collections.defaultdict(set)
    for row in table(os.path.join(shared, "facts", "known_hf_architectures.csv")):
        gguf = names.get(row["gguf_model_arch"], row["gguf_model_arch"].lower())
        family = re.sub(r"(VisionModel|AudioModel|TextModel|Model)\Z", "", row["converter_class"])
        families[gguf].add(family)
        facts.add("architecture", row["hf_architecture"], gguf, family or gguf, "llama-cpp-convert")
    for gguf in set(names.values()):  # a GGUF file names its architecture only
        family = sorted(families[gguf], key=lambda name: (len(name), name))[:1]
        facts.add("architecture", gguf, gguf, family[0] if family else "", "llama-cpp-convert")


def models(facts, shared):
    def add(name, publisher, licence, base, architecture, shape, where, origin):
        if name:
            facts.add("model", name.split("/")[-1].lower(), publisher, licence, base, architecture,
                      *shape, where, origin)

    for row in table(os.path.join(shared, "facts", "mpk_known_models.csv")):
        add(row["model_id"], row["publisher"], "", "", row["architectures"],
            (row["num_hidden_layers"], row["hidden_size"], row["vocab_size"]), row["source_uri"],
            "cisco-mpk")
    for row in table(os.path.join(shared, "facts", "litgpt_arch_configs.csv")):
        add(row["hf_name"] or row["name"], row["org"], "", "", "",
            (row["n_layer"], row["n_embd"], row["vocab_size"]), "", "litgpt")
    unsaid = ("", "unlicensed", "undisclosed", "proprietary", "other license")
    for row in table(os.path.join(shared, "facts", "mof_models_licences.csv")):
        licence = row["params_licence"].strip().lower().rstrip(".")
        if licence.startswith("component not include") or licence in unsaid:
            licence = ""
        base = row["origin(base)"].strip()
        base = "" if base.lower() == row["model"].strip().lower() else base
        add(row["model"], row["producer"], facts.licence_id(licence), base, "", ("", "", ""),
            row["huggingface"], "mof-tool")


def templates(facts, shared):
    for row in table(os.path.join(shared, "facts", "chat_template_hashes.csv")):
        facts.add("template", row["sha256"], row["name"], row["bytes"], "llama-cpp-templates")


def golden(facts, shared):
    """Digests of the tensors and vocabularies of GGUF conversions (F16 and F32), as stored."""
    folder = os.path.join(shared, "data", "formats", "ollama-golden")
    for name in sorted(os.listdir(folder)):
        model = name[:-len(".json")]
        with open(os.path.join(folder, name), encoding="utf-8") as stream:
            values = json.load(stream)
        kind = values.get("tokenizer.ggml.model", "")
        for key, value in values.items():
            if not SHA256.match(value):
                continue
            if key.startswith("tokenizer."):
                facts.add("tokenizer", value, key, model, kind, "", "", "", "", "ollama-convert")
            else:
                facts.add("tensor", value, model, key, "ollama-convert")


def tokenizers(facts, shared):
    for row in table(os.path.join(shared, "facts", "tokenizer_pretokenizer_chkhsh.csv")):
        facts.add("tokenizer", row["chkhsh"], "pre-tokenizer", row["reference_model"],
                  row["pre_tokenizer_name"], "", "", "", "", "llama-cpp-convert")
    for row in table(os.path.join(shared, "facts", "mpk_known_models.csv")):
        for column, what in (("tokenizer_hash", "mpk-tokenizer"), ("merge_rule_hash", "mpk-merges")):
            if SHA256.match(row[column]):
                facts.add("tokenizer", row[column], what, row["model_id"], row["tokenizer_class"],
                          row["tok_vocab"], row["num_merges"], "", "", "cisco-mpk")


class Gguf:
    """The keys and values of a small, trusted GGUF file (version 2 or 3)."""
    SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q",
               11: "<q", 12: "<d"}

    def __init__(self, path):
        with open(path, "rb") as stream:
            self.bytes = stream.read()
        self.at = 4
        self.take("<I")
        self.take("<Q")
        self.values = {}
        for _ in range(self.take("<Q")):
            key = self.text()
            self.values[key] = self.value(self.take("<I"))

    def take(self, form):
        size = struct.calcsize(form)
        self.at += size
        return struct.unpack(form, self.bytes[self.at - size:self.at])[0]

    def text(self):
        size = self.take("<Q")
        self.at += size
        return self.bytes[self.at - size:self.at].decode("utf-8", "replace")

    def value(self, kind):
        if kind == 8:
            return self.text()
        if kind != 9:
            return self.take(self.SCALARS[kind])
        kind = self.take("<I")
        return [self.value(kind) for _ in range(self.take("<Q"))]


def vocabularies(facts, shared, tool):
    """Sizes, first merges and special tokens of real vocabularies; the digest is the tool's own."""
    folder = os.path.join(shared, "data", "formats", "gguf-vocab")
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".gguf"):
            continue
        path = os.path.join(folder, name)
        shown = subprocess.run([tool, "inspect", "--json", path], capture_output=True, check=True)
        digest = json.loads(shown.stdout)["facts"]["tokenizer.vocab_sha256"]
        values = Gguf(path).values
        tokens = values["tokenizer.ggml.tokens"]
        kinds = values.get("tokenizer.ggml.token_type", [])
        special = [tokens[i] for i, kind in enumerate(kinds) if kind == 3]
        merges = values.get("tokenizer.ggml.merges", [])
        facts.add("tokenizer", digest, "vocabulary",
                  name[len("ggml-vocab-"):-len(".gguf")],
                  values["tokenizer.ggml.model"], len(tokens), len(merges) or "",
                  " | ".join(merges[:4]), " ".join(special[:8]), "gguf-vocab")


def licences_of_the_hub(facts, shared):
    known = {row.split("\t")[1] for row in facts.rows if row.startswith("licence\t")}
    for row in table(os.path.join(shared, "facts", "hf_license_ids.csv")):
        if row["hf_license_id"] not in known:
            facts.add("licence", row["hf_license_id"], row["full_name"], "", "unknown", "", "", "",
                      "", "hub-docs")


def render(facts, date):
    used = {row.rsplit("\t", 1)[1] for row in facts.rows}
    unknown = used - set(facts.origins)
    if unknown:
        sys.exit("rows without an origin: %s" % sorted(unknown))
    for key in used:
        facts.add("origin", *facts.origins[key])
    lines = sorted(row.encode("utf-8") for row in facts.rows)
    text = b"#sovaudit-facts\t1\t%s\n" % date.encode() + b"".join(line + b"\n" for line in lines)
    return text + b"#end\t%d\t%s\n" % (len(lines), hashlib.sha256(text).hexdigest().encode())


def main():
    options = argparse.ArgumentParser(description="Makes facts.tsv.")
    options.add_argument("--from", dest="shared", required=True)
    options.add_argument("--tool", default=os.path.join(HERE, "../../build/dev/bin/sovaudit"))
    options.add_argument("--date", default=DATE)
    options.add_argument("--check", action="store_true")
    options = options.parse_args()
    facts = Facts()
    hand(facts)
    left_out = files(facts, options.shared)
    architectures(facts, options.shared)
    models(facts, options.shared)
    templates(facts, options.shared)
    golden(facts, options.shared)
    tokenizers(facts, options.shared)
    vocabularies(facts, options.shared, options.tool)
    licences_of_the_hub(facts, options.shared)
    text = render(facts, options.date)
    path = os.path.join(HERE, "facts.tsv")
    if options.check:
        with open(path, "rb") as stream:
            there = stream.read()
        if there != text:
            old, new = there.split(b"\n"), text.split(b"\n")
            first = next((i for i, pair in enumerate(zip(old, new)) if pair[0] != pair[1]),
                         min(len(old), len(new)))
            sys.exit("facts.tsv: line %d is not what collect.py makes" % (first + 1))
    else:
        with open(path, "wb") as stream:
            stream.write(text)
    counts = collections.Counter(row.split("\t")[0] for row in facts.rows)
    print("%d rows, %d bytes; left out for want of a SHA-256: %s" %
          (sum(counts.values()), len(text), dict(left_out)))
    for kind in sorted(counts):
        print("  %-13s %d" % (kind, counts[kind]))


if __name__ == "__main__":
    main()
