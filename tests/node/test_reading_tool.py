"""`sibiao read` at the whole node in virtual time, over a TCP port."""

import csv
import io
import json
import time
from datetime import datetime

import pytest
from sibiao.config.load import load
from sibiao.sim.bus.heat_meter import HeatMeter

from tests.node import asking
from tests.node.asking import BUS, CONVERTER, HEAT, WATER, S
from tests.node.tool import at_uplink, said
from tests.soak.hostile import quiet_node

pytestmark = pytest.mark.vm

SAMPLE = ("--community", "sample")


def table(output):
    return list(csv.DictReader(io.StringIO(output)))


def test_all_that_the_points_hold():
    with quiet_node(load("sample")) as node:
        meter = HeatMeter(
            node.clock, node.line(BUS), address=bytes.fromhex("11110017312151")[::-1]
        )
        asking.pulses(node, 7)
        node.run(6 * S)
        code, output, _ = at_uplink(node, ("read", *SAMPLE, "--csv"))[0]
        truth = meter.truth()["heat"]
    rows = {(row["point"], row["quantity"]): row for row in table(output)}
    assert code == 0
    water = rows["water-301", "volume"]
    assert (water["value"], water["unit"], water["error"]) == ("1234.57", "m3", "")
    assert (water["converter"], water["address"]) == (CONVERTER, WATER)
    assert rows["water-301", "pulses"]["value"] == "7"
    assert {row["starts"] for row in rows.values()} == {"1"}
    # What proves a reading stands beside it, of the same block.
    for name in ("status", "generation", "sequence", "loss_bound", "gap"):
        assert water[name] == rows["water-301", name]["value"] != ""
    heat = rows["heat-301", "energy"]
    assert heat["address"] == HEAT and heat["unit"] in ("kWh", "GJ") and heat["error"] == ""
    assert 0 < float(heat["value"]) <= truth.value
    assert float(rows["heat-301", "supply_temperature"]["value"]) > 0
    # The time is unknown, so a reading has none.
    assert heat["value_time"] == ""


def test_a_restart_shows_between_two_rounds():
    with quiet_node(load("sample")) as node:
        (first,) = at_uplink(node, ("read", *SAMPLE, "--csv", "water-301", "volume"))
        node.power_cut()
        node.run(3 * S)
        (second,) = at_uplink(node, ("read", *SAMPLE, "--csv", "water-301", "volume"))
    assert [table(told[1])[0]["starts"] for told in (first, second)] == ["1", "2"]


def test_what_is_read_is_reconciled_with_dials_that_have_no_offset(tmp_path):
    dials, collected = tmp_path / "dials.csv", tmp_path / "read.csv"
    written, lines = ["time,meter,dial,unit"], []
    with quiet_node(load("four-water")) as node:
        for counted in (0, 4, 9):
            asking.pulses(node, counted, gpio=load("four-water").board.pulse_inputs["pulse1"].gpio)
            read = ("read", "--community", "four-water", "--csv", "cold-501")
            ((_, output, _),) = at_uplink(node, read)
            lines += output.splitlines()[1 if lines else 0 :]
            row = next(row for row in table(output) if row["quantity"] == "volume")
            at = datetime.fromisoformat(row["time"]).replace(tzinfo=None).isoformat()
            written.append(f"{at},cold-501,{row['value']},m3")
            time.sleep(1.1)  # times are told to a second
    dials.write_text("\n".join(written))
    collected.write_text("\n".join(lines))
    files = ("--dials", str(dials), "--collected", str(collected), "--within", "0")
    assert "no offset from UTC" in said("reconcile", "four-water", *files)[2]
    code, output, _ = said("reconcile", "four-water", *files, "--dial-offset", "local", "--json")
    (meter,) = json.loads(output)["meters"]
    assert code == 0 and meter["accuracy"]["compared"] == meter["accuracy"]["agreed"] == 3
    assert meter["cause"] == "none"


def test_points_quantities_and_identifiers():
    with quiet_node(load("sample")) as node:
        asking.pulses(node, 3)
        told = at_uplink(
            node,
            ("read", *SAMPLE, "--json", "water-301", "volume", "00010000", "0400010C"),
            ("read", *SAMPLE, "--csv", "--address", CONVERTER, "water-301", "pulses"),
            ("read", *SAMPLE, "--json", "converter"),
            ("read", *SAMPLE, "--csv", "--every", "0", "--rounds", "3", "water-301", "volume"),
            ("read", *SAMPLE, "water-301"),
        )
    rows = [json.loads(line) for line in told[0][1].splitlines()]
    assert [(row["di"], row["value"], row["unit"]) for row in rows] == [
        ("E0000100", "1234.53", "m3"),
        ("00010000", "1234.53", "m3"),
        ("0400010C", "", ""),
    ]
    assert "no such data" in rows[2]["error"]
    assert [row["value"] for row in table(told[1][1])] == ["3"]
    own = {row["quantity"]: row["value"] for row in map(json.loads, told[2][1].splitlines())}
    assert own["asset_code"] == "SB26000001" and own["address"] == CONVERTER
    assert own["status"] == "256" and own["starts"] == "1"
    assert [row["value"] for row in table(told[3][1])] == ["1234.53"] * 3
    assert "1234.53" in told[4][1] and "well" in told[4][1]


def test_several_converters_and_who_is_there_instead():
    other = "000000000009"
    with quiet_node(load("sample")) as node:
        told = at_uplink(
            node,
            ("read", *SAMPLE, "--csv", "--tries", "1", "--address", other, "--address", CONVERTER,
             "water-301", "volume"),
            ("read", *SAMPLE, "--tries", "1", "--address", other, "water-301", "00010000"),
            ("read", *SAMPLE, "watr-301"),
            ("read", *SAMPLE, "--address", "9"),
        )  # fmt: skip
    code, output, sentence = told[0]
    assert [(row["converter"], row["value"], row["error"]) for row in table(output)] == [
        (other, "", "no answer"),
        (CONVERTER, "1234.50", ""),
    ]
    assert code == 1
    assert sentence.startswith(f"{other}: no answer at 2400 baud 8E1, asked once; here answers")
    assert CONVERTER in sentence
    assert "give the unit by --units" in told[1][2]
    assert "did you mean 'water-301'?" in told[2][2]
    assert "it has 12 digits" in told[3][2]


def test_nobody_there(tmp_path):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"socket://127.0.0.1:{server.getsockname()[1]}"
        code, _, sentence = said("read", url, *SAMPLE, "--tries", "1", "water-301")
    assert code == 1 and sentence.count("\n") == 0
    assert "no other address answers either: check wires" in sentence
    code, _, sentence = said("read", str(tmp_path / "none"), *SAMPLE)
    assert code == 1 and "there is no port" in sentence
