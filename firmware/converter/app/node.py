"""Composition root: builds one node from its configuration and runs it.

Only here and in the `…_build` modules are ports opened and parts put together; only the modules
that the configuration names are loaded. `config` is the compiled community, constants only.
"""

import asyncio
import gc
import time
from binascii import crc32

import config

from converter.app import station_build
from converter.app.clock_task import ClockTask
from converter.app.console import Console
from converter.app.freezer import Freezer
from converter.app.status_task import StatusTask
from converter.app.supervisor import Supervisor
from converter.app.timed_keeper import TimedKeeper
from converter.hal import keeper_file, power, slots
from converter.hal.led import Led
from converter.hal.uart_port import UartPort
from converter.model import calendar, events, quantity
from converter.model.point import MeteringPoint
from converter.store.events import KeptEvents
from converter.store.history import History
from converter.store.presets import Presets
from converter.store.record import ABSENT, FOREIGN
from converter.uplink.serve import Uplink

_OWN = bytes(
    (
        quantity.STARTS,
        quantity.RESET_CAUSE,
        quantity.HUNG_TASK,
        quantity.EVENTS,
        quantity.LAST_EVENT,
        quantity.COMMITS,
        quantity.SLOW_COMMITS,
        quantity.LONGEST_COMMIT,
        quantity.ALARMS,
    )
)
_FIFO_BYTES = 32  # what a UART holds while a commit stops the processor


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
        self.points = [MeteringPoint(config.ADDRESS, _OWN, 0)]
        self.points += [MeteringPoint(*point) for point in config.POINTS]
        self.supervisor = Supervisor(self.record_event)
        uart, tx, rx, baud, parity, direction, preamble, quiet_ms = config.UPLINK
        self._port = port = UartPort(uart, tx, rx, baud, parity, 128, 232, direction)
        self.configured = baud, parity, config.SETTLEMENT
        self.baud = baud
        rtc = None  # before a keeper on its bus: it frees a bus that a reset has left stuck
        if config.RTC:
            chip, args = config.RTC
            rtc = _hal("rtc_" + chip).Rtc(calendar, *args)
        slow_ms = self._slow_ms()
        module, args = config.KEEPER
        self._chip = _hal("keeper_" + module).Keeper(*args)
        self.keeper = TimedKeeper(self._chip, slow_ms)
        files = (
            TimedKeeper(keeper_file.Keeper("/state"), slow_ms) if module != "file" else self.keeper
        )
        self.clock = None
        self._start_records()
        self.clock = ClockTask(self, rtc)
        self.freezer = Freezer(self, History(files), config.SETTLEMENT)
        self.access = self._button = None
        if config.ACCESS:
            from converter.app import seldom
            from converter.station.access import Access

            limits, button = config.ACCESS
            locked = seldom.call("app.written", "come_into_force", self)
            self.access = Access(*limits, locked, self.record_event)
            if button:
                from converter.hal.digital_input import DigitalInput

                self._button = DigitalInput(*button)
        self.station = station_build.build(self, config)
        self.station.silent = self.gone
        self.uplink = Uplink(port, self.station, preamble, quiet_ms, self._at_rest)
        if config.JOBS is not None:
            from converter.app import job_build

            job_build.join(self, files)
        self.reporter = None
        if config.MODULE or config.REPORTS:
            from converter.app import module_build

            module_build.build(self, config, port, files)
        self.pulses = None
        if config.PULSES:
            from converter.app import pulse_build

            self.pulses = pulse_build.build(self, config)
        self.buses = ()
        if config.BUSES:
            from converter.app import bus_build

            self.buses = bus_build.build(self, config)
        self.status = StatusTask(self, Led(config.LED))
        self.status.publish()

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
        self._port.set_line(baud, self.configured[1])
        self.baud = baud
        self.keeper.slow_ms = self._slow_ms()

    def _slow_ms(self):
        return _FIFO_BYTES * self._port.byte_us // 1000

    def change(self, what, *args):
        # app.changes, where the uplink has services that write.
        from converter.app import seldom

        return seldom.call("app.changes", what, self, *args)

    def refusal(self, level, pa, password):
        # 0, or the error word (station.access).
        return self.change("refusal", level, pa, password)

    def look(self):
        # The sealed button, and the end of a lock; to be called every second or so.
        if self.access:
            now = self.now_s()
            if self._button:
                self.access.look(self._button.level(), now)
            if self.access.unlocks(now):
                try:
                    self.change("unlock")
                except OSError as error:
                    self.record_event(events.COMMIT_FAILED, error.errno or 0)

    def _start_records(self):
        self.own = own = crc32(power.unique_id()).to_bytes(4, "little")
        self.presets = Presets(self.keeper, own)
        self.kept_events = KeptEvents(events.Events(), self.keeper, "events", own)
        self.cause, self.hung, self.unkept = power.start_cause()
        problem = self.kept_events.load()
        # No record at all on a board that is not new, or another board's: ours are lost.
        self.new = slots.born()
        self.gone = problem == FOREIGN or (problem == ABSENT and not self.new)
        if not self.gone:
            self._accept()
        if self.gone:
            self.record_event(events.RECORDS_GONE, 0)
        elif problem:
            self.record_event(events.RECORD_LOST, problem)
        problem = self.presets.load()
        if problem:
            self.record_event(events.RECORD_LOST, problem)
        if not self.trial:
            self.kept_events.upgrade()
        self.kept_events.starts += 1
        self.record_event(events.STARTED, self.cause)
        if self.hung:
            self.record_event(events.TASK_HUNG, self.hung)

    def confirmed(self):
        # The trial is passed: records may be written in the newest format.
        self.trial = False
        self.record_event(events.SLOT_CONFIRMED, 0)
        self.kept_events.upgrade()
        if self.pulses:
            for each in self.pulses.inputs:
                each.kept.upgrade()

    def restored(self):
        # What was lost has been entered anew: speak again.
        self.gone = False
        self.kept_events.take_over()
        self.presets.take_over()
        if self.reporter:
            self.reporter.kept.take_over()
        if config.JOBS is not None:
            self.jobs("take_over")
        self._accept()
        if self.access:
            self.change("restored")
        self.station.silent = False
        self.status.commit_events()  # at once: without them the next start were silent again

    def _accept(self):
        # The chip was new, or had another layout: what it holds now is known.
        try:
            if self._chip.reformatted:
                self._chip.accept()
        except OSError as error:
            self.record_event(events.COMMIT_FAILED, error.errno or 0)

    async def main(self, watchdog):
        start = self.supervisor.start
        start("uplink", self.uplink.run)
        if self.pulses:
            start("pulses", self.pulses.run)
        for bus in self.buses:
            start("bus", bus.run)
        start("console", Console(self).run)
        start("status", self.status.run)
        start("clock", self.clock.run)
        if config.SUPPLY:
            from converter.app.supply_task import SupplyTask
            from converter.hal.supply import Supply

            start("supply", SupplyTask(Supply(*config.SUPPLY), self).run)
        gc.collect()
        await self.supervisor.run(watchdog, self._restart_hung)

    def _at_rest(self):
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


def _hal(name):
    return __import__("converter.hal." + name, None, None, ("Keeper", "Rtc"))
