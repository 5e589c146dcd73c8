"""The USB console of a running node: it answers ENQ (05) with one line that says who it is, and
DLE (10) with a command behind it, ended by a line feed, with one line that says what became of it.

A flashing tool proves the running node by the first, without interrupting it. Ctrl-C is a request
for maintenance: `main.py` sees the KeyboardInterrupt.
"""

import asyncio
import gc
import json
import select
import sys

from micropython import const

from converter.app import seldom

_LOOK_MS = const(250)
_ENQ = "\x05"
_DLE = "\x10"  # none of the characters that a prompt takes for itself
_LONGEST = const(600)  # characters: the longest frame to a meter in hexadecimal, and who gets it


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
                await self._take(char, beat)
            await asyncio.sleep_ms(_LOOK_MS)

    async def _take(self, char, beat):
        if char == _ENQ:
            gc.collect()
            self._say(seldom.call("app.boot_report", "report", self._node, gc.mem_alloc()))
            beat()
            await asyncio.sleep_ms(0)  # many that wait must not keep the others from running
        elif char == _DLE:
            self._line = bytearray()
        elif self._line is not None and char in "\r\n":
            line, self._line = self._line, None
            answer = seldom.call("app.commands", "execute", self._node, _words(line), beat)
            self._say(await answer)
        elif self._line is not None:
            if len(self._line) < _LONGEST and ord(char) < 0x80:
                self._line.append(ord(char))
            else:
                self._line = None

    def _say(self, what):
        print("sibiao " + json.dumps(what))


def _words(line):
    return str(line, "ascii").split()
