"""M-Bus meters in the running converter: published telegrams in, registers out."""

from dataclasses import replace
from itertools import pairwise

import pytest
from sibiao.config import load, schema
from sibiao.config.build import image_files
from sibiao.node.vm.binary import vm_binary
from sibiao.node.vm.node import VmNode
from sibiao.sim.heat_meter import HeatMeter

from tests.node import asking
from tests.node.asking import BUS, CONVERTER, MS, UPLINK, S
from tests.node.mbus_slaves import Bus, Slave, patched

FALCON, KAMSTRUP, SONTEX = "water-mbus-elster-falcon", "heat-mbus-kamstrup-601", "sontex"
WATER, HEAT = "000000000401", "000000000402"
VOLUME, ENERGY = "00010000", "00010000"
NO_DATA = b"\x02"
SILENT, UNREADABLE, SUSPECT = 1, 4, 128
METER_SILENT, METER_BACK, SUSPECT_READING = 9, 10, 24
DIRECTION, SUPPLY, UPLINK_DIRECTION = 6, 7, 8
_VOLUME_AT = 21  # of 0C 13 in the Falcon's telegram


def telegram(name):
    return bytes.fromhex(load.read("meters", name).golden[0].telegram)


def falcon(litres):
    return patched(telegram(FALCON), _VOLUME_AT, bytes.fromhex(f"{litres:08d}")[::-1])


def community(*points, meters=None, board=None, uplink=None, policy=None):
    """The sample community with these points on its bus and nothing else."""
    sample = load.load("sample")
    made = {
        name: load.read("meters", name)
        for name in {p["meter"] for p in points} - set(meters or ())
    }
    table = sample.community.model_dump(by_alias=True)
    table["points"] = [{"wired_to": "bus", **p} for p in points]
    table["policy"] |= {"poll_every_s": 2, "poll_tries": 2} | (policy or {})
    uarts = sample.board.model_dump(by_alias=True)
    uarts["uarts"]["bus"] |= board or {}
    uarts["uarts"]["uplink"] |= uplink or {}
    return replace(
        sample,
        community=schema.Community.model_validate(table),
        board=schema.Board.model_validate(uarts),
        meters=made | (meters or {}),
    )


def water(**keys):
    return {"name": "water", "address": WATER, "meter": FALCON, "meter_address": "7"} | keys


def heat(**keys):
    return {"name": "heat", "address": HEAT, "meter": KAMSTRUP, "meter_address": "8"} | keys


def changed(name, **keys):
    made = load.read("meters", name)
    return type(made).model_validate(made.model_dump(by_alias=True) | keys)


def on_vm(loaded, body):
    with VmNode(vm_binary(), image_files(loaded)) as node:
        return body(node)


def status(node, point=1):
    return asking.read(node, CONVERTER, f"E0{point:02d}4200")


def polls(node, bus, count, limit_ns=20 * S):
    """Until so many more answers were asked for, and a moment."""
    seen = len(bus.requests)
    wanted = lambda: sum(r[1] & 0x5F == 0x5B for _, r in bus.requests[seen:]) >= count  # noqa: E731
    assert node.run_until(wanted, limit_ns), bus.requests[seen:]
    node.run(800 * MS)


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
        assert status(node) == 0

    on_vm(community(heat(meter=SONTEX), meters={SONTEX: meter}), body)


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
def test_different_line_settings_on_one_bus():
    fast = changed(KAMSTRUP, line={"baud": 9600, "parity": "N"})

    def body(node):
        slaves = [Slave([telegram(FALCON)], 7), Slave([telegram(KAMSTRUP)], 8)]
        bus = Bus(node, BUS, slaves)

        def after(slave):
            # Whoever is asked next hears only its own settings. E5 is answered at the same ones.
            if slave.asked[-1] != 0x40:
                node.clock.call_later(600 * MS, lambda: retune(slave))

        def retune(slave):
            bus.line.settings(*((9600, "N") if slave is slaves[0] else (2400, "E")))

        bus.after = after
        polls(node, bus, 4)
        assert asking.read(node, WATER, VOLUME) == 123456
        assert asking.read(node, HEAT, ENERGY) == 3735100
        assert status(node, 1) == status(node, 2) == 0

    policy = {"poll_every_s": 3, "poll_tries": 3}
    on_vm(community(water(), heat(meter="fast"), meters={"fast": fast}, policy=policy), body)


@pytest.mark.vm
def test_both_links_on_one_bus():
    of_sample = load.load("sample").community.points[1]

    def body(node):
        cjt188 = HeatMeter(
            node.clock, node.line(BUS), address=bytes.fromhex(of_sample.meter_address)[::-1]
        )
        theirs = node.line(BUS).on_byte
        bus = Bus(node, BUS, [Slave([telegram(FALCON)], 7)])
        ours = bus.line.on_byte
        bus.line.on_byte = lambda byte: (theirs(byte), ours(byte))
        polls(node, bus, 3)
        assert asking.read(node, WATER, VOLUME) == 123456
        assert asking.read(node, HEAT, ENERGY) >= 3638493
        assert status(node, 1) == status(node, 2) == 0
        assert cjt188.requests >= 2

    heat_point = heat(meter=of_sample.meter, meter_address=of_sample.meter_address)
    on_vm(community(water(), heat_point), body)


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
def test_no_two_boards_keep_step():
    files = image_files(community(water(), policy={"poll_every_s": 2, "poll_jitter_s": 3}))

    def begun(unique_id):
        with VmNode(vm_binary(), files, unique_id=unique_id) as node:
            bus = Bus(node, BUS, [Slave([telegram(FALCON)], 7)])
            polls(node, bus, 5, 30 * S)
            return [t for t, r in bus.requests if r[1] != 0x40]

    ours, others = begun(b"board-01"), begun(b"board-02")
    # The schedule knows whole seconds.
    gaps = [[round((b - a) / S) for a, b in pairwise(times)] for times in (ours, others)]
    assert gaps[0] != gaps[1]
    assert all(1 <= gap <= 6 for gap in gaps[0] + gaps[1]), gaps


def _watch_pins(node):
    """A bus whose every byte notes the pins; what is wrong with them is found out at the end."""
    slave = Slave([telegram(FALCON)], 7)
    bus = Bus(node, BUS, [slave])
    while_sending, while_answered = set(), set()
    bus.heard = lambda: while_sending.add((node.get_pin(DIRECTION), node.get_pin(SUPPLY)))
    bus.after = lambda _: while_answered.add((node.get_pin(DIRECTION), node.get_pin(SUPPLY)))
    polls(node, bus, 2)
    assert while_sending == {(1, 1)}
    assert while_answered == {(0, 1)}
    assert (node.get_pin(DIRECTION), node.get_pin(SUPPLY)) == (0, 0)
    assert asking.read(node, WATER, VOLUME) == 123456
    # Of the uplink as well: it is ours from the first byte of an answer to the last.
    node.line(UPLINK).send(asking.frame(WATER, 0x11, bytes.fromhex(VOLUME)[::-1]))
    assert node.get_pin(UPLINK_DIRECTION) == 0
    assert node.run_until(lambda: node.get_pin(UPLINK_DIRECTION) == 1, S)
    assert node.run_until(lambda: node.get_pin(UPLINK_DIRECTION) == 0, S)
    # Powered anew, so reset anew; and not before the meter has settled.
    raised = []

    def powered():
        if node.get_pin(SUPPLY):
            raised.append(node.clock.now_ns)
        return bool(raised)

    seen = len(bus.requests)
    assert node.run_until(powered, 3 * S)
    assert len(bus.requests) == seen
    assert node.run_until(lambda: len(bus.requests) > seen, 2 * S)
    at_ns, request = bus.requests[seen]
    assert request[1] == 0x40
    assert at_ns - raised[0] > 500 * MS


def _with_pins():
    slow = changed(FALCON, settle_ms=500)
    pins = {"direction": DIRECTION, "supply": SUPPLY}
    return community(
        water(meter="slow"),
        meters={"slow": slow},
        board=pins,
        uplink={"direction": UPLINK_DIRECTION},
    )


@pytest.mark.vm
def test_direction_and_supply_on_the_vm():
    on_vm(_with_pins(), _watch_pins)


@pytest.mark.pico
def test_direction_and_supply_on_the_pico(pico_image):
    from sibiao.node.pico import EmulatedPico

    _watch_pins(EmulatedPico(pico_image, image_files(_with_pins())))


@pytest.mark.vm
def test_a_doubtful_index_is_read_again_and_if_it_stands_flagged():
    limited = changed(FALCON, max_flow_m3_per_h=36)  # 10 litres a second

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

    meter = community(water(meter="limited"), meters={"limited": limited})
    on_vm(meter, body)
