"""Which module is tested: `pico`, `virtual`, or the ports of a real one."""

from __future__ import annotations

from contextlib import AbstractContextManager, closing
from dataclasses import dataclass

from sibiao.config.load import load
from sibiao.errors import SibiaoError

SIMULATED = ("pico", "virtual")
_KEYS = ("uplink", "generator", "community")


@dataclass(frozen=True)
class UnderTest:
    """`text`: as it was written. `console` of a real one is its USB port. `buses`: name of a bus
    -> the port at which simulated meters hang on it."""

    text: str
    community: str
    simulated: str = ""
    console: str = ""
    uplink: str = ""
    generator: str = ""
    buses: tuple[tuple[str, str], ...] = ()

    @staticmethod
    def parsed(text: str, community: str) -> UnderTest:
        """`pico`, `virtual`, or `PORT,uplink=PORT` with `,generator=PORT` and `,BUS=PORT`; behind
        each `,community=NAME`."""
        first, *rest = text.split(",")
        given = dict(each.partition("=")[::2] for each in rest)
        if not first or "=" in first or not all(given.values()) or len(given) < len(rest):
            raise SibiaoError(
                f"--module {text!r} is none: write pico, virtual, or the module's USB port and "
                "its uplink as PORT,uplink=PORT[,generator=PORT][,BUS=PORT][,community=NAME]"
            )
        named = {key: given.pop(key) for key in _KEYS if key in given}
        community = named.pop("community", community)
        if first in SIMULATED:
            if named or given:
                raise SibiaoError(f"--module {text!r}: {first} has its own lines, and no ports")
            return UnderTest(text, community, simulated=first)
        if "uplink" not in named:
            raise SibiaoError(
                f"--module {text!r}: say at which port the uplink is, {first},uplink=PORT"
            )
        buses = [name for name in load(community).board.uarts if name != "uplink"]
        if wrong := [name for name in given if name not in buses]:
            raise SibiaoError(
                f"--module {text!r}: the board of community {community!r} has no bus "
                f"{wrong[0]!r}; it has {', '.join(buses) or 'none'}"
            )
        return UnderTest(text, community, console=first, buses=tuple(given.items()), **named)

    @property
    def ports(self) -> list[str]:
        named = (self.console, self.uplink, self.generator, *dict(self.buses).values())
        return [each for each in named if each]

    def opened(self) -> AbstractContextManager:
        """Its stand (lab/stands/stand.py), at work."""
        loaded = load(self.community)
        if self.simulated:
            from sibiao.lab.stands.simulated import in_virtual_time, on_pico

            return closing(
                on_pico(loaded) if self.simulated == "pico" else in_virtual_time(loaded)
            )
        from sibiao.lab.stands.hardware import on_ports

        buses = dict(self.buses)
        return closing(on_ports(loaded, self.console, self.uplink, self.generator, buses))
