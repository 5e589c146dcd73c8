"""A durable record: a payload with format version, owner, sequence number and CRC-32.

Layout, low byte first: version (1), header kind (1), payload length (2), sequence (4), in kind 1
the owner (4), payload, CRC of all before it. Version 1 has kind 0, so no owner, and is anyone's;
every later version has kind 1, and a new sort of record begins at version 2. Whatever the version,
the last four bytes are the CRC: what is damaged and what is newer are never mistaken.
The keeper makes a commit all or nothing; the CRC is for what no keeper can promise.
"""

import struct
from binascii import crc32

from micropython import const

_HEADER = "<BBHI"
_HEADER_SIZE = const(8)
_EPERM = const(1)
_OWNER_SIZE = const(4)
_START = const(12)  # of every payload in the buffer; a shorter header begins later
OVERHEAD = const(16)  # bytes that a record is longer than its payload (version 1: 12)

# Why `load` gave nothing.
ABSENT = const(0)
UNREADABLE = const(1)
NEWER = const(2)
FOREIGN = const(3)  # another owner's
UNKNOWN = const(4)  # the keeper itself failed: what it holds may well be sound


class Record:
    def __init__(self, keeper, name, formats, owner=b"\0\0\0\0"):
        # keeper: load(name) -> bytes or None; commit(name, data) raises OSError.
        # formats: (version, payload size) of each that is read, the newest last, which is written
        # unless `load` finds an older one or `use` says otherwise. owner: 4 bytes.
        self._keeper = keeper
        self.name = name  # may be changed before a load: one buffer serves many records
        self._formats = formats
        self.owner = owner
        self._buf = bytearray(OVERHEAD + max([size for _, size in formats]))
        self.sequence = 0  # of the last commit
        self.problem = ABSENT  # None once loaded
        self.version = 0
        self.use(formats[-1][0])

    def use(self, version):
        # Commits write this version from now on. What both payloads begin with stays, the rest
        # is 0: a format that only grows needs no conversion.
        size = self._payload_size(version)
        end = _START + size
        kept = min(size, len(self.payload)) if self.version else 0
        for i in range(_START + kept, len(self._buf)):
            self._buf[i] = 0
        whole = memoryview(self._buf)
        start = 0 if version > 1 else _OWNER_SIZE
        self.version = version
        self.payload = whole[_START:end]
        self._body = whole[start:end]
        self._frame = whole[start : end + 4]

    def load(self):
        # True when the payload holds the last commit, in the format `version`; else `problem`
        # says why not, and nothing has changed.
        try:
            data = self._keeper.load(self.name)
        except OSError:
            self.problem = UNKNOWN
            return False
        self.problem = self._problem_of(data)
        if self.problem is not None:
            return False
        self.use(data[0])
        self._frame[:] = data
        self.sequence = struct.unpack_from("<I", data, 4)[0]
        return True

    def take_over(self):
        # Somebody has decided that what stands there may be written over.
        self.problem = ABSENT

    def commit(self):
        # Durable when it returns. OSError from the keeper leaves the last commit in force; so
        # does what is not ours to write over: a newer firmware's, another owner's, or unknown.
        if self.problem is not None and self.problem >= NEWER:
            raise OSError(_EPERM)
        body = self._body
        size = len(self.payload)
        kind = 1 if self.version > 1 else 0
        sequence = (self.sequence + 1) & 0xFFFFFFFF
        struct.pack_into(_HEADER, body, 0, self.version, kind, size, sequence)
        if kind:
            body[_HEADER_SIZE:_START] = self.owner
        struct.pack_into("<I", self._frame, len(body), crc32(body) & 0xFFFFFFFF)
        self._keeper.commit(self.name, self._frame)
        self.sequence = sequence

    def _payload_size(self, version):
        for known, size in self._formats:
            if known == version:
                return size
        return -1

    def _problem_of(self, data):
        if data is None:
            return ABSENT
        body = len(data) - 4
        if body < _HEADER_SIZE:
            return UNREADABLE
        if struct.unpack_from("<I", data, body)[0] != crc32(memoryview(data)[:body]) & 0xFFFFFFFF:
            return UNREADABLE
        version, kind, size, _ = struct.unpack_from(_HEADER, data, 0)
        if version > self._formats[-1][0] or kind > 1:
            return NEWER
        if (
            kind != (version > 1)
            or size != self._payload_size(version)
            or size != body - _HEADER_SIZE - kind * _OWNER_SIZE
        ):
            return UNREADABLE
        if kind and data[_HEADER_SIZE:_START] != self.owner:
            return FOREIGN
        return None
