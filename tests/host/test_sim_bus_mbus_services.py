"""How simulated M-Bus meters take FCB, selection, writing and baud rates, in virtual time."""

import pytest
from converter.link import mbus as link
from converter.link import mbus_select, mbus_set
from sibiao.errors import SibiaoError
from sibiao.explain.mbus import explain
from sibiao.sim.bus.mbus import MbusMeter
from sibiao.sim.bus.mbus_frame import split
from sibiao.sim.wire import NS_PER_S

from tests.host.mbus_bench import BARE, FCB, FIXED, REQ, WATER, Bench, water
from tests.host.mbus_vectors import frame as frame_of
from tests.host.mbus_vectors import libmbus


def test_strict_fcb_repeats_and_ignored_fcb_does_not():
    strict, loose = Bench(water()), Bench(water(strict_fcb=False))
    first, again, third = (strict.short(REQ | c, 2) for c in (FCB, FCB, 0))
    assert first == again != third
    assert (first[15], third[15]) == (0x55, 0x56)
    first, again = (loose.short(REQ | FCB, 2) for _ in range(2))
    assert (first[15], again[15]) == (0x55, 0x56)


def test_multi_telegram():
    pages = split(WATER, 1)
    assert explain(pages[0]).valid and explain(pages[1]).valid
    assert pages[0][-3] == 0x1F
    bench = Bench(MbusMeter(pages, "two"))
    bench.short(link.SND_NKE, 2)
    one = bench.short(REQ | FCB, 2)
    assert bench.short(REQ | FCB, 2) == one  # the answer was lost: again
    two = bench.short(REQ, 2)
    assert [r.raw for r in explain(one).records] == ["0313153100"]
    assert [r.raw for r in explain(two).records] == ["DA023B1301", "8B6004371802"]
    assert explain(bench.short(REQ | FCB, 2)).records[0].raw == "0313153100"
    bench.short(link.SND_NKE, 2)
    assert explain(bench.short(REQ | FCB, 2)).records[0].raw == "0313153100"
    with pytest.raises(SibiaoError, match="not cut"):
        split(WATER, 3)


def test_alarm_request():
    meter = water()
    bench = Bench(meter)
    assert bench.short(link.REQ_UD1, 2) == b"\xe5"
    meter.alarm = 0x04
    told = bench.short(link.REQ_UD1 | FCB, 2)
    assert told == bytes.fromhex("6804046808027104" + "7F16")


@pytest.mark.parametrize("telegram, expected", [(WATER, True), (FIXED, True), (BARE, False)])
def test_selection(telegram, expected):
    meter = MbusMeter([telegram], "meter")
    bench = Bench(meter)

    def selects(mask, fabrication=None):
        n = mbus_select.select(bench.out, bytes.fromhex(mask), fabrication)
        return bench.send(n) == b"\xe5"

    assert bench.short(REQ, 253) == b""
    assert selects("FFFFFFFFFFFFFFFF") is expected
    if not expected:
        return
    assert bench.short(REQ, 253)[5] == meter.primary
    assert selects("78563412FFFFFFFF") and selects("F8F6F4F2FFFFFFFF")
    assert not selects("79563412FFFFFFFF")
    assert bench.short(REQ, 253) == b""
    if telegram is WATER:
        assert selects("7856341224400107") and selects("78563412FFFF0107")
        assert not selects("7856341224400104") and not selects("7856341225400107")
        assert not selects("7856341224400107", b"\x01\x02\x03\x04")
        meter.fabrication = b"\x01\x02\x03\x04"
        assert selects("7856341224400107", b"\x01\x02\x03\x04")
        assert not selects("7856341224400107", b"\x01\x02\x03\x05")
    selects("FFFFFFFFFFFFFFFF")
    assert bench.send(mbus_select.deselect(bench.out)) == b"\xe5"
    assert bench.short(REQ, 253) == b""
    selects("FFFFFFFFFFFFFFFF")
    meter.acks_deselect = False
    assert bench.send(mbus_select.deselect(bench.out)) == b""
    assert not meter.selected


def test_writing_address_identification_time_and_reset():
    meter = water()
    bench = Bench(meter)
    n = mbus_set.primary(bench.out, link.SND_UD, 2, 17)
    assert bench.send(n) == b"\xe5" and bench.short(REQ, 2) == b""
    assert bench.short(REQ, 17)[5] == 17
    n = mbus_set.identification(bench.out, link.SND_UD | FCB, 17, 11223344)
    assert bench.send(n) == b"\xe5"
    assert explain(bench.short(REQ | FCB, 17)).frame["id"] == "11223344"
    n = mbus_set.time(bench.out, link.SND_UD, 17, 2031, 5, 6, 7, 8)
    assert bench.send(n) == b"\xe5"
    n = mbus_set.application_reset(bench.out, link.SND_UD | FCB, 17, 0x90)
    assert bench.send(n) == b"\xe5" and bench.send(n) == b"\xe5"
    assert meter.resets == [0x90]  # the repeat was acknowledged, not done again
    assert [key for key, _ in meter.writes] == ["017A", "0C79", "046D"]


def test_time_is_kept_where_the_meter_has_one():
    for path in libmbus("test-frames"):
        if path.stem == "els_falcon":
            bench = Bench(MbusMeter([frame_of(path)], "falcon"))
            n = mbus_set.time(bench.out, link.SND_UD, 1, 2031, 5, 6, 7, 8)
            assert bench.send(n) == b"\xe5"
            values = [r.value for r in explain(bench.short(REQ, 1)).records]
            assert any(str(v).startswith("2031-05-06T07:08") for v in values)


def test_what_it_does_not_know_is_told_with_the_next_reading():
    bench = Bench(water())
    assert bench.send(link.close(bench.out, link.SND_UD, 2, 0x66, 0)) == b"\xe5"
    heard = bench.short(REQ | FCB, 2)
    assert heard[6:8] == b"\x70\x01" and link.frame_len(heard, 0, len(heard)) == len(heard)
    assert bench.short(REQ, 2) == WATER


def test_baud_switch_and_fall_back():
    meter = water(fall_back_s=30)
    bench = Bench(meter)
    assert bench.send(mbus_set.baud(bench.out, link.SND_UD, 2, 9600)) == b"\xe5"
    assert bench.bus.settings == (9600, "E")
    assert bench.short(link.SND_NKE, 2) == b""  # the master is still at 2400
    bench.near.settings(9600, "E")
    assert bench.short(link.SND_NKE, 2) == b"\xe5"
    bench.clock.run(28 * NS_PER_S)
    assert bench.short(REQ, 2) == WATER  # each request puts the fall-back off
    bench.clock.run(31 * NS_PER_S)
    assert bench.short(REQ, 2) == b""
    bench.near.settings(2400, "E")
    assert bench.short(link.SND_NKE, 2) == b"\xe5"
    meter.bauds = (2400,)
    assert bench.send(mbus_set.baud(bench.out, link.SND_UD, 2, 300)) == b"\xe5"
    assert bench.bus.settings == (2400, "E")
