"""Every shipped community is built, runs on the simulated board with its own chip among its
simulated meters, and reads each of them right."""

import pytest
from sibiao.config.load import load, names
from sibiao.node.vm.virtual.board import posed
from sibiao.sim.community import Community

from tests.node import asking
from tests.node.asking import S

pytestmark = [pytest.mark.vm, pytest.mark.takes(30)]

ALARM = 64
INDEXES = {"m3": "E0{:02X}0100", "kWh": "E0{:02X}0200", "GJ": "E0{:02X}1200"}


@pytest.mark.parametrize("name", names("communities"))
def test_every_meter_is_read_right(name):
    loaded = load(name)
    line = {"uart": loaded.board.uarts["uplink"].uart, "baud": loaded.uplink.line.baud}
    with posed(loaded) as node:
        meters = Community(node, loaded)
        node.run(3 * S)
        # As a module finds it: at once, before the node tries its other rates.
        found = asking.exchange(node, asking.frame("aaaaaaaaaaaa", 0x13), **line)
        assert found[1] == loaded.community.address
        for meter in meters.pulses.values():
            meter.start()
        policy = loaded.community.policy
        node.run((policy.poll_every_s + policy.poll_jitter_s + 20) * S)
        for meter in meters.pulses.values():
            meter.stop()
        node.run(10 * S)
        for number, point in enumerate(loaded.community.points, 1):
            truth = meters.truth(point)
            told = asking.read(node, point.address, "00010000", **line)
            if truth is None:
                assert isinstance(told, bytes), "a meter that is never polled has no reading"
                continue
            assert told == int(truth * 100), point.name
            # Under the converter's own address, too, with the point's number.
            own, numbered = loaded.community.address, INDEXES[meters.unit(point)].format(number)
            assert asking.read(node, own, numbered, **line) == int(truth * 100), point.name
            status = asking.read(node, own, f"E0{number:02X}4200", **line)
            # Some published telegrams report an alarm of their meter, nothing else may be wrong.
            assert status & ~ALARM == 0, f"status of {point.name}"
        for meter in meters.pulses.values():
            assert meter.emitted > 0
    assert node.report["ended"] == "finished" and node.report["overruns"] == 0
    assert node.report["commits"] or not meters.pulses or loaded.board.fram
