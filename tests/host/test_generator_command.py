"""`sibiao generator`: what it says without a generator."""

import json

import pytest

from tests.node.tool import said


def test_wiring_by_community():
    code, output, _ = said("generator", "wiring", "four-water", "--json")
    rows = [(row["generator"], row["module"]) for row in json.loads(output)]
    assert code == 0
    assert rows == [
        ("GND", "GND"),
        ("GP2", "GP15"),
        ("GP3", "GP14"),
        ("GP4", "GP13"),
        ("GP5", "GP12"),
        ("GP10", "GP25"),
        ("GP6", "supply"),
    ]
    assert "pulse4: a contact to ground" in said("generator", "wiring", "four-water")[1]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("state", "nowhere"), "there is no port nowhere"),
        (("install", "nowhere"), "there is no port nowhere"),
        (("play", "nowhere"), "there is no port nowhere"),
        (
            ("play", "nowhere", "--fault", "gremlins"),
            "'gremlins' is none of clean, ",
        ),
        (("play", "nowhere", "--rate", "40"), "choose a lower rate"),
    ],
)
def test_what_is_wrong_is_one_sentence(arguments, sentence):
    code, _, error = said("generator", *arguments)
    assert code == 1 and sentence in error and "\n" not in error
