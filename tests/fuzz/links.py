"""What is fuzzed: each link's framer with its consumer, checked by lines of our own."""

from converter.link import cjt188
from converter.link.framer import Framer
from converter.meters import cjt188 as layout188
from converter.model.point import MeteringPoint
from sibiao.config.device.layouts import layout_rows
from sibiao.config.load import read

from tests.fuzz.cjt188 import Explanation, Profiles
from tests.fuzz.csg import Module
from tests.fuzz.mbus import Meters
from tests.fuzz.station import Uplink


def _closed(body: str) -> bytes:
    data = bytes.fromhex(body)
    return data + bytes((sum(data) & 0xFF, 0x16))


class Bus:
    """CJ/T 188 answers into the master's judgement and the heat meter's layout."""

    name = "cjt188"
    corpus = (
        bytes.fromhex("68207536495900111101031F9012BC16"),
        bytes.fromhex(
            "682775364959001111812E1F901257923601059384630305750400001710930000358207"
            "71002C0451006146009083023024090801132004085916"
        ),
        _closed("682075364959001111C103120400"),
        _closed("682775364959001111812E1F9012" + "FF" * 43),
        _closed("68207536495900111181031F9012"),
    )

    def __init__(self):
        name = "heat-cjt188-1f90"
        rows = layout_rows(read("meters", name), name)
        self._layout = b"".join(rows)
        self._codes = bytes(row[0] for row in rows)
        self.framer = Framer(cjt188.frame_len, cjt188.MAX_FRAME + 15)
        self.answered = 0

    def take(self, frame: bytes) -> None:
        assert frame[0] == 0x68 and frame[-1] == 0x16 and frame[10] <= 0x64
        assert len(frame) == 13 + frame[10] and sum(frame[:-2]) & 0xFF == frame[-2]
        request = self.corpus[0]
        if cjt188.accept(request, memoryview(frame)) == cjt188.SOUND:
            self.answered += 1
            # Digits that a meter does not use are F with some, 0 with others.
            who = frame[2:9].hex().replace("f", "0")
            assert frame[9] == 0x81 and who == request[2:9].hex()
            assert frame[11:14] == request[11:14]
            point = MeteringPoint(bytes(6), self._codes, 0)
            whole = layout188.read_values(self._layout, memoryview(frame), point, 0)
            assert whole == (frame[10] >= 3 + 34)
            for slot in range(len(self._codes)):
                value = point.value(slot)
                assert value is None or 0 <= value < 10**8


LINKS = {link.name: link for link in (Uplink, Module, Bus, Profiles, Explanation, Meters)}
