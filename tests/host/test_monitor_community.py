"""What `sibiao monitor --community` makes of registers whose unit the bytes alone do not tell."""

import pytest
from sibiao.monitor.read_by import profiles_of
from sibiao.monitor.seen import seen

from tests.host.test_monitor import dlt645, piece


@pytest.mark.parametrize(
    "community, address, di, value, said",
    [
        # An M-Bus meter's profile names its unit.
        ("heat-block-d", "000000003401", "00010000", "50341200", "energy 1234500 Wh"),
        ("heat-block-d", "000000003401", "00010001", "50341200", "energy settled 1 1234500 Wh"),
        # A CJ/T 188 meter says it in its telegram alone.
        ("sample", "000000000302", "00010000", "50341200", "energy 1234.5 kWh or GJ"),
        # A water meter's register there.
        ("sample", "000000000301", "00010000", "50341200", "volume 1234.5 m3"),
        # A unit that is not of this community.
        ("sample", "000000009999", "00010000", "50341200", None),
    ],
)  # fmt: skip
def test_a_communitys_points_say_what_an_identifier_is(community, address, di, value, said):
    _, profiles = profiles_of(community, ())
    data = bytes.fromhex(di)[::-1] + bytes.fromhex(value)
    one = seen(piece(0, dlt645(0x91, data, address)), profiles)
    assert one.values[:1] == ([said] if said else [])
