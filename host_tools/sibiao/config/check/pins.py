"""A board against its chip: which pin does what, and whether it can."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from sibiao.config import schema
from sibiao.config.device.module import MODULE_PINS
from sibiao.config.files.document import Key
from sibiao.config.problems import Problem

_UART_OUTPUTS = ("tx", "direction", "supply")
_BUS_OUTPUTS = ("scl", "sda", "sck", "mosi", "cs")  # sda is driven, too
_KINDS = {"uarts": "UART", "i2cs": "I2C", "spis": "SPI"}


@dataclass(frozen=True)
class Use:
    """One use of a pin. `of`: the peripheral that leads it there, as (kind, number, role). `bus`:
    the I2C bus, whose lines several chips share."""

    gpio: int | str
    keys: Key
    output: bool = False
    pull_up: bool = False
    of: tuple[str, int, str] | None = None
    bus: tuple | None = None

    @property
    def name(self) -> str:
        return ".".join(map(str, self.keys))


def uses(board: schema.Board) -> list[Use]:
    found = [Use(board.led, ("led",), output=True)]
    for name, uart in board.uarts.items():
        for role in ("tx", "rx", "direction", "supply"):
            gpio = getattr(uart, role)
            of = ("uarts", uart.uart, role) if role in ("tx", "rx") else None
            keys = ("uarts", name, role)
            if gpio is not None:
                found.append(Use(gpio, keys, role in _UART_OUTPUTS, of=of))
    for name, each in board.pulse_inputs.items():
        found.append(Use(each.gpio, ("pulse_inputs", name, "gpio"), pull_up=each.pull_up))
    for part in ("rtc", "fram"):
        found += _of_bus(part, getattr(board, part))
    for part in ("supply", "button"):
        if (each := getattr(board, part)) is not None:
            found.append(Use(each.gpio, (part, "gpio"), pull_up=each.pull_up))
    for role in MODULE_PINS:
        gpio = getattr(board.module, role, None)
        if gpio is not None:
            found.append(Use(gpio, ("module", role), output=role != "sta"))
    return found


def _of_bus(part: str, chip) -> Iterator[Use]:
    for kind, key in (("i2cs", "i2c"), ("spis", "spi")):
        number = getattr(chip, key, None)
        if number is None:
            continue
        for role in ("scl", "sda", "sck", "mosi", "miso", "cs"):
            gpio = getattr(chip, role, None)
            if gpio is not None:
                of = (kind, number, role) if role != "cs" else None
                shared = ("i2c", number, role) if kind == "i2cs" else None
                yield Use(gpio, (part, role), role in _BUS_OUTPUTS, of=of, bus=shared)


def unverified(board: schema.Board, chip: schema.Chip, at) -> Iterator[Problem]:
    """A board that nobody saw running."""
    if board.verified is False:
        yield Problem(
            at("verified"),
            "this board never ran the firmware: its pins and limits are from data sheets",
            "try it on the bench, then set verified = true",
            severity="warning",
        )


def twice(board: schema.Board, chip: schema.Chip, at) -> Iterator[Problem]:
    """A pin that two parts of the board claim; chips on one I2C bus share its lines."""
    claims = sorted(uses(board), key=lambda use: str(use.gpio))
    for gpio, some in groupby(claims, key=lambda use: str(use.gpio)):
        first, *others = sorted(some, key=lambda use: at(*use.keys))
        for other in others:
            if first.bus is None or first.bus != other.bus:
                yield Problem(
                    at(*other.keys),
                    f"GPIO {gpio} is both {other.name} and {first.name}",
                    "a pin has one use",
                    f"{first.name} stands in {at(*first.keys)}",
                )


def missing(board: schema.Board, chip: schema.Chip, at) -> Iterator[Problem]:
    """A pin that the chip has not, or that is taken before we come."""
    taken = chip.reserved
    if board.psram:
        taken |= dict.fromkeys(chip.psram_pins, "the PSRAM")
    for use in uses(board):
        if not chip.has(use.gpio):
            there = "names such as X1"
            if chip.gpios:
                there = f"0 to {chip.gpios.last}"
                if chip.gpios.missing:
                    there += f" without {', '.join(map(str, chip.gpios.missing))}"
            text = f"{use.name} = {use.gpio}: {chip.title} has no such pin"
            yield Problem(at(*use.keys), text, f"there are {there}")
        elif use.gpio in taken:
            text = f"{use.name} = {use.gpio}: on {chip.title} that pin is for {taken[use.gpio]}"
            others = ", ".join(map(str, taken))
            yield Problem(at(*use.keys), text, f"use another than {others}")


def able(board: schema.Board, chip: schema.Chip, at) -> Iterator[Problem]:
    """A pin that cannot do on this chip what it is to do."""
    for use in uses(board):
        where = at(*use.keys)
        if not chip.has(use.gpio):
            continue
        if use.of is not None and use.of[1] in getattr(chip, use.of[0]):
            kind, number, role = use.of
            if not chip.reaches(kind, number, role, use.gpio):
                text = f"{use.name} = {use.gpio} cannot be {role} of {_KINDS[kind]} {number}"
                pins = getattr(getattr(chip, kind)[number], role)
                can = ", ".join(map(str, pins)) or "any but those that are inputs only"
                yield Problem(where, f"{text} on {chip.title}", f"there it is {can}")
        elif use.output and use.gpio in chip.input_only:
            text = f"{use.name} = {use.gpio}: on {chip.title} that pin is an input only"
            yield Problem(where, text, f"inputs only are {_listed(chip.input_only)}")
        if use.pull_up and use.gpio in chip.no_pull:
            yield Problem(
                where,
                f"{use.name} = {use.gpio}: on {chip.title} that pin has no pull-up",
                "set pull_up = false and fit a resistor of 10 kOhm to 3.3 V",
            )
        if use.gpio in chip.strapping:
            yield Problem(
                where,
                f"{use.name} = {use.gpio}: its level at power-up chooses how {chip.title} starts",
                f"so do {_listed(chip.strapping)}",
                "what is wired there must not hold it",
                "warning",
            )


def peripherals(board: schema.Board, chip: schema.Chip, at) -> Iterator[Problem]:
    """A UART, I2C or SPI that the chip has not, that is the console's, or that two want."""
    seen: dict[int, str] = {}
    for name, uart in board.uarts.items():
        where = at("uarts", name, "uart")
        free = _listed(chip.free_uarts)
        if uart.uart not in chip.uarts:
            text = f"uarts.{name}.uart = {uart.uart}: {chip.title} has no such UART"
            yield Problem(where, text, f"there are {free}")
        elif uart.uart in chip.console_uarts:
            text = f"uarts.{name}.uart = {uart.uart} is the console's on {chip.title}"
            yield Problem(where, text, f"free are {free}")
        elif uart.uart in seen:
            other = seen[uart.uart]
            text = f"uarts.{name} and uarts.{other} are both UART {uart.uart}"
            origin = at("uarts", other, "uart")
            allowed = f"{chip.title} has {len(chip.free_uarts)} to wire: {free}"
            yield Problem(where, text, allowed, f"the other stands in {origin}")
        seen.setdefault(uart.uart, name)
    for part in ("rtc", "fram"):
        for kind, key in (("i2cs", "i2c"), ("spis", "spi")):
            number = getattr(getattr(board, part), key, None)
            there = getattr(chip, kind)
            if number is not None and number not in there:
                text = f"{part}.{key} = {number}: {chip.title} has no such {_KINDS[kind]}"
                yield Problem(at(part, key), text, f"there are {_listed(there)}")


def sources(board: schema.Board, chip: schema.Chip, at) -> Iterator[Problem]:
    """A way of counting that the chip has not."""
    for name, each in board.pulse_inputs.items():
        where = at("pulse_inputs", name, "source")
        which = f"pulse_inputs.{name}"
        if each.source == "pio" and not chip.pio_machines:
            text = f'{which}: {chip.title} has no state machines for source = "pio"'
            yield Problem(where, text, 'use "irq", or "counter" where the board has one')
        if each.source == "counter" and board.counter_since is None:
            yield Problem(
                where,
                f"{which} is a counter, and counter_since does not say from which MicroPython "
                "image on the board has one",
                'set counter_since, or use "irq"',
            )


def namur(board: schema.Board, chip: schema.Chip, at) -> Iterator[Problem]:
    """A contact with two resistors on a pin that measures nothing, or without its voltages."""
    for name, each in board.pulse_inputs.items():
        if each.source == "namur":
            yield from _namur(each, f"pulse_inputs.{name}", name, chip, at)


def _namur(each, which: str, name: str, chip: schema.Chip, at) -> Iterator[Problem]:
    if chip.has(each.gpio) and each.gpio not in chip.adc:
        yield Problem(
            at("pulse_inputs", name, "gpio"),
            f"{which} is a NAMUR contact on GPIO {each.gpio}, which has no ADC on {chip.title}",
            f"ADC pins are {_listed(chip.adc)}",
        )
    elif chip.adc_full_mv is None:
        yield Problem(
            at("pulse_inputs", name, "source"),
            f"{which}: how many mV are full scale of the ADC of {chip.title} is not known",
            "a NAMUR contact needs a chip where it is",
        )
    if each.namur is None:
        yield Problem(
            at("pulse_inputs", name),
            f'{which} has source = "namur" and no voltages',
            "add namur = { cut_below_mv, open_below_mv, closed_above_mv, short_above_mv }",
        )
        return
    levels = each.namur.model_dump()
    if list(levels.values()) != sorted(levels.values()):
        said = ", ".join(f"{key} = {mv}" for key, mv in levels.items())
        text = f"{which}: the namur voltages do not rise: {said}"
        yield Problem(
            at("pulse_inputs", name, "namur"), text, "each is as large as the one before"
        )


def _listed(each) -> str:
    return ", ".join(map(str, each)) or "none"
