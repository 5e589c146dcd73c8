"""The generator's firmware on a Pico: only what differs is copied, and read back."""

from __future__ import annotations

import time
from contextlib import suppress

from sibiao.board import slots
from sibiao.board.copy import Progress, compare, copy
from sibiao.board.prompt import prompt, quiet_prompt
from sibiao.errors import SibiaoError
from sibiao.firmware.slot import FIRMWARE, compile_mpy
from sibiao.lab.generator.port import Generator

_FOLDER = "generator"
_MAIN = "main.py"
_CHIP, _OLDEST, _MPY = "RP2040", [1, 25], 6
_START_S = 20
_AGAIN_S = 0.3


def generator_files() -> dict[str, bytes]:
    """Path on the board -> content; main.py comes last, so that what it starts is there."""
    files = {}
    for path in sorted((FIRMWARE / _FOLDER).glob("*.py")):
        source = path.read_text(encoding="utf-8")
        if source.strip() and path.name != _MAIN:
            name = f"{_FOLDER}.{path.stem}"
            files[f"/{_FOLDER}/{path.stem}.mpy"] = compile_mpy(source, name, lines=True)
    files[f"/{_MAIN}"] = (FIRMWARE / _FOLDER / _MAIN).read_bytes()
    return files


def install(port: str, progress: Progress = lambda *_: None) -> list[str]:
    """Make the Pico at `port` a generator, and start it: `started` says whether it did. The paths
    that were copied."""
    files = generator_files()
    progress("asking for a prompt", 0, 0)
    quiet_prompt(port, lambda text: progress(text, 0, 0))
    with prompt(port) as board:
        found = slots.look(board)
        _check(found, port)
        if found.confirmed or slots.hashes(board, ["/a", "/b"]):
            raise SibiaoError(
                f"the board on {port} is a converter, and stays one: choose another port, or "
                "erase its flash first"
            )
        there = slots.hashes(board, [f"/{_FOLDER}"], [f"/{_MAIN}"])
        copied = copy(board, files, there, progress)
        progress("reading back", 0, 0)
        compare(board, _FOLDER, files)
    return copied


def started(port: str) -> str:
    """The unit that answers; SibiaoError when none does. The port goes and comes with it."""
    end = time.monotonic() + _START_S
    while time.monotonic() < end:
        with suppress(SibiaoError), Generator(port) as generator:
            return generator.facts["unit"]
        time.sleep(_AGAIN_S)
    with Generator(port) as generator:
        return generator.facts["unit"]


def _check(found: slots.Look, port: str) -> None:
    if found.machine.split()[-1:] != [_CHIP]:
        raise SibiaoError(
            f"a generator is a Pico with {_CHIP}, and on {port} there is: "
            f"{found.machine or found.platform}"
        )
    if found.version[:2] < _OLDEST or found.mpy != _MPY:
        raise SibiaoError(
            f"the board on {port} runs MicroPython {'.'.join(map(str, found.version))}, and "
            f"{'.'.join(map(str, _OLDEST))} or later 1.x is needed: put a new image on it first"
        )
