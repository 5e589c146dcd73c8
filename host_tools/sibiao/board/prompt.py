"""A board's MicroPython prompt, spoken to by mpremote's own transport."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import serial
from mpremote import transport_serial
from mpremote.transport import TransportError
from mpremote.transport_serial import SerialTransport

from sibiao.board.port import BAUD, BRIEFLY_S, PORT_ERRORS, open_port
from sibiao.errors import SibiaoError

# mpremote prints what it did not understand; that would stand in the middle of our own output.
transport_serial.print = lambda *_, **__: None

# What is said when a board must not be left alone: nothing would end its maintenance, or half an
# image would be on it.
RESTARTS = "the node restarts for maintenance"
BRINGING = "MicroPython: "  # how all begins that is said while the board has none

_READ_S = 30  # silence longer than this means a dead board or a pulled cable
_WRITE_S = 5
_ANSWER_S = 5  # until Ctrl-C has an effect: a node commits first
_TRIES = 2
_RESTART_S = 30
_LOOK_AGAIN_S = 0.3
# Out of whatever an earlier tool left: a program, a half-sent paste, the raw prompt.
_TO_PROMPT = b"\r\x03\x02"
_PROMPT = b">>> "
_RESTARTING = b"restarting for maintenance"
# What talking to a board may raise besides SibiaoError.
FAULTS = (TransportError, *PORT_ERRORS, struct.error, SyntaxError, ValueError)


class NoPrompt(SibiaoError):
    """Nothing answers as MicroPython does."""


class Prompt:
    """A board at its raw prompt."""

    def __init__(self, port: str):
        self.port = port
        self._board = _opened(port)
        self._board.serial.write_timeout = _WRITE_S
        self._board.enter_raw_repl(soft_reset=False, timeout_overall=_READ_S)

    def run(self, code: str) -> str:
        """What the code printed. Whatever it raises is a `SibiaoError`."""
        printed, failed = self._board.exec_raw(code, timeout=_READ_S)
        if failed:
            raise SibiaoError(self._refusal(failed.decode(errors="replace")))
        return printed.decode()

    def _refusal(self, traceback: str) -> str:
        last = (traceback.strip().splitlines() or ["no reason given"])[-1]
        if "ENOSPC" in last or last == "OSError: 28":
            return (
                f"the file system of the board on {self.port} is full, and its confirmed slot "
                "runs on: remove files that are not Sibiao's (with mpremote) and repeat"
            )
        return (
            f"the board on {self.port} refused a step ({last}), and its confirmed slot runs on: "
            "repeat, and put a new MicroPython image on it if it happens again"
        )

    def restart(self, interrupt: bool) -> None:
        """Nobody waits for it here. With interrupt, out of a half-sent command, too; a node that
        runs would take that for a request for maintenance."""
        con = self._board.serial
        con.write(b"\r\x03\x02" if interrupt else b"\x02")
        con.write(b"\rimport machine;machine.reset()\r")

    def leave(self) -> None:
        """Back to the prompt that was found, and nothing restarted."""
        self._board.exit_raw_repl()

    def close(self) -> None:
        with suppress(*PORT_ERRORS):
            self._board.close()


def _opened(port: str) -> SerialTransport:
    end = time.monotonic() + BRIEFLY_S
    while True:
        try:
            return SerialTransport(port, BAUD, timeout=_READ_S)
        except TransportError:  # it does not say why
            if time.monotonic() >= end:
                raise
            time.sleep(_LOOK_AGAIN_S)


@contextmanager
def prompt(port: str) -> Iterator[Prompt]:
    """The raw prompt of the board at `port`, which is restarted at the end, whatever happened:
    a board left in maintenance counts nothing."""
    board = None
    in_step = True
    try:
        board = Prompt(port)
        yield board
    except FAULTS as error:
        in_step = False  # the board may have restarted by itself, and count again
        why = " ".join(str(error).split()) or type(error).__name__
        raise SibiaoError(
            f"the board on {port} stopped answering ({why}); its confirmed slot is untouched: "
            "check the cable and repeat"
        ) from error
    finally:
        if board is not None:
            with suppress(*PORT_ERRORS):
                board.restart(interrupt=in_step)
            board.close()


def quiet_prompt(port: str, say: Callable[[str], None] = lambda text: None) -> None:
    """Bring the board to a prompt with no application and no watchdog running.

    A running node takes Ctrl-C as a request for maintenance: it commits, restarts and stays quiet.
    """
    try:
        with open_port(port) as con:
            heard = _knock(con, port)
    except PORT_ERRORS as error:
        raise SibiaoError(f"the board on {port} went away ({error}): check the cable") from error
    if heard == _RESTARTING:
        say(RESTARTS)
        _await_maintenance(port)


def _knock(con: serial.SerialBase, port: str) -> bytes:
    said = b""
    for _ in range(_TRIES):
        con.write(_TO_PROMPT)
        word, new = _hear(con, (_RESTARTING, _PROMPT), _ANSWER_S)
        said += new
        if word:
            return word
    if said:
        raise NoPrompt(
            f"what is on {port} sends data, but no MicroPython prompt: is this the right port? "
            "If it is, unplug the board, plug it in again and repeat"
        )
    raise NoPrompt(
        f"the board on {port} does not answer: is it powered, is it a MicroPython board, "
        "is this the right port? Unplug it, plug it in again and repeat"
    )


def _await_maintenance(port: str) -> None:
    end = time.monotonic() + _RESTART_S
    while (left_s := end - time.monotonic()) > 0:
        # The port goes and comes back with the board.
        with suppress(*PORT_ERRORS, SibiaoError), open_port(port, wait_s=left_s) as con:
            con.write(b"\r")
            if _hear(con, (_PROMPT,), 3)[0]:
                return
        time.sleep(_LOOK_AGAIN_S)
    raise SibiaoError(
        f"the board on {port} did not come back for maintenance: unplug it, plug it in again "
        "and repeat"
    )


def _hear(
    con: serial.SerialBase, words: tuple[bytes, ...], limit_s: float
) -> tuple[bytes | None, bytes]:
    # (the word that came, the last of what was heard)
    heard = b""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        heard = (heard + con.read(max(1, con.in_waiting)))[-4096:]
        for word in words:
            if word in heard:
                return word, heard
    return None, heard
