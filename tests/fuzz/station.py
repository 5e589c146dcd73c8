"""What is fuzzed behind the framer: the station with every service that a shipped uplink names."""

import dataclasses

from converter.app.freezer import Freezer
from converter.link import dlt645
from converter.link.framer import Framer
from converter.model import calendar
from converter.model.events import Events
from converter.model.point import MeteringPoint
from converter.station import archive
from converter.station.dlt645 import JOB
from converter.store.archive import Archive
from converter.store.events import KeptEvents
from converter.store.history import History
from sibiao.config import load as configs
from sibiao.config.constants import config_source
from sibiao.sim.dlt645_reading import made_frame

from tests.unit.memory_keeper import MemoryKeeper
from tests.unit.stations import Home, build

_CONTROLS = (0x03, 0x08, *range(0x11, 0x20))
_PASS_THROUGH = 0x1F
_FOREIGN = "000000000999"
_EVERYBODY = "999999999999"
_HEAT_METER = bytes.fromhex("51213117001111")
# Bodies of the services of DL/T 645-2007 clause 7, for controls that take no identifier.
_BODIES = {
    0x08: ("003010250326",),
    0x13: ("",),
    0x15: ("010000000000",),
    0x16: ("99999999", "00999999", "00009999", "00000199"),
    0x17: ("04", "08", "20", "FF"),
    0x18: ("010C00040400000004" + "123456",),
    0x1B: ("0400000011223344FFFFFFFF",),
    # Not shifted: a read of the heat meter, of another, each DI of the archive, raw bytes.
    0x1F: (
        "0868205121311700111101031F90213816",
        "086810000000000000000103901F214C16",
        *(f"090{n}161004" for n in (2, 1)),
        "0903161004000A",
        *(f"090{n}161004012051213117001111" for n in (4, 5)),
        "0B0102",
    ),
}


class _Home(Home):
    """What services may ask of a node, on records in memory, noon of a day."""

    def __init__(self, points, settlement):
        super().__init__(points)
        self.keeper = MemoryKeeper()
        self.kept_events = KeptEvents(Events(), self.keeper, "events", b"fuzz")
        self.freezer = Freezer(self, History(self.keeper), settlement)

        self._archive = Archive(self.keeper, b"fuzz", b"\x20" + _HEAT_METER)

    def jobs(self, what, *args):
        # As app.meter_ways, which reads the device's configuration.
        if what == "route":
            known = self._archive.has(bytes(args[0][2:9]))
            return (0, (2400, 0)) if known else None
        if what == "transparent":
            return 0, (1200, None), 100
        return archive.serve(self._archive, lambda *told: None, *args)

    def now_s(self):
        return 1000

    def time_s(self):
        return calendar.to_seconds(2026, 3, 25, 12, 0, 0)


class Uplink:
    """Requests into a station of each shipped uplink, all with the sample community's points."""

    name = "dlt645"

    def __init__(self):
        self.framer = Framer(dlt645.frame_len, dlt645.MAX_FRAME + 16)
        self.answered = 0
        self._out = bytearray(dlt645.MAX_FRAME)
        self._stations = [_station(name) for name in configs.names("uplinks")]
        made = {frame for points, _, dis in self._stations for frame in _requests(points, dis)}
        self.corpus = tuple(sorted(made))  # a seed is to give the same course again

    def take(self, frame: bytes) -> None:
        assert _is_whole(frame) and frame[9] <= 200
        for points, station, _ in self._stations:
            asked = bytearray(frame)
            # What was in the buffer before must never come out.
            self._out[:] = b"\x5a" * len(self._out)
            n = station.handle(memoryview(asked), self._out)
            assert bytes(asked) == frame, "the request was changed"
            if n == JOB:
                assert not _to_everybody(frame)
                assert station.job is not None
                n = station.complete(station.job, None, self._out)
            if n:
                self.answered += 1
                self._check(points, frame, bytes(self._out[:n]))

    def _check(self, points, frame: bytes, answer: bytes) -> None:
        asked, control = frame[8], answer[8]
        assert _is_whole(answer), answer.hex()
        assert not _to_everybody(frame) and not asked & 0x80
        assert control | 0x60 == asked | 0xE0, f"{asked:02X} answered by {control:02X}"
        address = bytes(answer[1:7])
        assert address in {bytes(point.address) for point in points}
        if asked != 0x15:
            wanted = frame[1:7]
            while wanted and wanted[-1] == 0xAA:
                wanted = wanted[:-1]
            assert address.startswith(wanted), f"{wanted.hex()} answered by {address.hex()}"
        if control & 0x40:
            assert answer[9] in (1, 2), "an error answer is one word, or two"
        elif asked in (0x11, 0x12):
            assert answer[10:14] == frame[10:14], "another identifier than asked for"


def _is_whole(frame: bytes) -> bool:
    return (
        len(frame) == 12 + frame[9] <= dlt645.MAX_FRAME
        and frame[0] == frame[7] == 0x68
        and sum(frame[:-2]) & 0xFF == frame[-2]
        and frame[-1] == 0x16
    )


def _to_everybody(frame: bytes) -> bool:
    return frame[1:7] == b"\x99" * 6


def _station(uplink: str):
    """(points, station, identifiers) of the sample community with that uplink."""
    loaded = configs.load("sample")
    loaded = dataclasses.replace(
        loaded,
        uplink=configs.read("uplinks", uplink),
        community=loaded.community.model_copy(update={"uplink": uplink}),
    )
    values = {}
    exec(config_source(loaded), values)
    points = [MeteringPoint(values["ADDRESS"], bytes((32, 33)), 0)]
    points += [MeteringPoint(*p) for p in values["POINTS"]]
    for point in points:
        for quantity in range(64):
            point.publish(quantity, 12345 * quantity, -2, quantity % 8, 0)
    dis = sorted(
        {row.di.replace("**", "01").replace("##", "01") for row in loaded.uplink.identifiers}
    )
    home = _Home(points, values["SETTLEMENT"])
    return points, build(home, values["BOUND"], values["SERVICES"]), dis


def _requests(points, dis: list[str]):
    own = bytes(points[0].address)[::-1].hex()
    point = bytes(points[-1].address)[::-1].hex()
    for control in _CONTROLS:
        for address in (own, point, "AA" * 6, "AAAAAA" + own[6:], _FOREIGN, _EVERYBODY):
            for body in _BODIES.get(control, ("", "0400000012345678" + "010203")):
                data = bytes.fromhex(body)
                if control == _PASS_THROUGH:
                    data = bytes((b - 0x33) & 0xFF for b in data)  # what is made has it added
                yield made_frame(address, control, data)
    for di in dis:
        for control, rest in ((0x11, ""), (0x12, "01"), (0x14, "0400000011223344" + "010203")):
            data = bytes.fromhex(di)[::-1] + bytes.fromhex(rest)
            yield made_frame(own, control, data)
            yield made_frame(point, control, data)
        yield made_frame(own, 0x91, bytes.fromhex(di)[::-1] + bytes(4))  # nobody's request
        yield made_frame(own, 0x11, b"\xff" + bytes.fromhex(di)[2::-1])  # as a block
