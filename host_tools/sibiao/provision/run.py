"""Provisioning step by step; what was done is told also when a later step fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sibiao.board.console import Commands
from sibiao.config.load import Loaded
from sibiao.config.schema.community import Point
from sibiao.errors import SibiaoError
from sibiao.provision.addresses import Addresses
from sibiao.provision.node import Dial, Dials, pulse_points, set_clock
from sibiao.reader.client import Client

_ADDRESS = "04000401"


@dataclass
class Done:
    """For the ledger: `steps` says of each thing whether it was proved."""

    points: dict[str, dict[str, str]]
    steps: dict[str, str] = field(default_factory=dict)


class Provision:
    """`flashed`: what the node may have been flashed with, if not as this unit. `dials`: of points
    whose dial was read just now, in m3; the others begin at the unit's base reading."""

    def __init__(
        self,
        loaded: Loaded,
        flashed: Loaded,
        report: dict[str, Any],
        commands: Commands,
        dials: dict[str, str],
        told: Callable[[str, str], None],
    ):
        self._loaded = loaded
        self._flashed = flashed
        self._report = report
        self._commands = commands
        self._entered = dials
        self._told = told
        self.done = Done({p.name: {"address": p.address} for p in loaded.community.points})

    def key(self, key: bytes, client: Client | None) -> None:
        self._commands.command(f"key {key.hex()}", "key")
        if client is None:
            self._say("key", "written, not proved: no --uplink")
            return
        client.read(self._report["answers_to"], _ADDRESS)
        self._say("key", "written, proved by a sealed read")

    def clock(self) -> None:
        self._say("clock", f"set to {set_clock(self._commands)}")

    def addresses(self, settled: Addresses | None) -> None:
        if settled is None:
            own, answers_to = self._loaded.community.address, self._report["answers_to"]
            if answers_to != own:
                raise SibiaoError(
                    f"the node answers to {answers_to}, and the unit's address is {own}: give "
                    "--uplink, over which it is written"
                )
            self._say("address converter", "as the node reports; points not proved: no --uplink")
            return
        for name, what in settled.settle(self._loaded, self._report["answers_to"]).items():
            self._say(f"address {name}", what)

    def dials(self) -> None:
        dials = Dials(self._loaded, self._commands)
        for number, point in pulse_points(self._loaded):
            before = dials.read(number)
            if before.text is None:
                raise SibiaoError(f"the record of {point.name} is lost: sibiao restore")
            text = self._entered.get(point.name) or self._base(number, point, before)
            after = dials.enter(number, text, "commissioned") if text else before
            self.done.points[point.name] |= {"dial": after.text, "dial_before": before.text}
            what = f"{after.text} m3, before {before.text}" if text else f"{after.text} m3, proved"
            self._say(f"dial {point.name}", what)

    def _base(self, number: int, point: Point, shown: Dial) -> str | None:
        """The unit's base reading if it is to be entered, None if the dial shows it already."""
        if not shown.pulses and Decimal(shown.text) == Decimal(point.base_reading):
            return None
        flashed = self._flashed.community.points[number - 1].base_reading
        if shown.pulses or Decimal(shown.text) != Decimal(flashed):
            raise SibiaoError(
                f"{point.name} has counted {shown.pulses} pulses and shows {shown.text} m3: the "
                f"unit's base reading {point.base_reading} would wipe that. Read the dial: --dial "
                f"{point.name}=READING"
            )
        return point.base_reading

    def _say(self, step: str, what: str) -> None:
        self.done.steps[step] = what
        self._told(step, what)


def unit_data(report: dict[str, Any], loaded: Loaded) -> dict[str, Any]:
    """What every row about a unit says of it."""
    return {
        "community": loaded.name,
        "address": loaded.community.address,
        "unit": report["unit"],
        "firmware": report["firmware"],
        "config": report["config"],
    }
