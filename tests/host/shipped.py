"""The stations of the uplinks that are shipped, for the sample community, put together by the
app's own code from the compiled configuration: records in memory, the rest of the node is a test.
"""

import contextlib
import dataclasses
import functools
import importlib
import sys
from pathlib import Path
from types import SimpleNamespace

import converter.station
from converter.app import services_cjt188, station_build
from converter.app.reporter import Reporter
from converter.model.point import MeteringPoint
from converter.station import archive
from converter.store.archive import Archive
from converter.store.told import Told
from sibiao.config import load as configs
from sibiao.config.constants import config_source

from tests.unit import block_cipher
from tests.unit.memory_keeper import MemoryKeeper
from tests.unit.stations import NOON_S, WritableHome, stand_still

KEY = bytes(range(16))
WATER, HEAT = 1, 2  # numbers of the points

sys.modules.setdefault("converter.hal.aes", block_cipher)  # the board's own, on a board
# What is loaded before is not let go of by app.seldom after each call: that would cost a test most
# of its time, and take away what it patches.
for _path in sorted(Path(converter.station.__path__[0]).glob("[a-z]*.py")):
    importlib.import_module(f"converter.station.{_path.stem}")


@functools.cache
def loaded(uplink: str):
    """The sample community with that uplink."""
    sample = configs.load("sample")
    return dataclasses.replace(
        sample,
        uplink=configs.read("uplinks", uplink),
        community=sample.community.model_copy(update={"uplink": uplink}),
    )


@functools.cache
def compiled(uplink: str) -> SimpleNamespace:
    """The constants that the firmware would read."""
    values = {}
    exec(config_source(loaded(uplink)), values)
    return SimpleNamespace(**values)


def different() -> list[str]:
    """Shipped uplinks whose stations differ; of several with the same one, the first."""
    found = {}
    for name in configs.names("uplinks"):
        of = compiled(name)
        station = of.SERVICES, of.SELDOM, of.SEALED, of.JOBS, of.REPORTS
        found.setdefault(repr(station), name)
    return list(found.values())


class ShippedHome(WritableHome):
    """A node that has just started, its clock at `time_s` (0: unknown). `changed`: constants that
    differ from what is shipped."""

    def __init__(self, uplink: str, keeper: MemoryKeeper, time_s: int = NOON_S, **changed):
        self.config = config = SimpleNamespace(**{**vars(compiled(uplink)), **changed})
        points = [MeteringPoint(config.ADDRESS, bytes((32, 33)), 0)]
        points += [MeteringPoint(*point) for point in config.POINTS]
        configured = config.UPLINK[3], config.UPLINK[4], config.SETTLEMENT
        super().__init__(points, keeper, time_s, config.ACCESS[0], configured)
        self.kept_events.load()
        self.kept_events.upgrade()
        self.files = keeper
        if config.REPORTS:
            self.reporter = Reporter(self, config.REPORTS, keeper, self.own, None)
            self.reports = lambda: Told(self.reporter.kept)
        stand_still(self, (WATER,))
        self.station = station_build.build(self, config)

    def jobs(self, what, *args):
        # As app.meter_ways for the one bus of the sample community, whose meter is heat's.
        number, *line, _, _, _, asked = self.config.BUSES[0][5][0][:7]
        if what == "valve":
            point, to = args
            out = bytearray(32)
            meter = SimpleNamespace(ser=0, dialect=0, meter_type=asked[0], address=asked[1])
            n = services_cjt188.build(out, meter, "valve", (to,), None)
            return (0, tuple(line), 0, bytes(out[:n]), None) if point == number else None
        if what == "transparent":
            return None
        kept = Archive(self.files, self.own, bytes(asked[:1]) + asked[1])
        kept.load()
        if what == "route":
            return (0, tuple(line)) if kept.has(bytes(args[0][2:9])) else None
        return archive.serve(kept, lambda *told: None, *args)

    def rest(self):
        """The line rests: what is due becomes durable, as far as the keeper can."""
        if self.access.unlocks(self.now_s()):
            self._try(self.change, "unlock")
        if self.kept_events.dirty:
            self._try(self.kept_events.commit, self.time_s())
        self.freezer.commit_due()
        if self.config.REPORTS:
            self.reporter.due()

    def _try(self, commit, *args):
        with contextlib.suppress(OSError):
            commit(*args)
