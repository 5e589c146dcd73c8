"""One node: what its parts share, and its life. app.node_build puts it together."""

import asyncio
import gc
import time

from micropython import const

from converter.app import seldom
from converter.app.supervisor import Supervisor
from converter.hal import power
from converter.model import events

_FIFO_BYTES = const(32)  # what a UART holds while a commit stops the processor


def run(slot, trial):
    # Runs until KeyboardInterrupt. slot: "a" or "b"; trial: whether this is its trial start.
    watchdog = power.watchdog()  # first, so that a start that hangs is ended too
    node = Node(slot, trial)
    try:
        asyncio.run(node.main(watchdog))
    finally:
        node.commit_all()


class Node:
    # What not every configuration has.
    clock = access = button = rekey = reporter = jobs = pulses = None
    buses = ()

    def __init__(self, slot, trial):
        self.slot = slot
        self.trial = trial
        self._start_ms = time.ticks_ms()
        self._past_s = 0
        self.supervisor = Supervisor(self.record_event)
        seldom.once("app.node_build", "build", self)

    def now_s(self):
        # Seconds since the start. Called at least once a second, so the ticks cannot wrap unseen.
        whole_s = time.ticks_diff(time.ticks_ms(), self._start_ms) // 1000
        if whole_s > 0:
            self._start_ms = time.ticks_add(self._start_ms, whole_s * 1000)
            self._past_s += whole_s
        return self._past_s

    def time_s(self):
        # Seconds since 2000, 0 unknown.
        return self.clock.now_s() if self.clock else 0

    def record_event(self, code, detail, value=0, since_s=None):
        # since_s: the uptime where the event has no other beginning.
        since_s = self.now_s() if since_s is None else since_s
        self.kept_events.events.add(code, detail, self.time_s(), value, since_s)

    def set_baud(self, baud):
        # Of the uplink, between two exchanges.
        self.port.set_line(baud, self.configured[1])
        self.baud = baud
        self.keeper.slow_ms = self.slow_ms()

    def slow_ms(self):
        # A commit that takes longer may have cost bytes on the uplink.
        return _FIFO_BYTES * self.port.byte_us // 1000

    def change(self, what, *args):
        # app.changes, where the uplink has services that write.
        return seldom.call("app.changes", what, self, *args)

    def refusal(self, level, pa, password):
        # 0, or the error word (station.access).
        return self.change("refusal", level, pa, password)

    def look(self):
        # The sealed button, and the end of a lock; to be called every second or so.
        if self.access:
            now = self.now_s()
            if self.button:
                self.access.look(self.button.level(), now)
            if self.access.unlocks(now):
                try:
                    self.change("unlock")
                except OSError as error:
                    self.record_event(events.COMMIT_FAILED, error.errno or 0)

    async def main(self, watchdog):
        for name, run in self.tasks:
            self.supervisor.start(name, run)
        self.tasks = None
        seldom.call("app.started", "forget")
        gc.collect()
        await self.supervisor.run(watchdog, self._restart_hung)

    def at_rest(self):
        # Of the uplink: what is due becomes durable.
        if self.gone:
            return  # nothing is written over what may still be saved
        if self.pulses:
            self.pulses.commit_due()
        self.status.commit_due()
        self.freezer.commit_due()
        if self.reporter:
            self.reporter.due()

    def _restart_hung(self, number):
        self.record_event(events.TASK_HUNG, number)
        self.restart()

    def restart(self):
        # A wanted restart: everything counted is committed first.
        self.commit_all()
        power.reset()

    def commit_all(self):
        if self.gone:
            return
        if self.pulses:
            self.pulses.commit_all()
        self.status.commit_events()
