"""What share of a poll round the bus carries bytes: the running node and meters that are prompt.

Rounds follow one another without a pause. Whatever the converter does between the bytes counts
against it: resting the line, hearing that an answer is whole, interpreting it, its other tasks.
"""

from __future__ import annotations

from itertools import pairwise

from sibiao.errors import SibiaoError
from sibiao.firmware.slot import image_files

from tests.bench import bench_node, bus_node
from tests.bench.figure import Figure, figure
from tests.node.asking import MS, S

GROUP = "bus"
_AIM = 0.85
_BYTE_NS = bus_node.BITS * S // bus_node.BAUD
_GAP_NS = 15 * MS  # the converter sends a request without a pause of this length
_LIMIT_NS = 60 * S


class Wire:
    """Both directions of the bus: when each request began, and all bytes so far."""

    def __init__(self, node):
        self.begun: list[tuple[int, int]] = []  # (first byte of a request, bytes before it)
        self._node = node
        self._bytes = 0
        self._last_ns = -_GAP_NS
        bus_node.prompt_meters(node, self._on_answer)
        line = node.line(bus_node.BUS)
        self._meters = line.on_byte
        line.on_byte = self._on_request

    def _on_request(self, byte: int) -> None:
        now_ns = self._node.clock.now_ns
        if now_ns - self._last_ns > _GAP_NS:
            self.begun.append((now_ns - _BYTE_NS, self._bytes))
        self._last_ns = now_ns
        self._bytes += 1
        self._meters(byte)

    def _on_answer(self, data: bytes) -> None:
        self._bytes += len(data)


def measure(rounds: int) -> list[Figure]:
    begun = _polls(rounds)
    meters = len(bus_node.METERS)
    shares = [_share(begun[n : n + meters + 1]) for n in range(0, rounds * meters, meters)]
    beside = [
        (after[0] - before[0] - (after[1] - before[1]) * _BYTE_NS) / MS
        for before, after in pairwise(begun)
    ]
    how = (
        f"{rounds} rounds one after the other on the emulated Pico's running node, from the first "
        f"bit of a request to that of the same meter's next; {bus_node.BAUD} baud 8E1, answers "
        "4.6 ms after the request: " + ", ".join(bus_node.METERS)
    )
    return [
        figure(
            GROUP, "wire time over the time of a poll round", "", shares, how, at_least=_AIM
        ),
        figure(
            GROUP, "time of a poll beside its bytes", "ms", beside,
            "as above, each poll: the meter's 4.6 ms, the line's rest, hearing and interpreting",
        ),
    ]  # fmt: skip


def _share(begun: list[tuple[int, int]]) -> float:
    (start_ns, before), (end_ns, after) = begun[0], begun[-1]
    return (after - before) * _BYTE_NS / (end_ns - start_ns)


def _polls(rounds: int) -> list[tuple[int, int]]:
    """The beginnings of so many rounds' requests, and of one more."""
    node = bench_node.powered(image_files(bus_node.community()))
    wire = Wire(node)
    meters = len(bus_node.METERS)
    first = 2 * meters  # behind the first round, in which the M-Bus meters are reset too
    wanted = first + rounds * meters + 1
    if not node.run_until(lambda: len(wire.begun) >= wanted, _LIMIT_NS):
        raise SibiaoError(f"only {len(wire.begun)} of {wanted} requests came")
    begun = wire.begun[first:]
    sizes = [after - before for (_, before), (_, after) in pairwise(begun)]
    if sizes != sizes[:meters] * rounds:
        raise SibiaoError(f"the rounds differ, so polls were repeated: bytes of each {sizes}")
    return begun
