"""Record keeper on the board's littlefs: one small file a record.

littlefs makes the rewrite of a file take effect at its close, all or nothing, and levels the wear
over the whole file system.
"""

import os

from micropython import const

_ENOENT = const(2)


class Keeper:
    reformatted = False  # a lost file system takes the firmware with it

    def __init__(self, folder):
        self._folder = folder

    def load(self, name):
        # The bytes of the last commit, or None. A power cut in the very first commit leaves an
        # empty file, which is no commit.
        try:
            with open(self._folder + "/" + name, "rb") as f:
                return f.read() or None
        except OSError as error:
            if error.errno == _ENOENT:
                return None
            raise  # what the flash cannot give is unknown, not absent

    def commit(self, name, data):
        # Durable when it returns; OSError (28: file system full) leaves the last commit in force.
        try:
            self._write(name, data)
        except OSError as error:
            if error.errno != _ENOENT:
                raise
            os.mkdir(self._folder)  # the very first commit
            self._write(name, data)

    def _write(self, name, data):
        with open(self._folder + "/" + name, "wb") as f:
            f.write(data)

    def accept(self):
        pass
