"""Who the running node is: asked over its console, without interrupting it."""

from __future__ import annotations

import json
import time
from contextlib import suppress

import serial

from sibiao.board.prompt import open_port

_ENQ = b"\x05"
_ASK_EVERY_S = 2.0


def ask(port: str, limit_s: float) -> dict | None:
    """The node's report (see app/console.py of the firmware), None if none came within limit_s."""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        with suppress(OSError, serial.SerialException):
            con = open_port(port, wait_s=end - time.monotonic())
            try:
                report = _listen(con, end)
            finally:
                con.close()
            if report is not None:
                return report
        time.sleep(0.2)
    return None


def _listen(con: serial.SerialBase, end: float) -> dict | None:
    heard = b""
    asked = 0.0
    while time.monotonic() < end:
        if time.monotonic() - asked > _ASK_EVERY_S:
            con.write(_ENQ)
            asked = time.monotonic()
        heard += con.read(max(1, con.in_waiting))
        *lines, heard = heard.split(b"\n")
        for line in lines:
            if line.startswith(b"sibiao {"):
                with suppress(ValueError):
                    return json.loads(line[7:])
    return None
