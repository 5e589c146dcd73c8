"""docs/new-meter.md, done as it says: its file is written, its commands are run, and what they
print is what the page shows. A line of three points stands for any lines."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.takes(20)

PAGE = Path(__file__).parents[2] / "docs" / "new-meter.md"
PROFILE = Path("meters", "water-mbus-itron-bm.toml")


def commands(block):
    """Commands and the lines that each prints."""
    found = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def printed(steps, cwd, configs):
    """What each prints, all of them in one shell, so that one may serve another."""
    mark = "=== done "
    script = "".join(f"{command}\necho '{mark}'\n" for command, _ in steps)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=cwd,
        env={**os.environ, "PATH": path, "SIBIAO_CONFIGS": str(configs), "COLUMNS": "80"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,  # some commands of the page fail, as it says
        timeout=120,
    )
    return [part.strip("\n") for part in done.stdout.split(f"{mark}\n")[:-1]]


def alike(shown):
    """Of the lines shown, as a pattern."""
    parts = "\n".join(shown).split("...")
    return ".*".join(re.escape(part.strip("\n")) for part in parts)


def test_the_page_is_done_as_it_says(tmp_path, configs):
    root = tmp_path / "project"
    root.mkdir()
    (root / "board_configs").symlink_to(configs)
    before = {path: path.read_bytes() for path in configs.rglob("*.toml")}
    page = PAGE.read_text(encoding="utf-8")
    (profile,) = re.findall(r"```toml\n(.*?)```", page, re.S)
    (configs / PROFILE).write_text(profile, encoding="utf-8")
    blocks = re.findall(r"```console\n(.*?)```", page, re.S)
    steps = [step for block in blocks for step in commands(block)]
    told = printed(steps, root, root / "board_configs")
    for (command, shown), text in zip(steps, told, strict=True):
        assert re.fullmatch(alike(shown), text, re.S), f"$ {command}\n{text}"
    # One file was touched to make it known, and one written by the scan.
    new = {path.relative_to(configs) for path in configs.rglob("*.toml") if path not in before}
    assert new == {PROFILE, Path("communities", "trial.toml")}
    assert all(path.read_bytes() == text for path, text in before.items())
