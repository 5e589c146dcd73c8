"""Files that somebody spoilt: each is refused in words or builds, and nothing else happens."""

import random
import re
import shutil

import pytest
from sibiao.config.check import every
from sibiao.config.constants import config_source
from sibiao.config.load import Files, directory, names
from sibiao.config.problems import Refused

from tests.bench.configuration import generate

_VALUES = ('"x"', "3", "true", "[]", "{}", '""', '["a"]', "1.5", "2026-01-01", "-1", "nan")
_NUMBERS = (0, 1, 5, 9, 255, 2401, 10**6)
_MUTANTS = 15


@pytest.fixture(scope="module")
def configs(tmp_path_factory):
    base = tmp_path_factory.mktemp("spoilt") / "configs"
    shutil.copytree(directory(), base)
    return base


def spoilt(lines, chance):
    at = chance.randrange(1, len(lines))
    other = chance.randrange(1, len(lines))
    line = lines[at]
    match chance.randrange(6):
        case 0:
            return lines[:at] + lines[at + 1 :]
        case 1:
            return [*lines[:at], lines[other], *lines[at:]]
        case 2:
            line = re.sub(r"\d+", str(chance.choice(_NUMBERS)), line, count=1)
        case 3:
            line = re.sub(r'"[^"]*"', chance.choice(_VALUES), line, count=1)
        case 4:
            line = re.sub(r"= .*", f"= {chance.choice(_VALUES)}", line, count=1)
        case _:
            line = lines[other]
    return [*lines[:at], line, *lines[at + 1 :]]


@pytest.mark.parametrize("name", names("communities"))
def test_a_spoilt_file_is_refused_in_words_or_builds(configs, name):
    chance = random.Random(name)
    places = Files(configs).load(name).places
    verdicts = set()
    for _ in range(_MUTANTS):
        kind, other = chance.choice(list(places))
        path = configs / kind / f"{other}.toml"
        text = path.read_text(encoding="utf-8")
        path.write_text("\n".join(spoilt(text.split("\n"), chance)), encoding="utf-8")
        try:
            loaded = Files(configs).load(name)
            every.check(loaded)
        except Refused as refused:
            verdicts.add("refused")
            assert all(problem.origin.file.is_file() for problem in refused.problems)
        else:
            verdicts.add("builds")
            assert config_source(loaded)
        finally:
            path.write_text(text, encoding="utf-8")
    assert verdicts == {"refused", "builds"}


def test_generated_communities_pass_and_build(tmp_path):
    generate(tmp_path / "configs", 12)
    files = Files(tmp_path / "configs")
    for name in files.names("communities"):
        assert config_source(files.load(name))
