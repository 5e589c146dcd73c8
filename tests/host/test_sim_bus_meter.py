"""Answers that meet on the wire."""

import random

import pytest
from sibiao.sim.bus.meter import Reply, superposed, together
from sibiao.sim.wire import byte_time_ns

BYTE_NS = byte_time_ns(2400, "E")
BIT_NS = BYTE_NS // 11


@pytest.mark.parametrize("baud, parity", [(2400, "E"), (1200, "N"), (9600, "O")])
def test_one_sender_is_heard_as_it_is(baud, parity):
    data = random.Random(7).randbytes(200)
    assert superposed([Reply(data, 0)], baud, parity) == data


def test_equal_answers_at_once_are_one():
    assert superposed([Reply(b"\xe5", 0), Reply(b"\xe5", 0)], 2400, "E") == b"\xe5"


def test_at_the_same_time_a_space_hides_a_mark():
    assert superposed([Reply(b"\xf0\x3c", 5), Reply(b"\xcc\x0f", 5)], 2400, "E") == b"\xc0\x0c"


def test_a_little_later_spoils_what_both_say():
    heard = superposed([Reply(b"\xe5", 0), Reply(b"\xe5", 2 * BIT_NS)], 2400, "E")
    assert heard != b"\xe5"


def test_no_overlap_leaves_both_whole():
    one, two = Reply(b"abc", 0), Reply(b"de", 3 * BYTE_NS)
    assert together([two, one], BYTE_NS) == [[one], [two]]
    assert superposed([one, two], 2400, "E") == b"abcde"


def test_a_chain_of_overlaps_is_one_group():
    replies = [Reply(b"x" * 4, k * 3 * BYTE_NS) for k in range(3)]
    assert together(replies, BYTE_NS) == [replies]
