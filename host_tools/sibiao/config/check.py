"""What no file can be wrong in by itself: a community against its board."""

from __future__ import annotations

from collections.abc import Iterable

from sibiao.config.load import Loaded
from sibiao.errors import SibiaoError


def check(loaded: Loaded) -> None:
    """SibiaoError when two points claim one address, one name or one pulse input."""
    community = loaded.community
    points = community.points
    addresses = [(p.name, p.address) for p in points]
    _once(loaded, "address", [("the converter", community.address), *addresses])
    _once(loaded, "name", [(f"point {n}", p.name) for n, p in enumerate(points, 1)])
    pulses = [p for p in points if loaded.meters[p.meter].link == "pulse"]
    _once(loaded, "pulse input", [(p.name, p.wired_to) for p in pulses])


def _once(loaded: Loaded, what: str, claims: Iterable[tuple[str, str]]) -> None:
    holders: dict[str, str] = {}
    for who, value in claims:
        if value in holders:
            raise SibiaoError(
                f"community {loaded.name!r}: {holders[value]} and {who} both have the "
                f"{what} {value!r}; each needs its own"
            )
        holders[value] = who
