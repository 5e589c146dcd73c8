"""What raw bytes for a meter would do there, so that no way to a meter goes round the community's
policy. Loaded only by who needs it.
"""

from micropython import const

from converter.link import cjt188, dlt645, mbus

# What they hold; the first two only where the policy allows them.
VALVE = const(1)
SYNC = const(2)
OPENING = const(4)  # with VALVE: any valve command but "close"
GAS = const(8)  # would let gas flow: never
PART = const(16)  # the beginning of a frame whose rest could follow in other bytes: never

_VALVE_DI = const(0x17)
_SYNC_DI = const(0x16)
_CLOSE = const(0x99)


def judge(raw):
    # (what, at) of bytes as they would go over the wire: frames count wherever they begin and
    # whatever their checksum. at: of the 68 of the last frame that counts, -1: none does.
    what, which, first = 0, -1, -1
    for at in range(len(raw)):
        if raw[at] == 0x68:
            if first < 0:
                first = at
            found = _frame(raw, at)
            if found:
                what |= found
                which = at
    if first >= 0 and _is_part(raw, first):
        what |= PART
        which = first if which < 0 else which
    return what, which


def number(raw, at):
    # The last 8 digits of the meter's address, as they read in hexadecimal.
    digits = 0
    for i in range(4):
        k = at + cjt188.ADDRESS + i
        digits |= (raw[k] if at >= 0 and k < len(raw) else 0) << 8 * i
    return digits


def _frame(raw, at):
    if len(raw) - at <= cjt188.DATA_BODY or raw[at + cjt188.CONTROL] & cjt188.ANSWER:
        return 0
    di, shift = _written(raw, at)
    if di == _VALVE_DI:
        if raw[at + cjt188.DATA_BODY] - shift & 0xFF == _CLOSE:
            return VALVE
        return VALVE | OPENING | (GAS if cjt188.opens_gas_valve(raw, at) else 0)
    if di == _SYNC_DI:
        return SYNC
    if raw[at + cjt188.CONTROL] == cjt188.WRITE_SYNC and cjt188.frame_len(raw, at, len(raw)) > 0:
        return SYNC  # whatever its identifier
    return 0


def _written(raw, at):
    # The identifier A0xx, in either order, and what is added to each byte.
    for shift in (0, 0x33):
        a = raw[at + cjt188.DATA] - shift & 0xFF
        b = raw[at + cjt188.DATA + 1] - shift & 0xFF
        if a == 0xA0:
            return b, shift
        if b == 0xA0:
            return a, shift
    return 0, 0


def _is_part(raw, at):
    # From its first 68 on. Frames of other links may look like the beginning of one.
    end = len(raw)
    n = end - at
    if n > cjt188.TYPE:
        kind = raw[at + cjt188.TYPE]
        if kind != cjt188.WILDCARD and not 1 <= kind >> 4 <= 4:
            return False
        if mbus.frame_len(raw, at, end) > 0 or dlt645.frame_len(raw, at, end) > 0:
            return False
        if kind >> 4 != 3 and n > 3 and raw[at + 3] == 0x68:
            return False  # 68 LEN .. 68 of meters outside both standards
    return n <= cjt188.LENGTH or n < 13 + raw[at + cjt188.LENGTH]
