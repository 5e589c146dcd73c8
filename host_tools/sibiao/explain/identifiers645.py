"""DL/T 645-2007 annex A, the identifiers that meters and converters are read by: what each data
identifier holds, as (quantity, bytes, format, unit, subunit) one after another."""

from __future__ import annotations

# Formats: a number is decimals of a BCD number, "s" behind it: signed in the top bit.
_ENERGY = {
    0x00: ("combined_energy", "2s", "Wh", 3),
    0x01: ("energy", "2", "Wh", 3),
    0x02: ("reverse_energy", "2", "Wh", 3),
    0x03: ("combined_reactive_energy_1", "2s", "varh", 3),
    0x04: ("combined_reactive_energy_2", "2s", "varh", 3),
    0x05: ("reactive_energy_quadrant_1", "2", "varh", 3),
    0x06: ("reactive_energy_quadrant_2", "2", "varh", 3),
    0x07: ("reactive_energy_quadrant_3", "2", "varh", 3),
    0x08: ("reactive_energy_quadrant_4", "2", "varh", 3),
    0x09: ("apparent_energy", "2", "VAh", 3),
    0x0A: ("reverse_apparent_energy", "2", "VAh", 3),
}
# DI2 -> quantity, bytes, format, unit, power of ten of that unit, whether DI1 00 is a total.
_VARIABLES = {
    0x01: ("voltage", 2, "1", "V", 0, False),
    0x02: ("current", 3, "3s", "A", 0, False),
    0x03: ("power", 3, "4s", "W", 3, True),
    0x04: ("reactive_power", 3, "4s", "var", 3, True),
    0x05: ("apparent_power", 3, "4s", "VA", 3, True),
    0x06: ("power_factor", 2, "3s", "", 0, True),
}
_OTHERS = {
    0x02800001: ("neutral_current", 3, "3s", "A"),
    0x02800002: ("frequency", 2, "2", "Hz"),
    0x02800007: ("internal_temperature", 2, "1s", "°C"),
    0x02800008: ("clock_battery", 2, "2", "V"),
    0x02800009: ("reading_battery", 2, "2", "V"),
    0x04000101: ("date", 4, "YYMMDDWW", ""),
    0x04000102: ("time", 3, "hhmmss", ""),
    0x0400010C: ("meter_time", 7, "YYMMDDWWhhmmss", ""),
    0x04000401: ("address", 6, "digits", ""),
    0x04000402: ("meter_number", 6, "digits", ""),
    0x04000403: ("asset_code", 32, "text", ""),
    0x04000404: ("rated_voltage", 6, "text", ""),
    0x04000405: ("rated_current", 6, "text", ""),
    0x04000406: ("largest_current", 6, "text", ""),
    0x04000407: ("active_accuracy", 4, "text", ""),
    0x04000408: ("reactive_accuracy", 4, "text", ""),
    0x04000409: ("active_constant", 3, "0", "imp/kWh"),
    0x0400040A: ("reactive_constant", 3, "0", "imp/kvarh"),
    0x0400040B: ("model", 10, "text", ""),
    0x0400040C: ("production_date", 10, "text", ""),
    0x0400040D: ("protocol_version", 16, "text", ""),
}
for _day in (1, 2, 3):
    _OTHERS[0x04000B00 + _day] = (f"settlement_day_{_day}", 2, "DDhh", "")
for _word in range(1, 8):
    _OTHERS[0x04000500 + _word] = (f"status_word_{_word}", 2, "bits", "")


def fields(di: int, data_bytes: int):
    """The fields of a data identifier as (quantity, bytes, format, unit, exponent of the unit,
    storage, tariff, subunit), or None when it is not known or is longer or shorter."""
    found = _energy(di, data_bytes) or _variable(di, data_bytes) or _other(di)
    if found and sum(field[1] for field in found) == data_bytes:
        return found
    return None


def _energy(di: int, data_bytes: int):
    kind, tariff, day = di >> 16 & 0xFF, di >> 8 & 0xFF, di & 0xFF
    if di >> 24 or kind not in _ENERGY or day > 12:
        return None
    quantity, how, unit, exponent = _ENERGY[kind]
    tariffs = range(data_bytes // 4) if tariff == 0xFF else [tariff]
    return [(quantity, 4, how, unit, exponent, day, t, 0) for t in tariffs]


def _variable(di: int, data_bytes: int):
    kind, phase = di >> 16 & 0xFF, di >> 8 & 0xFF
    if di >> 24 != 2 or di & 0xFF or kind not in _VARIABLES:
        return None
    quantity, n, how, unit, exponent, has_total = _VARIABLES[kind]
    first = 0 if has_total else 1
    phases = range(first, first + data_bytes // n) if phase == 0xFF else [phase]
    if any(not first <= p <= 3 for p in phases):
        return None
    return [(quantity, n, how, unit, exponent, 0, 0, p) for p in phases]


def _other(di: int):
    if di not in _OTHERS:
        return None
    return [(*_OTHERS[di], 0, 0, 0, 0)]
