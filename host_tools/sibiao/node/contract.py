"""What every node on the bench offers, whatever runs inside it.

Simulated meters and readers are written against `Clock` and `Line` only. They never wait: they
are called when a byte arrives or when a time they asked for has come, and they run in the node's
own time, so one simulator serves the emulated Pico (emulated time) and the VM (real or virtual
time) alike.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol


class Clock(Protocol):
    """The node's own time."""

    @property
    def now_ns(self) -> int: ...

    def call_later(self, delay_ns: int, callback: Callable[[], None]) -> Cancel:
        """Call `callback` once, `delay_ns` from now; the answer cancels it."""
        ...


Cancel = Callable[[], None]


class Line(Protocol):
    """The far end of one of the node's UARTs.

    `send` starts at once (or when what was sent before has gone) and takes each byte's time on
    the wire: (1 start + 8 data + parity + 1 stop) / baud. `on_byte` is called when a byte from the
    node is complete. A byte sent at a rate or parity other than the node's own arrives as the
    garbage or framing error it would be.
    """

    on_byte: Callable[[int], None] | None

    def settings(self, baud: int, parity: Literal["N", "E", "O"] = "E") -> None:
        """Settings of the far end (8 data bits, 1 stop bit)."""
        ...

    def send(self, data: bytes) -> None: ...


class I2cDevice(Protocol):
    """A chip on one of the node's I2C buses, called byte by byte as they pass.

    After `start` acknowledged, either `write` or `read` is called for each byte, until a new
    `start` (a repeated one) or `stop`. A reset or a power cut may end it without either.
    """

    def start(self, read: bool) -> bool:
        """Addressed; the answer is whether it acknowledges."""
        ...

    def write(self, byte: int) -> bool:
        """A byte from the node; the answer is whether it acknowledges."""
        ...

    def read(self) -> int:
        """The next byte for the node."""
        ...

    def stop(self) -> None: ...


class Node(Protocol):
    """One converter, running.

    `kind` is "pico" or "vm". `run` lets it live for a span of its own time and returns;
    simulators' callbacks happen inside. `run_until` stops as soon as `done()` is true; it answers
    False when `limit_ns` of the node's time passed first.
    """

    kind: str
    clock: Clock

    def line(self, uart: int) -> Line: ...

    def set_pin(self, gpio: int, level: int) -> None: ...

    def get_pin(self, gpio: int) -> int: ...

    def attach_i2c(self, bus: int, address: int, device: I2cDevice | None) -> None:
        """Put a chip on an I2C bus of the node, at a 7-bit address; None takes it away."""
        ...

    def set_analog(self, gpio: int, millivolts: int) -> None:
        """The voltage on an ADC input (full scale 3300 mV); 0 until set."""
        ...

    def run(self, span_ns: int) -> None: ...

    def run_until(self, done: Callable[[], bool], limit_ns: int) -> bool: ...

    def console_write(self, data: bytes) -> None: ...

    def console_read(self) -> bytes:
        """What the node printed on its USB console since the last call."""
        ...

    def power_cut(self) -> None:
        """Supply gone and back at once: RAM lost, flash as the cut left it, the node boots."""
        ...

    def close(self) -> None: ...
