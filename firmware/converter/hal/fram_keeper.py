"""Record keeper on FRAM: each name has a ring of slots, written in turn; the newest whole wins.

Layout, low byte first: a mark (4 bytes, then the same inverted) that names the directory, then
the slots of each name. A slot: length (2), sequence (2), data, CRC-32, which is written last and
begins with the name, size and place of the slot, so that no other layout's slot is ever taken for
it. Names added at the end of the directory leave the earlier records where they are, and so they
do at the end of the second directory, which grows from the chip's far end.
"""

import struct
from binascii import crc32

from micropython import const

_MARK_SIZE = const(8)
_FRAME = const(8)  # bytes of a slot besides its data
_HEAD = "<HH"
_CHUNK = const(64)
_NO_ROOM = const(28)
_IO_ERROR = const(5)


class FramKeeper:
    def __init__(self, fram, size, directory, far=(), slots=2):
        # fram: read(address, buf), write(address, buf), OSError when it does not answer. size: of
        # the chip, in bytes. directory, far: (name, the most bytes of its record) each.
        self._fram = fram
        self._slots = slots
        # name -> [address, most bytes, what the CRC begins with, newest slot or -1, its sequence]
        self._rings = {}
        self._digest = slots
        address = _MARK_SIZE
        for name, most in directory:
            self._add(name, most, address)
            address += slots * (most + _FRAME)
        end = size
        for name, most in far:
            end -= slots * (most + _FRAME)
            self._add(name, most, end)
        if address > end:
            raise ValueError("FRAM of %d bytes, directory of %d" % (size, address + size - end))
        digest = self._digest
        self._mark = struct.pack("<II", digest & 0xFFFFFFFF, ~digest & 0xFFFFFFFF)
        self._head = bytearray(4)
        self._chunk = memoryview(bytearray(_CHUNK))

    def _add(self, name, most, address):
        entry = b"%s %d %d %d" % (name.encode(), most, self._slots, address)
        self._digest = crc32(entry, self._digest)
        self._rings[name] = [address, most, crc32(entry), -1, 0]

    @property
    def reformatted(self):
        # Whether the chip is new or held another directory, so that what is absent may be lost.
        # Stays true until `accept`.
        mark = self._chunk[:_MARK_SIZE]
        self._fram.read(0, mark)
        return mark != self._mark

    def accept(self):
        # The chip holds this directory from now on. Writes nothing but the mark.
        self._fram.write(0, self._mark)
        if self.reformatted:
            raise OSError(_IO_ERROR)

    def load(self, name):
        # The bytes of the last commit, or None. OSError when the chip does not answer: what it
        # holds is unknown then, not absent.
        ring = self._rings.get(name)
        if ring is None:
            return None
        length = self._find(ring)
        if not length:
            return None
        data = bytearray(length)
        self._fram.read(self._place(ring, ring[3]) + 4, data)
        return data

    def commit(self, name, data):
        # Durable and read back when it returns; OSError (28: not in the directory, or too long;
        # 5: the chip does not answer) leaves the last commit in force.
        ring = self._rings.get(name)
        size = len(data)
        if ring is None or not 0 < size <= ring[1]:
            raise OSError(_NO_ROOM)
        if ring[3] < 0:
            self._find(ring)
        slot = (ring[3] + 1) % self._slots
        sequence = (ring[4] + 1) & 0xFFFF
        place = self._place(ring, slot)
        struct.pack_into(_HEAD, self._head, 0, size, sequence)
        crc = crc32(data, crc32(self._head, ring[2])) & 0xFFFFFFFF
        self._fram.write(place, self._head)
        self._fram.write(place + 4, data)
        struct.pack_into("<I", self._head, 0, crc)
        self._fram.write(place + 4 + size, self._head)
        if self._whole(ring, slot) != (size, sequence, crc):
            raise OSError(_IO_ERROR)
        ring[3] = slot
        ring[4] = sequence

    def _place(self, ring, slot):
        return ring[0] + slot * (ring[1] + _FRAME)

    def _find(self, ring):
        # Notes the newest slot of the ring; its length, 0 when none is whole.
        length = sequence = 0
        newest = self._slots - 1
        ring[3] = -1  # unknown, should the chip not answer
        for slot in range(self._slots):
            found = self._whole(ring, slot)
            if found and (not length or (found[1] - sequence) & 0xFFFF < 0x8000):
                length, sequence, _ = found
                newest = slot
        ring[3] = newest
        ring[4] = sequence
        return length

    def _whole(self, ring, slot):
        # (length, sequence, CRC) of a slot, or None when it holds no whole commit.
        read = self._fram.read
        at = self._place(ring, slot)
        read(at, self._head)
        length, sequence = struct.unpack(_HEAD, self._head)
        if not 0 < length <= ring[1]:
            return None
        crc = crc32(self._head, ring[2])
        at += 4
        end = at + length
        while at < end:
            part = self._chunk[: min(_CHUNK, end - at)]
            read(at, part)
            crc = crc32(part, crc)
            at += len(part)
        read(end, self._head)
        crc &= 0xFFFFFFFF
        return (length, sequence, crc) if struct.unpack("<I", self._head)[0] == crc else None
