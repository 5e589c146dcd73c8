"""Composition root: builds one node from its configuration and runs it.

Only here are ports opened and parts put together; only the modules that the configuration names
are loaded. `config` is the compiled community, constants only (host_tools/sibiao/config).
"""

import asyncio
import gc
import time

import config

from converter import VERSION
from converter.app.console import Console
from converter.app.status_task import StatusTask
from converter.app.supervisor import Supervisor
from converter.hal import power
from converter.hal.file_keeper import FileKeeper
from converter.hal.led import Led
from converter.hal.uart_port import UartPort
from converter.model import events, quantity, unit
from converter.model.point import MeteringPoint
from converter.station.dlt645 import Station
from converter.store.events import KeptEvents
from converter.uplink.serve import Uplink

_OWN = bytes(
    (
        quantity.STARTS,
        quantity.RESET_CAUSE,
        quantity.HUNG_TASK,
        quantity.EVENTS,
        quantity.LAST_EVENT,
    )
)


def run(slot, trial):
    # Runs until KeyboardInterrupt. slot: "a" or "b"; trial: whether this is its trial start.
    watchdog = power.watchdog()  # first, so that a start that hangs is ended too
    node = Node(slot, trial)
    try:
        asyncio.run(node.main(watchdog))
    finally:
        node.commit_all()


class Node:
    def __init__(self, slot, trial):
        self.slot = slot
        self.trial = trial
        self._start_ms = time.ticks_ms()
        self._past_s = 0
        self.keeper = FileKeeper("/state")
        self._start_events()
        self.points = [MeteringPoint(config.ADDRESS, _OWN, 0)]
        self.points += [MeteringPoint(*point) for point in config.POINTS]
        self.supervisor = Supervisor(self.record_event)
        self.uplink = self._build_uplink()
        self.pulses = self._build_pulses() if config.PULSES else None
        self.buses = self._build_buses() if config.BUSES else ()
        self.status = StatusTask(self, Led(config.LED))
        self.publish_own()

    def now_s(self):
        # Seconds since the start. Called at least once a second, so the ticks cannot wrap unseen.
        whole_s = time.ticks_diff(time.ticks_ms(), self._start_ms) // 1000
        if whole_s > 0:
            self._start_ms = time.ticks_add(self._start_ms, whole_s * 1000)
            self._past_s += whole_s
        return self._past_s

    def record_event(self, code, detail):
        self.kept_events.events.add(code, detail, self.now_s())

    def _start_events(self):
        self.kept_events = KeptEvents(events.Events(), self.keeper, "events")
        problem = self.kept_events.load()
        if problem:
            self.record_event(events.RECORD_LOST, problem)
        self.kept_events.starts += 1
        self.cause, self.hung = power.start_cause()
        self.record_event(events.STARTED, self.cause)
        if self.hung:
            self.record_event(events.TASK_HUNG, self.hung)

    def publish_own(self):
        # The converter's registers about itself.
        now = self.now_s()
        own = self.points[0]
        log = self.kept_events.events
        last = log.last()
        own.publish(quantity.STARTS, self.kept_events.starts, 0, unit.NONE, now)
        own.publish(quantity.RESET_CAUSE, self.cause, 0, unit.NONE, now)
        own.publish(quantity.HUNG_TASK, self.hung, 0, unit.NONE, now)
        own.publish(quantity.EVENTS, log.count, 0, unit.NONE, now)
        own.publish(quantity.LAST_EVENT, last[0] * 1000 + last[1], 0, unit.NONE, now)

    def _build_uplink(self):
        uart, tx, rx, baud, parity, preamble = config.UPLINK
        station = Station(self.points, config.IDENTIFIERS, config.SERIAL, config.BOUND)
        return Uplink(
            UartPort(uart, tx, rx, baud, parity, 128, 232), station, preamble, self._at_rest
        )

    def _build_pulses(self):
        from converter.app.pulse_task import PulseTask
        from converter.model.total import Total
        from converter.store.totals import KeptTotal

        inputs = []
        for number, kind, pin, weight, policy, base in config.PULSES:
            kept = KeptTotal(Total(*weight), self.keeper, "total%d" % number, *policy)
            problem = kept.load()
            if problem:
                # A lost total is unknown until someone enters the dial: nothing is published.
                self.record_event(events.RECORD_LOST, problem)
                continue
            if problem is not None:
                kept.total.base = base
            module = __import__("converter.hal.pulse_" + kind, None, None, ("PulseSource",))
            inputs.append((module.PulseSource(*pin), kept, self.points[number]))
        task = PulseTask(inputs, self.now_s, self.record_event)
        task.publish_all()
        return task

    def _build_buses(self):
        from converter.app.bus_task import BusMeter, BusTask

        tasks = []
        for port, tries, every_s, meters in config.BUSES:
            meters = [BusMeter(self.points[m[0]], *m) for m in meters]
            tasks.append(
                BusTask(
                    UartPort(*port, 128, 32), meters, tries, every_s, self.now_s, self.record_event
                )
            )
        return tasks

    async def main(self, watchdog):
        start = self.supervisor.start
        start("uplink", self.uplink.run)
        if self.pulses:
            start("pulses", self.pulses.run)
        for bus in self.buses:
            start("bus", bus.run)
        start("console", Console(self.report).run)
        start("status", self.status.run)
        gc.collect()
        await self.supervisor.run(watchdog, self._restart_hung)

    def _at_rest(self):
        if self.pulses:
            self.pulses.commit_due()
        self.status.commit_due()

    def _restart_hung(self, number):
        self.record_event(events.TASK_HUNG, number)
        self.restart()

    def restart(self):
        # A wanted restart: everything counted is committed first.
        self.commit_all()
        power.reset()

    def commit_all(self):
        if self.pulses:
            self.pulses.commit_all()
        self.status.commit_events()

    def report(self):
        # Who this is and how it does: the boot report, see app.console.
        log = self.kept_events.events
        gc.collect()
        heap = gc.mem_alloc()
        fault = FileKeeper("/slots").load("fault")
        return {
            "firmware": VERSION,
            "community": config.NAME,
            "config": config.DIGEST,
            "serial": config.SERIAL.decode(),
            "address": "".join("%02x" % b for b in reversed(config.ADDRESS)),
            "unit": "".join("%02x" % b for b in power.unique_id()),
            "slot": self.slot,
            "trial": self.trial,
            "fault": fault and fault.decode(),
            "starts": self.kept_events.starts,
            "cause": self.cause,
            "hung": self.supervisor.name(self.hung),
            "ended": self.supervisor.ended,
            "event": log.last(),
            "uptime_s": self.now_s(),
            "heap": heap,
        }
