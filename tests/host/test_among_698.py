"""A module looks for us between requests in DL/T 698.45: they must hide none of ours."""

import pytest
from converter.link import dlt645
from converter.link.framer import Framer

from tests.host.published import published
from tests.node.asking import frame

OURS = frame("aaaaaaaaaaaa", 0x13)
READ = frame("000000000301", 0x11, bytes.fromhex("00000100"))
# A foreign 698 frame whose address byte looks like the second start of a 645 header.
LOOKALIKE = bytes.fromhex("681700434505016811C8AAAAAA00")


def _telegrams():
    return [bytes.fromhex(each["hex"]) for each in published("dlt698.json")] + [LOOKALIKE]


def _found(chunks, ours):
    # A quiet line between the chunks.
    framer = Framer(dlt645.frame_len, dlt645.MAX_FRAME + 16, lambda found: bytes(found) in ours)
    found = []
    for chunk in chunks:
        for byte in chunk:
            framer.get_buffer()[0] = byte
            framer.buffer_updated(1)
            while (one := framer.next_frame(False)) is not None:
                found.append(bytes(one))
        while (one := framer.next_frame(True)) is not None:
            found.append(bytes(one))
    return found


@pytest.mark.parametrize("request_645", [OURS, READ], ids=["address", "read"])
def test_a_request_after_before_and_between_them(request_645):
    telegrams = _telegrams()
    assert len(telegrams) > 3
    for telegram in telegrams:
        assert _found([telegram], {request_645}) == []
        for ways in (
            [telegram, request_645],
            [telegram + request_645],
            [request_645 + telegram],
            [telegram, b"\xfe\xfe\xfe\xfe" + request_645 + telegram],
        ):
            assert _found(ways, {request_645}) == [request_645], (telegram.hex(), ways)
    assert _found([part for t in telegrams for part in (t, request_645)], {request_645}) == [
        request_645
    ] * len(telegrams)


def test_one_cut_short_hides_nothing_either():
    for telegram in _telegrams():
        for n in range(1, len(telegram)):
            assert _found([telegram[:n], OURS], {OURS}) == [OURS], telegram[:n].hex()
