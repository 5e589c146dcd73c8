"""A bounded share of the million mutated M-Bus frames; noise passes by the checksum's odds."""

import random

from converter.link import mbus
from converter.link.framer import Framer

from tests.fuzz.mbus import run
from tests.unit.feeding import arrive


def test_share():
    share = run(0, 20_000)
    assert share.frames == 20_000
    assert share.found > 8_000
    assert share.answered > 2_000


def test_noise_passes_by_the_checksum_s_odds_only():
    # A short frame needs 10, 16 and the sum: 2**-24 for each byte of noise; a long one far more.
    noise = random.Random(1).randbytes(400_000)
    framer = Framer(mbus.frame_len, 600)
    assert len(arrive(framer, noise, 300)) <= 2
