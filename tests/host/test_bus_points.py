"""What a community and a profile say of a meter on a bus: its own maxima, and which bits of its
status are alarms."""

import pytest
from sibiao.config import load
from sibiao.config.check import goldens
from sibiao.errors import SibiaoError

from tests.host.changed_configs import compiled, edit, with_meter

STATUS, HEADER = 52, 54
VOLUME, ENERGY = 1, 2


def judged(base):
    """Index and alarms of the sample's meter on the bus."""
    ((*_, ((_, _, _, index, alarms, _, _),)),) = compiled(base)["BUSES"]
    return index, alarms


@pytest.mark.parametrize(
    ("name", "profile", "point", "index"),
    [
        ("water-mbus", "", "", (VOLUME, 0, 0)),
        ("water-mbus", "max_flow_m3_per_h = 5", "", (VOLUME, 5, 0)),
        ("water-mbus", "", "max_flow_m3_per_h = 3.125", (VOLUME, 3125, -3)),
        ("water-mbus", "max_flow_m3_per_h = 5", "max_flow_m3_per_h = 2.5", (VOLUME, 25, -1)),
        ("heat-mbus", "max_power_kw = 120", "max_power_kw = 10.5", (ENERGY, 105, 2)),
        ("heat-mbus", "", "max_power_kw = 10", (ENERGY, 1, 4)),
    ],
)
def test_the_points_maximum_goes_before_its_profiles(configs, name, profile, point, index):
    edit(configs, "meters", name, ("line = {", f"{profile}\nline = {{"))
    with_meter(configs, name, f'meter_address = "17"\n{point}')
    assert judged(configs)[0] == index


@pytest.mark.parametrize(
    ("name", "point", "said"),
    [
        ("water-mbus", "max_power_kw = 5", "heat-301: max_power_kw says nothing of a water meter"),
        (
            "heat-mbus",
            "max_flow_m3_per_h = 5",
            "max_flow_m3_per_h says nothing of a heat meter",
        ),
        ("gas-mbus", "max_flow_m3_per_h = 0", "max_flow_m3_per_h"),
    ],
)
def test_a_maximum_that_would_do_nothing_is_refused(configs, name, point, said):
    with_meter(configs, name, f'meter_address = "17"\n{point}')
    with pytest.raises(SibiaoError) as error:
        compiled(configs)
    assert said in str(error.value)


def test_a_profiles_maximum_that_would_do_nothing_is_refused(configs):
    edit(configs, "meters", "heat-mbus", ("line = {", "max_flow_m3_per_h = 5\nline = {"))
    with_meter(configs, "heat-mbus")
    with pytest.raises(SibiaoError) as error:
        compiled(configs)
    assert "heat-mbus.toml:6:1: max_flow_m3_per_h says nothing of a heat" in str(error.value)


def test_a_pulse_meters_maximum_stands_in_its_profile(configs):
    edit(configs, "communities", "sample", ('"pulse1"', '"pulse1"\nmax_flow_m3_per_h = 3'))
    with pytest.raises(SibiaoError) as error:
        compiled(configs)
    assert "water-301: a point's own maximum is for meters on a bus" in str(error.value)


@pytest.mark.parametrize(
    ("name", "alarms", "rows"),
    [
        # The standard's, where the profile says nothing.
        ("water-cjt188-901f", None, ((STATUS, 0x0007, True, 32),)),
        ("heat-cjt188-1f90", None, ()),  # it has no status
        ("water-mbus", None, ((HEADER, 0x1F, True, 64),)),
        (
            "water-mbus-engelmann-waterstar",
            None,
            ((HEADER, 0x1F, True, 64), (STATUS, 0xFFFFFFFF, False, 32)),
        ),
        ("heat-cjt188-tiangang", None, ((STATUS, 0x0F07, True, 32),)),
        ("heat-cjt188-maituo", None, ((STATUS, 0x1F07, True, 32),)),
        ("heat-cjt188-lichuang", None, ((STATUS, 0x0004, False, 32),)),
        # The profile's own.
        ("water-cjt188-901f", "[]", ()),
        ("water-cjt188-901f", "[2, 8]", ((STATUS, 0x0104, False, 32),)),
        ("water-cjt188-901f", '["valve fault", 15]', ((STATUS, 0x8003, True, 32),)),
        ("water-mbus", '["power low", 5]', ((HEADER, 0x24, False, 64),)),
        ("water-mbus-engelmann-waterstar", '["error flags"]', ((STATUS, 0xFFFFFFFF, False, 32),)),
    ],
)
def test_alarms(configs, name, alarms, rows):
    if alarms is not None:
        edit(configs, "meters", name, ("line = {", f"alarms = {alarms}\nline = {{"))
    address = '"17"' if "mbus" in name else '"11110017312151"'
    with_meter(configs, name, f"meter_address = {address}")
    assert judged(configs)[1] == rows


def test_a_vendors_meaning_of_a_bit_goes_before_the_standards(configs):
    path = configs / "meters" / "water-cjt188-901f.toml"
    text = path.read_text(encoding="utf-8")
    own = '[status]\n0 = "dry"\n1 = "wet"\n2 = "cover open"\n\n[[golden]]'
    path.write_text(text.replace("[[golden]]", own, 1), encoding="utf-8")
    with_meter(configs, "water-cjt188-901f", 'meter_address = "11110017312151"')
    assert judged(configs)[1] == ()
    edit(configs, "meters", "water-cjt188-901f", ("line = {", 'alarms = ["wet"]\nline = {'))
    assert judged(configs)[1] == ((STATUS, 0x0002, False, 32),)


@pytest.mark.parametrize(
    ("name", "alarms", "said"),
    [
        ("water-cjt188-901f", '["smell"]', "alarms: 'smell' is none; there are 'valve fault'"),
        ("water-cjt188-901f", "[16]", "alarms: 16 is none"),
        ("water-cjt188-901f", "[1]", "bits 0 and 1 are one state; say 'valve fault'"),
        ("heat-cjt188-1f90", "[2]", "has no field meter_status"),
        ("water-mbus", "[8]", "alarms: 8 is none"),
        ("water-mbus", '["error flags"]', "its error flags are unknown"),
    ],
)
def test_alarms_that_are_none(configs, name, alarms, said):
    edit(configs, "meters", name, ("line = {", f"alarms = {alarms}\nline = {{"))
    address = '"17"' if "mbus" in name else '"11110017312151"'
    with_meter(configs, name, f"meter_address = {address}")
    with pytest.raises(SibiaoError) as error:
        compiled(configs)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("gas-cjt188-901f", ('borrowed = "water meter"\n', ""), "is of type 10, not such a"),
        ("gas-mbus", ('medium = "gas"', 'medium = "water"'), "is of medium 03, not such a"),
    ],
)
def test_a_borrowed_telegram_says_so(configs, name, change, said):
    edit(configs, "meters", name, change)
    with pytest.raises(SibiaoError) as error:
        goldens.check_goldens(load.read("meters", name, configs), name)
    assert said in str(error.value)


def test_profiles_with_a_telegram_of_their_own():
    """At least 20 have one that is not borrowed and that none of the others counts on."""
    own = {}
    for name in load.names("meters"):
        meter = load.read("meters", name)
        if meter.link not in ("pulse", "transparent"):
            for golden in meter.golden:
                if not golden.synthetic and golden.borrowed is None:
                    own.setdefault(golden.telegram.lstrip("FE"), name)
    assert len(set(own.values())) >= 20
