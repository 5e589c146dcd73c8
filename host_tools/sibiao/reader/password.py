"""Passwords as typed: six digits, most significant first; never shown."""

from __future__ import annotations

import os

import click

from sibiao.errors import SibiaoError

VARIABLE = "SIBIAO_PASSWORD"


def by(level: int) -> bytes:
    """Level and password as on the wire."""
    prompt = f"Password of level {level:02}"
    return bytes((level,)) + _wire(os.environ.get(VARIABLE) or _typed(prompt))


def password(prompt: str) -> bytes:
    """A new one, typed twice; as on the wire."""
    return _wire(_typed(prompt, twice=True))


def _typed(prompt: str, twice: bool = False) -> str:
    return click.prompt(
        f"{prompt} (6 digits)", hide_input=True, err=True, confirmation_prompt=twice
    )


def _wire(text: str) -> bytes:
    if len(text) != 6 or not text.isdecimal():
        raise SibiaoError("a password has 6 digits")
    return bytes.fromhex(text)[::-1]
