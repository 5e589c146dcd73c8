"""Reset causes, the watchdog, and the few bytes that outlive a reset but not a power cut."""

import machine
from micropython import const

from converter.hal import chip

if chip.RTC_MEMORY:
    from converter.hal.rtc_memory import Words

    _words = Words()
else:
    _words = machine.mem32

# What a start reports (model.events STARTED, quantity RESET_CAUSE).
POWER_ON = const(1)
WATCHDOG = const(2)
REQUESTED = const(3)  # machine.reset() by the application, everything committed
MAINTENANCE = const(4)  # the prompt was open before: nothing was counted meanwhile

_WATCHDOG_MS = const(8000)  # the RP2040's longest is 8388 ms

_RUNNING = const(0x11B1A000)  # an application runs; the low byte is the task it runs


def start_cause():
    # (cause, number of the task that ran when the watchdog struck or 0, whether something counted
    # could not be committed before). Call once, at the start.
    note = _words[chip.RETAINED_0] & 0xFFFFFFFF
    asked = _words[chip.RETAINED_1]
    unkept = _words[chip.RETAINED_2] == 1
    _words[chip.RETAINED_0] = 0
    _words[chip.RETAINED_1] = 0
    _words[chip.RETAINED_2] = 0
    # Only the RP2040 resets itself by its watchdog; main.py notes 2 when it opens the prompt.
    if machine.reset_cause() != machine.WDT_RESET and not asked:
        return POWER_ON, 0, False
    if asked == 1:
        return REQUESTED, 0, unkept
    if asked == 2:
        return MAINTENANCE, 0, unkept
    task = note & 0xFF if note & 0xFFFFFF00 == _RUNNING else 0
    return WATCHDOG, task, unkept


def running(task):
    # Note which task runs now, so that the next start can tell which one hung.
    _words[chip.RETAINED_0] = _RUNNING + task


def unkept(yes):
    # Note whether commits fail, so that the next start knows that more than usual was lost.
    _words[chip.RETAINED_2] = 1 if yes else 0


def reset():
    _words[chip.RETAINED_1] = 1
    machine.reset()


def watchdog():
    # Starts it; it cannot be stopped again. The answer has feed().
    return machine.WDT(timeout=_WATCHDOG_MS)


def unique_id():
    return machine.unique_id()
