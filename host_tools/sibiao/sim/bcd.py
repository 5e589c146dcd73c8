"""BCD as it stands on the wire, low byte first: the simulators' own, not the firmware's."""


def put_bcd(value: int, size: int) -> bytes:
    """`size` bytes; a value that does not fit is a mistake of the caller, not rolled over."""
    digits = f"{value:0{2 * size}d}"
    if value < 0 or len(digits) > 2 * size:
        raise ValueError(f"{value} does not fit into {size} BCD bytes")
    return bytes.fromhex(digits)[::-1]


def get_bcd(data: bytes) -> int | None:
    """None when a nibble is no decimal digit."""
    digits = data[::-1].hex()
    return int(digits) if digits.isdecimal() else None
