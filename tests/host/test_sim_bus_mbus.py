"""What simulated M-Bus meters send: published telegrams, and the values they were given."""

from decimal import Decimal

import pytest
from converter.link import mbus as link
from sibiao.config import load
from sibiao.config.check.goldens import check_goldens
from sibiao.errors import SibiaoError
from sibiao.explain.mbus import explain
from sibiao.sim.bus import mbus_records as data
from sibiao.sim.bus.mbus import MbusMeter
from sibiao.sim.bus.mbus_frame import telegram_of, telegrams_of
from sibiao.sim.bus.named import meter_of
from sibiao.sim.wire import NS_PER_MS, NS_PER_S

from tests.host.mbus_bench import BARE, FCB, FIXED, REQ, WATER, Bench, water
from tests.host.mbus_vectors import frame as frame_of
from tests.host.mbus_vectors import libmbus


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


def test_the_status_of_its_header():
    told = explain(Bench(water(given={"header_status": "14"})).short(REQ, 2))
    assert told.valid and told.frame["status"] == "14"
    assert [r.value for r in told.records] == [r.value for r in explain(WATER).records]
    for telegram, text in ((BARE, "04"), (FIXED, "04"), (WATER, "0400"), (WATER, "low")):
        with pytest.raises(SibiaoError, match="header_status"):
            MbusMeter([telegram], "status", given={"header_status": text})


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
