"""Station addresses of a unit over its uplink: read at each, and written where another holds."""

from __future__ import annotations

from collections.abc import Callable

from sibiao.board.console import Commands
from sibiao.config.load import Loaded
from sibiao.errors import SibiaoError
from sibiao.reader.client import Client, wire
from sibiao.reader.exchange import ErrorWord, NoAnswer

_DI = "04000401"
_WINDOW_MINUTES = 2


def answers(client: Client, address: str) -> bool:
    """Whether a station of this address says that it is it."""
    try:
        return client.read(address, _DI) == wire(address)
    except (NoAnswer, ErrorWord):
        return False


class Addresses:
    """`flashed`: what the node was flashed with, where that is not the unit's own. `by()`: level
    and password, asked for only when something must be written."""

    def __init__(
        self,
        client: Client,
        commands: Commands,
        flashed: Loaded,
        operator: str,
        by: Callable[[], bytes],
    ):
        self._client = client
        self._commands = commands
        self._flashed = flashed
        self._operator = operator
        self._by = by

    def settle(self, unit: Loaded, answers_to: str) -> dict[str, str]:
        """Each station's name and what was done: `proved`, or `written` and then proved."""
        before = [answers_to, *(p.address for p in self._flashed.community.points)]
        wanted = [unit.community.address, *(p.address for p in unit.community.points)]
        names = ["converter", *(p.name for p in unit.community.points)]
        done = {}
        for name, old, new in zip(names, before, wanted, strict=True):
            if answers(self._client, new):
                done[name] = "proved"
                continue
            if old == new:
                raise SibiaoError(
                    f"{name} does not answer to {new}, which it was flashed with: give it that "
                    "address under the one that it has (sibiao write), or flash it anew"
                )
            self._write(old, new)
            if not answers(self._client, new):
                raise SibiaoError(f"{name}: address {new} was written, and it does not answer")
            done[name] = "written"
        return done

    def _write(self, old: str, new: str) -> None:
        by = self._by()
        self._commands.command(f"window {_WINDOW_MINUTES}", "window_s")
        try:
            self._client.write(old, _DI, wire(new), by, self._operator)
        finally:
            self._commands.command("window 0", "window_s")
