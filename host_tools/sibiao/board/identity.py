"""Who the running node is: asked over its console, without interrupting it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from contextlib import suppress

import serial

from sibiao.board.port import PORT_ERRORS, open_port
from sibiao.errors import SibiaoError

_ENQ = b"\x05"
# Less and less often: what waits until a slow board has started is answered all at once then.
_ASK_FIRST_S = 0.5
_ASK_SELDOM_S = 5.0
_LESS = 1.5
_LOOK_AGAIN_S = 0.2
_REPORT_S = 5
# The last line of a traceback, or what main.py has to say.
_TROUBLE = re.compile(r"[A-Za-z]+(Error|Exception)\b|sibiao: ")


def ask(
    port: str,
    limit_s: float,
    on_trouble: Callable[[str], None] = lambda line: None,
    waiting: Callable[[], None] = lambda: None,
) -> dict | None:
    """The node's report (see app/console.py of the firmware), None if none came within limit_s.

    on_trouble gets the lines by which a start that fails says so on its console; `waiting` is
    called meanwhile, and what it raises ends that.
    """
    end = time.monotonic() + limit_s
    while (left_s := end - time.monotonic()) > 0:
        # The port goes and comes back with the board.
        with suppress(*PORT_ERRORS), open_port(port, left_s, waiting) as con:
            report = _listen(con, end, on_trouble, waiting)
            if report is not None:
                return report
        time.sleep(_LOOK_AGAIN_S)
    return None


def running(port: str, hint: str = "") -> dict:
    """The report of the node that runs there; SibiaoError when there is none."""
    report = ask(port, _REPORT_S)
    if report is None or "community" not in report:
        raise SibiaoError(
            f"no running node answers on {port}: is it the node's USB port, and has it "
            f"started?{hint}"
        )
    return report


def report_in(line: bytes) -> dict | None:
    with suppress(ValueError):
        return json.loads(line[7:]) if line.startswith(b"sibiao {") else None
    return None


def _listen(
    con: serial.SerialBase,
    end: float,
    on_trouble: Callable[[str], None],
    waiting: Callable[[], None],
) -> dict | None:
    heard = b""
    asked, every = 0.0, _ASK_FIRST_S
    while time.monotonic() < end:
        waiting()
        if time.monotonic() - asked > every:
            con.write(_ENQ)
            every = min(every * _LESS, _ASK_SELDOM_S)
            asked = time.monotonic()
        heard += con.read(max(1, con.in_waiting))
        *lines, heard = heard.split(b"\n")
        for line in lines:
            if report := report_in(line):
                return report
            text = line.decode(errors="replace").strip()
            if _TROUBLE.match(text):
                on_trouble(text)
    return None
