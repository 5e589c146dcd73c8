"""The whole converter: edges and telegrams in, DL/T 645 answers out."""

import pytest
from sibiao.sim.bus.heat_meter import HeatMeter

from tests.node import asking
from tests.node.asking import BUS, CONVERTER, HEAT, MS, WATER, S

pytestmark = pytest.mark.takes(50)

NO_DATA = b"\x02"


def _heat_meter(node, **options):
    address = bytes.fromhex("11110017312151")[::-1]
    return HeatMeter(node.clock, node.line(BUS), address=address, **options)


def test_pulses_become_the_index(run_on):
    def body(node):
        assert asking.read(node, WATER, "00010000") == 123450
        node.run(2 * S)  # a new board makes its first records: that takes longer than a pulse
        asking.pulses(node, 7)
        assert asking.read(node, WATER, "00010000") == 123457
        assert asking.read(node, CONVERTER, "E0010100") == 123457
        assert asking.read(node, CONVERTER, "E0010900") == 7

    run_on(body)


def test_heat_meter_is_read_and_collected(run_on):
    def body(node):
        meter = _heat_meter(node)
        node.run(4 * S)
        before = meter.truth()
        node.run(2500 * MS)
        got = asking.read(node, HEAT, "00010000")
        assert got in _between(before["heat"].value, meter.truth()["heat"].value)
        assert asking.read(node, CONVERTER, "E0020100") == meter.truth()["volume"].value
        supply = asking.read(node, HEAT, "E0000500")
        assert 4000 < supply < 6500

    run_on(body)


def _between(low, high):
    return range(low, high + 1)


@pytest.mark.vm
def test_silent_meter_is_no_data_never_an_old_value(on_vm):
    def body(node):
        meter = _heat_meter(node)
        node.run(4 * S)
        assert isinstance(asking.read(node, HEAT, "00010000"), int)
        meter.silent = True
        node.run(15 * S)
        assert asking.read(node, HEAT, "00010000") == NO_DATA
        events = asking.read(node, CONVERTER, "E0002300")
        assert events >= 2
        meter.silent = False
        node.run(6 * S)
        assert isinstance(asking.read(node, HEAT, "00010000"), int)

    on_vm(body)


def test_who_is_answered_and_who_is_not(run_on):
    def body(node):
        ask = asking.exchange
        everybody = "aaaaaaaaaaaa"
        assert ask(node, asking.frame(everybody, 0x13)) == (
            0x93,
            CONVERTER,
            bytes.fromhex(CONVERTER)[::-1],
        )
        good = asking.frame(WATER, 0x11, bytes.fromhex("00000100"))
        assert ask(node, good)[0] == 0x91
        assert ask(node, asking.frame("000000000999", 0x11, bytes(4))) is None
        assert ask(node, asking.frame("999999999999", 0x11, bytes(4))) is None
        spoilt = bytearray(good)
        spoilt[12] ^= 4
        assert ask(node, bytes(spoilt)) is None
        assert ask(node, good[:-1]) is None
        # A 698.45 address read of the module's start-up must not confuse it.
        of_698 = bytes.fromhex("6817004345AAAAAAAAAAAA005B4F0501004001020000ED0316")
        assert ask(node, of_698) is None
        assert ask(node, good)[0] == 0x91

    run_on(body)


def test_noise_around_a_request(run_on):
    def body(node):
        good = asking.frame(WATER, 0x11, bytes.fromhex("00000100"))
        for before in (
            b"",
            good[:7],
            b"\x00\xff\x68",
            b"\xfe" * 13,
            b"\x68\x01\x00\x00\x00\x00\x00\x68\x11",
        ):
            answer = asking.exchange(node, before + good)
            assert answer is not None and answer[0] == 0x91, before

        # A pause within the request, shorter than the standard's 500 ms.
        node.line(asking.UPLINK).send(good[:9])
        node.run(400 * MS)
        assert asking.exchange(node, good[9:])[0] == 0x91

    run_on(body)


def test_power_cut_loses_at_most_what_was_not_committed(run_on):
    def body(node):
        asking.pulses(node, 12)
        node.run(7 * S)  # at_least_every_s = 5, then the quiet
        asking.pulses(node, 3)
        node.power_cut()
        asking.at_work(node)
        index = asking.read(node, WATER, "00010000")
        assert 123462 <= index <= 123465
        asking.pulses(node, 1)
        assert asking.read(node, WATER, "00010000") == index + 1
        assert asking.read(node, CONVERTER, "E0002000") >= 1
        assert asking.read(node, CONVERTER, "E0002100") == 1  # power-on

    run_on(body)


def test_ctrl_c_is_maintenance_and_commits_first(run_on):
    def body(node):
        asking.pulses(node, 3)
        node.console_write(b"\x03")
        seen = ""

        def quiet():
            nonlocal seen
            seen += asking.console(node)
            return "maintenance, for" in seen and seen.endswith(">>> ")

        assert node.run_until(quiet, 10 * S), seen
        assert asking.exchange(node, asking.frame("aaaaaaaaaaaa", 0x13)) is None
        node.power_cut()  # the note was for one start only
        asking.at_work(node)
        assert asking.read(node, WATER, "00010000") == 123453

    run_on(body)


def test_report_without_interrupting(run_on):
    def body(node):
        asking.pulses(node, 2)
        said = asking.report(node)
        assert said["serial"] == "SB26000001"
        assert said["address"] == CONVERTER
        assert (said["slot"], said["trial"], said["ended"]) == ("a", False, 0)
        assert asking.read(node, WATER, "00010000") == 123452

    run_on(body)
