"""When meters on a bus are asked, what becomes of silent ones, and which readings are doubted."""

from itertools import pairwise

import pytest
from sibiao.firmware.slot import image_files
from sibiao.node.vm.virtual import VirtualNode

from tests.node import asking
from tests.node.asking import BUS, CONVERTER, S
from tests.node.bus_communities import (
    ENERGY,
    FALCON,
    HEAT,
    KAMSTRUP,
    SILENT,
    SUSPECT,
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
from tests.node.mbus_slaves import Bus, Slave

NO_DATA = b"\x02"
METER_SILENT, METER_BACK, SUSPECT_READING = 9, 10, 24


@pytest.mark.vm
def test_a_silent_meter_is_left_alone_ever_longer_and_welcomed_back():
    def body(node):
        slave = Slave([telegram(FALCON)], 7)
        bus = Bus(node, BUS, [slave])
        polls(node, bus, 1)
        assert asking.read(node, WATER, VOLUME) == 123456
        slave.silent = True
        del bus.requests[:]
        node.run(16 * S)
        assert asking.read(node, WATER, VOLUME) == NO_DATA
        assert status(node) == SILENT
        assert asking.read(node, CONVERTER, "E0002400") == 1000 * METER_SILENT + 1
        # Each poll is a few requests in a row; the first one may have been heard before.
        times = [t for t, _ in bus.requests]
        begun = [b for a, b in pairwise(times) if b - a > S * 7 // 10]
        gaps = [round((b - a) / S) for a, b in pairwise([times[0], *begun])]
        assert gaps[:3] == [2, 4, 4], gaps
        slave.silent = False
        polls(node, bus, 1, 6 * S)
        assert asking.read(node, WATER, VOLUME) == 123456
        assert status(node) == 0
        assert asking.read(node, CONVERTER, "E0002400") == 1000 * METER_BACK + 1
        polls(node, bus, 1, 3 * S)

    on_vm(community(water(), policy={"poll_every_s": 1, "poll_silent_every_s": 4}), body)


@pytest.mark.vm
def test_no_two_boards_keep_step():
    files = image_files(community(water(), policy={"poll_every_s": 2, "poll_jitter_s": 3}))

    def begun(unique_id):
        with VirtualNode(files, unique_id=unique_id) as node:
            bus = Bus(node, BUS, [Slave([telegram(FALCON)], 7)])
            polls(node, bus, 5, 30 * S)
            return [t for t, r in bus.requests if r[1] != 0x40]

    ours, others = begun(b"board-01"), begun(b"board-02")
    # The schedule knows whole seconds.
    gaps = [[round((b - a) / S) for a, b in pairwise(times)] for times in (ours, others)]
    assert gaps[0] != gaps[1]
    assert all(1 <= gap <= 6 for gap in gaps[0] + gaps[1]), gaps


@pytest.mark.vm
def test_a_telegram_that_takes_longer_than_the_supervisor_waits():
    slow = changed(KAMSTRUP, line={"baud": 300, "parity": "E"})

    def body(node):
        Bus(node, BUS, [Slave([telegram(KAMSTRUP)], 8)], 300)
        node.run(14 * S)
        assert asking.read(node, HEAT, ENERGY) == 3735100
        assert node.starts == ["power"]

    point = heat(meter="slow")
    on_vm(community(point, meters={"slow": slow}, policy={"poll_every_s": 30}), body)


@pytest.mark.vm
def test_a_doubtful_index_is_read_again_and_if_it_stands_flagged():
    def body(node):
        slave = Slave([falcon(1000000)], 7)
        bus = Bus(node, BUS, [slave])
        polls(node, bus, 1)
        assert (asking.read(node, WATER, VOLUME), status(node)) == (100000, 0)
        # Once wrong: the second reading is the one that is published.
        slave.telegrams = [falcon(5), falcon(1000010)]
        polls(node, bus, 2)
        slave.telegrams = [falcon(1000010)]
        assert (asking.read(node, WATER, VOLUME), status(node)) == (100001, 0)
        assert asking.read(node, CONVERTER, "E0002400") // 1000 != SUSPECT_READING
        # Too fast, and it says so again.
        seen = len(bus.requests)
        slave.telegrams = [falcon(2000000)]
        slave._next = 0
        polls(node, bus, 2)
        assert (asking.read(node, WATER, VOLUME), status(node)) == (200000, SUSPECT)
        assert asking.read(node, CONVERTER, "E0002400") == 1000 * SUSPECT_READING + 1
        (first, _), (second, _) = bus.requests[seen : seen + 2]
        assert second - first < S
        # From there on it is as good as before.
        polls(node, bus, 1)
        assert (asking.read(node, WATER, VOLUME), status(node)) == (200000, 0)

    on_vm(community(water(max_flow_m3_per_h=36)), body)  # 10 litres a second
