"""DL/T 645: requests to the station of the sample community."""

from __future__ import annotations

from collections import Counter
from random import Random

from converter.link import dlt645
from converter.model import quantity
from converter.model.point import MeteringPoint
from converter.station.dlt645 import Station
from sibiao.config.constants import config_source
from sibiao.config.load import load

from tests.fuzz.checker import DLT645
from tests.fuzz.target import must

_OWN = bytes((quantity.STARTS, quantity.EVENTS))
_VALUES = (None, 0, 1, -1, 99999999, 100000000, 1234567890123, -7999, 2**40)
_NO_ERROR_ANSWER = (0x08, 0x15)
_READ, _READ_ADDRESS = 0x11, 0x13


class StationTarget:
    shape = DLT645
    frame_len = staticmethod(dlt645.frame_len)
    buffer_size = dlt645.MAX_FRAME + 16  # as uplink.serve has it

    def __init__(self):
        config: dict = {}
        exec(config_source(load("sample")), config)
        self.points = [MeteringPoint("converter", config["ADDRESS"], _OWN, 0)]
        self.points += [MeteringPoint(*point) for point in config["POINTS"]]
        self._bound = self.points[config["BOUND"]].address
        table = config["IDENTIFIERS"]
        self._identifiers = [table[at : at + 4] for at in range(0, len(table), 8)]
        self._units = [(table[at + 4], table[at + 7]) for at in range(0, len(table), 8)]
        self.station = Station(self.points, table, config["SERIAL"], config["BOUND"])
        self._out = memoryview(bytearray(dlt645.MAX_FRAME))
        self.seen: Counter[str] = Counter()
        for point in self.points:
            for code, base in self._units:
                point.publish(code, 12345, -2, base, 0)

    def begin(self, draw: Random) -> None:
        code, base = draw.choice(self._units)
        point = draw.choice(self.points)
        point.publish(code, draw.choice(_VALUES), draw.randint(-4, 3), base, 0)

    def sound(self, draw: Random) -> bytes:
        address = draw.choice(
            (*(p.address for p in self.points), b"\xaa" * 6, b"\x99" * 6, draw.randbytes(6))
        )
        if draw.random() < 0.2:
            kept = draw.randint(0, 6)
            address = address[:kept] + b"\xaa" * (6 - kept)
        control = draw.choice((0x11, 0x11, 0x11, 0x11, 0x13, 0x12, 0x14, 0x08, 0x1C, 0x91))
        data = bytearray(draw.choice(self._identifiers))
        if data[3] == 0xE0 and draw.random() < 0.5:
            data[2] = draw.randint(0, 4)
        if control == _READ_ADDRESS:
            data = b""
        elif draw.random() < 0.1:
            data = draw.randbytes(draw.choice((0, 1, 5, 60, 200)))
        frame = bytearray(b"\x68" + address + b"\x68" + bytes((control, len(data))))
        frame += bytes((byte + 0x33) & 0xFF for byte in data) + b"\0\x16"
        self.shape.sealed(frame)
        return bytes(frame)

    def judge(self, frame: memoryview) -> None:
        request = bytes(frame)
        answered = self.station.answered
        n = self.station.handle(frame, self._out)
        must(bytes(frame) == request, "the station changed its request")
        must(0 <= n <= dlt645.MAX_FRAME, f"an answer of {n} bytes")
        must(self.station.answered - answered == (n > 0), "answers are miscounted")
        who = self._addressed(request)
        if n == 0:
            self.seen["silence"] += 1
            excused = who is None or request[8] in (*_NO_ERROR_ANSWER, _READ_ADDRESS)
            must(excused or request[8] & 0x80, "no answer to a request that is ours")
            return
        must(who is not None, "an answer to a request that is not ours")
        must(not request[8] & 0x80, "an answer to an answer")
        self._judge_answer(request, bytes(self._out[:n]), who)

    def _judge_answer(self, request: bytes, answer: bytes, who: bytes) -> None:
        must(self.shape.sound_at(answer, 0) == answer, "an answer that is no sound frame")
        must(answer[1:7] == who, "an answer under another address")
        refused = answer[8] == request[8] | 0xC0
        must(refused or answer[8] == request[8] | 0x80, "an answer to another service")
        self.seen["refused" if refused else "answered"] += 1
        if refused:
            must(answer[9] == 1, "an error answer of another length")
        elif request[8] == _READ_ADDRESS:
            must(answer[9] == 6, "an address of another length")
        else:
            must(request[8] == _READ, "a service that is not offered")
            must(request[9] == 4 and answer[10:14] == request[10:14], "another identifier")

    def _addressed(self, request: bytes) -> bytes | None:
        address = request[1:7]
        if address in [point.address for point in self.points]:
            return address
        given = address.rstrip(b"\xaa")
        shortened = len(given) < 6 and self._bound.startswith(given)
        return self._bound if shortened else None
