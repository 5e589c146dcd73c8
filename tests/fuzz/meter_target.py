"""CJ/T 188: a heat meter's answers to a read of the sample community, and what is made of them."""

from __future__ import annotations

from collections import Counter
from random import Random

from converter.link import cjt188
from converter.meters import cjt188 as layout188
from converter.model.point import MeteringPoint
from sibiao.config.constants import config_source
from sibiao.config.load import load
from sibiao.sim.bcd import get_bcd
from sibiao.sim.heat_meter import PUBLISHED, split

from tests.fuzz.checker import CJT188
from tests.fuzz.target import must

_UNIT_FOLLOWS = 0xFF
_BODY = 14  # offset of the body in a frame
_UNITS = bytes((0x05, 0x08, 0x17, 0x2C, 0x35, 0x00, 0xFF))


class MeterTarget:
    shape = CJT188
    frame_len = staticmethod(cjt188.frame_len)
    buffer_size = cjt188.MAX_FRAME + 15  # as app.bus_task has it

    def __init__(self):
        config: dict = {}
        exec(config_source(load("sample")), config)
        _, _, _, meters = config["BUSES"][0]
        self._number, self._type, self._address, self._di, self._layout = meters[0]
        self._point_of = config["POINTS"][self._number - 1]
        self._published = bytes(split(PUBLISHED)[1])
        self.seen: Counter[str] = Counter()

    def begin(self, draw: Random) -> None:
        self._ser = draw.randrange(256)
        out = bytearray(cjt188.MAX_FRAME)
        n = cjt188.read_request(out, self._type, self._address, self._di, self._ser)
        self.request = bytes(out[len(cjt188.PREAMBLE) : n])
        must(self.shape.sound_at(self.request, 0) == self.request, "a request that is not sound")

    def sound(self, draw: Random) -> bytes:
        kind = draw.random()
        if kind < 0.1:
            return self.request  # an echo
        frame = bytearray(self._published)
        frame[1] = draw.choice((0x20, 0x25, 0x27, draw.randrange(256)))
        frame[2:9] = self._address
        frame[11:13] = self._di
        frame[13] = self._ser
        if kind < 0.3:  # a refusal: SER ST0 ST1
            frame[9] = 0xC1
            del frame[12 : _BODY + 43]
            frame[11:12] = bytes((self._ser, 0, 0))
        elif kind < 0.5:
            del frame[_BODY + draw.randint(0, 43) : -2]
        elif kind < 0.8:
            digits = "".join(draw.choices("0123456789", k=86))
            frame[_BODY:-2] = bytes.fromhex(digits)
            for at in (4, 9, 14, 19, 24):
                frame[_BODY + at] = draw.choice(_UNITS)
        self.shape.sealed(frame)
        return bytes(frame)

    def judge(self, frame: memoryview) -> None:
        answer = bytes(frame)
        verdict = cjt188.accept(self.request, frame)
        expected = self._expected(answer)
        must(verdict == expected, f"taken for {verdict} and is {expected}")
        self.seen[("not ours", "sound", "refused")[verdict]] += 1
        if verdict != cjt188.SOUND:
            return
        point = MeteringPoint(*self._point_of)
        read = layout188.read_values(self._layout, frame, point, 1)
        must(bytes(frame) == answer, "reading changed the frame")
        self._judge_values(answer, point, read)

    def _expected(self, answer: bytes) -> int:
        if answer[2:9] != self._address:
            return cjt188.NOT_OURS
        data = answer[11:-2]
        if answer[9] == 0x81 and data[:3] == self._di + bytes((self._ser,)):
            return cjt188.SOUND
        refused = answer[9] == 0xC1 and len(data) == 3 and data[0] == self._ser
        return cjt188.REFUSED if refused else cjt188.NOT_OURS

    def _judge_values(self, answer: bytes, point: MeteringPoint, read: bool) -> None:
        body = answer[_BODY:-2]
        rows = [self._layout[at : at + 5] for at in range(0, len(self._layout), 5)]
        ends = [offset + size + (unit == _UNIT_FOLLOWS) for _, offset, size, _, unit in rows]
        must(read == (max(ends) <= len(body)), "a body read that is too short, or the reverse")
        self.seen["read" if read else "too short"] += 1
        for code, offset, size, _, unit in rows:
            value = point.value(point.slot(code))
            if not read:
                must(value is None, "a value from a body that is too short")
                continue
            number = get_bcd(body[offset : offset + size])
            known = unit != _UNIT_FOLLOWS or body[offset + size] in _KNOWN
            must(value == (number if known else None), f"{value} read, and it says {number}")


# CJ/T 188's unit codes that have one meaning: kWh and its multiples, J, W, m3, m3/h.
_KNOWN = bytes.fromhex("01 02 05 08 0A 0B 0E 11 13 14 17 1A 29 2C 32 35")
