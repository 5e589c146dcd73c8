"""From bytes to pieces: no byte is lost, whatever passes, and each frame is found."""

from hypothesis import given
from hypothesis import strategies as st
from sibiao.monitor.cutter import Cutter, Ear

READ = bytes.fromhex("6891400201180768110433333433A516")
HEAT_ASKED = bytes.fromhex("6810180212202000000103901F009716")
HEAT = bytes.fromhex("6810180212202000008116901F00000200002C000200002C0000000000000000FF8516")
NKE, ACK = bytes.fromhex("1040014116"), b"\xe5"
ASKED = bytes.fromhex("105B015C16")


def framed_1f(inner):
    """A CJ/T 188 frame handed through, as DL/T 645 carries it: not shifted."""
    body = b"\x68" + READ[1:7] + b"\x68\x1f" + bytes([len(inner) + 1, 0x08]) + inner
    return body + bytes([sum(body) & 0xFF, 0x16])


FRAMES = {
    "dlt645": [READ, framed_1f(HEAT_ASKED)],
    "cjt188": [HEAT_ASKED, HEAT],
    "mbus": [NKE, ASKED],
}
ALL = [frame for frames in FRAMES.values() for frame in frames]


def cut(chunks, direction=None):
    """Pieces of [(bytes, when it came)], and those that are left in the end."""
    cutter = Cutter("", direction, Ear())
    pieces = [piece for data, when in chunks for piece in cutter.heard(data, when)]
    return pieces + cutter.end()


def test_each_link_on_one_line():
    chunks = [(b"\xfe" * 4 + frame, 1000 * n) for n, frame in enumerate(ALL)]
    pieces = cut(chunks)
    assert [piece.data.lstrip(b"\xfe") for piece in pieces] == ALL
    assert [piece.link for piece in pieces] == [name for name in FRAMES for _ in range(2)]
    assert [piece.time_ms for piece in pieces] == [1000 * n for n in range(len(ALL))]


def test_times_are_those_of_the_first_byte_and_the_last():
    (piece,) = cut([(b"\xfe" + READ[:3], 100), (READ[3:10], 140), (READ[10:], 180)])
    assert (piece.time_ms, piece.took_ms, piece.data) == (100, 80, b"\xfe" + READ)


def test_a_frame_inside_another_is_part_of_it():
    whole = framed_1f(HEAT_ASKED)
    assert [p.data for p in cut([(bytes([b]), n) for n, b in enumerate(whole)])] == [whole]


def test_a_cut_frame_hides_no_other():
    pieces = cut([(READ[:9], 0), (READ, 300)])
    assert [(p.link, p.data) for p in pieces] == [(None, READ[:9]), ("dlt645", READ)]
    # Nor for longer than the pause that ends it.
    cutter = Cutter("", None, Ear())
    assert cutter.heard(READ[:9], 0) == [] and cutter.quiet(700) == []
    assert [p.data for p in cutter.quiet(900)] == [READ[:9]]


def test_e5_is_a_frame_only_where_it_is_expected():
    assert [p.link for p in cut([(ACK, 0)])] == [None]
    assert [p.link for p in cut([(NKE, 0), (ACK, 50)])] == ["mbus", "mbus"]
    # Of the other direction's request, too.
    ear = Ear()
    asking, answering = Cutter("", "request", ear), Cutter("", "answer", ear)
    assert len(asking.heard(NKE, 0)) == 1
    assert [p.link for p in answering.heard(ACK, 50)] == ["mbus"]
    # To a wanted reading it is none by itself.
    assert len(asking.heard(ASKED, 100)) == 1
    assert answering.heard(ACK, 150) == []
    assert [p.link for p in answering.end()] == [None]


def test_only_links_that_are_looked_for():
    cutter = Cutter("", None, Ear(["cjt188"]))
    pieces = cutter.heard(READ, 0) + cutter.heard(HEAT, 200) + cutter.end()
    assert [p.link for p in pieces] == [None, "cjt188"]


parts = st.one_of(
    st.sampled_from(ALL), st.binary(max_size=40), st.sampled_from(ALL).map(lambda f: f[:-3])
)


@given(st.lists(st.tuples(parts, st.integers(0, 1500)), max_size=12), st.integers(1, 64))
def test_pieces_are_all_bytes_in_their_order(stream, size):
    chunks, now = [], 0
    for data, pause in stream:
        now += pause
        chunks += [(data[at : at + size], now) for at in range(0, len(data), size)]
    pieces = cut(chunks)
    assert b"".join(p.data for p in pieces) == b"".join(data for data, _ in chunks)
    assert all(p.data for p in pieces)


@given(st.lists(st.tuples(st.binary(max_size=30), st.sampled_from(ALL)), max_size=8))
def test_a_frame_after_a_pause_is_found_whatever_was_before(stream):
    # Noise that happens to hold frames of its own may bring more.
    chunks = [
        part for n, (noise, frame) in enumerate(stream)
        for part in ((noise, n * 2000), (frame, n * 2000 + 1000))
    ]  # fmt: skip
    found = [p.data.lstrip(b"\xfe") for p in cut(chunks) if p.link]
    left = iter(found)
    assert all(frame in left for _, frame in stream)
