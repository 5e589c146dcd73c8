"""One direction of a serial line: levels over time, driven by one end and sampled by the other.

Nothing is passed as a byte: the receiver finds a start bit and samples the middle of each bit, so
a wrong rate or parity gives the garbage or the error it would give on copper, every time the same.
"""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Format:
    """Bit time and shape of a character. Parity: N, E, O, or the stuck bits 0 and 1."""

    bit_ns: float
    data_bits: int = 8
    parity: str = "N"
    stop_bits: int = 1

    @property
    def bits(self) -> int:
        return 1 + self.data_bits + (self.parity != "N") + self.stop_bits

    @property
    def character_ns(self) -> float:
        return self.bits * self.bit_ns

    def parity_bit(self, value: int) -> int:
        if self.parity in "01":
            return int(self.parity)
        return (value.bit_count() & 1) ^ (self.parity == "O")

    def levels(self, value: int, wrong_parity: bool = False, low_stop: bool = False) -> list[int]:
        """The character's bits in the order they are sent, one level a bit."""
        value &= (1 << self.data_bits) - 1
        bits = [0, *((value >> i) & 1 for i in range(self.data_bits))]
        if self.parity != "N":
            bits.append(self.parity_bit(value) ^ wrong_parity)
        bits += [0 if low_stop else 1] * self.stop_bits
        return bits


class Wire:
    """Levels over time. Idle is high. Edges may be known ahead of the present."""

    def __init__(self):
        self._times: list[float] = []
        self._levels: list[int] = []
        self._oldest = 1
        self.receiver: Receiver | None = None

    def drive(self, start_ns: float, bit_ns: float, bits: list[int]) -> float:
        """Put `bits` on the wire from `start_ns` on; the answer is when the last one ends."""
        last = self._levels[-1] if self._levels else self._oldest
        for i, bit in enumerate(bits):
            if bit != last:
                self._times.append(start_ns + i * bit_ns)
                self._levels.append(bit)
                last = bit
        if self.receiver is not None:
            self.receiver.wake()
        return start_ns + len(bits) * bit_ns

    def cut(self, time_ns: float) -> None:
        """What was to come after `time_ns` does not: the wire goes back to idle."""
        index = bisect_right(self._times, time_ns)
        del self._times[index:]
        del self._levels[index:]
        self.drive(time_ns, 0.0, [1])

    def level_at(self, time_ns: float) -> int:
        index = bisect_right(self._times, time_ns)
        return self._levels[index - 1] if index else self._oldest

    def falling_edge(self, from_ns: float) -> float | None:
        """The first high-to-low edge at `from_ns` or later."""
        for index in range(bisect_right(self._times, from_ns - 1), len(self._times)):
            if self._times[index] >= from_ns and not self._levels[index]:
                return self._times[index]
        return None

    def forget(self, before_ns: float) -> None:
        index = bisect_right(self._times, before_ns)
        if index > 64:
            self._oldest = self._levels[index - 1]
            del self._times[:index]
            del self._levels[:index]


@dataclass(frozen=True)
class Received:
    value: int
    parity_error: bool = False
    framing_error: bool = False
    is_break: bool = False


class Receiver:
    """Samples a wire. `format()` is asked at each start bit: None while the receiver is off.

    A character is handed over in the middle of its first stop bit, as a UART does; a far end that
    wants whole characters waits half a bit more (`whole`).
    """

    def __init__(
        self,
        clock,
        wire: Wire,
        format: Callable[[], Format | None],
        deliver: Callable[[Received], None],
        whole: bool = False,
    ):
        self._clock = clock
        self._wire = wire
        self._format = format
        self._deliver = deliver
        self._whole = whole
        self._alarm = clock.create_alarm(self._sample)
        self._current: tuple[float, Format] | None = None
        self._searched_ns = 0.0
        wire.receiver = self

    def restart(self) -> None:
        """Forget a half-received character: the receiver was switched off or reset."""
        self._alarm.cancel()
        self._current = None
        self._searched_ns = self._clock.nanos
        self.wake()

    def wake(self) -> None:
        """Look for the next start bit, if none is being received."""
        if self._current is not None:
            return
        format = self._format()
        if format is None:
            return
        edge_ns = self._wire.falling_edge(self._searched_ns)
        if edge_ns is None:
            return
        self._current = (edge_ns, format)
        bits = format.bits - format.stop_bits + (1 if self._whole else 0.5)
        self._alarm.schedule(max(0, edge_ns + bits * format.bit_ns - self._clock.nanos))

    def _sample(self) -> None:
        edge_ns, format = self._current
        self._current = None
        if self._format() is None:
            self._searched_ns = self._clock.nanos
            return
        sampled = [
            self._wire.level_at(edge_ns + (i + 0.5) * format.bit_ns)
            for i in range(format.bits - format.stop_bits + 1)
        ]
        middle_of_stop_ns = edge_ns + (len(sampled) - 0.5) * format.bit_ns
        if sampled[0]:
            # A spike, not a start bit.
            self._searched_ns = edge_ns + 0.5 * format.bit_ns
        else:
            self._searched_ns = middle_of_stop_ns
            self._wire.forget(edge_ns)
            self._deliver(_decode(sampled, format))
        self.wake()


def _decode(sampled: list[int], format: Format) -> Received:
    value = sum(bit << i for i, bit in enumerate(sampled[1 : 1 + format.data_bits]))
    stop = sampled[-1]
    wrong_parity = format.parity != "N" and sampled[-2] != format.parity_bit(value)
    return Received(
        value,
        parity_error=wrong_parity,
        framing_error=not stop,
        is_break=not any(sampled),
    )
