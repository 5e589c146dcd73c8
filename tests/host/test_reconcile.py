"""`sibiao reconcile`: files in, verdicts out; every mistake is told by row and column."""

import csv
import json
import re
import time
import xml.etree.ElementTree as ET
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sibiao.cli import cli
from sibiao.errors import SibiaoError
from sibiao.reconcile.proof import Proof
from sibiao.reconcile.table import COLLECTED, MANUAL, read_collected, read_manual, write, zone_of

START = datetime(2026, 3, 2, 8)
ADDRESS = "000000000501"  # cold-501 of four-water: 10 L a pulse, seven figures


def files(folder, dials, registers, **proof):
    """A reading a day, m3; proof: lists of what stands beside the registers."""
    when = [START + timedelta(days=n) for n in range(len(dials))]
    manual = [
        {"time": at.isoformat(), "meter": ADDRESS, "dial": dial, "unit": "m3"}
        for at, dial in zip(when, dials, strict=True)
    ]
    collected = [
        {
            "time": (at + timedelta(seconds=20)).isoformat(),
            "converter": "000000000004",
            "address": ADDRESS,
            "point": 1,
            "quantity": "volume",
            "value": value,
            "unit": "m3",
            **{name: values[n] for name, values in proof.items()},
        }
        for n, (at, value) in enumerate(zip(when, registers, strict=True))
    ]
    write(folder / "dials.csv", MANUAL, manual)
    write(folder / "read.csv", COLLECTED, collected)


def reconcile(folder, *more, community="four-water"):
    paths = ["--dials", str(folder / "dials.csv"), "--collected", str(folder / "read.csv")]
    result = CliRunner().invoke(cli, ["reconcile", community, *paths, *more])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def found(folder, *more):
    (meter,) = json.loads(reconcile(folder, "--json", *more).splitlines()[-1])["meters"]
    return meter


def metres(pulses):
    return [f"{p / 100:.2f}" for p in pulses]


DIAL = [10_000 + 31 * n for n in range(12)]


def test_what_agrees_proves_its_bound(tmp_path):
    files(tmp_path, metres(DIAL), metres([d + n % 2 for n, d in enumerate(DIAL)]))
    meter = found(tmp_path)
    assert meter["cause"] == "none" and meter["drift_pulses"] == 1
    said = meter["accuracy"]
    assert (said["agreed"], said["compared"]) == (12, 12)
    # No failure in n tries proves p with p**n = 0.05, Clopper and Pearson's simplest case.
    assert said["lower_bound"] == pytest.approx(0.05 ** (1 / 12), rel=1e-12)


def test_bound_and_readings_that_are_needed():
    assert Proof(2995, 2995).proven and not Proof(2994, 2994).proven
    assert Proof(2994, 2994).still_needed == 1 and Proof(0, 0).bound == 0


def test_two_pulses_do_not_agree(tmp_path):
    registers = [*DIAL[:-1], DIAL[-1] + 2]
    files(tmp_path, metres(DIAL), metres(registers))
    assert found(tmp_path)["accuracy"]["agreed"] == 11


@pytest.mark.parametrize(
    ("registers", "cause"),
    [
        ([d - 40 for d in DIAL], "wrong base"),
        ([10_000 + 4 * (d - 10_000) for d in DIAL], "wrong weight"),
        ([10_000 + (d - 10_000) // 10 for d in DIAL], "wrong weight"),
        ([d - 3 * n for n, d in enumerate(DIAL)], "missed"),
        ([10_000 for _ in DIAL], "missed"),
        ([d + 3 * n for n, d in enumerate(DIAL)], "bounce"),
        ([d + (40 if n > 5 else 0) for n, d in enumerate(DIAL)], "unclear"),
        ([d + 7 * (-1) ** n for n, d in enumerate(DIAL)], "unclear"),
    ],
)
def test_causes_by_their_course(tmp_path, registers, cause):
    files(tmp_path, metres(DIAL), metres(registers))
    assert found(tmp_path)["cause"] == cause


def test_loss_across_a_restart_is_a_gap_and_else_missed(tmp_path):
    registers = [d - (15 if n > 5 else 0) for n, d in enumerate(DIAL)]
    starts = [1 + (n > 5) for n in range(12)]
    files(tmp_path, metres(DIAL), metres(registers), starts=starts)
    assert found(tmp_path)["cause"] == "gap"
    files(tmp_path, metres(DIAL), metres(registers), starts=[1] * 12)
    assert found(tmp_path)["cause"] == "missed"
    files(
        tmp_path, metres(DIAL), metres(registers), status=["8" if s > 1 else "0" for s in starts]
    )
    assert found(tmp_path)["cause"] == "gap"


def test_dial_that_falls_while_the_register_rises(tmp_path):
    moves = [20, -4, 20, -3, 25, 20, 20, -5, 20, 20, 20]
    dials, registers = [10_000], [10_000]
    for move in moves:
        dials.append(dials[-1] + move)
        registers.append(registers[-1] + abs(move))
    files(tmp_path, metres(dials), metres(registers))
    meter = found(tmp_path)
    assert meter["cause"] == "backflow" and "12 pulses in all" in " ".join(meter["evidence"])


def test_dial_that_rolls_over(tmp_path):
    top = 10**7
    dials = [top - 100 + 31 * n for n in range(12)]
    rolled = [d % top for d in dials]
    files(tmp_path, metres(rolled), metres([(d - 1) % top for d in dials]))
    assert found(tmp_path)["cause"] == "none"


@pytest.mark.parametrize("place", [0, 1, 5, 10, 11])
def test_misread_dial_is_told_and_is_not_a_cause(tmp_path, place):
    dials = metres(DIAL)
    dials[place] = f"{DIAL[place] / 100 + 1:.2f}"
    files(tmp_path, dials, metres(DIAL))
    meter = found(tmp_path)
    assert meter["accuracy"]["agreed"] == 11
    assert [n for n, r in enumerate(meter["readings"]) if r["note"]] == [place]
    assert meter["cause"] == "none" and "probably misread" in meter["evidence"][-1]


def test_readings_of_other_times_are_left_out_and_told(tmp_path):
    files(tmp_path, metres(DIAL), metres(DIAL))
    rows = list(csv.DictReader((tmp_path / "dials.csv").open()))
    rows[3]["time"] = (START + timedelta(days=3, hours=9)).isoformat()
    write(tmp_path / "dials.csv", MANUAL, rows)
    meter = found(tmp_path)
    assert meter["accuracy"]["compared"] == 11 and len(meter["readings"]) == 12
    assert "31 pulses came between" in "".join(r["note"] for r in meter["readings"])


def test_dials_without_offset_beside_registers_with_one(tmp_path):
    files(tmp_path, metres(DIAL), metres(DIAL))
    path = tmp_path / "read.csv"
    for day in range(2, 14):  # as `sibiao read` in Shanghai writes them
        at = f"2026-03-{day:02}T08:00:20"
        path.write_text(path.read_text().replace(at, f"{at}+08:00"))
    with pytest.raises(SibiaoError, match=r"have no offset from UTC.*--dial-offset \+08:00"):
        found(tmp_path)
    for offset, compared in (("+08:00", 12), ("+07:00", 0)):
        assert found(tmp_path, "--dial-offset", offset)["accuracy"]["compared"] == compared
        said = reconcile(tmp_path, "--dial-offset", offset)
        assert f"in {offset}: the first at 2026-03-02 08:00:00{offset}" in said
    for wrong in ("8", "CST"):
        with pytest.raises(SibiaoError, match=r"write \+08:00, or local"):
            reconcile(tmp_path, "--dial-offset", wrong)


def test_dials_in_the_zone_of_this_computer(tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Berlin")  # summer time begins on 2026-03-29
    time.tzset()
    path = tmp_path / "dials.csv"
    path.write_text("time,meter,dial,unit\n2026-03-28T08:00,a,1,m3\n2026-03-30T08:00,a,1,m3\n")
    try:
        before, after = read_manual(path, [], zone_of("local"))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert (before.time.utcoffset(), after.time.utcoffset()) == (
        timedelta(hours=1),
        timedelta(hours=2),
    )


def test_few_readings_have_no_cause(tmp_path):
    files(tmp_path, metres(DIAL[:3]), metres([d - 9 * n for n, d in enumerate(DIAL[:3])]))
    assert found(tmp_path)["cause"] == "unclear"


def test_every_mistake_is_told_at_its_cell(tmp_path):
    path = tmp_path / "dials.csv"
    path.write_text(
        "time,meter,dial,unit\n"
        "2026-03-02T08:00,cold-501,100.00,m3\n"
        'yesterday,cold-501,"100,5",gallons\n'
        "2026-03-04T08:00+08:00,cold-501,1e2,L\n"
        "2026-03-05T08:00,cold-501,100.00\n",
        encoding="utf-8",
    )
    with pytest.raises(SibiaoError) as told:
        read_manual(path, [])
    places = re.findall(r"dials\.csv:(\d+:\d+): (\w+)", str(told.value))
    assert places == [("3:1", "time"), ("3:3", "dial"), ("3:4", "unit"),
                      ("4:1", "time"), ("4:3", "dial"), ("5:1", "the")]  # fmt: skip


def test_header_that_lacks_a_column(tmp_path):
    path = tmp_path / "read.csv"
    path.write_text("time,address,point,quantity,valu,unit\n1,2,3,4,5,6\n", encoding="utf-8")
    with pytest.raises(SibiaoError, match=r"lacks 'value'.*did you mean 'valu'"):
        read_collected(path, [])


@pytest.mark.parametrize(
    ("community", "meter", "said"),
    [
        ("four-water", "cold-505", "was not collected; did you mean 'cold-50"),
        ("sample", "heat-301", "is read over a bus"),
    ],
)
def test_meter_that_cannot_be_reconciled(tmp_path, community, meter, said):
    files(tmp_path, metres(DIAL), metres(DIAL))
    rows = list(csv.DictReader((tmp_path / "read.csv").open()))
    rows[0] |= {"address": "000000000302", "point": 2}
    write(tmp_path / "read.csv", COLLECTED, rows)
    manual = {"time": START.isoformat(), "meter": meter, "dial": "1", "unit": "m3"}
    write(tmp_path / "dials.csv", MANUAL, [manual])
    with pytest.raises(SibiaoError, match=said):
        reconcile(tmp_path, community=community)


def test_page_is_whole_and_its_plots_are_sound(tmp_path):
    registers = metres([d + 3 * n for n, d in enumerate(DIAL)])
    files(tmp_path, metres(DIAL), registers)
    out = [tmp_path / name for name in ("page.html", "meters.csv", "readings.csv")]
    said = reconcile(
        tmp_path, "--html", str(out[0]), "--csv", str(out[1]), "--course", str(out[2])
    )
    assert "bounce" in said and "grows evenly" in said
    text = out[0].read_text(encoding="utf-8")
    drawn = ET.fromstring(re.search(r"<svg.*?</svg>", text, re.S)[0])
    assert len(drawn.findall(".//{*}circle")) == len(DIAL) + 2  # and two of the legend
    elsewhere = re.findall(r"(?:src|href)=\"(?!#)[^\"]*|url\([^)]*|<script|<link", text)
    assert elsewhere == []
    (meter,) = csv.DictReader(out[1].open(encoding="utf-8"))
    assert meter["cause"] == "bounce" and meter["drift_pulses"] == "33"
    rows = list(csv.DictReader(out[2].open(encoding="utf-8")))
    assert [row["agrees"] for row in rows] == ["yes"] + ["no"] * 11


def test_the_page_that_tells_of_it_holds(tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "reconcile.md").read_text(encoding="utf-8")
    manual, collected = re.findall(r"```csv\n(.*?)```", page, re.S)
    (tmp_path / "dials.csv").write_text(manual, encoding="utf-8")
    (tmp_path / "read.csv").write_text(collected, encoding="utf-8")
    assert found(tmp_path, "--dial-offset", "+08:00")["accuracy"]["agreed"] == 2
    assert set(COLLECTED) <= set(re.findall(r"`([a-z_]+)`", page))
