"""What is common to everything that talks on a line: time of a byte, and frames for display."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000


def byte_time_ns(baud: int, parity: str) -> int:
    """One character on the wire: start, 8 data bits, parity if any, one stop bit."""
    return (10 if parity == "N" else 11) * NS_PER_S // baud


@dataclass(frozen=True)
class Frame:
    """One frame as a simulator saw it pass, decoded by the simulator itself."""

    time_ns: int  # when its last byte was complete; for a frame being sent, when it began
    line: str  # "uplink" or "bus"
    to_converter: bool
    address: str
    service: str
    di: str
    value: str
    data: bytes  # from its 68H to its 16H; empty where a frame was awaited in vain


OnFrame = Callable[[Frame], None]
