"""The USB console of a running node: it answers ENQ (05) with one line that says who it is, and
DLE (10) with a command behind it, ended by a line feed, with one line that says what became of it.

A flashing tool proves the running node by the first, without interrupting it. Ctrl-C is a request
for maintenance: `main.py` sees the KeyboardInterrupt.
"""

import asyncio
import json
import select
import sys

from micropython import const

_LOOK_MS = const(250)
_ENQ = "\x05"
_DLE = "\x10"  # none of the characters that a prompt takes for itself
_LONGEST = const(80)


class Console:
    def __init__(self, node):
        self._node = node
        self._line = None  # a command that has begun

    async def run(self, beat):
        poll = select.poll()
        poll.register(sys.stdin, select.POLLIN)
        while True:
            beat()
            while poll.poll(0):
                char = sys.stdin.read(1)
                if not char:
                    break  # nobody will ever write again
                self._take(char)
            await asyncio.sleep_ms(_LOOK_MS)

    def _take(self, char):
        if char == _ENQ:
            self._say(self._node.status.report())
        elif char == _DLE:
            self._line = ""
        elif self._line is not None and char in "\r\n":
            line, self._line = self._line, None
            from converter.app import seldom

            self._say(seldom.call("app.commands", "execute", self._node, line.split()))
        elif self._line is not None:
            self._line = self._line + char if len(self._line) < _LONGEST else None

    def _say(self, what):
        print("sibiao " + json.dumps(what))
