"""The records that a node keeps, by name and size on the keeper."""

from __future__ import annotations

from converter.store import events, parameters, presets, totals, writes

from sibiao.config.device.services import access
from sibiao.config.load import Loaded


def record_sizes(loaded: Loaded) -> dict[str, int]:
    """Name -> bytes, in the order in which they are laid out; points come last, in their order,
    so that one more point leaves the others where they are."""
    sizes = {"events": events.SIZE, "presets": presets.SIZE}
    for number, point in enumerate(loaded.community.points, 1):
        if loaded.meters[point.meter].link == "pulse":
            sizes[f"total{number}"] = totals.SIZE
    return sizes


def written_sizes(loaded: Loaded) -> dict[str, int]:
    """The same of what is written from outside. On FRAM they stand at the chip's far end, so that
    neither they nor the others move when a point or a service comes or goes."""
    if access(loaded) is None:
        return {}
    return {"parameters": parameters.SIZE, "writes": writes.SIZE}


def fram_bytes(directory: tuple) -> int:
    """What a chip needs for them (converter.hal.fram_keeper): a mark, two slots of each."""
    return 8 + sum(2 * (most + 8) for _, most in directory)
