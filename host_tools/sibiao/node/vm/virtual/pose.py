"""The chip that a community's board has, as the simulated board is told it."""

from __future__ import annotations

from typing import Any

from sibiao.config.load import Loaded

_NAMED_FROM = 100  # numbers of pins that have names only


class Pose:
    """`number` of a pin on the simulated board; what the chip has: `uarts`, `i2cs`."""

    def __init__(self, loaded: Loaded):
        self._chip, self._board = loaded.chip, loaded.board
        self.uarts = self._chip.free_uarts
        self.i2cs = list(self._chip.i2cs)
        self.adc = self._chip.adc
        said = _strings(self._board.model_dump(exclude={"title", "mcu", "verified", "edges"}))
        self._names = sorted(said) if self._chip.pins == "fixed" else []

    def number(self, gpio: int | str) -> int:
        return gpio if isinstance(gpio, int) else _NAMED_FROM + self._names.index(gpio)

    def as_json(self) -> dict[str, Any]:
        chip = self._chip
        by_name = {"names": self._names, "named": [self.number(name) for name in self._names]}
        gpios = by_name["named"] if self._names else chip.gpios.all
        # MicroPython also knows a pin by "LED" where the image names one.
        if not self._names and chip.platform == "rp2":
            by_name = {"names": ["LED"], "named": [self._board.led]}
        return by_name | {
            "platform": chip.platform,
            "machine": f"Simulated board with {chip.machine}",
            "gpios": gpios,
            "input_only": chip.input_only,
            "no_pull": chip.no_pull,
            "uarts": {n: self._pins(chip.uarts[n], "tx", "rx") for n in self.uarts},
            "i2cs": {n: self._pins(pins, "scl", "sda") for n, pins in chip.i2cs.items()},
            "matrix": chip.pins == "matrix",
            "pins_fixed": chip.pins == "fixed",
            "hard_interrupts": chip.hard_interrupts,
            "uart_buffer_least": chip.uart_buffer_least,
            "watchdog_most_ms": chip.watchdog_most_ms,
            "retained": [] if chip.retained == "rtc-memory" else chip.retained,
            "rtc_memory": chip.retained == "rtc-memory",
            "adc": chip.adc,
            "counters": chip.counters,
            "pio_machines": chip.pio_machines,
        }

    def _pins(self, peripheral, *roles: str) -> list[list[int]]:
        return [[self.number(gpio) for gpio in getattr(peripheral, role)] for role in roles]


def _strings(value: Any) -> set[str]:
    """Every string in it: names of pins are among them, others do no harm."""
    if isinstance(value, str):
        return {value}
    if isinstance(value, dict):
        value = value.values()
    if isinstance(value, (list, tuple)) or hasattr(value, "__iter__"):
        return set().union(*map(_strings, value)) if value else set()
    return set()
