"""A board's serial port: opened for ourselves alone, and one clear sentence when it cannot be."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import serial

from sibiao.errors import SibiaoError

try:
    from termios import error as _terminal_error
except ImportError:  # Windows
    _terminal_error = OSError

BAUD = 115200
# What a port that goes away in the middle of anything may raise.
PORT_ERRORS = (OSError, serial.SerialException, _terminal_error)

# They have no line, and refuse a parity: Linux, macOS.
_PSEUDO_TERMINALS = ("/dev/pts/", "/dev/ttys")
_READ_S = 0.1
_WRITE_S = 5
_LOOK_AGAIN_S = 0.2
# A compiler that another thread starts just now holds our lock, too, until it runs: a port that we
# have closed is in use for a moment.
BRIEFLY_S = 2
_IN_USE = ("lock", "busy", "temporarily unavailable", "access is denied")
_NOT_THERE = ("no such file", "filenotfound", "no such device")


def open_port(
    port: str, wait_s: float = 0, waiting: Callable[[], None] = lambda: None
) -> serial.SerialBase:
    """Open it. With wait_s, a port that is away or in use may come back; `waiting` is called
    meanwhile, and what it raises ends that."""
    begun = time.monotonic()
    while True:
        try:
            return serial.serial_for_url(
                port, BAUD, timeout=_READ_S, write_timeout=_WRITE_S, exclusive=True
            )
        except (*PORT_ERRORS, ValueError) as error:
            least_s = BRIEFLY_S if _is_in_use(error) else 0
            if time.monotonic() >= begun + max(wait_s, least_s):
                raise SibiaoError(_why_not(port, error)) from error
            waiting()
            time.sleep(_LOOK_AGAIN_S)


def open_line(port: str, baud: int, parity: str) -> serial.SerialBase:
    """The same set to a line's rate and parity, as far as the port has one."""
    con = open_port(port)
    try:
        con.baudrate = baud
        if not os.path.realpath(port).startswith(_PSEUDO_TERMINALS):
            con.parity = parity
    except (*PORT_ERRORS, ValueError) as error:
        con.close()
        raise SibiaoError(f"port {port} does not take {baud} baud 8{parity}1: {error}") from error
    return con


def _is_in_use(error: Exception) -> bool:
    return any(word in str(error).lower() for word in _IN_USE)


def _why_not(port: str, error: Exception) -> str:
    text = str(error).lower()
    if _is_in_use(error):
        return (
            f"port {port} is in use by another program: close it (a terminal, an IDE) and repeat"
        )
    if "permission" in text:
        return f"no permission for port {port}: add yourself to the group that owns it and repeat"
    if any(word in text for word in _NOT_THERE):
        return f"there is no port {port}: check the cable; `sibiao ports` lists what is attached"
    return (
        f"{port} cannot be opened as a serial port ({error}); "
        "`sibiao ports` lists what is attached"
    )
