"""A durable record: a payload with format version, sequence number and CRC-32.

Layout, low byte first: version (1), reserved (1), payload length (2), sequence (4), payload, CRC.
The keeper makes a commit all or nothing; the CRC is for what no keeper can promise.
"""

import struct
from binascii import crc32

from micropython import const

_VERSION = const(1)
_HEADER = "<BBHI"
_HEADER_SIZE = const(8)

# Why `load` gave nothing.
ABSENT = const(0)
UNREADABLE = const(1)
NEWER = const(2)


class Record:
    def __init__(self, keeper, name, payload_size):
        # keeper: load(name) -> bytes or None; commit(name, data) raises OSError.
        self._keeper = keeper
        self._name = name
        self._buf = bytearray(_HEADER_SIZE + payload_size + 4)
        self.payload = memoryview(self._buf)[_HEADER_SIZE : _HEADER_SIZE + payload_size]
        self.sequence = 0  # of the last commit
        self.problem = ABSENT

    def load(self):
        # True when the payload holds the last commit; else `problem` says why not.
        data = self._keeper.load(self._name)
        if data is None:
            self.problem = ABSENT
            return False
        self.problem = UNREADABLE
        if len(data) != len(self._buf):
            return False
        version, _, size, sequence = struct.unpack_from(_HEADER, data, 0)
        if version > _VERSION:
            self.problem = NEWER
            return False
        body = len(data) - 4
        if size != len(self.payload) or struct.unpack_from("<I", data, body)[0] != _crc(
            data, body
        ):
            return False
        self._buf[:] = data
        self.sequence = sequence
        return True

    def commit(self):
        # Durable when it returns. OSError from the keeper leaves the last commit in force.
        end = len(self._buf) - 4
        sequence = (self.sequence + 1) & 0xFFFFFFFF
        struct.pack_into(_HEADER, self._buf, 0, _VERSION, 0, len(self.payload), sequence)
        struct.pack_into("<I", self._buf, end, _crc(self._buf, end))
        self._keeper.commit(self._name, self._buf)
        self.sequence = sequence


def _crc(data, end):
    return crc32(memoryview(data)[:end]) & 0xFFFFFFFF
