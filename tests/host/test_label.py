"""Labels: read back by a decoder that is not ours, and nothing of a unit left out."""

import io
import xml.etree.ElementTree as ET

import pytest
import zxingcpp
from click.testing import CliRunner
from PIL import Image
from sibiao.commands.label import command
from sibiao.errors import SibiaoError
from sibiao.label import drawn
from sibiao.label.unit import Unit
from sibiao.ledger.file import Ledger

UNIT = Unit("SB26000001", "000000000001", (("water-301", "000000000301"),))


def run(*arguments):
    result = CliRunner().invoke(command, arguments)
    if result.exception and not isinstance(result.exception, SibiaoError | SystemExit):
        raise result.exception
    return result.output, str(result.exception or "")


@pytest.mark.parametrize("serial", ["SB26", "SB26000001", "ABCDEFGH12345678"])
def test_a_scanner_reads_it(serial):
    unit = Unit(serial, "123456789012", UNIT.points)
    image = Image.open(io.BytesIO(drawn.png(unit)))
    assert [found.text for found in zxingcpp.read_barcodes(image)] == [unit.code]
    assert unit.code == f"SIBIAO {serial} 123456789012"
    assert image.info["dpi"] == pytest.approx((300, 300), abs=1)


def test_the_same_modules_in_both():
    path = ET.fromstring(drawn.svg(UNIT)).find("{*}path").get("d")
    squares = {tuple(map(int, each.split("h")[0].split())) for each in path.split("M")[1:]}
    size = len(drawn._modules(UNIT))
    image = Image.new("1", (8 * size, 8 * size), 1)
    for x, y in squares:
        image.paste(0, (8 * x, 8 * y, 8 * x + 8, 8 * y + 8))
    assert zxingcpp.read_barcodes(image)[0].text == UNIT.code


@pytest.mark.parametrize("points", [1, 2, 24])
def test_every_line_stands_within_the_label(points):
    named = tuple((f"heat-{n}", f"{n:012}") for n in range(points))
    unit = Unit("SB26000001", "000000000001", named, "2026-11-05")
    height = drawn.size_mm(unit)[1]
    root = ET.fromstring(drawn.svg(unit))
    texts = root.findall("{*}g/{*}text")
    assert [each.text for each in texts] == list(unit.lines)
    assert len(unit.lines) == 3 + points
    assert all(float(each.get("y")) < height for each in texts)
    # Ink stands clear of the edges, so no text is cut off.
    image = Image.open(io.BytesIO(drawn.png(unit))).convert("L").point(lambda v: 255 - v)
    left, top, right, bottom = image.getbbox()
    assert left > 0 and top > 0 and right < image.width and bottom < image.height


def test_of_units_and_of_the_ledger(tmp_path):
    from sibiao.config.load import load
    from sibiao.config.units.unit import template

    units = tmp_path / "units.csv"
    rows = [",".join(row) for row in template(load("sample"))]
    second = rows[1].replace("SB26000001", "SB26000002")
    for old, new in (
        ("000000000001", "000000000002"),
        ("000000000301", "000000000303"),
        ("000000000302", "000000000304"),
        ("11110017312151", "11110017312152"),
    ):
        second = second.replace(old, new)  # fmt: skip
    units.write_text("\n".join([*rows, second]), encoding="utf-8")
    output, _ = run("sample", "--units", str(units), "-o", str(tmp_path / "labels"))
    assert len(output.splitlines()) == 2
    text = (tmp_path / "labels" / "SB26000002.svg").read_text(encoding="utf-8")
    assert "SIBIAO SB26000002" in text and "000000000304 heat-301" in text
    output, _ = run(
        "sample", "--units", str(units), "--unit", "SB26000002", "-o", str(tmp_path / "one")
    )
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["SB26000002.svg"]

    ledger = Ledger(tmp_path / "l.jsonl")
    data = {"address": "000000000007", "points": {"cold": {"address": "000000000008"}}}
    ledger.append("provision", "SB26000007", "test", data)
    ledger.append("repaired", "", "test", {"bytes": 1})
    kept = ("--ledger", str(ledger.path), "-o", str(tmp_path / "kept"), "--format", "png")
    assert "SB26000007.png" in run("--rows", "1-", *kept)[0]
    assert "none of these rows" in run("--rows", "2", *kept)[1]
    assert "write 7, 100-180" in run("--rows", "x", *kept)[1]
    assert "SB26000001.svg" in run("sample", "-o", str(tmp_path))[0]
