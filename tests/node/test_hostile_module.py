"""A communication module between the hostile electricity meter and the whole node, in virtual
time: it finds the converter as real ones do, and what it forwards is answered in time."""

import dataclasses

import pytest
from sibiao.config.load import load
from sibiao.errors import SibiaoError
from sibiao.sim.hostile.items import of_community
from sibiao.sim.hostile.result import Plan
from sibiao.sim.hostile.run import measured
from sibiao.sim.uplink.module import Module
from sibiao.sim.uplink.module_kinds import KINDS

from tests.host.virtual_clock import null_modem
from tests.node.asking import CONVERTER, UPLINK, S
from tests.soak.hostile import quiet_node

pytestmark = pytest.mark.vm

FORMS = ("plain", "foreign", "broadcast", "damaged", "698", "duplicate")


def at(baud):
    loaded = load("sample")
    line = loaded.uplink.line.model_copy(update={"baud": baud})
    return dataclasses.replace(loaded, uplink=loaded.uplink.model_copy(update={"line": line}))


def between(node, kind):
    """(module, the meter's end of its line)."""
    to_meter, meter_end = null_modem(node.clock)
    module = Module(node.clock, node.line(UPLINK), to_meter, KINDS[kind])
    module.start()
    return module, meter_end


@pytest.mark.parametrize(("kind", "baud", "trials"), [("plc", 2400, 2), ("plc", 9600, 4)])
def test_module_finds_the_converter_and_nothing_confuses_it(kind, baud, trials):
    with quiet_node(at(baud)) as node:
        module, _ = between(node, kind)
        assert node.run_until(lambda: module.address, 20 * S)
        assert (module.address, module.baud) == (CONVERTER, baud)
        assert (module.counts.trials, module.counts.confused) == (trials, 0)
        node.run(60 * S)
        assert module.counts.binds == 1 and module.counts.spontaneous == 0


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_meter_through_the_module(kind):
    loaded = load("sample")
    items = [item for item in of_community(loaded) if item.address == CONVERTER]
    assert len(items) >= 3
    with quiet_node(loaded) as node:
        module, meter_end = between(node, kind)
        assert node.run_until(lambda: module.address, 60 * S)

        def run_until(done):
            assert node.run_until(done, 10_000 * S)

        result = measured(run_until, node.clock, meter_end, items, Plan(100), forms=FORMS)
        assert result.conforms and result.reads.at_try == {1: 100}, result.as_json()
        assert result.silences == result.kept > 50
        counts = module.counts
        assert (counts.lost, counts.missing, counts.binds) == (0, 0, 1)
        assert counts.refused > 10  # foreign ones, and duplicates while it waits


def test_only_the_bound_address_is_behind_it():
    loaded = load("sample")
    items = [item for item in of_community(loaded) if item.address != CONVERTER]
    with quiet_node(loaded) as node:
        module, meter_end = between(node, "plc")
        assert node.run_until(lambda: module.address, 60 * S)
        with pytest.raises(SibiaoError, match="no answer"):
            measured(
                lambda done: node.run_until(done, 1000 * S),
                node.clock,
                meter_end,
                items[:1],
                Plan(1),
            )
        assert module.counts.forwarded == 0 and module.counts.refused > 3
