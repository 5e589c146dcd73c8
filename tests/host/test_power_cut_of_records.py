"""A share of the long campaign; the exhaustive one of totals and events is a unit test, which runs
on the MicroPython VM as well (tests/unit/test_power_cuts.py)."""

import pytest

from tests.host.record_cuts import MEDIA, cut_records


@pytest.mark.parametrize(
    ("medium", "store"), [(medium, store) for medium in MEDIA for store in MEDIA[medium][1]]
)
def test_share(medium, store):
    stride = {"littlefs": 5, "FRAM on I2C": 101, "FRAM on SPI": 301}[medium]
    assert cut_records(medium, store, torn=1, lives=10, seed=11, stride=stride) > 10
