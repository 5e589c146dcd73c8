"""`sibiao config explain`, `diff` and `variants`: what holds, what set it, what really differs."""

import json

import pytest
from sibiao.config import load
from sibiao.config.compare import differences, traits, variants
from sibiao.config.values import below, values
from sibiao.errors import SibiaoError

from tests.host.written import run, write


def community(configs, name, *changes, base="sample"):
    """The same but for the changes, and always in who it is."""
    text = (configs / "communities" / f"{base}.toml").read_text(encoding="utf-8")
    number = f"{len(list((configs / 'communities').iterdir())):04}"
    identity = [("SB2600", "SB27" + number[2:]), ('"11110017312151"', f'"1111001731{number}"')]
    for before, after in [*identity, *changes]:
        assert before in text or (before, after) in identity
        text = text.replace(before, after)
    return write(configs / "communities", name, text)


def differing(configs, path):
    """Between the sample and another."""
    return differences(*(traits(load.load(name, configs)) for name in ("sample", path.stem)))


def test_every_value_that_is_set_is_told_with_its_place(configs):
    """Against the files' own lines."""
    found = values(load.load("sample", configs))
    assert len({each.key for each in found}) == len(found)
    told = [each for each in found if each.origin]
    for each in told:
        line = each.origin.file.read_text(encoding="utf-8").splitlines()[each.origin.line - 1]
        name = each.key.rpartition(".")[2]
        assert name in line or each.key.startswith("uplink.")
    of_community = {e.key for e in told if e.origin.file.stem == "sample"}
    assert {"policy.save.every_pulses", "points.heat-301.meter_address"} <= of_community
    text = (configs / "communities/sample.toml").read_text(encoding="utf-8")
    lines = [n for n, line in enumerate(text.splitlines(), 1) if "=" in line]
    assert {e.origin.line for e in told if e.origin.file.stem == "sample"} == set(lines)


def test_a_key_shows_what_is_below_it(monkeypatch, configs):
    shown = run(monkeypatch, configs, "config", "explain", "sample", "policy.save", "--json")
    assert [json.loads(line)["key"] for line in shown.splitlines()] == [
        "policy.save.every_pulses",
        "policy.save.at_most_every_s",
        "policy.save.at_least_every_s",
    ]
    assert json.loads(shown.splitlines()[0]) == {
        "key": "policy.save.every_pulses",
        "value": 10,
        "set_by": {"file": f"{configs}/communities/sample.toml", "line": 10, "column": 10},
    }


def test_the_table_says_what_is_a_default(monkeypatch, configs):
    shown = run(monkeypatch, configs, "config", "explain", "sample", "policy")
    rows = {row[1]: row[2:4] for row in map(_cells, shown.splitlines()) if len(row) > 3}
    assert rows["policy.poll_every_s"] == ["2", f"{configs}/communities/sample.toml:11"]
    assert rows["policy.poll_tries"] == ["3", "default of the schema"]


def test_what_is_not_set_is_shown_when_asked_for(configs):
    (one,) = below(values(load.load("sample", configs)), "points.heat-301.max_power_kw")
    assert (one.value, one.text, one.set_by) == (None, "-", "default of the schema")


def test_a_key_that_there_is_not(configs):
    with pytest.raises(SibiaoError, match=r"no 'policy\.safe'; did you mean 'policy\.save'"):
        below(values(load.load("sample", configs)), "policy.safe")


def test_identity_is_no_difference(configs):
    path = community(
        configs,
        "twin",
        ("Two meters of one dwelling", "Another title"),
        ("000000000001", "000000009001"),
        ("000000000302", "000000009302"),
        ("heat-301", "heat-777"),
        ("1234.50", "7.5"),
    )
    assert differing(configs, path) == []


def test_another_name_for_the_same_board_is_no_difference(configs):
    write(configs / "boards", "other", 'schema = 1\nextends = "pico"\ntitle = "Ours"\n')
    path = community(configs, "twin", ('"pico"', '"other"'))
    assert differing(configs, path) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("poll_every_s = 2\n", "poll_every_s = 9\n"), ("policy.poll_every_s", "2", "9")),
        (("[policy]", '[policy]\nallow = ["valve"]'), ("policy.allow", "[]", '["valve"]')),
        (
            ('wired_to = "pulse1"', 'wired_to = "pulse1"\ntamper = "pulse2"'),
            ("points: water-reed-10l", "1", "0"),
        ),
        (
            ('wired_to = "bus"', 'wired_to = "bus"\nmax_power_kw = 20'),
            ("points: heat-cjt188-1f90, on bus, max_power_kw = 20.0", "0", "1"),
        ),
    ],
)
def test_each_effective_value_is_a_difference(configs, change, told):
    path = community(configs, "twin", change)
    found = differing(configs, path)
    assert told in [(each.key, each.a, each.b) for each in found]


def test_diff_prints_both(monkeypatch, configs):
    community(configs, "twin", ("poll_every_s = 2\n", "poll_every_s = 9\n"))
    shown = run(monkeypatch, configs, "config", "diff", "sample", "twin", "--json")
    assert json.loads(shown) == [{"key": "policy.poll_every_s", "a": "2", "b": "9"}]
    shown = run(monkeypatch, configs, "config", "diff", "sample", "twin")
    assert [cells[1:4] for cells in map(_cells, shown.splitlines()) if len(cells) > 3] == [
        ["policy.poll_every_s", "2", "9"]
    ]
    community(configs, "same")
    shown = run(monkeypatch, configs, "config", "diff", "sample", "same")
    assert shown == "sample and same are the same but for what identifies them.\n"


def test_ten_communities_are_three_variants(monkeypatch, configs):
    for path in (configs / "communities").iterdir():
        if path.stem not in ("sample", "four-water"):
            path.unlink()
    for number in range(4):
        community(configs, f"like-{number}")
        community(configs, f"slow-{number}", ("poll_every_s = 2\n", "poll_every_s = 9\n"))
    shown = run(monkeypatch, configs, "config", "variants", "--json")
    found = json.loads(shown)
    assert found["groups"] == [
        ["like-0", "like-1", "like-2", "like-3", "sample"],
        ["slow-0", "slow-1", "slow-2", "slow-3"],
        ["four-water"],
    ]
    assert found["keys"]["policy.poll_every_s"] == ["2", "9", "60"]
    shown = run(monkeypatch, configs, "config", "variants")
    assert shown.startswith(
        "10 communities are 3 variants:\n   1  like-0, like-1, like-2, like-3,"
    )
    assert f"{len(found['keys'])} keys differ in all" in shown
    shown = run(monkeypatch, configs, "config", "variants", "--all")
    rows = [cells[1] for cells in map(_cells, shown.splitlines()) if len(cells) > 3 and cells[1]]
    assert rows == list(found["keys"])


def test_a_few_keys_tell_all_shipped_communities_apart(configs):
    found = variants(map(load.Files(configs).load, load.names("communities", configs)))
    told = list(zip(*(found.keys[key] for key in found.telling), strict=True))
    assert len(set(told)) == len(found.groups) == len(told)
    assert len(found.telling) < len(found.groups)


def test_the_keys_are_those_that_separate(configs):
    """How many points there are is none."""
    community(configs, "slow", ("poll_every_s = 2\n", "poll_every_s = 9\n"))
    twice = (configs / "communities/sample.toml").read_text(encoding="utf-8")
    heat = "[[points]]" + twice.rpartition("[[points]]")[2]
    heat = heat.replace("302", "303").replace("heat-301", "heat-302").replace("2151", "2199")
    write(configs / "communities", "many", twice + heat)
    found = variants(map(load.Files(configs).load, ("slow", "many", "sample")))
    assert [len(group) for group in found.groups] == [2, 1]
    assert found.keys == {"policy.poll_every_s": ["2", "9"]}


def _cells(line):
    return [cell.strip() for cell in line.split("│")]
