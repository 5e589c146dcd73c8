"""`micropython` with what boards have and the VM has not."""

import _console
from micropython import *  # noqa: F403

kbd_intr = _console.interrupt_char


def alloc_emergency_exception_buf(size):
    # The VM always has room for the exception itself.
    pass
