#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The obvious script: cosine and relative difference of every tensor that two models share.

    compare_numpy.py A.safetensors B.safetensors

What bench_table compares with. BF16, F16 and F32; one file each.
"""
import json
import mmap
import struct
import sys

import numpy


def tensors(path):
    """Name -> a function that gives the tensor's values as float32."""
    with open(path, "rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__", None)

    def values(about):
        begin, end = about["data_offsets"]
        stored = numpy.frombuffer(data, numpy.uint8, end - begin, 8 + size + begin)
        if about["dtype"] == "BF16":
            return (stored.view(numpy.uint16).astype(numpy.uint32) << 16).view(numpy.float32)
        kind = {"F16": numpy.float16, "F32": numpy.float32}[about["dtype"]]
        return stored.view(kind).astype(numpy.float32)

    return {name: (lambda about=about: values(about)) for name, about in header.items()}


def main():
    first, second = (tensors(path) for path in sys.argv[1:3])
    for name in sorted(first.keys() & second.keys()):
        a, b = first[name](), second[name]()
        if a.size != b.size:
            continue
        norms = numpy.linalg.norm(a) * numpy.linalg.norm(b)
        cosine = numpy.dot(a, b) / norms
        moved = numpy.linalg.norm(a - b) / numpy.linalg.norm(a)
        print(f"{name} {cosine:.6f} {moved:.6f}")


if __name__ == "__main__":
    main()
