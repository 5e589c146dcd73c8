"""`sibiao commission` at the whole node: water that is drawn, a bus meter, what is signed."""

import json

import pytest
from sibiao.config.load import load
from sibiao.ledger.file import Ledger
from sibiao.sim.bus.meter import Bus
from sibiao.sim.bus.named import meter_of

from tests.node import asking
from tests.node.asking import BUS, MS, PULSE_PIN, S
from tests.node.bridge import beside
from tests.node.test_provisioning_tool import Site
from tests.node.tool import said
from tests.soak.hostile import quiet_node

pytestmark = [pytest.mark.vm, pytest.mark.takes(40)]

WATER = ("--point", "water-301")
BEFORE, AFTER = ("--dial-before", "water-301=1234.50"), ("--dial-after", "water-301=1234.55")
# On a loaded computer no answer is late, so that each request is one look.
PATIENT = ("--wait", "10000", "--timeout", "60")
BEGUN = 2  # requests before the drawing: the unit, and the count at its begin


class Tap:
    """Pulses in the node's own time, once the tool has begun to look."""

    def __init__(self, node, pulses):
        self._node, self._left = node, 2 * pulses

    def __call__(self, bridge):
        if bridge.asked > BEGUN and self._left:
            self._left -= 1
            self._node.set_pin(PULSE_PIN, self._left % 2)
            self._node.run(60 * MS)


class Stairwell:
    def __init__(self, folder, node):
        self.node = node
        self.path = folder / "ledger.jsonl"

    def tool(self, *arguments, pulses=0, typed=None, meanwhile=None):
        def run(bridge):
            return said(
                "commission", "--community", "sample", "--uplink", bridge.url, "--ledger",
                str(self.path), "--by", "li", *PATIENT, *arguments, typed=typed,
            )  # fmt: skip

        return beside(self.node, run, meanwhile=meanwhile or Tap(self.node, pulses))

    def last(self, point):
        return Ledger(self.path).rows()[-1].data["points"][point]


@pytest.fixture
def stairwell(tmp_path):
    with quiet_node(load("sample")) as node:
        yield Stairwell(tmp_path, node)


def test_drawn_signed_and_not_asked_again(stairwell):
    code, output, sentence = stairwell.tool(
        *WATER, *BEFORE, typed="12,5\nabc\n1234.55\n", pulses=5
    )
    assert (code, sentence) == (0, ""), sentence
    assert "counted 5." in output
    told = stairwell.last("water-301")
    assert (told["verdict"], told["counted"], told["drift_pulses"], told["over"]) == (
        "good", "5", "+0", "uplink")  # fmt: skip
    assert (told["converter_before"], told["converter_after"]) == ("1234.50", "1234.55")
    (row,) = Ledger(stairwell.path).rows()
    assert (row.kind, row.operator, row.serial) == ("commission", "li", "SB26000001")
    assert stairwell.tool(*WATER) == (0, "", "")  # nothing is asked for, nothing drawn
    assert len(Ledger(stairwell.path).rows()) == 1
    again = ("--again", "--dial-before", "water-301=1234.55", "--dial-after", "water-301=1234.60")
    code, output, _ = stairwell.tool(*WATER, *again, "--json", pulses=5)
    assert code == 0 and json.loads(output)["row"] == 2


def test_no_pulses_and_a_dial_that_was_mistyped(stairwell):
    code, _, sentence = stairwell.tool(*WATER, *BEFORE, *AFTER, "--timeout", "1")
    assert (code, sentence) == (1, "not in order: water-301")
    assert stairwell.last("water-301")["cause"] == "no pulses"
    # Typed wrongly, entered again, and good without another draw.
    code, output, sentence = stairwell.tool(
        *WATER, typed="1234.50\n1243.55\ne\n1234.50\n1234.55\n", pulses=5
    )
    assert (code, sentence) == (0, ""), output
    assert stairwell.last("water-301")["verdict"] == "good"


def test_a_meter_on_the_bus(tmp_path):
    heat = ("--point", "heat-301", "--quantity", "energy", "--timeout", "30")

    def dials(before, after):
        return "--dial-before", f"heat-301={before}", "--dial-after", f"heat-301={after}"

    with quiet_node(load("sample")) as node:
        meter = meter_of("heat-cjt188-1f90@11110017312151,energy=8714 kWh")
        Bus(node.clock, node.line(BUS), [meter])
        node.run(6 * S)
        site = Stairwell(tmp_path, node)

        def rises(bridge):
            if bridge.asked > BEGUN:
                meter.set("energy", "8715 kWh")

        code, _, sentence = site.tool(*heat, *dials("8714", "8715"), meanwhile=rises)
        assert (code, sentence) == (0, "")
        told = site.last("heat-301")
        assert (told["converter_before"], told["converter_after"]) == ("8714.00", "8715.00")
        assert (told["unit"], told["drift"], told["cause"]) == ("kWh", "+0.0000", "")
        # Another dial: the converter reads the neighbour's meter. It stands, so the time is over.
        code, _, sentence = site.tool(
            *heat, *dials("120", "120"), "--again", "--timeout", "1", typed=""
        )
        assert (code, sentence) == (1, "not in order: heat-301")
        told = site.last("heat-301")
        assert (told["cause"], told["drift"]) == ("not this meter", "+8595.0000")


def test_what_cannot_be_asked_for(stairwell):
    for arguments, words in (
        (("--point", "water-302"), "has no point 'water-302'; there are: water-301, heat-301"),
        (("--dial-after", "x=1"), "has no point 'x'"),
        ((*WATER, "--dial-before", "water-301=1e3"), "digits, with a point before decimals"),
        ((*WATER, "--dial-before", "water-301=100000"), "0 or more and below 100000"),
        ((*WATER, "--quantity", "energy"), "of those it has: volume"),
    ):
        code, _, sentence = stairwell.tool(*arguments)
        assert code == 1 and words in sentence and "\n" not in sentence, sentence
    assert not stairwell.path.exists()


def test_the_base_is_set_over_the_console(tmp_path):
    with Site(tmp_path) as site:
        node = site.node
        start_ns = node.clock.now_ns
        for at in range(10):
            node.clock.call_later((4000 + 150 * at) * MS, _level(node, at % 2))
        dials = ("--dial-before", "water-301=77.123", "--dial-after", "water-301=77.171")
        code, output, sentence = site.tool("commission", *WATER, *dials, "--set-base", "--yes")
        assert (code, sentence) == (0, ""), output
        assert node.clock.now_ns - start_ns > 5 * S
        assert asking.read(node, asking.WATER, "00010000") == 7717
        said = site.rows()[-1].data["points"]["water-301"]
        assert (said["verdict"], said["dial"], said["over"]) == ("good", "77.17", "console")
        assert "it had shown 1234.55" in said["said"]
        sentence = site.tool("commission", "--point", "heat-301")[2]
        assert "a meter on a bus: it is read over --uplink" in sentence


def _level(node, level):
    return lambda: node.set_pin(PULSE_PIN, level)
