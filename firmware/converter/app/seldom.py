"""Code that is seldom needed: loaded for one call, and let go of afterwards.

A module kept for ever would cost heap all the time; on the Pico, one of a hundred lines costs some
ten milliseconds when it is called.
"""

import gc
import sys

from converter.link import dlt645
from converter.station.dlt645 import EVERYONE, NOT_MINE, SILENT


def call(name, attribute, *args):
    # converter.<name>.<attribute>(*args). What it gives back may go on using its
    # module: only the next call loads another.
    held = set(sys.modules)
    module = __import__("converter." + name, None, None, (attribute,))
    try:
        return getattr(module, attribute)(*args)
    finally:
        for name in list(sys.modules):
            if name not in held and (name == "config" or name.startswith("converter.")):
                let_go(name)


def once(name, attribute, *args):
    # The same of what is called at the start alone: only that module is let go of, for what it
    # has loaded stays in use. Collects: what is made next, and stays, fills the gaps.
    module = __import__("converter." + name, None, None, (attribute,))
    try:
        return getattr(module, attribute)(*args)
    finally:
        let_go("converter." + name)
        gc.collect()


def let_go(name):
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
        # rows: (module, arguments, control code, whether it hears broadcasts, the identifiers that
        # it is asked for as on the wire, or none: any)
        self._node = node
        self._rows = rows
        self.controls = bytes([row[2] for row in rows])
        self.broadcast = True

    def handle(self, who, frame, out):
        for row in self._rows:
            if is_for(row, frame):
                break
        else:
            return NOT_MINE
        if who == EVERYONE and not row[3]:
            return SILENT
        service = call("station." + row[0], "Service", self._node, *row[1])
        return service.handle(who, frame, out)


def is_for(row, frame):
    if row[2] != frame[dlt645.CONTROL]:
        return False
    asked = row[4]
    for i in range(0, len(asked), 4):
        if asked[i : i + 4] == frame[dlt645.DATA : dlt645.DATA + 4]:
            return True
    return not asked
