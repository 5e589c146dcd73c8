"""The world outside when it is simulated on the host: readers, meters, contacts.

Time passes only as far as the host allows. When that time has come, or the board has sent
something, the host is told what the board did and says what happens now and when it wants to be
asked next. `sibiao.node.vm.virtual.node` is the other end, and has the same numbers.
"""

import struct

import _adc
import _pin

import _chip
import _clock

# board -> host: kind, index, bytes of data; a transmission's data begin with its times
_TRANSMIT = 1
_PIN = 2
_I2C = 3
# host -> board
_SEND = 1
_SETTINGS = 2
_DRIVE = 3
_END = 4
_ANALOG = 5
_ANSWER = 6

_MESSAGE = "<qH"  # time in us, bytes of entries
_ENTRY = "<BBH"
_TIMES = "<qI"  # start of the first byte in us, us a byte
_ANSWERED = "<HI"  # bytes acknowledged, us that it took; then what was read


class _FarEnd:
    def __init__(self, outside, index):
        self._outside = outside
        self._index = index

    def hear(self, data, start_us, byte_us):
        times = struct.pack(_TIMES, start_us, byte_us)
        self._outside.tell(_TRANSMIT, self._index, times + data)


class Outside:
    def __init__(self, lines, fd_in, fd_out):
        self._in = open(fd_in, "rb")
        self._out = open(fd_out, "wb")
        self._told = b""
        self._lines = lines
        self.due_us = _clock.now_us
        for index, line in lines.items():
            line.far = _FarEnd(self, index)
        _chip.outside = self
        _clock.add(self)

    def pin(self, gpio, value):
        self.tell(_PIN, gpio, bytes((value,)))

    def tell(self, kind, index, data):
        self._told += struct.pack(_ENTRY, kind, index, len(data)) + data
        self.due_us = _clock.now_us
        _clock.replan()

    def ask(self, index, question):
        """At once, and the time that it takes on the bus."""
        self._answer = None
        self.tell(_I2C, index, question)
        self.fire()
        acknowledged, span_us = struct.unpack_from(_ANSWERED, self._answer)
        _clock.pass_until(_clock.now_us + span_us)
        return acknowledged, self._answer[struct.calcsize(_ANSWERED) :]

    def fire(self):
        self.due_us = _clock.FAR_US
        if _clock.ended:
            return
        told, self._told = self._told, b""
        self._out.write(struct.pack(_MESSAGE, _clock.now_us, len(told)) + told)
        due_us, size = struct.unpack(_MESSAGE, self._read(struct.calcsize(_MESSAGE)))
        entries = self._read(size)
        at, head = 0, struct.calcsize(_ENTRY)
        while at < size:
            kind, index, n = struct.unpack_from(_ENTRY, entries, at)
            self._take(kind, index, entries[at + head : at + head + n])
            at += head + n
        self.due_us = min(self.due_us, due_us) if not _clock.ended else _clock.FAR_US
        _clock.replan()

    def _take(self, kind, index, data):
        if kind == _SEND:
            self._lines[index].send(data)
        elif kind == _SETTINGS:
            self._lines[index].far_settings(*struct.unpack("<IB", data))
        elif kind == _DRIVE:
            pad = _pin._pad(index)
            if pad.driven != data[0]:
                _chip.edge(pad, data[0])
        elif kind == _ANALOG:
            _adc._on_analog(index, struct.unpack("<H", data)[0])
        elif kind == _ANSWER:
            self._answer = bytes(data)
        elif kind == _END:
            _clock.end("finished")

    def _read(self, size):
        data = b""
        while len(data) < size:
            part = self._in.read(size - len(data))
            if not part:
                raise SystemExit(1)  # the host has gone
            data += part
        return data
