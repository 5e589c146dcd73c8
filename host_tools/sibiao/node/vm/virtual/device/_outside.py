"""The world outside when it is simulated on the host: readers, meters, contacts.

Time passes only as far as the host allows. When that time has come, or the board has sent
something, the host is told what the board did and says what happens now and when it wants to be
asked next. `sibiao.node.vm.virtual.child` is the other end, and has the same numbers.
"""

import struct

import _bench
import _pin

import _chip
import _clock

# Kinds of messages are those of the board's bench, and from the host also these.
_SEND = 1
_SETTINGS = 2
_CONSOLE = 3
_END = 4

_MESSAGE = "<qI"  # time in us, bytes of entries
_ENTRY = "<BBH"


class Outside:
    def __init__(self, lines, fd_in, fd_out):
        self._in = open(fd_in, "rb")
        self._out = open(fd_out, "wb")
        self._told = b""
        self._lines = lines
        self.due_us = _clock.now_us
        self._question = 0
        self._answer = bytearray()
        self._acknowledged = None
        _bench.ask = self._ask
        _bench.handlers[_bench.ANSWER_DATA] = self._answer_part
        _bench.handlers[_bench.ANSWER] = self._answered
        _clock.add(self)

    def tell(self, kind, index, data):
        self._told += struct.pack(_ENTRY, kind, index, len(data)) + data
        self.due_us = _clock.now_us
        _clock.replan()

    def fire(self):
        self.due_us = _clock.FAR_US
        if _clock.ended:
            return
        self.report()
        due_us, size = struct.unpack(_MESSAGE, self._read(struct.calcsize(_MESSAGE)))
        entries = self._read(size)
        at, head = 0, struct.calcsize(_ENTRY)
        while at < size:
            kind, index, n = struct.unpack_from(_ENTRY, entries, at)
            self._take(kind, index, entries[at + head : at + head + n])
            at += head + n
        self.due_us = min(self.due_us, due_us) if not _clock.ended else _clock.FAR_US
        _clock.replan()

    def report(self):
        told, self._told = self._told, b""
        self._out.write(struct.pack(_MESSAGE, _clock.now_us, len(told)) + told)

    def _take(self, kind, index, data):
        if kind == _SEND:
            self._lines[index].send(data)
        elif kind == _SETTINGS:
            self._lines[index].far_settings(*struct.unpack("<IB", data))
        elif kind == _bench.EDGE:
            pad = _pin._pad(index)
            if pad.driven != data[0]:
                _chip.edge(pad, data[0])
        elif kind == _END:
            _clock.end("finished")
        else:
            if kind != _CONSOLE:
                _bench.handlers[kind](index, data[0] | data[1] << 8)
            _clock.woken = True

    def _ask(self, kind, index, data):
        """As the bench's: (value, bytes, up to two more than were sent)."""
        self._question = self._question + 1 & 0xFF
        self._answer = bytearray()
        self._acknowledged = None
        self.tell(kind, index, bytes((self._question,)) + data)
        while self._acknowledged is None:
            if _clock.ended:
                raise _bench.Gone
            _clock.idle_until(_clock.FAR_US)
        _bench.pump()
        return self._acknowledged, self._answer

    def _answer_part(self, first, more):
        self._answer.extend(bytes((first, more & 0xFF, more >> 8)))

    def _answered(self, question, acknowledged):
        if question == self._question:
            self._acknowledged = acknowledged

    def _read(self, size):
        data = b""
        while len(data) < size:
            part = self._in.read(size - len(data))
            if not part:
                raise SystemExit(1)  # the host has gone
            data += part
        return data
