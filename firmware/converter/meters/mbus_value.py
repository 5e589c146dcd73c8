"""Numbers as M-Bus sends them, to whole numbers. `order` is the range that walks the bytes from
the most significant to the least: low byte first on the wire, or high byte first in mode 2.
"""


def integer(buf, order, unsigned):
    # None for 80 00..: what types B of EN 13757-3 annex A keep for "invalid".
    value = 0
    sign = 0
    for i in order:
        value = value << 8 | buf[i]
        sign = sign << 8 or 0x80
    if unsigned or value < sign:
        return value
    return value - (sign << 1) if value != sign else None


def bcd(buf, order):
    # None when a nibble is no digit; F as the first is the minus sign (type A).
    value = 0
    minus = False
    first = True
    for i in order:
        b = buf[i]
        if first:
            first = False
            if b >= 0xF0:
                minus = True
                b &= 0x0F
        if b > 0x99 or b & 0x0F > 9:
            return None
        value = value * 100 + (b >> 4) * 10 + (b & 0x0F)
    if first:
        return None  # no bytes, no number
    return -value if minus else value


def real(buf, order):
    # Real32 (type H), exactly: (mantissa, decimal exponent), or None for NaN and infinity. Each
    # binary place is one decimal place: m / 2**k is m * 5**k / 10**k.
    bits = 0
    for i in order:
        bits = bits << 8 | buf[i]
    power = bits >> 23 & 0xFF
    value = bits & 0x7FFFFF
    if power == 0xFF:
        return None
    if power:
        value |= 0x800000
    else:
        power = 1
    if not value:
        return 0, 0
    power -= 150
    while power < 0 and not value & 1:
        value >>= 1
        power += 1
    value = value << power if power > 0 else value * 5**-power
    return -value if bits >> 31 else value, min(power, 0)
