"""Which board is which unit: what the ledger says, else the next row that is nobody's."""

from __future__ import annotations

import threading

from sibiao.config.load import Loaded
from sibiao.config.units.unit import Unit, unit_of
from sibiao.errors import SibiaoError
from sibiao.ledger.file import Ledger
from sibiao.ledger.row import Row

ASSIGNED = "assigned"


def holders(rows: list[Row]) -> dict[str, Row]:
    """Serial number of a unit -> the last row that says which board it is."""
    return {row.serial: row for row in rows if row.serial and row.data.get("unit")}


class Units:
    """`units`: rows of the table, each for one board; without, the community is the one unit.
    `replaces`: also when another board had it before."""

    def __init__(
        self,
        loaded: Loaded,
        units: list[Unit] | None,
        ledger: Ledger,
        operator: str,
        replaces: bool = False,
    ):
        self._loaded = loaded
        self._units = {unit.serial: unit for unit in units or ()}
        self._serials = list(self._units) or [loaded.community.serial]
        self._ledger = ledger
        self._operator = operator
        self._replaces = replaces
        self._at: dict[str, str] = {}  # board id -> port, of this run
        self._lock = threading.Lock()

    def take(self, board_id: str, port: str) -> Loaded:
        """The unit that this board is from now on; the ledger says so before it is flashed."""
        with self._lock:
            at = self._at.setdefault(board_id, port)
        if at != port:
            raise SibiaoError(
                f"the board on {port} (id {board_id}) is at {at}, too: take one away"
            )
        serial = ""

        def row(rows: list[Row]) -> tuple[str, dict] | None:
            nonlocal serial
            serial, is_new = self._choose(board_id, holders(rows))
            told = {"community": self._loaded.name, "unit": board_id}
            return (serial, told) if is_new else None

        self._ledger.append_if(ASSIGNED, self._operator, row)
        unit = self._units.get(serial)
        return unit_of(self._loaded, unit) if unit else self._loaded

    def _choose(self, board_id: str, held: dict[str, Row]) -> tuple[str, bool]:
        # (serial number, whether it is new to the board)
        own = [s for s in self._serials if s in held and held[s].data["unit"] == board_id]
        if own:
            # Of several, the one that it was last.
            return max(own, key=lambda serial: held[serial].n), False
        free = [serial for serial in self._serials if serial not in held or self._replaces]
        if free:
            return free[0], True
        if len(self._serials) == 1:
            row = held[self._serials[0]]
            raise SibiaoError(
                f"unit {row.serial} is board {row.data['unit']} already (row {row.n} of "
                f"{self._ledger.path}), and this board is {board_id}: choose another unit "
                "(--units), or --replace if that board is out of use"
            )
        raise SibiaoError(
            f"each of the {len(self._serials)} units has its board already, and {board_id} is "
            "none of them: put more rows into the table"
        )
