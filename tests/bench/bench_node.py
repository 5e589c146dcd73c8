"""The nodes that are measured: the sample community on the emulated Pico, its meters attached."""

from __future__ import annotations

import dataclasses
from functools import cache

from sibiao.config.load import Loaded, load
from sibiao.firmware.slot import image_files, slot_files
from sibiao.micropython import Runtime, find_pico_image
from sibiao.node.pico import EmulatedPico
from sibiao.sim.bus.heat_meter import HeatMeter
from sibiao.sim.uplink.dlt645_reading import ReadItem

from tests.changed_firmware import changed_sources
from tests.node import asking
from tests.node.asking import BUS, CONVERTER, HEAT, WATER

VOLUME = ReadItem("volume", WATER, "00010000", 8, 2, "m3")
ENERGY = ReadItem("energy", HEAT, "00010000", 8, 2, "kWh")
FLOW = ReadItem("flow", HEAT, "E0000400", 8, 4, "m3/h")
PULSES = ReadItem("pulses", CONVERTER, "E0010900", 12, 0, "")
REGISTERS = (VOLUME, ENERGY, FLOW, PULSES)

_METER_ADDRESS = bytes.fromhex("11110017312151")[::-1]


@cache
def image() -> Runtime:
    return find_pico_image()


@cache
def sample() -> Loaded:
    return load("sample")


def with_filter(width_ms: float) -> Loaded:
    """The sample community, its pulse input taking levels held for `width_ms`, its meter giving
    them twice as long."""
    loaded = sample()
    name = "water-reed-10l"
    widths = {"min_active_ms": width_ms, "min_idle_ms": width_ms}
    widths |= {"shortest_active_ms": 2 * width_ms, "shortest_idle_ms": 2 * width_ms}
    meter = loaded.meters[name].model_copy(update=widths)
    return dataclasses.replace(loaded, meters={**loaded.meters, name: meter})


def changed_files(changes: dict[str, tuple[str, str]]) -> dict[str, bytes]:
    """The board's files with a text replaced in some firmware modules: {path: (old, new)}."""
    sources = changed_sources(*((path, *texts) for path, texts in changes.items()))
    files = image_files(sample())
    files |= {f"/a/{name}": data for name, data in slot_files(sample(), sources).items()}
    return files


def powered(files: dict[str, bytes] | None = None, flash: bytes | None = None, seed: int = 0):
    """A Pico at its reset vector, its contact open and its heat meter on the bus."""
    node = EmulatedPico(image().path, files=files, flash=flash, seed=seed)
    node.set_pin(asking.PULSE_PIN, 1)
    return node


def heat_meter(node) -> HeatMeter:
    return HeatMeter(node.clock, node.line(BUS), address=_METER_ADDRESS)


def at_work(loaded: Loaded | None = None, files: dict[str, bytes] | None = None, seed: int = 0):
    """A node that has started and holds the values of both its meters."""
    node = powered(files or image_files(loaded or sample()), seed=seed)
    asking.at_work(node)
    heat_meter(node)
    node.run(4 * asking.S)
    return node
