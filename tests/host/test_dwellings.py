"""Tables of identical dwellings: which points come out, and what is wrong with a table."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sibiao.config.files.document import Document, parse
from sibiao.config.files.dwellings import expanded
from sibiao.config.files.tree import document, tree

from tests.host.written import write


def points(text):
    problems = []
    found = expanded(tree(Document(Path("f"), tomllib.loads(text))), problems)
    assert not problems, problems
    return [document(Path("f"), each).data for each in found]


def said(tmp_path, text):
    problems = []
    expanded(tree(parse(write(tmp_path, "block", text))), problems)
    return [str(each).removeprefix(f"{tmp_path}/") for each in problems]


BLOCK = """
[[dwellings]]
names = ["0301..0303", "attic"]
first = 11
columns.heat = ["1111", "1112", "1113", "1114"]

[[dwellings.points]]
name = "cold-{dwelling}"
address = "{2n-1:012}"
wired_to = ["pulse{2n-21}", "pulse{2n-20}"]
max_flow_m3_per_h = 2.5

[[dwellings.points]]
name = "heat-{dwelling}"
address = "{2n:012}"
meter_address = "0000{heat}"
line = { baud = 9600 }
"""


def test_a_block_is_plain_points():
    found = points(BLOCK)
    assert [p["name"] for p in found] == [
        f"{kind}-{d}" for d in ("0301", "0302", "0303", "attic") for kind in ("cold", "heat")
    ]
    assert found[0] == {
        "name": "cold-0301",
        "address": "000000000021",
        "wired_to": ["pulse1", "pulse2"],
        "max_flow_m3_per_h": 2.5,
    }
    assert found[-1] == {
        "name": "heat-attic",
        "address": "000000000028",
        "meter_address": "00001114",
        "line": {"baud": 9600},
    }


def test_a_value_stands_where_its_template_or_its_column_has_it(tmp_path):
    root = tree(parse(write(tmp_path, "block", BLOCK)))
    heat = expanded(root, [])[1]
    lines = {key: (node.origin.line, node.origin.column) for key, node in heat.items()}
    assert lines == {
        "name": (14, 1),
        "address": (15, 1),
        "meter_address": (5, 17),
        "line": (17, 1),
    }


@given(st.integers(0, 9000), st.integers(1, 40), st.integers(1, 4), st.integers(0, 500))
def test_every_dwelling_has_every_point_once(low, count, kinds, first):
    text = f'[[dwellings]]\nnames = ["{low:04}..{low + count - 1:04}"]\nfirst = {first}\n'
    for kind in range(kinds):
        text += "[[dwellings.points]]\n"
        text += f'name = "p{kind}-{{dwelling}}"\naddress = "{{{kinds}n+{kind}:012}}"\n'
    found = points(text)
    assert len(found) == count * kinds
    assert len({p["name"] for p in found}) == count * kinds
    numbers = [int(p["address"]) for p in found]
    assert numbers == list(range(kinds * first, kinds * (first + count)))


TEMPLATE = '[[dwellings.points]]\nname = "heat-{dwelling}"\n'


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            "dwellings = 3\n",
            ["block.toml:1:1: dwellings is no list of tables; write [[dwellings]]"],
        ),
        (
            '[[dwellings]]\nname = ["301"]\n' + TEMPLATE,
            [
                (
                    "block.toml:2:1: dwellings: 'name' is no key; there are: names, first, "
                    "columns, points; did you mean 'names'?"
                ),
                (
                    'block.toml:1:1: dwellings without names; names = ["301", "401..412"], for '
                    "example"
                ),
            ],
        ),
        (
            '[[dwellings]]\nnames = ["301"]\n',
            ["block.toml:1:1: dwellings without points; write [[dwellings.points]] below it"],
        ),
        (
            '[[dwellings]]\nnames = ["301..303", 7,\n"99..101", "12..11", "302"]\n' + TEMPLATE,
            [
                'block.toml:2:22: dwellings: 7 is no name; names are texts: "301", or "301..306"',
                (
                    "block.toml:3:1: dwellings: '99..101' is no range; both ends need the same "
                    "digits, the first the smaller, 1000 at most between"
                ),
                (
                    "block.toml:3:12: dwellings: '12..11' is no range; both ends need the same "
                    "digits, the first the smaller, 1000 at most between"
                ),
                (
                    "block.toml:3:22: dwelling '302' stands twice; each has a name of its own; it "
                    "came first in block.toml:2:10"
                ),
            ],
        ),
        (
            '[[dwellings]]\nnames = ["1", "2"]\nfirst = "a"\n[dwellings.columns]\nheat = ["1"]\n'
            'n = ["1", "2"]\n' + TEMPLATE,
            [
                "block.toml:3:1: dwellings: first is 'a'; it is a number",
                (
                    "block.toml:5:1: dwellings: column 'heat' has 1 values; there are 2 "
                    "dwellings, each needs one"
                ),
                (
                    "block.toml:6:1: dwellings: column 'n' cannot be; a column is a list, and has "
                    "another name than n and dwelling"
                ),
            ],
        ),
        (
            '[[dwellings]]\nnames = ["1", "2"]\n[[dwellings.points]]\nname = "heat"\n',
            [
                (
                    "block.toml:4:1: point 'heat' would stand 2 times; each has a name of its "
                    'own; write name = "heat-{dwelling}"'
                )
            ],
        ),
        (
            '[[dwellings]]\nnames = ["1"]\n'
            + TEMPLATE
            + 'address = "{dweling}"\nwired_to = "p{n-2}"',
            [
                (
                    "block.toml:5:1: {dweling} stands for nothing ('{dweling}', dwelling '1'); "
                    "there are {n}, {dwelling}, and numbers such as {2n-1} and {n+300:012}; did "
                    "you mean 'dwelling'?"
                ),
                (
                    "block.toml:6:1: {n-2} is below 0 here ('p{n-2}', dwelling '1'); there are "
                    "{n}, {dwelling}, and numbers such as {2n-1} and {n+300:012}"
                ),
            ],
        ),
    ],
)
def test_mistakes_are_told_by_line_and_column(tmp_path, text, lines):
    assert [each.replace(f"{tmp_path}/", "") for each in said(tmp_path, text)] == lines
