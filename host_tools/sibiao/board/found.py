"""Which boards are attached, by USB; and who is behind a port, asked without disturbing it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from serial.tools import list_ports

from sibiao.board import slots
from sibiao.board.identity import report_in
from sibiao.board.port import PORT_ERRORS, open_port
from sibiao.board.prompt import Prompt
from sibiao.config.schema.chip import Chip
from sibiao.errors import SibiaoError

_ANSWER_S = 2.0  # a node looks at its console four times a second; a loaded one less often
_ENQ, _CTRL_C = b"\x05", b"\x03"
_TOLD = ("community", "serial")


@dataclass(frozen=True)
class Port:
    """`usb`: vendor:product; `serial`: the USB serial number, on many boards their board id."""

    port: str
    description: str
    usb: str | None
    serial: str | None


def attached() -> list[Port]:
    return [
        Port(
            p.device,
            p.description,
            f"{p.vid:04x}:{p.pid:04x}" if p.vid is not None else None,
            p.serial_number,
        )
        for p in sorted(list_ports.comports())
    ]


def chips_of(port: Port, chips: Iterable[Chip]) -> list[str]:
    """Titles of those that it may be."""
    return [chip.title for chip in chips if port.usb in chip.usb]


def boards(chip: Chip) -> list[str]:
    """The ports of all attached boards with this chip."""
    if not chip.usb:
        raise SibiaoError(
            f"a board with {chip.title} shows itself as the adapter that leads to it, and others "
            "have such adapters, too: name its port (--port); `sibiao ports` lists them"
        )
    return [port.port for port in attached() if port.usb in chip.usb]


def who(port: str) -> dict[str, Any]:
    """Board id, and of a running node community and serial number, of a bare prompt its
    MicroPython; empty if nothing is heard. Nothing is interrupted or restarted."""
    try:
        report = _answer(port)
        if report is None:
            return _at_prompt(port)
    except (SibiaoError, *PORT_ERRORS) as error:
        return {"error": str(error)}
    return {"board_id": report["unit"]} | {k: report[k] for k in _TOLD} if report else {}


def _answer(port: str) -> dict[str, Any] | None:
    """A node's report; None at a prompt, which takes ENQ for the beginning of a paste; else empty.
    Only a prompt gets Ctrl-C, which ends that: a node would take it for a request for
    maintenance."""
    with open_port(port) as con:
        con.write(_ENQ)
        heard, end = b"", time.monotonic() + _ANSWER_S
        while time.monotonic() < end:
            heard += con.read(max(1, con.in_waiting))
            if b"paste mode" in heard:
                con.write(_CTRL_C)
                return None
            *lines, heard = heard.split(b"\n")
            for line in lines:
                if report := report_in(line):
                    return report
    return {}


def _at_prompt(port: str) -> dict[str, Any]:
    board = Prompt(port)
    try:
        found = slots.look(board)
        board.leave()
    finally:
        with suppress(*PORT_ERRORS):
            board.close()
    version = ".".join(map(str, found.version))
    return {"board_id": found.board_id, "prompt": f"{version} on {found.machine}"}
