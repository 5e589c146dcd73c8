"""docs/measurements/soak.md: of each part of `make soak` the newest run."""

from __future__ import annotations

import json
from datetime import date

from sibiao import __version__

from tests.measured import FOLDER, commit

_JSON = FOLDER / "soak.json"
_PAGE = FOLDER / "soak.md"
_HEAD = """# Long runs

Written by `make soak`; do not edit. The newest run of each part stands here and in `soak.json`,
with its day and commit: parts can be run one by one (`make soak ARGS="--part NAME"`).
"""

# As they stand on the page.
TITLES = {
    "cuts": "Power cuts of the emulated Pico",
    "records": "Power cuts of the records",
    "pulses": "A million pulses in virtual time",
    "hostile": "A hostile electricity meter in virtual time",
    "causes": "Causes of a drift, in virtual time",
    "tray": "A tray of boards, the tool killed at every step",
    "lab": "The laboratory's bench in full",
    "loop": "An endless loop under the true watchdog",
    "reads": "Reads on the 32-bit VM",
}


def about(micropython: str) -> str:
    """Taken before a run: what is measured is what was there when it began."""
    return f"{date.today()}, sibiao {__version__} at {commit()}, MicroPython {micropython}"


def put(part: str, when: str, lines: list[str]) -> None:
    held = json.loads(_JSON.read_text(encoding="utf-8")) if _JSON.exists() else {}
    held[part] = {"when": when, "lines": lines}
    held = {name: held[name] for name in TITLES if name in held}
    _JSON.write_text(json.dumps(held, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    sections = (_section(TITLES[name], **run) for name, run in held.items())
    _PAGE.write_text("\n".join([_HEAD, *sections]), encoding="utf-8")


def _section(title: str, when: str, lines: list[str]) -> str:
    return "\n".join([f"## {title}\n", f"{when}:\n", *lines, ""])
