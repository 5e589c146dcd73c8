"""A bounded share of `make fuzz`."""

import random

import pytest
from converter.link import mbus
from converter.link.framer import Framer

from tests.fuzz.campaign import run
from tests.fuzz.links import LINKS
from tests.fuzz.station import Uplink
from tests.unit.feeding import arrive

_FRAMES = 6_000
_SERVICES = {0x91, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x9B, 0xB1}


@pytest.mark.parametrize("link", LINKS)
def test_share(link):
    share = run(link, 0, _FRAMES)
    assert share.frames == _FRAMES
    assert share.found > _FRAMES // 4
    assert share.answered > 100
    assert (share.acted > 50) == (link in ("dlt645", "csg"))


def test_every_service_of_every_station_is_reached(monkeypatch):
    made = []

    class Seen(Uplink):
        def __init__(self):
            super().__init__()
            made.append(self)

    monkeypatch.setitem(LINKS, "dlt645", Seen)
    run("dlt645", 2, _FRAMES)
    (uplink,) = made
    assert [s.uplink for s in uplink.stations if not s.reached >= _SERVICES] == []
    assert [s.uplink for s in uplink.stations if s.acted < 5] == []
    assert all(0x92 in s.reached or s.sealed for s in uplink.stations)


def test_noise_passes_by_the_checksum_s_odds_only():
    # A short M-Bus frame needs 10, 16 and the sum: 2**-24 for each byte of noise; a long one far
    # more.
    noise = random.Random(1).randbytes(400_000)
    framer = Framer(mbus.frame_len, 600)
    assert len(arrive(framer, noise, 300)) <= 2
