"""A value information block in words: which quantity, what its VIFEs add, what is reserved."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from converter.meters import mbus_vif, mbus_vif_ext, mbus_vife

from sibiao.config import terms_mbus

_ACTIONS = (
    "write",
    "add value",
    "subtract value",
    "OR",
    "AND",
    "XOR",
    "AND NOT",
    "clear",
    "add entry",
    "delete entry",
    "delayed action",
    "freeze data",
    "add to readout list",
    "delete from readout list",
)
_RECORD_ERRORS = {
    0x01: "too many DIFEs",
    0x02: "storage number not implemented",
    0x03: "unit number not implemented",
    0x04: "tariff number not implemented",
    0x05: "function not implemented",
    0x06: "data class not implemented",
    0x07: "data size not implemented",
    0x0B: "too many VIFEs",
    0x0C: "illegal VIF group",
    0x0D: "illegal VIF exponent",
    0x0E: "VIF and DIF do not match",
    0x0F: "unimplemented action",
    0x15: "no data available",
    0x16: "data overflow",
    0x17: "data underflow",
    0x18: "data error",
    0x1C: "standard conform data",
    0x1E: "compact profile with registers",
    0x1F: "compact profile",
}
_COMBINED = {
    0x20: "per second",
    0x21: "per minute",
    0x22: "per hour",
    0x23: "per day",
    0x24: "per week",
    0x25: "per month",
    0x26: "per year",
    0x27: "per revolution or measurement",
    0x28: "increment per pulse on input 0",
    0x29: "increment per pulse on input 1",
    0x2A: "increment per pulse on output 0",
    0x2B: "increment per pulse on output 1",
    0x2C: "per litre",
    0x2D: "per m3",
    0x2E: "per kg",
    0x2F: "per K",
    0x30: "per kWh",
    0x31: "per GJ",
    0x32: "per kW",
    0x33: "per K and litre",
    0x34: "per V",
    0x35: "per A",
    0x36: "multiplied by s",
    0x37: "multiplied by s/V",
    0x38: "multiplied by s/A",
    0x39: "start date",
    0x3A: "uncorrected",
    0x3B: "only positive contributions",
    0x3C: "only negative contributions",
    0x3D: "in non-metric units",
    0x3E: "at base conditions",
    0x3F: "OBIS declaration",
    0x68: "value during lower limit exceed",
    0x69: "leakage",
    0x6C: "value during upper limit exceed",
    0x6D: "overflow",
    0x7E: "future value",
    0x7F: "manufacturer extension",
}
_PHASES = {
    0x01: "phase L1",
    0x02: "phase L2",
    0x03: "phase L3",
    0x04: "neutral",
    0x05: "between L1 and L2",
    0x06: "between L2 and L3",
    0x07: "between L3 and L1",
    0x08: "quadrant Q1",
    0x09: "quadrant Q2",
    0x0A: "quadrant Q3",
    0x0B: "quadrant Q4",
    0x0C: "import minus export",
    0x10: "absolute count",
    0x11: "data of type C",
    0x12: "data of type D",
    0x13: "from the partner to the meter",
    0x14: "from the meter to the partner",
}


@dataclass(frozen=True)
class Vib:
    quantity: str
    meaning: str  # with what the quantity leaves unsaid
    understood: bool


class _Plain:
    """What the firmware's tables write a VIF's meaning into."""

    kind = mbus_vif.UNKNOWN


def _vife(code: int, to_meter: bool) -> str | None:
    if code < 0x20:
        if to_meter:
            return _ACTIONS[code] if code < len(_ACTIONS) else None
        return _RECORD_ERRORS.get(code)
    limit = "upper" if code & 8 else "lower"
    which = "last" if code & 4 else "first"
    if code in (0x40, 0x48):
        return f"{limit} limit"
    if code in (0x41, 0x49):
        return f"number of exceeds of the {limit} limit"
    if code & 0x72 == 0x42:
        return f"date of the {'end' if code & 1 else 'begin'} of the {which} {limit} limit exceed"
    if 0x50 <= code < 0x60:
        return f"duration of the {which} {limit} limit exceed"
    if 0x60 <= code < 0x68:
        return f"duration of the {which}"
    if code & 0x7A == 0x6A:
        return f"date of the {'end' if code & 1 else 'begin'} of the {which}"
    if 0x78 <= code < 0x7C:
        return f"additive correction constant 10^{(code & 3) - 3}"
    return _COMBINED.get(code)


@lru_cache(4096)
def words(vib: bytes, to_meter: bool) -> Vib:
    """vib: VIF and all VIFEs, with the length and characters of a plain-text VIF."""
    at = 1
    vif = vib[0]
    if vif in (0xFB, 0xFD) and len(vib) > 1:
        record = _Plain()
        mbus_vif_ext.extended(record, vif, vib[1] & 0x7F)
        vif, at = vib[1], 2
        name = terms_mbus.QUANTITIES.get(record.kind, terms_mbus.UNKNOWN)
    elif vif & 0x7F == 0x7C:
        at = 2 + vib[1]
        name = vib[2:at][::-1].decode("latin-1") or terms_mbus.UNKNOWN
    else:
        record = _Plain()
        mbus_vif.primary(record, vif & 0x7F)
        name = terms_mbus.QUANTITIES[record.kind]
    understood = name not in (terms_mbus.UNKNOWN, "manufacturer specific")
    quantity, notes = [name], []
    while vif & 0x80 and at < len(vib):
        vif = vib[at]
        code = vif & 0x7F
        at += 1
        if name == "manufacturer specific" or code == mbus_vife.MANUFACTURER:
            rest = vib[at - 1 :] if name == "manufacturer specific" else vib[at:]
            text = " ".join(["manufacturer extension", rest.hex(" ").upper()]).strip()
            quantity.append(text)
            understood = False
            break
        if code == mbus_vife.EXTENSION and vif & 0x80 and at < len(vib):
            vif = vib[at]
            at += 1
            text = _PHASES.get(vif & 0x7F)
        elif 0x70 <= code <= 0x77 or code == 0x7D:
            notes.append(f"times 10^{3 if code == 0x7D else code - 0x76}")
            continue
        elif code == 0:
            notes.append("write" if to_meter else "no error")
            continue
        else:
            text = _vife(code, to_meter)
            if code < 0x20 and text and not to_meter:
                notes.append(text)
                continue
        if text is None or code in (0x3D, 0x3F):
            # Reserved, or no longer what the VIF says.
            understood = False
            text = text or f"VIFE {vif:02X}"
            if code < 0x20:
                notes.append(text)
                continue
        quantity.append(text)
    what = ", ".join(quantity)
    return Vib(what, ", ".join([what, *notes]), understood)
