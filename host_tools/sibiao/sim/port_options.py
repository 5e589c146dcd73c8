"""Where a simulator sits, as options of a command: pseudo-terminal, TCP port or serial port."""

from __future__ import annotations

from collections.abc import Callable

import click

from sibiao.errors import SibiaoError
from sibiao.sim.bus_serve import Port, PtyPort, SerialPort, TcpPort


def port_options(prefix: str = "", who: str = "") -> Callable:
    """--pty, --tcp and --port, `prefix` before each name; `who` is attached there."""
    name = f"{prefix}-" if prefix else ""
    there = f" for {who}" if who else ""

    def add(function: Callable) -> Callable:
        for option in (
            click.option(
                f"--{name}port", help=f"On a serial port{there}, or what pySerial has for one."
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
