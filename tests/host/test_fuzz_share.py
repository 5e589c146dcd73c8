"""A share of `make fuzz` in every run, and the proof that the fuzzer sees what it should."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import pytest
from converter.link import cjt188, dlt645
from converter.link.framer import Framer
from converter.meters import cjt188 as layout188
from converter.station.dlt645 import Station

from tests.fuzz.campaign import TARGETS, Outcome, run_block

_BLOCKS = 20  # of a thousand frames
_SEED = 20


@pytest.mark.parametrize("link", TARGETS)
def test_a_share_of_the_campaign(link):
    total = Outcome()
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        for outcome in pool.map(run_block, [link] * _BLOCKS, [_SEED] * _BLOCKS, range(_BLOCKS)):
            total.add(outcome)
    assert not total.findings, total.findings[0]
    assert total.cases == _BLOCKS * 1000
    # Every fate is met often enough to mean something.
    assert min(total.seen.values()) > 500, total.seen


def test_the_same_seed_is_the_same_campaign():
    first, again = (run_block("dlt645", _SEED, 3, 200) for _ in range(2))
    assert (first.sent_bytes, first.seen) == (again.sent_bytes, again.seen)
    assert run_block("dlt645", _SEED, 4, 200).sent_bytes != first.sent_bytes


def _unsummed(link, overhead, length_at):
    def frame_len(buf, start, end):
        # As the firmware's, but the checksum is not looked at.
        whole = bytearray(buf[start:end])
        if whole[0] != 0x68 or len(whole) <= length_at:
            return link.frame_len(buf, start, end)
        size = overhead + whole[length_at]
        if len(whole) >= size and whole[size - 1] == 0x16:
            whole[size - 2] = sum(whole[: size - 2]) & 0xFF
        return link.frame_len(whole, 0, len(whole))

    return frame_len


def _deaf_when_idle(framer, idle, real=Framer.next_frame):
    return real(framer, False)


def _first_byte_lost(framer, n, real=Framer.buffer_updated):
    if framer.pending > 100:
        n -= 1
    real(framer, n)


def _any_answer(request, frame, real=cjt188.accept):
    taken = bytearray(frame)
    taken[13] = request[13]
    return real(request, taken)


def _without_limit(layout, frame, point, time_s, real=layout188.read_values):
    longer = bytes(frame) + bytes(100)
    patched = bytearray(longer)
    patched[10] = 100
    return real(layout, patched, point, time_s)


def _everyone(station, frame, real=Station._addressed):
    return max(real(station, frame), 0)


_SABOTAGE = {
    "checksum not looked at, dlt645": ("dlt645", "TARGET", _unsummed(dlt645, 12, 9)),
    "checksum not looked at, cjt188": ("cjt188", "TARGET", _unsummed(cjt188, 13, 10)),
    "nothing found inside unfinished": ("dlt645", Framer, "next_frame", _deaf_when_idle),
    "a byte lost": ("cjt188", Framer, "buffer_updated", _first_byte_lost),
    "sequence number not looked at": ("cjt188", cjt188, "accept", _any_answer),
    "read beyond the body": ("cjt188", layout188, "read_values", _without_limit),
    "answers for anybody": ("dlt645", Station, "_addressed", _everyone),
}


@pytest.mark.parametrize("how", _SABOTAGE)
def test_what_is_broken_is_found(monkeypatch, how):
    link, where, *what = _SABOTAGE[how]
    if where == "TARGET":
        monkeypatch.setattr(TARGETS[link], "frame_len", staticmethod(what[0]))
    else:
        monkeypatch.setattr(where, *what)
    assert run_block(link, _SEED, 0, 1000).findings
