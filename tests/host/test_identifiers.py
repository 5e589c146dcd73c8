"""Uplinks' identifiers: what the station answers to each is what `sibiao decode` says of it; what
is wrong with a file is told; the page in docs is that of the files."""

import random
import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from converter.app.freezer import Freezer
from converter.link import dlt645 as link
from converter.model import calendar, unit
from converter.model.alarms import Alarms
from converter.model.point import MeteringPoint
from converter.store.history import History
from sibiao.config import constants, load, terms
from sibiao.config.device import identifiers
from sibiao.errors import SibiaoError
from sibiao.explain import dlt645, identifiers_page, own645

from tests.unit.memory_keeper import MemoryKeeper
from tests.unit.requesting import request, wire
from tests.unit.stations import Home, build

CONVERTER, WATER, HEAT = b"\x01" + bytes(5), b"\x01\x03" + bytes(4), b"\x02\x03" + bytes(4)
CODES = bytes(sorted(c for c in set(terms.QUANTITIES.values()) if c < 64))
UPLINKS = load.names("uplinks")
NOW = calendar.to_seconds(2026, 7, 1, 0, 0, 0)


class Site(Home):
    """A converter with a water and a heat meter that have every quantity, and a day of freezes."""

    def __init__(self, name):
        own = MeteringPoint(CONVERTER, CODES, 0)
        # The main index is the first.
        water = MeteringPoint(WATER, b"\x01" + CODES.replace(b"\x01", b""), 0)
        heat = MeteringPoint(HEAT, b"\x02" + CODES.replace(b"\x02", b""), 0)
        super().__init__([own, water, heat])
        self.pulses = None
        self.kept_events = self
        self.alarms = Alarms()
        self.freezer = Freezer(self, History(MemoryKeeper()), (1, 0, 1))
        self.uplink = load.read("uplinks", name)
        self._publish()
        self._freeze()
        texts = {"serial": "SB26000001", "production_date": "2026-11-05"}
        args = identifiers.compiled(self.uplink, texts)
        self.station = build(self, 0, (("read", args),))

    def _publish(self):
        chance = random.Random(5)
        for row in self.uplink.identifiers:
            if row.source == "value" and row.unit != "GJ" and row.quantity != "address":
                base, exponent = terms.UNITS[row.unit]
                number = chance.randrange(10 ** min(8, row.format.count("X") - 1))
                for point in self.points:
                    code = terms.QUANTITIES[row.quantity]
                    at = exponent - terms.decimals(row.format)
                    point.publish(code, number, at, base, 100)

    def _freeze(self):
        self.uptime_s = 3600
        self.civil_s = NOW - 86400
        for hour in range(1, 24):
            self.uptime_s = 3600 * (hour + 1)
            self.freezer.look(self.time_s())
            assert self.freezer.freeze(0) and self.freezer.commit_all()

    def record_event(self, *args):
        raise AssertionError(args)

    def ask(self, who, control, data):
        out = bytearray(link.MAX_FRAME)
        n = self.station.handle(request(who, control, data), out)
        assert n and link.frame_len(out, 0, n) == n and out[link.LENGTH] <= 200
        return bytes(out[:n])

    def answers(self, who, di):
        """The frames of a whole answer, or of a refusal."""
        frames = [self.ask(who, 0x11, wire(di))]
        while frames[-1][link.CONTROL] & 0x20:
            frames.append(self.ask(who, 0x12, wire(di) + bytes((len(frames),))))
        return frames


def _asked(uplink):
    """Every identifier of the uplink's rows, each block that they are in, and some beside them."""
    found = set()
    for row in uplink.identifiers:
        top = identifiers.reach(row)
        first = 0 if row.di.endswith("##") else int(row.di[6:], 16)
        backs = {first, first + 1, first + 2, first + top, first + top + 1, 0xFF}
        for di2 in ("00", "01", "02", "03", "FF") if row.is_by_point else (row.di[2:4], "FF"):
            for di1 in (row.di[4:6], "FF"):
                found |= {f"{row.di[:2]}{di2}{di1}{back:02X}" for back in backs if back < 256}
    return sorted(found)


@pytest.mark.parametrize("name", UPLINKS)
def test_the_station_answers_what_the_profile_says(name):
    site = Site(name)
    seen = {"refused": 0, "answered": 0, "followed": 0, "values": 0}
    for di in _asked(site.uplink):
        for who in (CONVERTER, WATER, HEAT):
            frames = site.answers(who, di)
            told = own645.items(site.uplink, int(di, 16))
            if frames[0][link.CONTROL] == 0xD1:
                # Of a station without it, or nothing there at all: always the same word.
                assert frames[0][link.DATA] == 0x35, di
                seen["refused"] += 1
                continue
            assert told, di
            seen["answered"] += 1
            seen["followed"] += len(frames) > 1
            records = []
            for frame in frames:
                found = dlt645.explain(frame, name)
                assert found.valid and found.frame["di"] == di
                unclear = [s for s in found.spans if not s.understood]
                # One identifier, several units: which one, the answer does not say.
                assert all(" or " in s.meaning for s in unclear), (di, unclear)
                records += found.records
            assert len(records) == len(told), di
            for record, item in zip(records, told, strict=True):
                seen["values"] += _is_published(site, who, record, item)
    assert seen["refused"] > 50 and seen["answered"] > 150 and seen["values"] > 100, seen
    assert seen["followed"] > 0, seen


def _is_published(site, who, record, item):
    """Whether the record is a point's value; then it must be the one published."""
    row = item.rows[0]
    if row.source != "value" or len(item.rows) > 1 or row.quantity in ("address", "status"):
        return False
    if record.value is None:
        return False
    if item.is_time_of_value:
        moment = calendar.from_seconds(site.civil_s + 100)
        assert record.value == "{}-{:02}-{:02}T{:02}:{:02}:{:02}".format(*moment)
        return True
    point = site.points[(CONVERTER, WATER, HEAT).index(who)]
    if row.is_by_point and item.di >> 16 & 0xFF:
        point = site.points[item.di >> 16 & 0xFF]
    slot = point.slot(terms.QUANTITIES[row.quantity])
    assert Decimal(record.value) == Decimal(point.value(slot)).scaleb(point.exponent(slot))
    return True


@pytest.mark.parametrize("name", UPLINKS)
def test_the_block_of_a_point_is_one_frame(name):
    site = Site(name)
    (frame,) = site.answers(CONVERTER, "E001FFFF")
    assert frame[link.CONTROL] == 0x91 and len(frame) - 16 < 200
    # Every quantity that is told of a point is in it, or is the same in another unit.
    rows = [r for r in site.uplink.identifiers if r.is_by_point and r.source == "value"]
    held = {r.quantity for item in own645.items(site.uplink, 0xE001FFFF) for r in item.rows}
    assert held == {r.quantity for r in rows}
    assert all(r.time for r in rows if r.quantity != "status")


def test_follow_up_frames_are_explained():
    site = Site("virtual-meter")
    first, second, *_ = site.answers(WATER, "050400FF")
    told = [dlt645.explain(frame, "virtual-meter") for frame in (first, second)]
    assert [r.value for r in told[0].records][:2] == ["2026-07-01T00:00", "2026-06-30T23:00"]
    assert [r.storage for r in told[1].records] == list(range(40, 79))
    assert told[1].spans[-3].meaning == "sequence number"
    # Of a block a request is known, too; of another length nothing is made.
    asked = dlt645.explain(request(WATER, 0x11, wire("050400FF")), "virtual-meter")
    assert all(s.understood for s in asked.spans)
    cut = dlt645.explain(request(WATER, 0x91, wire("E000FFFF") + bytes(30)), "virtual-meter")
    assert [r.quantity for r in cut.records] == ["unknown"]


def test_the_page_is_that_of_the_files():
    page = Path(__file__).parents[2] / "docs" / "identifiers.md"
    assert page.read_text(encoding="utf-8") == identifiers_page.page(UPLINKS), (
        "the files have changed: sibiao config identifiers > docs/identifiers.md"
    )


ROW = '{ di = "E0**7000", quantity = "volume", format = "XXXXXX.XX", unit = "m3" },'
OTHER = '{ di = "E0**7000", '


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (ROW + ROW, "E0**7000 (volume) and E0**7000 (volume) answer the same"),
        (ROW.replace("7000", "0100"), "uplinks/virtual-meter.toml:"),
        (ROW.replace("7000", "0101"), "answer the same data identifier; give one another number"),
        (ROW.replace("**7000", "050100"), "E0050100 (volume) and E0**0100"),
        (
            ROW.replace("E0**7000", "00010001"),
            "00010001 (volume) and 000100## (volume frozen, month)",
        ),
        (ROW + ROW.replace("m3", "L").replace("XXXXXX.", "XXXX."), "the same format and source"),
        (ROW.replace("m3", "acre"), "E0**7000: 'acre' is no unit"),
        (ROW.replace("volume", "wine"), "E0**7000: 'wine' is no quantity"),
        (ROW.replace("XXXXXX.XX", "XXX"), "must be an even number of X with at most one point"),
        (ROW.replace("XXXXXX.XX", "hhDD"), "YYMMDDWWhhmmss in that order"),
        (ROW.replace("XXXXXX.XX", "YYMM"), 'YYMM is no format for "value"'),
        (ROW.replace("7000", "FF00"), "FF stands for blocks"),
        (ROW.replace("7000", "70##"), "## is for freezes and status words"),
        (ROW.replace(', unit = "m3"', ', kind = "day"'), 'source = "value" takes no kind'),
        (ROW.replace('quantity = "volume", ', ""), 'source = "value" needs quantity'),
        (ROW.replace("XXXXXX.XX", "XXXX.XX"), "XXXX.XX m3 is too short for point 'water-301'"),
        (OTHER + 'source = "text", text = "{owner}", format = "XX" },', "{serial}"),
        (OTHER + 'source = "text", text = "AB", format = "XX" },', "longer than its 1 bytes"),
        (OTHER + 'quantity = "address", format = "XX" },', "has the format XXXXXXXXXXXX"),
        (OTHER + 'source = "constant", constant = 100, format = "XX" },', "does not fit XX;"),
    ],
)
def test_mistakes_are_told_in_words(tmp_path, row, said):
    base = _with(tmp_path, mine=f'include = ["virtual-meter"]\nidentifiers = [\n{row}\n]\n')
    with pytest.raises(SibiaoError) as error:
        constants.config_source(load.load("sample", base))
    assert said in str(error.value)
    assert "mine" in str(error.value)


def test_two_units_of_one_quantity_are_no_collision(tmp_path):
    more = ROW + ROW.replace("m3", "L").replace("XXXXXX.XX", "XXXXXXXX")
    base = _with(tmp_path, mine=f'include = ["virtual-meter"]\nidentifiers = [\n{more}\n]\n')
    assert constants.config_source(load.load("sample", base))


def test_what_includes_itself_is_told(tmp_path):
    base = _with(tmp_path, mine='include = ["yours"]\n', yours='include = ["mine"]\n')
    with pytest.raises(SibiaoError, match="'mine' includes itself: mine -> yours -> mine"):
        load.load("sample", base)
    base = _with(tmp_path, mine='include = ["virtual-metre"]\n')
    with pytest.raises(SibiaoError, match="did you mean 'virtual-meter'"):
        load.load("sample", base)


def _with(tmp_path, **uplinks):
    """Configurations with these uplinks, the first of which the sample community has."""
    base = tmp_path / "configs"
    shutil.copytree(load.directory(), base, dirs_exist_ok=True)
    head = 'schema = 1\ntitle = "Mine"\nline = { baud = 2400, parity = "E" }\n'
    for name, text in uplinks.items():
        (base / "uplinks" / f"{name}.toml").write_text(head + text, encoding="utf-8")
    path = base / "communities" / "sample.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"virtual-meter"', '"mine"'), encoding="utf-8")
    return base


@pytest.mark.parametrize("name", load.names("meters"))
def test_freezes_keep_the_main_index(name):
    meter = load.read("meters", name)
    if meter.link == "pulse":
        assert constants._PULSE_CODES[0] == terms.QUANTITIES["volume"]
    elif meter.link != "transparent":
        main = "energy" if meter.medium == "heat" else "volume"
        codes = constants.codes(meter, name)
        assert codes[0] == terms.QUANTITIES[main]
        assert len(set(codes)) == len(codes)


def test_units_fit_beside_the_alarms_of_a_freeze():
    from converter.model import alarms, freezes

    units = [v for k, v in vars(unit).items() if k.isupper()]
    assert alarms.COUNT <= freezes.UNIT_AT and max(units) << freezes.UNIT_AT < 1 << 16
