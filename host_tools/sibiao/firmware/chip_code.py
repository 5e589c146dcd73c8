"""The firmware for another chip than the RP2040: the numbers of `converter.hal.chip`, and the
lines of main.py, which stands outside the slots and imports nothing of ours."""

from __future__ import annotations

import re

from sibiao.config.schema.chip import Chip

CHIP = "converter/hal/chip.py"
# main.py's word of the three, last in the memory of machine.RTC (converter.hal.rtc_memory).
_RTC_PLACES = (0, 8, 4)
_NOTE = r"machine\.mem32\[0x40058010\] = (\d)"
_RTC_NOTE = (
    r'machine.RTC().memory((machine.RTC().memory() + bytes(8))[:8] + b"\\x0\1\\x00\\x00\\x00")'
)
_TIMER = "    -1, mode="


def chip_source(chip: Chip, source: str) -> str:
    """The source of `converter.hal.chip` with that chip's numbers."""
    by_rtc = chip.retained == "rtc-memory"
    words = _RTC_PLACES if by_rtc else chip.retained
    numbers = {f"RETAINED_{i}": word for i, word in enumerate(words)}
    numbers |= {
        "RTC_MEMORY": int(by_rtc),
        "PINS_FIXED": int(chip.pins == "fixed"),
        "HARD_INTERRUPTS": int(chip.hard_interrupts),
        "UART_BUFFER": chip.uart_buffer_least,
    }
    for name, number in numbers.items():
        source = _replaced(rf"^{name} = const\(\w+\)", f"{name} = const({number:#x})", source)
    return source


def main_source(chip: Chip, source: str) -> str:
    """main.py for that chip: where it notes why it resets, and which timer there is."""
    if chip.retained == "rtc-memory":
        source = _replaced(_NOTE, _RTC_NOTE, source)
    else:
        address = f"0x{chip.retained[1]:08X}"
        source = _replaced(_NOTE, rf"machine.mem32[{address}] = \1", source)
    # The ESP32 numbers its timers, the others have -1 only.
    return _replaced(_TIMER, "    0, mode=", source) if chip.platform == "esp32" else source


def _replaced(pattern: str, by: str, source: str) -> str:
    changed, count = re.subn(pattern, by, source, flags=re.M)
    if not count:
        raise ValueError(f"the firmware has no line {pattern}")
    return changed
