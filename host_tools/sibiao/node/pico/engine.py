"""Drives the emulator: synchronous, in one thread, without wall-clock time, so it is repeatable.

A span of emulated time ends at an alarm of the emulator's own clock, at most one instruction late.
"""

from collections.abc import Callable

from rp2040py.execute_batch import execute_batch

from sibiao.node.contract import Cancel

_POLL_NS = 1_000_000
# One instruction, then its cycles: every alarm fires at its own instant. A larger batch was
# measured to gain nothing.
_TICK_BATCH = 1


class Engine:
    """The `Clock` of the node, and the only caller of the emulator's loop."""

    def __init__(self, mcu, simulator):
        self.mcu = mcu
        self._simulator = simulator
        self._clock = simulator.clock
        self._deadline_alarm = self._clock.create_alarm(self._deadline)
        self._poll_alarm = self._clock.create_alarm(self._poll)
        self._done: Callable[[], bool] | None = None
        self._deferred: list[Callable[[], None]] = []
        self._running = False
        self._expired = False
        self._met = False

    @property
    def now_ns(self) -> int:
        return round(self._clock.nanos)

    def call_later(self, delay_ns: int, callback: Callable[[], None]) -> Cancel:
        def due():
            callback()
            self.notice()

        alarm = self._clock.create_alarm(due)
        alarm.schedule(max(0, delay_ns))
        return alarm.cancel

    def create_alarm(self, callback: Callable[[], None]):
        """The emulator's own alarm, to be scheduled again and again."""
        return self._clock.create_alarm(callback)

    def stop(self) -> None:
        self._simulator.stopped = True

    def notice(self) -> None:
        """Something happened that a caller of `run_until` may be waiting for."""
        if self._done is not None and not self._met and self._done():
            self._met = True
            self.stop()

    def defer(self, action: Callable[[], None]) -> None:
        """Do `action` between two instructions: the chip cannot be reset in the middle of one."""
        if not self._running:
            action()
            return
        self._deferred.append(action)
        self.stop()

    def run(self, span_ns: int) -> None:
        self._met = False
        self._run_to(self._clock.nanos + span_ns)

    def run_until(self, done: Callable[[], bool], limit_ns: int) -> bool:
        if done():
            return True
        self._done, self._met = done, False
        self._poll_alarm.schedule(_POLL_NS)
        try:
            self._run_to(self._clock.nanos + limit_ns)
        finally:
            self._done = None
            self._poll_alarm.cancel()
        return self._met

    def advance(self, until_ns: float, unless_stopped: bool = True) -> None:
        """Let time pass inside an instruction (a flash status read), alarms in their order."""
        clock = self._clock
        while clock.nanos < until_ns and not (unless_stopped and self._simulator.stopped):
            step_ns = until_ns - clock.nanos
            if clock.has_scheduled_alarm:
                step_ns = min(step_ns, max(clock.nanos_to_next_alarm, 0))
            clock.tick(step_ns)

    def _deadline(self) -> None:
        self._expired = True
        self.stop()

    def _poll(self) -> None:
        self.notice()
        self._poll_alarm.schedule(_POLL_NS)

    def _run_to(self, deadline_ns: float) -> None:
        if self._running:
            raise RuntimeError("run inside a callback of the node: the node runs already")
        self._running = True
        self._expired = False
        self._deadline_alarm.schedule(max(0, deadline_ns - self._clock.nanos))
        try:
            while not self._expired:
                self._simulator.stopped = False
                while not self._simulator.stopped:
                    execute_batch(self._simulator, _TICK_BATCH)
                while self._deferred:
                    self._deferred.pop(0)()
                self.notice()
                if self._met:
                    return
        finally:
            self._deadline_alarm.cancel()
            self._running = False
