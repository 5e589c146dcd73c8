"""One life of the node in virtual time: a VM process from power-on to the power cut."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from sibiao.errors import SibiaoError
from sibiao.node.vm.binary import vm_binary
from sibiao.node.vm.chip import HEAP_BYTES

_DEVICE = Path(__file__).with_name("device")
_BOARD = _DEVICE.parents[1] / "device" / "board"
MARK = b"\x1e"


def life(world: dict[str, Any], limit_s: float) -> tuple[dict[str, Any], str]:
    """What the VM reports of the `world` that it was given, and what the node printed. SibiaoError
    when it does not come to an end within `limit_s` of wall time."""
    # The node's console: held open and silent, as without a computer.
    console, far_end = os.pipe()
    try:
        run = subprocess.run(
            command(),
            stdin=console,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=limit_s,
            check=False,
            env=environment(world),
        )
    except subprocess.TimeoutExpired as error:
        raise SibiaoError(
            f"the node in virtual time did not come to its end within {limit_s:g} s: either it "
            "loops without looking at its hardware, or the limit is too small for so many pulses."
        ) from error
    finally:
        os.close(console)
        os.close(far_end)
    return outcome(run.stdout, run.returncode)


def command() -> list[str]:
    return [str(vm_binary()), "-X", f"heapsize={HEAP_BYTES}", str(_DEVICE / "start.py")]


def environment(world: dict[str, Any]) -> dict[str, str]:
    return {
        **os.environ,
        "MICROPYPATH": f"{_DEVICE}:{_BOARD}:.frozen",
        # The board's calendar knows no time zone.
        "TZ": "UTC",
        "SIBIAO_WORLD": json.dumps(world),
    }


def outcome(printed: bytes, code: int | None) -> tuple[dict[str, Any], str]:
    """The report at the end of what the VM printed, and what stood before it."""
    text, mark, report = printed.rpartition(MARK)
    if not mark:
        raise SibiaoError(
            f"the node in virtual time ended without a report (exit code {code}); "
            f"the last that it printed: {report[-2000:].decode(errors='replace').strip()}"
        )
    return json.loads(report), text.decode(errors="replace")
