"""The node in virtual time among simulators on the host: pins, lines, time, and its end."""

import pytest
from sibiao.config.load import load
from sibiao.errors import SibiaoError
from sibiao.sim.heat_meter import HeatMeter
from sibiao.sim.hostile_result import Plan

from tests.node import asking
from tests.node.asking import BUS, CONVERTER, HEAT, MS, WATER, S
from tests.soak.hostile import at_rest, quiet_node

pytestmark = pytest.mark.vm


def test_pulses_bus_and_uplink_as_on_every_node():
    with quiet_node(load("sample")) as node:
        meter = HeatMeter(
            node.clock, node.line(BUS), address=bytes.fromhex("11110017312151")[::-1]
        )
        asking.pulses(node, 7)
        assert asking.read(node, WATER, "00010000") == 123457
        assert asking.read(node, CONVERTER, "E0010900") == 7
        node.run(6 * S)
        assert asking.read(node, HEAT, "00010000") <= meter.truth()["heat"].value
    assert node.report["ended"] == "finished" and node.report["overruns"] == 0
    assert node.report["virtual_us"] == pytest.approx(node.clock.now_ns / 1000, abs=2)


def test_pins_of_the_board_are_told():
    loaded = load("sample")
    with quiet_node(loaded) as node:
        seen = []
        for _ in range(300):
            node.run(10 * MS)
            seen.append(node.get_pin(loaded.board.led))
    assert set(seen) == {0, 1}


def test_time_passes_as_far_as_it_is_let():
    with quiet_node(load("sample")) as node:
        start_ns = node.clock.now_ns
        called = []
        node.clock.call_later(1_234_567_000, lambda: called.append(node.clock.now_ns))
        assert not node.run_until(lambda: bool(called), S)
        assert node.clock.now_ns == start_ns + S
        assert node.run_until(lambda: bool(called), S)
        assert called == [start_ns + 1_234_567_000] == [node.clock.now_ns]


def test_bytes_at_another_rate_are_garbage():
    with quiet_node(load("sample")) as node:
        line, heard = node.line(asking.UPLINK), []
        line.on_byte = heard.append
        for baud, answered in ((9600, False), (2400, True)):
            line.settings(baud, "E")
            line.send(b"\xfe" * 4 + asking.frame("aaaaaaaaaaaa", 0x13))
            node.run(2 * S)
            assert bool(heard) == answered


def test_same_seed_same_life():
    first, again = (at_rest(Plan(15), errors=1e-3).as_json() for _ in range(2))
    assert first == again


def test_firmware_that_loops_without_looking_is_an_error():
    from sibiao.config.build import firmware_sources

    sources = firmware_sources()
    sources["converter/app/node.py"] += "\nwhile True:\n    pass\n"
    with pytest.raises(SibiaoError, match="has not looked up for 1 s"):
        quiet_node(load("sample"), sources=sources, patience_s=1)
