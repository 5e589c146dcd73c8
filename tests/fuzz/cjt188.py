"""CJ/T 188 for the fuzzer: every profile's layout, the master's judgement, the gas valve, and the
explanation of every byte."""

from converter.link import cjt188 as link
from converter.link.framer import Framer
from converter.meters import cjt188 as decoder
from converter.model.point import MeteringPoint
from sibiao.config.device.layouts import ask, layout, layout_rows
from sibiao.config.load import names, read
from sibiao.explain import cjt188 as explanation


def _closed(body: bytes) -> bytes:
    return body + bytes((sum(body) & 0xFF, 0x16))


def _sound(frame: bytes) -> None:
    assert frame[0] == 0x68 and frame[-1] == 0x16 and frame[10] <= 0x64
    assert len(frame) == 13 + frame[10] and sum(frame[:-2]) & 0xFF == frame[-2]


def _profiles():
    for name in names("meters"):
        meter = read("meters", name)
        if meter.link == "cjt188":
            yield name, meter


def _published() -> tuple[bytes, ...]:
    frames = []
    for _, meter in _profiles():
        for golden in meter.golden:
            data = bytes.fromhex(golden.telegram)
            at = next(k for k in range(len(data)) if link.frame_len(data, k, len(data)) > 0)
            frames.append(data[at : at + 13 + data[at + 10]])
    return tuple(dict.fromkeys(frames))


_VALVE = _closed(bytes.fromhex("68300300000000000004 0417A00199"))
_REFUSAL = _closed(bytes.fromhex("681018021220200000C103000600"))


class Profiles:
    """Answers into every layout that is shipped: what is published is a number or unknown."""

    name = "cjt188 profiles"
    corpus = (*_published(), _VALVE, _REFUSAL)

    def __init__(self):
        self.framer = Framer(link.frame_len, link.MAX_FRAME + 15)
        self.answered = 0
        self._meters = []
        for name, meter in _profiles():
            rows = layout_rows(meter, name)
            codes = bytes(row[0] for row in rows)
            need = max(f.offset + f.width + self._beside(meter, f) for f in meter.fields)
            digits = [(256 if f.is_status else 100) ** f.width for f in meter.fields]
            whole = layout(meter, name)
            exact = meter.answer.body_bytes
            self._meters.append((whole, codes, need, exact, digits, ask(meter)))

    @staticmethod
    def _beside(meter, field) -> bool:
        return field.has_unit_byte and meter.dialect.unit_position == "after"

    def take(self, frame: bytes) -> None:
        _sound(frame)
        self._gas(frame)
        for whole, codes, need, exact, most, asked in self._meters:
            point = MeteringPoint(bytes(6), codes, 0)
            fits = decoder.read_values(whole, memoryview(frame), point, 0)
            body = frame[10] - 3
            assert fits == (body == exact if exact else body >= need)
            for slot, limit in enumerate(most):
                value = point.value(slot)
                assert value is None or 0 <= value < limit
                assert fits or value is None
            self.answered += self._judge(frame, asked, fits)

    def _judge(self, frame: bytes, asked: bytes, fits: bool) -> bool:
        request = bytearray(32)
        n = link.read_request(request, 0x20, frame[2:9], asked, frame[13] if fits else 0)
        verdict = link.accept(request[3:n], frame)
        function = asked[2] if len(asked) > 2 else 1
        if verdict == link.SOUND:
            assert frame[9] == 0x80 | function and frame[11:13] == asked[:2]
        elif verdict == link.REFUSED:
            assert frame[9] == 0xC0 | function and frame[10] == 3
        return fits and verdict == link.SOUND

    @staticmethod
    def _gas(frame: bytes) -> None:
        if not link.opens_gas_valve(frame):
            return
        assert frame[1] >> 4 == 3 or frame[1] == 0xAA
        assert not frame[9] & 0x80
        shift = 0 if 0xA0 in frame[11:13] else 0x33
        assert {(b - shift) & 0xFF for b in frame[11:13]} == {0xA0, 0x17}


class Explanation:
    """Sound frames into the explanation: every byte in one span, values exact or unknown."""

    name = "cjt188 decode"
    corpus = Profiles.corpus

    def __init__(self):
        self.framer = Framer(link.frame_len, link.MAX_FRAME + 15)
        self.answered = 0

    def take(self, frame: bytes) -> None:
        _sound(frame)
        found = explanation.explain(frame)
        assert found.valid and found.error is None
        assert "".join(span.raw for span in found.spans) == frame.hex().upper()
        for record in found.records:
            assert record.value is None or record.value
            assert record.unit or record.value is None or record.quantity != "energy"
        self.answered += any(record.value is not None for record in found.records)
