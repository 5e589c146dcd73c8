"""What the steps of one board share: what is wanted, and what is known of it so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sibiao.board.console import Commands, PortConsole
from sibiao.board.copy import Progress
from sibiao.config.load import Loaded
from sibiao.ledger.file import Ledger
from sibiao.tray.builds import Builds
from sibiao.tray.result import Result
from sibiao.tray.units import Units


class Stopped(Exception):
    """The user ends it. No SibiaoError: nothing on the way takes it for a fault to live with."""


@dataclass(frozen=True)
class Wanted:
    """What is alike for all boards of a run. `image`: MicroPython for boards without; `keys`: a
    folder of SERIAL.key; `uplinks`: by port the port of its uplink."""

    loaded: Loaded
    units: Units
    builds: Builds
    ledger: Ledger
    operator: str
    in_service: bool = False
    image: Path | None = None
    keys: Path | None = None
    uplinks: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Job:
    """`way`: the path that leads to the board at `result.port`. `told` raises Stopped when the
    board is to be let go. `loaded`: its unit, once that is known."""

    wanted: Wanted
    result: Result
    way: str
    told: Progress
    loaded: Loaded | None = None

    def say(self, what: str) -> None:
        self.told(what, 0, 0)

    @contextmanager
    def commands(self, doing: str) -> Iterator[Commands]:
        with PortConsole(self.way) as console:
            yield Commands(console, self.way, doing)


Step = Callable[[Job], str]  # what is to be told of it, or nothing
