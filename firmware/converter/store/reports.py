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
    """Only events that are durable are told: their numbers are never given to others."""

    def __init__(self, log, rows, keeper, owner):
        # log: model.events, loaded. rows: code, value (255: any), bit: a byte each.
        self._log = log
        self._rows = rows
        self._record = Record(keeper, "reports", ((2, _PAYLOAD),), owner)
        self._told = bytearray(BITS)  # of the counters, since the last acknowledgement
        self._shown = -1  # number of the event that was read last
        self.judged = self._acknowledged = self.lost = self._sent = 0
        self.dirty = False

    def load(self):
        # None, or the record's problem when nothing could be restored.
        if self._record.load():
            numbers = struct.unpack_from(_NUMBERS, self._record.payload, BITS)
            self.judged, self._acknowledged, self.lost, self._sent = numbers
        elif self._record.problem == ABSENT:
            # What was overwritten before anybody was to be told is no loss.
            self._acknowledged = max(self._log.count - CAPACITY, 0)
        if max(self.judged, self._acknowledged) > self._log.count:
            # The events were lost, and are numbered from 0 again.
            self.judged = self._acknowledged = self._sent = 0
        return self._record.problem

    def take_over(self):
        # As KeptEvents.
        self._record.take_over()

    def judge(self):
        # Put new events into the status word. To be called when all of them are durable.
        log = self._log
        if self.judged == log.count:
            return
        for number in range(max(self.judged, log.count - CAPACITY), log.count):
            event = log.newest(log.count - 1 - number)
            bit = self._bit_of(event) if event else -1
            if bit >= 0:
                self._count(bit)
        self.judged = log.count
        missed = log.count - CAPACITY - self._acknowledged
        if missed > 0:
            self.lost += missed
            self._acknowledged += missed
            self.dirty = True

    def _bit_of(self, event):
        rows = self._rows
        for at in range(0, len(rows), _ROW):
            if rows[at] == event[0] and rows[at + 1] in (_ANY, event[4]):
                return rows[at + 2]
        return -1

    def _count(self, bit):
        counters = self._record.payload
        if counters[bit] < _MOST:
            counters[bit] += 1
        elif self._told[bit] == _MOST:
            self._told[bit] = _MOST - 1  # it counts no further, but this one was not told
        self.dirty = True

    @property
    def pending(self):
        # Whether any bit of the status word is set.
        counters = self._record.payload
        for bit in range(BITS):
            if counters[bit]:
                return True
        return False

    def tell(self, out, at):
        # The status word into out, a counter behind it for each bit that is set; the length.
        counters = self._record.payload
        end = at + BITS // 8
        for i in range(at, end):
            out[i] = 0
        for bit in range(BITS):
            count = self._told[bit] = counters[bit]
            if count:
                out[at + (bit >> 3)] |= 1 << (bit & 7)
                out[end] = count
                end += 1
        return end - at

    def clear(self, keep, at):
        # The status word is acknowledged, where keep has a 0: what was told of that bit. Durable
        # when it returns; OSError when the keeper could not: then nothing has changed.
        counters = self._record.payload
        before = bytes(counters[:BITS])
        for bit in range(BITS):
            if not keep[at + (bit >> 3)] >> (bit & 7) & 1:
                counters[bit] -= self._told[bit]
        if self.dirty or counters[:BITS] != before:
            try:
                self.commit()
            except OSError:
                counters[:BITS] = before
                raise
        for bit in range(BITS):
            if not keep[at + (bit >> 3)] >> (bit & 7) & 1:
                self._told[bit] = 0

    @property
    def waiting(self):
        # Events that are durable and not acknowledged.
        return self.judged - self._acknowledged

    def oldest(self):
        # (number, event) of the first that waits, or None. Blank ones are lost: they were cleared,
        # or come from a record that held fewer.
        log = self._log
        while self._acknowledged < self.judged:
            number = self._acknowledged
            event = log.newest(log.count - 1 - number)
            if event:
                self._shown = number
                return number, event
            self._acknowledged += 1
            self.lost += 1
            self.dirty = True
        return None

    def acknowledge(self, number):
        # Whether it was the one that was read last; a repetition is right, too. Durable when it
        # returns; OSError as above.
        if number < self._acknowledged:
            return True
        if number != self._acknowledged or number != self._shown:
            return False
        self._acknowledged += 1
        try:
            self.commit()
        except OSError:
            self._acknowledged -= 1
            raise
        return True

    def send(self, number):
        # Whether this one goes out unasked for the first time; then that is durable before.
        if number < self._sent:
            return False
        before, self._sent = self._sent, number + 1
        try:
            self.commit()
        except OSError:
            self._sent = before
            raise
        return True

    def commit(self):
        numbers = self.judged, self._acknowledged, self.lost, self._sent
        struct.pack_into(_NUMBERS, self._record.payload, BITS, *numbers)
        self._record.commit()
        self.dirty = False
