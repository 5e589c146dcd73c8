"""The ways in which a hostile electricity meter asks, each from chance alone.

A form makes pieces: how long the line rests first, and what is sent then. Where it has a prelude,
that goes first, and the meter listens until the line is quiet before it asks.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from sibiao.sim.uplink.dlt645_reading import made_frame
from sibiao.sim.wire import NS_PER_MS

Pieces = list[tuple[int, bytes]]  # (ns of rest before it, bytes)

LONGEST_GAP_NS = 500 * NS_PER_MS  # clause 5.3.3, between two bytes of a frame
_STORM = 10
_NOBODY = 0x92  # high byte of the addresses that no device of the line may have
_OF_698 = (
    # Address reads of DL/T 698.45 as a communication module's start-up sends them.
    bytes.fromhex("6817004345AAAAAAAAAAAA005B4F0501004001020000ED0316"),
    bytes.fromhex("68170043050100000000001026F60501004001020000900F16"),
)


@dataclass(frozen=True)
class Case:
    """What a form is made from."""

    rng: random.Random
    frame: bytes  # the request from 68H to 16H, sound
    answer: bytes  # the last answer that was heard, as it came; empty before the first

    @property
    def preamble(self) -> bytes:
        return b"\xfe" * self.rng.randrange(5)


@dataclass(frozen=True)
class Sending:
    """`answers`: how many sound answers the prelude may bring; none where it has to be silent."""

    pieces: Pieces
    prelude: Pieces = field(default_factory=list)
    answers: int = 0


@dataclass(frozen=True)
class Form:
    make: Callable[[Case], Sending]
    answered: bool  # whether an answer is due; else there must be none

    @property
    def does(self) -> str:
        return self.make.__doc__


def _plain(case: Case) -> Sending:
    """0 to 4 FE, then the request"""
    return Sending([(0, case.preamble + case.frame)])


def _gaps(case: Case) -> Sending:
    """one to three rests within the request, up to 500 ms each"""
    rng = case.rng
    cuts = sorted(rng.sample(range(1, len(case.frame)), rng.randint(1, 3)))
    parts = [case.frame[a:b] for a, b in zip([0, *cuts], [*cuts, None], strict=True)]
    rests = [rng.choice((rng.uniform(0, 1), 1)) * LONGEST_GAP_NS for _ in cuts]
    return Sending(
        [(0, case.preamble + parts[0]), *zip(map(round, rests), parts[1:], strict=True)]
    )


def _half(case: Case) -> Sending:
    """half a request, more than 500 ms of silence, then a whole one"""
    half = case.preamble + case.frame[: case.rng.randrange(1, len(case.frame))]
    return Sending([(0, case.preamble + case.frame)], prelude=[(0, half)])


def _unfinished(case: Case) -> Sending:
    """a request within a frame that is never finished: answered when the line has gone quiet"""
    rng = case.rng
    length = rng.randrange(len(case.frame) + 20, 201)
    begun = bytes([0x68, *rng.randbytes(6), 0x68, rng.choice((0x11, 0x14, 0x91)), length])
    return Sending([(0, case.preamble + begun + rng.randbytes(rng.randrange(8)) + case.frame)])


def _echo(case: Case) -> Sending:
    """the line gives the answer back; then a request"""
    return Sending([(0, case.preamble + case.frame)], prelude=[(0, case.answer or b"\xfe")])


def _duplicate(case: Case) -> Sending:
    """the request twice in a row, then once more"""
    rest_ns = case.rng.randrange(30) * NS_PER_MS
    twice = [(0, case.preamble + case.frame), (rest_ns, case.frame)]
    return Sending([(0, case.preamble + case.frame)], prelude=twice, answers=2)


def _storm(case: Case) -> Sending:
    """ten requests without listening, then one"""
    storm = [(case.rng.randrange(60) * NS_PER_MS, case.frame) for _ in range(_STORM)]
    return Sending([(0, case.preamble + case.frame)], prelude=storm, answers=_STORM)


def _foreign(case: Case) -> Sending:
    """a request to an address that nobody has"""
    address = bytes([*case.rng.randbytes(1), *case.frame[2:6], _NOBODY])
    return _silent(case, made_frame(address[::-1].hex(), 0x11, _plain_data(case.frame)))


def _broadcast(case: Case) -> Sending:
    """to everybody: a read, which nobody may answer, or a freeze"""
    if case.rng.random() < 0.5:
        return _silent(case, made_frame("99" * 6, 0x11, _plain_data(case.frame)))
    return _silent(case, made_frame("99" * 6, 0x16, b"\x99\x99\x99\x99"))


def _nested(case: Case) -> Sending:
    """a request as the data of a whole frame between others"""
    data = case.rng.randbytes(4) + case.frame + case.rng.randbytes(case.rng.randrange(8))
    # made_frame adds 33H to what stands in the data.
    data = bytes(byte - 0x33 & 0xFF for byte in data)
    return _silent(
        case, made_frame(f"{_NOBODY:02X}0000000000", case.rng.choice((0x91, 0x14)), data)
    )


def _of_698(case: Case) -> Sending:
    """an address read of DL/T 698.45"""
    return _silent(case, case.rng.choice(_OF_698))


def _damaged(case: Case) -> Sending:
    """a request with a wrong checksum, or cut off"""
    rng, frame = case.rng, bytearray(case.frame)
    if rng.random() < 0.5:
        frame[-2] = (frame[-2] + rng.randrange(1, 256)) & 0xFF
        return _silent(case, bytes(frame))
    return _silent(case, bytes(frame[: rng.randrange(1, len(frame))]))


def _silent(case: Case, frame: bytes) -> Sending:
    return Sending([(0, case.preamble + frame)])


def _plain_data(frame: bytes) -> bytes:
    return bytes(byte - 0x33 & 0xFF for byte in frame[10:-2])


FORMS = {
    "plain": Form(_plain, True),
    "gaps": Form(_gaps, True),
    "half": Form(_half, True),
    "unfinished": Form(_unfinished, True),
    "echo": Form(_echo, True),
    "duplicate": Form(_duplicate, True),
    "storm": Form(_storm, True),
    "foreign": Form(_foreign, False),
    "broadcast": Form(_broadcast, False),
    "nested": Form(_nested, False),
    "698": Form(_of_698, False),
    "damaged": Form(_damaged, False),
}
