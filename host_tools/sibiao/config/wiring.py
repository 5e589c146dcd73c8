"""Where the meters of a new community go on its board, and what addresses they are given."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from sibiao.config import schema
from sibiao.config.check.pulses import DECLARED_HZ
from sibiao.config.schema.pulse import PulseInput, PulseMeter
from sibiao.errors import SibiaoError

UPLINK = "uplink"  # the UART of that name
_COUNTER = "counter"  # has a filter of its own, for meters that say so
_HIGHEST_PRIMARY = 250


@dataclass(frozen=True)
class Wired:
    """One meter's place. `meter_address` is only proposed."""

    profile: str
    wires: list[str]
    meter_address: str | None = None


def wire(board: schema.Board, name: str, meters: list[tuple[str, object]]) -> list[Wired]:
    """Meters by the names of their profiles, in their order: pulses to free inputs, links to a bus
    each as long as there are buses."""
    free = dict(board.pulse_inputs)
    buses: dict[str, list[str]] = {uart: [] for uart in board.uarts if uart != UPLINK}
    wired = []
    for number, (profile, meter) in enumerate(meters, 1):
        if meter.link == "pulse":
            wires = _inputs(free, meter)
            if wires is None:
                raise SibiaoError(
                    f"board {name!r} has no free input that meter {profile!r} can be wired to "
                    f"(left: {', '.join(free) or 'none'}); take another board or fewer meters"
                )
            for each in wires:
                del free[each]
            wired.append(Wired(profile, wires))
        else:
            bus = _bus(buses, meter.link)
            if bus is None:
                raise SibiaoError(f"board {name!r} has no UART for the bus of meter {profile!r}")
            buses[bus].append(meter.link)
            wired.append(Wired(profile, [bus], _address(meter.link, number, buses[bus])))
    return wired


def _bus(buses: dict[str, list[str]], link: str) -> str | None:
    """One with meters of this link, else an empty one, else one that is shared."""
    for suits in (lambda links: link in links, lambda links: not links, lambda links: True):
        for bus, links in buses.items():
            if suits(links):
                return bus
    return None


def _address(link: str, number: int, on_bus: list[str]) -> str | None:
    if link == "cjt188":
        return f"{number:014}"
    if link == "mbus":
        return str(min(on_bus.count("mbus"), _HIGHEST_PRIMARY))
    return None


def _inputs(free: dict[str, PulseInput], meter: PulseMeter) -> list[str] | None:
    suited = [name for name, pin in free.items() if _suits(pin, meter)]
    if meter.contacts == "single":
        return suited[:1] or None
    for pair in combinations(suited, 2):
        a, b = (free[name] for name in pair)
        if meter.contacts == "sequence" or _overlapping(a, b):
            return list(pair)
    return None


def _suits(pin: PulseInput, meter: PulseMeter) -> bool:
    fast_enough = meter.max_pulses_per_h <= 3600 * DECLARED_HZ[pin.source]
    return fast_enough and pin.source != _COUNTER


def _overlapping(a: PulseInput, b: PulseInput) -> bool:
    """Two overlapping contacts: alike, and on pio next to each other."""
    alike = (a.source, a.active, a.pull_up) == (b.source, b.active, b.pull_up)
    if not alike or a.source not in ("pio", "irq"):
        return False
    # A pin with a name, as STM32 have them, has no neighbour that a program could read with it.
    return a.source == "irq" or (isinstance(a.gpio, int) and abs(a.gpio - b.gpio) == 1)
