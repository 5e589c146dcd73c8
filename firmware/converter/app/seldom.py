"""Code that is seldom needed: loaded for one call, and let go of afterwards.

A module kept for ever would cost heap all the time; on the Pico, one of a hundred lines costs some
ten milliseconds when it is called.
"""

import sys

from converter.link import dlt645
from converter.station.dlt645 import EVERYONE, JOB, NOT_MINE, SILENT


def call(name, attribute, *args):
    # converter.<name>.<attribute>(*args). What it gives back may go on using its
    # module: only the next call loads another.
    held = set(sys.modules)
    module = __import__("converter." + name, None, None, (attribute,))
    try:
        return getattr(module, attribute)(*args)
    finally:
        for name in list(sys.modules):
            if name not in held and name.startswith("converter."):
                _let_go(name)


def _let_go(name):
    # Of a module; its folder remembers it, too.
    del sys.modules[name]
    folder, _, leaf = name.rpartition(".")
    if hasattr(sys.modules.get(folder), leaf):
        delattr(sys.modules[folder], leaf)


class Services:
    """Services of the station that are seldom asked for, as one that loads them (station.dlt645).
    What they remember stands in the node and its records."""

    shift = 0x33

    def __init__(self, node, rows):
        # rows: (module, arguments, control code, whether it hears broadcasts)
        self._node = node
        self._rows = rows
        self.controls = bytes([row[2] for row in rows])
        self.broadcast = True
        self._asked = None  # the one that a job is out for

    def handle(self, who, frame, out):
        length = NOT_MINE
        for name, args, control, broadcast in self._rows:
            if control == frame[dlt645.CONTROL] and length == NOT_MINE:
                if who == EVERYONE and not broadcast:
                    return SILENT
                service = call("station." + name, "Service", self._node, *args)
                length = service.handle(who, frame, out)
        self._asked = service if length == JOB else None
        return length

    @property
    def job(self):
        return self._asked.job

    def complete(self, job, heard, out):
        return self._asked.complete(job, heard, out)
