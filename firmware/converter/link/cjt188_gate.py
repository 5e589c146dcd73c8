"""What raw bytes for a meter would do there. Loaded only by who needs it."""

from converter.link import cjt188, mbus

_SHORTEST = 13  # a frame without data


def lets_gas_flow(raw):
    # raw: bytes as they would go over the wire. A command to open, wherever in them it begins, and
    # whatever its checksum; or the beginning of a frame to a gas meter whose end could follow.
    first = -1
    for at in range(len(raw)):
        if raw[at] != 0x68:
            continue
        if first < 0:
            first = at
        if len(raw) - at > cjt188.DATA_BODY and cjt188.opens_gas_valve(raw, at):
            return True
    return first >= 0 and _is_part(raw, first)


def _is_part(raw, at):
    n = len(raw) - at
    if n > cjt188.TYPE:
        kind = raw[at + cjt188.TYPE]
        if (kind >> 4 != 3 and kind != cjt188.WILDCARD) or mbus.frame_len(raw, at, len(raw)) > 0:
            return False
    return n <= cjt188.LENGTH or n < _SHORTEST + raw[at + cjt188.LENGTH]
