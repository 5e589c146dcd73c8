"""The module under test in its world, whatever that is made of: steps are written against it.

Times are seconds of the stand's own time. What a stand is not equipped for is a `CannotDo`, and
the step is skipped with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol, TypeVar

from sibiao.board.console import Commands
from sibiao.config.load import Loaded
from sibiao.lab.record import ModuleFacts
from sibiao.lab.stands.line_log import LineLog
from sibiao.node.contract import Clock, Line
from sibiao.sim.pulse.train import Train

Result = TypeVar("Result")
Kind = Literal["pico", "virtual", "hardware"]


class FarEnd(NamedTuple):
    """The uplink as simulated electricity meters want it."""

    clock: Clock
    line: Line
    run_until: Callable[[Callable[[], bool]], object]


class BusMeter(Protocol):
    """A meter that the stand simulates on a bus. `truth`: what it shows, quantity -> "12.5 m3"."""

    truth: dict[str, str]

    def set(self, quantity: str, text: str) -> None: ...

    def fail(self, fault: str | None) -> None:
        """Behave as `sim/bus/faults.py` names it, or well again."""
        ...


class Stand(Protocol):
    """`log` holds every byte of every line. `bus_meters`: by the point's name; none where real
    meters hang on the buses."""

    name: str
    kind: Kind
    loaded: Loaded
    log: LineLog
    bus_meters: Mapping[str, BusMeter]

    def now_s(self) -> float: ...

    def run(self, seconds: float) -> None: ...

    def uplink_exchange(
        self, request: bytes, limit_s: float = 1.0, baud: int | None = None, parity: str = ""
    ) -> tuple[bytes, float | None]:
        """What was heard, b"" for silence, and how many ms after the request's last byte its first
        byte began. Heard until a sound frame is whole, or nothing came for `limit_s`. `baud` and
        `parity`: where they are not the uplink's."""
        ...

    def uplink(self) -> FarEnd: ...

    def pulses(self, trains: Mapping[str, Train]) -> None:
        """Levels of the board's inputs, by name, from now on, while the stand runs (millivolts on
        a NAMUR input). The last level stays."""
        ...

    def power_cut(self, off_s: float = 0.0) -> None:
        """Supply gone for so long, and back: the module starts."""
        ...

    def console(self) -> Commands: ...

    def facts(self) -> ModuleFacts: ...

    def on_copies(
        self,
        function: Callable[..., Result],
        arguments: Sequence[tuple[Any, ...]],
        progress: Callable[[float, float], None] | None = None,
    ) -> list[Result]:
        """`function(stand, *each)` for each of the arguments, on copies of a module that has just
        started: on hardware one after the other on the module itself. `function` is one of a
        module, and what it returns can be pickled."""
        ...
