# SPDX-License-Identifier: Apache-2.0
"""A scratch folder, tiny models, a clean environment, one run of the command and what it left."""
import collections
import json
import os
import random
import sqlite3
import struct
import subprocess
import tempfile

SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
Run = collections.namedtuple("Run", "code out err")
# Seconds since the epoch that stand for today, and the same as a date.
TODAY = 1767225600
TIMEOUT_SECONDS = 120


class Skip(Exception):
    """Why something cannot be tried here."""


def expect(good, what):
    if not good:
        raise AssertionError(what)


class Place:
    """The program under test and a scratch folder that goes away with this object."""

    def __init__(self, tool, binary):
        self.tool = os.path.abspath(tool)
        self.binary = os.path.abspath(binary)
        self.shim = os.path.join(self.binary, "lib", "fault_shim.so")
        with open(self.tool, "rb") as file:
            self.sanitized = b"__asan_init" in file.read()
        self._scratch = tempfile.TemporaryDirectory(prefix="sovaudit-fault-")
        self.scratch = os.path.realpath(self._scratch.name)

    def close(self):
        self._scratch.cleanup()

    def folder(self, name):
        path = os.path.join(self.scratch, name)
        os.makedirs(path, exist_ok=True)
        return path

    def environment(self, home, **more):
        """PATH, HOME and what a test adds: nothing of the person who runs it."""
        kept = {"PATH": os.environ["PATH"], "HOME": home, "LC_ALL": "C", "TERM": "dumb",
                "SOURCE_DATE_EPOCH": str(TODAY), "TMPDIR": os.path.join(home, "tmp")}
        if self.sanitized:
            # The shim stands before the sanitizer; an allocation that fails is what is tested.
            kept["ASAN_OPTIONS"] = ("verify_asan_link_order=0:detect_leaks=1:exitcode=99:"
                                    "allocator_may_return_null=1")
            kept["UBSAN_OPTIONS"] = "print_stacktrace=1"
        kept.update({name: value for name, value in more.items() if value is not None})
        return kept

    def run(self, arguments, folder, env, stdin=None):
        """The command with `arguments` in `folder`; signals are negative exit codes."""
        try:
            done = subprocess.run([self.tool, *arguments], cwd=folder, env=env, check=False,
                                  input=stdin, stdin=None if stdin else subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  timeout=TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            return Run(-1000, b"", b"no end after %d seconds" % TIMEOUT_SECONDS)
        return Run(done.returncode, done.stdout, done.stderr)

    def must(self, arguments, folder, codes=(0,), **more):
        done = self.run(arguments, folder, self.environment(folder, **more))
        if done.code not in codes:
            raise AssertionError(f"{arguments}: exit {done.code}: {done.err.decode()}")
        return done


# -- models ---------------------------------------------------------------------------------------

def _bfloat16(values):
    return b"".join(struct.pack("<f", value)[2:] for value in values)


def _tensors(seed, prefix, layers=2, width=32, inner=48, vocabulary=64):
    draw = random.Random(seed)
    shapes = {"model.embed_tokens.weight": (vocabulary, width)}
    for layer in range(layers):
        name = f"model.layers.{layer}."
        for part in "qkvo":
            shapes[f"{name}self_attn.{part}_proj.weight"] = (width, width)
        shapes[name + "mlp.gate_proj.weight"] = (inner, width)
        shapes[name + "mlp.up_proj.weight"] = (inner, width)
        shapes[name + "mlp.down_proj.weight"] = (width, inner)
        shapes[name + "input_layernorm.weight"] = (width,)
        shapes[name + "post_attention_layernorm.weight"] = (width,)
    shapes["model.norm.weight"] = (width,)
    shapes["lm_head.weight"] = (vocabulary, width)
    for name, shape in shapes.items():
        name = prefix + name
        count = shape[0] * (shape[1] if len(shape) > 1 else 1)
        middle = 1.0 if len(shape) == 1 else 0.0
        yield name, shape, _bfloat16(draw.gauss(middle, 0.05) for _ in range(count))


def _safetensors(path, tensors):
    header, body = {}, b""
    for name, shape, data in tensors:
        header[name] = {"dtype": "BF16", "shape": shape,
                        "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + body)


def _tokenizer(vocabulary=64):
    words = {f"t{number}": number for number in range(vocabulary)}
    return {"version": "1.0", "added_tokens": [],
            "model": {"type": "BPE", "vocab": words, "merges": []}}


def make_model(folder, seed, shards=("model",), prefix=""):
    """A Llama of some ten thousand parameters, drawn from `seed`, in one file or two shards."""
    os.makedirs(folder, exist_ok=True)
    tensors = list(_tensors(seed, prefix))
    half = len(tensors) // 2
    parts = [tensors] if len(shards) == 1 else [tensors[:half], tensors[half:]]
    places = {}
    for name, part in zip(shards, parts):
        _safetensors(os.path.join(folder, name + ".safetensors"), part)
        places.update({tensor[0]: name + ".safetensors" for tensor in part})
    texts = {
        "config.json": {"architectures": ["LlamaForCausalLM"], "model_type": "llama",
                        "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
                        "num_key_value_heads": 4, "intermediate_size": 48, "vocab_size": 64,
                        "torch_dtype": "bfloat16"},
        "tokenizer.json": _tokenizer(),
    }
    if len(shards) > 1:
        texts["model.safetensors.index.json"] = {"metadata": {}, "weight_map": places}
    for name, value in texts.items():
        write(json.dumps(value), folder, name)
    write("---\nlicense: apache-2.0\n---\n# A model of random numbers\n", folder, "README.md")
    write("Apache License\nVersion 2.0, January 2004\n", folder, "LICENSE")
    write("def forward(x):\n    return x\n", folder, "modeling_tiny.py")


# -- files ----------------------------------------------------------------------------------------

def write(text, *path):
    with open(os.path.join(*path), "w", encoding="utf-8") as file:
        file.write(text)


def read(path):
    """The bytes of a file, None where there is none."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def listing(folder):
    """Every path below `folder`, relative to it."""
    found = set()
    for base, folders, files in os.walk(folder):
        for name in folders + files:
            found.add(os.path.relpath(os.path.join(base, name), folder))
    return found


def store_names(path):
    """Names in a store, after SQLite's own check of the whole file."""
    store = sqlite3.connect(path)
    try:
        answer = store.execute("PRAGMA integrity_check").fetchone()[0]
        if answer != "ok":
            return [f"damaged: {answer}"]
        tables = store.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        rows = store.execute("SELECT name FROM reference_model") if tables else ()
        return sorted(row[0] for row in rows)
    except sqlite3.DatabaseError as error:
        return [f"damaged: {error}"]
    finally:
        store.close()
