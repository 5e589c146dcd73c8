"""Packed BCD, low byte first: what DL/T 645, CJ/T 188 and M-Bus put numbers in.

All functions work on whole numbers in a caller's buffer and keep nothing.
"""


def decode(buf, start, n):
    # The value of n bytes from start, or None when a nibble is no decimal digit: meters send
    # FF.. or AA.. for "not available", and that must never become a number.
    value = 0
    i = start + n
    while i > start:
        i -= 1
        b = buf[i]
        if b > 0x99 or b & 0x0F > 9:
            return None
        value = value * 100 + (b >> 4) * 10 + (b & 0x0F)
    return value


def encode(value, buf, start, n):
    # Put value (>= 0) into n bytes from start. False, and the buffer untouched, when it does not
    # fit: a reading that lost its top digits would be a lie.
    if value < 0 or value >= 100**n:
        return False
    for i in range(start, start + n):
        d = value % 100
        value //= 100
        buf[i] = (d // 10) << 4 | d % 10
    return True


def encode_signed(value, buf, start, n):
    # As encode, with the sign in the top bit (DL/T 645-2007 annex A, e.g. temperatures), which
    # leaves 0..79 for the top byte.
    if not -80 * 100 ** (n - 1) < value < 80 * 100 ** (n - 1):
        return False
    encode(-value if value < 0 else value, buf, start, n)
    if value < 0:
        buf[start + n - 1] |= 0x80
    return True
