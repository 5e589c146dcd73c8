"""The profiles of meters on a bus, read once: a scan asks for them over and over."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sibiao.config import load
from sibiao.config.schema.bus import BusMeter


def of_link(link: str) -> dict[str, BusMeter]:
    """By name, in the order of the names."""
    return {name: meter for name, meter in _all(load.directory()).items() if meter.link == link}


@cache
def _all(base: Path) -> dict[str, BusMeter]:
    every = ((name, load.read("meters", name, base)) for name in load.names("meters", base))
    return {name: meter for name, meter in every if isinstance(meter, BusMeter)}
