"""What the file of a chip may hold: its true limits, as its data sheet and its MicroPython say
them. What is not known is left out, and nothing is judged by it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from sibiao.config.schema.base import File, Gpio, Table

# The functions of a peripheral's pins that a file may name.
ROLES = {"uarts": ("tx", "rx"), "i2cs": ("scl", "sda"), "spis": ("sck", "mosi", "miso")}


class Gpios(Table):
    """The chip's pins by number; `missing`: numbers in between that it has not."""

    first: int = Field(ge=0, le=48)
    last: int = Field(ge=0, le=48)
    missing: list[int] = Field(default_factory=list)

    @property
    def all(self) -> list[int]:
        return [n for n in range(self.first, self.last + 1) if n not in self.missing]


class UartPins(Table):
    tx: list[Gpio] = Field(default_factory=list)
    rx: list[Gpio] = Field(default_factory=list)


class I2cPins(Table):
    scl: list[Gpio] = Field(default_factory=list)
    sda: list[Gpio] = Field(default_factory=list)


class SpiPins(Table):
    sck: list[Gpio] = Field(default_factory=list)
    mosi: list[Gpio] = Field(default_factory=list)
    miso: list[Gpio] = Field(default_factory=list)


UsbId = Annotated[str, Field(pattern="^[0-9a-f]{4}:[0-9a-f]{4}$")]  # vendor and product
_Number = Annotated[int, Field(strict=False)]  # a key, and so a text


class Peripherals(Table):
    """Which there are, by number, and the pins that each can have (with a matrix: any)."""

    uarts: dict[_Number, UartPins] = Field(default_factory=dict)
    i2cs: dict[_Number, I2cPins] = Field(default_factory=dict)
    spis: dict[_Number, SpiPins] = Field(default_factory=dict)


class Uf2(Table):
    """An image goes onto the drive of the chip's bootloader: `family` stands in each of its
    blocks, `board_id` in the drive's INFO_UF2.TXT."""

    family: int = Field(ge=0, lt=1 << 32)
    board_id: str = Field(min_length=1)


class Esptool(Table):
    """An image is written by esptool, which calls the chip `name`; `chip_id` stands in its header
    and it begins `at` that address of the flash."""

    name: str = Field(min_length=1)
    chip_id: int = Field(ge=0, lt=1 << 16)
    at: int = Field(ge=0)


class Chip(File, Peripherals):
    """`pins`: how a peripheral comes to its pins: by a table of the chip's, by a matrix that leads
    it to any, or fixed by the board's image. `retained`: where three small numbers outlive a
    reset, registers or the memory of machine.RTC. `hard_interrupts`: whether a pin's handler runs
    at once. `usb`: by which ids its MicroPython's console is known; none behind an adapter, which
    may lead to anything. `uart_buffer_least`: MicroPython takes no smaller buffer. `uf2`,
    `esptool`: how MicroPython itself comes onto the chip."""

    title: str
    platform: Literal["rp2", "esp32", "pyboard"]
    machine: str
    sources: list[str] = Field(min_length=1)
    pins: Literal["table", "matrix", "fixed"]
    gpios: Gpios | None = None
    input_only: list[Gpio] = Field(default_factory=list)
    no_pull: list[Gpio] = Field(default_factory=list)
    strapping: list[Gpio] = Field(default_factory=list)
    flash_pins: list[Gpio] = Field(default_factory=list)
    psram_pins: list[Gpio] = Field(default_factory=list)
    usb_pins: list[Gpio] = Field(default_factory=list)
    console_pins: list[Gpio] = Field(default_factory=list)
    console: Literal["usb", "uart0"]
    usb: list[UsbId] = Field(default_factory=list)
    adc: list[Gpio] = Field(default_factory=list)
    adc_full_mv: int | None = Field(None, ge=1)
    pio_machines: int = Field(0, ge=0)
    counters: int = Field(0, ge=0)  # counting units that machine.Counter has
    hard_interrupts: bool = True
    uart_buffer_least: int = Field(0, ge=0)
    watchdog_most_ms: int | None = Field(None, ge=1)
    ram_bytes: int | None = Field(None, ge=1)
    heap_bytes: int | None = Field(None, ge=1)
    retained: Literal["rtc-memory"] | Annotated[list[int], Field(min_length=3, max_length=3)]
    uf2: Uf2 | None = None
    esptool: Esptool | None = None

    @model_validator(mode="after")
    def _is_whole(self):
        if (self.pins == "fixed") == (self.gpios is not None):
            raise ValueError("gpios: numbered pins, or with pins = 'fixed' none")
        return self

    @property
    def console_uarts(self) -> list[int]:
        """UARTs that MicroPython's console takes."""
        return [0] if self.console == "uart0" else []

    @property
    def free_uarts(self) -> list[int]:
        return [n for n in self.uarts if n not in self.console_uarts]

    @property
    def reserved(self) -> dict[int | str, str]:
        """Pins that nothing may be wired to, and why."""
        return {
            gpio: why
            for why, pins in (
                ("the flash", self.flash_pins),
                ("USB", self.usb_pins),
                ("the console", self.console_pins),
            )
            for gpio in pins
        }

    def has(self, gpio: int | str) -> bool:
        return gpio in self.gpios.all if self.gpios else isinstance(gpio, str)

    def reaches(self, kind: str, number: int, role: str, gpio: int | str) -> bool:
        """Whether that pin of a peripheral ("uarts", 1, "tx") can be on the GPIO."""
        if number not in getattr(self, kind):
            return False
        if self.pins == "matrix":
            return self.has(gpio) and (role in ("rx", "miso") or gpio not in self.input_only)
        return gpio in getattr(getattr(self, kind)[number], role)
