"""What a hostile meter reads: registers that stand still, written by hand or of a community."""

from __future__ import annotations

from sibiao.config import schema, terms
from sibiao.config.load import Loaded
from sibiao.errors import SibiaoError
from sibiao.sim.dlt645_reading import ReadItem

_OF_CONVERTER = ("04000401", "04000403")  # its address and its number (annex A, table A.5)


def item(text: str) -> ReadItem:
    """ADDRESS:DI:FORMAT, such as 000000000301:00010000:XXXXXX.XX."""
    parts = text.split(":")
    if len(parts) != 3 or set(parts[2]) - set("X."):
        raise SibiaoError(
            f"{text!r} is no register to read; write ADDRESS:DI:FORMAT, for instance "
            "000000000301:00010000:XXXXXX.XX"
        )
    address, di, pattern = parts
    try:
        return _item(address, di, pattern, "")
    except ValueError as error:
        raise SibiaoError(f"{text!r} is no register to read: {error}") from error


def of_community(loaded: Loaded) -> list[ReadItem]:
    """The indexes of its pulse inputs, each under both addresses, and what the converter itself is
    called. Meters on a bus are left out: without them their registers are empty."""
    own = loaded.community.address
    pulses = [
        (number, point)
        for number, point in enumerate(loaded.community.points, 1)
        if loaded.meters[point.meter].link == "pulse"
    ]
    items: dict[tuple[str, str], ReadItem] = {}
    for row in loaded.uplink.identifiers:
        if row.di in _OF_CONVERTER:
            _put(items, own, row.di, row)
        for number, point in pulses:
            if row.quantity != "volume" or row.unit != "m3" or "#" in row.di:
                continue  # `#`: history, which need not be there yet
            if "*" in row.di:
                _put(items, own, row.di.replace("**", f"{number:02X}"), row)
            else:
                _put(items, point.address, row.di, row)
    return list(items.values())


def _put(items: dict, address: str, di: str, row: schema.Identifier) -> None:
    items[address, di] = _item(address, di, row.format, row.unit)


def _item(address: str, di: str, pattern: str, unit: str) -> ReadItem:
    digits, decimals = pattern.count("X"), terms.decimals(pattern)
    return ReadItem(f"{address} {di}", address, di, digits, decimals, unit)
