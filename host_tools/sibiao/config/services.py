"""What the services of a community's station are given, as constants of the firmware."""

from __future__ import annotations

from sibiao.config import identifiers
from sibiao.config.load import Loaded


def services(loaded: Loaded) -> tuple:
    """(module of converter.station, its arguments) of each service that the uplink names."""
    return tuple(
        (name, _ARGUMENTS[name](loaded) if name in _ARGUMENTS else ())
        for name in loaded.uplink.services
    )


def _read(loaded: Loaded) -> tuple:
    community = loaded.community
    texts = {"serial": community.serial, "production_date": community.production_date}
    rows = identifiers.compiled(loaded.uplink, texts)
    identifiers.check_room(loaded)
    return rows


_ARGUMENTS = {"read": _read}
