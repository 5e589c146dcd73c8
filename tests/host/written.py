"""Configuration files written for a test beside a copy of the shipped ones."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from sibiao.cli import cli
from sibiao.config.problems import Refused


def write(base, name, text):
    path = Path(base, f"{name}.toml")
    path.write_text(text, encoding="utf-8")
    return path


def refused(act, base):
    """What is said, a line each, without the folder."""
    with pytest.raises(Refused) as error:
        act()
    return str(error.value).replace(f"{base}/", "").splitlines()


def run(monkeypatch, base, *args, input=None):
    """What `sibiao` prints with these configurations."""
    monkeypatch.setenv("SIBIAO_CONFIGS", str(base))
    monkeypatch.setenv("COLUMNS", "200")
    done = CliRunner().invoke(cli, [*map(str, args)], input=input, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout
