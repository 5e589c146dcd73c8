"""Reset causes, the watchdog, and the few bytes that outlive a reset but not a power cut."""

import machine
from micropython import const

# What a start reports (model.events STARTED, quantity RESET_CAUSE).
POWER_ON = const(1)
WATCHDOG = const(2)
REQUESTED = const(3)  # machine.reset() by the application, everything committed
MAINTENANCE = const(4)  # the prompt was open before: nothing was counted meanwhile

_WATCHDOG_MS = const(8000)  # the RP2040's longest is 8388 ms

# RP2040 datasheet 4.7.6: scratch registers 0..3 are free, 4..7 are the boot ROM's.
_SCRATCH0 = const(0x4005800C)
_SCRATCH1 = const(0x40058010)
_SCRATCH2 = const(0x40058014)
_RUNNING = const(0x11B1A000)  # an application runs; the low byte is the task it runs


def start_cause():
    # (cause, number of the task that ran when the watchdog struck or 0, whether something counted
    # could not be committed before). Call once, at the start.
    note = machine.mem32[_SCRATCH0] & 0xFFFFFFFF
    asked = machine.mem32[_SCRATCH1]
    unkept = machine.mem32[_SCRATCH2] == 1
    machine.mem32[_SCRATCH0] = 0
    machine.mem32[_SCRATCH1] = 0
    machine.mem32[_SCRATCH2] = 0
    if machine.reset_cause() != machine.WDT_RESET:
        return POWER_ON, 0, False
    # The RP2040 resets itself by its watchdog, too; main.py notes 2 when it opens the prompt.
    if asked == 1:
        return REQUESTED, 0, unkept
    if asked == 2:
        return MAINTENANCE, 0, unkept
    task = note & 0xFF if note & 0xFFFFFF00 == _RUNNING else 0
    return WATCHDOG, task, unkept


def running(task):
    # Note which task runs now, so that the next start can tell which one hung.
    machine.mem32[_SCRATCH0] = _RUNNING + task


def unkept(yes):
    # Note whether commits fail, so that the next start knows that more than usual was lost.
    machine.mem32[_SCRATCH2] = 1 if yes else 0


def reset():
    machine.mem32[_SCRATCH1] = 1
    machine.reset()


def watchdog():
    # Starts it; it cannot be stopped again. The answer has feed().
    return machine.WDT(timeout=_WATCHDOG_MS)


def unique_id():
    return machine.unique_id()
