"""M-Bus meters that are told apart by fabrication number, switched to another rate, or served."""

import pytest
from sibiao.sim.bus.meter import Bus
from sibiao.sim.bus.named import meter_of

from tests.node import asking
from tests.node.asking import BUS, MS, S
from tests.node.commanding import command, events
from tests.node.test_bus_mbus import FALCON, WATER, changed, community, on_vm, water

pytestmark = pytest.mark.vm

SECOND = "000000000402"
VOLUME = "00010000"
METER_SILENT = 9


def silences(node):
    return [event[1] for event in events(node) if event[0] == METER_SILENT]


def at_rates(node, meter):
    """The bus with that meter; each rate at which it is heard, once for each change."""
    heard = []
    hear = meter.hear

    def noted(byte, now_ns):
        baud = meter.settings(now_ns)[0]
        if not heard or heard[-1] != baud:
            heard.append(baud)
        return hear(byte, now_ns)

    meter.hear = noted
    Bus(node.clock, node.line(BUS), [meter])
    return heard


def test_two_meters_that_differ_only_by_fabrication_number():
    first = f"{FALCON}@70112345,volume=11.100 m3,fabrication=00000111"
    second = f"{FALCON}@70112345,volume=22.200 m3,fabrication=00000222"

    def body(node):
        Bus(node.clock, node.line(BUS), [meter_of(first), meter_of(second)])
        node.run(9 * S)
        assert asking.read(node, WATER, VOLUME) == 1110
        assert asking.read(node, SECOND, VOLUME) == 2220
        assert not silences(node)

    secondary = {"meter_address": None, "secondary_address": "70112345"}
    on_vm(
        community(
            water(fabrication="00000111", **secondary),
            water(name="second", address=SECOND, fabrication="00000222", **secondary),
            policy={"poll_every_s": 4},
        ),
        body,
    )


def switching(**keys):
    meter = changed(FALCON, switch_baud=9600)
    return community(water(**keys), meters={FALCON: meter})


@pytest.mark.parametrize("addressed", ["7", "secondary"])
def test_a_meter_is_read_at_its_other_rate_and_at_home_after_it_forgot(addressed):
    secondary = addressed == "secondary"
    keys = {"meter_address": None, "secondary_address": "70112345"} if secondary else {}

    def body(node):
        at = "70112345" if secondary else "7"
        meter = meter_of(f"{FALCON}@{at},volume=11.100 m3,fall-back=30")
        heard = at_rates(node, meter)
        node.run(7 * S)
        assert heard == [2400, 9600] and asking.read(node, WATER, VOLUME) == 1110
        meter.set("volume", "12.200 m3")
        meter.fall_back_ns = node.clock.now_ns  # it forgets
        assert node.run_until(lambda: heard[2:] == [2400], 5 * S), heard
        node.run(1200 * MS)
        assert asking.read(node, WATER, VOLUME) == 1220
        node.run(4 * S)
        assert heard[3] == 9600  # told again
        assert not silences(node)

    on_vm(switching(**keys), body)


def test_a_meter_that_was_left_at_its_other_rate_is_found_there():
    def body(node):
        meter = meter_of(f"{FALCON}@7,volume=11.100 m3,fall-back=600")
        meter._rate, meter.fall_back_ns = (9600, "E"), 10**15
        heard = at_rates(node, meter)
        node.run(6 * S)
        assert heard == [9600] and asking.read(node, WATER, VOLUME) == 1110
        assert not silences(node)

    on_vm(switching(), body)


def test_a_meter_that_knows_no_other_rate_is_read_at_home():
    def body(node):
        meter = meter_of(f"{FALCON}@7,volume=11.100 m3")
        meter.bauds = ()
        heard = at_rates(node, meter)
        node.run(7 * S)
        assert heard == [2400] and asking.read(node, WATER, VOLUME) == 1110
        assert not silences(node)

    on_vm(switching(), body)


def test_a_meter_that_is_lost_at_its_other_rate_is_not_called_silent():
    def body(node):
        meter = meter_of(f"{FALCON}@7,volume=11.100 m3,fall-back=20")
        hear = meter.hear
        meter.hear = lambda byte, now: hear(byte, now) if meter.settings(now)[0] == 2400 else []
        Bus(node.clock, node.line(BUS), [meter])
        node.run(16 * S)
        assert meter.settings(node.clock.now_ns)[0] == 9600
        assert not silences(node)
        node.run(20 * S)
        assert asking.read(node, WATER, VOLUME) == 1110
        assert meter.settings(node.clock.now_ns)[0] == 2400  # it is left there
        assert not silences(node)

    on_vm(switching(), body)


def test_services():
    def body(node):
        meter = meter_of(f"{FALCON}@7,volume=11.100 m3")
        Bus(node.clock, node.line(BUS), [meter])
        node.run(3 * S)
        done = {"answer": "e5", "status": None}
        for text in ("set-time 2026-11-25T18:30:15", "set-id 70112346", "application-reset"):
            assert command(node, "meter 1 " + text, 6 * S) == done, text
        assert meter.resets == [None]
        assert ("046D", bytes((30, 0x20 | 18, 2 << 5 | 25, 3 << 4 | 11))) in meter.writes
        assert meter.secondary[:4].hex() == "46231170"
        assert command(node, "meter 1 application-reset 16", 6 * S) == done
        assert meter.resets == [None, 16]
        for wrong in ("set-address 251", "set-id 1", "valve close"):
            assert "not understood" in command(node, "meter 1 " + wrong)["error"]
        assert command(node, "meter 1 set-address 9", 6 * S) == done
        assert meter.primary == 9
        assert command(node, "meter 1 application-reset", 6 * S) == {"error": "silent"}

    on_vm(community(water()), body)
