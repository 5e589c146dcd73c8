"""The USB console of a running node: it answers ENQ (05) with one line that says who it is.

A flashing tool proves the running node by this line, without interrupting it. Ctrl-C is a request
for maintenance: `main.py` sees the KeyboardInterrupt.
"""

import asyncio
import json
import sys

from micropython import const

_WAIT_MS = const(1000)
_ENQ = "\x05"


class Console:
    def __init__(self, report):
        # report() -> a dictionary of what the node is and how it does.
        self._report = report

    async def run(self, beat):
        stream = asyncio.StreamReader(sys.stdin)
        while True:
            beat()
            try:
                char = await asyncio.wait_for_ms(stream.read(1), _WAIT_MS)
            except asyncio.TimeoutError:
                continue
            if char == _ENQ or char == b"\x05":
                self.print_report()

    def print_report(self):
        print("sibiao " + json.dumps(self._report()))
