"""A booted emulated Pico, shared by the tests: `@in_fork` gives each its own copy."""

import functools

from sibiao.micropython.pico_image import find_pico_image
from sibiao.node.pico import EmulatedPico

MS = 1_000_000
S = 1000 * MS


def image():
    return find_pico_image(download=False, build=False).path


@functools.cache
def booted():
    """At its prompt, with an empty file system."""
    board = EmulatedPico(image(), files={})
    board.boot()
    board.exec_raw("import machine, time")
    return board


def start(board, code):
    """Have the code running at the raw prompt, and do not wait for its end."""
    board.console_read()
    board.console_write(b"\r\x03\x01")
    printed(board, b"raw REPL; CTRL-B to exit\r\n>")
    board.console_write(code.encode() + b"\x04")


def printed(board, mark, limit_ns=10 * S):
    """What was printed up to `mark`."""
    text = bytearray()

    def found():
        text.extend(board.console_read())
        return mark in text

    assert board.run_until(found, limit_ns), f"{mark!r} never came, but {bytes(text)!r}"
    return text.decode().replace("\r\n", "\n")
