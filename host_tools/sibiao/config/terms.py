"""Names in configuration files and the codes that stand for them on the device."""

from converter.model import quantity, unit

from sibiao.config.problems import meant
from sibiao.errors import SibiaoError

# Quantity name -> code, 1..63 for what a meter or the converter holds.
QUANTITIES = {
    "energy": 2,
    "power": 3,
    "supply_temperature": 5,
    "return_temperature": 6,
    "operating_hours": 7,
    # Of CJ/T 188 meters.
    "settlement_energy": 48,
    "settlement_volume": 49,
    "cooling_energy": 50,
    "meter_time": 51,
    "meter_status": 52,
    "reverse_volume": 53,
} | {name.lower(): code for name, code in vars(quantity).items() if isinstance(code, int)}

# Unit name -> base unit, decimal exponent.
UNITS = {
    "": (unit.NONE, 0),
    "Wh": (unit.WH, 0),
    "kWh": (unit.WH, 3),
    "MWh": (unit.WH, 6),
    "J": (unit.J, 0),
    "MJ": (unit.J, 6),
    "GJ": (unit.J, 9),
    "W": (unit.W, 0),
    "kW": (unit.W, 3),
    "L": (unit.M3, -3),
    "m3": (unit.M3, 0),
    "L/h": (unit.M3_PER_H, -3),
    "m3/h": (unit.M3_PER_H, 0),
    "°C": (unit.CELSIUS, 0),
    "h": (unit.HOUR, 0),
}


def lookup(table: dict, name: str, what: str, where: str):
    """The code of a name; SibiaoError says where it stands and which names there are."""
    if name not in table:
        known = ", ".join(repr(k) for k in table)
        hint = meant(name, table)
        raise SibiaoError(
            f"{where}: {name!r} is no {what}; there are: {known}{hint and '; '}{hint}"
        )
    return table[name]


def decimals(pattern: str) -> int:
    """Digits behind the point of a format such as XXXX.XX."""
    return len(pattern.partition(".")[2])


def bytes_of(pattern: str) -> int:
    """BCD bytes of a format such as XXXXXX.XX."""
    return pattern.count("X") // 2


def wire(digits: str) -> bytes:
    """An address or identifier written most significant first, as its bytes go over the wire."""
    return bytes.fromhex(digits)[::-1]
