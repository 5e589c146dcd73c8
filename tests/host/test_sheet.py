"""The sheet of each community: it says all, needs nothing beside it, and does not hide what was
never proven."""

import html
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from sibiao.cli import cli
from sibiao.config.load import load, names
from sibiao.sheet import boards
from sibiao.sheet.page import sheet
from sibiao.sheet.picture import picture
from sibiao.sheet.wiring import groups, pin_name

DOCS = Path(__file__).parents[2] / "docs"
SVG = "{http://www.w3.org/2000/svg}"
EXAMPLE = "electronic-outputs"

every_community = pytest.mark.parametrize("name", names("communities"))


def texts(drawn):
    return ["".join(node.itertext()) for node in ElementTree.fromstring(drawn).iter(f"{SVG}text")]


@every_community
def test_html_and_markdown_say_all_of_a_community(name):
    loaded = load(name)
    made = sheet(loaded)
    for kind in ("html", "md"):
        text = html.unescape(made[f"{name}.{kind}"])
        said = [loaded.community.title, loaded.community.serial, loaded.community.address]
        for point in loaded.community.points:
            said += [point.name, point.address, loaded.meters[point.meter].title]
            said += [a for a in (point.meter_address, point.secondary_address) if a]
        said += [pin_name(loaded, w.gpio) for group in groups(loaded) for w in group.wires]
        assert [word for word in said if word not in text] == []


@every_community
def test_the_page_needs_nothing_beside_it(name):
    text = sheet(load(name))[f"{name}.html"]
    assert re.findall(r"<(?:link|script|img|iframe)\b|url\(|@import|\b(?:src|href)=", text) == []
    assert set(re.findall(r"https?://[^\"' <]+", text)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"\b(None|nan|Undefined)\b", text)


@every_community
def test_each_row_of_a_markdown_table_has_its_columns(name):
    text = sheet(load(name))[f"{name}.md"].replace("\\|", "")
    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert len(tables) >= 6
    for table in tables:
        assert len({line.count("|") for line in table.splitlines()}) == 1, table


@every_community
def test_the_picture_draws_a_wire_for_each_used_pin_of_an_edge(name):
    loaded = load(name)
    drawn = picture(loaded)
    wires = [w for group in groups(loaded) for w in group.wires]
    edges = loaded.board.edges
    there = {*edges.left, *edges.right} if edges else {w.gpio for w in wires}
    root = ElementTree.fromstring(drawn)
    coloured = [p for p in root.iter(f"{SVG}path") if p.get("stroke-width") == "2.2"]
    assert len(coloured) == sum(w.gpio in there for w in wires)
    assert len({p.get("d") for p in coloured}) == len(coloured)
    for group in groups(loaded):
        assert any(group.title in text for text in texts(drawn)), group.title


@every_community
def test_boxes_and_wires_stay_within_the_picture(name):
    root = ElementTree.fromstring(picture(load(name)))
    _, _, width, height = map(float, root.get("viewBox").split())
    boxes = [
        tuple(float(r.get(k)) for k in ("x", "y", "width", "height"))
        for r in root.iter(f"{SVG}rect")
        if r.get("x") and r.get("fill") == "#fff"
    ]
    assert boxes
    for x, y, w, h in boxes:
        assert x >= 0 and y >= 48 and x + w <= width and y + h <= height
    for n, (x, y, w, h) in enumerate(boxes):
        for u, v, p, q in boxes[n + 1 :]:
            assert x + w <= u or u + p <= x or y + h <= v or v + q <= y, "boxes overlap"


def test_what_never_ran_on_its_chip_is_said_on_every_page():
    for name in names("communities"):
        loaded = load(name)
        made = sheet(loaded)
        if loaded.board.verified is False:
            assert "NOT VERIFIED" in made[f"{name}.html"]
            assert "NOT VERIFIED" in made[f"{name}.svg"]
            assert "never ran" in made[f"{name}.md"]
        else:
            assert "NOT VERIFIED" not in made[f"{name}.html"]


def test_texts_are_escaped():
    loaded = load("sample")
    community = loaded.community.model_copy(update={"title": "<b>A & B | C</b>"})

    made = sheet(replace(loaded, community=community))
    assert "<b>A &" not in made["sample.html"] and "&lt;b&gt;A &amp; B" in made["sample.html"]
    ElementTree.fromstring(made["sample.svg"])


def test_the_command_writes_three_files(tmp_path):
    out = tmp_path / "sheets"
    result = CliRunner().invoke(cli, ["config", "doc", "sample", "-o", str(out)])
    assert result.exit_code == 0, result.output
    assert {p.name for p in out.iterdir()} == {"sample.md", "sample.html", "sample.svg"}


def test_the_pages_in_docs_are_current():
    """Made by `sibiao config boards` and `sibiao config doc electronic-outputs`."""
    assert (DOCS / "boards.md").read_text(encoding="utf-8") == boards.page()
    assert (DOCS / "wiring.svg").read_text(encoding="utf-8") == picture(load(EXAMPLE))
