"""The JSON Schema that editors are given: current, sound, and of one mind with the check."""

import copy
import json
import tomllib

import jsonschema
import pytest
from click.testing import CliRunner
from sibiao.cli import cli
from sibiao.config import json_schema
from sibiao.config.load import KINDS, directory, names

from tests.host import broken

FOLDER = directory() / json_schema.FOLDER


def validator(kind):
    return jsonschema.Draft202012Validator(json_schema.schema(kind))


def table(kind, name):
    return tomllib.loads((directory() / kind / f"{name}.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("kind", KINDS)
def test_the_files_in_the_folder_are_current(kind):
    written = (FOLDER / json_schema.name(kind)).read_text(encoding="utf-8")
    assert written == json_schema.text(kind), "the schema has changed: sibiao config schema"


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_a_sound_schema(kind):
    jsonschema.Draft202012Validator.check_schema(json_schema.schema(kind))


@pytest.mark.parametrize(("kind", "name"), [(kind, n) for kind in KINDS for n in names(kind)])
def test_shipped_files_pass_and_name_it(kind, name):
    text = (directory() / kind / f"{name}.toml").read_text(encoding="utf-8")
    assert text.splitlines()[0] == json_schema.first_line(kind)
    assert (directory() / kind / text.splitlines()[0].split()[1]).is_file()
    # A date is a text to JSON.
    data = json.loads(json.dumps(tomllib.loads(text), default=str))
    assert list(validator(kind).iter_errors(data)) == []


# What the schema alone can see; the rest takes the check.
SEEN = ("schema", "unknown key", "missing key", "value")


@pytest.mark.parametrize(
    "case", [c for c in broken.cases() if c.check in SEEN], ids=lambda case: case.says[0]
)
def test_what_the_check_refuses_an_editor_underlines(tmp_path, case):
    for kind in KINDS:
        (tmp_path / kind).mkdir()
    broken.mended(tmp_path, case)
    broken.broken(tmp_path, case)
    for name, _, _ in case.changes:
        kind = name.partition("/")[0]
        data = tomllib.loads((tmp_path / f"{name}.toml").read_text(encoding="utf-8"))
        assert list(validator(kind).iter_errors(data))


def test_what_extends_need_not_say_what_its_base_says():
    whole = table("boards", "pico")
    small = {"schema": 1, "extends": "pico", "uarts": {"bus": {"supply": 7}}}
    assert list(validator("boards").iter_errors(small)) == []
    assert list(validator("boards").iter_errors(small | {"colour": 1}))
    without_base = copy.deepcopy(small)
    del without_base["extends"]
    assert list(validator("boards").iter_errors(without_base))
    del whole["uarts"]["bus"]["tx"]
    assert list(validator("boards").iter_errors(whole))
    small = {"schema": 1, "extends": "water-mbus", "title": "Another"}
    assert list(validator("meters").iter_errors(small)) == []
    assert list(validator("meters").iter_errors(small | {"colour": 1}))


def test_dwellings_and_defaults_stand_in_for_points():
    community = table("communities", "sample")
    (point, _) = community.pop("points")
    assert list(validator("communities").iter_errors(community))
    made = {"dwellings": [{"names": ["1..4"], "points": [point | {"address": "{n:012}"}]}]}
    assert list(validator("communities").iter_errors(community | made)) == []
    short = {"points": [{"name": "a", "meter": "water-reed-10l"}]}
    short |= {"defaults": {"point": {"wired_to": "pulse1"}}}
    assert list(validator("communities").iter_errors(community | short)) == []


def test_the_command_writes_them(tmp_path):
    result = CliRunner().invoke(cli, ["config", "schema", "meters", "--out", str(tmp_path)])
    assert result.exit_code == 0
    (path,) = tmp_path.iterdir()
    assert json.loads(path.read_text(encoding="utf-8")) == json_schema.schema("meters")
    result = CliRunner().invoke(cli, ["config", "schema", "meter"])
    assert result.exit_code == 1 and "did you mean 'meters'?" in str(result.exception)
