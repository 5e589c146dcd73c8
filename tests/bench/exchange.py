"""One read as the electricity meter makes it, timed on the wire and in processor cycles."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from sibiao.sim.uplink.dlt645_reading import ReadItem, find_frame, read_answer, request

from tests.node.asking import MS, UPLINK, S

CYCLE_NS = 8  # the image runs the RP2040 at 125 MHz; the emulator counts cycles at that rate


@dataclass(frozen=True)
class Instant:
    time_ns: int
    cycles: int  # executed so far: a sleeping processor executes none

    @classmethod
    def now(cls, node) -> Instant:
        return cls(node.clock.now_ns, node.chip.mcu.core.cycles)


@dataclass(frozen=True)
class Exchange:
    """From the first bit of the request to the last of the answer."""

    begun: Instant
    asked: Instant  # the request's last byte is complete
    answered: Instant  # the answer's first byte begins
    ended: Instant
    value: int | None = None

    @property
    def turnaround_ns(self) -> int:
        return self.answered.time_ns - self.asked.time_ns

    @property
    def busy_ns(self) -> int:
        """What the processor worked between request and answer."""
        return (self.answered.cycles - self.asked.cycles) * CYCLE_NS


class _FirstBit:
    """Stands before the receiver of the node's wire and notes when it is driven."""

    def __init__(self, node, receiver):
        self._node = node
        self._receiver = receiver
        self.noted: Instant | None = None

    def wake(self) -> None:
        if self.noted is None:
            self.noted = Instant.now(self._node)
        self._receiver.wake()


def read(node, item: ReadItem) -> Exchange:
    """One exchange; `Refused` or AssertionError when it brings no value."""
    times, answer = timed(node, request(item))
    return dataclasses.replace(times, value=read_answer(item, answer).value)


def timed(node, frame: bytes) -> tuple[Exchange, bytes]:
    """A request as it goes over the wire, and the answer to it; AssertionError without one."""
    line = node.line(UPLINK)
    line.settings(2400, "E")
    heard = bytearray()
    line.on_byte = heard.append
    wire = node.chip.uarts[UPLINK].out
    receiver = wire.receiver
    wire.receiver = first_bit = _FirstBit(node, receiver)
    asked: list[Instant] = []
    begun = Instant.now(node)
    line.send(frame)
    node.clock.call_later(line.busy_ns, lambda: asked.append(Instant.now(node)))
    try:
        whole = node.run_until(lambda: find_frame(heard) is not None, 2 * S)
    finally:
        wire.receiver = receiver
    assert whole, f"{frame.hex()}: no answer, only {heard.hex()}"
    ended = Instant.now(node)
    # An answer that begins before the request has ended would be a fault of the first order.
    assert first_bit.noted.time_ns > asked[0].time_ns
    return Exchange(begun, asked[0], first_bit.noted, ended), find_frame(heard)


def pause(node, span_ms: float) -> None:
    node.run(round(span_ms * MS))
