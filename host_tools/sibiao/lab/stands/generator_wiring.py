"""Which pin of the generator goes to which of the module."""

from __future__ import annotations

from typing import NamedTuple

from generator import pins

from sibiao.config.load import Loaded
from sibiao.lab.stands.hardware import channels_of
from sibiao.sheet.wiring import pin_name


class Connection(NamedTuple):
    generator: str
    module: str
    what: str


def connections(loaded: Loaded) -> list[Connection]:
    board = loaded.board
    rows = [Connection("GND", "GND", "first of all")]
    for name, channel in channels_of(loaded).items():
        pin = pin_name(loaded, board.pulse_inputs[name].gpio)
        rows.append(
            Connection(f"GP{pins.FIRST_CHANNEL + channel}", pin, f"{name}: a contact to ground")
        )
    led, event = (f"GP{gpio}" for gpio in pins.INPUTS)
    rows.append(Connection(led, pin_name(loaded, board.led), "the module's LED"))
    module = board.module
    if module and module.event is not None:
        rows.append(Connection(event, pin_name(loaded, module.event), "EVENT"))
    what = "relay driver; high cuts the module's supply, that of its USB port too"
    rows.append(Connection(f"GP{pins.RELAY}", "supply", what))
    return rows
