"""Which bits of a bus meter's status are alarms: rows for `model/meter_alarms.py`."""

from __future__ import annotations

from converter.model import quantity

from sibiao.config import schema, terms
from sibiao.errors import SibiaoError

# What stands for a bit in a profile. Bits 0 and 1 are one state, of which only 3 is a fault.
_CJT188 = {"valve fault": 0, "battery low": 2}
_MBUS = {"alarm": 0, "power low": 2, "permanent error": 3, "temporary error": 4}
_ERROR_FLAGS = "error flags"  # any bit of that record
_ALL_FLAGS = 0xFFFFFFFF
_STATUS = terms.QUANTITIES["meter_status"]
# Where the bits of a status begin among the numbers of alarms in events.
OF_STATUS, OF_HEADER = 32, 64


def rows(meter: schema.BusMeter, name: str) -> tuple:
    """(quantity, mask, whether bits 0 and 1 are one state, number of bit 0) for each status."""
    if isinstance(meter, schema.MbusMeter):
        return _rows_mbus(meter, name)
    if not meter.has_status:
        if meter.alarms:
            raise SibiaoError(f"meter {name!r} has no field meter_status that alarms could be in")
        return ()
    own = {word: int(bit) for bit, word in meter.status.items()}
    # A vendor's meaning of a bit goes before the standard's.
    words = {word: bit for word, bit in _CJT188.items() if bit not in own.values()} | own
    chosen = list(set(_CJT188) & set(words)) if meter.alarms is None else meter.alarms
    mask, has_state = _mask(chosen, words, 16, 0 not in own.values(), f"meter {name!r}")
    return ((_STATUS, mask, has_state, OF_STATUS),) if mask else ()


def _rows_mbus(meter: schema.MbusMeter, name: str) -> tuple:
    chosen = [*_MBUS, _ERROR_FLAGS] if meter.alarms is None else meter.alarms
    in_header = [alarm for alarm in chosen if alarm != _ERROR_FLAGS]
    mask, has_state = _mask(in_header, _MBUS, 8, True, f"meter {name!r}")
    made = ((quantity.HEADER_STATUS, mask, has_state, OF_HEADER),) if mask else ()
    if _ERROR_FLAGS in chosen and meter.has_status:
        made += ((_STATUS, _ALL_FLAGS, False, OF_STATUS),)
    elif _ERROR_FLAGS in (meter.alarms or ()):
        raise SibiaoError(f"meter {name!r} has no field meter_status: its error flags are unknown")
    return made


def _mask(chosen: list, words: dict[str, int], bits: int, paired: bool, where: str) -> tuple:
    mask = 0
    for alarm in chosen:
        bit = words.get(alarm) if isinstance(alarm, str) else alarm
        if bit is None or not 0 <= bit < bits:
            known = ", ".join(repr(word) for word in words)
            raise SibiaoError(
                f"{where}: alarms: {alarm!r} is none; there are {known}, and bits below {bits}"
            )
        if paired and bit < 2 and not isinstance(alarm, str):
            word = next(word for word, bit in words.items() if bit == 0)
            raise SibiaoError(
                f"{where}: alarms: bits 0 and 1 are one state; say {word!r} for its fault"
            )
        mask |= 3 if paired and bit == 0 else 1 << bit
    return mask, paired and mask & 3 == 3
