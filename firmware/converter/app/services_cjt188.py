"""The console's `meter` command for a CJ/T 188 meter."""

from converter.codec import bcd
from converter.link import cjt188
from converter.meters import cjt188_services as services

# Asked for by name: data identifiers.
_READS = {
    "settlement-day": services.SETTLEMENT_DAY,
    "reading-day": services.READING_DAY,
    "prices": services.PRICES,
    "purchase": services.PURCHASE,
    "key-version": services.KEY_VERSION,
}


def build(out, meter, service, args, now):
    # The frame with preamble into out; its length, 0 for what would let gas flow. now: what to
    # set the clock to. ValueError where the arguments are no good.
    meter.ser = (meter.ser + 1) & 0xFF
    where = out, meter.meter_type, meter.address
    how = meter.ser, meter.dialect
    if service == "address":
        # Whoever is alone on the bus.
        return services.request(out, meter.meter_type, cjt188.ANY, services.NUMBER, *how)
    if service == "history":
        (month,) = args
        if not 1 <= int(month) <= 12:
            raise ValueError
        return services.request(*where, services.HISTORY + int(month) - 1, *how)
    if service == "set-time":
        return services.write_time(*where, *how, now)
    if service == "set-address":
        (digits,) = args
        new = bytearray(7)
        if len(digits) != 14 or not bcd.encode(int(digits), new, 0, 7):
            raise ValueError
        if meter.dialect & services.ADDRESS_HIGH_FIRST:
            new = bytes([new[6 - i] for i in range(7)])
        return services.write_address(*where, *how, new)
    if service == "valve":
        (to,) = args
        if to not in ("open", "close"):
            raise ValueError
        try:
            return services.valve(*where, *how, to == "open")
        except ValueError:
            return 0
    if service == "sync":
        value, unit_code = args
        return services.motor_sync(*where, *how, int(value), int(unit_code, 16))
    return services.request(*where, _READS[service], *how)


def status(meter, frame):
    # ST0 and ST1 of an answer or a refusal as the standard has them; None where it says nothing.
    at = services.status_at(frame)
    shift = 0x33 if meter.dialect & services.SHIFTED else 0
    return bytes((b - shift) & 0xFF for b in frame[at : at + 2]) if at else None
