"""Processor time that a published telegram costs the Pico, from its bytes to the metering point.

The framer is asked at each piece; at 2400 baud the pieces are single bytes, and what that costs is
spread over the time that the telegram takes.
"""

from __future__ import annotations

from tests.bench import bus_node
from tests.bench.bus_efficiency import GROUP
from tests.bench.figure import Figure, figure

_SCRIPT = "telegrams_taken"
_WHOLE = 300
_TITLES = {"water-mbus-itron-cyble": "M-Bus", "heat-cjt188-901f": "CJ/T 188 heat 901F"}


def measure(times: int) -> list[Figure]:
    board = bus_node.at_prompt(_SCRIPT)
    board.exec_raw(f"import {_SCRIPT}")
    return [row for name in _TITLES for row in _figures(board, name, times)]


def _figures(board, name: str, times: int) -> list[Figure]:
    telegram = bus_node.telegram(name)
    whole = _run(board, name, _WHOLE, times)
    single = _run(board, name, 1, times)
    title = f"{_TITLES[name]}, {len(telegram)} bytes"
    how = (
        f"profile {name}, its published telegram, compiled firmware at the emulated Pico's prompt"
    )
    return [
        figure(
            GROUP, f"{title}: one telegram, whole", "ms",
            [(framer + rest) / 1000 for framer, rest in whole],
            f"framer, judgement, layout, publishing; {how}; of it the framer "
            f"{whole[0][0] / 1000:.1f} ms",
        ),
        figure(
            GROUP, f"{title}: one telegram, byte by byte", "ms",
            [(framer + rest) / 1000 for framer, rest in single],
            f"as above, the framer asked after every byte: {single[0][0] / 1000:.1f} ms of it "
            f"fall within the {len(telegram) * bus_node.BITS * 1000 / bus_node.BAUD:.0f} ms that "
            "the telegram takes at 2400 baud",
        ),
    ]  # fmt: skip


def _run(board, name: str, piece: int, times: int) -> list[tuple[int, int]]:
    """Of each time: us in the framer, us for the rest."""
    number = 2 + list(bus_node.METERS).index(name)
    telegram, request = bus_node.telegram(name), bus_node.request(name)
    said = board.exec_raw(f"{_SCRIPT}.main({number}, {request!r}, {telegram!r}, {piece}, {times})")
    return [tuple(map(int, line.split())) for line in said.splitlines()]
