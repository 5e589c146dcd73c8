"""M-Bus under mutation: framer, judgement, records, layout and explanation of each frame found.

Half of the frames are mended after they were spoilt: length and sum are right again, so that what
is wrong reaches the records.
"""

import random
import re

from converter.link import mbus as link
from converter.link.framer import Framer
from converter.meters import mbus, mbus_vif
from converter.model import unit
from converter.model.point import MeteringPoint
from sibiao.explain.mbus import explain

from tests.fuzz.mutate import mutated

_REQUEST = bytes.fromhex("107B017C16")
_HEADER = "785634122D2C010755100000"


def _long(body: str) -> bytes:
    data = bytes.fromhex(body)
    return bytes((0x68, len(data), len(data), 0x68)) + data + bytes((sum(data) & 0xFF, 0x16))


def _row(quantity, kind, base, optional=0):
    return bytes((quantity, kind, base, optional, 0, 0, 0, 0, 0, 0))


class Meters:
    """Answers of meters to one request, into the judgement, a heat layout and the explanation."""

    name = "mbus"
    corpus = (
        _REQUEST,
        _long("080172" + _HEADER + "0406F93415000415C6004D00052E00000000055B22F32642055FC7DA0D42"),
        _long(
            "080172" + _HEADER + "02FC0348522574D41122FC0348522574C81104FD17000000000C78340800541F"
        ),
        _long(
            "080172"
            + _HEADER
            + "8C100452120000C4862A0000000002FDC9FF01ED0002ACFF014F0004BE5071BBB000"
        ),
        _long(
            "080172"
            + _HEADER
            + "046D0A2D8209426CBF1C066D102A0D611900036D3B3B1704FD72029FBCA30F0102"
        ),
        _long(
            "080178"
            "0D1303414243"
            "0D78C30102030D06E4010203040D13D20100"
            "2F2F84800101060100000002937D0500"
        ),
        _long("080176" + "12345678" + "2C2D" + "0107551000000C13123456780B61F00018"),
        _long("080173" + "785634120A00E97E0100000035010000"),
        _long("080172" + "785634122D2C010755101005" + "A1B2C3D4A1B2C3D4A1B2C3D4A1B2C3D4"),
        _long("08017008"),
        _long("0801710A"),
        _long("5301510C0607010000"),
        _long("53FD52FFFFFFFFFFFFFFFF0C7801020304"),
    )
    layout = (
        _row(2, mbus_vif.ENERGY, unit.WH)
        + _row(1, mbus_vif.VOLUME, unit.M3)
        + _row(5, mbus_vif.FLOW_TEMPERATURE, unit.CELSIUS, mbus.OPTIONAL)
        + _row(8, mbus_vif.DATE_TIME, mbus.ANY_UNIT, mbus.OPTIONAL)
    )

    def __init__(self):
        self.framer = Framer(link.frame_len, link.MAX_FRAME + 16)
        self._answer = mbus.Answer(self.layout)
        self.answered = 0

    def spoilt(self, rng: random.Random) -> bytes:
        data = mutated(rng, self.corpus)
        return _mended(data) if rng.random() < 0.5 else data

    def take(self, frame: bytes) -> None:
        if frame[0] == 0x10:
            assert len(frame) == 5 and (frame[1] + frame[2]) & 0xFF == frame[3]
        else:
            assert frame[0] == frame[3] == 0x68 and frame[1] == frame[2] == len(frame) - 6 >= 3
            assert sum(frame[4:-2]) & 0xFF == frame[-2]
        assert frame[-1] == 0x16
        self._explain(frame)
        if link.accept(_REQUEST, memoryview(frame)) == link.SOUND:
            self.answered += 1
            assert not frame[4] & 0x40 and frame[5] == 1 and frame[6] != 0x70
            self._publish(frame)

    def _explain(self, frame: bytes) -> None:
        told = explain(frame)
        assert bytes.fromhex("".join(span.raw for span in told.spans)) == frame
        assert told.valid or (told.error and not told.records)
        for record in told.records:
            raw = bytes.fromhex(record.raw)
            assert frame[record.offset : record.offset + len(raw)] == raw
            assert record.quantity and 0 <= record.tariff < 4**10 and 0 <= record.subunit < 2**10

    def _publish(self, frame: bytes) -> None:
        point = MeteringPoint(bytes(6), bytes((2, 1, 5, 8)), 0)
        self._answer.begin()
        verdict = self._answer.take(memoryview(frame))
        whole = self._answer.publish(point, 1)
        assert verdict != mbus.WHOLE or whole
        written = [point.time_s(k) for k in range(4)]
        assert written == [1] * 4 if whole else written == [0] * 4
        if verdict == mbus.WHOLE:
            told = explain(frame)
            held = {(r.quantity, _is_number(r.value)) for r in told.records}
            for slot, quantity in ((0, "energy"), (1, "volume")):
                assert (quantity, point.value(slot) is not None) in held


def _is_number(value: str | None) -> bool:
    # A meter may send text where a number should be; a point takes none.
    return re.fullmatch(r"-?\d+(\.\d+)?", value or "") is not None


def _mended(data: bytes) -> bytes:
    # Length and sum of the first frame put right, if it can be one.
    at = data.find(b"\x68")
    body = bytearray(data[at + 4 : -2]) if at >= 0 else bytearray()
    if not 3 <= len(body) <= 255:
        return data
    head = bytes((0x68, len(body), len(body), 0x68))
    return data[:at] + head + bytes(body) + bytes((sum(body) & 0xFF, 0x16))
