"""What stands on a label: of a unit's configuration, or of what the ledger says was made."""

from __future__ import annotations

from dataclasses import dataclass

from sibiao.config.load import Loaded
from sibiao.errors import SibiaoError
from sibiao.ledger.row import Row


@dataclass(frozen=True)
class Unit:
    """`points`: (name, station address)."""

    serial: str
    address: str
    points: tuple[tuple[str, str], ...]
    produced: str = ""

    @property
    def code(self) -> str:
        """What the QR code says. Short, so that its squares are large."""
        return f"SIBIAO {self.serial} {self.address}"

    @property
    def lines(self) -> tuple[str, ...]:
        made = (self.produced,) if self.produced else ()
        return (f"SIBIAO {self.serial}", self.address, *made, *(
            f"{address} {name}" for name, address in self.points
        ))  # fmt: skip


def of_community(loaded: Loaded) -> Unit:
    community = loaded.community
    points = tuple((point.name, point.address) for point in community.points)
    return Unit(community.serial, community.address, points, community.production_date)


def of_rows(rows: list[Row]) -> list[Unit]:
    """The units that these rows tell the addresses of, each as the last of them says."""
    found: dict[str, Unit] = {}
    for row in rows:
        address, points = row.data.get("address"), row.data.get("points")
        if row.serial and isinstance(address, str) and isinstance(points, dict):
            told = tuple((name, each["address"]) for name, each in points.items())
            found[row.serial] = Unit(row.serial, address, told)
    if not found:
        raise SibiaoError("none of these rows tells the addresses of a unit: choose others")
    return list(found.values())
