"""The PIO blocks, driven by their own due times.

The emulator runs at most one PIO instruction for each step of the processor, so a state machine
all but stands still while the processor sleeps. Here a block catches up whenever it is looked at,
when a pin changes, and otherwise at most a microsecond late.
"""

from rp2040py.peripherals.pio import RPPIO, WaitType

_NEVER_DUE = 1 << 62
_CTRL = 0x0
# 1/256 of a system clock, the emulator's unit for fractional dividers, and back.
_UNITS_PER_NS = 256 / 8
_LATEST_NS = 1000


class DrivenPio(RPPIO):
    """`stopped` stays true, so that the emulator's own loop leaves the block alone."""

    def __init__(self, mcu, name: str, first_irq: int, index: int):
        if RPPIO.__init__ is not object.__init__:
            super().__init__(mcu, name, first_irq, index)
        self._clock = mcu.clock
        self._alarm = mcu.clock.create_alarm(self._due)

    def catch_up(self) -> None:
        """Execute what fell due until now, each instruction at its own time."""
        now = int(self._clock.nanos * _UNITS_PER_NS)
        while self.next_due_fp <= now:
            self.cycle_fp = self.next_due_fp
            RPPIO.advance(self, 0)
        self.cycle_fp = now

    def pin_changed(self, gpio: int) -> None:
        """Call `catch_up` before the change and this after it."""
        for machine in self.machines:
            if (
                machine.enabled
                and machine.waiting
                and machine.wait_type == WaitType.PIN
                and machine.wait_index == gpio
            ):
                machine.check_wait()

    def notify_due(self, due_fp: int) -> None:
        RPPIO.notify_due(self, due_fp)
        self._arm()

    def read_uint32(self, offset: int) -> int:
        self.catch_up()
        value = super().read_uint32(offset)
        self._arm()
        return value

    def write_uint32(self, offset: int, value: int) -> None:
        self.catch_up()
        super().write_uint32(offset, value)
        if offset == _CTRL:
            self.stopped = True
        self.recompute_due()
        self._arm()

    def reset(self) -> None:
        super().reset()
        self.recompute_due()
        self._arm()

    def _due(self) -> None:
        self.catch_up()
        self._arm()

    def _arm(self) -> None:
        if self.next_due_fp >= _NEVER_DUE:
            self._alarm.cancel()
            return
        due_ns = self.next_due_fp / _UNITS_PER_NS - self._clock.nanos
        self._alarm.schedule(max(due_ns, _LATEST_NS))
