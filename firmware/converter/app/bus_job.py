"""One frame to a meter, asked for from outside, and whatever is heard then. The task of the bus
runs it before its polls. Loaded only by who needs it.
"""

import asyncio

import config
from micropython import const

from converter.hal.pass_through import PassThrough
from converter.link import cjt188_gate, master
from converter.model import events

LONGEST = const(261)  # bytes of a request: an M-Bus frame
LIMIT_MS = const(10000)
BAUDS = (300, 600, 1200, 2400, 4800, 9600, 19200, 38400)
_LOOK_MS = const(1000)
_HEARD = const(288)  # the longest frame with its preamble

# Why nothing was heard.
BUSY = "the bus has another job"
UNSAFE = "refused: it would let gas flow"
PART = "refused: no whole frame"
NOT_ALLOWED = "refused: the community's policy does not allow it"
ENDED = "the task of the bus ended"


class Job:
    def __init__(self, line, request, limit_ms, quiet_ms):
        # line: baud and parity as machine.UART takes them. request: bytes as they go over the
        # wire, preamble too. limit_ms: from the last byte sent. quiet_ms: so long a pause ends
        # what is heard.
        self.line = line
        self.request = memoryview(request)
        self.limit_ms = limit_ms
        self.quiet_ms = quiet_ms
        self.heard = None  # a memoryview, until its waiter waits again
        self.error = None
        self.done = asyncio.Event()

    def buffer(self):
        # What a bus hears its jobs into.
        return memoryview(bytearray(_HEARD))

    async def run(self, port, buffer, beat):
        port.set_line(*self.line)
        passing = PassThrough(port, self.request, buffer, beat)
        await passing.run(self.limit_ms, self.quiet_ms)
        self.heard = buffer[: passing.count]

    async def wait(self, beat):
        # beat: of the waiter's own task.
        while not self.done.is_set():
            try:
                await asyncio.wait_for_ms(self.done.wait(), _LOOK_MS)
            except asyncio.TimeoutError:
                pass
            beat()
        if self.heard is None and self.error is None:
            self.error = ENDED


class Service(Job):
    """A frame to one of the converter's own meters, by its link: retries, selection, rates."""

    def __init__(self, meter, request):
        # meter: of app.bus_task.
        super().__init__(meter.line, request, 0, 0)
        self.verdict = master.SILENT
        self._meter = meter

    async def run(self, port, buffer, beat):
        link = self._meter.link
        port.set_line(*self.line)
        self.verdict = await link.serve(self._meter.asked, self.request, beat)
        frame = link.frame or b""
        buffer[: len(frame)] = frame
        self.heard = buffer[: len(frame)]


def quiet_ms(bus, line):
    # A pause that ends an answer: as a profile of this bus and line says, else 22 byte times, and
    # what we may be late.
    baud, parity = line
    for _, profile_baud, profile_parity, pause_ms in config.BUSES[bus][4]:
        if (profile_baud, profile_parity) == line:
            return pause_ms
    return 20 + 22000 * (10 if parity is None else 11) // baud


def post(node, number, job):
    # The one way in for every frame that is not a poll's. Whether the bus took the job; if not,
    # its error is told.
    what, at = cjt188_gate.judge(job.request)
    controls = what & (cjt188_gate.VALVE | cjt188_gate.SYNC)
    if what & cjt188_gate.GAS:
        job.error = UNSAFE
    elif controls & ~config.ALLOW:
        job.error = NOT_ALLOWED
    meter = cjt188_gate.number(job.request, at)
    if job.error:
        node.buses[number].refuse(number, meter)
    elif what & cjt188_gate.PART:
        job.error = PART
    elif not node.buses[number].post(job):
        job.error = BUSY
    elif controls & cjt188_gate.VALVE:
        opening = what & cjt188_gate.OPENING
        node.record_event(events.VALVE_OPENING if opening else events.VALVE_CLOSING, number, meter)
    elif controls:
        node.record_event(events.MOTOR_SYNC, number, meter)
    return job.error is None
