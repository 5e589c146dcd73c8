"""Checking configuration on a host: seconds for a thousand communities, as a ratio to tomllib; how
long help takes."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

from sibiao.config.check.whole import Whole, found
from sibiao.config.load import directory

from tests.bench.figure import Figure, figure

_GROUP = "host"
_RATIO_AIM, _HELP_AIM_S = 20, 0.3
_LINKS = (
    ("cjt188", ("water-cjt188-901f", "heat-cjt188-901f")),
    ("mbus", ("water-mbus", "heat-mbus")),
)
_HEAD = """schema = 1
title = "Generated {n}"
board = "pico"
uplink = "virtual-meter"
serial = "SB{n:08d}"
address = "{n:012d}"

[policy]
save = {{ every_pulses = 20, at_most_every_s = 2, at_least_every_s = 300 }}
poll_every_s = 60
"""
_POINT = """
[[points]]
name = "{name}"
address = "{address:012d}"
meter = "{meter}"
wired_to = "{wire}"
"""


def measure(communities: int, starts: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder, "configs")
        generate(base, communities)
        plain_s = _timed(lambda: [tomllib.loads(p.read_text("utf-8")) for p in found([base])])
        whole = Whole()
        check_s = _timed(lambda: [whole.add(path) for path in found([base])])
    errors = sum(problem.is_error for problem in whole.problems)
    how = (
        f"{communities} generated communities of 1 to 4 pulse and 0 to 8 bus meters, with the "
        f"shipped boards, uplinks and meters: {whole.files} files, {errors} errors, one process; "
        f"tomllib alone takes {plain_s:.2f} s for the same files"
    )
    helps = [_timed(_help) for _ in range(starts)]
    title = f"config check over {communities} communities"
    return [
        figure(_GROUP, title, "s", [check_s], how),
        figure(
            _GROUP, f"{title}, times tomllib", "", [check_s / plain_s], how, at_most=_RATIO_AIM
        ),
        figure(
            _GROUP, "sibiao --help", "s", helps,
            "a process of its own, from its start to its end", at_most=_HELP_AIM_S,
        ),
    ]  # fmt: skip


def generate(base: Path, communities: int, seed: int = 1) -> None:
    """The shipped files with other communities, all of which pass."""
    shutil.copytree(directory(), base, ignore=shutil.ignore_patterns("communities"))
    (base / "communities").mkdir()
    chance = random.Random(seed)
    for n in range(communities):
        text = _HEAD.format(n=n) + "".join(_points(n, chance))
        (base / "communities" / f"gen-{n:04d}.toml").write_text(text, encoding="utf-8")


def _points(n: int, chance: random.Random):
    address = 1_000_000 + 100 * n
    for k in range(1, chance.randrange(2, 6)):
        point = _POINT.format(
            name=f"water-{k}", address=address + k, meter="water-reed-10l", wire=f"pulse{k}"
        )
        yield f'{point}base_reading = "{chance.randrange(100)}.50"\n'
    link, meters = chance.choice(_LINKS)
    for k in range(chance.randrange(9)):
        point = _POINT.format(
            name=f"bus-{k}", address=address + 50 + k, meter=chance.choice(meters), wire="bus"
        )
        at = f"{100 * n + k:014d}" if link == "cjt188" else k + 1
        yield f'{point}meter_address = "{at}"\n'


def _timed(run) -> float:
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def _help() -> None:
    subprocess.run([sys.executable, "-m", "sibiao", "--help"], capture_output=True, check=True)
