"""What the simulated RP2040 is, in real time and in virtual time."""

from __future__ import annotations

from typing import Literal

StartCause = Literal["power", "watchdog", "reset", "soft"]

# The RP2040 calls every reset that is not a power-on (or its RUN pin) one by watchdog.
RESET_CAUSE: dict[StartCause, int] = {"power": 1, "watchdog": 3, "reset": 3}
SCRATCH_COUNT = 4
I2C_COUNT = 2
CALENDAR_START_NS = 1_609_459_200 * 1_000_000_000  # 2021-01-01, as the board's firmware has it
UNIQUE_ID = bytes.fromhex("e6605481db318236")
# A Pico's heap is 246 080 bytes; the objects of a 64-bit VM are twice as large.
HEAP_BYTES = 2 * 246_080
