"""A board's slots, as seen from its prompt: which one runs, what they hold."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from sibiao.board.prompt import Prompt

BLOCK_BYTES = 4096

# Run on the board, once a session. Nothing in them changes anything there.
_HELPERS = """
import binascii, hashlib, json, os, sys
_b = bytearray(1024)
_m = memoryview(_b)
def _text(p):
    try:
        with open(p) as f: return f.read()
    except OSError: return None
def _hash(p):
    h = hashlib.sha256()
    with open(p, 'rb') as f:
        while True:
            n = f.readinto(_b)
            if not n: break
            h.update(_m[:n])
    print(binascii.hexlify(h.digest()).decode(), p)
def _walk(p):
    try: l = os.ilistdir(p)
    except OSError: return
    for e in l:
        q = p + '/' + e[0]
        if e[1] == 0x4000: _walk(q)
        else: _hash(q)
def _hashes(folders, files):
    for p in folders: _walk(p)
    for p in files:
        try: _hash(p)
        except OSError: pass
"""
_LOOK = """
try:
    import machine
    _id = machine.unique_id()
except (ImportError, AttributeError): _id = b''  # no MicroPython on a board; `check` says so
_i, _v = sys.implementation, os.statvfs('/')
print(json.dumps({'implementation': _i[0], 'version': list(_i[1][:3]), 'platform': sys.platform,
 'machine': getattr(_i, '_machine', ''), 'mpy': getattr(_i, '_mpy', 0) & 0xff,
 'free_bytes': _v[0] * _v[3], 'confirmed': _text('/slots/confirmed'),
 'board_id': binascii.hexlify(_id).decode()}))
"""


@dataclass(frozen=True)
class Look:
    """What a board is, and which slot it starts. `board_id`: machine.unique_id, hexadecimal."""

    implementation: str
    version: list[int]
    platform: str
    machine: str
    mpy: int
    free_bytes: int
    confirmed: str | None
    board_id: str


def look(board: Prompt) -> Look:
    """Chip, MicroPython version, free bytes, confirmed slot, board id."""
    board.run(_HELPERS)
    found = Look(**json.loads(board.run(_LOOK)))
    return found if found.confirmed in ("a", "b") else replace(found, confirmed=None)


def hashes(board: Prompt, folders: list[str], files: list[str] = ()) -> dict[str, str]:
    """Path -> SHA-256, read back from the board's flash, of all files below folders, and of files.

    Needs `look` before it in the same session.
    """
    # Line by line: on the board's heap there need not be room for all of them at once.
    lines = board.run(f"_hashes({folders!r}, {list(files)!r})").split("\n")
    told = (line.strip().partition(" ") for line in lines if line.strip())
    return {path: digest for digest, _, path in told}


def free_bytes(board: Prompt) -> int:
    return int(board.run("_v = os.statvfs('/')\nprint(_v[0] * _v[3])"))
