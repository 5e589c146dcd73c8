"""`sibiao config new`: whatever board and meters are chosen, what is written passes and is built,
or one sentence says why it cannot be."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sibiao.config import load
from sibiao.config.constants import config_source
from sibiao.config.new import Wish, community
from sibiao.errors import SibiaoError
from sibiao.firmware.slot import slot_files

from tests.host.written import run

METERS = {name: load.read("meters", name) for name in load.names("meters")}
PULSE = sorted(name for name, meter in METERS.items() if meter.link == "pulse")
BUS = sorted(set(METERS) - set(PULSE))


def wish(**changed):
    held = {
        "name": "block-7",
        "title": 'Block "7"',
        "board": "pico",
        "uplink": "virtual-meter",
        "serial": "SB26000007",
        "address": "000000000700",
        "meters": ["water-reed-10l", "water-reed-10l", "heat-cjt188-1f90", "water-mbus"],
    }
    return Wish(**(held | changed))


def test_flags_make_a_community_that_is_built(monkeypatch, configs):
    flags = "--board pico --uplink virtual-meter --meter water-reed-10l*2 --meter water-mbus*3"
    flags += " --serial SB26000007 --address 000000000700"
    shown = run(
        monkeypatch, configs, "config", "new", "block-7", *flags.split(), "--title", 'Block "7"'
    )
    assert shown == (
        f"{configs}/communities/block-7.toml: 5 points, checked. Next: fill in what is proposed.\n"
    )
    loaded = load.load("block-7", configs)
    assert loaded.community.title == 'Block "7"'
    points = [(p.name, p.wired_to, p.meter_address, p.address) for p in loaded.community.points]
    assert points == [
        ("water-1", "pulse1", None, "000000000701"),
        ("water-2", "pulse2", None, "000000000702"),
        ("water-3", "bus", "1", "000000000703"),
        ("water-4", "bus", "2", "000000000704"),
        ("water-5", "bus", "3", "000000000705"),
    ]
    assert "config.mpy" in slot_files(loaded)
    with pytest.raises(SibiaoError, match="is there already; choose another name"):
        run(monkeypatch, configs, "config", "new", "block-7", *flags.split(), "--title", "x")


def test_what_no_flag_says_is_asked(monkeypatch, configs):
    answers = "pico-four-meters\nvirtual-meter\nwater-reed-10l*2, heat-cjt188-1f90\n\n\n\n"
    run(monkeypatch, configs, "config", "new", "asked", input=answers)
    loaded = load.load("asked", configs)
    assert config_source(loaded)
    assert [p.wired_to for p in loaded.community.points] == ["pulse1", "pulse2", "bus"]


@settings(max_examples=12, deadline=None)
@given(
    st.sampled_from(load.names("boards")),
    st.lists(st.sampled_from(BUS), max_size=6),
    st.lists(st.sampled_from(PULSE), max_size=5),
)
def test_any_choice_passes_or_is_refused_in_a_sentence(board, bus, pulse):
    meters = [*bus, *pulse]
    uarts = set(load.read("boards", board).uarts) - {"uplink"}
    try:
        text = community(wish(board=board, meters=meters), load.directory())
    except SibiaoError as error:
        said = str(error)
        assert "\n" not in said
        if "no UART" in said:
            assert bus and not uarts
        elif "at least one meter" in said:
            assert not meters
        else:
            assert re.search(r"has no free input|would not pass the check: \w", said), said
            assert pulse
    else:
        assert len(re.findall(r"^\[\[points\]\]$", text, re.M)) == len(meters)


@pytest.mark.parametrize("board", load.names("boards"))
def test_every_board_can_have_a_community(board):
    """With a reed contact, or where there is no input, with a meter on the bus."""
    counts = bool(load.read("boards", board).pulse_inputs)
    meters = ["water-reed-10l" if counts else "heat-cjt188-1f90"]
    assert "[[points]]" in community(wish(board=board, meters=meters), load.directory())


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"meters": []}, "a community needs at least one meter"),
        ({"meters": ["water-reed-10"]}, "'water-reed-10' among the meters; did you mean"),
        ({"board": "pica"}, "there is no 'pica' among the boards; did you mean 'pico'?"),
        ({"uplink": "plx"}, "there is no 'plx' among the uplinks; did you mean 'plc'?"),
        ({"name": "Block 7"}, "'Block 7' is no name for a file: small letters, digits and -"),
        ({"address": "7"}, "address '7' must be 12 digits"),
        ({"title": "a\nb"}, "holds characters that cannot be printed"),
        (
            {"meters": ["water-reed-10l"] * 5},
            (
                "board 'pico' has no free input that meter 'water-reed-10l' can be wired to "
                "(left: none); take another board or fewer meters"
            ),
        ),
    ],
)
def test_what_cannot_be_is_said(changed, said):
    with pytest.raises(SibiaoError) as error:
        community(wish(**changed), load.directory())
    assert said in str(error.value)
