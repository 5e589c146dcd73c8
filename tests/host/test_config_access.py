"""What a community's files say about writing, as the device gets it; and what is refused."""

import shutil
from dataclasses import replace

import pytest
from converter.model import change
from sibiao.config import constants, load
from sibiao.config.device import records
from sibiao.errors import SibiaoError

from tests.node.communities import FRAM, sample


def device(loaded):
    values = {}
    exec(constants.config_source(loaded), values)
    return values


def changed(**uplink):
    loaded = sample()
    return replace(loaded, uplink=loaded.uplink.model_copy(update=uplink))


def test_services_are_kept_apart_by_how_often_they_are_asked():
    values = device(sample())
    assert [name for name, _ in values["SERVICES"]] == ["address", "read"]
    seldom = {name: (control, broadcast) for name, _, control, broadcast, _ in values["SELDOM"]}
    assert seldom["write"] == (0x14, False) and seldom["freeze"] == (0x16, True)
    assert len(seldom) == 7
    assert not any(asked for *_, asked in values["SELDOM"])


def test_reports_are_loaded_for_their_identifiers_alone():
    values = device(replace(sample(), uplink=load.read("uplinks", "report")))
    rows = [row[2:] for row in values["SELDOM"] if row[0] == "report"]
    assert [control for control, *_ in rows] == [0x11, 0x14]
    wanted = {bytes.fromhex(di)[::-1] for di in ("04001501", "04001503", "E0005000")}
    for *_, asked in rows:
        plain = bytes((byte - 0x33) & 0xFF for byte in asked)
        assert {plain[at : at + 4] for at in range(0, len(plain), 4)} == wanted
    assert "report" not in dict(values["SERVICES"])


def test_rows_of_what_may_be_written():
    (rows,) = next(args for name, args, *_ in device(sample())["SELDOM"] if name == "write")
    assert len(rows) == 7 * 8
    assert bytes.fromhex("004300E0") + bytes((change.DIAL, 0x84, 5, 14)) in rows
    assert bytes.fromhex("010B0004") + bytes((change.SETTLEMENT, 4, 2, 14)) in rows


def test_limits_and_button():
    assert device(sample())["ACCESS"] == ((5, 3600, 600), None)
    policy = {"access": {"wrong_passwords": 2, "lock_minutes": 1, "window_minutes": 3}}
    made = sample(board={"button": {"gpio": 21, "pull_up": True}}, policy=policy)
    assert device(made)["ACCESS"] == ((2, 60, 180), (21, 0, True))


def test_a_converter_that_is_only_read_keeps_nothing_of_it():
    loaded = changed(services=["address", "read"], writes=[])
    values = device(loaded)
    assert (values["SELDOM"], values["ACCESS"], values["SEALED"]) == ((), None, 0)
    assert records.written_sizes(loaded) == {}
    assert device(changed(services=["address", "read"], writes=[], sealed="all"))["SEALED"] == 2


def test_what_is_written_stands_at_the_far_end():
    *_, near, far = device(sample(board={"fram": FRAM}))["KEEPER"][1]
    assert [name for name, _ in far] == ["parameters", "writes"]
    assert "total1" in dict(near) and not set(dict(near)) & set(dict(far))


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda: changed(services=["address", "read"]), "the services do not name 'write'"),
        (lambda: sample(board={"fram": FRAM | {"size_bytes": 2048}}), "they need 2"),
        (
            lambda: changed(writes=[*sample().uplink.writes, sample().uplink.writes[0]]),
            "04000101 is to be written as date and as date; each needs its own",
        ),
    ],
)
def test_refused(made, said):
    with pytest.raises(SibiaoError) as error:
        constants.config_source(made())
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'what = "settlement"',
            'what = "wine"',
            'what = "wine" is not allowed; it must be "date", "time", "date_time",',
        ),
        ('what = "settlement"', 'what = "settlement", level = 3', "it must be 2 or 4"),
        (
            "preamble_bytes = 4",
            'preamble_bytes = 4\nsealed = "half"',
            'it must be "off", "writes" or "all"',
        ),
        ('di = "E0**4300"', 'di = "E0*43000"', "it must be 8 hexadecimal digits in quotes"),
    ],
)
def test_files_that_do_not_pass(tmp_path, old, new, said):
    base = tmp_path / "configs"
    shutil.copytree(load.directory(), base)
    path = base / "uplinks" / "virtual-meter.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SibiaoError) as error:
        load.load("sample", base)
    assert said in str(error.value)


def test_two_parts_on_the_buttons_pin():
    made = sample(board={"button": {"gpio": 21}})
    bus = made.board.uarts["bus"].model_copy(update={"supply": 21})
    board = made.board.model_copy(update={"uarts": {**made.board.uarts, "bus": bus}})
    with pytest.raises(SibiaoError, match=r"GPIO 21 is both uarts\.bus\.supply and button\.gpio"):
        device(replace(made, board=board))
