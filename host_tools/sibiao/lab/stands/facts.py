"""Who the running module is: by its console where that answers, else by its uplink alone."""

from __future__ import annotations

from sibiao.errors import SibiaoError
from sibiao.lab.record import ModuleFacts
from sibiao.lab.stands.reading import Uplink
from sibiao.lab.stands.stand import Stand

_REPORTED = ("community", "config", "firmware", "slot")
_MORE = ("unit", "starts", "cause", "uptime_s", "heap")


def facts_of(stand: Stand) -> ModuleFacts:
    """Serial number and address as its uplink says them."""
    uplink = Uplink(stand)
    serial = uplink.raw(stand.loaded.community.address, "04000403")
    try:
        told = stand.console().report()
    except SibiaoError as error:
        told = {"fault": str(error)}
    return ModuleFacts(
        serial=serial[::-1].decode("ascii", "replace").strip("\x00 ") if serial else "",
        address=uplink.who(),
        **{name: str(told.get(name, "")) for name in _REPORTED},
        more={name: str(told[name]) for name in (*_MORE, "fault") if told.get(name)},
    )
