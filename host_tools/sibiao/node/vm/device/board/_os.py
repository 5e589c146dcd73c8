"""`os` with what boards have and the VM has not."""

from os import *  # noqa: F403


def sync():
    # littlefs has nothing to write for files that are closed.
    pass
