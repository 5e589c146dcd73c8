"""`sibiao decode`: the contract of its JSON, one line for a line, and no frame that breaks it."""

import json
import random

import pytest
from click.testing import CliRunner
from sibiao.commands.decode import command
from sibiao.config import load
from sibiao.config.check import goldens
from sibiao.errors import SibiaoError
from sibiao.explain import auto, cjt188

from tests.fuzz.mutate import mutated

HEAT = (
    "682775364959001111812E1F9012579236010593846303057504000017109300003582077100"
    "2C0451006146009083023024090801132004085916"
)
READ = "6891400201180768110433333433A516"
RECORD_KEYS = ["quantity", "value", "unit", "function", "storage", "tariff"]
RECORD_KEYS += ["subunit", "raw", "offset"]


def run(*arguments, stdin=None):
    return CliRunner().invoke(command, arguments, input=stdin, catch_exceptions=True)


def test_contract():
    result = run("--json", HEAT)
    assert result.exit_code == 0
    said = json.loads(result.output)
    assert list(said) == ["link", "valid", "error", "frame", "records"]
    assert (said["link"], said["valid"], said["error"]) == ("cjt188", True, None)
    assert said["frame"] == {
        "type": "27",
        "address": "11110059493675",
        "control": "81",
        "di": "1F90",
        "ser": "12",
        "status": "battery low, vendor bit 3 of ST1",
    }
    assert all(list(record) == RECORD_KEYS for record in said["records"])
    assert said["records"][1] == {
        "quantity": "energy",
        "value": "36384930",
        "unit": "Wh",
        "function": "instantaneous",
        "storage": 0,
        "tariff": 0,
        "subunit": 0,
        "raw": "93846303",
        "offset": 19,
    }
    assert said["records"][-1]["value"] == "2013-01-08T09:24:30"
    assert [r["value"] for r in said["records"]][:5] == [
        "13692570", "36384930", "4750", "0.931", "7107.82",
    ]  # fmt: skip
    assert {r["unit"] for r in said["records"]} == {"Wh", "W", "m3/h", "m3", "°C", "h", ""}


def test_a_profile_gives_its_own_words():
    said = json.loads(run("--json", "--profile", "heat-cjt188-tiangang", HEAT).output)
    assert said["frame"]["status"] == "battery low, flow sensor fault"
    assert said["records"][0]["quantity"] == "cooling_energy"


def test_dlt645_header():
    said = json.loads(run("--json", READ).output)
    assert said == {
        "link": "dlt645",
        "valid": True,
        "error": None,
        "frame": {
            "address": "071801024091",
            "control": "11",
            "di": "00010000",
            "error_word": None,
        },
        "records": [],
    }


def test_refusal_in_words():
    body = bytes.fromhex("681018021220200000C103000600")
    frame = (body + bytes((sum(body) & 0xFF, 0x16))).hex()
    said = json.loads(run("--json", frame).output)
    assert said["frame"]["status"] == "valve state 2 (not defined), battery low"
    assert (said["frame"]["di"], said["frame"]["ser"]) == (None, "00")


@pytest.mark.parametrize("spelling", ["{0}", "FE FE {1}", "0x68,0x91 {2}", "{3}"])
def test_any_spelling_of_the_bytes(spelling):
    spaced = " ".join(READ[k : k + 2] for k in range(0, len(READ), 2))
    text = spelling.format(READ, spaced, READ[4:], spaced.replace(" ", ":").lower())
    assert json.loads(run("--json", *text.split()).output)["frame"]["di"] == "00010000"


def test_a_table_that_marks_what_is_not_understood():
    result = run("FEFEFE681001131219000000A11D901F012C000000002C000000003500000000"
                 "56201817121920402200030716")  # fmt: skip
    assert result.exit_code == 0
    assert "? data" in result.output
    assert "27 bytes are not understood" in result.output
    assert "water-cjt188-function-21" in result.output
    assert "not understood" not in run(HEAT).output


def test_one_line_for_each_line():
    lines = [HEAT, "", "nonsense", READ, READ[:-4] + "0016", "68 10", "E5 5E 77", HEAT + "5"]
    result = run("-", stdin="\n".join(lines))
    answers = [json.loads(line) for line in result.output.splitlines()]
    assert result.exit_code == 0
    assert [a["valid"] for a in answers] == [True, False, False, True] + [False] * 4
    assert all((a["error"] is None) == a["valid"] for a in answers)
    assert all(list(a) == ["link", "valid", "error", "frame", "records"] for a in answers)
    assert "checksum 00, its bytes give A5" in answers[4]["error"]


def test_what_a_user_can_get_wrong():
    for arguments, said in (
        (("zz",), "is not hexadecimal"),
        (("--profile", "heat-cjt188-tiangong", HEAT), "did you mean 'heat-cjt188-tiangang'"),
        (("--profile", "water-reed-10l", HEAT), "without telegrams"),
        (("--link", "cjt188", "--profile", "water-reed-10l", HEAT), "not on cjt188"),
        ((HEAT[:-4] + "0016",), "has the checksum 00, its bytes give 59"),
    ):
        result = run(*arguments)
        assert result.exit_code != 0
        assert isinstance(result.exception, SibiaoError)
        assert said in str(result.exception)


def test_the_link_that_frames_soundly():
    assert auto.explain(bytes.fromhex(READ)).link == "dlt645"
    assert auto.explain(bytes.fromhex(HEAT)).link == "cjt188"
    # A CJ/T 188 frame carried in a DL/T 645 one is data of that.
    inner = bytes.fromhex(HEAT)
    body = bytes.fromhex("68010000000000689F") + bytes((len(inner) + 1, 8)) + inner
    outer = body + bytes((sum(body) & 0xFF, 0x16))
    assert auto.explain(outer).link == "dlt645"
    for spoilt, link in ((READ[:-2], "dlt645"), (HEAT[:-2], "cjt188"), ("68", "cjt188")):
        found = auto.explain(bytes.fromhex(spoilt))
        assert (found.link, found.valid) == (link, False)
        assert found.error


METERS = [m for m in load.names("meters") if load.read("meters", m).link == "cjt188"]


@pytest.mark.parametrize("name", METERS)
def test_goldens_read_as_their_profile_says(name):
    meter = load.read("meters", name)
    for golden in meter.golden:
        data = bytes.fromhex(golden.telegram)
        found = cjt188.explain(data, name)
        assert found.valid
        values = {f.quantity: golden.values[f.quantity] for f in meter.fields}
        known = [v for q, v in values.items() if q != "meter_status" and v != goldens.UNKNOWN]
        assert len([r for r in found.records if r.value is not None]) == len(known)
        assert name in cjt188.candidates(data)


def test_nothing_breaks_it():
    rng = random.Random("decode")
    corpus = tuple(
        bytes.fromhex(g.telegram) for n in METERS for g in load.read("meters", n).golden
    ) + (bytes.fromhex(READ), bytes.fromhex("6811111111111168D10135BC16"))
    seen = 0
    for _ in range(4000):
        data = mutated(rng, corpus)
        found = auto.explain(data, "auto", None)
        assert "".join(s.raw for s in found.spans) == data.hex().upper()
        assert json.loads(json.dumps(found.as_json())) == found.as_json()
        assert (found.error is None) == found.valid
        seen += found.valid
    assert seen > 500


def test_nothing_is_cut_from_the_picture_of_a_narrow_terminal():
    telegram = next(g.telegram for g in load.read("meters", "gas-mbus-itron-cyble").golden)
    shown = run(telegram).output
    assert "\u2026" not in shown and "2011-10-25T15:43:00" in shown
    assert max(len(line) for line in shown.splitlines()) <= 80
