"""By which profiles the frames of a community, or of profiles named one by one, are read."""

from __future__ import annotations

from sibiao.config import load
from sibiao.config.load import Loaded
from sibiao.errors import SibiaoError
from sibiao.explain import auto
from sibiao.explain.dlt645 import HeldBy
from sibiao.monitor.seen import Profiles
from sibiao.reader.catalog import stations


def profiles_of(community: str | None, names: tuple[str, ...]) -> tuple[Loaded | None, Profiles]:
    loaded = load.load(community) if community else None
    by_link, by_meter, held_by = {}, {}, None
    if loaded:
        by_link["dlt645"] = loaded.community.uplink
        held_by = _held_by(loaded)
        for point in loaded.community.points:
            if loaded.meters[point.meter].link in auto.LINKS:
                for address in (point.meter_address, (point.secondary_address or "")[:8]):
                    if address not in (None, ""):
                        by_meter[str(address)] = point.meter
    for name in names:
        link = auto.link_of(name)
        if link in by_link and name != by_link[link] and not loaded:
            raise SibiaoError(
                f"--profile {by_link[link]} and {name} are both of {link}: name one of each link"
            )
        by_link[link] = name
    return loaded, Profiles(by_link, by_meter, held_by)


def _held_by(loaded: Loaded) -> HeldBy:
    """Each point under its own address and under the converter's with its number."""
    table = {}
    for station in stations(loaded):
        table[station.address, 0] = table[station.converter, station.number] = station.held
    return lambda address, point: table.get((address, point))
