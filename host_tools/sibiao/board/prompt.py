"""A board's MicroPython prompt, spoken to by mpremote's own transport."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import serial
from mpremote.transport import TransportError
from mpremote.transport_serial import SerialTransport

from sibiao.errors import SibiaoError

_BAUD = 115200
_READ_S = 20  # a read that lasts longer than this means a dead board or a pulled cable
_RESTART_S = 30
_FAULTS = (TransportError, OSError, serial.SerialException, struct.error, SyntaxError, ValueError)


def open_port(port: str, wait_s: float = 0) -> serial.SerialBase:
    """The port, opened for ourselves alone. With wait_s, a port that is away may come back."""
    end = time.monotonic() + wait_s
    while True:
        try:
            return serial.serial_for_url(port, _BAUD, timeout=0.1, exclusive=True)
        except (OSError, serial.SerialException, ValueError) as error:
            if time.monotonic() >= end:
                raise SibiaoError(_why_not(port, error)) from error
            time.sleep(0.2)


def _why_not(port: str, error: Exception) -> str:
    text = str(error).lower()
    if "lock" in text or "busy" in text or "temporarily unavailable" in text:
        return (
            f"port {port} is in use by another program: close it (a terminal, an IDE) and repeat"
        )
    if "permission" in text:
        return f"no permission for port {port}: add yourself to the group that owns it and repeat"
    if "no such file" in text or "could not open" in text or "filenotfound" in text:
        return f"there is no port {port}: check the cable; `sibiao ports` lists what is attached"
    return f"port {port} cannot be opened: {error}"


def quiet_prompt(port: str, say=lambda text: None) -> None:
    """Bring the board to a prompt with no application and no watchdog running.

    A running node takes Ctrl-C as a request for maintenance: it commits, restarts and stays quiet.
    """
    con = open_port(port)
    try:
        con.write(b"\r\x03\x03")
        heard = _hear(con, (b"restarting for maintenance", b">>> "), 10)
        if heard is None:
            con.write(b"\x02\r\x03")  # out of a raw prompt, if an earlier tool left one
            heard = _hear(con, (b"restarting for maintenance", b">>> "), 5)
        if heard is None:
            raise SibiaoError(
                f"the board on {port} does not answer: is it powered, is it a MicroPython board, "
                "is this the right port? Unplug it, plug it in again and repeat"
            )
        if heard == b">>> ":
            return
        say("the node restarts for maintenance")
    except (OSError, serial.SerialException) as error:
        raise SibiaoError(f"the board on {port} went away: {error}; check the cable") from error
    finally:
        with suppress(Exception):
            con.close()
    end = time.monotonic() + _RESTART_S
    while time.monotonic() < end:
        with suppress(OSError, serial.SerialException):
            con = open_port(port, wait_s=end - time.monotonic())
            try:
                con.write(b"\r")
                if _hear(con, (b">>> ",), 3):
                    return
            finally:
                con.close()
        time.sleep(0.3)
    raise SibiaoError(
        f"the board on {port} did not come back for maintenance; unplug it and repeat"
    )


def _hear(con: serial.SerialBase, words: tuple[bytes, ...], limit_s: float) -> bytes | None:
    heard = b""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        heard = (heard + con.read(max(1, con.in_waiting)))[-4096:]
        for word in words:
            if word in heard:
                return word
    return None


@contextmanager
def prompt(port: str) -> Iterator[SerialTransport]:
    """mpremote's transport at the raw prompt. Its many errors come out as one `SibiaoError`."""
    board = None
    try:
        board = SerialTransport(port, _BAUD, timeout=_READ_S)
        board.enter_raw_repl(soft_reset=False, timeout_overall=_READ_S)
        yield board
    except _FAULTS as error:
        if isinstance(error, OSError) and error.errno == 28:
            raise SibiaoError(
                f"the file system of the board on {port} is full; its running slot is untouched"
            ) from error
        raise SibiaoError(
            f"the board on {port} stopped answering "
            f"({str(error).strip() or type(error).__name__}); its confirmed slot "
            "is untouched: check the cable and repeat"
        ) from error
    finally:
        if board is not None:
            with suppress(Exception):
                board.exit_raw_repl()
            with suppress(Exception):
                board.close()
