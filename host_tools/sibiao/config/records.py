"""The records that a node keeps, by name and size on the keeper."""

from __future__ import annotations

from converter.store import events, presets, totals

from sibiao.config.load import Loaded


def record_sizes(loaded: Loaded) -> dict[str, int]:
    """Name -> bytes, in the order in which they are laid out; points come last, in their order,
    so that one more point leaves the others where they are."""
    sizes = {"events": events.SIZE, "presets": presets.SIZE}
    for number, point in enumerate(loaded.community.points, 1):
        if loaded.meters[point.meter].link == "pulse":
            sizes[f"total{number}"] = totals.SIZE
    return sizes
