"""Where a simulator sits, as options of a command: pseudo-terminal, TCP port or serial port."""

from __future__ import annotations

from collections.abc import Callable

import click

from sibiao.complete import PORT
from sibiao.errors import SibiaoError
from sibiao.node.console_end import ConsoleEnd, PtyEnd, TcpEnd
from sibiao.sim.serve import Port, PtyPort, SerialPort, TcpPort


def port_options(prefix: str = "", who: str = "") -> Callable:
    """--pty, --tcp and --port, `prefix` before each name; `who` is attached there."""
    name = f"{prefix}-" if prefix else ""
    there = f" for {who}" if who else ""

    def add(function: Callable) -> Callable:
        for option in (
            click.option(
                f"--{name}port",
                type=PORT,
                help=f"On a serial port{there}, or what pySerial has for one.",
            ),
            click.option(
                f"--{name}tcp",
                type=click.IntRange(0, 65535),
                help=f"On this TCP port{there} (0: any free one).",
            ),
            click.option(
                f"--{name}pty",
                is_flag=True,
                help=f"On a new pseudo-terminal{there} (the default).",
            ),
        ):
            function = option(function)
        return function

    return add


def opened(pty: bool, tcp: int | None, port: str | None, prefix: str = "") -> Port:
    if pty + (tcp is not None) + (port is not None) > 1:
        name = f"{prefix}-" if prefix else ""
        raise SibiaoError(f"only one of --{name}pty, --{name}tcp and --{name}port can be used")
    return SerialPort(port) if port else TcpPort(tcp) if tcp is not None else PtyPort()


class Row:
    """Ports of one simulator's several ends: on TCP one number behind the other, from the one
    given on; the first on a serial port and the rest on pseudo-terminals; or all on these."""

    def __init__(self, pty: bool, tcp: int | None, port: str | None):
        self._first = pty, tcp, port
        self._next = tcp

    def first(self) -> Port:
        end = opened(*self._first)
        self._count()
        return end

    def console(self) -> ConsoleEnd:
        end = PtyEnd() if self._next is None else TcpEnd(self._next)
        self._count()
        return end

    def another(self) -> Port:
        end = opened(False, self._next, None)
        self._count()
        return end

    def _count(self) -> None:
        if self._next:
            self._next += 1
