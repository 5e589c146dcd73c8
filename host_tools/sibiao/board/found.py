"""Which boards are attached, by USB; and who is behind a port, asked without disturbing it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from serial.tools import list_ports

from sibiao.board import identity, slots
from sibiao.board.port import PORT_ERRORS, open_port
from sibiao.board.prompt import Prompt
from sibiao.config.schema_chip import Chip
from sibiao.errors import SibiaoError

_ANSWER_S = 1.5
_PASTE_S = 0.5
_ENQ, _CTRL_C = b"\x05", b"\x03"


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
        report = identity.ask(port, _ANSWER_S)
        if report:
            return {"board_id": report["unit"]} | {k: report[k] for k in ("community", "serial")}
        return _at_prompt(port) if _pastes(port) else {}
    except (SibiaoError, *PORT_ERRORS) as error:
        return {"error": str(error)}


def _pastes(port: str) -> bool:
    # A prompt takes ENQ for the beginning of a paste. Only then is it told to end that: a node
    # that is just starting would take Ctrl-C as a request for maintenance.
    with open_port(port) as con:
        con.write(_ENQ)
        heard, end = b"", time.monotonic() + _PASTE_S
        while b"paste mode" not in heard:
            if time.monotonic() > end:
                return False
            heard += con.read(max(1, con.in_waiting))
        con.write(_CTRL_C)
        return True


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
