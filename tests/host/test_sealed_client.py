"""The firmware's seal against the host's, which was written from docs/access.md alone."""

from datetime import datetime

import pytest
from converter.codec.cmac import cmac
from converter.link import dlt645
from converter.model.point import MeteringPoint
from converter.station.dlt645 import FOLLOWS
from converter.station.sealed import SealedStation
from hypothesis import given
from hypothesis import strategies as st
from sibiao.errors import SibiaoError
from sibiao.reader.sealed import Answer, Seal, SealError, UsedUp, first_counter

from tests.unit.block_cipher import encryptor

ADDRESS, SERIAL, KEY = "123456789012", "SB26000001", bytes(range(16))


class Echo:
    """A service whose answer is the request turned about."""

    broadcast = False

    def __init__(self, control, shift, more=0):
        self.controls = bytes((control,))
        self.shift = shift
        self.more = more
        self.heard = None

    def handle(self, who, frame, out):
        n = frame[dlt645.LENGTH]
        self.heard = bytes((b - self.shift) & 0xFF for b in frame[dlt645.DATA : dlt645.DATA + n])
        out[dlt645.DATA : dlt645.DATA + n] = self.heard[::-1]
        return n + self.more


class Keys:
    def __init__(self, key=KEY, serial=SERIAL):
        encrypt = encryptor(key)
        uses = (cmac(encrypt, use + serial.encode()) for use in (b"\1", b"\2"))
        self._loaded = *map(encryptor, uses), 0

    def load(self):
        return self._loaded

    def keep(self, end):
        pass


def station(echo, **keys):
    point = MeteringPoint(bytes.fromhex(ADDRESS)[::-1], b"", 0)
    return SealedStation([point], 0, [echo], Keys(**keys), True)


def asked(made, request):
    out = bytearray(dlt645.MAX_FRAME)
    assert dlt645.frame_len(request, 0, len(request)) == len(request)
    return bytes(out[: made.handle(request, out)])


@given(
    key=st.binary(min_size=16, max_size=16),
    serial=st.from_regex(r"[A-Z0-9]{4,16}", fullmatch=True),
    data=st.binary(max_size=188),
    counter=st.integers(0, 0xFFFFFE00),
    shift=st.sampled_from([0, 0x33]),
    more=st.sampled_from([0, FOLLOWS]),
)
def test_both_ways(key, serial, data, counter, shift, more):
    echo = Echo(0x1E, shift, more)
    seal = Seal(key, serial)
    made = station(echo, key=key, serial=serial)
    got = asked(made, seal.request(ADDRESS, 0x1E, data, counter, shift))
    assert echo.heard == data
    control = 0xBE if more else 0x9E
    assert seal.answer(got, counter, shift) == Answer(control, ADDRESS, data[::-1])


def test_used_up_and_next():
    made, seal = station(Echo(0x1E, 0x33)), Seal(KEY, SERIAL)
    asked(made, seal.request(ADDRESS, 0x1E, b"", 300))
    with pytest.raises(UsedUp) as told:
        seal.answer(asked(made, seal.request(ADDRESS, 0x1E, b"", 300)), 300)
    assert told.value.next == 301


def test_no_answer_but_its_own():
    made, seal = station(Echo(0x1E, 0x33)), Seal(KEY, SERIAL)
    got = asked(made, seal.request(ADDRESS, 0x1E, b"\x01\x02", 300))
    for spoilt in range(1, len(got) - 2):
        if spoilt in (7, 9):
            continue  # the frame's own form
        other = got[:spoilt] + bytes((got[spoilt] ^ 0x10,)) + got[spoilt + 1 :]
        with pytest.raises(SealError):
            seal.answer(other, 300)
    with pytest.raises(SealError, match="another request"):
        seal.answer(got, 301)
    with pytest.raises(SealError, match="another key"):
        Seal(KEY, "SB26000002").answer(got, 300)
    with pytest.raises(SealError, match="no sealed answer"):
        seal.answer(got[:20], 300)


def test_an_answer_that_the_seal_makes_too_long_is_an_error():
    class Long(Echo):
        def handle(self, who, frame, out):
            return 189

    seal = Seal(KEY, SERIAL)
    got = asked(station(Long(0x1E, 0x33)), seal.request(ADDRESS, 0x1E, b"", 1))
    assert seal.answer(got, 1) == Answer(0xDE, ADDRESS, b"\x01")


def test_keys_and_counters():
    with pytest.raises(SibiaoError, match="16 bytes"):
        Seal(b"short", SERIAL)
    assert first_counter(datetime(2000, 1, 2)) == 86400
