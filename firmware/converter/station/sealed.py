"""A station whose requests and answers are authenticated and encrypted.

Data of a sealed frame: counter (4, low byte first), ciphertext, tag (8); address and control code
stay in clear. tag = first bytes of CMAC(K_mac, direction, address, control, counter, ciphertext);
ciphertext by counter mode under K_enc, nonce direction, address, counter; address as on the
wire, direction 0 for a request, 1 for its answer, 2 for the answer to a counter that was used up.
Each counter is accepted once, and only rising; the record holds where they end, some steps ahead.
"""

from micropython import const

from converter.codec.cmac import cmac, count
from converter.link import dlt645
from converter.station.dlt645 import (
    EVERYONE,
    JOB,
    NOBODY,
    OTHER,
    UNANSWERED,
    UNAUTHORISED,
    Station,
)
from converter.station.read import END

_TAG = const(8)
_COUNTER = const(4)
_MORE = const(12)  # bytes that a sealed frame is longer
_SHORTEST_READ = const(16)  # sealed; a plain one has 4, 5 or 10
_STEP = const(256)
_LAST = const(0xFFFFFE00)  # a new key is due
_READS = bytes((dlt645.READ_DATA, dlt645.READ_MORE))

_REQUEST = const(0)
_ANSWER = const(1)
_USED_UP = const(2)


class SealedStation(Station):
    def __init__(self, points, bound, services, keys, of_all):
        # keys: load() -> (encrypt by K_mac, encrypt by K_enc, end of accepted counters) or None;
        # keep(end) is durable when it returns, OSError. of_all: plain reads are refused, too.
        super().__init__(points, bound, services)
        self._keys = keys
        self._of_all = of_all
        self._counter = None  # of the request that a job is out for
        self.rekey()

    def rekey(self):
        self._loaded = self._keys.load()
        self._next = self._end = self._loaded[2] if self._loaded else 0

    def handle(self, frame, out):
        control, length = frame[dlt645.CONTROL], frame[dlt645.LENGTH]
        self._counter = None
        self._make_room(0)
        if control == dlt645.READ_ADDRESS or (
            control in _READS and length < _SHORTEST_READ and not self._of_all
        ):
            return super().handle(frame, out)
        who = self._addressed(frame)
        if control & dlt645.ANSWER or self.silent or who in (NOBODY, EVERYONE):
            return 0  # what is for all is sealed by nobody
        shift = self._shift(control)
        data = bytes([(b - shift) & 0xFF for b in frame[dlt645.DATA : dlt645.DATA + length]])
        head = bytes(frame[dlt645.ADDRESS : dlt645.ADDRESS + 6])
        if not self._is_ours(head, control, data):
            return self._refuse(who, control, UNAUTHORISED, out)
        counter = int.from_bytes(data[:_COUNTER], "little")
        if counter < self._next or counter > _LAST:
            return self._tell_next(who, control, counter, out)
        try:
            self._accept(counter)
        except OSError:
            return self._refuse(who, control, OTHER, out)
        inner = bytearray(length - _MORE + dlt645.FRAME)
        inner[dlt645.ADDRESS : dlt645.ADDRESS + 6] = head
        plain = count(self._loaded[1], _nonce(_REQUEST, head, data), data[_COUNTER:-_TAG])
        inner[dlt645.DATA : dlt645.DATA + len(plain)] = plain
        dlt645.close(inner, 0, control, len(plain), shift)
        self._counter = data[:_COUNTER]
        self._make_room(_MORE)
        n = super().handle(memoryview(inner), out)
        return n if n == JOB else self._seal(n, _ANSWER, shift, out)

    def complete(self, job, heard, out):
        control = self._asked[1]
        n = super().complete(job, heard, out)
        return self._seal(n, _ANSWER, self._shift(control), out) if self._counter else n

    def _make_room(self, more):
        for service in self._services:
            if hasattr(service, "end"):
                service.end = END - more

    def _shift(self, control):
        for service in self._services:
            if control in service.controls:
                return service.shift
        return 0x33

    def _is_ours(self, head, control, data):
        if not self._loaded or len(data) < _MORE:
            return False
        return self._tag(_REQUEST, head, control, data[:-_TAG]) == data[-_TAG:]

    def _tag(self, direction, head, control, rest):
        message = bytes((direction,)) + head + bytes((control,)) + rest
        return cmac(self._loaded[0], message)[:_TAG]

    def _accept(self, counter):
        if counter >= self._end:
            self._keys.keep(counter + _STEP)
            self._end = counter + _STEP
        self._next = counter + 1

    def _refuse(self, who, control, error, out):
        # Without a seal: who asked has none, or it says no more than silence would.
        if control in UNANSWERED:
            return 0
        return self._close(who, control, -error, out, 0x33)

    def _tell_next(self, who, control, counter, out):
        n = self._refuse(who, control, UNAUTHORISED, out)
        if n:
            out[dlt645.DATA] = UNAUTHORISED
            out[dlt645.DATA + 1 : dlt645.DATA + 5] = self._next.to_bytes(4, "little")
            n = dlt645.close(out, 0, out[dlt645.CONTROL], 5, 0x33)
            self._counter = counter.to_bytes(_COUNTER, "little")
            n = self._seal(n, _USED_UP, 0x33, out)
        return n

    def _seal(self, n, direction, shift, out):
        # The finished plain answer in out becomes a sealed one.
        if not n:
            return 0
        control, length = out[dlt645.CONTROL], out[dlt645.LENGTH]
        data = bytes([(b - shift) & 0xFF for b in out[dlt645.DATA : dlt645.DATA + length]])
        if length + _MORE > dlt645.MAX_DATA:
            control |= dlt645.ERROR
            control &= ~dlt645.MORE
            data = bytes((OTHER,))  # a meter's answer that the seal makes too long
        head = bytes(out[dlt645.ADDRESS : dlt645.ADDRESS + 6])
        data = self._counter + count(self._loaded[1], _nonce(direction, head, self._counter), data)
        data += self._tag(direction, head, control, data)
        out[dlt645.DATA : dlt645.DATA + len(data)] = data
        return dlt645.close(out, 0, control, len(data), shift)


def _nonce(direction, head, data):
    return bytes((direction,)) + head + data[:_COUNTER]
