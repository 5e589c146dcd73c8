"""The tables of `sibiao read`, at the width of a small terminal."""

from rich.console import Console
from sibiao.reader.collect import COLUMNS, Reading
from sibiao.reader.shown import tables


def reading(point, quantity, value, **others):
    given = {"time": "2026-11-26T05:12:16+00:00", "converter": "000000003004", "status": "0"}
    given |= {"point": point, "quantity": quantity, "value": value} | others
    return Reading(**(dict.fromkeys(COLUMNS, "") | given))


def drawn(*readings):
    console = Console(width=80, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(tables(readings))
    return console.export_text().splitlines()


def test_a_long_name_and_a_long_value_stay_whole():
    lines = drawn(
        reading("heat-01", "return_temperature", "46.16", value_time="2026-11-26T05:12:10"),
        reading("heat-01", "settlement_energy", "46.16", value_time="2026-11-25T23:59:59"),
        reading("heat-01", "meter_time", "110105152600", status="9"),
        reading("heat-01", "meter_time", "20110105152600"),
        reading("heat-01", "meter_time", "50105152600"),
    )  # fmt: skip
    text = "\n".join(lines)
    assert " return temperature " in text and " 05:12:10 " in text
    assert " 2026-11-25 23:59:59" in text
    assert text.count("2011-01-05 15:26:00") == 2 and "2005-01-05 15:26:00" in text
    assert max(map(len, lines)) <= 80


def test_empty_columns_are_left_out_and_a_status_is_told_once_in_words():
    text = "\n".join(
        drawn(
            reading("water", "volume", "1.23", unit="m3", status="9"),
            reading("water", "status", "9", status="9"),
            reading("water", "flow", "", error="unknown", status="9"),
            reading("heat", "flow", "1.23"),
        )
    )
    assert "its time" not in text and "unknown" in text
    assert text.count("status") == 2 and "silent, gap" in text and "well" in text


def test_a_status_asked_for_alone_is_told():
    assert "silent, gap" in "\n".join(drawn(reading("water", "status", "9", status="")))


def test_each_converter_has_a_table():
    lines = drawn(
        reading("water", "volume", "1.23"), reading("water", "volume", "4.56", converter="7")
    )
    assert sum("quantity" in line for line in lines) == 2
