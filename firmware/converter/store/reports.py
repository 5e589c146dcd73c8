"""What the way up has been told and has acknowledged, on a durable record.

Events are numbered by their count since the first start. Version 2, low byte first: for each bit
of the active-report status word how many of its events were not acknowledged (96), and four
numbers of events (4 each): judged for the status word; acknowledged, in order; overwritten before
they were; sent unasked at least once.
"""

import struct

from micropython import const

from converter.model.events import CAPACITY
from converter.store.record import ABSENT, Record

BITS = const(96)
_NUMBERS = "<IIII"
_PAYLOAD = const(112)
_ROW = const(3)
_ANY = const(0xFF)
_MOST = const(0xFF)


class KeptReports:
    """Only events that are durable are told: their numbers are never given to others. How they
    are told and acknowledged is store.told's, loaded for it."""

    def __init__(self, log, rows, keeper, owner):
        # log: model.events, loaded. rows: code, value (255: any), bit: a byte each.
        self.log = log
        self._rows = rows
        self._record = Record(keeper, "reports", ((2, _PAYLOAD),), owner)
        self.counters = self._record.payload  # of the bits, in its beginning
        self.told = bytearray(BITS)  # of the counters, since the last acknowledgement
        self.shown = -1  # number of the event that was read last
        self.judged = self.acknowledged = self.lost = self.sent = 0
        self.dirty = False

    def load(self):
        # None, or the record's problem when nothing could be restored.
        if self._record.load():
            numbers = struct.unpack_from(_NUMBERS, self._record.payload, BITS)
            self.judged, self.acknowledged, self.lost, self.sent = numbers
        elif self._record.problem == ABSENT:
            # What was overwritten before anybody was to be told is no loss.
            self.acknowledged = max(self.log.count - CAPACITY, 0)
        if max(self.judged, self.acknowledged) > self.log.count:
            # The events were lost, and are numbered from 0 again.
            self.judged = self.acknowledged = self.sent = 0
        return self._record.problem

    def take_over(self):
        # As KeptEvents.
        self._record.take_over()

    def judge(self):
        # Put new events into the status word. To be called when all of them are durable.
        log = self.log
        if self.judged == log.count:
            return
        for number in range(max(self.judged, log.count - CAPACITY), log.count):
            event = log.newest(log.count - 1 - number)
            bit = self._bit_of(event) if event else -1
            if bit >= 0:
                self._count(bit)
        self.judged = log.count
        missed = log.count - CAPACITY - self.acknowledged
        if missed > 0:
            self.lost += missed
            self.acknowledged += missed
            self.dirty = True

    def _bit_of(self, event):
        rows = self._rows
        for at in range(0, len(rows), _ROW):
            if rows[at] == event[0] and rows[at + 1] in (_ANY, event[4]):
                return rows[at + 2]
        return -1

    def _count(self, bit):
        counters = self.counters
        if counters[bit] < _MOST:
            counters[bit] += 1
        elif self.told[bit] == _MOST:
            self.told[bit] = _MOST - 1  # it counts no further, but this one was not told
        self.dirty = True

    @property
    def pending(self):
        # Whether any bit of the status word is set.
        counters = self.counters
        for bit in range(BITS):
            if counters[bit]:
                return True
        return False

    def commit(self):
        numbers = self.judged, self.acknowledged, self.lost, self.sent
        struct.pack_into(_NUMBERS, self._record.payload, BITS, *numbers)
        self._record.commit()
        self.dirty = False
