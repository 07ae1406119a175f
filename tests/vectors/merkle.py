#!/usr/bin/env python3
"""Merges the inclusion and consistency vectors of transparency-dev/merkle into merkle.txt.

    tests/vectors/merkle.py CHECKOUT/testdata > tests/vectors/merkle.txt

One vector a line, fields separated by one space, hashes in hexadecimal, "-" for an empty one:

    inclusion NAME holds|fails INDEX SIZE LEAF ROOT PROOF…
    consistency NAME holds|fails OLD_SIZE NEW_SIZE OLD_ROOT NEW_ROOT PROOF…

The subtree* folders are left out: they belong to a draft (proofs about a part of a tree)
that we do not implement.
"""
import base64
import json
import pathlib
import sys

FIELDS = {
    "inclusion": (("leafIdx", "treeSize"), ("leafHash", "root")),
    "consistency": (("size1", "size2"), ("root1", "root2")),
}


def hexadecimal(text):
    return base64.b64decode(text or "", validate=True).hex() or "-"


root = pathlib.Path(sys.argv[1])
for kind, (numbers, hashes) in FIELDS.items():
    for path in sorted((root / kind).rglob("*.json")):
        vector = json.loads(path.read_text())
        name = str(path.relative_to(root / kind).with_suffix("")).replace(" ", "_")
        print(kind, name, "fails" if vector["wantErr"] else "holds",
              *(vector[n] for n in numbers),
              *(hexadecimal(vector[h]) for h in hashes),
              *(hexadecimal(p) for p in vector["proof"] or []))
