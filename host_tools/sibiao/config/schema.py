"""What the TOML files may hold. One definition; unknown keys are errors."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sibiao.config.schema_base import File, Gpio, Table, digits
from sibiao.config.schema_bus import BusMeter, Line, Maxima, MeterAddress, TransparentMeter
from sibiao.config.schema_chip import Chip, Peripherals
from sibiao.config.schema_cjt188 import Cjt188Meter
from sibiao.config.schema_identifiers import Identifier
from sibiao.config.schema_mbus import MbusMeter, SecondaryAddress
from sibiao.config.schema_pulse import Level, PulseInput, PulseMeter
from sibiao.config.schema_uplink import Uplink

__all__ = [
    "Board",
    "BusMeter",
    "Chip",
    "Cjt188Meter",
    "Community",
    "Identifier",
    "MbusMeter",
    "Point",
    "PulseMeter",
    "TransparentMeter",
    "Uplink",
]


StationAddress = Annotated[str, digits(12)]


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


class Point(Maxima):
    """A metering point: one meter, where it is wired, and how it is named on the way up. Its own
    maxima go before its profile's. `fabrication`: M-Bus meters that share a secondary address are
    told apart by it. `line`: of a bus meter that is set to another than its profile's."""

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9-]*$",
        description="small letters, digits and hyphens in quotes, such as water-301",
    )
    address: StationAddress
    meter: str
    wired_to: str | Annotated[list[str], Field(min_length=2, max_length=2)]
    tamper: str | None = None
    cable: str | None = None
    meter_address: MeterAddress | None = None
    secondary_address: SecondaryAddress | None = None
    fabrication: Annotated[str, digits(8)] | None = None
    line: Line | None = None
    base_reading: str = "0"


class Save(Table):
    """When a total is written: every so many pulses, but at most so often, and at least so often
    while there is something to write."""

    every_pulses: int = Field(10, ge=1)
    at_most_every_s: int = Field(1, ge=1)
    at_least_every_s: int = Field(60, ge=1)


class Settlement(Table):
    """When the monthly register is frozen, and in which month the yearly one."""

    day: int = Field(1, ge=1, le=28)
    hour: int = Field(0, ge=0, le=23)
    month: int = Field(1, ge=1, le=12)


class Access(Table):
    """After so many wrong passwords in a row none is looked at for `lock_minutes`."""

    wrong_passwords: int = Field(5, ge=1, le=50)
    lock_minutes: int = Field(60, ge=1, le=1440)
    window_minutes: int = Field(10, ge=1, le=60)


class Policy(Table):
    """A meter that stays silent is asked ever more rarely, down to once in `poll_silent_every_s`
    (never more often than `poll_every_s`); rounds begin up to `poll_jitter_s` late. `allow`: what
    may be sent to a CJ/T 188 meter from outside: its valve moved (never a gas meter's opened), its
    index set (motor sync)."""

    save: Save = Save()
    poll_every_s: int = Field(60, ge=1)
    poll_jitter_s: int = Field(0, ge=0, le=3600)
    poll_silent_every_s: int = Field(600, ge=1)
    poll_tries: int = Field(3, ge=1, le=3)
    settlement: Settlement = Settlement()
    allow: list[Literal["valve", "sync"]] = Field(default_factory=list)
    access: Access = Access()


class Community(File):
    title: str
    board: str
    uplink: str
    serial: str = Field(
        pattern=r"^[A-Z0-9]{4,16}$", description="4 to 16 capital letters and digits in quotes"
    )
    production_date: str = Field(  # as printed on it
        "", pattern=r"^([ -~]{1,10})?$", description="at most 10 ASCII characters in quotes"
    )
    address: StationAddress
    bind: Literal["converter", "point"] = "converter"
    policy: Policy = Policy()
    points: list[Point] = Field(min_length=1)
