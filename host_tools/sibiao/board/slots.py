"""A board's slots, as seen from its prompt: which one runs, what the idle one holds."""

from __future__ import annotations

import json

from mpremote.transport_serial import SerialTransport

# Runs on the board. Prints one JSON line; nothing is changed.
_LOOK = """
import hashlib, json, os, sys
def _t(p):
    try:
        with open(p) as f: return f.read()
    except OSError: return None
def _h(p):
    h = hashlib.sha256()
    with open(p, 'rb') as f:
        while True:
            b = f.read(512)
            if not b: break
            h.update(b)
    return ''.join('%02x' % b for b in h.digest())
def _w(p, r):
    try: l = list(os.ilistdir(p))
    except OSError: return
    for e in l:
        q = p + '/' + e[0]
        if e[1] == 0x4000: _w(q, r)
        else: r[q] = _h(q)
"""
_REPORT = """
_v = os.statvfs('/')
print(json.dumps({'platform': sys.platform, 'version': sys.implementation[1], 'machine':
 getattr(sys.implementation, '_machine', ''), 'mpy': getattr(sys.implementation, '_mpy', 0) & 0xff,
 'free': _v[0] * _v[3], 'confirmed': _t('/slots/confirmed'), 'trial': _t('/slots/trial'),
 'fault': _t('/slots/fault')}))
"""
_HASHES = """
_r = {}
for _p in %r: _w(_p, _r)
for _p in %r:
    try: _r[_p] = _h(_p)
    except OSError: pass
print(json.dumps(_r))
"""


def look(board: SerialTransport) -> dict:
    """Chip, MicroPython version, free bytes and slot notes of the board."""
    board.exec(_LOOK)
    return json.loads(board.exec(_REPORT))


def hashes(board: SerialTransport, folders: list[str], files: list[str]) -> dict[str, str]:
    """Path -> SHA-256, read back from the board's flash, of all files below folders, and of files.

    Needs `look` before it in the same session: that brings the helpers.
    """
    return json.loads(board.exec(_HASHES % (folders, files)))
