"""docs/boards.md: the boards and chips that there are, from their files."""

from __future__ import annotations

from sibiao.config import load, schema

_HEAD = """# Boards and chips

Made from `board_configs/boards/` and `board_configs/chips/` by `sibiao config boards`; do not
edit.

**verified** is the truth about a board: `yes` ran on its chip, `emulated` ran with its unmodified
image on an emulated chip, **no** never ran on its chip: its pins and limits are those of data
sheets, and its firmware ran on the simulated board that poses as that chip
([vm-node.md](vm-node.md)). `-` is unknown or none.

## Boards
"""
_CHIPS = """
## Chips

Where a figure comes from stands in the chip's file. The console takes UART 0 where it is not on
USB.
"""
_PROOF = {True: "yes", False: "**no**", "emulated": "emulated"}


def page() -> str:
    """The whole page."""
    boards = {name: load.read("boards", name) for name in load.names("boards")}
    chips = {name: load.read("chips", name) for name in load.names("chips")}
    head = ("board", "what it is", "chip", "verified", "UARTs free", "wired as", "pulse inputs")
    rows = [_board(name, board) for name, board in boards.items()]
    lines = [_HEAD, *_table((*head, "records", "besides"), rows), _CHIPS]
    head = ("chip", "console", "UARTs free", "ADC pins", "input only", "strapping", "flash, USB")
    more = ("state machines", "counters", "watchdog", "RAM")
    rows = [_chip(name, chip) for name, chip in chips.items()]
    lines += _table((*head, *more), rows)
    return "\n".join(lines) + "\n"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    return [
        f"| {' | '.join(head)} |",
        "|" + "---|" * len(head),
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def _board(name: str, board: schema.Board) -> tuple[str, ...]:
    chip = load.chip_of(board)
    kinds: dict[str, int] = {}
    for pin in board.pulse_inputs.values():
        kinds[pin.source] = kinds.get(pin.source, 0) + 1
    besides = [p for p in ("rtc", "supply", "button", "module") if getattr(board, p)]
    return (
        f"`{name}`",
        board.title,
        f"`{board.mcu}`",
        _PROOF[board.verified],
        _numbers(chip.free_uarts),
        ", ".join(board.uarts),
        ", ".join(f"{count} {kind}" for kind, count in kinds.items()) or "-",
        "FRAM" if board.fram else "flash",
        ", ".join(besides) or "-",
    )


def _chip(name: str, chip: schema.Chip) -> tuple[str, ...]:
    watchdog = chip.watchdog_most_ms
    return (
        f"`{name}`",
        "UART 0" if chip.console_uarts else "USB",
        "by the board" if chip.pins == "fixed" else _numbers(chip.free_uarts),
        _numbers(chip.adc),
        _numbers(chip.input_only),
        _numbers(chip.strapping),
        _numbers(chip.flash_pins + chip.usb_pins),
        str(chip.pio_machines or "-"),
        str(chip.counters or "-"),
        f"{watchdog} ms" if watchdog else "-",
        f"{chip.ram_bytes // 1024} KB" if chip.ram_bytes else "-",
    )


def _numbers(pins: list) -> str:
    return ", ".join(map(str, pins)) or "-"
