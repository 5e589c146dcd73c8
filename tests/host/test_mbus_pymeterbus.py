"""A second opinion: what pyMeterBus reads from libmbus' frames, where both understand them."""

from decimal import Decimal

import meterbus
from sibiao.explain.mbus import explain

from tests.host.mbus_vectors import frame, libmbus
from tests.host.test_mbus_libmbus import explained

UNITS = {
    "WH": "Wh",
    "J": "J",
    "W": "W",
    "M3": "m3",
    "M3_H": "m3/h",
    "C": "°C",
    "K": "K",
    "V": "V",
    "A": "A",
    "SECONDS": "s",
    "NONE": "",
    "DATE": "",
    "DATE_TIME": "",
}
# It raises an exception on these.
CANNOT = {"manual_frame2", "sen_pollusonic_2", "sen_pollutherm"}


def read(data):
    """(value, unit) of each of its records, the unit None when it has no name of ours."""
    for record in meterbus.load(data).records:
        told = record.interpreted
        yield told["value"], UNITS.get(str(told["unit"]).removeprefix("MeasureUnit."))


def is_same(value, unit, mine):
    if unit is not None and unit != mine.unit:
        return False
    if isinstance(value, str):
        return (mine.value or "").startswith(value.strip("\x00"))
    if mine.value is None:
        return value is None
    # It works with floats.
    return abs(Decimal(mine.value) - Decimal(value)) <= abs(Decimal(value)) / 10**12


def test_both_read_the_same():
    compared, other = 0, set()
    for path in libmbus("test-frames"):
        data = frame(path)
        if path.stem in CANNOT:
            continue
        # Its last record may be the manufacturer's data, which are none here.
        for k, ((value, unit), mine) in enumerate(
            zip(read(data), explain(data).records, strict=False)
        ):
            compared += 1
            if not is_same(value, unit, mine):
                other.add((path.stem, str(k)))
    assert compared > 500
    assert other == {row[:2] for row in explained()}
