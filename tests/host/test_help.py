"""Help is quick: it imports nothing that only a command needs."""

import subprocess
import sys

import pytest
from click.testing import CliRunner
from sibiao.cli import cli

HEAVY = (
    "pydantic",
    "rich",
    "tree_sitter",
    "rp2040py",
    "serial",
    "cryptography",
    "converter",
    "pytest",
)
_SCRIPT = """
import sys
from click.testing import CliRunner
from sibiao.cli import cli
result = CliRunner().invoke(cli, {args!r})
assert result.exit_code == 0, result.output
print(*sorted({heavy!r} & sys.modules.keys()))
"""


@pytest.mark.parametrize(
    "args", [["--help"], ["config", "--help"], ["config", "check", "--help"], ["bench", "--help"]]
)
def test_help_imports_nothing_heavy(args):
    script = _SCRIPT.format(args=args, heavy=set(HEAVY))
    run = [sys.executable, "-c", script]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


@pytest.mark.parametrize("args", [[], ["config"]])
def test_each_command_says_what_it_is_for(args):
    output = CliRunner().invoke(cli, [*args, "--help"]).output
    rows = output.partition("Commands:\n")[2].splitlines()
    assert len(rows) > 7
    assert all(len(row.split()) > 2 for row in rows if row.startswith("  ") and row[2] != " ")
