"""What a hostile meter reads: registers that stand still, written by hand or of a community; its
blocks with what follows; and, where it has a clock, a freeze and when values were told."""

from __future__ import annotations

from sibiao.config import schema, terms
from sibiao.config.load import Loaded
from sibiao.errors import SibiaoError
from sibiao.explain import own645
from sibiao.sim.uplink.dlt645_reading import ReadItem

_OF_CONVERTER = ("04000401", "04000403")  # its address and its number (annex A, table A.5)
_OWN_BLOCKS = ("040004FF",)  # of its texts
_POINT_BLOCKS = ("0501FFFF",)  # of instantaneous freezes: more than a frame
_SETTLED = "00010001"
_TOLD = "E0{:02X}0101"  # when the volume was told
TIME = "YYMMDDhhmmss"  # stands for the unit of an item that is one


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
    pulses = list(_pulses(loaded))
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


def longer_of_community(loaded: Loaded) -> list[ReadItem]:
    """Blocks of what stands still, each frame of them, in the order in which they are asked."""
    asked = [(loaded.community.address, di) for di in _OWN_BLOCKS]
    asked += [(point.address, di) for _, point in _pulses(loaded) for di in _POINT_BLOCKS]
    return [frame for address, di in asked for frame in _frames(loaded, address, di)]


def with_a_clock_of_community(loaded: Loaded) -> list[ReadItem]:
    """The index at the last settlement day, and when the index was told."""
    own, found = loaded.community.address, []
    for number, point in _pulses(loaded):
        found.append(_item(point.address, _SETTLED, "XXXXXX.XX", "m3"))
        found.append(_item(own, _TOLD.format(number), "X" * len(TIME), TIME))
    return found


def _frames(loaded: Loaded, address: str, di: str):
    found = own645.items(loaded.uplink, int(di, 16))
    number = 0
    while part := own645.frame(found, number):
        size = sum(item.width for item in part)
        more = bool(own645.frame(found, number + 1))
        name = f"{address} {di}" + f" #{number}" * bool(number)
        yield ReadItem(name, address, di, 2 * size, 0, "", follow=number, more=more)
        number += 1


def _pulses(loaded: Loaded):
    """(number, point) of those whose pulses we count."""
    for number, point in enumerate(loaded.community.points, 1):
        if loaded.meters[point.meter].link == "pulse":
            yield number, point


def _put(items: dict, address: str, di: str, row: schema.Identifier) -> None:
    items[address, di] = _item(address, di, row.format, row.unit)


def _item(address: str, di: str, pattern: str, unit: str) -> ReadItem:
    digits, decimals = pattern.count("X"), terms.decimals(pattern)
    return ReadItem(f"{address} {di}", address, di, digits, decimals, unit)
