"""What a file may say about a module and about reports, and what becomes of it."""

import shutil
from dataclasses import replace

import pytest
from sibiao.config import load
from sibiao.config.constants import config_source
from sibiao.errors import SibiaoError

from tests.node import communities

PINS = {"power": 20, "reset": 16, "set": 17, "event": 18, "sta": 19}


def _values(uplink, board=None):
    loaded = communities.sample(board=board)
    values = {}
    exec(config_source(replace(loaded, uplink=load.read("uplinks", uplink))), values)
    return values


def _seldom(values):
    """What is loaded when it is asked for, and with which arguments."""
    return {name: args for name, args, *_ in values["SELDOM"]}


def test_constants():
    plain = _values("virtual-meter", {"module": PINS})
    assert (plain["MODULE"], plain["REPORTS"]) == (None, None)
    pins, rates = _values("rf")["MODULE"]
    assert (pins, rates) == ((None,) * 5, ((9600, 2400), 70, 3600))
    assert _values("rf")["UPLINK"][-2:] == (2, 30)
    values = _values("report", {"module": {**PINS, "inverted": ["event", "reset"]}})
    pins, rates = values["MODULE"]
    assert pins == ((20, 1), (16, 1), (17, 0), (18, 0), (19, 1))
    rows = values["REPORTS"]
    rows = {tuple(rows[at : at + 2]): rows[at + 2] for at in range(0, len(rows), 3)}
    assert rows[9, 255] == 81 and rows[15, 1] == 85 and not values["SPONTANEOUS"]
    assert [name for name, _ in values["SERVICES"]] == ["address", "read"]
    assert _seldom(values)["report"] == (False, 0)


def test_an_acknowledgement_behind_a_password_needs_the_access_control():
    uplink = load.read("uplinks", "report")
    for level in (0, 4):
        report = uplink.report.model_copy(update={"acknowledge_level": level})
        only = uplink.model_copy(
            update={"report": report, "services": ["address", "report", "read"], "writes": []}
        )
        values = {}
        exec(config_source(replace(communities.sample(), uplink=only)), values)
        assert (values["ACCESS"] is not None) == (level > 0)
        assert _seldom(values)["report"] == (False, level)


@pytest.mark.parametrize("name", ["plc", "rf", "report"])
def test_the_included_identifiers_are_there(name):
    own = load.read("uplinks", "virtual-meter").identifiers
    assert load.read("uplinks", name).identifiers == own


@pytest.mark.parametrize(
    "kind, name, change, said",
    [
        ("uplinks", "rf", ("quiet_ms = 30", ""), "a radio is half duplex"),
        ("uplinks", "plc", ("bind_bauds", "rebind_after_s = 100\nbind_bauds"), "it takes 140 s"),
        ("uplinks", "plc", ("[2400, 9600]", "[9600]"), "lacks 2400, where the search begins"),
        (
            "uplinks",
            "plc",
            ("2400, 9600", "2400, 9601"),
            "module.bind_bauds[2] = 9601 is not allowed; it must be 300, 600",
        ),
        ("uplinks", "plc", ('"virtual-meter"', '"plc"'), "includes itself: plc -> plc"),
        ("uplinks", "plc", ('"virtual-meter"', '"virtual"'), "did you mean 'virtual-meter'"),
        ("uplinks", "report", ('"address", "report", "read"', '"read"'), "belong together"),
        ("uplinks", "report", ('"report", "read"', '"read", "report"'), "stands before 'read'"),
        (
            "uplinks",
            "report",
            ("gap = 80", "gap = 96"),
            "report.status_bits.gap = 96 is not allowed; it must be a whole number from 0 to 95",
        ),
        ("uplinks", "report", ("gap = 80", "gasp = 80"), "'gasp' is no event; there are:"),
        ("uplinks", "report", ("alarm-leak", "alarm-beak"), "'beak' is no alarm; there are:"),
        (
            "boards",
            "pico",
            ("led = 25", "led = 25\nmodule = { reset = 25 }"),
            "GPIO 25 is both module.reset and led",
        ),
        (
            "boards",
            "pico",
            ("led = 25", "led = 25\nmodule = { event = 14 }"),
            "GPIO 14 is both pulse_inputs.pulse2.gpio and module.event",
        ),
    ],
)
def test_files_that_do_not_pass(tmp_path, kind, name, change, said):
    with pytest.raises(SibiaoError) as error:
        config_source(load.load(str(_changed(tmp_path, kind, name, change))))
    assert said in str(error.value)


def _changed(tmp_path, kind, name, *changes):
    base = tmp_path / "configs"
    shutil.copytree(load.directory(), base)
    path = base / kind / f"{name}.toml"
    text = path.read_text(encoding="utf-8")
    for change in changes:
        assert change[0] in text
        text = text.replace(*change, 1)
    path.write_text(text, encoding="utf-8")
    community = base / "communities" / "sample.toml"
    if kind == "uplinks":
        text = community.read_text(encoding="utf-8")
        assert 'uplink = "virtual-meter"' in text
        community.write_text(text.replace("virtual-meter", name, 1), encoding="utf-8")
    return community


SPEAKS_FIRST = ("[report.status_bits]", "[report]\nspontaneous = true\n[report.status_bits]")


def test_who_speaks_first_needs_a_module_and_a_line_of_its_own(tmp_path):
    community = _changed(tmp_path, "uplinks", "report", SPEAKS_FIRST)
    assert "SPONTANEOUS = True\n" in config_source(load.load(str(community)))
    board = community.parent.parent / "boards" / "pico.toml"
    board.write_text(board.read_text().replace("rx = 1\n", "rx = 1\ndirection = 2\n", 1))
    with pytest.raises(SibiaoError, match="must not speak first"):
        config_source(load.load(str(community)))


def test_spontaneous_needs_a_module(tmp_path):
    module = ('[module]\nkind = "plc"\nbind_bauds = [2400, 9600]\n', "")
    community = _changed(tmp_path, "uplinks", "report", SPEAKS_FIRST, module)
    with pytest.raises(SibiaoError, match=r"needs a \[module\]"):
        load.load(str(community))
