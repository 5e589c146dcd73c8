"""Commands to a running node over its console: DLE, the command, a line feed; it answers with one
line `sibiao {…}`. docs/metering.md has the list."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Protocol

from sibiao.board.port import PORT_ERRORS, open_port
from sibiao.errors import SibiaoError

_ENQ, _DLE = b"\x05", b"\x10"
_LIMIT_MS = 15000  # until it has come to the command, whatever its bus is at


class Console(Protocol):
    """A node's console. `read` gives what has come, waiting a moment at most."""

    def write(self, data: bytes) -> object: ...

    def read(self) -> bytes: ...

    def now_ms(self) -> float: ...


class PortConsole:
    def __init__(self, port: str):
        self._con = open_port(port)

    def __enter__(self) -> PortConsole:
        return self

    def __exit__(self, *_) -> None:
        self._con.close()

    def write(self, data: bytes) -> object:
        return self._con.write(data)

    def read(self) -> bytes:
        return self._con.read(max(1, self._con.in_waiting))

    def now_ms(self) -> float:
        return time.monotonic() * 1000


class Commands:
    """`doing`: what for, in the sentence when the port goes away."""

    def __init__(self, console: Console, name: str, doing: str):
        self.name = name
        self._console = console
        self._doing = doing

    def ask(self, line: str, key: str, limit_ms: float = _LIMIT_MS) -> dict:
        """The answer that holds `key`, or {"error": why}."""
        return self._asked(_DLE + line.encode() + b"\n", line.partition(" ")[0], key, limit_ms)

    def report(self, limit_ms: float = _LIMIT_MS) -> dict:
        """Who the node is and how it does (app/boot_report.py of the firmware)."""
        return self._asked(_ENQ, "ENQ", "serial", limit_ms)

    def command(self, line: str, key: str) -> dict:
        """SibiaoError when the node refuses."""
        said = self.ask(line, key)
        if "error" in said:
            word = line.partition(" ")[0]
            raise SibiaoError(f"the node at {self.name} refuses `{word}`: {said['error']}")
        return said

    def _asked(self, sent: bytes, word: str, key: str, limit_ms: float) -> dict:
        try:
            return self._ask(sent, word, key, limit_ms)
        except PORT_ERRORS as error:
            raise SibiaoError(
                f"the console of the node at {self.name} is gone in the middle of {self._doing} "
                f"({error}): check the cable and repeat"
            ) from error

    def _ask(self, sent: bytes, word: str, key: str, limit_ms: float) -> dict:
        console = self._console
        console.write(sent)
        heard = b""
        end_ms = console.now_ms() + limit_ms
        while console.now_ms() < end_ms:
            heard += console.read()
            *lines, heard = heard.split(b"\n")
            for each in lines:
                if each.startswith(b"sibiao {"):
                    with suppress(ValueError):
                        said = json.loads(each[7:])
                        if key in said or "error" in said:
                            return said
        raise SibiaoError(
            f"the node at {self.name} has not answered within {limit_ms / 1000:.0f} s: does its "
            f"firmware know the command `{word}`? Flash it anew and repeat"
        )
