"""A search on simulated wires, for the tests of `sibiao scan`."""

from sibiao.bus.scan import Wanted, scan
from sibiao.config import load

CYBLE, FALCON = "water-mbus-itron-cyble", "water-mbus-elster-falcon"
PROFILES = {name: load.read("meters", name) for name in load.names("meters")}
CJT188 = [name for name, meter in PROFILES.items() if meter.link == "cjt188"]
MBUS = [name for name, meter in PROFILES.items() if meter.link == "mbus"]


class Watched:
    """Progress, and whether it keeps what it promises."""

    def __init__(self):
        self.total_ms = 0
        self.at_ms = []

    def planned(self, total_ms):
        self.total_ms = total_ms

    def begins(self, what, at_ms):
        self.at_ms.append(at_ms)

    def spent(self, ms):
        assert ms > 0


def scanned(wire, **wanted):
    return scan(wire, Wanted(**wanted), Watched())


def at(name):
    line = PROFILES[name].line
    return {"bauds": (line.baud,), "parities": (line.parity,)}


def readings(fit):
    return {reading.quantity: reading.text for reading in fit.readings}


def told(meter):
    return readings(meter.best)
