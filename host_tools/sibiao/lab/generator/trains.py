"""Trains of wires as the words that the generator plays (firmware/generator/words.py)."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from generator.words import BLOCK_WORDS, CHANNELS, LONGEST_US, WORD_BYTES, word

from sibiao.errors import SibiaoError
from sibiao.sim.pulse.train import Train

_NS_PER_US = 1000
_LATEST_US = 20
_OPEN, _CLOSED = 1, 0


@dataclass(frozen=True)
class Words:
    """`closings`: of each channel's contact. `late_us`: how much later than in the trains an edge
    comes at most, where there were more edges than microseconds."""

    data: bytes
    closings: tuple[int, ...]
    last: int  # contacts closed at the end
    span_us: int
    late_us: float

    @property
    def count(self) -> int:
        return len(self.data) // WORD_BYTES

    def blocks(self) -> Iterator[bytes]:
        size = BLOCK_WORDS * WORD_BYTES
        for at in range(0, len(self.data), size):
            yield self.data[at : at + size]


def words(trains: Mapping[int, Train], end_ns: int = 0, before: int = 0) -> Words:
    """Of channel -> levels of its wire (0: the contact is closed), to the last edge or `end_ns`.
    `before`: contacts closed until then; channels without a train stay so. Every edge comes, if
    need be a microsecond after the one before it."""
    changes, late_us = [], 0.0
    for channel, one in trains.items():
        if not 0 <= channel < CHANNELS:
            raise SibiaoError(
                f"the generator has no channel {channel}; it has 0 to {CHANNELS - 1}"
            )
        before_us = -1
        for at_ns, level in one:
            if level not in (_OPEN, _CLOSED):
                raise SibiaoError(f"a contact has levels 0 and 1, and the train has {level}")
            at_us = max(before_us + 1, round(at_ns / _NS_PER_US))
            late_us = max(late_us, at_us - at_ns / _NS_PER_US)
            changes.append((at_us, 1 << channel, level))
            before_us = at_us
    if late_us > _LATEST_US:
        raise SibiaoError(
            f"the train has edges less than 1 us apart, and the generator would put them out "
            f"{late_us:.0f} us late: {_LATEST_US} us are allowed; make its bounce longer"
        )
    changes.sort(key=lambda change: change[0])
    end_us = max([-(-end_ns // _NS_PER_US), 1, *(at + 1 for at, *_ in changes[-1:])])
    return _packed(changes, end_us, late_us, before)


def _packed(
    changes: list[tuple[int, int, int]], end_us: int, late_us: float, closed: int
) -> Words:
    packed: list[int] = []
    closings = [0] * CHANNELS
    at_us = 0
    for change_us, bit, level in [*changes, (end_us, 0, _OPEN)]:
        while at_us < change_us:
            us = min(change_us - at_us, LONGEST_US)
            packed.append(word(closed, us))
            at_us += us
        if level == _CLOSED and not closed & bit:
            closings[bit.bit_length() - 1] += 1
        closed = closed | bit if level == _CLOSED else closed & ~bit
    data = struct.pack(f"<{len(packed)}I", *packed)
    return Words(data, tuple(closings), closed, end_us, late_us)
