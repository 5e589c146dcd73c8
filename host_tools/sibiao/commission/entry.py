"""Dial readings: given to the command, or typed until they can be one."""

from __future__ import annotations

import sys
from decimal import Decimal, InvalidOperation

import click

from sibiao.errors import SibiaoError

AGAIN, REDRAW, SIGN = "e", "d", "s"


class Entries:
    """`given`: of each point (before, after), each a text or None. Who gives both is not asked."""

    def __init__(self, given: dict[str, tuple[str | None, str | None]]):
        self._given = given

    def is_given(self, name: str) -> bool:
        return all(self._given.get(name, (None, None)))

    def dial(self, name: str, which: int, unit: str, roll: Decimal | None) -> str:
        """which: 0 before, 1 after drawing."""
        given = self._given.get(name, (None, None))[which]
        if given is not None:
            wrong = _wrong(given, roll)
            if wrong:
                raise SibiaoError(f"--dial-{('before', 'after')[which]} {name}={given}: {wrong}")
            return given
        when = ("now", "after drawing, with the tap closed")[which]
        _forget_typed()
        while True:
            text = click.prompt(f"{name}: dial {when} ({unit})", err=True).strip()
            wrong = _wrong(text, roll)
            if not wrong:
                return text
            click.echo(wrong, err=True)

    def forget(self, name: str) -> None:
        """They are typed again."""
        self._given.pop(name, None)


def what_then() -> str:
    """After a verdict that is not good."""
    said = "e: enter the dials again, d: draw again, s: sign it as it is"
    return click.prompt(said, type=click.Choice([AGAIN, REDRAW, SIGN]), default=SIGN,
                        show_choices=False, err=True)  # fmt: skip


def _forget_typed() -> None:
    """What was typed while water still ran is no dial of now."""
    if not sys.stdin.isatty():
        return
    try:
        import termios
    except ImportError:  # Windows
        import msvcrt

        while msvcrt.kbhit():
            msvcrt.getch()
    else:
        termios.tcflush(sys.stdin, termios.TCIFLUSH)


def _wrong(text: str, roll: Decimal | None) -> str:
    """Why it is no dial reading; empty if it is one."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or "e" in text.lower():
        hint = "write a decimal point" if "," in text else "digits, with a point before decimals"
        return f"{text!r} is no dial reading: {hint}"
    if value < 0 or (roll is not None and value >= roll):
        most = f" and below {roll}" if roll is not None else ""
        return f"{text} stands on no such dial: it is 0 or more{most}"
    return ""
