"""The communication module (PLC or RF) behind the uplink's UART: its start, its rate, its return.

A module binds by asking for an address again and again, at one rate after the other, in DL/T 645
and in others' frames. So an unbound converter listens at each of its own rates for longer than
the module takes for all, until a request to one of its addresses comes.
"""

import asyncio

from micropython import const

from converter.model import events

_POWER_MS = const(100)
_RESET_MS = const(250)  # at least 200


class Module:
    def __init__(self, pins, port, rates, cold, ours, now_s, record_event):
        # pins: hal.module_pins. rates: (bauds to try, seconds at each, seconds of silence after
        # which the module is reset). cold: its power has just come. ours(frame): whether it is a
        # request to us. now_s(): the uptime. The search begins at the port's own rate: it may
        # have been set by a request (17H).
        self._pins = pins
        self._port = port
        self._bauds, self._listen_s, self._rebind_s = rates
        self._ours = ours
        self._now_s = now_s
        self._record_event = record_event
        self._told = False  # that it is silent
        self._cold = cold
        self.spontaneous = None  # uplink.spontaneous
        self.bound = False
        self._heard_s = self._tried_s = 0

    async def start(self):
        # One that has kept its power through our reset goes on: it may take minutes to join.
        if self._cold:
            self._cold = False
            await self._reset()
        else:
            self._pins.power(True)
        self._search()

    async def listened(self, frame, out):
        # frame: a sound one, or None; then, where out is given, the length of what was put there
        # to be sent unasked, or 0. May take a third of a second.
        now_s = self._now_s()
        if frame is not None:
            self._heard_s = now_s
            if not self.bound and self._ours(frame):
                self.bound = True
                self._told = False
                self._pins.set(False)
                self._record_event(events.MODULE_BOUND, 0, self._port.line[0])
            return 0
        if now_s - self._heard_s >= self._rebind_s:
            if not self._told:
                self._told = True  # once, not for every reset of an outage
                edges = min(self._pins.sta_edges, 255)
                self._record_event(events.MODULE_SILENT, edges, self._rebind_s)
            await self._reset()
            self._search()
        elif not self.bound and now_s - self._tried_s >= self._listen_s:
            self._tried_s = now_s
            baud, parity = self._port.line
            at = self._bauds.index(baud) + 1
            self._port.set_line(self._bauds[at % len(self._bauds)], parity)
        elif self.bound and self.spontaneous and out:
            return self.spontaneous.frame(out)
        return 0

    def _search(self):
        self.bound = False
        if self.spontaneous:
            self.spontaneous.down = True
        if self._port.line[0] not in self._bauds:
            self._bauds += (self._port.line[0],)
        self._pins.set(True)  # it may take an address now
        self._heard_s = self._tried_s = self._now_s()

    async def _reset(self):
        pins = self._pins
        pins.power(True)
        pins.reset(True)
        await asyncio.sleep_ms(_POWER_MS + _RESET_MS)
        pins.reset(False)
        pins.sta_edges = 0
