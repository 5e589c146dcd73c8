"""Management of the archive, EXT 09 of station.pass_through: DI (4, low byte first), then what it
needs. Loaded while it is asked for.

04101601  cleared; answered 01, or 02 when that is not kept
04101602  answered with the count and the CRC (2); FFFF where that is off, so that the list is read
04101603  first (from 0) and count, at most 10; answered with the count and the meters
04101604, 04101605  count, at most 10, and meters to add or to delete; answered 01

A meter is its type (1) and its address (7), both as on the wire of CJ/T 188.
"""

import struct

from micropython import const

_CLEAR = const(0x04101601)
_COUNT = const(0x04101602)
_LIST = const(0x04101603)
_ADD = const(0x04101604)
_DELETE = const(0x04101605)
_ROW = const(8)
_MOST = const(10)
_DONE = const(1)
_FAILED = const(2)


def serve(archive, changed, data, out, at, polynomial):
    # Answer into out from `at` on; its length, or 0: an error. archive: store.archive, loaded.
    # changed(how many, how many there are now): told of every change.
    if len(data) < 4:
        return 0
    di = struct.unpack_from("<I", data, 0)[0]
    asked = data[4:]
    out[at : at + 4] = data[:4]
    at += 4
    try:
        if di == _CLEAR:
            return 0 if asked else 4 + _clear(archive, changed, out, at)
        rows = archive.rows
        if di == _COUNT:
            return 0 if asked else 4 + _count(rows, out, at, polynomial)
        if di == _LIST:
            n = _list(rows, asked, out, at)
        elif di in (_ADD, _DELETE):
            n = _change(archive, changed, di, asked, out, at)
        else:
            return 0
        return n and 4 + n
    except (OSError, ValueError):
        return 0  # the record cannot be written, or is full


def _clear(archive, changed, out, at):
    try:
        archive.clear()
        changed(0, 0)
        out[at] = _DONE
    except OSError:
        out[at] = _FAILED
    return 1


def _count(rows, out, at, polynomial):
    crc = 0xFFFF
    if polynomial:
        crc = 0
        for row in range(0, len(rows), _ROW):
            crc += _crc16(rows, row, polynomial)
    out[at] = len(rows) // _ROW
    struct.pack_into("<H", out, at + 1, crc & 0xFFFF)
    return 3


def _list(rows, asked, out, at):
    if len(asked) != 2 or not 1 <= asked[1] <= _MOST:
        return 0
    start = asked[0] * _ROW
    part = rows[start : start + asked[1] * _ROW]
    out[at] = len(part) // _ROW
    out[at + 1 : at + 1 + len(part)] = part
    return 1 + len(part)


def _change(archive, changed, di, asked, out, at):
    count = asked[0] if len(asked) else 0
    if not 1 <= count <= _MOST or len(asked) != 1 + count * _ROW:
        return 0
    (archive.add if di == _ADD else archive.delete)(asked[1:])
    changed(count, len(archive.rows) // _ROW)
    out[at] = _DONE
    return 1


def _crc16(rows, at, polynomial):
    crc = 0
    for i in range(at, at + _ROW):
        crc ^= rows[i]
        for _ in range(8):
            crc = crc >> 1 ^ (polynomial if crc & 1 else 0)
    return crc
