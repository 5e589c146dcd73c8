"""M-Bus meters in the running converter: published telegrams in, registers out."""

from itertools import pairwise

import pytest

from tests.node import asking
from tests.node.asking import BUS, CONVERTER, MS, S
from tests.node.bus_communities import (
    ALARM,
    ENERGY,
    FALCON,
    HEAT,
    KAMSTRUP,
    SILENT,
    VOLUME,
    WATER,
    changed,
    community,
    falcon,
    heat,
    on_vm,
    polls,
    status,
    telegram,
    water,
)
from tests.node.mbus_slaves import Bus, Slave, patched

SONTEX = "sontex"


@pytest.mark.vm
def test_a_meter_at_its_primary_address_whatever_the_line_adds():
    def body(node):
        slave = Slave([falcon(1234567)], 7)
        bus = Bus(node, BUS, [slave, Slave([telegram(FALCON)], 9)])
        bus.echo = True
        bus.noise = b"\x00\x68\xff\x10"
        polls(node, bus, 2)
        assert asking.read(node, WATER, VOLUME) == 123456
        assert status(node) == 0
        slave.telegrams = [falcon(1234580)]
        bus.spoil = 1
        polls(node, bus, 3)
        assert asking.read(node, WATER, VOLUME) == 123458
        # Reset once, then the FCB of every new request turned over; a repeat keeps it.
        asked = [r[1] for _, r in bus.requests]
        assert asked[0] == 0x40 and 0x40 not in asked[1:]
        repeats = sum(a == b for a, b in pairwise(asked))
        assert asked[1] == 0x7B and repeats == 1, asked

    on_vm(community(water()), body)


@pytest.mark.vm
def test_two_meters_of_one_bus_by_secondary_address():
    def body(node):
        first, second = Slave([telegram(FALCON)], 0), Slave([telegram(KAMSTRUP)], 0)
        bus = Bus(node, BUS, [first, second])
        polls(node, bus, 2)
        node.run(1500 * MS)
        assert asking.read(node, WATER, VOLUME) == 123456
        assert asking.read(node, HEAT, ENERGY) == 3735100
        assert asking.read(node, CONVERTER, "E0020300") == 3470
        assert asking.read(node, CONVERTER, "E0020500") == 10169
        assert asking.read(node, CONVERTER, "E0020700") == 985
        reads = [r[1] for _, r in bus.requests if r[0] == 0x10 and r[1] != 0x40]
        assert set(reads) == {0x7B}  # the FCB anew after each selection

    on_vm(
        community(
            water(meter_address=None, secondary_address="70112345"),
            heat(meter_address=None, secondary_address="068558172D2CFFFF"),
            policy={"poll_every_s": 4},
        ),
        body,
    )


@pytest.mark.vm
@pytest.mark.parametrize("ignores_fcb", [False, True])
def test_what_stands_in_several_telegrams(ignores_fcb):
    """A meter made of two published telegrams, of which the first ends with DIF 1F."""
    first = telegram("heat-mbus-sontex-531")
    second = patched(telegram("heat-mbus-tiangang"), address=1)
    meter = changed(
        "heat-mbus-sontex-531",
        telegrams=4,
        fields=[
            {"quantity": "energy", "unit": "Wh"},
            {"quantity": "settlement_energy", "unit": "J", "storage": 1},
        ],
        golden=[
            {
                "source": "two published telegrams, one after the other",
                "telegram": (first + second).hex(),
                "values": {"energy": "11 Wh", "settlement_energy": "0 J"},
            }
        ],
    )

    def body(node):
        # 1100 kWh, so that the register shows it.
        slave = Slave([first, patched(second, 15, bytes.fromhex("00001001"))], 8, ignores_fcb)
        bus = Bus(node, BUS, [slave])
        polls(node, bus, 4)
        assert asking.read(node, HEAT, ENERGY) == 110000
        assert status(node) == ALARM  # its header says "temporary error", as published

    on_vm(community(heat(meter=SONTEX), meters={SONTEX: meter}), body)


@pytest.mark.vm
def test_a_late_acknowledge_is_nobodys_answer():
    """An E5 that comes when nothing was asked must not pass for the selection's."""

    def body(node):
        slave = Slave([telegram(FALCON)], 0)
        bus = Bus(node, BUS, [slave])
        polls(node, bus, 1)
        slave.silent = True
        seen = len(bus.requests)
        assert node.run_until(lambda: len(bus.requests) > seen, 5 * S)
        node.run(1500 * MS)
        bus.line.send(b"\xe5")
        node.run(200 * MS)
        seen = len(bus.requests)
        assert node.run_until(lambda: len(bus.requests) >= seen + 3, 8 * S)
        # Deselected and selected, twice; never on to the readout of a meter that said nothing.
        assert all(r[:2] != b"\x10\x7b" for _, r in bus.requests[seen:])
        assert status(node) == SILENT

    point = water(meter_address=None, secondary_address="70112345")
    on_vm(community(point, policy={"poll_every_s": 3}), body)
