"""Units of a CSV file: a row is a configuration, and every mistake is told by row and column."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from sibiao.cli import cli
from sibiao.config.constants import config_source
from sibiao.config.load import load
from sibiao.config.units.table import read_units, unit_named
from sibiao.config.units.unit import columns, template, unit_of
from sibiao.errors import SibiaoError

from tests.host.written import refused, run

SAMPLE = load("sample")
HEADER = (
    "serial,address,water-301.address,water-301.base_reading,water-301.dwelling,"
    "heat-301.address,heat-301.meter_address\n"
)
FIRST = "SB26000001,000000000001,000000000301,1234.50,1-301,000000000302,11110017312151\n"
SECOND = "SB26000002,000000000002,000000000303,99999.99,1-302,000000000304,11110017312152\n"


def table(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "units.csv"
    path.write_text(text, encoding=encoding)
    return path


def lines(tmp_path, text, loaded=SAMPLE):
    return refused(lambda: read_units(loaded, table(tmp_path, text)), tmp_path)


def test_a_row_is_a_configuration(tmp_path):
    units = read_units(SAMPLE, table(tmp_path, HEADER + FIRST + SECOND))
    assert config_source(unit_of(SAMPLE, units[0])) == config_source(SAMPLE)
    second = unit_of(SAMPLE, units[1])
    assert second.community.model_dump() != SAMPLE.community.model_dump()
    values = {}
    exec(config_source(second), values)
    assert values["SERIAL"] == b"SB26000002"
    assert values["ADDRESS"] == bytes.fromhex("020000000000")
    assert [point[0].hex() for point in values["POINTS"]] == ["030300000000", "040300000000"]
    assert values["PULSES"][0][6] == 9999999
    assert bytes.fromhex("52213117001111") in values["BUSES"][0][-1][0][-1]


def test_the_page_that_tells_of_it_holds(tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "units.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```csv\n(.*?)```", page, re.S)
    assert len(read_units(SAMPLE, table(tmp_path, example))) == 2
    told = {name.rpartition(".")[2] for name in re.findall(r"`([A-Za-z_.]+)`[^\n|]* \|", page)}
    assert {column.key for column in columns(SAMPLE)} <= told


def test_the_template_is_the_community_itself(tmp_path):
    text = io.StringIO()
    csv.writer(text).writerows(template(SAMPLE))
    (unit,) = read_units(SAMPLE, table(tmp_path, text.getvalue()))
    assert unit_of(SAMPLE, unit) == SAMPLE


def test_as_spreadsheets_write_it(tmp_path):
    """With a byte order mark, columns in another order, spaces, empty rows and quotation marks."""
    rows = [row.split(",") for row in (HEADER + FIRST + SECOND).splitlines()]
    text = "\r\n".join(",".join(f'" {cell} "' for cell in reversed(row)) for row in rows)
    text = text.replace("\r\n", "\r\n,,,,,,\r\n", 1)
    units = read_units(SAMPLE, table(tmp_path, text, "utf-8-sig"))
    assert [unit.serial for unit in units] == ["SB26000001", "SB26000002"]
    assert config_source(unit_of(SAMPLE, units[0])) == config_source(SAMPLE)


def test_every_mistake_of_every_row_in_one_run(tmp_path):
    text = HEADER + FIRST
    text += "sb26000002,1,000000000303,99999.995,,999999999999,1.11100173E+13\n"
    text += "SB26000001,000000000003,000000000301,,1-302,000000000003,11110017312151\n"
    text += "SB26000004,000000000004\n"
    text += "SB26000005,000000000005,000000000305,-1,,000000000306,1111001731215\n"
    assert lines(tmp_path, text) == [
        "units.csv:3:1: serial: 'sb26000002' must be 4 to 16 capital letters and digits",
        (
            "units.csv:3:2: address: '1' must be 12 decimal digits, most significant first; a "
            "spreadsheet took it for a number: give the column the format Text and enter it anew"
        ),
        (
            "units.csv:3:4: water-301.base_reading: '99999.995' does not fit the dial of "
            "'water-reed-10l': 7 digits, 2 of them decimals"
        ),
        "units.csv:3:6: heat-301.address: '999999999999' is the address of all stations at once",
        (
            "units.csv:3:7: heat-301.meter_address: '1.11100173E+13' must be 14 digits, most "
            "significant first (F for a digit that the meter leaves out), or of an M-Bus meter "
            "its primary address; a spreadsheet took it for a number: give the column the format "
            "Text and enter it anew"
        ),
        "units.csv:4:1: serial: 'SB26000001' is that of row 2, too; each needs its own",
        (
            "units.csv:4:3: water-301.address: '000000000301' is that of row 2, too; each needs "
            "its own"
        ),
        "units.csv:4:4: water-301.base_reading: is empty, and every unit needs it",
        (
            "units.csv:4:6: heat-301.address: '000000000003' is that of row 4, address, too; each "
            "needs its own"
        ),
        (
            "units.csv:4:7: heat-301.meter_address: '11110017312151' is that of row 2, too; each "
            "needs its own"
        ),
        (
            "units.csv:5:1: the row has 2 cells, and the header has 7; see to commas and "
            "quotation marks"
        ),
        (
            "units.csv:6:4: water-301.base_reading: '-1' does not fit the dial of "
            "'water-reed-10l': 7 digits, 2 of them decimals"
        ),
        (
            "units.csv:6:7: heat-301.meter_address: '1111001731215' must be 14 digits, most "
            "significant first (F for a digit that the meter leaves out), or of an M-Bus meter "
            "its primary address; a spreadsheet took it for a number: give the column the format "
            "Text and enter it anew"
        ),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            HEADER.replace("serial,", "serial,serial,").replace("water-301.dw", "water-31.dw"),
            [
                "units.csv:1:2: column 'serial' stands twice",
                (
                    "units.csv:1:6: 'water-31.dwelling' is no column of community 'sample'; there "
                    "are: serial, address, production_date, water-301.address, "
                    "water-301.base_reading, water-301.dwelling, heat-301.address, "
                    "heat-301.meter_address, heat-301.dwelling; did you mean 'water-301.dwelling'?"
                ),
            ],
        ),
        (
            "serial,address,heat-301.address\n",
            [
                (
                    "units.csv:1:1: the header lacks water-301.address, water-301.base_reading, "
                    "heat-301.meter_address; sibiao config units sample --template writes a whole "
                    "one"
                )
            ],
        ),
        (HEADER, ["units.csv:2:1: there is no unit; a row below the header each"]),
        (
            HEADER + FIRST + '"SB2',
            ["units.csv:3:1: not CSV: unexpected end of data"],
        ),
    ],
)
def test_a_file_that_is_no_table_of_units(tmp_path, text, said):
    assert lines(tmp_path, text) == said


def test_a_file_of_another_encoding_is_refused(tmp_path):
    path = table(tmp_path, HEADER + FIRST.replace("1-301", "一栋"), "gb18030")
    with pytest.raises(SibiaoError, match="is not UTF-8 text; save it as CSV UTF-8"):
        read_units(SAMPLE, path)


def test_meters_of_one_m_bus_are_told_apart_within_a_unit_only(configs):
    """A primary address is of its bus: the next unit may have it again."""
    path = configs / "communities" / "sample.toml"
    text = path.read_text(encoding="utf-8").partition("[[points]]")[0]
    for n, asked in ((1, 'meter_address = "1"'), (2, 'meter_address = "2"')):
        text += f'[[points]]\nname = "w{n}"\naddress = "{n + 1:012}"\nmeter = "water-mbus"\n'
        text += f'wired_to = "bus"\n{asked}\n'
    path.write_text(text, encoding="utf-8")
    loaded = load("sample", configs)
    header = "serial,address,w1.address,w1.meter_address,w2.address,w2.meter_address\n"
    good = "SB01,{0}01,{0}02,1,{0}03,2\nSB02,{0}04,{0}05,1,{0}06,2\n".format("0" * 10)
    assert len(read_units(loaded, table(configs, header + good))) == 2
    bad = good.replace("05,1,", "05,02,").replace("02,1,", "02,251,")
    assert lines(configs, header + bad, loaded) == [
        "units.csv:2:4: w1.meter_address: '251' is no primary address of an M-Bus meter, 0 to 250",
        (
            "units.csv:3:6: w2.meter_address: '2' is that of row 3, w1.meter_address, too; each "
            "needs its own"
        ),
    ]


def test_digits_are_those_of_the_wire(tmp_path):
    """Other scripts have digits, too; no frame has."""
    text = HEADER + FIRST.replace("000000000001", "00000000000١")
    (line,) = lines(tmp_path, text)
    assert "units.csv:2:2: address: '00000000000١' must be 12 decimal digits" in line


_cells = st.one_of(
    st.sampled_from(FIRST.strip().split(",")),
    st.text('019 F.-+E"\n,é٣', max_size=6),
    st.sampled_from(("NaN", "1E3", "Infinity", "٣٣٣", "00000000000٣", "-0", "1_0")),
)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), _cells), max_size=2))
def test_any_table_is_taken_or_refused_in_words(tmp_path_factory, changes):
    """And what is taken, compiles."""
    rows = [SECOND.strip().split(",")]
    for at, cell in changes:
        rows[0][at] = cell
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes((HEADER + FIRST + text.getvalue()).encode())
    try:
        units = read_units(SAMPLE, path)
    except SibiaoError as error:
        assert "any.csv" in str(error)
    else:
        for unit in units:
            config_source(unit_of(SAMPLE, unit))


def test_the_command(monkeypatch, configs):
    text = run(monkeypatch, configs, "config", "units", "sample", "--template")
    path = table(configs, text)
    shown = run(monkeypatch, configs, "config", "units", "sample", path, "--check")
    assert shown == f"{path}: 1 unit of sample, all well\n"
    shown = run(monkeypatch, configs, "config", "units", "sample", path, "--json")
    assert json.loads(shown)["heat-301.meter_address"] == "11110017312151"
    shown = run(monkeypatch, configs, "config", "units", "sample", path)
    assert "11110017312151" in shown and "1234.50" in shown


def test_flash_takes_one_unit(monkeypatch, tmp_path):
    """The unit is looked for before the port is touched."""
    path = table(tmp_path, HEADER + FIRST + SECOND)
    assert unit_named(SAMPLE, path, "SB26000002").serial == "SB26000002"
    args = ["flash", "sample", "--port", str(tmp_path / "none"), "--unit", "SB26000003"]
    done = CliRunner().invoke(cli, [*args, "--units", str(path)])
    assert "holds no unit 'SB26000003'; did you mean 'SB26000002'?" in str(done.exception)
    done = CliRunner().invoke(cli, args)
    assert "--unit and --units go together" in done.output
