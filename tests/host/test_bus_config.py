"""What a community may say of its bus' meters, and what the device gets."""

from dataclasses import replace

import pytest
from converter.link.cjt188_gate import SYNC, VALVE
from sibiao.config import load
from sibiao.config.constants import config_source
from sibiao.errors import SibiaoError

from tests.node.test_bus_mbus import FALCON, changed, community, heat, water

JINSHUI = "heat-transparent-jinshui"
SECOND = {"name": "second", "address": "000000000403"}
SAME = {"meter_address": None, "secondary_address": "70112345"}
FIRST = {"fabrication": "00000111"}


def compiled(loaded):
    values = {}
    exec(config_source(loaded), values)
    return values


def test_fabrication_number_and_other_rate():
    meter = changed(FALCON, switch_baud=9600)
    first, second = water(**SAME, **FIRST), water(**SAME, **SECOND, fabrication="00000112")
    ((*_, rows),) = compiled(community(first, second, meters={FALCON: meter}))["BUSES"]
    wires = [row[-1][1].hex() for row in rows]
    assert wires == ["45231170ffffffff11010000", "45231170ffffffff12010000"]
    assert {row[-1][5] for row in rows} == {9600}


def test_a_transparent_meter_has_a_line_and_nothing_else():
    values = compiled(community(heat(meter=JINSHUI, meter_address=None)))
    ((port, _, _, _, through, rows),) = values["BUSES"]
    assert port[3:] == (1200, None) and rows == ()
    assert through == ((1, 1200, None, 200),)
    assert values["POINTS"][0][1] == b""


@pytest.mark.parametrize(
    ("allow", "bits"),
    [([], 0), (["valve"], VALVE), (["sync", "valve"], VALVE | SYNC), (["sync"], SYNC)],
)
def test_what_may_be_sent(allow, bits):
    assert compiled(community(water(), policy={"allow": allow}))["ALLOW"] == bits


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ([water(**FIRST)], "goes with a secondary_address"),
        (
            [water(**SAME, **FIRST), water(**SAME, **FIRST, **SECOND)],
            "with fabrication 00000111",
        ),
        (
            [heat(meter="heat-cjt188-1f90", meter_address=14 * "1", **FIRST)],
            "is for M-Bus meters",
        ),
        ([heat(meter=JINSHUI)], "is only passed through to"),
    ],
)
def test_what_is_refused(points, said):
    with pytest.raises(SibiaoError, match=said):
        config_source(community(*points))


def test_a_rate_to_switch_to_is_another():
    loaded = community(water())
    meter = changed(FALCON, switch_baud=load.read("meters", FALCON).line.baud)
    with pytest.raises(SibiaoError, match="is the rate of its line"):
        config_source(replace(loaded, meters={FALCON: meter}))
