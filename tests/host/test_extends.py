"""Files that take over from others: what holds then, and what is wrong with the taking over."""

import re
from pathlib import Path

import pytest
from sibiao.config.constants import config_source
from sibiao.config.files.inherit import effective
from sibiao.config.load import load, read

from tests.host.written import refused, write

BLOCK = """schema = 1
extends = "sample"
without = ["points.water-301"]
title = "A block of three"
serial = "SB26000007"

[policy]
poll_every_s = 30

[defaults.point]
meter = "heat-cjt188-1f90"
wired_to = "bus"

[[dwellings]]
names = ["401..403"]
columns.plate = ["11110017312161", "11110017312162", "11110017312163"]

[[dwellings.points]]
name = "heat-{dwelling}"
address = "{n+400:012}"
meter_address = "{plate}"

[[points]]
name = "heat-402"
meter = "heat-cjt188-901f"
"""


def block(configs, text=BLOCK, name="block"):
    return write(configs / "communities", name, text)


def test_a_community_is_what_its_files_say_together(configs):
    whole = effective(block(configs))
    lines = {
        ("board",): ("sample", 4),
        ("title",): ("block", 4),
        ("policy", "poll_every_s"): ("block", 8),
        ("policy", "save", "every_pulses"): ("sample", 10),
        ("points", 0, "meter"): ("sample", 24),
        ("points", 1, "name"): ("block", 19),
        ("points", 1, "meter"): ("block", 11),
        ("points", 2, "meter"): ("block", 25),
        ("points", 2, "wired_to"): ("block", 12),
        ("points", 2, "meter_address"): ("block", 16),
    }
    assert {key: (whole.origins[key].file.stem, whole.origins[key].line) for key in lines} == lines
    community = load("block", configs).community
    assert community.address == "000000000001"
    assert [(p.name, p.meter, p.meter_address) for p in community.points] == [
        ("heat-301", "heat-cjt188-1f90", "11110017312151"),
        ("heat-401", "heat-cjt188-1f90", "11110017312161"),
        ("heat-402", "heat-cjt188-901f", "11110017312162"),
        ("heat-403", "heat-cjt188-1f90", "11110017312163"),
    ]


def test_the_device_sees_nothing_of_it(configs):
    """Word for word the constants of the same community written out."""
    block(configs)
    sample = (configs / "communities" / "sample.toml").read_text(encoding="utf-8")
    head = sample.partition("[[points]]")[0].replace("poll_every_s = 2\n", "poll_every_s = 30\n")
    text = head.replace("SB26000001", "SB26000007")
    for name, at, plate, meter in (
        ("heat-301", 302, 51, "1f90"),
        ("heat-401", 401, 61, "1f90"),
        ("heat-402", 402, 62, "901f"),
        ("heat-403", 403, 63, "1f90"),
    ):
        text += f'[[points]]\nname = "{name}"\naddress = "{at:012}"\nwired_to = "bus"\n'
        text += f'meter = "heat-cjt188-{meter}"\nmeter_address = "111100173121{plate}"\n'
    short = config_source(load("block", configs))
    block(configs, text)
    assert config_source(load("block", configs)) == short


def test_boards_and_meters_and_uplinks_extend_too(configs):
    head = "schema = 1\nextends = "
    write(
        configs / "boards",
        "bare",
        f'{head}"pico-four-meters"\nwithout = ["rtc", "pulse_inputs.cable"]\nled = 20\n',
    )
    board, base = read("boards", "bare", configs), read("boards", "pico-four-meters", configs)
    inputs = {name: pin for name, pin in base.pulse_inputs.items() if name != "cable"}
    assert board == base.model_copy(update={"rtc": None, "led": 20, "pulse_inputs": inputs})

    write(
        configs / "meters",
        "fine",
        f'{head}"water-reed-10l"\nweight = {{ exponent = -3 }}\n[alarms]\nover_flow_s = 5\n',
    )
    meter, base = read("meters", "fine", configs), read("meters", "water-reed-10l", configs)
    assert (meter.weight.numerator, meter.weight.exponent) == (1, -3)
    assert meter.alarms == base.alarms.model_copy(update={"over_flow_s": 5})

    row = '{ di = "E0**7F00", quantity = "volume", format = "XXXXXXXX", unit = "L" }'
    write(configs / "uplinks", "more", f'{head}"virtual-meter"\nidentifiers = [{row}]\n')
    more, base = (read("uplinks", name, configs) for name in ("more", "virtual-meter"))
    assert (more.line, more.services, more.writes) == (base.line, base.services, base.writes)
    own = [r for r in more.identifiers if r.file == "more"]
    assert [r.di for r in own] == ["E0**7F00"]
    assert len(more.identifiers) == len(base.identifiers) + 1


def test_the_page_that_tells_of_it_holds(configs):
    page = Path(__file__).parents[2] / "docs" / "configuration.md"
    (text,) = (
        t
        for t in re.findall(r"```toml\n(.*?)```", page.read_text("utf-8"), re.S)
        if "extends" in t
    )
    block(configs, text)
    loaded = load("block", configs)
    points = loaded.community.points
    assert config_source(loaded)
    assert len(points) == 26
    assert {p.name: p.meter for p in points}["heat-0412"] == "heat-cjt188-901f"
    assert (points[-1].name, points[-1].address) == ("heat-attic", "000000000725")


def test_a_base_has_a_base(configs):
    block(configs)
    block(configs, 'schema = 1\nextends = "block"\ntitle = "Next"\n', "next")
    assert load("next", configs).community.points == load("block", configs).community.points
    assert load("next", configs).community.title == "Next"


HEAD = "schema = 1\n"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            'extends = "block"\n',
            [
                (
                    "block.toml:2:1: 'block' extends itself: block -> block; take extends "
                    "out of one of them"
                )
            ],
        ),
        (
            'extends = "sampel"\n',
            [
                (
                    "block.toml:2:1: extends: there is no 'sampel' among the communities; "
                    "did you mean 'sample'?"
                )
            ],
        ),
        (
            "extends = 3\n",
            [("block.toml:2:1: extends: 3 is no name; it is the name of one of the communities")],
        ),
        (
            'without = ["rtc"]\n',
            [
                (
                    "block.toml:2:1: without says what is not taken over from a base, and "
                    'there is none; set extends = "NAME", too'
                )
            ],
        ),
        (
            'extends = "sample"\nwithout = ["policy.safe", "points.heat-302", 5]\npolicy = 3\n',
            [
                (
                    "block.toml:3:12: without: the base has no 'policy.safe'; policy "
                    "holds save, poll_every_s, poll_silent_every_s; did you mean 'save'?"
                ),
                (
                    "block.toml:3:27: without: the base has no 'points.heat-302'; points "
                    "holds water-301, heat-301; did you mean 'heat-301'?"
                ),
                'block.toml:3:46: without: 5 is no key; ["rtc"], for example',
                (
                    "block.toml:4:1: policy is 3, and a table in "
                    "sample.toml:9:2, which this extends; both must be of one kind; or "
                    'take it out of the base: without = ["policy"]'
                ),
            ],
        ),
        (
            'extends = "sample"\n[defaults]\npoints = { wired_to = "bus" }\n',
            [
                (
                    "block.toml:3:2: defaults holds something else than the table "
                    "[defaults.point]; there are no other defaults"
                )
            ],
        ),
    ],
)
def test_mistakes_are_told_by_line_and_column(configs, text, lines):
    path = block(configs, HEAD + text)
    assert refused(lambda: effective(path), path.parent) == lines


def test_a_base_that_there_is_not(configs):
    for path in (configs / "uplinks").glob("r*.toml"):
        path.unlink()
    path = write(configs / "uplinks", "mine", f'{HEAD}extends = "zzz"\ninclude = ["zzz"]\n')
    assert refused(lambda: effective(path), path.parent) == [
        f"mine.toml:{at}: there is no 'zzz' among the uplinks; there are: by-converter, "
        "clou-2016, collector, plc, sealed, virtual-meter"
        for at in ("2:1: extends", "3:12: include")
    ]


def test_defaults_and_points_that_clash(configs):
    text = 'schema = 1\nextends = "sample"\n[defaults.point]\nline = { baud = 9600 }\n'
    path = block(configs, text + '[[points]]\nname = "heat-301"\nline = 9600\n')
    assert refused(lambda: effective(path), path.parent) == [
        (
            "block.toml:7:1: defaults.point.line is 9600, and a table in block.toml:4:1; both "
            "must be of one kind"
        )
    ]


def test_a_cycle_is_told_by_its_way(configs):
    for name, base in (("a", "b"), ("b", "c"), ("c", "b")):
        block(configs, f'{HEAD}extends = "{base}"\n', name)
    assert refused(
        lambda: effective(configs / "communities" / "a.toml"), configs / "communities"
    ) == ["c.toml:2:1: 'b' extends itself: b -> c -> b; take extends out of one of them"]


def test_two_points_of_one_name_in_one_file_stay_two(configs):
    point = '[[points]]\nname = "heat-301"\naddress = "000000000555"\n'
    path = block(configs, f'{HEAD}extends = "sample"\n{point}{point}')
    names = [p["name"] for p in effective(path).data["points"]]
    assert names == ["water-301", "heat-301", "heat-301"]


def test_what_the_schema_refuses_of_a_dwelling_stands_at_its_template(configs):
    text = BLOCK.replace('"{n+400:012}"', '"{n+400:010}"')
    lines = refused(lambda: load(str(block(configs, text))), configs / "communities")
    assert lines and all(line.startswith("block.toml:20:1: ") for line in lines)
