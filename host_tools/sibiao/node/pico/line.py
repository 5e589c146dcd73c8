"""The far end of one of the node's UARTs: the simulator's side of the wire."""

from collections.abc import Callable
from typing import Literal

from sibiao.node.pico.pl011 import PL011
from sibiao.node.pico.wire import Format, Received, Receiver


class UartLine:
    """`sibiao.node.contract.Line`. `on_error` hears what arrived damaged instead of `on_byte`."""

    def __init__(self, uart: PL011, clock, notice: Callable[[], None]):
        self.on_byte: Callable[[int], None] | None = None
        self.on_error: Callable[[Received], None] | None = None
        self._clock = clock
        self._notice = notice
        self._wire = uart.into
        self._free_ns = 0.0
        self._format = Format(1e9 / 2400, 8, "E", 1)
        self._receiver = Receiver(
            clock, uart.out, lambda: self._format, self._received, whole=True
        )

    def settings(self, baud: int, parity: Literal["N", "E", "O"] = "E") -> None:
        self._format = Format(1e9 / baud, 8, parity, 1)
        self._receiver.restart()

    def send(self, data: bytes) -> None:
        for value in data:
            self._send(self._format.levels(value))

    def send_noise(
        self, data: bytes, parity_error: bool = False, framing_error: bool = False
    ) -> None:
        """Characters with a wrong parity bit, or without a stop bit."""
        for value in data:
            levels = self._format.levels(value, parity_error, framing_error)
            # Without a stop bit the line must rise before the next start bit can be seen.
            self._send([*levels, 1] if framing_error else levels)

    def send_break(self, bits: int = 20) -> None:
        """The line held low for longer than a character."""
        self._send([0] * bits + [1] * 2)

    def drive(self, levels: list[int], bit_ns: float) -> None:
        """Any waveform at all, once what was sent before has gone."""
        start_ns = max(self._clock.nanos, self._free_ns)
        self._free_ns = self._wire.drive(start_ns, bit_ns, levels)

    @property
    def busy_ns(self) -> int:
        """How long what was sent still takes."""
        return max(0, round(self._free_ns - self._clock.nanos))

    def _send(self, levels: list[int]) -> None:
        self.drive(levels, self._format.bit_ns)

    def _received(self, character: Received) -> None:
        if character.parity_error or character.framing_error:
            if self.on_error is not None:
                self.on_error(character)
        elif self.on_byte is not None:
            self.on_byte(character.value)
        self._notice()
