"""Simulated M-Bus meters, asked by the firmware's master code in virtual time."""

from decimal import Decimal

import pytest
from converter.link import mbus as link
from converter.link import mbus_search, mbus_select, mbus_set
from converter.link.framer import Framer
from sibiao.config import load
from sibiao.config.goldens import check_goldens
from sibiao.errors import SibiaoError
from sibiao.explain.mbus import explain
from sibiao.sim import bus_mbus_records as data
from sibiao.sim.bus_faults import with_fault
from sibiao.sim.bus_mbus import MbusMeter
from sibiao.sim.bus_mbus_frame import split, telegram_of, telegrams_of
from sibiao.sim.bus_meter import Bus
from sibiao.sim.bus_named import meter_of
from sibiao.sim.wire import NS_PER_MS, NS_PER_S

from tests.host.mbus_vectors import frame as frame_of
from tests.host.mbus_vectors import libmbus
from tests.host.virtual_clock import Listener, VirtualClock, null_modem

# The M-Bus documentation's example (rev. 4.8, 6.6): water, 12.565 m3.
WATER = bytes.fromhex("681F1F680802727856341224400107550000000313153100DA023B13018B60043718021816")
# Its example of a fixed structure (6.2), and a meter of GB/T 26831 without header
# (flimmy78/qtverify, 天罡26831-读高精度返回数据).
FIXED = bytes.fromhex("68131368080573785634120A00E97E01000000350100003C16")
BARE = bytes.fromhex("681F1F680800780C79197704350C03110000000C11380000000B590120000B5D1520006516")


class Bench:
    def __init__(self, *meters):
        self.clock = VirtualClock()
        near, self.far = null_modem(self.clock)
        self.near = near
        self.node = Listener(self.clock, near)
        self.bus = Bus(self.clock, self.far, meters)
        self.out = bytearray(261)

    def send(self, length, wait_s=1.6):
        """What is heard to a request built in `out`."""
        self.node.take()
        self.node.send(bytes(self.out[:length]))
        self.clock.run(round(wait_s * NS_PER_S))
        return bytes(self.node.heard)

    def short(self, control, address):
        return self.send(link.short(self.out, control, address))

    def frames(self, length, accept_ack=True):
        """The frames that the firmware hears, and whether there was anything else."""
        heard = self.send(length)
        ear = link.Ear()
        ear.ack = accept_ack
        framer = Framer(ear.frame_len, 300)
        out = []
        for byte in heard:
            framer.get_buffer()[0] = byte
            framer.buffer_updated(1)
            while (got := framer.next_frame(False)) is not None:
                out.append(bytes(got))
        return out, sum(map(len, out)) < len(heard)

    def search(self, limit=400):
        search, found, probes = mbus_search.Search(), [], 0
        while (what := search.step(self.out)) != mbus_search.OVER:
            probes += 1
            assert probes < limit
            frames, noise = self.frames(search.length, what == mbus_search.SELECT)
            if not frames and not noise:
                search.silent()
            elif noise or len(frames) > 1:
                search.collided()
            elif what == mbus_search.SELECT:
                search.acknowledged()
            else:
                search.answered(frames[0])
            if search.found:
                found.append(bytes(search.found))
        return found, probes, search.unresolved


def water(**options):
    return MbusMeter([WATER], "water", **options)


REQ = link.REQ_UD2
FCB = link.FCB


def test_the_published_telegram_to_the_byte():
    bench = Bench(water())
    assert bench.short(link.SND_NKE, 2) == b"\xe5"
    assert bench.short(REQ | FCB, 2) == WATER
    assert bench.short(REQ | FCB, 3) == b""
    assert bench.short(REQ, 254)[4:7] == b"\x08\x02\x72"
    assert bench.short(REQ, 255) == b""


def test_answer_begins_within_the_standard_s_time():
    meter = water()
    bench = Bench(meter)
    bench.short(REQ, 2)
    bit_ns = NS_PER_S // 2400
    waited_ns = bench.node.times_ns[0] - (5 + 1) * 11 * bit_ns
    assert 11 * bit_ns <= waited_ns <= 330 * bit_ns + 50 * NS_PER_MS


def test_own_values_read_back_by_the_firmware():
    meter = water(given={"volume": "98.765 m3", "8B6004": "0x214365"}, identification="87654321")
    told = explain(Bench(meter).short(REQ, 2))
    assert told.frame["id"] == "87654321"
    volume = next(r for r in told.records if r.quantity == "volume")
    assert (Decimal(volume.value), volume.unit) == (Decimal("98.765"), "m3")
    assert told.records[2].raw == "8B6004214365"


def test_a_record_named_by_its_bytes_takes_the_number_as_it_stands():
    told = explain(Bench(water(given={"0313": "4711", "da023b": "815"})).short(REQ, 2))
    assert [r.value for r in told.records[:2]] == ["4.711", "0.815"]
    with pytest.raises(SibiaoError, match="whole numbers"):
        water(given={"0313": "4.7 m3"})
    with pytest.raises(SibiaoError, match="hexadecimal"):
        water(given={"0313": "0xZZ"})


SETTINGS = {  # name -> what to give, and what the firmware calls it
    "energy": ("12 MWh", "energy"),
    "volume": ("1230 m3", "volume"),
    "power": ("70 kW", "power"),
    "flow": ("30 m3/h", "flow"),
    "supply_temperature": ("81 °C", "flow temperature"),
    "return_temperature": ("43 °C", "return temperature"),
    "temperature_difference": ("38 K", "temperature difference"),
    "meter_time": ("2031-12-29T21:48:00", None),
}


def test_values_in_every_published_telegram():
    put = meters = 0
    for path in libmbus("test-frames"):
        telegram = telegram_of(frame_of(path), path.stem)
        meters += 1
        meter = MbusMeter([telegram], path.stem, primary=7)
        found, _ = data.records(telegram)
        # Our walk and the firmware's see the same records: they end at the same bytes.
        mine = [r.at + r.length for r in found]
        theirs = [r.offset + len(r.raw) // 2 for r in explain(telegram).records]
        if telegram[6] == 0x72:
            assert mine == theirs[: len(mine)] and mine, path.stem
        given = {}
        for name, (text, _) in SETTINGS.items():
            record = data.find(telegram, name)
            if record is None:
                continue
            number = text
            try:
                meter.set(name, text)
            except SibiaoError:
                number = f"0 {text.partition(' ')[2]}"
                if name == "energy" and record.meaning[1] == "J":
                    number = "3 GJ"
                meter.set(name, number)
            given[record.at + record.length] = number
            put += 1
        told = explain(Bench(meter).short(REQ, 7))
        assert told.valid and told.frame["address"] == 7, path.stem
        for end, text in given.items():
            got = next(r for r in told.records if r.offset + len(r.raw) // 2 == end)
            if "T" in text:
                assert got.value.startswith(text[:16]), path.stem
            else:
                number, _, unit = text.partition(" ")
                scale = {"MWh": 10**6, "kW": 1000, "GJ": 10**9}.get(unit, 1)
                assert Decimal(got.value) == Decimal(number) * scale, (path.stem, got)
    assert meters > 30 and put > 120


@pytest.mark.parametrize("number", ["-1.5 °C", "-0.1 °C", "3 °C"])
def test_numbers_below_zero(number):
    meter = MbusMeter([BARE], "bare", given={"supply_temperature": number})
    told = explain(Bench(meter).short(REQ, 0))
    assert Decimal(told.records[3].value) == Decimal(number.split()[0])


@pytest.mark.parametrize(
    "name, text, words",
    [
        ("volume", "1.2345 m3", "finer"),
        ("volume", "9999999 m3", "does not fit"),
        ("volume", "3 kWh", "not in m3"),
        ("energy", "3 kWh", "it has: volume"),
        ("0313", "0x00", "has not 3 bytes"),
    ],
)
def test_values_that_the_meter_cannot_hold_are_refused(name, text, words):
    with pytest.raises(SibiaoError, match=words):
        water(given={name: text})


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


def meters_of(*numbers):
    return [
        MbusMeter([WATER], f"water {n}", primary=k, identification=n)
        for k, n in enumerate(numbers, 1)
    ]


def found_ids(found):
    return sorted(f[3::-1].hex() for f in found)


@pytest.mark.parametrize(
    "numbers",
    [
        ("12345678",),
        ("12345678", "12345679"),
        ("12345678", "92345678", "12945678", "00000000", "99999999"),
    ],
)
def test_wildcard_search_with_collisions_finds_every_meter(numbers):
    bench = Bench(*meters_of(*numbers))
    found, probes, unresolved = bench.search()
    assert found_ids(found) == sorted(numbers) and not unresolved
    assert probes == 2 if len(numbers) == 1 else probes > 10


def test_e5_of_equally_quick_meters_fall_together():
    meters = meters_of("12345678", "12945678")
    for meter in meters:
        meter.delay_ns = 20 * NS_PER_MS
    bench = Bench(*meters)
    n = mbus_select.select(bench.out, mbus_select.ANYONE)
    assert bench.send(n) == b"\xe5"  # one E5 of two meters: only reading shows it
    heard = bench.short(REQ | FCB, 253)
    assert heard and link.frame_len(heard, 0, len(heard)) <= 0
    assert found_ids(bench.search()[0]) == ["12345678", "12945678"]


def test_faults_of_an_m_bus_meter():
    def heard(*faults):
        meter = water()
        for fault in faults:
            meter = with_fault(meter, fault)
        return Bench(meter).short(REQ | FCB, 2)

    assert heard() == WATER
    assert heard("silent") == b""
    assert heard("echo") == bytes.fromhex("107B027D16") + WATER
    assert heard("truncated=3") == WATER[:-3]
    assert heard("duplicated") == WATER * 2
    wrong = heard("wrong-checksum")
    assert wrong[:-2] == WATER[:-2] and wrong[-2] != WATER[-2]
    both = heard("second=300")
    assert both[: len(WATER)] == WATER and explain(both[len(WATER) :]).frame["id"] == "12345679"
    assert not explain(heard("second")).valid
    assert heard("noise=0.02") != WATER


def changed(meter, quantity, text):
    """The value a little larger, by what the meter can show; None: it has no such record."""
    if text == "unknown":
        return None
    new = "2031-05-06T07:08"
    for power in range(6):
        if quantity != "meter_time":
            number, _, unit = text.partition(" ")
            new = f"{Decimal(number) + 3 * 10**power} {unit}"
        try:
            meter.set(quantity, new)
            return new
        except SibiaoError as error:
            if "it has:" in str(error):
                return None
    raise AssertionError(f"{quantity} cannot be changed from {text}")


def test_profiles_are_read_back_with_the_values_given():
    put, names = 0, [n for n in load.names("meters") if load.read("meters", n).link == "mbus"]
    for name in names:
        profile = load.read("meters", name)
        golden = profile.golden[0]
        meter = meter_of(f"{name}@9")
        given = {}
        for quantity, text in golden.values.items():
            new = changed(meter, quantity, text)
            put += new is not None
            given[quantity] = new or text
        bench = Bench(meter)
        bench.short(link.SND_NKE, 9)
        frames = len(telegrams_of(bytes.fromhex(golden.telegram), name))
        heard = [bench.short(REQ | (0 if k % 2 else FCB), 9).hex() for k in range(frames)]
        told = golden.model_copy(update={"values": given, "telegram": "".join(heard)})
        check_goldens(profile.model_copy(update={"golden": [told]}), name)
    assert put >= 2 * len(names)
