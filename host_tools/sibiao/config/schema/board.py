"""What the file of a board may hold: which pin brings out what, which chips are fitted."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sibiao.config.schema.base import File, Gpio, Table
from sibiao.config.schema.chip import Peripherals
from sibiao.config.schema.pulse import Level, PulseInput


class Uart(Table):
    """Where a board brings out one UART. `direction` is high while the converter sends (RS-485),
    `supply` while the meters on the bus are to be powered (M-Bus)."""

    uart: int = Field(ge=0, le=8)
    tx: Gpio
    rx: Gpio
    direction: Gpio | None = None
    supply: Gpio | None = None


class Rtc(Table):
    """A clock chip with a backup cell."""

    chip: Literal["ds3231", "rx8025"]
    i2c: int = Field(ge=0, le=3)
    scl: Gpio
    sda: Gpio


class FramOnI2c(Table):
    kind: Literal["fram-i2c"]
    i2c: int = Field(ge=0, le=3)
    scl: Gpio
    sda: Gpio
    address: int = Field(0x50, ge=0x08, le=0x77)
    size_bytes: int = Field(ge=2048, le=65536)


class FramOnSpi(Table):
    kind: Literal["fram-spi"]
    spi: int = Field(ge=0, le=3)
    sck: Gpio
    mosi: Gpio
    miso: Gpio
    cs: Gpio
    size_bytes: int = Field(ge=2048, le=65536)


class SupplyInput(Table):
    """The input that says the supply is failing, and how long the board then lives on."""

    gpio: Gpio
    active: Level = "low"
    pull_up: bool = False
    hold_up_ms: int = Field(ge=0)


class Button(Table):
    """The button under the seal. Held for a second, it opens the programming window."""

    gpio: Gpio
    active: Level = "low"
    pull_up: bool = False


class ModulePins(Table):
    """The pins of a communication module, all optional. Active: power and event high, reset and
    set low; `inverted` names those that something between turns round."""

    power: Gpio | None = None
    reset: Gpio | None = None
    set: Gpio | None = None
    event: Gpio | None = None
    sta: Gpio | None = None
    inverted: list[Literal["power", "reset", "set", "event"]] = Field(default_factory=list)


class Edges(Table):
    """The pins of a board as one sees them from above, each edge from the top."""

    usb: Literal["top", "bottom"] | None = None
    left: list[int | str]
    right: list[int | str]


class Flash(Table):
    """The chip of the file system: size of the file system, page program and block erase in ms,
    typical and slowest, by its data sheet."""

    part: str
    files_bytes: int = Field(ge=262144)
    program_ms: Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=2, max_length=2)]
    erase_ms: Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=2, max_length=2)]


class Board(File):
    """`mcu` names a file of chips/. `verified`: whether it ran on its chip, on an emulated one, or
    never. `fixed`: the pins that its image gives each peripheral, where the chip leaves it that.
    `edges`: its pins as they stand on the board, edge by edge from the top, for the picture;
    a number or name is a GPIO, other words are supply and ground (`3V3`, `GND`)."""

    title: str
    mcu: str
    verified: bool | Literal["emulated"] = False
    led: Gpio
    psram: bool = False
    uarts: dict[str, Uart]
    fixed: Peripherals | None = None
    edges: Edges | None = None
    flash: Flash | None = None
    mbus_budget_ma: float | None = Field(None, gt=0)  # what its M-Bus supply gives each bus
    pulse_inputs: dict[str, PulseInput] = Field(default_factory=dict)
    rtc: Rtc | None = None
    fram: Annotated[FramOnI2c | FramOnSpi, Field(discriminator="kind")] | None = None
    supply: SupplyInput | None = None
    button: Button | None = None
    module: ModulePins | None = None
    counter_since: str | None = None  # image version that has machine.Counter; None: no image
