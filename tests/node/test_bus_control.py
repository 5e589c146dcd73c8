"""What may be sent to a CJ/T 188 meter, and its services from the console."""

import pytest
from sibiao.config import load
from sibiao.firmware.slot import image_files
from sibiao.node.vm.virtual import VirtualNode
from sibiao.sim.bus.meter import Bus
from sibiao.sim.bus.named import meter_of

from tests.node import asking
from tests.node.asking import BUS, MS, S
from tests.node.commanding import command, events
from tests.node.communities import sample

pytestmark = pytest.mark.vm

HEAT = "heat-cjt188-1f90@11110017312151"
SHIFTED = "heat-cjt188-guangda"
DIGITS = 0x17312151  # the last 8 of its address
REFUSED, OPENING, CLOSING, SYNC = 25, 26, 27, 28


def on_node(body, loaded, text=HEAT):
    with VirtualNode(image_files(loaded)) as node:
        asking.at_work(node)
        meter = meter_of(text)
        Bus(node.clock, node.line(BUS), [meter])
        node.run(3 * S)
        return body(node, meter)


def newest(node):
    code, detail, value, _ = events(node, 1)[0]
    return code, detail, value


def asked(node, text):
    return command(node, "meter 2 " + text, 8 * S)


def test_nothing_is_controlled_where_the_policy_is_silent():
    def body(node, meter):
        # 1F90: its profile is mirrored, so are the commands by hand.
        close = "fefe68205121311700111104" + "0417a001" + "99"
        close += f"{sum(bytes.fromhex(close[4:])) & 0xFF:02x}16"
        for text in ("meter 2 valve close", "meter 2 sync 123456 2C", "bus 0 2400 E 900 " + close):
            assert "policy" in command(node, text, 8 * S)["error"]
            assert newest(node) == (REFUSED, 0, DIGITS)
        assert not meter.writes

    on_node(body, sample())


def test_what_the_policy_allows_is_sent_and_kept():
    def body(node, meter):
        assert asked(node, "valve close")["status"] == meter.status.hex()
        assert newest(node) == (CLOSING, 0, DIGITS)
        asked(node, "valve open")
        assert newest(node) == (OPENING, 0, DIGITS)
        assert [plain for di, plain in meter.writes if di == 0xA017] == [b"\x99", b"\x55"]
        assert "policy" in asked(node, "sync 123456 2C")["error"]
        assert newest(node) == (REFUSED, 0, DIGITS)

    on_node(body, sample(policy={"allow": ["valve"]}))


def test_a_gas_valve_is_never_opened():
    gas = load.read("meters", "gas-cjt188-901f")
    loaded = sample(policy={"allow": ["valve", "sync"]})
    loaded.meters["heat-cjt188-1f90"] = gas

    def body(node, meter):
        assert "gas" in asked(node, "valve open")["error"]
        assert newest(node) == (REFUSED, 0, DIGITS)
        assert asked(node, "valve close")["answer"]
        asked(node, "sync 123456 2C")
        assert newest(node) == (SYNC, 0, DIGITS)
        assert meter.writes == [(0xA017, b"\x99"), (0xA016, bytes.fromhex("563412002c"))]

    on_node(body, loaded, "gas-cjt188-901f@11110017312151")


@pytest.mark.parametrize("profile", ["heat-cjt188-1f90", SHIFTED])
def test_services(profile):
    loaded = sample()
    loaded.meters["heat-cjt188-1f90"] = load.read("meters", profile)

    def body(node, meter):
        shift = 0x33 if profile == SHIFTED else 0

        def data(text):
            said = asked(node, text)
            assert "answer" in said, (text, said)
            frame = bytes.fromhex(said["answer"])
            return bytes((b - shift) & 0xFF for b in frame[14:-2])

        assert data("address") == meter.address
        for month in (1, 12):
            assert data(f"history {month}") == meter.registers[0xD11F + month]
        meter.registers[0x8103] = b"\x17"
        assert data("settlement-day") == b"\x17"
        assert data("reading-day") == b"\x01"
        assert data("prices") == meter.registers[0x8102]
        assert data("purchase") == meter.registers[0x8105]
        assert data("key-version") == b"\x00"
        data("set-time 2026-11-25T18:30:15")
        order = loaded.meters["heat-cjt188-1f90"].dialect.set_clock_order
        clock = bytes.fromhex("20261125183015")
        assert meter.writes[-1] == (0xA015, clock if order == "high first" else clock[::-1])
        meter.refused.add(0x8105)
        refused = asked(node, "purchase")
        assert refused == {"refused": meter.status.hex()}
        for wrong in ("history 13", "history", "set-address 1", "valve ajar", "x"):
            assert "not understood" in asked(node, wrong)["error"], wrong
        assert "clock" in asked(node, "set-time")["error"]
        data("set-address 11110017312152")
        assert meter.writes[-1][0] == 0xA018
        assert "silent" in asked(node, "settlement-day")["error"]
        node.run(500 * MS)

    on_node(body, loaded, profile + "@11110017312151")
