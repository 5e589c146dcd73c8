"""What is fuzzed: each link's framer with its consumer, checked by lines of our own."""

from converter.link import cjt188, dlt645
from converter.link.framer import Framer
from converter.meters import cjt188 as layout188
from converter.model.point import MeteringPoint
from sibiao.config.constants import config_source
from sibiao.config.layouts import layout_rows
from sibiao.config.load import load, read

from tests.fuzz.cjt188 import Explanation, Profiles
from tests.unit.stations import Home, build


def _closed(body: str) -> bytes:
    data = bytes.fromhex(body)
    return data + bytes((sum(data) & 0xFF, 0x16))


class Uplink:
    """DL/T 645 requests into the station of the sample community."""

    name = "dlt645"
    corpus = (
        _closed("68AAAAAAAAAAAA681300"),
        _closed("6801030000000068110433333433"),
        _closed("6802030000000068110433333433"),
        _closed("6801000000000068110433343513"),
        _closed("6801000000000068110434373337"),
        _closed("68999999999999680806333333333333"),
        _closed("6801030000000068910833333433896745AB"),
        _closed("680103000000006814053334353637"),
    )

    def __init__(self):
        values = {}
        exec(config_source(load("sample")), values)
        points = [MeteringPoint(values["ADDRESS"], bytes((32, 33)), 0)]
        points += [MeteringPoint(*p) for p in values["POINTS"]]
        for point in points:
            for quantity in range(64):
                point.publish(quantity, 12345 * quantity, -2, quantity % 8, 0)
        self.framer = Framer(dlt645.frame_len, dlt645.MAX_FRAME + 16)
        self._station = build(Home(points), 0, values["SERVICES"])
        self._out = bytearray(dlt645.MAX_FRAME)
        self.answered = 0

    def take(self, frame: bytes) -> None:
        body = frame[:-2]
        assert frame[0] == frame[7] == 0x68 and frame[-1] == 0x16 and frame[9] <= 200
        assert len(frame) == 12 + frame[9] and sum(body) & 0xFF == frame[-2]
        n = self._station.handle(memoryview(frame), self._out)
        if n:
            self.answered += 1
            answer = bytes(self._out[:n])
            assert len(answer) == 12 + answer[9] <= 212 and answer[8] & 0x80
            assert sum(answer[:-2]) & 0xFF == answer[-2]


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


LINKS = {link.name: link for link in (Uplink, Bus, Profiles, Explanation)}
