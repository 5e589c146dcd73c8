"""Which module is tested: `pico`, `virtual`, or the ports of a real one."""

from __future__ import annotations

from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace

from sibiao.config.load import load
from sibiao.errors import SibiaoError

SIMULATED = ("pico", "virtual")
_KEYS = ("uplink", "generator", "bus", "community")


@dataclass(frozen=True)
class UnderTest:
    """`text`: as it was written. `console` of a real one is its USB port; at `bus` this machine
    simulates the meters of its bus."""

    text: str
    community: str
    simulated: str = ""
    console: str = ""
    uplink: str = ""
    generator: str = ""
    bus: str = ""

    @staticmethod
    def parsed(text: str, community: str) -> UnderTest:
        """`pico`, `virtual` or `PORT,uplink=PORT`, which `,generator=PORT` and `,bus=PORT` may
        follow; then `,community=NAME`."""
        first, *rest = text.split(",")
        given = dict(each.partition("=")[::2] for each in rest)
        wrong = [key for key, value in given.items() if key not in _KEYS or not value]
        if wrong or len(given) < len(rest) or not first or "=" in first:
            raise SibiaoError(
                f"--module {text!r} is none: write pico, virtual, or the module's USB port and "
                "its uplink as PORT,uplink=PORT[,generator=PORT][,bus=PORT][,community=NAME]"
            )
        if first in SIMULATED:
            if given.keys() - {"community"}:
                raise SibiaoError(f"--module {text!r}: {first} has its own lines, and no ports")
            made = UnderTest(text, community, simulated=first)
        else:
            if "uplink" not in given:
                raise SibiaoError(
                    f"--module {text!r}: say at which port the uplink is, {first},uplink=PORT"
                )
            made = UnderTest(text, community, console=first)
        return replace(made, **given)

    @property
    def ports(self) -> list[str]:
        return [each for each in (self.console, self.uplink, self.generator, self.bus) if each]

    def opened(self) -> AbstractContextManager:
        """Its stand (lab/stand.py), at work."""
        loaded = load(self.community)
        if self.simulated:
            from sibiao.lab.simulated import in_virtual_time, on_pico

            return closing(
                on_pico(loaded) if self.simulated == "pico" else in_virtual_time(loaded)
            )
        from sibiao.lab.hardware import on_ports

        buses = {"bus": self.bus} if self.bus else {}
        return closing(on_ports(loaded, self.console, self.uplink, self.generator, buses))
