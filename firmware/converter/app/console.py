"""The USB console of a running node: it answers ENQ (05) with one line that says who it is.

A flashing tool proves the running node by this line, without interrupting it. Ctrl-C is a request
for maintenance: `main.py` sees the KeyboardInterrupt.
"""

import asyncio
import json
import select
import sys

from micropython import const

_LOOK_MS = const(250)
_ENQ = "\x05"


class Console:
    def __init__(self, report):
        # report() -> a dictionary of what the node is and how it does.
        self._report = report

    async def run(self, beat):
        poll = select.poll()
        poll.register(sys.stdin, select.POLLIN)
        while True:
            beat()
            while poll.poll(0):
                if sys.stdin.read(1) == _ENQ:
                    print("sibiao " + json.dumps(self._report()))
            await asyncio.sleep_ms(_LOOK_MS)
